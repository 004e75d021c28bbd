"""Hash tables whose keys are digests already: 128-bit keys to codes, and marks of requests.

Open addressing with linear probing in plain arrays: 20 and 16 bytes a slot. A table is sixteen
parts, each larger by two fifths when four fifths of it are full, and no two of them at once: a key
takes 29 and 24 bytes on average, and what is copied while a part grows is a sixteenth of the whole.
Keys must be uniformly spread (a digest is); the tables hash nothing themselves. This room must not
know what the codes mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_U: Final = np.uint64
_PARTS: Final = 16
_FILL: Final = 0.8
_GROWTH: Final = 1.4
_LEAST: Final = 64
#: Value of a slot that holds no key.
_EMPTY: Final = -1

#: What ``RequestTable.judge`` says of a row.
NEW: Final = 0
OTHER_CONTENT: Final = 1
COPY: Final = 2


def _by_part(keys: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Every part that keys (n,) belong to, by their last bits, and their rows, ascending."""
    part = (keys & _U(_PARTS - 1)).astype(np.uint8)
    rows = np.argsort(part, kind="stable")
    ends = np.cumsum(np.bincount(part, minlength=_PARTS))
    for number in np.flatnonzero(np.diff(ends, prepend=0)):
        yield int(number), rows[ends[number - 1] if number else 0 : ends[number]]


def _sizes() -> list[int]:
    """Slots of the parts of a new table, spread over one step of growth so that they take turns."""
    return [int(_LEAST * _GROWTH ** (1 + part / _PARTS)) for part in range(_PARTS)]


def _grown(size: int, needed: int) -> int:
    """Slots of a part of ``size`` that is to hold so many keys."""
    while needed > _FILL * size:
        size = int(_GROWTH * size) + 1
    return size


@numba.njit(inline="always")
def _home(key: np.uint64, size: int) -> np.int64:
    """Where the search for a key begins: its place in the order of all keys (Lemire 2019)."""
    return np.int64(((key >> _U(32)) * _U(size)) >> _U(32))


@numba.njit(inline="always")
def _slot_of(keys, values, a, b):  # type: ignore[no-untyped-def]
    """The slot that holds the key, or the empty one where it belongs."""
    slot = _home(a, len(values))
    while values[slot] != _EMPTY and (keys[slot, 0] != a or keys[slot, 1] != b):
        slot += 1
        if slot == len(values):
            slot = 0
    return slot


@numba.njit(nogil=True, cache=True)
def _lookup(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    wanted: NDArray[np.uint64],
    rows: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    for i in rows:
        out[i] = values[_slot_of(keys, values, wanted[i, 0], wanted[i, 1])]


@numba.njit(nogil=True, cache=True)
def _store(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    wanted: NDArray[np.uint64],
    rows: NDArray[np.int64],
    given: NDArray[np.int32],
) -> int:
    """Set values; an entry that is there keeps the larger one. Returns how many are new."""
    added = 0
    for i in rows:
        slot = _slot_of(keys, values, wanted[i, 0], wanted[i, 1])
        if values[slot] == _EMPTY:
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
    rows: NDArray[np.int64],
    codes: NDArray[np.int32],
    slots: NDArray[np.int64],
) -> int:
    """Code of each key. A new key, and each repeat of it, has -2 less the row that brought it.

    ``slots`` takes where the new keys are.
    """
    added = 0
    for i in rows:
        slot = _slot_of(keys, values, wanted[i, 0], wanted[i, 1])
        if values[slot] == _EMPTY:
            keys[slot, 0] = wanted[i, 0]
            keys[slot, 1] = wanted[i, 1]
            values[slot] = -2 - i
            slots[i] = slot
            added += 1
        codes[i] = values[slot]
    return added


