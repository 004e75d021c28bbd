"""Entities: who is openly one customer. Open is joined, concealed is not, hubs join nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.hand_made import held_by
from workbench.analysis.clusters.entities import Entities, resolve_entities
from workbench.analysis.signals.ties import HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def resolve(
    n_accounts: int,
    shown: Mapping[str, Iterable[tuple[int, object]]],
    end_users: Iterable[int] = (),
) -> Entities:
    end_user = np.zeros(n_accounts, dtype=np.bool_)
    end_user[list(end_users)] = True
    held = {kind: held_by(pairs) for kind, pairs in shown.items()}
    return resolve_entities(held, n_accounts, end_user)


def all_show(value: object, *accounts: int) -> list[tuple[int, object]]:
    return [(account, value) for account in accounts]


def test_a_declared_organisation_joins() -> None:
    found = resolve(4, {"organisation": [*all_show("acme", 0, 2), *all_show("other", 3)]})
    assert found.entity.tolist() == [0, 1, 0, 2]
    assert found.how == (("organisation",), (), ())
    assert found.sizes.tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("kind", "reason"), [("network", "payer_network"), ("domain", "payer_domain")]
)
def test_one_payer_joins_only_with_a_network_or_a_mail_domain(kind: str, reason: str) -> None:
    payer = all_show("card", 0, 1, 2)
    alone = resolve(4, {"payment": payer})
    assert alone.entity.tolist() == [0, 1, 2, 3]
    joined = resolve(4, {"payment": payer, kind: all_show("x", 0, 1, 3)})
    # Account 2 pays alike but shows nothing else; account 3 shares the place, not the payer.
    assert joined.entity.tolist() == [0, 0, 1, 2]
    assert joined.how[0] == (reason,)


def test_payer_and_network_must_be_of_the_same_two_accounts() -> None:
    """0 and 1 share the payer, 1 and 2 the network: nobody shares both."""
    shown = {"payment": all_show("card", 0, 1), "network": all_show("net", 1, 2)}
    assert resolve(3, shown).entity.tolist() == [0, 1, 2]


def test_networks_and_domains_without_a_payer_join_nobody() -> None:
    shown = {"network": all_show("net", 0, 1), "domain": all_show("firm.example", 0, 1)}
    assert resolve(2, shown).entity.tolist() == [0, 1]


def test_reasons_chain_and_are_told_strongest_first() -> None:
    shown = {
        "organisation": all_show("acme", 0, 1),
        "payment": all_show("card", 1, 2, 3),
        "network": all_show("net", 1, 2),
        "domain": all_show("acme.example", 2, 3),
    }
    found = resolve(5, shown)
    assert found.entity.tolist() == [0, 0, 0, 0, 1]
    assert found.how == (("organisation", "payer_network", "payer_domain"), ())


def test_a_place_that_many_payers_stand_behind_is_a_hub() -> None:
    """A carrier or a mail provider: one payer's two accounts are joined by neither of them."""
    payers = [*all_show("card", 0, 1), *((account, f"p{account}") for account in range(2, 30))]
    for behind, joined in ((4, True), (5, False)):
        # ``card`` and that many others have the value; at most five payers may stand behind it.
        shown = {"payment": payers, "network": all_show("net", *range(2 + behind))}
        assert bool(resolve(30, shown).entity[1] == 0) is joined


def test_a_place_is_a_hub_by_its_payers_not_by_its_accounts() -> None:
    """A firm may give forty keys to one card and one office."""
    firm = range(40)
    shown = {"payment": all_show("card", *firm), "network": all_show("office", *firm)}
    assert resolve(60, shown).sizes[0] == 40


def test_accounts_without_a_payer_stand_each_for_themselves_behind_a_place() -> None:
    """A campus network where most pay nothing: whoever has no payer still makes it a hub."""
    shown = {"payment": all_show("card", 0, 1), "network": all_show("campus", *range(12))}
    assert resolve(20, shown).entity[:2].tolist() == [0, 1]


