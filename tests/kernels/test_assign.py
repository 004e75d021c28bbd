"""Nearest centroids and landmarks against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.space.cells import Lists
from workbench.kernels.assign import nearest_centroid, padded


def unit(random: np.random.Generator, n: int, d: int = 32) -> np.ndarray:
    rows = random.normal(size=(n, d))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


@settings(max_examples=60)
@given(st.integers(0, 40), st.integers(1, 23), st.integers(0, 2**31))
def test_nearest_centroid(n: int, c: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    queries, centroids = unit(random, n), unit(random, c)
    nearest, similarity = np.empty(n, np.int32), np.empty(n, np.float32)
    nearest_centroid(queries, padded(centroids), c, nearest, similarity)
    truth = queries @ centroids.T
    np.testing.assert_allclose(similarity, truth.max(axis=1, initial=-2), atol=1e-5)
    np.testing.assert_allclose(truth[np.arange(n), nearest], similarity, atol=1e-5)


@settings(max_examples=60)
@given(st.integers(1, 30), st.integers(1, 60), st.integers(1, 9), st.integers(0, 2**31))
def test_looking_into_every_cell_is_exact(n: int, m: int, c: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    queries, landmarks, centroids = unit(random, n), unit(random, m), unit(random, c)
    cell, nearest, similarity = Lists.of(landmarks, centroids).search(queries, probes=c, count=3)
    np.testing.assert_array_equal(cell, (queries @ centroids.T).argmax(axis=1))
    truth = -np.sort(-(queries @ landmarks.T), axis=1)[:, :3]
    found = min(3, m)
    np.testing.assert_allclose(similarity[:, :found], truth, atol=1e-5)
    assert (nearest[:, found:] == -1).all()
    rows = np.arange(n)[:, None]
    np.testing.assert_allclose((queries @ landmarks.T)[rows, nearest[:, :found]], truth, atol=1e-5)


def test_fewer_probes_still_find_most() -> None:
    random = np.random.default_rng(0)
    middles = unit(random, 40)
    landmarks = np.repeat(middles, 25, axis=0) + 0.1 * unit(random, 1000)
    landmarks = (landmarks / np.linalg.norm(landmarks, axis=1, keepdims=True)).astype(np.float32)
    queries = landmarks[::7] + 0.05 * unit(random, len(landmarks[::7]))
    _, nearest, _ = Lists.of(landmarks, middles).search(queries, probes=4, count=1)
    truth = (queries @ landmarks.T).argmax(axis=1)
    assert (nearest[:, 0] == truth).mean() > 0.95


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64])
def test_an_answer_does_not_depend_on_the_block(block: int) -> None:
    """Bit for bit: this is what keeps old points where they are when a batch is added."""
    random = np.random.default_rng(1)
    lists = Lists.of(unit(random, 500), unit(random, 19))
    queries = unit(random, 130)
    cell, nearest, similarity = lists.search(queries, probes=3, count=2)
    for first in range(0, len(queries), block):
        part = lists.search(queries[first : first + block], probes=3, count=2)
        np.testing.assert_array_equal(part[0], cell[first : first + block])
        np.testing.assert_array_equal(part[1], nearest[first : first + block])
        assert part[2].tobytes() == similarity[first : first + block].tobytes()


def test_equals_go_to_the_first_and_zeros_nowhere() -> None:
    same = np.tile(unit(np.random.default_rng(2), 1), (6, 1))
    queries = np.vstack([same[:1], np.zeros_like(same[:1])])
    cell, nearest, _ = Lists.of(same, same[:2]).search(queries, probes=2, count=2)
    assert cell.tolist() == [0, -1]
    assert nearest.tolist() == [[0, 1], [-1, -1]]


def test_no_landmarks_no_neighbours() -> None:
    nothing = np.zeros((0, 32), np.float32)
    cell, nearest, _ = Lists.of(nothing, nothing).search(
        unit(np.random.default_rng(0), 2), probes=8, count=1
    )
    assert cell.tolist() == [-1, -1]
    assert nearest.tolist() == [[-1], [-1]]
