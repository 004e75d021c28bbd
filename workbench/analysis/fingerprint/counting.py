"""Counts of accounts over a vocabulary: wordings, regions, kinds of elicitation, gaps, clients.

Distinct prompts count, once an account, so that asking the same thing a hundred times is one
piece of evidence. This room counts; it judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Counts:
    """Compressed rows, one an account.

    Attributes:
        indptr: i64[A+1].
        cells: i32[nnz] words, ascending within a row.
        counts: i64[nnz], > 0.
        size: Words of the vocabulary.
    """

    indptr: NDArray[np.int64]
    cells: NDArray[np.int32]
    counts: NDArray[np.int64]
    size: int

    @classmethod
    def of(
        cls, account: NDArray[np.int64], word: NDArray[np.int64], size: int, n_accounts: int
    ) -> Counts:
        """From pairs in any order; words below 0 are left out."""
        known = word >= 0
        keys, counts = np.unique(account[known] * size + word[known], return_counts=True)
        indptr = np.zeros(n_accounts + 1, np.int64)
        np.cumsum(np.bincount(keys // size, minlength=n_accounts), out=indptr[1:])
        return cls(indptr, (keys % size).astype(np.int32), counts.astype(np.int64), size)

    @property
    def row(self) -> NDArray[np.int64]:
        """i64[nnz]: the account of each count."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    @property
    def totals(self) -> NDArray[np.int64]:
        """i64[A]."""
        found = np.bincount(self.row, weights=self.counts, minlength=len(self.indptr) - 1)
        return found.astype(np.int64)

    def pooled(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[size]: counts summed over accounts, each with its weight (f64[A])."""
        held = self.counts * weight[self.row]
        found = np.bincount(self.cells, weights=held, minlength=self.size)
        return found.astype(np.float64)

    def holders(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """i64[size]: how many of the chosen accounts (bool[A]) have each word."""
        return np.bincount(self.cells[chosen[self.row]], minlength=self.size)

    def rows(self, chosen: NDArray[np.bool_]) -> Counts:
        """The counts of the chosen accounts (bool[A]); the others have none."""
        kept = chosen[self.row]
        lengths = np.where(chosen, np.diff(self.indptr), 0)
        indptr = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        return Counts(indptr, self.cells[kept], self.counts[kept], self.size)


def octaves(
    offsets: NDArray[np.int64], ts: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Gaps between an account's neighbouring exchanges: (account i64[n], octave i64[n]).

    Octave 0 holds gaps under a second, octave k those from 2^(k-1) up to 2^k seconds, the last
    one all longer ones.

    Args:
        offsets: i64[A+1], exchanges of each account.
        ts: i64[N] UTC microseconds, ascending within an account, unknown ones first.
        size: Octaves.
    """
    if len(ts) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    account = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    known = (account[1:] == account[:-1]) & (ts[:-1] != UNKNOWN)
    seconds = (ts[1:][known] - ts[:-1][known]) // _SECOND_US
    _, exponent = np.frexp(seconds.astype(np.float64))
    return account[1:][known], np.clip(exponent, 0, size - 1).astype(np.int64)
