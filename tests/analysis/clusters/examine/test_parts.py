"""Two operators in one cluster: told apart by what they ask and by what they share, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.clusters.examine.given import looked_at
from tests.analysis.hand_made import MONDAY, population
from workbench.analysis.clusters.examine import parts
from workbench.analysis.clusters.examine.parts import Lists, examine, shared_values
from workbench.analysis.clusters.examine.subject import AGAINST, NEITHER
from workbench.services import wording

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

EACH, CELLS, POOL = 20, 30, 5
#: Accounts of each list.
SIZES = (26, 14)


def two(*, lists: int = 2, pools: int = 2, cards: bool = True, seed: int = 0) -> Population:
    """Accounts of one or two lists, who pool cards by list or at random, in fives.

    Args:
        lists: How many lists they work off.
        pools: 2: whoever shares a card asks off the same list; 1: anybody does.
        cards: Whether the log has cards.
        seed: Of everything drawn.
    """
    random = np.random.default_rng(seed)
    n = sum(SIZES)
    of = (np.arange(n) >= SIZES[0]).astype(int) * (lists - 1)
    tastes = random.dirichlet(np.full(CELLS, 0.4), lists)
    sent: list[list[tuple[int | None, int | None]]] = []
    cell: list[int] = []
    for who in range(n):
        asked = random.choice(CELLS, EACH, p=tastes[of[who]])
        sent.append([(MONDAY + k, len(cell) + k) for k in range(EACH)])
        cell.extend(asked.tolist())
    order = np.arange(n) if pools == 2 else random.permutation(n)
    # Pools of the second list begin anew, so that no card is held by both.
    card = np.arange(n) // POOL + 100 * (np.arange(n) >= SIZES[0])
    held = [(int(order[k]), int(card[k])) for k in range(n)]
    return population(sent, cell=cell, shown={"payment": held} if cards else {}, seed=seed)


@pytest.mark.parametrize("seed", range(3))
def test_two_lists_that_share_nobody_are_two_parts(seed: int) -> None:
    made = two(seed=seed)
    fact = examine(looked_at(made, range(made.n_accounts)), made)
    assert fact is not None
    assert fact.p == pytest.approx(0.01)
    assert (fact.speaks, fact.n_null) == (AGAINST, 99)
    params = fact.message.params
    assert params["n"] == [26, 14]
    assert params["places"] == list(range(26, 40))
    assert (params["across"], fact.value) == (0, 0.0)
    said = wording.text(fact.message)
    assert "It falls into two parts, of 26 and 14 accounts" in said
    assert "0 pairs of accounts across them share a card" in said
    assert 0 < params["low"] <= params["high"]
    assert f"{params['low']:,.0f} to {params['high']:,.0f} (p = 0.01)" in said


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("lists", "pools"), [(1, 2), (2, 1), (1, 1)])
def test_one_list_or_cards_across_is_no_two_parts(lists: int, pools: int, seed: int) -> None:
    made = two(lists=lists, pools=pools, seed=seed)
    fact = examine(looked_at(made, range(made.n_accounts)), made)
    if fact is None:
        return  # whichever way it began, it ended as a whole
    assert fact.p is not None
    assert fact.p > 0.01
    assert fact.speaks == NEITHER
    assert fact.message.params["places"] == []
    assert "It does not fall into two parts" in wording.text(fact.message)


def test_dealt_by_chance_p_is_uniform_enough() -> None:
    """One list, cards at random: p is at or below a tenth no more often than in a tenth of logs."""
    low, known = 0, 0
    for seed in range(20, 60):
        made = two(lists=2, pools=1, seed=seed)
        fact = examine(looked_at(made, range(made.n_accounts), seed), made)
        known += fact is not None
        low += fact is not None and fact.p is not None and fact.p <= 0.1
    assert known > 20
    # P(more than 10 of 40 at .1) is 2 in 1,000.
    assert low <= 10


@pytest.mark.parametrize("cards", [True, False])
def test_few_accounts_and_nothing_shared_are_not_parted(cards: bool) -> None:
    made = two(cards=cards)
    few = range(2 * 8 - 1) if cards else range(made.n_accounts)
    assert examine(looked_at(made, few), made) is None


def test_a_large_cluster_is_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MOST", 30)
    made = two()
    fact = examine(looked_at(made, range(made.n_accounts)), made)
    assert fact is not None
    assert (fact.message.params["n_looked_at"], fact.message.params["n_accounts"]) == (30, 40)
    assert "30 of its accounts, drawn at random" in wording.text(fact.message)


def test_a_list_is_weighed_without_the_account_that_is_weighed() -> None:
    """Two accounts, three regions: by hand."""
    asked: list[list[tuple[int | None, int | None]]] = [
        [(MONDAY, 0), (MONDAY, 1)], [(MONDAY, 2)], [(MONDAY, None)],
    ]  # fmt: skip
    made = population(asked, cell=[0, 1, 1])
    lists = Lists.of(np.array([0, 1]), made)
    assert lists.base == pytest.approx([20 / 3, 40 / 3])
    found = lists.likelihood(np.array([1.0, 1.0]))
    # Of 23 in all, the first leaves 20/3 + 0 and 40/3 + 1 of 21; the second 40/3 + 1 of 22.
    first = np.log(20 / 3 / 21) + np.log((40 / 3 + 1) / 21)
    assert found == pytest.approx([first, np.log((40 / 3 + 1) / 22)])


def test_hubs_and_organisations_bind_nobody() -> None:
    sent: list[list[tuple[int | None, int | None]]] = [[(MONDAY, 0)] for _ in range(30)]
    shown: dict[str, list[tuple[int, object]]] = {
        "network": [(one, 0) for one in range(30)],
        "organisation": [(0, 0), (1, 0)],
        "payment": [(2, 0), (3, 0)],
        "domain": [(2, 0), (3, 0), (29, 0)],
    }
    made = population(sent, cell=[0], shown=shown)
    shared = shared_values(made.ties, np.arange(20))
    assert shared.sum() == 2.0, "two values bind two accounts once"
    assert shared[2, 3] == shared[3, 2] == 1.0
