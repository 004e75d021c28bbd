"""Skeletons that many texts share: a bounded tree over their first or last tokens.

The tree is built on a few hundred thousand texts at most, level by level over sorted rows of
token hashes, so its cost is linear; any number of texts are then matched by hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

from workbench.kernels.characters import (
    HAN,
    IGNORE,
    PUNCTUATION,
    SIZE,
    SPACE,
    SPACED,
    WORD,
    decode,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Tokens of a text's beginning, and of its end, that a skeleton may hold.
WIDTH: Final = 16
#: A branch with this share of its parent goes on as the same skeleton.
_DOMINANT: Final = 0.5
#: Tokens that must follow a smaller branch's first before it counts as a skeleton of its own:
#: what people fill in seldom goes on alike, a skeleton does.
_TIGHT: Final = 2

_BASIS: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_ZERO: Final = np.uint64(ord("0"))


@njit(cache=True, nogil=True, inline="always")
def _next_token(data, i, end, fold, kind):  # type: ignore[no-untyped-def]
    """The next token from byte ``i``: (hash, begin, stop); hash 0 when there is none.

    A token is a word, with any run of digits in it as one zero, or a single character of
    another kind (Han, kana, Thai, punctuation, signs).
    """
    h = np.uint64(0)
    begin, stop = i, i
    digit = False
    while i < end:
        code, after = decode(data, i, end)
        if code < SIZE:
            k = int(kind[code])
            letter = np.uint64(fold[code])
        else:
            k = HAN if code < 0x40000 else IGNORE
            letter = np.uint64(code)
        if k == IGNORE:
            i = after
            continue
        if k in (WORD, SPACED):
            if h == 0:
                h, begin = _BASIS, i
            is_digit = bool(np.uint64(48) <= letter <= np.uint64(57))
            if not (is_digit and digit):
                h = (h ^ (_ZERO if is_digit else letter)) * _PRIME
            digit = is_digit
            i = stop = after
            continue
        if h != 0:
            break
        if k != SPACE:
            # The kind keeps a sign apart from a word of one letter.
            h = (((_BASIS ^ letter) * _PRIME) ^ np.uint64(PUNCTUATION)) * _PRIME
            begin, stop = i, after
            break
        i = after
    return h, begin, stop


@njit(cache=True, nogil=True)
def ends(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    fold: NDArray[np.uint32],
    kind: NDArray[np.uint8],
    head: NDArray[np.uint64],
    tail: NDArray[np.uint64],
) -> None:
    """Hashes of the first and the last tokens of each text.

    Args:
        data: UTF-8 bytes of all texts.
        offsets: i64[n + 1] into ``data``.
        fold: u32[SIZE], folded code points.
        kind: u8[SIZE], classes (``kernels.characters``).
        head: u64[n, WIDTH], filled: first token first, 0 behind the last.
        tail: u64[n, WIDTH], filled: last token first.
    """
    ring = np.empty(WIDTH, np.uint64)
    for text in range(offsets.size - 1):
        i, end = offsets[text], offsets[text + 1]
        count = 0
        head[text] = np.uint64(0)
        tail[text] = np.uint64(0)
        while True:
            h, _, i = _next_token(data, i, end, fold, kind)
            if h == 0:
                break
            if count < WIDTH:
                head[text, count] = h
            ring[count % WIDTH] = h
            count += 1
        for back in range(min(count, WIDTH)):
            tail[text, back] = ring[(count - 1 - back) % WIDTH]


@njit(cache=True, nogil=True)
def spans(
    data: NDArray[np.uint8],
    fold: NDArray[np.uint32],
    kind: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    begins: NDArray[np.int64],
    stops: NDArray[np.int64],
) -> int:
    """Tokens of one text, as many as there is room for.

    Args:
        data: u8, the text.
        fold: u32[SIZE], folded code points.
        kind: u8[SIZE], classes.
        hashes: u64[m], filled.
        begins: i64[m], filled: first byte of each token.
        stops: i64[m], filled: one behind its last byte.

    Returns:
        Number of tokens.
    """
    i = 0
    for count in range(hashes.size):
        h, begin, stop = _next_token(data, i, data.size, fold, kind)
        if h == 0:
            return count
        hashes[count], begins[count], stops[count] = h, begin, stop
        i = stop
    return hashes.size


@njit(cache=True, nogil=True)
def _run_end(rows, column, first, last):  # type: ignore[no-untyped-def]
    """One behind the last row that has the same token in ``column`` as row ``first``."""
    token = rows[first, column]
    stop = first + 1
    while stop < last and rows[stop, column] == token:
        stop += 1
    return stop


@njit(cache=True, nogil=True)
def _largest_run(rows, column, first, last):  # type: ignore[no-untyped-def]
    """(first, last) of the commonest token in ``column`` among sorted rows; no end of text."""
    best_first, best_last = first, first
    at = first
    while at < last:
        stop = _run_end(rows, column, at, last)
        if rows[at, column] != 0 and stop - at > best_last - best_first:
            best_first, best_last = at, stop
        at = stop
    return best_first, best_last


@njit(cache=True, nogil=True)
def _is_tight(rows, depth, first, last, least):  # type: ignore[no-untyped-def]
    """Whether most of the rows go on alike for ``_TIGHT`` tokens behind ``depth``."""
    for column in range(depth, depth + _TIGHT):
        if column >= WIDTH:
            return True
        a, b = _largest_run(rows, column, first, last)
        if b - a < least or b - a < _DOMINANT * (last - first):
            return False
        first, last = a, b
    return True


@njit(cache=True, nogil=True)
def grow(
    rows: NDArray[np.uint64], least: int, least_tokens: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The skeletons among sorted rows of tokens.

    From the root down, a branch is entered where it holds half of its parent, or where it goes
    on alike for some tokens; what is left at a node is its skeleton's support.

    Args:
        rows: u64[n, WIDTH] sorted lexicographically.
        least: Rows that a skeleton must have.
        least_tokens: Tokens that a skeleton must have.

    Returns:
        example i64[k], a row of each skeleton; depth i32[k], its tokens. Parents come before
        children.
    """
    # Every entered node has at least ``least`` rows and every level at most n / least nodes.
    most = WIDTH * (rows.shape[0] // max(1, least)) + 2
    first = np.empty(most, np.int64)
    last = np.empty(most, np.int64)
    depth = np.empty(most, np.int32)
    parent = np.empty(most, np.int32)
    kept = np.empty(most, np.int64)
    first[0], last[0], depth[0], parent[0] = 0, rows.shape[0], 0, -1
    nodes = 1
    at = 0
    while at < nodes:
        size = last[at] - first[at]
        kept[at] = size
        column = depth[at]
        row = first[at]
        while column < WIDTH and row < last[at]:
            stop = _run_end(rows, column, row, last[at])
            enough = stop - row >= least and rows[row, column] != 0
            if enough and (
                stop - row >= _DOMINANT * size or _is_tight(rows, column + 1, row, stop, least)
            ):
                first[nodes], last[nodes] = row, stop
                depth[nodes], parent[nodes] = column + 1, at
                kept[at] -= stop - row
                nodes += 1
            row = stop
        at += 1
    # A node with too little left, or too short, leaves its rows to its parent.
    chosen = 0
    example = np.empty(nodes, np.int64)
    tokens = np.empty(nodes, np.int32)
    good = np.zeros(nodes, np.bool_)
    for node in range(nodes - 1, 0, -1):
        if kept[node] >= least and depth[node] >= least_tokens:
            good[node] = True
        else:
            kept[parent[node]] += kept[node]
    for node in range(1, nodes):
        if good[node]:
            example[chosen], tokens[chosen] = first[node], depth[node]
            chosen += 1
    return example[:chosen], tokens[:chosen]


@njit(cache=True, nogil=True)
def index_skeletons(
    rows: NDArray[np.uint64], example: NDArray[np.int64], depth: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """An open-addressed table: hash of a skeleton's tokens -> its number.

    Args:
        rows: u64[n, WIDTH], as for ``grow``.
        example: i64[k], from ``grow``.
        depth: i32[k], from ``grow``.

    Returns:
        keys u64[S], numbers i32[S]; S is a power of two, at most half filled.
    """
    size = 16
    while size < 2 * example.size:
        size *= 2
    keys = np.zeros(size, np.uint64)
    numbers = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    for number in range(example.size):
        h = _BASIS
        for column in range(depth[number]):
            h = (h ^ rows[example[number], column]) * _PRIME
        slot = (h * _GOLDEN) >> np.uint64(32) & mask
        while keys[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        keys[slot], numbers[slot] = h, number
    return keys, numbers


@njit(cache=True, nogil=True)
def match(
    rows: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    found: NDArray[np.int32],
) -> None:
    """The longest skeleton that each row begins with.

    Args:
        rows: u64[n, WIDTH] tokens, in any order.
        keys: u64[S], from ``index_skeletons``.
        numbers: i32[S], from ``index_skeletons``.
        found: i32[n], filled; -1 for none.
    """
    mask = np.uint64(keys.size - 1)
    for row in range(rows.shape[0]):
        found[row] = -1
        h = _BASIS
        for column in range(WIDTH):
            token = rows[row, column]
            if token == 0:
                break
            h = (h ^ token) * _PRIME
            slot = (h * _GOLDEN) >> np.uint64(32) & mask
            while keys[slot] != 0:
                if keys[slot] == h:
                    found[row] = numbers[slot]
                    break
                slot = (slot + np.uint64(1)) & mask
