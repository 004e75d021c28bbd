"""What is said of one signal of one account: its name, its place, and which way is stronger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.analysis.signals.test_every_signal import mixed
from workbench.analysis.signals.stage import SIGNALS
from workbench.domain.signal import Message
from workbench.services import wording
from workbench.services.measure_words import AS_MEASURED, LOWER, MEASURES, signal_title

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Signal

EACH = pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.SPEC.name)


def said(name: str, value: float, percentile: float, **more: Any) -> str:
    spec = next(one.SPEC for one in SIGNALS if one.SPEC.name == name)
    params: dict[str, Any] = {
        "signal": name,
        "title": signal_title(name, spec.title),
        "unit": spec.unit,
    }
    params |= {"value": value, "percentile": percentile}
    return wording.text(Message("signal.account", params | more))


@pytest.mark.parametrize(
    ("name", "value", "percentile", "sentence"),
    [
        (
            "burstiness",
            -0.351,
            99.8,
            "Regular pace: -0.351 (lower is stronger), stronger than 99.8 % of accounts, corrected "
            "for volume.",
        ),
        (
            "lone_requests",
            0.6287,
            87.4,
            "Requests without a session: 62.9 %, stronger than 87.4 % of accounts, corrected for "
            "volume.",
        ),
        (
            "shared_payment",
            7.25,
            99.97,
            "Shared payers: 7.25 nats, stronger than more than 99.9 % of accounts, equal ones "
            "counted half.",
        ),
        (
            "reasoning_trace",
            0.0,
            48.2,
            "Asks for reasoning traces: 0.0 %, percentile 48.2 among accounts, equal ones counted "
            "half.",
        ),
        (
            "shared_network",
            0.0,
            41.0,
            "Shared networks: 0 nats, percentile 41.0 among accounts, equal ones counted half.",
        ),
        (
            "sampling_signature",
            0.0,
            1.6,
            "Sampling settings: 0 nats, percentile 1.6 among accounts, equal ones counted half.",
        ),
        # No bits of variety are the strongest there is, not none of it.
        (
            "gap_entropy",
            0.0,
            99.0,
            "Variety of the pauses: 0 bits (lower is stronger), stronger than 99.0 % of accounts, "
            "corrected for volume.",
        ),
    ],
)
def test_a_place_is_told_with_its_direction(
    name: str, value: float, percentile: float, sentence: str
) -> None:
    assert said(name, value, percentile) == sentence


def test_a_saved_baseline_is_named() -> None:
    whom = said("growth", 0.9, 75.0, baseline=3_000)
    assert whom.endswith(
        "stronger than 75.0 % of the 3,000 accounts of the baseline, equal ones counted half."
    )


@EACH
def test_words_say_how_it_is_really_ranked(signal: Signal) -> None:
    name, reading = signal.SPEC.name, signal.measure(mixed())
    known = ~np.isnan(reading.value)
    value, strength = reading.value[known], reading.strength[known]
    if min(len(np.unique(value)), len(np.unique(strength.round(9)))) > 2:
        assert (np.corrcoef(value, strength)[0, 1] < 0) == (name in LOWER)
    if np.any(value):
        same = np.array_equal(value, strength) or np.array_equal(-value, strength)
        # The cost is counted over as many prompts of everybody: corrected as it stands.
        assert same == (name in AS_MEASURED or name == "coverage_cost")


@EACH
def test_a_signal_and_the_measure_made_of_it_go_by_one_name(signal: Signal) -> None:
    spec = signal.SPEC
    if spec.name not in MEASURES:
        assert signal_title(spec.name, spec.title) == spec.title
    else:
        assert signal_title(spec.name, spec.title) == MEASURES[spec.name].title
        # Only where the analysis' own title says the contrary of what is stronger do they differ.
        assert spec.title == MEASURES[spec.name].title or spec.name == "burstiness"
