"""UMAP's kernels against the paper, written out slowly."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.kernels.umap import NEGATIVES, A, B, memberships, pull_and_push


@settings(max_examples=50)
@given(st.integers(2, 12), st.integers(0, 2**31))
def test_memberships_sum_to_the_logarithm(k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    distances = np.sort(random.random((6, k)).astype(np.float32) + 0.01, axis=1)
    indices = np.tile(np.arange(10, 10 + k, dtype=np.int32), (6, 1))
    distances[:, 0] = 0
    indices[:, 0] = np.arange(6)
    found = memberships(indices, distances)[:, 1:]
    distances = distances[:, 1:]
    assert (found[:, 0] == 1).all()
    assert (np.diff(found, axis=1) <= 0).all()
    for row, gaps in zip(found, distances - distances[:, :1], strict=True):
        # exp(-gap / width) with one width for all.
        inner = (row > 1e-6) & (gaps > 0)
        if inner.any():
            widths = -gaps[inner] / np.log(row[inner].astype(float))
            np.testing.assert_allclose(widths, widths[0], rtol=1e-2)
        if k >= 5:
            np.testing.assert_allclose(row.sum(), np.log2(k), atol=0.02)


def test_itself_and_none_are_no_neighbours() -> None:
    indices = np.array([[0, 1, -1], [1, 0, -1]], np.int32)
    distances = np.array([[0, 0.5, 2], [0, 0.5, 2]], np.float32)
    assert memberships(indices, distances).tolist() == [[0, 1, 0], [0, 1, 0]]
    same = memberships(np.array([[1, 2, 3]], np.int32), np.zeros((1, 3), np.float32))
    assert same.tolist() == [[1, 1, 1]]


def slow_descent(
    xy: np.ndarray, edges: list[tuple[int, int]], every: list[float], epochs: int, state: int
) -> None:
    """Algorithm 5, an edge after the other."""
    mask = 2**64 - 1
    due = list(every)
    due_negative = [interval / NEGATIVES for interval in every]
    for epoch in range(epochs):
        step = 1 - epoch / epochs
        for edge, (i, j) in enumerate(edges):
            if due[edge] > epoch:
                continue
            gap = xy[i] - xy[j]
            square = float(gap @ gap)
            if square > 0:
                pull = -2 * A * B * square ** (B - 1) / (1 + A * square**B)
                move = step * np.clip(pull * gap, -4, 4)
                xy[i] += move
                xy[j] -= move
            due[edge] += every[edge]
            pushes = int((epoch - due_negative[edge]) / (every[edge] / NEGATIVES))
            for _ in range(pushes):
                state = (state + 0x9E3779B97F4A7C15) & mask
                z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
                z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
                other = ((z >> 32) * len(xy)) >> 32
                gap = xy[i] - xy[other]
                square = float(gap @ gap)
                if other != i and square > 0:
                    push = 2 * B / ((0.001 + square) * (1 + A * square**B))
                    xy[i] += step * np.clip(push * gap, -4, 4)
            due_negative[edge] += pushes * (every[edge] / NEGATIVES)


def test_the_descent_as_the_paper_says() -> None:
    random = np.random.default_rng(4)
    start = random.normal(size=(9, 2))
    edges = [(i, (i + d) % 9) for i in range(9) for d in (1, 3)]
    every = np.array([1.0, 2.5] * 9)
    fast, slow = start.astype(np.float32), start.copy()
    heads, tails = np.array(edges, np.int32).T.copy()
    due, due_negative, state = every.copy(), every / NEGATIVES, np.array([99], np.uint64)
    for epoch in range(6):
        pull_and_push(fast, heads, tails, every, due, due_negative, epoch, epoch + 1, 6, state)
    slow_descent(slow, edges, every.tolist(), 6, 99)
    np.testing.assert_allclose(fast, slow, atol=1e-3)
    assert np.abs(fast - start).max() > 0.1


def test_lighter_edges_are_drawn_less_often() -> None:
    xy = np.array([[0, 0], [9, 0], [0, 5], [9, 5]], np.float32)
    every = np.array([1.0, 50.0])
    heads, tails = np.array([0, 2], np.int32), np.array([1, 3], np.int32)
    pull_and_push(
        xy, heads, tails, every, every.copy(), every / NEGATIVES, 0, 30, 30,
        np.array([1], np.uint64),
    )  # fmt: skip
    assert np.linalg.norm(xy[0] - xy[1]) < np.linalg.norm(xy[2] - xy[3])
