"""Hash tables whose keys are digests already: 128-bit keys to codes, and marks of requests.

Open addressing with linear probing in plain arrays: 20 and 16 bytes a slot, doubled when 70 %
full, so five million prompts take about 170 MB. Keys must be uniformly spread (a digest is);
the tables hash nothing themselves. This room must not know what the codes mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_U: Final = np.uint64
_FILL: Final = 0.7

#: What ``RequestTable.judge`` says of a row.
NEW: Final = 0
OTHER_CONTENT: Final = 1
COPY: Final = 2


@numba.njit(inline="always")
def _slot_of(keys, values, a, b):  # type: ignore[no-untyped-def]
    """The slot that holds the key, or the empty one where it belongs."""
    mask = _U(len(values) - 1)
    slot = np.int64(a & mask)
    while values[slot] >= 0 and (keys[slot, 0] != a or keys[slot, 1] != b):
        slot = (slot + 1) & np.int64(mask)
    return slot


@numba.njit(nogil=True, cache=True)
def _lookup(
    keys: NDArray[np.uint64], values: NDArray[np.int32], wanted: NDArray[np.uint64]
) -> NDArray[np.int32]:
    out = np.empty(len(wanted), np.int32)
    for i in range(len(wanted)):
        out[i] = values[_slot_of(keys, values, wanted[i, 0], wanted[i, 1])]
    return out


@numba.njit(nogil=True, cache=True)
def _store(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    wanted: NDArray[np.uint64],
    given: NDArray[np.int32],
) -> int:
    """Set values; an entry that is there keeps the larger one. Returns how many are new."""
    added = 0
    for i in range(len(wanted)):
        slot = _slot_of(keys, values, wanted[i, 0], wanted[i, 1])
        if values[slot] < 0:
            keys[slot, 0] = wanted[i, 0]
            keys[slot, 1] = wanted[i, 1]
            added += 1
        values[slot] = max(values[slot], given[i])
    return added


@numba.njit(nogil=True, cache=True)
def _encode(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    wanted: NDArray[np.uint64],
    next_code: int,
    codes: NDArray[np.int32],
    fresh: NDArray[np.int64],
) -> int:
    """Code of each key, the next free one for a new key; ``fresh`` takes the rows of new keys."""
    added = 0
    for i in range(len(wanted)):
        slot = _slot_of(keys, values, wanted[i, 0], wanted[i, 1])
        if values[slot] < 0:
            keys[slot, 0] = wanted[i, 0]
            keys[slot, 1] = wanted[i, 1]
            values[slot] = next_code + added
            fresh[added] = i
            added += 1
        codes[i] = values[slot]
    return added


@numba.njit(nogil=True, cache=True)
def _count(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    wanted: NDArray[np.uint64],
    out: NDArray[np.int32],
) -> int:
    """How often each key was seen, this time included. Returns how many keys are new."""
    added = 0
    for i in range(len(wanted)):
        slot = _slot_of(keys, values, wanted[i, 0], wanted[i, 1])
        if values[slot] < 0:
            keys[slot, 0] = wanted[i, 0]
            keys[slot, 1] = wanted[i, 1]
            values[slot] = 0
            added += 1
        values[slot] += 1
        out[i] = values[slot]
    return added


class DigestTable:
    """128-bit keys to non-negative int32 values.

    Keys are arrays of shape (n, 2), uint64.
    """

    def __init__(self) -> None:
        self._keys = np.zeros((1024, 2), np.uint64)
        self._values = np.full(1024, -1, np.int32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Memory held, bytes."""
        return self._keys.nbytes + self._values.nbytes

    def lookup(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Value of each key, shape (n,); -1 where it is not held."""
        values: NDArray[np.int32] = _lookup(self._keys, self._values, keys)
        return values

    def store(self, keys: NDArray[np.uint64], values: NDArray[np.int32]) -> None:
        """Set values, shape (n,); a key that is held keeps the larger value."""
        self._make_room(len(keys))
        self._count += _store(self._keys, self._values, keys, values)

    def encode(
        self, keys: NDArray[np.uint64], next_code: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Codes of keys; new keys get ``next_code``, ``next_code + 1``, ... in order.

        Returns:
            The codes, shape (n,), and the rows that brought a new key, ascending.
        """
        self._make_room(len(keys))
        codes = np.empty(len(keys), np.int32)
        fresh = np.empty(len(keys), np.int64)
        added = _encode(self._keys, self._values, keys, next_code, codes, fresh)
        self._count += added
        return codes, fresh[:added]

    def count(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """How often each key was counted so far, shape (n,): 1 for the first time."""
        self._make_room(len(keys))
        out = np.empty(len(keys), np.int32)
        self._count += _count(self._keys, self._values, keys, out)
        return out

    def items(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Keys (n, 2) and values (n,), in no particular order."""
        used = self._values >= 0
        return self._keys[used], self._values[used]

    def _make_room(self, more: int) -> None:
        needed = self._count + more
        size = len(self._values)
        if needed <= _FILL * size:
            return
        while needed > _FILL * size:
            size *= 2
        keys, values = self.items()
        self._keys = np.zeros((size, 2), np.uint64)
        self._values = np.full(size, -1, np.int32)
        _store(self._keys, self._values, keys, values)


@numba.njit(inline="always")
def _find(slots, key):  # type: ignore[no-untyped-def]
    """The slot that holds the key, or the empty one where it belongs; 0 marks an empty slot."""
    mask = _U(len(slots) - 1)
    slot = np.int64(key & mask)
    while slots[slot, 0] != _U(0) and slots[slot, 0] != key:
        slot = (slot + 1) & np.int64(mask)
    return slot


@numba.njit(inline="always")
def _never_zero(key):  # type: ignore[no-untyped-def]
    return key if key != _U(0) else _U(1)


@numba.njit(nogil=True, cache=True)
def _judge(slots: NDArray[np.uint64], marks: NDArray[np.uint64], verdict: NDArray[np.uint8]) -> int:
    added = 0
    for i in range(len(marks)):
        request = _never_zero(marks[i, 0])
        content = marks[i, 1]
        slot = _find(slots, request)
        if slots[slot, 0] == _U(0):
            verdict[i] = NEW
        elif slots[slot, 1] == content:
            verdict[i] = COPY
            continue
        else:
            # A second content of the same request lives under a key of its own. Were it put
            # behind the first, a log whose request ids are all "-" would take quadratic time.
            verdict[i] = OTHER_CONTENT
            mixed = (request ^ (content * _U(0x9E3779B97F4A7C15))) * _U(0xD6E8FEB86659FD93)
            request = _never_zero(mixed ^ (mixed >> _U(32)))
            slot = _find(slots, request)
            if slots[slot, 0] != _U(0):
                if slots[slot, 1] == content:
                    verdict[i] = COPY
                continue
        slots[slot, 0] = request
        slots[slot, 1] = content
        added += 1
    return added


@numba.njit(nogil=True, cache=True)
def _move(old: NDArray[np.uint64], new: NDArray[np.uint64]) -> None:
    for i in range(len(old)):
        if old[i, 0] != _U(0):
            slot = _find(new, old[i, 0])
            new[slot, 0] = old[i, 0]
            new[slot, 1] = old[i, 1]


@numba.njit(nogil=True, cache=True)
def _first(slots: NDArray[np.uint64], requests: NDArray[np.uint64]) -> NDArray[np.int64]:
    out = np.empty(len(requests), np.int64)
    for i in range(len(requests)):
        slot = _find(slots, _never_zero(requests[i]))
        out[i] = np.int64(slots[slot, 1]) if slots[slot, 0] != _U(0) else -1
    return out


class RequestTable:
    """Which requests were seen, and with which content.

    A mark is a pair of words: the keyed hash of the request id and that of the content. Together
    they are 128 bits; a request id alone that collides by accident makes a row "other content",
    which is kept, so nothing can be lost by it.
    """

    def __init__(self) -> None:
        self._slots = np.zeros((1024, 2), np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Memory held, bytes."""
        return self._slots.nbytes

    def judge(self, marks: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """``NEW``, ``OTHER_CONTENT`` or ``COPY`` for each mark in order, remembering it.

        Args:
            marks: Shape (n, 2).

        Returns:
            Shape (n,).
        """
        self._make_room(len(marks))
        verdict = np.empty(len(marks), np.uint8)
        self._count += _judge(self._slots, marks, verdict)
        return verdict

    def first(self, requests: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Second word of the first mark of each request (first word, shape (n,)); -1: none.

        For tables whose second words are not contents but ids, below 2**63.
        """
        found: NDArray[np.int64] = _first(self._slots, requests)
        return found

    def _make_room(self, more: int) -> None:
        needed = self._count + more
        size = len(self._slots)
        if needed <= _FILL * size:
            return
        while needed > _FILL * size:
            size *= 2
        slots = np.zeros((size, 2), np.uint64)
        _move(self._slots, slots)
        self._slots = slots
