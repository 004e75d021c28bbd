"""Digests of many strings against hashlib and against a SipHash written as in the paper."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.kernels.hashing import blake2b_128, sip_bytes, sip_finish, sip_start, sip_words

_KEY = np.array([0x0706050403020100, 0x0F0E0D0C0B0A0908], np.uint64)
_MASK = 2**64 - 1


def _laid_out(values: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int32)
    return offsets, np.frombuffer(b"".join(values), np.uint8)


@pytest.fixture(autouse=True)
def _wrapping_is_meant() -> Iterator[None]:
    # Without the compiler, numpy warns of the wrap-around that these hashes are made of.
    with np.errstate(over="ignore"):
        yield


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_blake2b_is_hashlibs(values: list[bytes]) -> None:
    with np.errstate(over="ignore"):
        found = blake2b_128(*_laid_out(values))
    expected = [hashlib.blake2b(value, digest_size=16).digest() for value in values]
    assert [row.tobytes() for row in found] == expected


@pytest.mark.parametrize("length", [0, 1, 127, 128, 129, 255, 256, 257, 1000])
def test_blake2b_at_block_borders(length: int) -> None:
    value = bytes(range(256)) * 4
    offsets = np.array([3, 3 + length], np.int32)
    found = blake2b_128(offsets, np.frombuffer(value, np.uint8))
    expected = hashlib.blake2b(value[3 : 3 + length], digest_size=16).digest()
    assert found[0].tobytes() == expected


def _siphash_128(words: list[int], key: tuple[int, int], c: int, d: int) -> tuple[int, int]:
    """SipHash-c-d with 128 bits of output over words (Aumasson and Bernstein, 2012)."""

    def left(x: int, k: int) -> int:
        return ((x << k) | (x >> (64 - k))) & _MASK

    v = [
        key[0] ^ 0x736F6D6570736575,
        key[1] ^ 0x646F72616E646F6D ^ 0xEE,
        key[0] ^ 0x6C7967656E657261,
        key[1] ^ 0x7465646279746573,
    ]

    def rounds(n: int) -> None:
        for _ in range(n):
            v[0] = (v[0] + v[1]) & _MASK
            v[1] = left(v[1], 13) ^ v[0]
            v[0] = left(v[0], 32)
            v[2] = (v[2] + v[3]) & _MASK
            v[3] = left(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & _MASK
            v[3] = left(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & _MASK
            v[1] = left(v[1], 17) ^ v[2]
            v[2] = left(v[2], 32)

    for word in words:
        v[3] ^= word
        rounds(c)
        v[0] ^= word
    v[2] ^= 0xEE
    rounds(d)
    first = v[0] ^ v[1] ^ v[2] ^ v[3]
    v[1] ^= 0xDD
    rounds(d)
    return first, v[0] ^ v[1] ^ v[2] ^ v[3]


def test_the_reference_gives_the_published_vector() -> None:
    """vectors_sip128[0] of the authors' reference code: key 00..0f, empty message, 2-4 rounds."""
    first, second = _siphash_128([0], (int(_KEY[0]), int(_KEY[1])), 2, 4)
    digest = first.to_bytes(8, "little") + second.to_bytes(8, "little")
    assert digest.hex() == "a3817f04ba25a8e66df67214c7550293"


@given(st.lists(st.tuples(st.none() | st.binary(max_size=40), st.integers(0, _MASK))))
def test_rows_absorb_what_the_reference_absorbs(rows: list[tuple[bytes | None, int]]) -> None:
    n = len(rows)
    valid = np.array([text is not None for text, _ in rows], np.bool_)
    with np.errstate(over="ignore"):
        states = sip_start(n, _KEY)
        sip_words(states, np.array([word for _, word in rows], np.uint64), np.ones(n, np.bool_))
        sip_bytes(states, *_laid_out([text or b"" for text, _ in rows]), valid)
        found = sip_finish(states)
    for (text, word), (first, second) in zip(rows, found.tolist(), strict=True):
        words = [word]
        if text is not None:
            padded = text + bytes(-len(text) % 8)
            words.append(len(text))
            words += [int.from_bytes(padded[i : i + 8], "little") for i in range(0, len(padded), 8)]
        assert (first, second) == _siphash_128(words, (int(_KEY[0]), int(_KEY[1])), 1, 3)


def test_rows_that_are_not_valid_absorb_nothing() -> None:
    states = sip_start(2, _KEY)
    sip_words(states, np.array([7, 7], np.uint64), np.array([True, False]))
    assert (states[1] == sip_start(1, _KEY)[0]).all()
    assert (states[0] != states[1]).any()


def test_another_key_gives_other_marks() -> None:
    one, other = (sip_finish(sip_start(1, key)) for key in (_KEY, _KEY[::-1].copy()))
    assert (one != other).all()
