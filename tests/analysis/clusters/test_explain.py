"""A cluster explains itself: every key has words, every finding has a counter, no NaN is stored."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from tests.analysis.fakes import RecordingJob
from tests.analysis.hand_made import DAY, HOUR, MONDAY, population
from workbench.analysis.clusters.assemble import assemble
from workbench.analysis.clusters.entities import resolve_entities
from workbench.analysis.clusters.explain import (
    ORDINARY,
    TOLD,
    Facts,
    explain,
    normal_cdf,
    to_json,
)
from workbench.analysis.clusters.lookalikes import KINDS, Likeness
from workbench.analysis.clusters.measures import Ruler, Statistic
from workbench.analysis.signals.stage import SIGNALS
from workbench.analysis.signals.ties import KINDS as TIED
from workbench.domain.finding import Verdict
from workbench.domain.signal import Axis
from workbench.services import wording
from workbench.services.findings import finding_from
from workbench.services.measure_words import MEASURES
from workbench.services.sentences import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.domain.finding import Finding
    from workbench.domain.signal import Message

NAN = math.nan
STATISTICS = (
    Statistic("one_source", Axis.CONTENT),
    Statistic("same_template", Axis.CONTENT),
    Statistic("burstiness", Axis.AUTOMATION),
    Statistic("shared_payment", Axis.COORDINATION),
    Statistic("shared_network", Axis.COORDINATION),
    Statistic("signed_up_together", Axis.COORDINATION),
)
P = {Axis.CONTENT: 1e-4, Axis.AUTOMATION: 0.02, Axis.COORDINATION: 0.3}
NEAR_ONE = Likeness("translation", 0.4, ("out_per_in", "customers"), ("top_template",))
FAR = Likeness("fleet", 3.2, (), ("customers",))


def facts(**other: object) -> Facts:
    """A cluster that stands out on content and payment."""
    known: dict[str, object] = {
        "cluster_id": "C-001",
        "verdict": Verdict.MULTI_AXIS,
        "score": 0.97,
        "q": 0.01,
        "p": P,
        "others": 0.03,
        "effect": [5.0, 2.0, 1.0, 3.0, 2.5, 0.1],
        "z": [8.0, 4.0, 0.2, 5.0, 6.0, -1.0],
        "ordinary": [{"middle": 0.1, "spread": 0.3, "error": 0.4}] * 6,
        "n_accounts": 40,
        "n_customers": 38,
        "n_near": 0,
        "n_exchanges": 9_000,
        "first_us": 1_772_409_600_000_000,
        "last_us": 1_774_409_600_000_000,
        "cells": [("sorting python lists", 400), ("tax law", 300), ("bread", 20), ("tea", 1)],
        "templates": [("Explain <*> in detail", 0.4), ("Hi <*>", 0.1)],
        "out_tok": 1_000_000,
        "reasoning_tok": 200_000,
        "compared": {Axis.COORDINATION: 399, Axis.CONTENT: 199, Axis.AUTOMATION: 199},
        "forms_by": (Axis.COORDINATION,),
        "n_looks": 3,
        "stability": 0.93,
        "likenesses": [FAR],
    }
    return Facts(**(known | other))  # type: ignore[arg-type]


def messages(finding: Finding) -> Iterator[Message]:
    yield from (*finding.story, *finding.against, *finding.check_next)
    yield from (measured.message for measured in finding.signals)


def keys(found: tuple[Message, ...]) -> list[str]:
    return [message.key for message in found]


MAYBE = st.one_of(st.just(NAN), st.floats(-60.0, 60.0))
SIX = st.lists(MAYBE, min_size=6, max_size=6)
TOKENS = st.one_of(st.none(), st.integers(0, 10**12))
LIKENESSES = st.lists(
    st.builds(
        Likeness,
        st.sampled_from(sorted(KINDS)),
        st.floats(0.0, 4.0),
        st.sampled_from([(), ("customers",), ("repeats", "days")]),
        st.just(()),
    ),
    max_size=3,
).map(lambda found: sorted(found, key=lambda one: one.distance))
FACTS = st.builds(
    facts,
    verdict=st.sampled_from(Verdict),
    q=st.one_of(st.just(NAN), st.floats(0.0, 1.0)),
    p=st.fixed_dictionaries({}, optional=dict.fromkeys(Axis, MAYBE)),
    effect=SIX,
    z=SIX,
    n_accounts=st.integers(1, 10**6),
    n_customers=st.integers(1, 10**6),
    n_near=st.integers(0, 3),
    first_us=st.one_of(st.none(), st.integers(0, 2 * 10**15)),
    last_us=st.one_of(st.none(), st.integers(0, 2 * 10**15)),
    cells=st.lists(st.tuples(st.text(max_size=5), st.integers(1, 9)), max_size=5),
    templates=st.lists(st.tuples(st.text(max_size=5), st.floats(0.0, 1.0)), max_size=2),
    out_tok=TOKENS,
    reasoning_tok=TOKENS,
    compared=st.fixed_dictionaries({axis: st.integers(0, 500) for axis in Axis}),
    forms_by=st.just((Axis.COORDINATION,)),
    n_looks=st.integers(1, 20),
    stability=st.floats(0.0, 1.0),
    likenesses=LIKENESSES,
)


@given(FACTS)
@settings(deadline=None, max_examples=200)
def test_every_finding_is_worded_countered_and_stored_whole(made: Facts) -> None:
    finding = explain(made, STATISTICS)
    assert finding.against
    assert finding.check_next
    assert finding.story[0].key == "cluster.size"
    for message in messages(finding):
        assert message.key in SENTENCES
        said = wording.text(message)
        # A key whose parameters do not fit its sentence is spelled out instead: that is a bug.
        assert not said.startswith(message.key.split(".")[0] + ": ")
        assert "nan" not in said.replace(str(message.params.get("skeleton")), "").split()
    stored = to_json(finding)
    # A template may be the text "NaN"; a number may not.
    assert finding_from(json.loads(stored, parse_constant=pytest.fail)) == finding
    assert to_json(explain(made, STATISTICS)) == stored


def test_every_measure_of_a_cluster_has_its_own_words() -> None:
    """Measured from a log that holds everything, so that a new one without words is found."""
    n = 12
    whole = population(
        [[(MONDAY + a * HOUR + k * DAY, k) for k in range(20)] for a in range(n)],
        cell=[k % 4 for k in range(20)],
        template=[k % 3 for k in range(20)],
        shown={kind: [(a, a // 3) for a in range(n)] for kind in TIED},
        created=[MONDAY - a * DAY for a in range(n)],
    )
    entities = resolve_entities({}, n, np.zeros(n, dtype=np.bool_))
    measured = {s.SPEC.name: (s.SPEC.axis, s.measure(whole).value) for s in SIGNALS}
    known = {name: (axis, np.nan_to_num(value)) for name, (axis, value) in measured.items()}
    content, bundles = assemble(whole, entities, known, RecordingJob())
    names = {statistic.name for statistic in Ruler(content, bundles).statistics}
    assert {"burstiness", "rubric_grading", "shared_payment", "signed_up_together"} <= names
    assert sorted(names - set(MEASURES)) == []


def test_the_story_tells_what_stands_out_strongest_first() -> None:
    finding = explain(facts(), STATISTICS)
    assert keys(finding.story) == [
        "cluster.size", "cluster.template", "cluster.cells", *["cluster.measure"] * 4,
        "cluster.loss",
    ]  # fmt: skip
    told = [m.params["measure"] for m in finding.story if m.key == "cluster.measure"]
    assert told == ["one_source", "shared_network", "shared_payment", "same_template"]
    assert finding.story[1].params == {"skeleton": "Explain <*> in detail", "share": 0.4}
    assert finding.story[2].params["names"] == ["sorting python lists", "tax law", "bread"]


@pytest.mark.parametrize(("z", "told"), [(TOLD - 1e-9, False), (TOLD, True)])
def test_a_measure_is_told_from_its_threshold_on(z: float, told: bool) -> None:
    finding = explain(facts(z=[z, 0, 0, 0, 0, 0]), STATISTICS)
    assert ("cluster.measure" in keys(finding.story)) is told


def test_what_is_not_in_the_log_is_neither_told_nor_measured_as_zero() -> None:
    bare = facts(
        effect=[NAN, 2.0, *[NAN] * 4],
        z=[8.0, NAN, *[NAN] * 4],
        p=dict.fromkeys(Axis, NAN),
        q=NAN,
        templates=[],
        cells=[],
        out_tok=None,
        first_us=None,
        last_us=None,
    )
    finding = explain(bare, STATISTICS)
    assert finding.q is None
    assert finding.axes == {}
    for measured in finding.signals:
        assert measured.value is None
        assert measured.percentile is None
        assert measured.message.key == "measure.not_assessed"
    assert not {"cluster.template", "cluster.cells", "cluster.loss"} & set(keys(finding.story))
    missing = next(m for m in finding.against if m.key == "against.not_assessed")
    assert missing.params["axes"] == ["content", "automation", "coordination"]


def test_what_speaks_against_it() -> None:
    finding = explain(
        facts(likenesses=[NEAR_ONE, FAR], n_near=7, stability=0.5, p={Axis.CONTENT: 0.01}),
        STATISTICS,
    )
    assert keys(finding.against) == [
        "against.lookalike", "against.below", "against.ordinary", "against.near",
        "against.not_assessed", "against.unstable", "against.nominal",
    ]  # fmt: skip
    assert finding.nearest_lookalike == "translation"
    assert finding.against[1].params == {"n": 1, "measures": ["signed_up_together"]}
    assert finding.against[2].params == {"n": 1, "measures": ["burstiness"]}


def test_who_was_tested_together_is_told() -> None:
    (told,) = (m for m in explain(facts(n_apart=3), STATISTICS).against if "apart" in m.key)
    assert told.params == {"n_others": 2}
    assert "against.told_apart" not in keys(explain(facts(n_apart=1), STATISTICS).against)


@pytest.mark.parametrize(
    ("z", "key"),
    [
        (ORDINARY, None),
        (ORDINARY - 1e-9, "against.ordinary"),
        (1e-9 - ORDINARY, "against.ordinary"),
        (-ORDINARY, "against.below"),
        (-9.0, "against.below"),
        (NAN, None),
    ],
)
def test_what_is_unusually_unlike_is_not_called_ordinary(z: float, key: str | None) -> None:
    finding = explain(facts(z=[5.0, z, 5.0, 5.0, 5.0, 5.0]), STATISTICS)
    said = [m.key for m in finding.against if m.params.get("measures") == ["same_template"]]
    assert said == ([key] if key else [])


def test_what_can_be_recounted_stands_beside_its_measure() -> None:
    cards = {"n_known": 39, "n_values": 30, "n_sharing": 14, "most": 3, "values": [["ab12", 3]]}
    finding = explain(facts(counts={"shared_payment": cards}), STATISTICS)
    (told,) = (m for m in finding.story if m.params.get("measure") == "shared_payment")
    # The story counts; which values they are stands with the measure.
    counted = {name: value for name, value in cards.items() if name != "values"}
    assert told.params == {"measure": "shared_payment", "z": 5.0, "effect": 3.0} | counted
    assert wording.text(told).endswith(
        "14 of 39 accounts with a payment hash share one with another member, of 30 different "
        "payment hashes; none is shared by more than 3."
    )
    (row,) = (m for m in finding.signals if m.signal == "shared_payment")
    assert "ab12 (3 accounts)" in wording.text(row.message)
    payment_first = explain(
        facts(z=[0, 0, 0, 9.0, 6.0, 0], counts={"shared_payment": cards}), STATISTICS
    )
    assert "ab12" in wording.text(payment_first.check_next[0])


def test_a_finding_that_nothing_contradicts_says_how_much_was_tried() -> None:
    finding = explain(facts(z=[5.0] * 6), STATISTICS)
    assert keys(finding.against) == ["against.nothing", "against.nominal"]
    assert finding.against[1].params == {
        "n_null": 199,
        "by_axis": {"content": 199, "automation": 199, "coordination": 399},
        "n_looks": 3,
        "forms_by": ["coordination"],
    }
    assert finding.against[0].params == {"n_kinds": len(KINDS)}
    assert finding.nearest_lookalike == "none near"


def test_what_to_check_next_follows_from_what_stands_out() -> None:
    finding = explain(facts(z=[0, 0, 0, 5.0, 6.0, 3.5], n_near=2), STATISTICS)
    assert keys(finding.check_next) == [
        "check.shared", "check.sign_ups", "check.near", "check.prompts",
    ]  # fmt: skip
    assert finding.check_next[0].params == {"measure": "shared_network", "values": []}
    assert keys(explain(facts(z=[9.0, 0, 0, 0, 0, 0]), STATISTICS).check_next) == ["check.prompts"]


def test_percentiles_are_those_of_the_normal_distribution() -> None:
    finding = explain(facts(z=[0.0, 1.0, -1.0, 3.0, 60.0, NAN]), STATISTICS)
    found = [measured.percentile for measured in finding.signals]
    assert found[:5] == pytest.approx([100 * float(ndtr(z)) for z in (0, 1, -1, 3, 60)])
    assert found[5] is None
    assert normal_cdf(-1e300) == pytest.approx(0.0)


def test_no_sentence_says_more_than_logs_show() -> None:
    """Logs show collection, neither training nor who ordered it; a finding is no accusation."""
    finding = explain(facts(likenesses=[NEAR_ONE], n_near=3, stability=0.2), STATISTICS)
    said = " ".join(wording.text(message) for message in messages(finding)).lower()
    for word in ("campaign", "attack", "steal", "stole", "guilty", "train", "distil", "malicious"):
        assert word not in said
