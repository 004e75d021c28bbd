"""Entities: accounts that are openly one customer, told apart from those that pose as strangers.

Open means that the identity fields agree: one declared organisation, or one payer (no hub)
together with one network or one mail domain (no hubs). Concealment is what coordination proves,
so nothing between the accounts of one customer counts as coordination. Declared end users split
a reseller: they are entities of their own, though their common customer stays known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.signals.ties import HUB, Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Kinds of values that tell whether two accounts are openly one customer.
TOLD_BY: Final = ("organisation", "payment", "network", "domain")
#: How an entity was told, the strongest reason first.
_REASONS: Final = ("organisation", "payer_network", "payer_domain")


@dataclass(frozen=True, slots=True)
class Entities:
    """Who is openly whom.

    Attributes:
        entity: i32[A], dense from 0 in order of first account.
        customer: i32[A], the same but for end users, who share their reseller's number.
        how: Per entity the reasons that joined its accounts; empty for a single account.
    """

    entity: NDArray[np.int32]
    customer: NDArray[np.int32]
    how: tuple[tuple[str, ...], ...]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """i64[E]: accounts of each entity."""
        return np.bincount(self.entity)

    def messages(self) -> list[str]:
        """Per entity the JSON message that says how its accounts were joined."""
        sizes = self.sizes
        return [
            json.dumps(
                {
                    "key": "entity.joined" if reasons else "entity.single",
                    "params": {"n_accounts": int(size), "reasons": list(reasons)},
                },
                sort_keys=True,
            )
            for size, reasons in zip(sizes, self.how, strict=True)
        ]


def resolve_entities(
    held: Mapping[str, Held], n_accounts: int, end_user: NDArray[np.bool_]
) -> Entities:
    """Join accounts whose identity fields agree.

    Args:
        held: Kind -> who holds each value; reads organisation, payment, network, domain.
        n_accounts: A.
        end_user: bool[A], accounts that are a customer's declared end users: each stays an
            entity of its own, for what its organisation or payer shows is the reseller's.
    """
    empty = Held.of(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    payers = held.get("payment", empty)
    groups: dict[str, Held] = {"organisation": held.get("organisation", empty)}
    for name, kind in (("payer_network", "network"), ("payer_domain", "domain")):
        groups[name] = _together(payers, held.get(kind, empty), n_accounts)
    customer = _components(groups.values(), n_accounts)
    entity = _dense(np.where(end_user, n_accounts + np.arange(n_accounts), customer))
    reasons: list[set[str]] = [set() for _ in range(int(entity.max(initial=-1)) + 1)]
    for name in _REASONS:
        group = groups[name]
        holder = group.holder
        for at in np.flatnonzero(group.sizes > 1):
            members = holder[group.offsets[at] : group.offsets[at + 1]]
            found, counts = np.unique(entity[members], return_counts=True)
            for number in found[counts > 1]:
                reasons[number].add(name)
    how = tuple(tuple(name for name in _REASONS if name in found) for found in reasons)
    return Entities(entity, _dense(customer), how)


def _together(payers: Held, other: Held, n_accounts: int) -> Held:
    """Accounts by (payer, other value) where neither is a hub."""
    payer, payer_of = _lists(payers, _no_hub(payers, payers, n_accounts))
    value, value_of = _lists(other, _no_hub(other, payers, n_accounts))
    by_account = np.argsort(value_of, kind="stable")
    value, value_of = value[by_account], value_of[by_account]
    low = np.searchsorted(value_of, payer_of, side="left")
    count = np.searchsorted(value_of, payer_of, side="right") - low
    at = np.repeat(low - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(
        int(count.sum())
    )
    width = len(other.offsets)
    return Held.of(np.repeat(payer_of, count), np.repeat(payer, count) * width + value[at])


def _lists(held: Held, keep: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    chosen = keep[held.value]
    return held.value[chosen], held.holder[chosen].astype(np.int64)


def _no_hub(held: Held, payers: Held, n_accounts: int) -> NDArray[np.bool_]:
    """bool[V]: values that few different payers stand behind (for payers: few accounts).

    A firm may give a hundred keys to one card and one office; a mail provider, a carrier or a
    prepaid card has many payers, or many holders, behind it.
    """
    most = min(HUB, max(5, n_accounts // 50))
    if held is payers:
        return held.sizes <= max(HUB, n_accounts // 50)
    payer = np.arange(n_accounts) + len(payers.offsets)
    payer[payers.holder] = payers.value
    pairs = np.unique(held.value * (n_accounts + len(payers.offsets)) + payer[held.holder])
    behind = np.bincount(
        pairs // (n_accounts + len(payers.offsets)), minlength=len(held.offsets) - 1
    )
    return behind <= most


def _components(groups: object, n_accounts: int) -> NDArray[np.int32]:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    links = [np.empty((2, 0), dtype=np.int64)]
    for group in groups:  # type: ignore[attr-defined]
        first = group.holder[np.minimum(group.offsets[:-1], max(len(group.holder) - 1, 0))]
        links.append(np.stack([first[group.value], group.holder]).astype(np.int64))
    left, right = np.concatenate(links, axis=1)
    graph = csr_matrix(
        (np.ones(len(left), dtype=np.int8), (left, right)), shape=(n_accounts, n_accounts)
    )
    return _dense(connected_components(graph, directed=False)[1])


def _dense(code: NDArray[np.generic]) -> NDArray[np.int32]:
    """Codes renumbered from 0 in order of first appearance."""
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first), dtype=np.int32)
    return rank[inverse]
