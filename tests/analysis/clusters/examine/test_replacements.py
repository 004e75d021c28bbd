"""Fresh accounts after suspensions: counted, beside the same suspensions at other times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.clusters.examine.given import looked_at
from tests.analysis.fakes import FakeCase
from tests.analysis.hand_made import DAY, HOUR, MONDAY, population
from workbench.analysis.clusters.examine.replacements import (
    REACH_US,
    examine,
    followed,
    load_suspended,
)
from workbench.analysis.clusters.examine.subject import NEITHER
from workbench.kernels.timing import UNKNOWN
from workbench.services import wording

if TYPE_CHECKING:
    from workbench.analysis.clusters.examine.subject import Fact

DAYS = 60
#: Never as far apart from each other, so that no move fits them all again.
LOST = (5, 9, 22, 50)


def told(lag_hours: float, *, lost: tuple[int, ...] = LOST, fresh: bool = True) -> Fact | None:
    """Each suspension (day) is followed by a sign-up so much later; all send through the log."""
    n = 2 * len(LOST)
    created: list[int | None] = [None] * len(LOST)
    created += [int(MONDAY + day * DAY + lag_hours * HOUR) if fresh else None for day in LOST]
    sent = [[(MONDAY, 0), (MONDAY + DAYS * DAY, 0)] for _ in range(n)]
    whole = population(sent, created=created)
    suspended = np.full(whole.n_accounts, UNKNOWN)
    suspended[: len(lost)] = [MONDAY + day * DAY for day in lost]
    return examine(replace(looked_at(whole, range(n)), suspended=suspended), whole)


def test_accounts_that_are_replaced_at_once() -> None:
    fact = told(12)
    assert fact is not None
    assert fact.value == 1.0
    assert fact.p is not None
    assert fact.p < 0.1
    assert fact.n_null == 999
    assert fact.message.params["high"] < 4
    # Nothing was measured of benign groups: it tells and speaks for nothing.
    assert fact.speaks == NEITHER
    assert wording.text(fact.message).startswith(
        "4 accounts were refused as suspended. Within 48 hours of 4 of these moments another one "
        "of it signed up, of 4 that did while it was active"
    )


def test_sign_ups_that_come_later_follow_nothing() -> None:
    fact = told(7 * 24)
    assert fact is not None
    assert fact.value == 0.0
    assert fact.p == 1.0


def test_too_little_is_not_assessed() -> None:
    assert told(12, lost=LOST[:2]) is None
    assert told(12, fresh=False) is None
    whole = population([[(MONDAY, 0)]])
    assert examine(looked_at(whole, [0]), whole) is None


@pytest.mark.parametrize(
    ("lost", "made", "n"),
    [
        ([0, 10], [10], 1),  # at the same moment is not after
        ([0], [REACH_US], 1),
        ([0], [REACH_US + 1], 0),
        ([0, 1, 2], [3], 3),
        ([5], [], 0),
    ],
)
def test_what_counts_as_followed(lost: list[int], made: list[int], n: int) -> None:
    assert followed(np.array(lost), np.array(made, dtype=np.int64)) == n


def test_suspensions_are_read_by_what_the_error_is_called() -> None:
    errors = [
        ("a", 3, "account_suspended"), ("a", 1, "rate_limit_error"), ("a", 2, "Deactivated"),
        ("b", 5, "overloaded_error"), ("c", 9, "user BANNED"), ("d", 4, None),
    ]  # fmt: skip
    case = FakeCase(
        {"account_id": name, "ts": MONDAY + at * HOUR, "error_type": error, "prompt": "x"}
        for name, at, error in errors
    )
    found = load_suspended(case.engine(), np.arange(4, dtype=np.int32))
    assert found.tolist() == [MONDAY + 2 * HOUR, UNKNOWN, MONDAY + 9 * HOUR, UNKNOWN]


def test_bans_of_a_table_stand_where_the_log_shows_no_suspension() -> None:
    case = FakeCase(
        {"account_id": name, "ts": MONDAY, "error_type": error, "prompt": "x"}
        for name, error in (("a", "account_suspended"), ("b", None), ("c", None))
    )
    case._insert(
        "event",
        [
            {"account_id": account, "at_us": MONDAY + at * HOUR, "event": event}
            for account, at, event in [
                (0, 7, "ban"), (1, 9, "ban"), (1, 5, "ban"), (2, 3, "rate-limit"),
            ]
        ],
    )  # fmt: skip
    found = load_suspended(case.engine(), np.arange(3, dtype=np.int32))
    assert found.tolist() == [MONDAY, MONDAY + 5 * HOUR, UNKNOWN]
