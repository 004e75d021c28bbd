"""Elicitation: requests that ask for what trains another model, not for an answer.

Four classes, each a signal of its own: a written-out reasoning trace, grading by a rubric (the
model as reward model), a safe rewrite of something sensitive, and a tool-use trace. The wordings
are in ``elicitation_patterns``. A pattern is a lead, not a verdict: teachers grade and developers
write tools.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.analysis.signals.content.elicitation_patterns import PATTERNS
from workbench.analysis.signals.population import Reading, share, shrunken_share
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Characters of a prompt that are read: the request stands at its beginning, or at its end.
_HEAD = 1_500

#: Characters between two parts of a wording.
_GAP: Final = re.compile(r"\.\{0,\d+\}")

_SOURCE = "Publicly reported hallmarks; patterns are our own"
_EVADES = "Wording that no pattern knows; reasoning that the model returns unasked."
SPECS: Final[dict[str, SignalSpec]] = {
    name: SignalSpec(
        name=name,
        axis=Axis.CONTENT,
        title=title,
        unit="share",
        formula="share of the account's exchanges that ask for it.",
        needs=("prompt",),
        source=_SOURCE,
        evades=_EVADES,
    )
    for name, title in (
        ("reasoning_trace", "Asks for reasoning traces"),
        ("rubric_grading", "Asks for grading by rubric"),
        ("safe_rewrite", "Asks for safe rewrites"),
        ("tool_trace", "Asks for tool-use traces"),
    )
}


@dataclass(frozen=True, slots=True)
class _Class:
    """The wordings of one class, in all languages, as regular expressions.

    Attributes:
        phrase: Wordings without gaps.
        spread: Wordings with gaps; slow.
        first: Their first parts; without one of them, and one of the last, there is no match.
        last: Their last parts.
    """

    phrase: str
    spread: str
    first: str
    last: str

    @classmethod
    def of(cls, wordings: Iterable[str]) -> _Class:
        """Sort wordings by whether they have gaps."""
        parts = [(wording, _GAP.split(wording)) for wording in wordings]
        return cls(
            phrase=_either(wording for wording, split in parts if len(split) == 1),
            spread=_either(wording for wording, split in parts if len(split) > 1),
            first=_either(split[0] for _, split in parts if len(split) > 1),
            last=_either(split[-1] for _, split in parts if len(split) > 1),
        )

    def found_in(self, texts: pa.Array) -> NDArray[np.bool_]:
        """bool[len(texts)]: whether a text holds a wording."""
        found = _holds(texts, self.phrase)
        near = np.flatnonzero(~found & _holds(texts, self.first) & _holds(texts, self.last))
        found[near] = _holds(texts.take(pa.array(near)), self.spread)
        return found


def _either(alternatives: Iterable[str]) -> str:
    return "(?s)" + "|".join(f"(?:{one})" for one in alternatives)


def _holds(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.match_substring_regex(texts, pattern).to_numpy(
        zero_copy_only=False
    )
    return found


_CLASSES: Final[dict[str, _Class]] = {
    name: _Class.of(wording for wordings in languages.values() for wording in wordings)
    for name, languages in PATTERNS.items()
}


def matches(texts: pa.Array | pa.ChunkedArray) -> dict[str, NDArray[np.bool_]]:
    """Class -> bool[len(texts)]: whether a text asks for it (head and tail of long texts)."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    folded = pc.fill_null(pc.utf8_lower(texts), "")
    longs = pc.greater(pc.utf8_length(folded), 2 * _HEAD)
    cut = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(folded, 0, _HEAD), pc.utf8_slice_codeunits(folded, -_HEAD), "\n"
    )
    read = pc.if_else(longs, cut, folded)
    return {name: asked.found_in(read) for name, asked in _CLASSES.items()}


def as_bits(found: Mapping[str, NDArray[np.bool_]], n: int) -> NDArray[np.int32]:
    """i32[n]: what ``matches`` found, a bit a class in the order of ``SPECS``."""
    bits = np.zeros(n, np.int32)
    for bit, name in enumerate(SPECS):
        bits |= found[name].astype(np.int32) << np.int32(bit)
    return bits


def matches_or_kept(
    texts: pa.Array | pa.ChunkedArray, kept: pa.Array | pa.ChunkedArray
) -> dict[str, NDArray[np.bool_]]:
    """As ``matches``; where a text was left out, what ``as_bits`` kept of it (i32, else NULL)."""
    found = matches(texts)
    if kept.null_count < len(kept):
        bits = np.asarray(kept.fill_null(0))
        for bit, name in enumerate(SPECS):
            found[name] = found[name] | ((bits >> bit & 1) == 1)
    return found


def packed(asks: Mapping[str, NDArray[np.bool_]], n_exchanges: int) -> NDArray[np.uint8]:
    """u8[N]: the classes of each exchange, one bit each, in the order of ``SPECS``."""
    found = np.zeros(n_exchanges, np.uint8)
    for bit, name in enumerate(SPECS):
        found |= asks[name].astype(np.uint8) << np.uint8(bit)
    return found


@dataclass(frozen=True, slots=True)
class Elicitation:
    """One class as a signal.

    Attributes:
        SPEC: What it measures.
    """

    SPEC: SignalSpec

    def measure(self, population: Population) -> Reading:
        """The value that ``SPEC`` tells, and how it is ranked.

        Whoever never asked is ranked alike: a shrunken share of no hits would rank them by how
        little they sent.
        """
        hit = population.elicits[self.SPEC.name]
        asked = population.prompt >= 0
        n = np.bincount(population.account[asked], minlength=population.n_accounts)
        hits = np.bincount(population.account[asked & hit], minlength=population.n_accounts)
        value = share(hits, n)
        return Reading(value, np.where(value == 0.0, 0.0, shrunken_share(hits, n)))


CLASSES: Final = tuple(Elicitation(spec) for spec in SPECS.values())
