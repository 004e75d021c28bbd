"""Which templates are told in their words: a skeleton is what prompts share, and so a text.

Nobody is told one that a prompt in quarantine has. Where a case asks for reveals, an analyst is
told those of which a prompt was revealed, and what leaves the case tells none: the same case gives
the same bundle whoever exports it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from workbench.domain.errors import InputError
from workbench.domain.withheld import Withheld

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.domain.finding import Finding
    from workbench.domain.signal import Message
    from workbench.services.open_case import OpenCase


#: What is said of a template instead of its words.
_WHY: Final = {
    Withheld.HIDDEN: "its words kept back",
    Withheld.QUARANTINE: "its words in quarantine",
}


@dataclass(frozen=True, slots=True)
class Skeletons:
    """The words of templates, as far as they are told.

    Attributes:
        kept: Why one is kept back, by its words.
        others: Why all others are; None where they are told.
    """

    kept: Mapping[str, Withheld] = field(default_factory=dict)
    others: Withheld | None = None

    @classmethod
    def read(cls, held: OpenCase, *, leaving: bool = False) -> Self:
        """What is told of an open case.

        Args:
            held: The open case.
            leaving: For what leaves it.
        """
        gate = held.gate()
        if gate is None:
            return cls()
        others = Withheld.HIDDEN if gate.hidden else None
        closed = gate.quarantined
        try:
            template = np.asarray(held.artifacts.array("text.templates", "template"))
            words = held.artifacts.table("text.templates", "templates").column("skeleton")
        except KeyError:
            # Without the stage nobody knows which prompts a skeleton is of.
            return cls(others=others or (Withheld.QUARANTINE if closed else None))
        found: dict[str, Withheld] = {}
        if gate.hidden and gate.revealed is not None and not leaving:
            told = set(_of(template, words, gate.revealed.prompts))
            every = (str(one) for one in words.to_pylist())
            found = {one: Withheld.HIDDEN for one in every if one not in told}
            others = None
        if closed is not None:
            found |= dict.fromkeys(_of(template, words, closed.prompts), Withheld.QUARANTINE)
        return cls(found, others)

    def why(self, skeleton: str) -> Withheld | None:
        """Why one is kept back; None where it is told."""
        return self.kept.get(skeleton, self.others)

    def in_finding(self, finding: Finding) -> Finding:
        """The finding, with what is kept back in place of skeletons."""
        if not self.kept and self.others is None:
            return finding
        return replace(finding, story=tuple(map(self._in_sentence, finding.story)))

    def _in_sentence(self, message: Message) -> Message:
        skeleton = message.params.get("skeleton")
        why = None if skeleton is None else self.why(str(skeleton))
        if why is None:
            return message
        return replace(message, params=message.params | {"skeleton": None, "why": _WHY[why]})

    def in_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows with kind and name, of which those of templates are named by their skeletons."""
        if not self.kept and self.others is None:
            return rows
        return list(map(self._in_row, rows))

    def _in_row(self, row: dict[str, Any]) -> dict[str, Any]:
        named = row["kind"] == "template" and row["name"]
        why = self.why(row["name"]) if named else None
        # With its number: rows of one name could not be told apart.
        return row if why is None else row | {"name": f"Template {row['code']}, {_WHY[why]}"}


def unsaid_of(held: OpenCase, prompts: NDArray[np.int32]) -> list[int]:
    """Prompts whose words do not leave the case in a fingerprint: those in quarantine.

    Args:
        held: The open case.
        prompts: Those that the fingerprint is taken of; -1 for none.

    Raises:
        InputError: Some are read after a reveal, which this analyst did not make.
    """
    gate = held.gate()
    if gate is None:
        return []
    if gate.hidden:
        asked = np.unique(prompts[prompts >= 0])
        revealed = [] if gate.revealed is None else gate.revealed.prompts.to_numpy()
        if not np.isin(asked, revealed).all():
            raise InputError(
                "The prompts of this cluster are read after a reveal, and their words with them.",
                remedy="Run: workbench reveal CASE --cluster ID --why TEXT",
            )
    return [] if gate.quarantined is None else gate.quarantined.prompts.to_pylist()


def _of(template: np.ndarray, words: pa.ChunkedArray, prompts: pa.Array) -> list[str]:
    """Skeletons that prompts have; those that came after the analysis have none."""
    ids = prompts.to_numpy(zero_copy_only=False)
    numbers = np.unique(template[ids[ids < len(template)]])
    return [str(words[int(number)].as_py()) for number in numbers if number >= 0]
