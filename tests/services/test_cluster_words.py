"""Every message that a cluster can carry has its words, and they read well."""

import json
import math
from dataclasses import replace

import pytest

from tests.services.planted import Planted
from workbench.analysis.clusters.explain import Facts, explain, to_json
from workbench.analysis.clusters.lookalikes import KINDS, compare, nearest
from workbench.analysis.clusters.measures import Statistic
from workbench.analysis.signals.stage import SIGNALS
from workbench.domain.finding import Verdict
from workbench.domain.signal import Axis, Message
from workbench.services import wording
from workbench.services.findings import _cut, finding_from
from workbench.services.measure_words import MEASURES
from workbench.services.results import Results
from workbench.services.sentences import LOOKALIKES, SENTENCES

_STATISTICS = (
    Statistic("one_source", Axis.CONTENT),
    Statistic("hour_entropy", Axis.AUTOMATION),
    Statistic("shared_payment", Axis.COORDINATION),
    Statistic("signed_up_together", Axis.COORDINATION),
)


def _facts(**changes: object) -> Facts:
    values: dict[str, object] = {
        "cluster_id": "C-001",
        "verdict": Verdict.MULTI_AXIS,
        "score": 0.99,
        "q": 0.01,
        "p": {Axis.CONTENT: 0.001, Axis.AUTOMATION: math.nan, Axis.COORDINATION: 0.002},
        "others": 0.002,
        "effect": [2.0, math.nan, 1.5, 0.1],
        "z": [12.0, math.nan, 7.0, 0.2],
        "ordinary": [{"middle": 0.0, "spread": 0.1, "error": 0.1}] * 4,
        "n_accounts": 120,
        "n_customers": 118,
        "n_near": 3,
        "n_exchanges": 4_000,
        "first_us": 1_772_000_000_000_000,
        "last_us": 1_775_000_000_000_000,
        "cells": [("proofs · algebra", 500)],
        "templates": [("Solve <*> step by step", 0.31)],
        "out_tok": 1_000_000,
        "reasoning_tok": None,
        "compared": dict.fromkeys(Axis, 79),
        "forms_by": (Axis.COORDINATION,),
        "n_looks": 3,
        "stability": 0.5,
        "likenesses": compare({"customers": 1.0, "days": 5.0}),
    }
    return Facts(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"n_accounts": 1, "n_customers": 1, "n_near": 1, "first_us": None, "last_us": None},
        {"templates": [], "cells": [], "out_tok": None, "z": [math.nan] * 4},
        {"likenesses": compare({"customers": 0.1, "around_the_clock": 0.95}), "stability": 1.0},
        {"z": [5.0] * 4, "effect": [1.0] * 4, "n_near": 0, "stability": 1.0,
         "p": dict.fromkeys(Axis, 0.01), "likenesses": []},
    ],
)  # fmt: skip
def test_a_cluster_is_told_in_words_and_what_speaks_against_it_is_never_empty(
    changes: dict[str, object],
) -> None:
    finding = explain(_facts(**changes), _STATISTICS)
    messages = [
        *finding.story,
        *finding.against,
        *finding.check_next,
        *(measured.message for measured in finding.signals),
    ]
    assert finding.against
    for message in messages:
        assert message.key in SENTENCES, message.key
        said = wording.text(message)
        assert said
        assert "{" not in said
        assert " 1 accounts" not in said
    assert finding_from(json.loads(to_json(finding))) == finding


def test_every_measure_that_a_log_can_have_is_named() -> None:
    tested = {s.SPEC.name for s in SIGNALS if s.SPEC.axis is Axis.AUTOMATION}
    tied = {f"shared_{kind}" for kind in ("network", "payment", "domain", "client")}
    assert not (tested | tied | {"one_source", "same_group", "same_template"}) - MEASURES.keys()


def test_every_benign_explanation_has_a_name() -> None:
    assert KINDS.keys() == LOOKALIKES.keys()


def test_what_resembles_nothing_is_near_nothing() -> None:
    assert nearest(compare({})) is None
    far = {"customers": 1.0, "around_the_clock": 0.2, "out_tokens": 12.0, "days": 9.0,
           "top_template": 0.3, "repeats": 40.0, "breadth": 0.4, "distinct": 1.0,
           "out_per_in": 6.0}  # fmt: skip
    assert nearest(compare(far)) is None


def test_what_resembles_a_fleet_is_near_it() -> None:
    found = nearest(compare({"customers": 0.1, "around_the_clock": 0.95, "top_template": 0.5}))
    assert found is not None
    assert found.kind == "fleet"


def test_a_cluster_is_told_where_the_log_cuts_it_off(planted: Planted) -> None:
    results = Results.read(planted.artifacts)
    assert results.accounts is not None
    first = min(results.accounts.column("first_us").drop_null().to_pylist())
    last = max(results.accounts.column("last_us").drop_null().to_pylist())

    def cut(after: int, before: int) -> dict[str, bool]:
        times = {"first_us": first + after, "last_us": last - before}
        return _cut(results, Message("cluster.size", times))

    day = 86_400_000_000
    assert cut(0, 0) == {"at_begin": True, "at_end": True}
    assert cut(day - 1, day) == {"at_begin": True, "at_end": False}
    assert cut(day, day - 1) == {"at_begin": False, "at_end": True}
    assert _cut(results, Message("cluster.size", {"first_us": None, "last_us": None})) == {}
    assert _cut(replace(results, accounts=None), Message("cluster.size", {"first_us": 1})) == {}
