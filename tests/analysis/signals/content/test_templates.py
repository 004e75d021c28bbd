"""Template concentration: the chance that two exchanges follow one skeleton."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.hand_made import population
from workbench.analysis.signals.content.templates import measure
from workbench.analysis.signals.population import percentiles

#: Template of each prompt: 0 to 2, or none.
TEMPLATE = [0, 0, 1, 1, 2, -1, -1]


@given(st.lists(st.integers(-1, 6), min_size=1, max_size=25))
def test_the_chance_counted_over_all_pairs(prompts: list[int]) -> None:
    made = population(
        [[(n, None if p < 0 else p) for n, p in enumerate(prompts)]], template=TEMPLATE
    )
    asked = [TEMPLATE[p] for p in prompts if p >= 0]
    value = measure(made).value[0]
    if len(asked) < 5:
        assert math.isnan(value)
        return
    pairs = list(combinations(asked, 2))
    assert value == pytest.approx(np.mean([a == b and a >= 0 for a, b in pairs]))


def test_the_rounds_of_an_agents_tools_are_one_asking() -> None:
    asked = [(n, n) for n in range(7)]
    rounds = [(10 + n, 0) for n in range(20)]
    plain = measure(population([asked], template=TEMPLATE)).value[0]
    again = [False] * 7 + [True] * 20
    found = measure(population([asked + rounds], template=TEMPLATE, again=again)).value[0]
    assert found == plain < 0.2


def test_a_harvest_by_template_ranks_above_people() -> None:
    random = np.random.default_rng(12)
    template = [-1] * 80 + [0] * 50 + [1, 2, 3, 4, 5] * 4
    people = [
        [(n, int(p)) for n, p in enumerate(random.integers(0, 150, 40) % 150)] for _ in range(20)
    ]
    people = [[(n, p if p < 80 or p >= 130 else p - 80) for n, p in row] for row in people]
    harvest = [(n, 80 + n) for n in range(40)]
    reading = measure(population([*people, harvest], template=template))
    place = percentiles(reading.strength)
    assert reading.value[-1] == 1.0
    assert place[-1] > place[:-1].max()


def test_five_alike_are_weaker_than_fifty_alike() -> None:
    plain = [[(n, 5 + n % 2) for n in range(30)] for _ in range(6)]
    reading = measure(
        population(
            [[(n, 0) for n in range(5)], [(n, 0) for n in range(50)], *plain], template=TEMPLATE
        )
    )
    assert reading.value[0] == reading.value[1] == 1.0
    assert reading.strength[1] > reading.strength[0] > reading.strength[2]


def test_prompts_without_a_skeleton_match_nothing() -> None:
    """Free prompts are assessed: they are evidence of no template, not missing."""
    reading = measure(population([[(n, 5) for n in range(20)]], template=TEMPLATE))
    assert reading.value.tolist() == [0.0]
