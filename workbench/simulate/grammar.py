"""Grammar: patterns with slots, and how many of them become text at once.

A pattern is ordinary text with ``{slot}``, ``{int:LOW:HIGH}`` (a number in [LOW, HIGH]) and
``{{`` ``}}`` for braces. Which filler a slot gets is a hash of the row's seed and the slot's
name, so that a prompt and its answer agree and equal seeds give equal text. This room knows
nothing of accounts or time.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.simulate.chance import below, salt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, cut into literals and slots.

    Attributes:
        parts: (literal, slot name or "", spec) in order, as ``string.Formatter`` cuts them.
    """

    parts: tuple[tuple[str, str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Cut ``text``.

        Raises:
            ValueError: Unbalanced braces, or a slot without a name.
        """
        parts = []
        for literal, name, spec, _ in string.Formatter().parse(text):
            if name == "":
                raise ValueError(f"a slot without a name in {text!r}")
            parts.append((literal, name or "", spec or ""))
        return cls(tuple(parts))

    @property
    def slots(self) -> frozenset[str]:
        """Names of the slots, numbers left out."""
        return frozenset(name for _, name, _ in self.parts if name and name != "int")

    @property
    def plain(self) -> bool:
        """Whether the pattern has no slot at all."""
        return not any(name for _, name, _ in self.parts)


class Grammar:
    """Patterns and the fillers of their slots, in one language.

    Args:
        slots: Fillers by slot name; fillers are patterns themselves.

    Raises:
        ValueError: A filler is no pattern.
    """

    def __init__(self, slots: Mapping[str, Sequence[str]]) -> None:
        self._slots = {name: [Pattern.parse(t) for t in texts] for name, texts in slots.items()}
        self._plain = {
            name: pa.array(["".join(p[0] for p in pattern.parts) for pattern in patterns])
            for name, patterns in self._slots.items()
            if all(pattern.plain for pattern in patterns)
        }

    def expand(
        self,
        pattern: Pattern,
        seeds: NDArray[np.uint64],
        given: Mapping[str, pa.StringArray] | None = None,
        path: str = "",
    ) -> pa.StringArray:
        """The text of one pattern for each seed.

        Args:
            pattern: What to fill.
            seeds: Shape (n,).
            given: Slots whose text is already known, each of length n.
            path: Where in a larger pattern this stands; keeps numbers apart.

        Raises:
            KeyError: A slot has no fillers.
        """
        count = len(seeds)
        pieces: list[Any] = []
        seen: dict[str, int] = {}
        for position, (literal, name, spec) in enumerate(pattern.parts):
            if literal:
                pieces.append(pa.scalar(literal))
            if not name:
                continue
            if name == "int":
                low, high = (int(bound) for bound in spec.split(":"))
                number = low + below(seeds, salt(f"{path}/{position}"), high - low + 1)
                pieces.append(pc.cast(pa.array(number), pa.string()))
                continue
            if given and name in given:
                pieces.append(given[name])
                continue
            # The second {name} of a pattern is another person than the first.
            nth = seen[name] = seen.get(name, -1) + 1
            pieces.append(self._fill(name, seeds, f"{name}#{nth}"))
        if not pieces:
            return pa.array([""] * count)
        if all(isinstance(piece, pa.Scalar) for piece in pieces):
            return pa.repeat(pa.scalar("".join(piece.as_py() for piece in pieces)), count)
        return pc.binary_join_element_wise(*pieces, "")

    def _fill(self, name: str, seeds: NDArray[np.uint64], stream: str) -> pa.StringArray:
        fillers = self._slots[name]
        index = below(seeds, salt(stream), len(fillers))
        plain = self._plain.get(name)
        if plain is not None:
            return plain.take(pa.array(index))
        return self.expand_each(fillers, index, seeds, path=stream)

    def expand_each(
        self,
        patterns: Sequence[Pattern],
        index: NDArray[np.int64],
        seeds: NDArray[np.uint64],
        given: Mapping[str, pa.StringArray] | None = None,
        path: str = "",
    ) -> pa.StringArray:
        """The text of ``patterns[index[i]]`` for row i.

        Args:
            patterns: The patterns to choose from.
            index: Shape (n,), which one each row takes.
            seeds: Shape (n,).
            given: Slots whose text is already known, each of length n.
            path: Where in a larger pattern this stands.
        """
        order = np.argsort(index, kind="stable")
        used, starts = np.unique(index[order], return_index=True)
        bounds = [*starts.tolist(), len(index)]
        chunks = []
        for which, low, high in zip(used.tolist(), bounds, bounds[1:], strict=False):
            rows = order[low:high]
            here = {k: v.take(pa.array(rows)) for k, v in (given or {}).items()}
            chunks.append(self.expand(patterns[which], seeds[rows], here, path))
        if not chunks:
            return pa.array([], pa.string())
        back = np.empty(len(index), dtype=np.int64)
        back[order] = np.arange(len(index))
        return pa.concat_arrays(chunks).take(pa.array(back))
