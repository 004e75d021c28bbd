"""Near-duplicate texts: signatures of their 5-grams, and groups around verified leaders.

A text joins a group only where its signature agrees with the leader's own: groups never grow
by chains, in which the ends have nothing in common. Texts are taken in order, so a later text
changes no earlier group. Knows nothing of where texts come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

from workbench.kernels.characters import HAN, IGNORE, SIZE, SPACE, decode

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Hashes a signature; bands of rows that must agree for two texts to be compared: texts at
#: Jaccard .6 meet with probability .67, at .7 .89, at .8 .99 (1 - (1 - J^4)^8).
WIDTH: Final = 32
BANDS: Final = 8
ROWS: Final = 4
#: Characters a shingle.
GRAM: Final = 5
#: Positions that must agree with the leader: a signature similarity of at least .6.
LEAST_AGREEING: Final = 20
#: Leaders kept in one bucket; a bucket that is full takes no more, others of the text do.
BUCKET: Final = 4

_BASIS: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_ZERO: Final = np.uint32(ord("0"))
_BLANK: Final = np.uint32(ord(" "))
# The functions h -> (h ^ _FLIP[k]) * _FACTOR[k] mod 2^32; factors are odd.
_DRAWN = np.random.default_rng(0x6D696E68).integers(0, 2**32, (2, WIDTH), dtype=np.uint32)
_FLIP: Final = _DRAWN[0]
_FACTOR: Final = _DRAWN[1] | np.uint32(1)


@njit(cache=True, nogil=True, inline="always")
def _mixed(h):  # type: ignore[no-untyped-def]
    """The finaliser of MurmurHash3 for 64 bits (Appleby), so that every bit depends on all."""
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@njit(cache=True, nogil=True, inline="always")
def _take(signature, h):  # type: ignore[no-untyped-def]
    for k in range(signature.size):
        value = np.uint32((h ^ _FLIP[k]) * _FACTOR[k])
        signature[k] = min(signature[k], value)


@njit(cache=True, nogil=True)
def signatures(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    fold: NDArray[np.uint32],
    kind: NDArray[np.uint8],
    exact: NDArray[np.uint64],
    minima: NDArray[np.uint32],
) -> None:
    """Hash and MinHash signature of each text's normal form.

    The normal form has folded characters, one blank for any white space, one zero for any run
    of digits, and nothing that is invisible.

    Args:
        data: UTF-8 bytes of all texts.
        offsets: i64[n + 1] into ``data``.
        fold: u32[SIZE], folded code points.
        kind: u8[SIZE], classes (``kernels.characters``).
        exact: u64[n], filled with a hash of the normal form.
        minima: u32[n, WIDTH], filled: for each of ``WIDTH`` functions the least value over the
            5-grams (over the whole, where that is shorter). Texts with Jaccard similarity J
            agree in an expected share J of the positions (Broder 1997).
    """
    last = np.empty(GRAM, np.uint32)
    for text in range(offsets.size - 1):
        signature = minima[text]
        signature[:] = np.uint32(0xFFFFFFFF)
        whole = _BASIS
        length = 0
        digit = False
        blank = False
        i, end = offsets[text], offsets[text + 1]
        while i < end:
            code, i = decode(data, i, end)
            if code < SIZE:
                k = kind[code]
                letter = fold[code]
            else:
                k = HAN if code < 0x40000 else IGNORE
                letter = np.uint32(code)
            if k == IGNORE:
                continue
            if k == SPACE:
                blank = length > 0
                digit = False
                continue
            is_digit = np.uint32(48) <= letter <= np.uint32(57)
            if is_digit and digit:
                continue
            digit = is_digit
            if is_digit:
                letter = _ZERO
            # A blank that was held back until something follows it, then the character.
            for step in range(2):
                if step == 0:
                    if not blank:
                        continue
                    character = _BLANK
                else:
                    character = letter
                whole = (whole ^ np.uint64(character)) * _PRIME
                for j in range(GRAM - 1):
                    last[j] = last[j + 1]
                last[GRAM - 1] = character
                length += 1
                if length >= GRAM:
                    h = _BASIS
                    for j in range(GRAM):
                        h = (h ^ np.uint64(last[j])) * _PRIME
                    _take(signature, np.uint32(_mixed(h) >> np.uint64(32)))
            blank = False
        exact[text] = _mixed(whole ^ np.uint64(length))
        if 0 < length < GRAM:
            _take(signature, np.uint32(_mixed(whole) >> np.uint64(32)))


@njit(cache=True, nogil=True, inline="always")
def _band_key(signature, band):  # type: ignore[no-untyped-def]
    h = _BASIS ^ np.uint64(band + 1)
    for row in range(ROWS):
        h = (h ^ np.uint64(signature[band * ROWS + row])) * _PRIME
    h = _mixed(h)
    return h if h != 0 else _GOLDEN


@njit(cache=True, nogil=True, inline="always")
def _agreeing(a, b):  # type: ignore[no-untyped-def]
    count = 0
    for k in range(WIDTH):
        count += a[k] == b[k]
    return count


@njit(cache=True, nogil=True)
def _insert(keys, values, key, value, most):  # type: ignore[no-untyped-def]
    """Put a value under a key that may repeat at most ``most`` times; returns slots taken."""
    mask = np.uint64(keys.size - 1)
    slot = key & mask
    held = 0
    while keys[slot] != 0:
        if keys[slot] == key:
            held += 1
            if held == most:
                return 0
        slot = (slot + np.uint64(1)) & mask
    keys[slot] = key
    values[slot] = value
    return 1


@njit(cache=True, nogil=True)
def rehash(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    new_keys: NDArray[np.uint64],
    new_values: NDArray[np.int32],
) -> None:
    """Move a table into a larger, empty one (sizes are powers of two).

    Equal keys keep their order: the walk begins behind a free slot, so no run is entered in
    its middle.
    """
    start = 0
    while keys[start] != 0:
        start += 1
    for step in range(keys.size):
        slot = (start + step) & (keys.size - 1)
        if keys[slot] != 0:
            _insert(new_keys, new_values, keys[slot], values[slot], BUCKET + 1)


@njit(cache=True, nogil=True)
def lead(
    exact: NDArray[np.uint64],
    minima: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    exact_keys: NDArray[np.uint64],
    exact_values: NDArray[np.int32],
    leaders: NDArray[np.uint32],
    n_leaders: int,
    group: NDArray[np.int32],
) -> tuple[int, int, int]:
    """Give every text of a block its group: that of the most similar leader, or a new one.

    Args:
        exact: u64[n] hashes of the normal forms.
        minima: u32[n, WIDTH] signatures.
        keys: u64[S] bands seen, with
        values: i32[S] the leader behind each; room for ``n * BANDS`` more.
        exact_keys: u64[E] normal forms seen, with
        exact_values: i32[E] their groups; room for n more.
        leaders: u32[L, WIDTH] signatures of leaders; room for n more.
        n_leaders: Leaders so far.
        group: i32[n], filled.

    Returns:
        Leaders now, slots taken in ``keys``, slots taken in ``exact_keys``.
    """
    mask = np.uint64(keys.size - 1)
    exact_mask = np.uint64(exact_keys.size - 1)
    taken = 0
    exact_taken = 0
    for text in range(exact.size):
        signature = minima[text]
        best, most = -1, LEAST_AGREEING - 1
        key = exact[text] if exact[text] != 0 else _GOLDEN
        slot = key & exact_mask
        while exact_keys[slot] != 0 and exact_keys[slot] != key:
            slot = (slot + np.uint64(1)) & exact_mask
        if exact_keys[slot] == key:
            # A forged hash does not suffice: the leader is compared here, too.
            best = exact_values[slot]
            if _agreeing(signature, leaders[best]) <= most:
                best = -1
        if best < 0:
            for band in range(BANDS):
                bucket = _band_key(signature, band)
                place = bucket & mask
                while keys[place] != 0:
                    if keys[place] == bucket:
                        candidate = values[place]
                        agreeing = _agreeing(signature, leaders[candidate])
                        if agreeing > most or (agreeing == most and candidate < best):
                            best, most = candidate, agreeing
                    place = (place + np.uint64(1)) & mask
        if best < 0:
            best = n_leaders
            leaders[best] = signature
            n_leaders += 1
            for band in range(BANDS):
                taken += _insert(keys, values, _band_key(signature, band), best, BUCKET)
        if exact_keys[slot] == 0:
            exact_keys[slot] = key
            exact_values[slot] = best
            exact_taken += 1
        group[text] = best
    return n_leaders, taken, exact_taken
