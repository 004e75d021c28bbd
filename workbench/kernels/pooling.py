"""Texts to vectors: word pieces found by hash and summed straight from Arrow buffers.

A word is looked up whole; what the vocabulary lacks is split into its longest known pieces.
Scripts that the vocabulary does not cover are read as hashed character n-grams, each a fixed
random direction of the same space. Sums are of whole numbers, so they are exact in any order,
and a text's vector depends on that text alone: not on its neighbours, blocks or threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

from workbench.kernels.characters import (
    HAN,
    IGNORE,
    PARTICLE,
    PUNCTUATION,
    SIZE,
    SPACED,
    SYMBOL,
    WORD,
    decode,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: FNV-1a over code points, 64 bits (Fowler, Noll, Vo; RFC 9923).
_BASIS: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
#: Where the hash of a piece inside a word begins: "##s" is another token than "s".
_INSIDE: Final = np.uint64(0x9AE16A3B2F90404F)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
#: A longer run of word characters is cut into words of this length.
LONGEST_WORD: Final = 64
#: Pieces and n-grams that are read of one text; behind them nothing counts. Keeps the sums
#: inside 32 bits.
MOST_TOKENS: Final = 16_384

#: Weights of hashed directions, in sixteenths of a token.
_WHOLE, _HALF, _QUARTER, _FAINT = 16, 8, 4, 1
#: Row of a word that carries grammar only (``index_tokens``).
GRAMMAR: Final = -2
#: Words of the Latin script that had to be split: below the first share of a text's words they
#: are rare words of English, above the second the text is in another language.
_SOME_SPLIT, _MOST_SPLIT = 0.2, 0.4


@njit(cache=True, nogil=True, inline="always")
def _find(keys, rows, h):  # type: ignore[no-untyped-def]
    """Row of a hash in the open-addressed vocabulary, or -1. Key 0 marks a free slot."""
    mask = np.uint64(keys.size - 1)
    slot = (h * _GOLDEN) >> np.uint64(32) & mask
    while keys[slot] != 0:
        if keys[slot] == h:
            return rows[slot]
        slot = (slot + np.uint64(1)) & mask
    return np.int32(-1)


@njit(cache=True, nogil=True)
def index_tokens(
    codes: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    inside: NDArray[np.bool_],
    rows: NDArray[np.int32],
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """An open-addressed table hash -> row over a vocabulary.

    Args:
        codes: Code points of all tokens, one after the other, folded.
        offsets: i64[T + 1], where each token begins.
        inside: bool[T], whether a token stands inside a word only ("##ing").
        rows: i32[T], row of each token, or ``GRAMMAR``.

    Returns:
        keys u64[S], rows i32[S]; S is a power of two, at most a quarter filled. Of two tokens
        that fold to the same characters the first stays.
    """
    tokens = offsets.size - 1
    size = 1
    while size < 4 * tokens + 4:
        size *= 2
    keys = np.zeros(size, np.uint64)
    found = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    for token in range(tokens):
        h = _INSIDE if inside[token] else _BASIS
        for i in range(offsets[token], offsets[token + 1]):
            h = (h ^ np.uint64(codes[i])) * _PRIME
        slot = (h * _GOLDEN) >> np.uint64(32) & mask
        while keys[slot] != 0 and keys[slot] != h:
            slot = (slot + np.uint64(1)) & mask
        if keys[slot] == 0:
            keys[slot] = h
            found[slot] = rows[token]
    return keys, found


@njit(cache=True, nogil=True, inline="always")
def _add_row(total, table, row):  # type: ignore[no-untyped-def]
    for d in range(total.size):
        total[d] += table[row, d]


@njit(cache=True, nogil=True)
def _add_direction(total, h, weight):  # type: ignore[no-untyped-def]
    """Add ``weight`` times the random +-1 direction of a hash (splitmix64, 32 bits a step)."""
    state = h
    for first in range(0, total.size, 32):
        state += _GOLDEN
        z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits = np.uint32(z >> np.uint64(32))
        for d in range(32):
            total[first + d] += weight - ((bits >> np.uint32(d)) & np.uint32(1)) * (2 * weight)


@njit(cache=True, nogil=True)
def _add_inner_grams(total, letters, n, weight):  # type: ignore[no-untyped-def]
    """Add the 4-grams of a word: they carry what endings change. Returns how many."""
    for i in range(n - 3):
        h = _INSIDE
        for j in range(i, i + 4):
            h = (h ^ np.uint64(letters[j])) * _PRIME
        _add_direction(total, h, weight)
    return max(0, n - 3)


@njit(cache=True, nogil=True)
def _add_word(total, strange, letters, n, keys, rows, table, unit):  # type: ignore[no-untyped-def]
    """Add a word of the vocabulary's script: whole if known, else its longest known pieces.

    A word that was split also goes into ``strange`` as hashed n-grams, for the case that the
    text turns out to be in another language. Returns the number of pieces.
    """
    h = _BASIS
    for i in range(n):
        h = (h ^ np.uint64(letters[i])) * _PRIME
    row = _find(keys, rows, h)
    if row >= 0:
        _add_row(total, table, row)
        return 1
    if row == GRAMMAR:
        _add_direction(total, h, _FAINT * unit)
        return 1
    pieces = 0
    start = 0
    while start < n:
        running = _BASIS if start == 0 else _INSIDE
        best, end = np.int32(-1), start + 1
        for i in range(start, n):
            running = (running ^ np.uint64(letters[i])) * _PRIME
            row = _find(keys, rows, running)
            if row >= 0:
                best, end = row, i + 1
        if best >= 0:
            _add_row(total, table, best)
            pieces += 1
        start = end
    if n > 3:
        weight = (_WHOLE + _HALF) * unit
        _add_direction(strange, h, weight)
        _add_inner_grams(strange, letters, n, weight)
    return max(2, pieces)


@njit(cache=True, nogil=True)
def _add_spaced(total, letters, n, keys, rows, unit):  # type: ignore[no-untyped-def]
    """Add a word of another script that has spaces; returns (grams, energy)."""
    h = _BASIS
    for i in range(n):
        h = (h ^ np.uint64(letters[i])) * _PRIME
    if _find(keys, rows, h) == GRAMMAR:
        weight = _FAINT
    elif n <= 3:
        weight = _QUARTER
    else:
        weight = _HALF
    _add_direction(total, h, weight * unit)
    if weight == _FAINT:
        return 1, weight * weight
    grams = _add_inner_grams(total, letters, n, _WHOLE * unit)
    return 1 + grams, weight * weight + grams * _WHOLE * _WHOLE


@njit(cache=True, nogil=True)
def _add_grams(total, letters, kinds, n, keys, rows, unit):  # type: ignore[no-untyped-def]
    """Add uni-, bi- and trigrams of a run without spaces; returns (grams, energy).

    A single Han character is a word; a single letter of an alphabet says nothing. Each
    particle in an n-gram halves its weight.
    """
    grams = 0
    energy = 0
    for i in range(n):
        h = _BASIS
        halvings = 0
        for length in range(1, min(3, n - i) + 1):
            k = kinds[i + length - 1]
            h = (h ^ np.uint64(letters[i + length - 1])) * _PRIME
            halvings += k == PARTICLE
            ideographic = k in (HAN, PARTICLE)
            if length == 1:
                weight = _WHOLE if ideographic else 0
            elif length == 2:
                weight = _WHOLE if ideographic else _HALF
            else:
                weight = _QUARTER if ideographic else _HALF
            weight >>= halvings
            if _find(keys, rows, h) == GRAMMAR:
                weight = min(weight, _FAINT)
            if weight > 0:
                _add_direction(total, h, weight * unit)
                grams += 1
                energy += weight * weight
    return grams, energy


@njit(cache=True, nogil=True)
def pool(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    fold: NDArray[np.uint32],
    kind: NDArray[np.uint8],
    script: NDArray[np.uint8],
    keys: NDArray[np.uint64],
    rows: NDArray[np.int32],
    table: NDArray[np.int16],
    unit: int,
    script_share: float,
    out: NDArray[np.float32],
) -> None:
    """Unit vectors of texts.

    Args:
        data: UTF-8 bytes of all texts.
        offsets: i64[n + 1] into ``data``.
        fold: u32[SIZE], folded code points.
        kind: u8[SIZE], classes (``kernels.characters``).
        script: u8[SIZE], script numbers, 0 for none.
        keys: u64[S], from ``index_tokens``.
        rows: i32[S], from ``index_tokens``.
        table: i16[T, D] weighted token vectors; D is a multiple of 32.
        unit: Entry of the faintest hashed direction, on the scale of ``table``: a sixteenth of
            a usual token's length, over the square root of D.
        script_share: Length of a script's own direction, as a share of its n-grams' length:
            keeps languages together on the map.
        out: f32[n, D], filled; a text with no token at all gets zeros.
    """
    dimension = table.shape[1]
    total = np.empty(dimension, np.int32)
    strange = np.empty(dimension, np.int32)
    letters = np.empty(LONGEST_WORD, np.uint32)
    kinds = np.empty(LONGEST_WORD, np.uint8)
    seen = np.empty(256, np.int64)
    for text in range(offsets.size - 1):
        total[:] = 0
        strange[:] = 0
        seen[:] = 0
        tokens, energy, words, split = 0, 0, 0, 0
        n, mode = 0, 0
        i, end = offsets[text], offsets[text + 1]
        while True:
            at_end = i >= end
            k, s, code = 0, 0, 0
            if not at_end:
                code, i = decode(data, i, end)
                if code < SIZE:
                    k, s, code = int(kind[code]), int(script[code]), int(fold[code])
                elif code < 0x40000:
                    # Planes 2 and 3 hold Han; nothing else beyond the tables is text.
                    k, s = HAN, int(script[0x4E00])
                if k == IGNORE:
                    continue
            # HAN, PARTICLE and UNSPACED make one run; other kinds stay among themselves.
            run = HAN if HAN <= k < SYMBOL else k
            if n and (at_end or run != mode or n == LONGEST_WORD):
                more = 0
                if mode == WORD:
                    added = _add_word(total, strange, letters, n, keys, rows, table, unit)
                    words += 1
                    split += added > 1
                elif mode == SPACED:
                    added, more = _add_spaced(total, letters, n, keys, rows, unit)
                else:
                    added, more = _add_grams(total, letters, kinds, n, keys, rows, unit)
                tokens += added
                energy += more
                n = 0
            if at_end or tokens >= MOST_TOKENS:
                break
            mode = run
            if k == WORD or SPACED <= k < SYMBOL:
                letters[n], kinds[n] = code, k
                n += 1
                seen[s] += 1
            elif k == PUNCTUATION:
                row = _find(keys, rows, (_BASIS ^ np.uint64(code)) * _PRIME)
                if row >= 0:
                    _add_row(total, table, row)
                    tokens += 1
            elif k == SYMBOL:
                _add_direction(total, (_BASIS ^ np.uint64(code)) * _PRIME, _HALF * unit)
                energy += _HALF * _HALF
                tokens += 1
        if split:
            share = (split / words - _SOME_SPLIT) / (_MOST_SPLIT - _SOME_SPLIT)
            eighths = int(8.0 * min(1.0, max(0.0, share)))
            for d in range(dimension):
                total[d] += strange[d] * eighths >> 3
        if energy:
            letters_seen = max(1, seen[1:].sum())
            for s in range(1, 256):
                if seen[s]:
                    part = script_share * np.sqrt(energy) * seen[s] / letters_seen
                    _add_direction(total, np.uint64(s) * _PRIME, int(part * unit))
        length = 0.0
        for d in range(dimension):
            length += float(total[d]) * float(total[d])
        scale = 0.0 if length == 0.0 else 1.0 / np.sqrt(length)
        for d in range(dimension):
            out[text, d] = np.float32(total[d] * scale)
