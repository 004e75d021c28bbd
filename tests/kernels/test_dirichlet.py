"""Dirichlet-multinomial arithmetic against the formulas written out on dense counts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln

from workbench.kernels import dirichlet

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def compress(dense: np.ndarray) -> Rows:
    """Compressed rows of dense counts, zeros left out."""
    indptr = np.concatenate([[0], np.cumsum((dense > 0).sum(axis=1))]).astype(np.int64)
    return indptr, np.nonzero(dense)[1].astype(np.int32), dense[dense > 0].astype(np.int64)


def slow_evidence(row: np.ndarray, alpha: np.ndarray) -> float:
    """Log DM of one row of one vocabulary: the textbook formula without the coefficient."""
    whole = gammaln(alpha.sum()) - gammaln(alpha.sum() + row.sum())
    return float(whole + (gammaln(alpha + row) - gammaln(alpha)).sum())


def slow_rows(dense: np.ndarray, starts: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.array(
        [[slow_evidence(row[a:b], alpha[a:b]) for a, b in pairwise(starts)] for row in dense]
    ).reshape(len(dense), len(starts) - 1)


def slow_factors(dense: np.ndarray, starts: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Log Bayes factor of every pair of rows: DM(a + b) / DM(a) DM(b)."""
    single = slow_rows(dense, starts, alpha).sum(axis=1)
    together = [slow_rows(dense + row, starts, alpha).sum(axis=1) for row in dense]
    factors: np.ndarray = np.array(together) - single[:, None] - single[None, :]
    return factors


