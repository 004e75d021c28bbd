"""Digests of many strings at once, and tables that look them up.

Two hashes, each for what it is good at:

- BLAKE2b-128 (RFC 7693), unkeyed: the identity of a prompt or system prompt. It is stored, leaves
  the case in bundles, and anyone can recompute it.
- SipHash-1-3-128 (Aumasson and Bernstein, 2012; 128-bit output as in its reference code), keyed
  with a secret of the case: marks by which copies of a record are recognised. Logs are written by
  adversaries; without the key nobody can craft two records that look like copies of each other.

The tables are open addressing with linear probing, at most 70 % full. This room must not know
what is hashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_U: Final = np.uint64

# BLAKE2b's start values and word schedule (RFC 7693, sections 2.6 and 2.7).
_IV: Final = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    dtype=np.uint64,
)
_SIGMA: Final = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    dtype=np.uint8,
)
#: Parameter block of an unkeyed sequential hash with 16 bytes of output.
_PARAMETERS: Final = np.uint64(0x01010010)


@numba.njit(inline="always")
def _rotate_right(x, k):  # type: ignore[no-untyped-def]
    return (x >> k) | (x << (_U(64) - k))


@numba.njit(inline="always")
def _mix(a, b, c, d, x, y):  # type: ignore[no-untyped-def]
    a = a + b + x
    d = _rotate_right(d ^ a, _U(32))
    c = c + d
    b = _rotate_right(b ^ c, _U(24))
    a = a + b + y
    d = _rotate_right(d ^ a, _U(16))
    c = c + d
    b = _rotate_right(b ^ c, _U(63))
    return a, b, c, d


@numba.njit(nogil=True, cache=True)
def _compress(h: NDArray[np.uint64], m: NDArray[np.uint64], counter: np.uint64, last: bool) -> None:
    """One block of BLAKE2b (RFC 7693, section 3.2): ``m`` holds its 16 words."""
    v0, v1, v2, v3, v4, v5, v6, v7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
    v8, v9, v10, v11 = _IV[0], _IV[1], _IV[2], _IV[3]
    v12, v13, v14, v15 = _IV[4] ^ counter, _IV[5], _IV[6], _IV[7]
    if last:
        v14 = ~v14
    for r in range(12):
        s = _SIGMA[r]
        v0, v4, v8, v12 = _mix(v0, v4, v8, v12, m[s[0]], m[s[1]])
        v1, v5, v9, v13 = _mix(v1, v5, v9, v13, m[s[2]], m[s[3]])
        v2, v6, v10, v14 = _mix(v2, v6, v10, v14, m[s[4]], m[s[5]])
        v3, v7, v11, v15 = _mix(v3, v7, v11, v15, m[s[6]], m[s[7]])
        v0, v5, v10, v15 = _mix(v0, v5, v10, v15, m[s[8]], m[s[9]])
        v1, v6, v11, v12 = _mix(v1, v6, v11, v12, m[s[10]], m[s[11]])
        v2, v7, v8, v13 = _mix(v2, v7, v8, v13, m[s[12]], m[s[13]])
        v3, v4, v9, v14 = _mix(v3, v4, v9, v14, m[s[14]], m[s[15]])
    h[0] ^= v0 ^ v8
    h[1] ^= v1 ^ v9
    h[2] ^= v2 ^ v10
    h[3] ^= v3 ^ v11
    h[4] ^= v4 ^ v12
    h[5] ^= v5 ^ v13
    h[6] ^= v6 ^ v14
    h[7] ^= v7 ^ v15


@numba.njit(nogil=True, cache=True)
def blake2b_128(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """BLAKE2b with 16 bytes of output of every string of an Arrow string array.

    Args:
        offsets: Shape (n + 1,): string i is ``data[offsets[i]:offsets[i + 1]]``.
        data: The bytes.

    Returns:
        Shape (n, 2), little-endian words: ``.tobytes()`` of row i is the usual digest.
    """
    n = len(offsets) - 1
    out = np.empty((n, 2), np.uint64)
    h = np.empty(8, np.uint64)
    words = np.zeros(16, np.uint64)
    block = words.view(np.uint8)
    for i in range(n):
        start = np.int64(offsets[i])
        length = np.int64(offsets[i + 1]) - start
        for j in range(8):
            h[j] = _IV[j]
        h[0] ^= _PARAMETERS
        done = 0
        while length - done > 128:
            at = _U(start + done)  # unsigned: no test for negative indices, vector moves
            for j in range(_U(128)):
                block[j] = data[at + j]
            done += 128
            _compress(h, words, _U(done), False)
        for j in range(16):
            words[j] = _U(0)
        at = _U(start + done)
        for j in range(_U(length - done)):
            block[j] = data[at + j]
        _compress(h, words, _U(length), True)
        out[i, 0] = h[0]
        out[i, 1] = h[1]
    return out


# --- SipHash over rows, column by column -----------------------------------------------------
@numba.njit(inline="always")
def _sip_round(v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    v0 = v0 + v1
    v1 = _rotate_right(v1, _U(51)) ^ v0
    v0 = _rotate_right(v0, _U(32))
    v2 = v2 + v3
    v3 = _rotate_right(v3, _U(48)) ^ v2
    v0 = v0 + v3
    v3 = _rotate_right(v3, _U(43)) ^ v0
    v2 = v2 + v1
    v1 = _rotate_right(v1, _U(47)) ^ v2
    v2 = _rotate_right(v2, _U(32))
    return v0, v1, v2, v3


@numba.njit(nogil=True, cache=True)
def sip_start(n: int, key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """States of ``n`` rows before anything was absorbed.

    Args:
        n: Rows.
        key: Shape (2,), the secret.

    Returns:
        Shape (n, 4).
    """
    states = np.empty((n, 4), np.uint64)
    for i in range(n):
        states[i, 0] = key[0] ^ _U(0x736F6D6570736575)
        states[i, 1] = key[1] ^ _U(0x646F72616E646F6D) ^ _U(0xEE)
        states[i, 2] = key[0] ^ _U(0x6C7967656E657261)
        states[i, 3] = key[1] ^ _U(0x7465646279746573)
    return states


@numba.njit(nogil=True, cache=True)
def sip_words(
    states: NDArray[np.uint64], values: NDArray[np.uint64], valid: NDArray[np.bool_]
) -> None:
    """Absorb one word a row; rows that are not valid absorb nothing.

    Args:
        states: Shape (n, 4), changed in place.
        values: Shape (n,).
        valid: Shape (n,).
    """
    for i in range(len(values)):
        if not valid[i]:
            continue
        v0, v1, v2, v3 = states[i, 0], states[i, 1], states[i, 2], states[i, 3] ^ values[i]
        v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        states[i, 0], states[i, 1], states[i, 2], states[i, 3] = v0 ^ values[i], v1, v2, v3


@numba.njit(nogil=True, cache=True)
def sip_bytes(
    states: NDArray[np.uint64],
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8],
    valid: NDArray[np.bool_],
) -> None:
    """Absorb one string a row: its length, then its bytes padded to words with zeros.

    Args:
        states: Shape (n, 4), changed in place.
        offsets: Shape (n + 1,): string i is ``data[offsets[i]:offsets[i + 1]]``.
        data: The bytes.
        valid: Shape (n,); rows that are not valid absorb nothing.
    """
    for i in range(len(offsets) - 1):
        if not valid[i]:
            continue
        start = np.int64(offsets[i])
        length = np.int64(offsets[i + 1]) - start
        word = _U(length)
        v0, v1, v2, v3 = states[i, 0], states[i, 1], states[i, 2], states[i, 3] ^ word
        v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        v0 ^= word
        whole = length // 8
        for j in range(whole):
            # By unsigned indices, which need no test for negative ones, this is one load.
            b = _U(start + 8 * j)
            word = (
                _U(data[b])
                | _U(data[b + _U(1)]) << _U(8)
                | _U(data[b + _U(2)]) << _U(16)
                | _U(data[b + _U(3)]) << _U(24)
                | _U(data[b + _U(4)]) << _U(32)
                | _U(data[b + _U(5)]) << _U(40)
                | _U(data[b + _U(6)]) << _U(48)
                | _U(data[b + _U(7)]) << _U(56)
            )
            v3 ^= word
            v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
            v0 ^= word
        if length % 8:
            word = _U(0)
            for j in range(length % 8):
                word |= _U(data[start + 8 * whole + j]) << _U(8 * j)
            v3 ^= word
            v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
            v0 ^= word
        states[i, 0], states[i, 1], states[i, 2], states[i, 3] = v0, v1, v2, v3


@numba.njit(nogil=True, cache=True)
def sip_finish(states: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 128-bit marks, shape (n, 2), of states of shape (n, 4); the states are left as they are.

    What a row absorbed must say where each of its parts ends: no length is added here.
    """
    n = len(states)
    out = np.empty((n, 2), np.uint64)
    for i in range(n):
        v0, v1, v2, v3 = states[i, 0], states[i, 1], states[i, 2] ^ _U(0xEE), states[i, 3]
        for _ in range(3):
            v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        out[i, 0] = v0 ^ v1 ^ v2 ^ v3
        v1 ^= _U(0xDD)
        for _ in range(3):
            v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        out[i, 1] = v0 ^ v1 ^ v2 ^ v3
    return out
