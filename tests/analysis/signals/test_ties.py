"""Who holds which value, against dictionaries of sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import held_by
from workbench.analysis.signals.ties import (
    HUB,
    KINDS,
    Held,
    Ties,
    held_values,
    network_of,
    strongest_share,
)

if TYPE_CHECKING:
    from random import Random

N = 6
PAIRS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(-5, 5)), max_size=30)
CUSTOMERS = st.lists(st.integers(0, 3), min_size=N, max_size=N).map(
    lambda drawn: np.unique(drawn, return_inverse=True)[1].astype(np.int32)
)


def holders_of(pairs: list[tuple[int, int]]) -> list[set[int]]:
    """Holders of each value, by ascending value."""
    values = sorted({value for _, value in pairs})
    return [{account for account, held in pairs if held == value} for value in values]


def made(pairs: list[tuple[int, int]]) -> Held:
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Held.of(*columns)


@given(PAIRS, st.randoms())
def test_held_is_holders_by_value_in_whatever_order_they_came(
    pairs: list[tuple[int, int]], random: Random
) -> None:
    held, expected = made(pairs), holders_of(pairs)
    found = [
        held.holder[a:b].tolist() for a, b in zip(held.offsets, held.offsets[1:], strict=False)
    ]
    assert found == [sorted(accounts) for accounts in expected]
    assert held.sizes.tolist() == [len(accounts) for accounts in expected]
    assert held.value.tolist() == [v for v, accounts in enumerate(expected) for _ in accounts]
    shuffled = random.sample(pairs, len(pairs))
    again = made([*shuffled, *shuffled])
    assert again.offsets.tobytes() == held.offsets.tobytes()
    assert again.holder.tobytes() == held.holder.tobytes()


@given(PAIRS, CUSTOMERS)
def test_evidence_and_strongest_share(pairs: list[tuple[int, int]], customer: np.ndarray) -> None:
    ties = Ties({"network": made(pairs)}, customer)
    expected = holders_of(pairs)
    customers = [{int(customer[account]) for account in accounts} for accounts in expected]
    assert ties.held["network"].shared_by(customer).tolist() == [len(c) for c in customers]
    n = len(set(customer.tolist()))
    assert ties.n_customers == n
    weight = [math.log(n / len(c)) if len(c) > 1 else 0.0 for c in customers]
    np.testing.assert_allclose(ties.evidence("network"), weight)
    best = strongest_share(ties, "network", N)
    for account in range(N):
        mine = [w for w, accounts in zip(weight, expected, strict=True) if account in accounts]
        if mine:
            assert best[account] == pytest.approx(max(mine))
        else:
            assert math.isnan(best[account])


def test_a_kind_that_is_not_in_the_log_is_not_assessed() -> None:
    assert np.isnan(strongest_share(Ties({}, np.arange(3, dtype=np.int32)), "network", 3)).all()


def test_network_operators_carry_a_quarter() -> None:
    """They are what most people of a place share."""
    held = held_by([(0, "x"), (1, "x"), *((a, a) for a in range(2, 30))])
    ties = Ties({"asn": held, "network": held}, np.arange(30, dtype=np.int32))
    assert KINDS["asn"] == 0.25
    np.testing.assert_allclose(ties.evidence("asn"), 0.25 * ties.evidence("network"))
    assert ties.evidence("network").max() == pytest.approx(math.log(15))


def test_hubs_are_counted_in_accounts_rarity_in_customers() -> None:
    """A firm that shares its office with one stranger: one key too many, and it is a hub."""
    n = 200
    for size, tied in ((HUB - 1, True), (HUB, False)):
        held = held_by([*((account, "office") for account in range(size)), (n - 1, "office")])
        customer = np.array([0] * size + list(range(1, n - size + 1)), dtype=np.int32)
        evidence = Ties({"network": held}, customer).evidence("network")
        assert bool(evidence[0] > 0) is tied


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        (" 10.1.2.255\n", "10.1.2.0/24"),
        ("::ffff:10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("10.1.2.xxx", "10.1.2.xxx"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def shown(*rows: tuple[int, str, str]) -> pa.Table:
    names = ("account_id", "kind", "value")
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def test_values_from_the_log() -> None:
    """Addresses meet as networks; JA3, JA4 and user agent are clients, but never the same one."""
    found = held_values(
        shown(
            (40, "address", "10.0.0.1"),
            (50, "address", "10.0.0.2"),
            (50, "address", "10.0.1.2"),
            (40, "agent", "x"),
            (50, "ja3", "x"),
            (60, "ja3", "x"),
            (60, "payment", "card"),
        ),
        {40: 0, 50: 1, 60: 2},
    )
    assert list(found) == ["client", "network", "payment"]

    def sets(kind: str) -> set[tuple[int, ...]]:
        held = found[kind]
        return {
            tuple(held.holder[a:b].tolist())
            for a, b in zip(held.offsets, held.offsets[1:], strict=False)
        }

    assert sets("network") == {(0, 1), (1,)}
    assert sets("client") == {(0,), (1, 2)}
    assert sets("payment") == {(2,)}


def test_nothing_shown() -> None:
    empty = pa.table({"account_id": pa.array([], pa.int32()), "kind": [], "value": []})
    assert held_values(empty, {}) == {}
    held = made([])
    assert held.sizes.tolist() == []
    assert held.shared_by(np.zeros(0, np.int32)).tolist() == []
