"""What a mutation changed: returned by every service call that changes a case."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Changes:
    """A view refreshes what it shows of these, and ignores changes that it made itself.

    Attributes:
        given: Exchanges, prompts or accounts were imported, or a table beside them was added or
            taken out.
        computed: An analysis run was published.
        decided: Labels, notes or selections changed.
        frame: A frame or a setting changed.
        texts: Other texts than before may be read.
        accounts: Account keys (as text) whose labels changed; empty means "any".
        initiator: Name of the view that asked; it skips its own refresh.
    """

    given: bool = False
    computed: bool = False
    decided: bool = False
    frame: bool = False
    texts: bool = False
    accounts: frozenset[str] = field(default_factory=frozenset)
    initiator: str = ""
