"""Worlds in which content does not matter, and normal scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.special import ndtri

from workbench.analysis.clusters.evidence import (
    Bundles,
    mean_score,
    merged_levels,
    normal_scores,
)
from workbench.analysis.signals.ties import Ties
from workbench.kernels.timing import UNKNOWN

NAN = math.nan
VALUES = st.lists(st.one_of(st.just(NAN), st.integers(-4, 4).map(float)), max_size=15)


def bundles(volume: list[int], accounts: list[int] | None = None) -> Bundles:
    n = len(volume)
    return Bundles(
        accounts=np.array([1] * n if accounts is None else accounts, dtype=np.int64),
        customer=np.arange(n, dtype=np.int32),
        created=np.full(n, UNKNOWN, dtype=np.int64),
        ties=Ties({}, np.arange(n, dtype=np.int32)),
        pairs=csr_matrix((n, n)),
        density=np.full(n, NAN),
        timing={},
        pace=np.full(n, NAN),
        volume=np.array(volume, dtype=np.int64),
    )


@given(
    st.lists(st.tuples(st.integers(0, 70), st.integers(1, 3)), max_size=30), st.integers(0, 2**16)
)
@settings(deadline=None)
def test_bundles_are_dealt_anew_within_a_level_of_volume(
    entities: list[tuple[int, int]], seed: int
) -> None:
    volume, accounts = [v for v, _ in entities], [n for _, n in entities]
    made = bundles(volume, accounts)
    carrier = made.repaired(np.random.default_rng(seed))
    # Every bundle is carried by exactly one entity: nothing is lost, nothing doubled.
    assert sorted(carrier.tolist()) == list(range(len(entities)))
    for entity, carried in enumerate(carrier.tolist()):
        if accounts[entity] > 1:
            assert carried == entity
        else:
            assert accounts[carried] == 1
            level = merged_levels(made.volume_level)
            assert level[entity] == level[carried]
    again = made.repaired(np.random.default_rng(seed))
    assert again.tobytes() == carrier.tobytes()


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        # The three loudest are 110 together; everybody else has enough.
        ([300, 300, 60, 30, 20], [0, 1, 2, 2, 2]),
        # A twentieth of 4,000 is more than a hundred.
        ([2_000, 1_850, 150], [0, 1, 1]),
        ([2_000, 1_800, 200], [0, 1, 2]),
        # Too few in the middle go with those below them, not with those above.
        ([400, 50, 200], [0, 0, 2]),
        ([3, 2, 1], [0, 0, 0]),
        ([7], [0]),
        ([0, 0, 500, 0, 150], [2, 2, 2, 4, 4]),
    ],
)
def test_levels_that_few_reach_are_one_with_the_next_below(
    sizes: list[int], expected: list[int]
) -> None:
    level = np.repeat(np.arange(len(sizes)), sizes)
    merged = merged_levels(level)
    wanted = np.repeat(expected, sizes)
    # Which number a level has is nothing: who is of one is.
    assert all(len(set(wanted[merged == one])) == 1 for one in np.unique(merged))
    assert len(np.unique(merged)) == len(np.unique(wanted))
    assert merged_levels(level[:0]).shape == (0,)


def test_a_world_is_really_another_one() -> None:
    made = bundles([32] * 200)
    worlds = [made.repaired(np.random.default_rng(seed)) for seed in range(2)]
    for world in worlds:
        assert (world == np.arange(200)).mean() < 0.05
    assert (worlds[0] == worlds[1]).mean() < 0.05


def test_every_order_of_bundles_is_as_likely() -> None:
    """Three entities of one level: six orders, a sixth each."""
    made, random = bundles([5, 6, 7]), np.random.default_rng(8)
    drawn = [tuple(made.repaired(random).tolist()) for _ in range(3_000)]
    shares = [drawn.count(order) / 3_000 for order in sorted(set(drawn))]
    assert shares == pytest.approx([1 / 6] * 6, abs=0.03)


def test_what_the_log_holds() -> None:
    made = bundles([1, 2])
    assert made.n_entities == 2
    assert not made.has_sign_ups
    assert made.tied_kinds == ()


@given(VALUES)
@settings(deadline=None)
def test_normal_scores_are_quantiles_of_mid_ranks(values: list[float]) -> None:
    found = normal_scores(np.array(values, dtype=float))
    known = [value for value in values if not math.isnan(value)]
    for value, score in zip(values, found, strict=True):
        if math.isnan(value):
            assert math.isnan(score)
        else:
            rank = sum(v < value for v in known) + (sum(v == value for v in known) + 1) / 2
            assert score == pytest.approx(float(ndtri((rank - 0.5) / len(known))), abs=1e-12)


def test_normal_scores_are_standard_and_know_no_scale() -> None:
    value = np.random.default_rng(9).exponential(50.0, 5_000) ** 3
    found = normal_scores(value)
    assert found.mean() == pytest.approx(0.0, abs=1e-9)
    assert found.std() == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(normal_scores(np.log(value)), found)


@given(st.integers(1, 4), st.data())
@settings(deadline=None)
def test_the_mean_score_is_of_those_assessed(signals: int, data: st.DataObject) -> None:
    n = 6
    rows = st.lists(st.one_of(st.just(NAN), st.integers(-2, 2).map(float)), min_size=n, max_size=n)
    scores = {f"s{i}": np.array(data.draw(rows)) for i in range(signals)}
    found = mean_score(scores, n)
    means = []
    for entity in range(n):
        known = [v[entity] for v in scores.values() if not math.isnan(v[entity])]
        means.append(sum(known) / len(known) if known else NAN)
    np.testing.assert_allclose(found, normal_scores(np.array(means)), atol=1e-9)
    assert found.tobytes() == mean_score(dict(reversed(scores.items())), n).tobytes()


def test_no_signal_gives_no_score() -> None:
    assert np.isnan(mean_score({}, 3)).all()
