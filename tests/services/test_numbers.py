"""The statistician's place: every number has its baseline, its formula and its source."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from tests.services.facts import publish_facts
from workbench.analysis.clusters.examine.stage import EXAMINATIONS, SPECS
from workbench.analysis.signals.stage import SIGNALS
from workbench.domain.finding import Examined, Finding, Verdict
from workbench.domain.signal import Axis, Measured, Message
from workbench.services.fact_words import FACTS
from workbench.services.findings import cluster_finding
from workbench.services.measure_words import MEASURES, signal_title
from workbench.services.numbers import Entry, as_json, as_lines, numbers
from workbench.services.results import Results
from workbench.services.told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tests.services.planted import Planted
    from workbench.analysis.clusters.examine.subject import Examination
    from workbench.analysis.signals.population import Signal

NULL = Message("against.nominal", {"n_null": 199, "by_axis": {"coordination": 413, "content": 199}})
JUDGED = Finding(
    "C-001",
    Verdict.MULTI_AXIS,
    0.9,
    0.0097,
    q_nominal=True,
    axes={"content": 0.005, "coordination": 0.004831},
    against=(NULL,),
    level=0.05,
    others=0.009,
)


def entries(
    finding: Finding, specs: Sequence[Mapping[str, Any]] = (), whom: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    parts = numbers(finding, specs, whom)
    return {entry.title: dict(entry.rows) for part in parts for entry in part.entries}


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_of_a_cluster(name: str) -> None:
    params = {"measure": name, "z": 6.5, "percentile": 99.99}
    measured = Measured(name, Axis.CONTENT, 3.815, 99.99, Message("measure.cluster", params))
    found = entries(replace(JUDGED, signals=(measured,)))[MEASURES[name].title]
    assert found["value"] == f"+3.815 {MEASURES[name].unit}"
    assert found["standard deviations"].startswith("+6.50")
    assert all(found[row] for row in ("compared with", "formula", "source", "evaded by"))


def test_standard_deviations_say_what_they_were_made_of() -> None:
    ordinary = {"middle": -0.185, "spread": 0.3, "error": 0.4}
    params = {"measure": "one_source", "z": 8.0, "percentile": 99.99, "ordinary": ordinary}
    measured = Measured(
        "one_source", Axis.CONTENT, 3.815, 99.99, Message("measure.cluster", params)
    )
    parts = numbers(replace(JUDGED, signals=(measured,)))
    (entry,) = (entry for part in parts if part.title == "Measures" for entry in part.entries)
    said = dict(entry.rows)["standard deviations"]
    assert said == (
        "+8.00 from the middle of ordinary groups: (3.815 + 0.185) / sqrt(0.3^2 + 0.4^2)"
    )
    assert ordinary.items() <= entry.values.items()


@pytest.mark.parametrize("examination", EXAMINATIONS, ids=lambda one: one.NAME)
def test_every_examination(examination: Examination) -> None:
    name, how = examination.NAME, examination.HOW
    message = Message(f"fact.{name}", {"low": 0.25})
    one = Examined(name, 1_907.0, 0.03, "for", message, n_null=99, how=how)
    title = FACTS[name][:1].upper() + FACTS[name][1:]
    found = entries(replace(JUDGED, examined=(one,)))[title]
    assert found["p"] == "0.03"
    assert found["comparisons"] == "99"
    assert found["figures"] == "low 0.25"
    assert found["formula"] == how.formula
    assert found["compared with"] == how.null
    assert all(asdict(how).values())


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda one: one.SPEC.name)
def test_every_signal_of_an_account(signal: Signal) -> None:
    spec = signal.SPEC
    measured = Measured(spec.name, spec.axis, 0.25, 97.0, Message("signal.account"), spec.tested)
    account = Finding("key:a", Verdict.NO_FINDING, 0.1, None, q_nominal=True, signals=(measured,))
    found = entries(account, specs=[asdict(spec)], whom=("Ranked among all.",))[
        signal_title(spec.name, spec.title)
    ]
    assert found["percentile"] == "97.0"
    assert found["compared with"] == "Ranked among all."
    assert all(found[row] for row in ("value", "formula", "reads", "source", "evaded by"))
    assert entries(account)["Score of the account"]["value"] == "0.1"
    assert found["in the test"] == ("yes" if spec.tested else "no, for context")


def test_the_claim_and_its_axes() -> None:
    found = entries(JUDGED)
    assert found["p of the claim"]["p"] == "0.009"
    assert found["p of the claim"]["automation or coordination"].startswith("p = 0.009: rank")
    of_content = entries(replace(JUDGED, others=0.001))
    assert of_content["p of the claim"]["p"] == "0.005"
    without = entries(replace(JUDGED, axes={"coordination": 0.009}))
    assert without["p of the claim"]["p"] == "1"
    # What an older program did not say is left out.
    assert "p of the claim" not in entries(replace(JUDGED, others=None))
    assert found["q, false discovery rate"]["value"] == "0.0097"
    assert found["q, false discovery rate"]["limit"] == "0.05"
    assert "no p is below 1 / 200" in found["Comparison groups"]["least"]
    assert found["Coordination"]["p"] == "0.004831"
    assert found["Coordination"]["comparisons"] == "413"
    assert found["Content"]["comparisons"] == "199"
    assert "Sellke" in found["Score"]["formula"]
    assert "dealt out anew" in found["Coordination"]["compared with"]
    assert "ask as much alike" in found["Content"]["compared with"]
    assert "half B" in found["Content"]["sample"]
    assert "Automation" not in found


def test_without_coordination_the_pace_forms_clusters() -> None:
    found = entries(replace(JUDGED, axes={"content": 0.01, "automation": 0.02}))
    assert "dealt out anew" in found["Automation"]["compared with"]


def test_what_was_not_assessed_says_so_and_claims_no_number() -> None:
    unknown = Examined("depth", None, None, "neither", None, reason="volume")
    missing = Measured("one_source", Axis.CONTENT, None, None, Message("measure.not_assessed"))
    found = entries(replace(JUDGED, examined=(unknown,), signals=(missing,)))
    assert found["Depth"] == {"value": "not assessed"}
    assert found["Prompts as from one source"] == {"value": "not assessed"}


def test_lines_and_json_hold_the_same() -> None:
    parts = numbers(JUDGED)
    lines, rows = as_lines(parts), as_json(parts)
    assert "  Content" in lines
    assert "    p: 0.005" in lines
    assert {"Content", "Coordination"} <= {row["of"] for row in rows}
    assert sum(len(row) - 2 for row in rows) == sum(line.startswith("    ") for line in lines)
    assert isinstance(parts[0].entries[0], Entry)


def test_they_are_read_back_from_the_case(planted: Planted) -> None:
    publish_facts(planted.artifacts)
    before = cluster_finding(Results.read(planted.artifacts), "C-001")
    # A case that an older program analysed does not say how its numbers come about.
    assert all(one.how is None for one in before.examined)
    assert Told(before, {}).number_lines()
    how = [{"name": one.NAME} | asdict(one.HOW) for one in EXAMINATIONS]
    planted.artifacts.tables["examine", "specs"] = pa.Table.from_pylist(how, schema=SPECS)
    finding = cluster_finding(Results.read(planted.artifacts), "C-001")
    said = "\n".join(Told(finding, {}).number_lines())
    assert "formula: different prompts (near-duplicates once) / e^H of the regions" in said
    assert {row["of"] for row in Told(finding, {}).as_dict()["numbers"]} >= {"Depth", "Content"}
