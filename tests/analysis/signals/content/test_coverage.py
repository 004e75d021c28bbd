"""Coverage: effective cells and rarefied cells against their definitions."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from tests.analysis.hand_made import population, profiles_of
from workbench.analysis.signals.content.coverage import (
    DRAWS,
    effective_cells,
    measure,
    rarefied_cells,
)
from workbench.analysis.signals.population import percentiles

COUNTS = st.lists(
    st.lists(st.one_of(st.just(0), st.integers(0, 40)), min_size=6, max_size=6),
    min_size=1,
    max_size=5,
)


@given(COUNTS)
def test_effective_cells_are_e_to_the_entropy(dense: list[list[int]]) -> None:
    for row, found in zip(dense, effective_cells(profiles_of(dense)), strict=True):
        shares = [count / sum(row) for count in row if count]
        if not shares:
            assert math.isnan(found)
            continue
        assert found == pytest.approx(math.exp(-sum(p * math.log(p) for p in shares)))
        assert 1.0 - 1e-9 <= found <= len(shares) + 1e-9


def test_evenly_visited_cells_count_whole() -> None:
    assert effective_cells(profiles_of([[7, 7, 7, 7, 0], [9, 0, 0, 0, 0]])) == pytest.approx([4, 1])


def log_choose(n: int, k: int) -> float:
    return float(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


@given(COUNTS, st.integers(1, 30))
def test_rarefied_cells_are_hurlberts(dense: list[list[int]], draws: int) -> None:
    """Sum over cells of 1 - C(N - n_c, d) / C(N, d)."""
    for row, found in zip(dense, rarefied_cells(profiles_of(dense), draws), strict=True):
        total = sum(row)
        if total < draws:
            assert math.isnan(found)
            continue
        missed = [
            math.exp(log_choose(total - count, draws) - log_choose(total, draws))
            if total - count >= draws
            else 0.0
            for count in row
            if count
        ]
        assert found == pytest.approx(sum(1.0 - chance for chance in missed), abs=1e-9)


def test_rarefied_cells_are_the_mean_over_every_draw() -> None:
    """Every way to pick four of eight prompts, counted out."""
    prompts = [0, 0, 0, 1, 1, 2, 3, 3]
    mean = np.mean([len(set(drawn)) for drawn in combinations(prompts, 4)])
    row = np.bincount(prompts).tolist()
    assert rarefied_cells(profiles_of([row]), 4)[0] == pytest.approx(mean)
    assert rarefied_cells(profiles_of([row]), 8)[0] == pytest.approx(4.0)
    assert rarefied_cells(profiles_of([row]), 1)[0] == pytest.approx(1.0)


def test_breadth_ranks_above_depth_whatever_the_volume() -> None:
    """Twelve prompts in twelve cells against two hundred prompts in three."""
    cell = [*range(12), *([0] * 100 + [1] * 90 + [2] * 10)]
    broad = [(None, n) for n in range(12)]
    deep: list[tuple[int | None, int | None]] = [(None, 12 + n) for n in range(200)]
    people = [[(None, 12 + 10 * a + n) for n in range(10)] for a in range(8)]
    reading = measure(population([broad, deep, *people], cell=cell))
    place = percentiles(reading.strength)
    assert reading.value[0] == pytest.approx(12.0)
    assert place[0] > place[1:].max()
    assert reading.strength[0] == pytest.approx(DRAWS)


def test_copies_of_a_prompt_say_nothing_of_where_an_account_has_been() -> None:
    cell = list(range(12))
    once = [(None, n) for n in range(12)]
    often: list[tuple[int | None, int | None]] = [*once, *[(None, 0)] * 500]
    reading = measure(population([once, often], cell=cell))
    assert reading.value[0] == reading.value[1]
    assert reading.strength[0] == reading.strength[1]


def test_few_prompts_and_prompts_without_a_place_are_not_assessed() -> None:
    cell = [*range(DRAWS), *[-1] * 20]
    few: list[tuple[int | None, int | None]] = [(None, n) for n in range(DRAWS - 1)]
    nowhere = [(None, DRAWS + n) for n in range(20)]
    placed = [(None, n) for n in range(DRAWS + 20)]
    reading = measure(population([few, [*few, *nowhere], placed], cell=cell))
    assert [math.isnan(value) for value in reading.value] == [True, True, False]
    assert reading.value[2] == pytest.approx(DRAWS)
