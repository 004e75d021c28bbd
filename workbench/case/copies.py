"""The fates of records that could be read: loaded, duplicate, conflict or joined.

Judged within one source system. A record with a request id is a duplicate when that request was
seen with the same content, a conflict when with another. Of records without one, copies within a
file load, and a later file's n-th copy is a duplicate only if n were held before. A request that
only another declared system logged is joined to it.

Everything here is memory: some 24 bytes for each exchange of the system, loaded when an import
begins. This room must not open a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.domain.exchange import Fate
from workbench.kernels.digest_tables import COPY, NEW, DigestTable, RequestTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Index in a fate array -> fate.
FATES = (Fate.LOADED, Fate.CONFLICT, Fate.DUPLICATE, Fate.JOINED)
LOADED, CONFLICT, DUPLICATE, JOINED = range(4)


class Copies:
    """Remembers the marks of every exchange of one source system."""

    def __init__(self) -> None:
        self._requests = RequestTable()
        self._elsewhere = RequestTable()
        self._held = DigestTable()
        self._of_file = DigestTable()

    def load(self, marks: NDArray[np.uint64], has_request: NDArray[np.bool_]) -> None:
        """Take in marks (n, 2) of this system's exchanges, in the order of their ids."""
        self._requests.judge(marks[has_request])
        self._held.count(marks[~has_request])

    def load_elsewhere(self, requests: NDArray[np.uint64], exchange_ids: NDArray[np.int64]) -> None:
        """Take in requests (first words of marks, (n,)) of other systems' exchanges, in order."""
        self._elsewhere.judge(np.column_stack([requests, exchange_ids.astype(np.uint64)]))

    def begin_file(self) -> None:
        """Count copies of records without request id anew."""
        self._of_file = DigestTable()

    def load_of_file(self, marks: NDArray[np.uint64], has_request: NDArray[np.bool_]) -> None:
        """Take in marks (n, 2) of the file that is being read."""
        self._requests.judge(marks[has_request])
        self._of_file.count(marks[~has_request])

    def end_file(self) -> None:
        """Remember how many copies the case holds now that the file was read."""
        self._held.take_in(self._of_file)
        self._of_file = DigestTable()

    def judge(
        self, marks: NDArray[np.uint64], has_request: NDArray[np.bool_]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Fates of a block, in order, as indices of ``FATES``; shape (n,).

        Also, for the ``JOINED``, the exchange of the other system, else -1; shape (n,). These are
        proposals by 64 bits of a hash: the caller compares the request ids themselves.
        """
        partners = np.full(len(marks), -1, np.int64)
        fates = np.full(len(marks), LOADED, np.uint8)
        named = np.flatnonzero(has_request)
        if len(named):
            of_requests = marks[named]
            partner = self._elsewhere.first(of_requests[:, 0])
            verdict = self._requests.judge(of_requests)
            fates[named] = np.where(
                verdict == NEW,
                np.where(partner >= 0, JOINED, LOADED),
                np.where(verdict == COPY, DUPLICATE, CONFLICT),
            )
            partners[named] = np.where(fates[named] == JOINED, partner, -1)
        bare = np.flatnonzero(~has_request)
        if len(bare):
            of_contents = marks[bare]
            held = self._held.lookup(of_contents)
            nth = self._of_file.count(of_contents)
            fates[bare] = np.where(nth <= held, DUPLICATE, LOADED)
        return fates, partners


def positions(fates: NDArray[np.uint8], *wanted: int) -> NDArray[np.int64]:
    """Rows whose fate is one of ``wanted``, ascending."""
    return np.flatnonzero(np.isin(fates, np.array(wanted, np.uint8)))


def counted(fates: NDArray[np.uint8]) -> dict[str, int]:
    """How many rows have each fate, by the fate's name."""
    counts = np.bincount(fates, minlength=len(FATES))
    return {fate.value: int(count) for fate, count in zip(FATES, counts, strict=True)}
