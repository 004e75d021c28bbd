"""Near-duplicate groups of prompts, each around the first prompt that founded it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.buffers import text_buffers
from workbench.analysis.text.stored import is_kept, unpacked
from workbench.analysis.text.vectors import BLOCK, prompt_count
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement
from workbench.kernels.minhash import BANDS, WIDTH, lead, rehash, signatures

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_PROMPTS: Final = Statement.read(__file__, "prompt_forms")
_STEP: Final = "Grouping near-duplicate prompts"


def groups_stage() -> Stage:
    """Near-duplicate groups."""
    return Stage("text.groups", _STEP, groups, settings=(), added=False, weight=3.0)


def groups(context: Context) -> StageResult:
    """Group prompts whose normal forms agree in most 5-grams.

    Returns:
        ``group`` i32[P], numbered in the order of their leaders; ``leader`` i32[G], prompt_id
        of the first prompt of each group. A later import changes no group of earlier prompts.
    """

    def sign(batch: pa.RecordBatch) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
        exact, minima = signed(batch["text"])
        form = batch["form"]
        if form.null_count < len(form):
            kept = unpacked(form, np.uint32, WIDTH + 2)
            exact[is_kept(form)] = np.ascontiguousarray(kept[:, :2]).view(np.uint64)[:, 0]
            minima[is_kept(form)] = kept[:, 2:]
        return exact, minima

    total = prompt_count(context)
    group = np.empty(total, np.int32)
    leaders = Leaders()
    done = 0
    batches = context.engine.scan(_PROMPTS, rows=BLOCK)
    for exact, minima in in_order(sign, batches, threads=context.settings.jobs, job=context.job):
        group[done : done + exact.size] = leaders.take(exact, minima)
        done += exact.size
        context.job.report(_STEP, count=done, total=total, unit="prompts")
    leader = leaders_of(group)
    return StageResult(
        {"group": group, "leader": leader}, info={"n_prompts": total, "n_groups": leader.size}
    )


def signed(texts: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Hashes of normal forms u64[n] and MinHash signatures u32[n, WIDTH] of texts."""
    letters = alphabet()
    data, offsets = text_buffers(texts)
    exact = np.empty(len(texts), np.uint64)
    minima = np.empty((len(texts), WIDTH), np.uint32)
    signatures(data, offsets, letters.fold, letters.kind, exact, minima)
    return exact, minima


def leaders_of(group: NDArray[np.int32]) -> NDArray[np.int32]:
    """The first prompt of each group, i32[G]."""
    _, first = np.unique(group, return_index=True)
    return first.astype(np.int32)


class Leaders:
    """The groups so far, and where to look for one. Memory grows with the number of groups."""

    def __init__(self) -> None:
        self.count = 0
        self._signatures = np.empty((1024, WIDTH), np.uint32)
        self._bands = _Table(BANDS * 1024)
        self._exact = _Table(1024)

    def take(self, exact: NDArray[np.uint64], minima: NDArray[np.uint32]) -> NDArray[np.int32]:
        """Groups of the next texts, in order; i32[n]."""
        n = exact.size
        if self.count + n > len(self._signatures):
            larger = np.empty((2 * (self.count + n), WIDTH), np.uint32)
            larger[: self.count] = self._signatures[: self.count]
            self._signatures = larger
        self._bands.make_room(n * BANDS)
        self._exact.make_room(n)
        group = np.empty(n, np.int32)
        self.count, bands, forms = lead(
            exact,
            minima,
            self._bands.keys,
            self._bands.values,
            self._exact.keys,
            self._exact.values,
            self._signatures,
            self.count,
            group,
        )
        self._bands.used += bands
        self._exact.used += forms
        return group


class _Table:
    """An open-addressed table that stays at most half full."""

    def __init__(self, room: int) -> None:
        self.used = 0
        self.keys, self.values = _empty(room)

    def make_room(self, more: int) -> None:
        if 2 * (self.used + more) > self.keys.size:
            keys, values = _empty(2 * (self.used + more))
            rehash(self.keys, self.values, keys, values)
            self.keys, self.values = keys, values


def _empty(room: int) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    size = 1 << max(4, (2 * room - 1).bit_length())
    return np.zeros(size, np.uint64), np.empty(size, np.int32)