@st.composite
def tables(draw: st.DrawFn, *, rows: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(dense counts, starts, alpha): few cells, so that rows meet; some counts beyond the table."""
    widths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    count = st.one_of(
        st.just(0), st.integers(0, 6), st.sampled_from([127, 128, 129, 255, 256, 257, 900])
    )
    n = draw(st.integers(1, rows))
    width = int(starts[-1])
    dense = np.array(draw(st.lists(count, min_size=n * width, max_size=n * width)), np.int64)
    weight = st.floats(1e-3, 60.0)
    alpha = np.array(draw(st.lists(weight, min_size=width, max_size=width)))
    return dense.reshape(n, width), starts, alpha


def test_the_formula_is_the_integral_that_defines_it() -> None:
    """Two cells: DM = integral of p^a (1 - p)^b under Beta(alpha), no coefficient."""
    alpha, row = np.array([0.7, 2.5]), np.array([3, 4])

    def chance(p: float) -> float:
        log_beta = gammaln(alpha).sum() - gammaln(alpha.sum())
        powers = alpha - 1.0 + row
        return float(np.exp(powers[0] * np.log(p) + powers[1] * np.log1p(-p) - log_beta))

    assert slow_evidence(row, alpha) == pytest.approx(np.log(quad(chance, 0.0, 1.0)[0]), rel=1e-8)


@given(st.lists(st.floats(1e-4, 500.0), max_size=6))
def test_rising_table(alpha: list[float]) -> None:
    weights = np.array(alpha, dtype=np.float64)
    table = dirichlet.rising_table(weights)
    steps = np.arange(dirichlet.TABLE)
    assert table.shape == (len(alpha), dirichlet.TABLE)
    expected = gammaln(weights[:, None] + steps) - gammaln(weights)[:, None]
    np.testing.assert_allclose(table, expected, rtol=1e-10, atol=1e-9)


@given(tables())
def test_row_totals_and_vocabularies(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    dense, starts, _ = drawn
    kind = dirichlet.vocabulary_of(starts)
    expected = [[row[a:b].sum() for a, b in pairwise(starts)] for row in dense]
    np.testing.assert_array_equal(dirichlet.row_totals(*compress(dense), starts), expected)
    for group, (begin, end) in enumerate(pairwise(starts)):
        assert (kind[begin:end] == group).all()
    assert len(kind) == starts[-1]


@given(tables())
def test_log_evidence(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    dense, starts, alpha = drawn
    table = dirichlet.rising_table(alpha)
    found = dirichlet.log_evidence(*compress(dense), starts, alpha, table)
    np.testing.assert_allclose(found, slow_rows(dense, starts, alpha), rtol=1e-9, atol=1e-7)
    empty = np.array([[row[a:b].sum() == 0 for a, b in pairwise(starts)] for row in dense])
    assert (found[empty] == 0.0).all()


@given(tables())
def test_transpose_turns_twice_into_itself(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    dense, _, _ = drawn
    columns = dirichlet.transpose(*compress(dense), dense.shape[1])
    for found, expected in zip(columns, compress(dense.T), strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    for found, expected in zip(
        dirichlet.transpose(*columns, dense.shape[0]), compress(dense), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


@given(tables())
def test_pair_factors(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    dense, starts, alpha = drawn
    left, right = (half.ravel() for half in np.indices((len(dense), len(dense))))
    found = dirichlet.pair_factors(
        left, right, *compress(dense), starts, alpha, dirichlet.rising_table(alpha)
    )
    expected = slow_factors(dense, starts, alpha)[left, right]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-6)


def partners_of(
    dense: np.ndarray, starts: np.ndarray, alpha: np.ndarray, k: int, floor: float, *cuts: int
) -> tuple[np.ndarray, np.ndarray]:
    """All rows, in one call or in blocks that begin at ``cuts``."""
    rows, table = compress(dense), dirichlet.rising_table(alpha)
    columns = dirichlet.transpose(*rows, dense.shape[1])
    blocks = [
        dirichlet.best_partners(first, last, *rows, starts, *columns, alpha, table, k, floor)
        for first, last in pairwise([0, *cuts, len(dense)])
    ]
    return np.concatenate([b[0] for b in blocks]), np.concatenate([b[1] for b in blocks])


@given(tables(rows=12), st.integers(1, 5), st.sampled_from([0.01, 0.5, 4.0]))
@settings(max_examples=200)
def test_best_partners(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray], k: int, floor: float
) -> None:
    """Against all pairs; where two are equal up to rounding, either order will do."""
    dense, starts, alpha = drawn
    factors = slow_factors(dense, starts, alpha)
    np.fill_diagonal(factors, -np.inf)
    partners, found = partners_of(dense, starts, alpha, k, floor)
    for row, everybody in enumerate(factors):
        best = np.sort(everybody)[::-1][:k]
        clear = np.abs(best - floor) > 1e-6
        expected = best[(best >= floor) & clear]
        got = found[row][partners[row] >= 0]
        if clear.all():
            assert len(got) == len(expected)
        np.testing.assert_allclose(got[: len(expected)], expected, rtol=1e-8, atol=1e-6)
        kept = partners[row][partners[row] >= 0]
        assert len(set(kept.tolist())) == len(kept)
        np.testing.assert_allclose(everybody[kept], got, rtol=1e-8, atol=1e-6)
        assert (found[row][partners[row] < 0] == -np.inf).all()


@given(tables(rows=12), st.data())
def test_blocks_of_rows_change_nothing(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    dense, starts, alpha = drawn
    cut = data.draw(st.integers(0, len(dense)))
    whole = partners_of(dense, starts, alpha, 3, 0.01)
    parts = partners_of(dense, starts, alpha, 3, 0.01, cut)
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_array_equal(whole[1], parts[1])


def test_equal_partners_come_in_the_order_of_rows() -> None:
    dense = np.tile([[5, 0, 2]], (6, 1))
    starts, alpha = np.array([0, 3]), np.array([0.5, 3.0, 0.5])
    partners, factors = partners_of(dense, starts, alpha, 3, 0.01)
    assert partners.tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2], [0, 1, 2]]
    assert len(set(factors.ravel())) == 1


def test_a_rare_cell_ties_more_than_a_common_one_and_strangers_repel() -> None:
    """Rows 0, 1 share a rare cell; 2, 3 the common one; 0 and 2 share none."""
    dense = np.array([[4, 0], [4, 0], [0, 4], [0, 4]])
    alpha = np.array([0.5, 20.0])
    found = dirichlet.pair_factors(
        np.array([0, 2, 0]),
        np.array([1, 3, 2]),
        *compress(dense),
        np.array([0, 2]),
        alpha,
        dirichlet.rising_table(alpha),
    )
    assert found[0] > found[1] > 0 > found[2]
