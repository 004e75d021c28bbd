"""Settings of someone who collects answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.hand_made import MINUTE, MONDAY, population
from workbench.analysis.signals.automation.sampling_signature import measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.analysis.signals.population import Reading

SETTINGS = ("temperature", "n", "logprobs", "max_tok", "thinking")


def said(*rows: tuple[list[int], Mapping[str, Sequence[float | None]]]) -> Reading:
    """(prompts, settings) of each account."""
    sent = [[(MONDAY + k * MINUTE, p) for k, p in enumerate(row)] for row, _ in rows]
    recorded = {
        name: [v for row, given in rows for v in given.get(name, [None] * len(row))]
        for name in SETTINGS
    }
    return measure(population(sent, recorded=recorded))


FRESH = list(range(6))


def test_the_sum_written_out() -> None:
    """Account 0 asks for several answers in half of its requests, account 1 in none.

    It also repeats one prompt (four of six requests) at a temperature above zero; account 1 does
    so at zero, which is no sampling.
    """
    reading = said(
        ([0, 0, 0, 0, 1, 2], {"n": [2.0, 4.0, 2.0, 1.0, None, 1.0], "temperature": [0.8] * 6}),
        ([0, 0, 0, 0, 1, 2], {"n": [1.0] * 6, "temperature": [0.0] * 6}),
    )
    several, repeats = 0.5, 4 / 6
    expected = -several * math.log(several / 2) - repeats * math.log(repeats / 2)
    assert reading.value.tolist() == pytest.approx([expected, 0.0])


def test_the_rounds_of_an_agents_tools_sample_nothing() -> None:
    sent = [[(MONDAY + k * MINUTE, 0 if k < 4 else k) for k in range(6)]] * 2
    again = [False, True, True, True, False, False] + [False] * 6
    reading = measure(population(sent, recorded={"temperature": [0.8] * 12}, again=again))
    # Four times the same prompt: one asking of an agent's, and three samples too many.
    assert reading.value.tolist() == pytest.approx([0.0, -4 / 6 * math.log(4 / 6 / 2)])


def test_what_everybody_sets_says_nothing() -> None:
    everybody = [(FRESH, {"thinking": [1.0] * 6, "max_tok": [256.0] * 6})] * 4
    assert said(*everybody).value.tolist() == [0.0] * 4


def test_a_limit_that_changes_is_less_than_one_that_is_pinned() -> None:
    others = [(FRESH, {"max_tok": [None, None, None, None, None, 64.0]})] * 5
    pinned = (FRESH, {"max_tok": [256.0] * 6})
    changing = (FRESH, {"max_tok": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    value = said(*others, pinned, changing).value
    assert value[5] == pytest.approx(6 * value[6])


def test_rare_settings_weigh_more_than_common_ones() -> None:
    crowd = [(FRESH, {"thinking": [1.0] * 6, "logprobs": [0.0] * 6})] * 9
    reading = said(*crowd, (FRESH, {"thinking": [0.0] * 6, "logprobs": [1.0] * 6}))
    assert np.argmax(reading.value) == 9
    assert reading.value[9] == pytest.approx(math.log(10))


def test_nothing_recorded_is_not_assessed_and_something_is() -> None:
    value = said((FRESH, {}), (FRESH, {"n": [1.0] * 6}), ([0], {"n": [1.0]})).value
    assert math.isnan(value[0])
    assert value[1] == 0.0
    assert math.isnan(value[2])
