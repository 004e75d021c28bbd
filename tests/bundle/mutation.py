"""What a mutation of a bundle is, and what any verifier must say of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Outcome(Enum):
    """What any verifier says."""

    REFUSED = "refused"
    STRANGER = "intact, by a stranger"
    NEWER = "of a newer version"


@dataclass(frozen=True)
class Mutation:
    """One thing that is done to a bundle.

    Attributes:
        name: For people, and to find it again.
        apply: Does it to a folder.
        items: What may stand first among what is wrong; empty where it is not said here.
        outcome: What is said of the folder then.
    """

    name: str
    apply: Callable[[Path], None]
    items: tuple[str, ...] = ()
    outcome: Outcome = Outcome.REFUSED
