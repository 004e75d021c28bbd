"""Cells and their names."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.fakes import RecordingJob
from workbench.analysis.space.cells import fit_cells, name_cells
from workbench.domain.errors import CancelledError
from workbench.domain.progress import Job


def blobs(k: int, each: int, d: int = 48) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    middles = np.linalg.qr(random.normal(size=(d, k)))[0].T
    rows = np.repeat(middles, each, axis=0) + 0.05 * random.normal(size=(k * each, d))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), np.repeat(np.arange(k), each)


def test_separate_groups_become_separate_cells() -> None:
    vectors, truth = blobs(12, 40)
    centroids = fit_cells(vectors, 12, np.random.default_rng(3), RecordingJob())
    cell = (vectors @ centroids.T).argmax(axis=1)
    assert centroids.shape == (12, 48)
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-6)
    # Each group lies in one cell (k-means may merge a pair and split another).
    assert sum(len(set(cell[truth == group])) == 1 for group in range(12)) >= 10


@pytest.mark.parametrize(("n", "cells"), [(0, 0), (1, 1), (8, 1), (9, 2), (80, 10), (500, 16)])
def test_a_small_case_has_fewer_cells(n: int, cells: int) -> None:
    vectors = blobs(5, 100)[0][:n]
    found = fit_cells(vectors, 16, np.random.default_rng(0), RecordingJob())
    assert 0 < len(found) <= cells or n == cells == 0


def test_identical_vectors_are_one_cell() -> None:
    vectors = np.tile(blobs(1, 1)[0], (300, 1))
    assert len(fit_cells(vectors, 16, np.random.default_rng(0), RecordingJob())) == 1


def test_fitting_can_be_cancelled() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(CancelledError):
        fit_cells(blobs(5, 100)[0], 16, np.random.default_rng(0), job)


def test_names_are_words_that_tell_cells_apart() -> None:
    texts = [
        "How do I bake bread at home?", "Bread that is baked at home", "home made bread recipe",
        "How do I sort a Python list?", "Sort this list in Python", "is a Python list sorted",
        "红烧肉怎么做", "怎么做红烧肉", "请问红烧肉",
        "\x00\x1b[31m 12 12", "", "%%%",
    ]  # fmt: skip
    cell = np.repeat(np.arange(4, dtype=np.int32), 3)
    bread, python, pork, nothing = name_cells(texts, cell, 4)
    assert "bread" in bread.split(" · ")
    assert {"python", "list"} <= set(python.split(" · "))
    assert "红烧" in pork
    assert nothing == ""