@numba.njit(nogil=True, cache=True)
def _count(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    wanted: NDArray[np.uint64],
    rows: NDArray[np.int64],
    out: NDArray[np.int32],
) -> int:
    """How often each key was seen, this time included. Returns how many keys are new."""
    added = 0
    for i in rows:
        slot = _slot_of(keys, values, wanted[i, 0], wanted[i, 1])
        if values[slot] == _EMPTY:
            keys[slot, 0] = wanted[i, 0]
            keys[slot, 1] = wanted[i, 1]
            values[slot] = 0
            added += 1
        values[slot] += 1
        out[i] = values[slot]
    return added


@numba.njit(nogil=True, cache=True)
def _move_codes(
    old_keys: NDArray[np.uint64],
    old_values: NDArray[np.int32],
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
) -> None:
    for i in range(len(old_values)):
        if old_values[i] != _EMPTY:
            slot = _slot_of(keys, values, old_keys[i, 0], old_keys[i, 1])
            keys[slot, 0] = old_keys[i, 0]
            keys[slot, 1] = old_keys[i, 1]
            values[slot] = old_values[i]


class DigestTable:
    """128-bit keys to non-negative int32 values.

    Keys are arrays of shape (n, 2), uint64.
    """

    def __init__(self) -> None:
        self._keys = [np.zeros((size, 2), np.uint64) for size in _sizes()]
        self._values = [np.full(size, _EMPTY, np.int32) for size in _sizes()]
        self._counts = [0] * _PARTS

    def __len__(self) -> int:
        return sum(self._counts)

    @property
    def nbytes(self) -> int:
        """Memory held, bytes."""
        return sum(keys.nbytes for keys in self._keys) + sum(of.nbytes for of in self._values)

    def lookup(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Value of each key, shape (n,); -1 where it is not held."""
        values = np.empty(len(keys), np.int32)
        for part, rows in _by_part(keys[:, 0]):
            _lookup(self._keys[part], self._values[part], keys, rows, values)
        return values

    def store(self, keys: NDArray[np.uint64], values: NDArray[np.int32]) -> None:
        """Set values, shape (n,); a key that is held keeps the larger value."""
        for part, rows in _by_part(keys[:, 0]):
            self._store(part, keys, rows, values)

    def take_in(self, other: DigestTable) -> None:
        """Store all of another table."""
        for part in range(_PARTS):
            used = np.flatnonzero(other._values[part] != _EMPTY)
            self._store(part, other._keys[part], used, other._values[part])

    def encode(
        self, keys: NDArray[np.uint64], next_code: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Codes of keys; new keys get ``next_code``, ``next_code + 1``, ... in order.

        Returns:
            The codes, shape (n,), and the rows that brought a new key, ascending.
        """
        codes = np.empty(len(keys), np.int32)
        slots = np.empty(len(keys), np.int64)
        for part, rows in _by_part(keys[:, 0]):
            self._make_room(part, len(rows))
            held, values = self._keys[part], self._values[part]
            self._counts[part] += _encode(held, values, keys, rows, codes, slots)
        fresh = np.flatnonzero(codes == -2 - np.arange(len(codes)))
        codes[fresh] = next_code + np.arange(len(fresh), dtype=np.int32)
        for part, new in _by_part(keys[fresh, 0]):
            rows = fresh[new]
            self._values[part][slots[rows]] = codes[rows]
        again = np.flatnonzero(codes < _EMPTY)
        codes[again] = codes[-2 - codes[again]]
        return codes, fresh

    def count(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """How often each key was counted so far, shape (n,): 1 for the first time."""
        out = np.empty(len(keys), np.int32)
        for part, rows in _by_part(keys[:, 0]):
            self._make_room(part, len(rows))
            self._counts[part] += _count(self._keys[part], self._values[part], keys, rows, out)
        return out

    def _store(
        self,
        part: int,
        keys: NDArray[np.uint64],
        rows: NDArray[np.int64],
        values: NDArray[np.int32],
    ) -> None:
        self._make_room(part, len(rows))
        self._counts[part] += _store(self._keys[part], self._values[part], keys, rows, values)

    def _make_room(self, part: int, more: int) -> None:
        size = len(self._values[part])
        larger = _grown(size, self._counts[part] + more)
        if larger > size:
            keys = np.zeros((larger, 2), np.uint64)
            values = np.full(larger, _EMPTY, np.int32)
            _move_codes(self._keys[part], self._values[part], keys, values)
            self._keys[part], self._values[part] = keys, values


@numba.njit(inline="always")
def _find(slots, key):  # type: ignore[no-untyped-def]
    """The slot that holds the key, or the empty one where it belongs; 0 marks an empty slot."""
    slot = _home(key, len(slots))
    while slots[slot, 0] != _U(0) and slots[slot, 0] != key:
        slot += 1
        if slot == len(slots):
            slot = 0
    return slot


@numba.njit(inline="always")
def _never_zero(key):  # type: ignore[no-untyped-def]
    return key if key != _U(0) else _U(_PARTS)


@numba.njit(nogil=True, cache=True)
def _judge(
    slots: NDArray[np.uint64],
    marks: NDArray[np.uint64],
    rows: NDArray[np.int64],
    verdict: NDArray[np.uint8],
) -> int:
    added = 0
    last = _U(_PARTS - 1)
    for i in rows:
        request = _never_zero(marks[i, 0])
        content = marks[i, 1]
        slot = _find(slots, request)
        if slots[slot, 0] == _U(0):
            verdict[i] = NEW
        elif slots[slot, 1] == content:
            verdict[i] = COPY
            continue
        else:
            # A second content of the same request lives under a key of its own, in the same part.
            # Were it put behind the first, a log whose request ids are all "-" would take quadratic
            # time.
            verdict[i] = OTHER_CONTENT
            mixed = (request ^ (content * _U(0x9E3779B97F4A7C15))) * _U(0xD6E8FEB86659FD93)
            mixed ^= mixed >> _U(32)
            request = _never_zero((mixed & ~last) | (request & last))
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
def _first(
    slots: NDArray[np.uint64],
    requests: NDArray[np.uint64],
    rows: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    for i in rows:
        slot = _find(slots, _never_zero(requests[i]))
        if slots[slot, 0] != _U(0):
            out[i] = np.int64(slots[slot, 1])


class RequestTable:
    """Which requests were seen, and with which content.

    A mark is a pair of words: the keyed hash of the request id and that of the content. Together
    they are 128 bits; a request id alone that collides by accident makes a row "other content",
    which is kept, so nothing can be lost by it.
    """

    def __init__(self) -> None:
        self._slots = [np.zeros((size, 2), np.uint64) for size in _sizes()]
        self._counts = [0] * _PARTS

    def __len__(self) -> int:
        return sum(self._counts)

    @property
    def nbytes(self) -> int:
        """Memory held, bytes."""
        return sum(array.nbytes for array in self._slots)

    def judge(self, marks: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """``NEW``, ``OTHER_CONTENT`` or ``COPY`` for each mark in order, remembering it.

        Args:
            marks: Shape (n, 2).

        Returns:
            Shape (n,).
        """
        verdict = np.empty(len(marks), np.uint8)
        for part, rows in _by_part(marks[:, 0]):
            self._make_room(part, len(rows))
            self._counts[part] += _judge(self._slots[part], marks, rows, verdict)
        return verdict

    def first(self, requests: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Second word of the first mark of each request (first word, shape (n,)); -1: none.

        For tables whose second words are not contents but ids, below 2**63.
        """
        found = np.full(len(requests), -1, np.int64)
        for part, rows in _by_part(requests):
            _first(self._slots[part], requests, rows, found)
        return found

    def _make_room(self, part: int, more: int) -> None:
        size = len(self._slots[part])
        larger = _grown(size, self._counts[part] + more)
        if larger > size:
            slots = np.zeros((larger, 2), np.uint64)
            _move(self._slots[part], slots)
            self._slots[part] = slots
