"""Who moved to a new model on its first day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.clusters.examine.given import looked_at
from tests.analysis.fakes import FakeCase
from tests.analysis.hand_made import DAY, HOUR, MONDAY, population
from workbench.analysis.clusters.examine.release_pivot import examine, newest
from workbench.analysis.clusters.examine.subject import FOR, NEITHER
from workbench.analysis.signals.recorded import Recorded
from workbench.kernels.timing import UNKNOWN
from workbench.services import wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

RELEASE = 5 * DAY
N_ORDINARY = 60


def log(eager: float, *, members: int = 8, days: int = 8, release: int = RELEASE) -> Population:
    """Everybody asks every three hours; members take the new model with this chance, others .1."""
    random = np.random.default_rng(6)
    sent, model = [], []
    for account in range(members + N_ORDINARY):
        times = [MONDAY + k * 3 * HOUR + account for k in range(days * 8)]
        sent.append([(t, 0) for t in times])
        chance = eager if account < members else 0.1
        model += [
            "new" if t >= MONDAY + release and random.random() < chance else "old" for t in times
        ]
    return population(sent, model=model)


def everybody(whole: Population) -> NDArray[np.bool_]:
    return np.ones(whole.n_accounts, dtype=np.bool_)


def test_an_eager_group_is_told_with_its_shares() -> None:
    whole = log(0.6)
    fact = examine(looked_at(whole, range(8)), whole)
    assert fact is not None
    told = fact.message.params
    assert fact.speaks == FOR
    assert fact.p == pytest.approx(1 / 1000)
    assert told["model"] == "new"
    assert told["n"] == 64
    new = (whole.recorded.model == whole.recorded.models.index("new")) & (whole.account >= 8)
    first = int(whole.ts[new].min())
    assert told["first_us"] == first
    day = (whole.ts >= first) & (whole.ts < first + DAY) & (whole.account < 8)
    new = whole.recorded.model == whole.recorded.models.index("new")
    assert fact.value == pytest.approx(float(new[day].mean()))
    assert told["low"] < 0.1 < told["high"] < told["share"]


def test_the_day_begins_with_somebody_elses_use() -> None:
    """Else a group that was first would have asked at least once in these hours by definition."""
    whole = log(0.6)
    first = int(whole.ts[whole.account >= 8].min())
    model = whole.recorded.model.copy()
    new = whole.recorded.models.index("new")
    # One of the members used it two days before anybody else.
    model[(whole.account == 0) & (whole.ts == first + 3 * DAY - 8)] = new
    assert (model == new).sum() == (whole.recorded.model == new).sum() + 1
    early = replace(whole, recorded=replace(whole.recorded, model=model))
    told = [examine(looked_at(one, range(8)), one) for one in (whole, early)]
    assert told[0] is not None
    assert told[0] == told[1]


def test_a_group_like_everybody_is_not() -> None:
    whole = log(0.1)
    fact = examine(looked_at(whole, range(8)), whole)
    assert fact is not None
    assert fact.speaks == NEITHER


def test_no_new_model_is_not_assessed() -> None:
    """A model that is there from the start, or one that next to nobody took up."""
    early = log(0.6, release=2 * DAY)
    assert newest(early, everybody(early)) is None
    assert examine(looked_at(early, range(8)), early) is None
    never = log(0.6, release=100 * DAY)
    assert newest(never, everybody(never)) is None
    alone = population([[(MONDAY, 0)]])
    assert newest(alone, everybody(alone)) is None


def test_a_group_that_was_away_on_the_day_is_not_assessed() -> None:
    whole = log(0.6)
    away = population(
        [[(MONDAY + k * HOUR, 0) for k in range(20)]]
        + [
            [(int(t), 0) for t in whole.ts[whole.offsets[a] : whole.offsets[a + 1]]]
            for a in range(whole.n_accounts)
        ],
        model=["old"] * 20 + [whole.recorded.models[m] for m in whole.recorded.model.tolist()],
    )
    assert newest(away, everybody(away)) is not None
    assert examine(looked_at(away, [0]), away) is None


def test_too_few_ordinary_customers_are_not_assessed() -> None:
    whole = log(0.6)
    members = range(N_ORDINARY - 10)
    assert examine(looked_at(whole, members), whole) is None


def test_a_release_date_says_when_a_model_came() -> None:
    whole = log(0.6, release=2 * DAY)
    assert (
        newest(whole, everybody(whole)) is None
    )  # too near the beginning of the log to be seen as new
    models = whole.recorded.models
    released = np.full(len(models), UNKNOWN)
    released[models.index("new")] = MONDAY + 4 * DAY
    said = replace(whole, recorded=replace(whole.recorded, released=released))
    assert newest(said, everybody(said)) == (models.index("new"), MONDAY + 4 * DAY)
    fact = examine(looked_at(said, range(8)), said)
    assert fact is not None
    assert fact.message.params["released"] is True
    assert fact.message.params["first_us"] == MONDAY + 4 * DAY
    assert "24 hours of new after its release (from 6 March 2026)" in wording.text(fact.message)
    told = examine(looked_at(log(0.6), range(8)), log(0.6))
    assert told is not None
    assert "released" not in told.message.params
    assert "24 hours of new among everybody else" in wording.text(told.message)


def test_releases_are_read_by_model() -> None:
    case = FakeCase(
        {"account_id": "a", "ts": MONDAY + n, "model": model, "prompt": "x"}
        for n, model in enumerate(("old", "new"))
    )
    case._insert("release", [{"model_id": 1, "released_us": MONDAY}])
    recorded = Recorded.load(case.engine(), np.array([1, 2]))
    assert recorded.models == ("old", "new")
    assert recorded.released is not None
    assert recorded.released.tolist() == [UNKNOWN, MONDAY]
