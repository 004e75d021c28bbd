"""Wordings that mean the same in any log: skeletons as hashes of their first and last tokens.

A template of the analysis is numbered within its case. Here it is written as how many tokens its
prompts share at their beginning and at their end, and one hash over these tokens, so that prompts
of another log are looked up without knowing its templates. Tokens are those of
``kernels.skeletons``: folded, digits as one zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.text import templates
from workbench.analysis.text.stored import is_kept
from workbench.analysis.text.templates import ends_of, framed_skeleton
from workbench.analysis.text.vectors import BLOCK, texts_of
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement
from workbench.kernels.skeletons import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.analysis.stage import Context

#: Tokens that tell a beginning, or an end, from chance, as ``text.templates`` has it.
LEAST_HEAD, LEAST_TAIL = 3, 4
#: Prompts of a template that are compared, and the share of them that must agree.
_COMPARED: Final = 64
_AGREE: Final = 0.8
_PROMPTS: Final = Statement.read(templates.__file__, "prompt_ends")
_PRIME: Final = np.uint64(0x100000001B3)
_BASIS: Final = np.uint64(0xCBF29CE484222325)
_TURN: Final = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """How prompts begin and end.

    Attributes:
        head: Tokens of the beginning.
        tail: Tokens of the end.
        key: Hash of both.
        words: What it reads like, with a slot.
    """

    head: int
    tail: int
    key: int
    words: str = ""


def skeletons_of(
    context: Context, groups: Sequence[NDArray[np.int64]]
) -> list[tuple[int, Skeleton]]:
    """The skeletons of groups of prompts, each with the number of the group it is of.

    Args:
        context: The running analysis.
        groups: Prompt ids of each group, ascending. One that agrees too little has none.
    """
    chosen = [group[:: max(1, len(group) // _COMPARED)][:_COMPARED] for group in groups]
    wanted = np.unique(np.concatenate([np.empty(0, np.int64), *chosen]))
    texts = texts_of(context, wanted)
    there = texts.is_valid().to_numpy(zero_copy_only=False)
    head, tail = ends_of(texts)
    found: dict[tuple[int, int, int], tuple[int, Skeleton]] = {}
    for number, group in enumerate(chosen):
        rows = np.searchsorted(wanted, group)
        rows = rows[there[rows]]
        if len(rows) == 0:
            continue
        first, at_first = _shared(head[rows], LEAST_HEAD)
        last, at_last = _shared(tail[rows], LEAST_TAIL)
        if first + last == 0:
            continue
        both = at_first & at_last
        row = rows[np.flatnonzero(both if both.any() else at_first | at_last)[0]]
        key = int(_keys(head[row : row + 1], tail[row : row + 1], first, last)[0])
        words = framed_skeleton(texts[int(row)].as_py(), first, last)
        found.setdefault((first, last, key), (number, Skeleton(first, last, key, words)))
    return list(found.values())


def wording_of(context: Context, skeletons: Sequence[Skeleton]) -> NDArray[np.int32]:
    """Which skeleton each prompt of a case has: i32[P].

    The longest that fits; ``len(skeletons)`` where none does, -1 where the text was left out or
    has no token.
    """
    shapes: dict[tuple[int, int], tuple[NDArray[np.uint64], NDArray[np.int32]]] = {}
    for shape in {(one.head, one.tail) for one in skeletons}:
        mine = [i for i, one in enumerate(skeletons) if (one.head, one.tail) == shape]
        keys = np.array([skeletons[i].key for i in mine], np.uint64)
        order = np.argsort(keys)
        shapes[shape] = keys[order], np.array(mine, np.int32)[order]
    ordered = sorted(shapes.items(), key=lambda item: (-sum(item[0]), item[0]))

    def read(batch: pa.RecordBatch) -> NDArray[np.int32]:
        head, tail = ends_of(batch["text"])
        known = ~is_kept(batch["ends"]) & (head[:, 0] != 0)
        code = np.where(known, len(skeletons), -1).astype(np.int32)
        free = known
        for (first, last), (keys, numbers) in ordered:
            fits = np.flatnonzero(free & _long_enough(head, tail, first, last))
            mine = _keys(head[fits], tail[fits], first, last)
            at = np.minimum(np.searchsorted(keys, mine), len(keys) - 1)
            same = keys[at] == mine
            code[fits[same]] = numbers[at[same]]
            free = free & (code == len(skeletons))
        return code

    batches = context.engine.scan(_PROMPTS, rows=BLOCK)
    parts = list(in_order(read, batches, threads=context.settings.jobs, job=context.job))
    return np.concatenate([np.empty(0, np.int32), *parts])


def _shared(rows: NDArray[np.uint64], least: int) -> tuple[int, NDArray[np.bool_]]:
    """Tokens that most rows share from the first on, and which rows do; (0, none) below least."""
    mine = np.ones(len(rows), np.bool_)
    depth = 0
    while depth < WIDTH:
        tokens, counts = np.unique(rows[mine, depth], return_counts=True)
        best = int(counts.argmax())
        if tokens[best] == 0 or counts[best] < _AGREE * len(rows):
            break
        mine &= rows[:, depth] == tokens[best]
        depth += 1
    return (depth, mine) if depth >= least else (0, np.zeros(len(rows), np.bool_))


def _long_enough(
    head: NDArray[np.uint64], tail: NDArray[np.uint64], first: int, last: int
) -> NDArray[np.bool_]:
    """Whether a prompt has as many tokens."""
    enough = np.ones(len(head), np.bool_)
    if first:
        enough &= head[:, first - 1] != 0
    if last:
        enough &= tail[:, last - 1] != 0
    return enough


def _keys(
    head: NDArray[np.uint64], tail: NDArray[np.uint64], first: int, last: int
) -> NDArray[np.uint64]:
    """u64[n]: FNV-1a over the tokens of both ends, turned so that every bit reaches all."""
    found = np.full(len(head), _BASIS ^ np.uint64(first), np.uint64)
    columns = [head[:, at] for at in range(first)] + [tail[:, at] for at in range(last)]
    with np.errstate(over="ignore"):
        for column in columns:
            found = (found ^ column) * _PRIME
            found ^= found >> _TURN
    return found
