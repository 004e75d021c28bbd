"""When the chosen accounts signed up and were suspended, read from a real case."""

from pathlib import Path

import numpy as np
import pytest

from tests.services.planted import BEGIN_US, DAY_US, plant
from workbench.domain.account import AccountKey
from workbench.services.results import NO_TIME
from workbench.services.workspace import Workspace


def keys(*accounts: int) -> list[AccountKey]:
    return [AccountKey.parse(f"key:gateway:key-{a:05x}") for a in accounts]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(plant(moments=True).fill(tmp_path / "m.case"))


def test_each_chosen_account_has_its_sign_up(workspace: Workspace) -> None:
    with workspace:
        found = workspace.browsing.timeline(keys(3, 0, 2, 5), 60)
    assert found.signed_up.tolist() == [
        BEGIN_US - DAY_US,
        BEGIN_US - DAY_US,
        BEGIN_US + 3 * DAY_US,
        BEGIN_US + 5 * DAY_US,
    ]
    assert found.suspended.size == 0


def test_the_refusal_of_a_suspended_account_is_the_moment(workspace: Workspace) -> None:
    with workspace:
        found = workspace.browsing.timeline(keys(1, 2), 60)
        results = workspace._held.results()
    points = results.points
    assert points is not None
    mine = points.ts[(points.account == results.index_of["key:gateway:key-00001"])]
    assert found.suspended.tolist() == [int(mine[mine != NO_TIME].max())]


def test_without_a_choice_or_without_the_columns_there_are_none(
    workspace: Workspace, tmp_path: Path
) -> None:
    with workspace:
        everybody = workspace.browsing.timeline(None, 60)
    assert everybody.signed_up.size == everybody.suspended.size == 0
    with Workspace.open(plant().fill(tmp_path / "silent.case")) as silent:
        found = silent.browsing.timeline(keys(0, 1), 60)
    assert found.signed_up.size == found.suspended.size == 0
    assert np.asarray(found.chosen).sum() > 0


def test_accounts_that_the_reading_does_not_know_are_left_out(tmp_path: Path) -> None:
    planted = plant(moments=True)
    # Logs that came in after the analysis hold accounts that it has not seen.
    planted.rows.append(planted.rows[0] | {"account_id": "later", "ts": BEGIN_US})
    with Workspace.open(planted.fill(tmp_path / "m.case")) as workspace:
        found = workspace.browsing.timeline(keys(3), 60)
    assert found.signed_up.tolist() == [BEGIN_US + 3 * DAY_US]