def test_a_card_that_too_many_hold_is_a_hub() -> None:
    for holders, joined in ((HUB, True), (HUB + 1, False)):
        shown = {
            "payment": all_show("prepaid", *range(holders)),
            "network": all_show("net", 0, 1),
        }
        assert bool(resolve(holders, shown).entity[1] == 0) is joined


def test_declared_end_users_split_a_reseller_but_their_customer_stays_known() -> None:
    shown = {"organisation": all_show("reseller", 0, 1, 2, 3), "payment": all_show("card", 0, 1, 2)}
    found = resolve(5, shown, end_users=[1, 2])
    assert found.entity.tolist() == [0, 1, 2, 0, 3]
    assert found.customer.tolist() == [0, 0, 0, 0, 1]
    assert found.how == (("organisation",), (), (), ())


def test_strangers_who_share_every_place_but_pay_apart_stay_strangers() -> None:
    """What a concealed campaign looks like: coordination counts between these."""
    shown: dict[str, list[tuple[int, object]]] = {
        "payment": [(account, f"card {account}") for account in range(6)],
        "network": all_show("vpn", *range(6)),
        "client": all_show("sdk", *range(6)),
    }
    assert resolve(6, shown).entity.tolist() == list(range(6))


def test_messages_say_how_accounts_were_joined() -> None:
    found = resolve(3, {"organisation": all_show("acme", 0, 1)})
    assert [json.loads(message) for message in found.messages()] == [
        {"key": "entity.joined", "params": {"n_accounts": 2, "reasons": ["organisation"]}},
        {"key": "entity.single", "params": {"n_accounts": 1, "reasons": []}},
    ]


def test_nobody_and_nothing_shown() -> None:
    assert resolve(0, {}).entity.tolist() == []
    assert resolve(0, {}).messages() == []
    assert resolve(3, {}).entity.tolist() == [0, 1, 2]


N = 7
VALUES = st.lists(st.tuples(st.integers(0, N - 1), st.sampled_from("abc")), max_size=12)


def slowly(shown: Mapping[str, list[tuple[int, str]]], end_users: set[int]) -> list[frozenset[int]]:
    """Groups by trying every pair; no value here has so many holders that it is a hub."""

    def values(kind: str, account: int) -> set[str]:
        return {value for who, value in shown.get(kind, []) if who == account}

    def share(kind: str, a: int, b: int) -> bool:
        return bool(values(kind, a) & values(kind, b))

    def open_pair(a: int, b: int) -> bool:
        place = share("network", a, b) or share("domain", a, b)
        return share("organisation", a, b) or (share("payment", a, b) and place)

    groups = [{account} for account in range(N)]
    for a in range(N):
        for b in range(N):
            if open_pair(a, b):
                one = next(group for group in groups if a in group)
                other = next(group for group in groups if b in group)
                if one is not other:
                    one |= other
                    groups.remove(other)
    split = [frozenset({who}) for who in end_users]
    return [frozenset(rest) for group in groups if (rest := group - end_users)] + split


@given(VALUES, VALUES, VALUES, VALUES, st.sets(st.integers(0, N - 1), max_size=2))
@settings(deadline=None, max_examples=200)
def test_groups_equal_those_of_every_pair_tried(
    organisation: list[tuple[int, str]],
    payment: list[tuple[int, str]],
    network: list[tuple[int, str]],
    domain: list[tuple[int, str]],
    end_users: set[int],
) -> None:
    # At most five holders of a value, so that none can be a hub by its payers.
    shown = {"organisation": organisation, "payment": payment}
    for kind, pairs in (("network", network), ("domain", domain)):
        kept = {value: sorted({a for a, v in pairs if v == value})[:5] for _, value in pairs}
        shown[kind] = [(account, value) for value, accounts in kept.items() for account in accounts]
    found = resolve(N, shown, end_users)
    groups: dict[int, set[int]] = {}
    for account, entity in enumerate(found.entity.tolist()):
        groups.setdefault(entity, set()).add(account)
    assert {frozenset(group) for group in groups.values()} == set(slowly(shown, end_users))
    # Dense, in order of first account.
    firsts = [min(groups[number]) for number in range(len(groups))]
    assert firsts == sorted(firsts)
