"""What is told beside a measure can be recounted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import DAY, MONDAY
from workbench.analysis.clusters import counts
from workbench.analysis.clusters.counts import on_average, sign_ups
from workbench.analysis.signals.ties import HUB, Held, held_values
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray


def held(*holders: list[int]) -> Held:
    """Value k, called chr(97 + k), is held by the accounts of holders[k]."""
    pairs = [(account, value) for value, who in enumerate(holders) for account in who]
    account, value = np.array(pairs, dtype=np.int64).T
    return Held.of(account, value, [chr(97 + k) for k in range(len(holders))])


def shared(
    held: Held, customer: NDArray[np.int32], accounts: NDArray[np.int64]
) -> dict[str, Any] | None:
    return counts.shared(held, counts.usual(held, customer), customer, accounts)


def test_who_shares_what_is_counted_among_the_members_only() -> None:
    # Account 9 is no member: what it shares with 3 ties no members.
    cards = held([0, 1, 2], [2, 4], [3, 9], [5])
    found = shared(cards, np.arange(10, dtype=np.int32), np.arange(8))
    assert found == {
        "n_known": 6,
        "n_values": 4,
        "n_sharing": 4,
        "most": 3,
        "values": [["a", 3], ["b", 2]],
    }


def test_accounts_of_one_customer_share_nothing_with_each_other() -> None:
    customer = np.array([0, 0, 1, 2], dtype=np.int32)
    found = shared(held([0, 1], [2, 3]), customer, np.arange(4))
    assert found is not None
    assert found["n_sharing"] == 2
    assert found["values"] == [["b", 2]]


def test_what_everybody_holds_ties_nobody() -> None:
    everybody = list(range(HUB + 5))
    found = shared(held(everybody, [0, 1]), np.arange(HUB + 5, dtype=np.int32), np.arange(HUB))
    assert found is not None
    assert found["n_known"] == HUB
    assert found["values"] == [["b", 2]]


def test_values_keep_the_words_of_the_log() -> None:
    """Two addresses of one network are one value; a client says by what it is known."""
    rows = [
        (7, "address", "198.51.100.9"), (3, "address", "203.0.113.1"),
        (5, "address", "203.0.113.77"), (3, "ja4", "t13d"), (5, "agent", "curl/8"),
        (7, "agent", "curl/8"),
    ]  # fmt: skip
    columns = zip(("account_id", "kind", "value"), zip(*rows, strict=True), strict=True)
    read = held_values(pa.table({name: list(column) for name, column in columns}),
                       {3: 0, 5: 1, 7: 2})  # fmt: skip
    customer = np.arange(3, dtype=np.int32)
    networks = shared(read["network"], customer, np.arange(3))
    clients = shared(read["client"], customer, np.arange(3))
    assert networks is not None
    assert clients is not None
    assert networks["values"] == [["203.0.113.0/24", 2]]
    assert clients["values"] == [["agent curl/8", 2]]


def test_one_who_shows_something_is_nobody_to_share_with() -> None:
    assert shared(held([0]), np.arange(3, dtype=np.int32), np.arange(3)) is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=1, max_size=12))
def test_pairs_of_sign_ups_are_those_within_five_days(days: list[int | None]) -> None:
    created = np.array([UNKNOWN if d is None else MONDAY + d * DAY for d in days], dtype=np.int64)
    known = [d for d in days if d is not None]
    found = sign_ups(created, np.arange(len(days)))
    if len(known) < 2:
        assert found is None
        return
    pairs = [(a, b) for i, a in enumerate(known) for b in known[:i]]
    assert found == {
        "n_known": len(known),
        "n_pairs": sum(abs(a - b) <= 5 for a, b in pairs),
        "n_all": len(pairs),
        "first_us": MONDAY + min(known) * DAY,
        "last_us": MONDAY + max(known) * DAY,
    }


def test_averages_leave_out_what_was_not_assessed() -> None:
    value = np.array([0.5, np.nan, 0.1, 0.0])
    assert on_average(value, "share", np.array([0, 1])) == {
        "mean": 0.5,
        "mean_all": pytest.approx(0.2),
        "unit": "share",
    }
    assert on_average(value, "share", np.array([1])) is None
