"""Dictionaries: a distinct value is stored once and named by an int32 code.

A dictionary lives in memory while an import runs, as a table of digests; its texts stay in the
database. This room must not decide which records are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from workbench.case.columns import digests_of
from workbench.kernels.digest_tables import DigestTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)
class Counter:
    """The next free code; shared by the dictionaries that fill one table."""

    next: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """Values that were not held before, in the order of their codes.

    Attributes:
        codes: Shape (k,), ascending.
        digests: Shape (k, 2).
        values: String array of length k.
    """

    codes: NDArray[np.int32]
    digests: NDArray[np.uint64]
    values: pa.Array


class Dictionary:
    """Values to codes.

    Args:
        counter: Where new codes come from.
    """

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self._table = DigestTable()

    def load(self, digests: NDArray[np.uint64], codes: NDArray[np.int32]) -> None:
        """Take in what the case holds: digests (k, 2) and their codes (k,)."""
        self._table.store(digests, codes)

    def encode(self, column: pa.Array) -> tuple[pa.Array, Fresh]:
        """Codes of a string column (int32, NULL stays NULL), and the values that are new.

        Equal means: equal bytes. Two values are told apart by their BLAKE2b-128 digests.
        """
        # Arrow finds equal values within the block faster than we digest them.
        local = column.dictionary_encode()
        digests = digests_of(local.dictionary)
        codes, rows = self._table.encode(digests, self.counter.next)
        self.counter.next += len(rows)
        encoded = pa.array(codes, pa.int32()).take(local.indices)
        fresh = Fresh(codes[rows], digests[rows], local.dictionary.take(pa.array(rows)))
        return encoded, fresh
