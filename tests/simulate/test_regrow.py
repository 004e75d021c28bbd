"""A campaign before and after a ban: one operator, nobody twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import pytest

from workbench.domain.progress import Job
from workbench.simulate.library import GrammarLibrary
from workbench.simulate.regrow import first_of, halves_of, log_with
from workbench.simulate.scenario import Operator

if TYPE_CHECKING:
    from workbench.simulate.plant import Planted
    from workbench.simulate.traffic import Traffic

LIBRARY = GrammarLibrary()


@pytest.fixture(scope="module")
def halves() -> tuple[Planted, Planted]:
    return halves_of(
        Operator(), accounts=12, exchanges=960, days=20, seed=4, library=LIBRARY, job=Job()
    )


def log(planted: Planted | None, seed: int) -> Traffic:
    return log_with(planted, exchanges=1_500, accounts=120, seed=seed, library=LIBRARY, job=Job())


def test_both_halves_begin_at_their_own_beginning(halves: tuple[Planted, Planted]) -> None:
    for half in halves:
        assert 0 < half.n_accounts <= 12
        assert half.days.min() >= 0.0
        assert half.days.max() < 20.0
        assert len(half.created) == half.n_accounts
        assert (np.diff(half.account) >= 0).all()
        assert set(half.account.tolist()) == set(range(half.n_accounts))


def test_a_regrowth_of_a_few(halves: tuple[Planted, Planted]) -> None:
    few = first_of(halves[1], 3)
    assert few.n_accounts == 3
    assert len(few.days) == int((halves[1].account < 3).sum())


def test_nobody_is_in_both_logs_and_people_share_the_log(halves: tuple[Planted, Planted]) -> None:
    before, after = (log(half, seed) for half, seed in zip(halves, (1, 2), strict=True))
    named = []
    for traffic, half in ((before, halves[0]), (after, halves[1])):
        campaign = traffic.truth.filter(pc.equal(traffic.truth["campaign_id"], "C1"))
        assert campaign.num_rows == half.n_accounts
        assert traffic.truth.num_rows == 120 + half.n_accounts
        assert set(traffic.truth["account_id"].to_pylist()) >= set(
            traffic.exchanges["account_id"].unique().to_pylist()
        )
        named.append(set(campaign["account_id"].to_pylist()))
    assert not named[0] & named[1]
    times = pc.sort_indices(after.exchanges, [("ts", "ascending")]).to_numpy()
    assert (np.diff(times) > 0).all()


def test_the_same_seed_is_the_same_log(halves: tuple[Planted, Planted]) -> None:
    assert log(halves[0], 1).exchanges.equals(log(halves[0], 1).exchanges)
    assert log(None, 1).exchanges.num_rows == 1_500
