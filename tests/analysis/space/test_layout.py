"""Layouts: small cases, what is kept of neighbourhoods, and stopping."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.fakes import RecordingJob
from tests.analysis.space.test_cells import blobs
from workbench.analysis.space.layout import (
    FEWEST,
    RADIUS,
    fit_layout,
    fitted_to_map,
    neighbours,
    principal_plane,
)
from workbench.domain.errors import CancelledError


def laid_out(vectors: np.ndarray, seed: int = 0) -> np.ndarray:
    return fit_layout(vectors, np.random.default_rng(seed), RecordingJob())


def test_nothing_and_one_and_all_the_same() -> None:
    vectors = blobs(4, 20)[0]
    assert laid_out(vectors[:0]).shape == (0, 2)
    assert laid_out(vectors[:1]).tolist() == [[0, 0]]
    same = laid_out(np.tile(vectors[:1], (200, 1)))
    assert same.shape == (200, 2)
    assert not same.any()


def test_few_vectors_lie_in_their_principal_plane() -> None:
    vectors, truth = blobs(3, 12)
    assert len(vectors) < FEWEST
    xy = laid_out(vectors)
    np.testing.assert_array_equal(xy, laid_out(vectors, seed=1))
    assert np.abs(xy).max() == pytest.approx(RADIUS, rel=0.2)
    middles = np.array([xy[truth == group].mean(axis=0) for group in range(3)])
    nearest = np.linalg.norm(xy[:, None] - middles, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, truth)


def test_two_vectors_span_a_line() -> None:
    plane = principal_plane(blobs(2, 1)[0])
    assert plane.shape == (2, 2)
    assert abs(plane[0, 0] - plane[1, 0]) > 1
    assert np.allclose(plane[:, 1], 0)


def test_neighbours_are_nearly_exact() -> None:
    random = np.random.default_rng(0)
    vectors = np.vstack([blobs(30, 40)[0], blobs(7, 30)[0]])
    vectors = vectors[random.permutation(len(vectors))]
    indices, distances = neighbours(vectors, 10, random, RecordingJob())
    similar = vectors @ vectors.T
    truth = np.argsort(-similar, axis=1, kind="stable")[:, :10]
    shared = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(indices, truth, strict=True)])
    assert shared > 0.95
    assert (np.diff(distances, axis=1) >= 0).all()
    assert (indices[:, 0] == np.arange(len(vectors))).mean() > 0.95


def test_outlying_islands_are_drawn_in_and_stay_in_order() -> None:
    random = np.random.default_rng(0)
    plane = random.normal(size=(1000, 2))
    plane[:3] = [[50, 0], [400, 0], [0, -90]]
    xy = fitted_to_map(plane)
    assert np.isfinite(xy).all()
    radius = np.linalg.norm(xy, axis=1)
    assert radius[1] > radius[2] > radius[0] > np.quantile(radius, 0.9)
    assert radius[1] < 6 * np.quantile(radius, 0.9)


def test_groups_stay_together_and_the_same_seed_gives_the_same_bytes() -> None:
    vectors, truth = blobs(12, 40)
    xy = laid_out(vectors)
    assert xy.tobytes() == laid_out(vectors).tobytes()
    assert xy.tobytes() != laid_out(vectors, seed=1).tobytes()
    assert np.isfinite(xy).all()
    gaps = np.linalg.norm(xy[:, None] - xy, axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argpartition(gaps, 10, axis=1)[:, :10]
    assert (truth[nearest] == truth[:, None]).mean() > 0.97


def test_cancel_stops_between_epochs() -> None:
    job = RecordingJob(cancel_at="Drawing the map")
    with pytest.raises(CancelledError):
        fit_layout(blobs(20, 20)[0], np.random.default_rng(0), job)
    assert len([done for _, done in job.reports if done]) <= 1
