"""Sums over neighbours against plain loops over a dense matrix."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from workbench.kernels import neighbours

UNKNOWN = -(2**63)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """(partner i32[A, K] with gaps anywhere, carrier i64[A], a permutation)."""
    n, k = draw(st.integers(1, 7)), draw(st.integers(0, 4))
    places = draw(st.lists(st.integers(-1, n - 1), min_size=n * k, max_size=n * k))
    carrier = draw(st.permutations(range(n)))
    return np.array(places, dtype=np.int32).reshape(n, k), np.array(carrier, dtype=np.int64)


@given(st.lists(st.lists(st.sampled_from([0, 0, 1, 2.5]), min_size=5, max_size=5), min_size=1))
def test_tie_of_reads_a_compressed_matrix(rows: list[list[float]]) -> None:
    dense = np.array(rows)
    held = csr_matrix(dense)
    held.sort_indices()
    for row in range(len(dense)):
        for column in range(dense.shape[1]):
            found = neighbours.tie_of(held.indptr, held.indices, held.data, row, column)
            assert found == dense[row, column]


@given(graphs(), st.data())
def test_pooled_ties(drawn: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    partner, carrier = drawn
    n = len(partner)
    values = st.lists(st.sampled_from([0.0, 0.0, 1.0, 3.0]), min_size=n * n, max_size=n * n)
    dense = np.array(data.draw(values)).reshape(n, n)
    held = csr_matrix(dense)
    expected = [
        sum(dense[carrier[row], carrier[other]] for other in partner[row] if other >= 0)
        for row in range(n)
    ]
    found = neighbours.pooled_ties(partner, carrier, held.indptr, held.indices, held.data)
    np.testing.assert_allclose(found, expected)


@given(graphs(), st.data(), st.integers(0, 5))
def test_pooled_near(drawn: tuple[np.ndarray, np.ndarray], data: st.DataObject, reach: int) -> None:
    partner, carrier = drawn
    n = len(partner)
    time = st.one_of(st.just(UNKNOWN), st.integers(-6, 6))
    at = np.array(data.draw(st.lists(time, min_size=n, max_size=n)), dtype=np.int64)
    near, known = neighbours.pooled_near(partner, carrier, at, reach, UNKNOWN)
    for row in range(n):
        own = int(at[carrier[row]])
        theirs = [int(at[carrier[other]]) for other in partner[row] if other >= 0]
        timed = [t for t in theirs if t != UNKNOWN and own != UNKNOWN]
        assert known[row] == len(timed)
        assert near[row] == sum(abs(t - own) <= reach for t in timed)


@given(graphs(), st.data())
def test_pooled_scores(drawn: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    """The row itself counts, too; what is not known counts nowhere."""
    partner, carrier = drawn
    n = len(partner)
    score = st.one_of(st.just(math.nan), st.integers(-3, 3).map(float))
    scores = np.array(data.draw(st.lists(score, min_size=n, max_size=n)))
    total, known = neighbours.pooled_scores(partner, carrier, scores)
    for row in range(n):
        carried = [scores[carrier[row]], *(scores[carrier[o]] for o in partner[row] if o >= 0)]
        counted = [value for value in carried if not math.isnan(value)]
        assert known[row] == len(counted)
        assert total[row] == sum(counted)


def test_a_reshuffle_that_moves_everybody_along_changes_nothing_in_total() -> None:
    """Rows renamed together with their neighbours keep their sums."""
    random = np.random.default_rng(5)
    n = 20
    partner = random.integers(-1, n, (n, 4)).astype(np.int32)
    at = random.integers(0, 30, n)
    moved = random.permutation(n)
    renamed = np.where(partner >= 0, moved[partner], -1)[np.argsort(moved)].astype(np.int32)
    same = np.arange(n)
    before, _ = neighbours.pooled_near(partner, same, at, 3, UNKNOWN)
    after, _ = neighbours.pooled_near(renamed, same, at[np.argsort(moved)], 3, UNKNOWN)
    np.testing.assert_array_equal(after[moved], before)
    assert before.any()
