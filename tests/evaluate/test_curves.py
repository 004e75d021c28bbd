"""Curves against scikit-learn's, which was written by others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, homogeneity_completeness_v_measure

from workbench.evaluate.curves import average_precision, homogeneity_completeness


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=60))
def test_average_precision_with_ties(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([row[0] for row in rows])
    score = np.array([row[1] for row in rows], dtype=float)
    got = average_precision(truth, score)
    if not truth.any():
        assert math.isnan(got)
    else:
        assert got == pytest.approx(average_precision_score(truth, score))


def test_a_missing_score_ranks_last() -> None:
    truth = np.array([True, False, False])
    assert average_precision(truth, np.array([np.nan, 0.0, -9.0])) == pytest.approx(1 / 3)
    assert average_precision(truth, np.array([1.0, np.nan, np.nan])) == 1.0


def test_all_alike_is_the_prevalence() -> None:
    truth = np.array([True, False, False, False])
    assert average_precision(truth, np.zeros(4)) == pytest.approx(0.25)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=60))
def test_homogeneity_and_completeness(rows: list[tuple[int, int]]) -> None:
    truth, cluster = (np.array(column) for column in zip(*rows, strict=True))
    wanted = homogeneity_completeness_v_measure(truth, cluster)[:2]
    assert homogeneity_completeness(truth, cluster) == pytest.approx(wanted)


def test_nothing_to_tell_apart() -> None:
    none = np.array([], dtype=np.int64)
    assert homogeneity_completeness(none, none) == (1.0, 1.0)
