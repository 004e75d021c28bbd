"""Accounts as counts over cells: what each one asked, by region of the prompt space.

Distinct prompts are counted, once an account: asking the same thing a hundred times says
something of timing and templates, not of where the account has been. This room counts; it judges
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Profiles:
    """Compressed rows of cell counts.

    Attributes:
        indptr: i64[A+1].
        cells: i32[nnz], ascending within a row.
        counts: i64[nnz], > 0.
        n_cells: C.
    """

    indptr: NDArray[np.int64]
    cells: NDArray[np.int32]
    counts: NDArray[np.int64]
    n_cells: int

    @property
    def row(self) -> NDArray[np.int64]:
        """i64[nnz]: the account of each count."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    @property
    def totals(self) -> NDArray[np.int64]:
        """i64[A]: distinct prompts of each account."""
        found = np.bincount(self.row, weights=self.counts, minlength=len(self.indptr) - 1)
        return found.astype(np.int64)

    def pooled(self, weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """f64[C]: counts summed over accounts, each with its weight (f64[A])."""
        held = self.counts.astype(np.float64)
        if weight is not None:
            held = held * weight[self.row]
        found = np.bincount(self.cells, weights=held, minlength=self.n_cells)
        return found.astype(np.float64)

    def pooled_rows(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """f64[C]: counts summed over some accounts, each taken once."""
        lengths = self.indptr[rows + 1] - self.indptr[rows]
        starts = np.repeat(self.indptr[rows] - np.cumsum(lengths) + lengths, lengths)
        at = starts + np.arange(int(lengths.sum()))
        found = np.bincount(self.cells[at], weights=self.counts[at], minlength=self.n_cells)
        return found.astype(np.float64)


def cell_profiles(
    account: NDArray[np.int64],
    prompt: NDArray[np.int32],
    cell: NDArray[np.int32],
    n_accounts: int,
    n_cells: int,
    chosen: NDArray[np.bool_] | None = None,
) -> Profiles:
    """Distinct prompts of each account by cell.

    Args:
        account: i64[N] of each exchange.
        prompt: i32[N], -1 = none.
        cell: i32[P] of each prompt, -1 = none.
        n_accounts: A.
        n_cells: C.
        chosen: bool[N], exchanges to count; all by default.
    """
    use = prompt >= 0 if chosen is None else (prompt >= 0) & chosen
    pairs = np.unique(account[use] * (len(cell) + 1) + prompt[use])
    row, what = pairs // (len(cell) + 1), cell[pairs % (len(cell) + 1)].astype(np.int64)
    placed = what >= 0
    keys, counts = np.unique(row[placed] * n_cells + what[placed], return_counts=True)
    indptr = np.zeros(n_accounts + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys // n_cells, minlength=n_accounts), out=indptr[1:])
    return Profiles(indptr, (keys % n_cells).astype(np.int32), counts.astype(np.int64), n_cells)


def halves(
    account: NDArray[np.int64], prompt: NDArray[np.int32], group: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """bool[N]: the half of each exchange, so that what forms a cluster does not also test it.

    Near-duplicate groups alternate between the halves, account by account: an account's copies of
    one prompt always lie in one half, and both halves hold as much.
    """
    known = prompt >= 0
    width = int(group.max(initial=0)) + 1
    pairs, at = np.unique(account[known] * width + group[prompt[known]], return_inverse=True)
    row = pairs // width
    first = np.searchsorted(row, row)
    found = np.zeros(len(prompt), dtype=np.bool_)
    found[known] = ((np.arange(len(pairs)) - first) % 2 == 1)[at]
    return found
