"""One statistic far below ordinary must not outvote the others."""

import numpy as np

from workbench.analysis.clusters.calibrate import cauchy_mean


def test_a_p_of_one_does_not_silence_a_small_one() -> None:
    p = np.array([[1e-9, 1e-9, 0.5], [0.5, 1.0, 1.0]])
    combined = cauchy_mean(p)
    assert combined[0] < 1e-8
    assert combined[1] < 1e-8
    assert combined[2] > 0.5


def test_what_is_not_assessed_is_left_out() -> None:
    p = np.array([[0.01, np.nan], [np.nan, np.nan]])
    combined = cauchy_mean(p)
    assert np.isclose(combined[0], 0.01, rtol=0.01)
    assert np.isnan(combined[1])


def test_a_weight_counts_as_so_many_of_the_same() -> None:
    p = np.array([[0.001, 0.5, np.nan], [0.3, 0.02, 0.2], [0.9, 0.4, np.nan]])
    weighted = cauchy_mean(p, np.array([3.0, 1.0, 2.0]))
    np.testing.assert_allclose(weighted, cauchy_mean(p[[0, 0, 0, 1, 2, 2]]))
    np.testing.assert_allclose(cauchy_mean(p, np.full(3, 7.0)), cauchy_mean(p))
