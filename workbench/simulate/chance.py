"""Chance: generators by (seed, stage) and a stateless hash for choices that must repeat.

Every random number of the simulator comes from here. A draw that several rows must share (the
wording of one prompt) is a hash of its seed, so that equal seeds give equal text in any order.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def generator(seed: int, stage: str) -> np.random.Generator:
    """The generator of one stage: the same for the same seed and name, independent of others."""
    word = int.from_bytes(hashlib.blake2b(stage.encode(), digest_size=8).digest(), "little")
    return np.random.default_rng(np.random.SeedSequence([seed, word]))


def salt(name: str) -> np.uint64:
    """A fixed 64-bit number for a name."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big"))


def scramble(seeds: NDArray[np.uint64], by: np.uint64) -> NDArray[np.uint64]:
    """splitmix64's finaliser over ``seeds`` + ``by`` (Steele, Lea, Flood 2014).

    Args:
        seeds: Shape (n,).
        by: Which of the independent streams.

    Returns:
        Shape (n,), uniform 64-bit words.
    """
    z = np.atleast_1d(seeds).astype(np.uint64) * _GOLDEN + by
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


def below(seeds: NDArray[np.uint64], by: np.uint64, count: int) -> NDArray[np.int64]:
    """A number in [0, count) for each seed."""
    drawn: NDArray[np.uint64] = scramble(seeds, by) % np.uint64(count)
    return np.asarray(drawn.astype(np.int64))


def uniform(seeds: NDArray[np.uint64], by: np.uint64) -> NDArray[np.float64]:
    """A number in [0, 1) for each seed."""
    bits: NDArray[np.uint64] = scramble(seeds, by) >> np.uint64(11)
    return bits.astype(np.float64) * 2.0**-53


def pick(
    rng: np.random.Generator, weights: NDArray[np.float64], size: int | tuple[int, ...]
) -> NDArray[np.int64]:
    """Indices drawn with replacement in proportion to ``weights`` (any positive scale)."""
    cumulative = np.cumsum(weights)
    drawn = rng.random(size) * cumulative[-1]
    index = np.searchsorted(cumulative, drawn, side="right")
    return np.asarray(np.minimum(index, len(weights) - 1), dtype=np.int64)


def zipf_weights(count: int, exponent: float) -> NDArray[np.float64]:
    """Weights rank^-exponent, summing to 1."""
    weights = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def split_total(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers of at least 1 that sum to ``total``, near proportion to ``weights``.

    Raises:
        ValueError: ``total`` is less than one for each weight.
    """
    count = len(weights)
    if total < count:
        raise ValueError("fewer things than places")
    share = weights / weights.sum() * (total - count)
    whole = np.floor(share).astype(np.int64)
    left = total - count - int(whole.sum())
    order = np.argsort(-(share - whole), kind="stable")
    whole[order[:left]] += 1
    return np.asarray(whole + 1)


def hexes(seed: int, stage: str, count: int, digits: int) -> NDArray[Any]:
    """``count`` distinct-looking hex strings; the i-th depends on seed, stage and i only.

    Args:
        seed: Root of the simulation.
        stage: What the strings name.
        count: How many.
        digits: Length of each, at most 64.
    """
    words = -(-digits // 16)
    base = salt(f"{seed}/{stage}")
    index = np.arange(count * words, dtype=np.uint64)
    raw = scramble(index, base).astype(">u8").tobytes().hex()
    size = words * 16
    return np.array([raw[i * size : i * size + digits] for i in range(count)], dtype=object)
