"""What was looked at more closely, read back: told once, in order, of the right clusters."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest

from tests.bundle import made_up
from tests.services.facts import (
    COVERAGE,
    CURVE,
    DEPTH,
    PARTS,
    QUEUE,
    ROWS,
    fact,
    publish_facts,
)
from tests.services.planted import Planted
from workbench.domain.signal import Message
from workbench.services import wording
from workbench.services.dossiers import coverage
from workbench.services.examined import curve_of, looked, smaller_part
from workbench.services.findings import account_finding, cluster_finding
from workbench.services.gathering import _against
from workbench.services.results import Results
from workbench.services.told import Told


def test_facts_stand_where_they_speak(planted: Planted) -> None:
    publish_facts(planted.artifacts)
    finding = cluster_finding(Results.read(planted.artifacts), "C-001")
    assert [one.name for one in finding.examined] == [row["name"] for row in ROWS]
    assert finding.against[-1].key == "fact.work_queue"
    told = looked(finding)
    assert [one.key for one in told.speaking] == ["fact.depth"]
    assert [one.key for one in told.quiet] == ["fact.coverage_curve", "fact.gap_filling"]
    assert [wording.text(one) for one in told.named] == [
        "Neither for nor against: coverage and gap-filling between waves.",
        "Not assessed, as the log has no model: move to a new model.",
        "Not assessed, as there is too little to compare: evenness.",
    ]
    assert [one.key for one in told.all] == [
        "fact.depth", "fact.coverage_curve", "fact.gap_filling", "fact.not_assessed",
        "fact.not_assessed",
    ]  # fmt: skip
    assert curve_of(finding) == CURVE


def test_who_is_of_the_smaller_part_is_told_by_key(planted: Planted) -> None:
    publish_facts(planted.artifacts, fact("parts", p=0.01, speaks="against", params=PARTS))
    results = Results.read(planted.artifacts)
    finding = cluster_finding(results, "C-001")
    assert smaller_part(finding) == results.keys[2:4]
    assert "fact.parts" in [message.key for message in finding.against]
    sides = [
        [wording.text(one) for one in account_finding(results, results.keys[place]).story]
        for place in (2, 0, 30)
    ]
    assert any("is of the smaller part, of 2." in said for said in sides[0])
    assert any("is of the larger part, of 5." in said for said in sides[1])
    assert not any("part, of" in said for said in sides[2])
    whole = PARTS | {"falls": False, "places": []}
    publish_facts(planted.artifacts, fact("parts", p=0.4, params=whole))
    finding = cluster_finding(Results.read(planted.artifacts), "C-001")
    assert smaller_part(finding) == ()
    assert "fact.parts" not in [message.key for message in finding.against]
    publish_facts(planted.artifacts, fact("parts"))
    assert smaller_part(cluster_finding(Results.read(planted.artifacts), "C-001")) == ()
    publish_facts(planted.artifacts)


def test_the_strongest_doubts_stand_first(planted: Planted) -> None:
    results = Results.read(planted.artifacts)
    assert results.clusters is not None
    table = results.clusters.table
    place = table.column_names.index("explanation")
    doubts = ("below", "ordinary", "near", "unstable", "nominal")
    said = [json.loads(one) for one in table.column(place).to_pylist()]
    for one in said:
        one["against"] = [{"key": f"against.{doubt}", "params": {}} for doubt in doubts]
    stored = pa.array([json.dumps(one) for one in said])
    clusters = replace(results.clusters, table=table.set_column(place, "explanation", stored))
    finding = cluster_finding(replace(results, clusters=clusters), "C-001")
    # What was looked at more closely follows.
    assert [message.key.removeprefix("against.") for message in finding.against[:5]] == [
        "unstable", "near", "below", "ordinary", "nominal",
    ]  # fmt: skip


def test_the_first_page_keeps_them() -> None:
    subject = replace(
        made_up.content().subjects[0], against=tuple("abcde"), lookalike_distance=None
    )
    nominal = "q is nominal: the comparison groups are of this log itself."
    name = subject.id
    assert _against([replace(subject, q_nominal=True)]) == (
        f"{name}: a", f"{name}: b", f"{name}: c", nominal,
    )  # fmt: skip
    other = replace(subject, id="C-077", q_nominal=False)
    assert _against([other, other])[:2] == ("C-077: a", "C-077: b")
    assert len(_against([other, other])) == 4
    told = replace(subject, against=("q is nominal: it rests on 19.",), q_nominal=True)
    assert len(_against([told])) == 1


def test_explain_tells_them_and_its_json_holds_the_numbers(planted: Planted) -> None:
    publish_facts(planted.artifacts)
    finding = cluster_finding(Results.read(planted.artifacts), "C-001")
    lines = Told(finding, {}).lines()
    at = lines.index("Looked at more closely")
    assert lines[at + 1] == "  Speaks for acting as one"
    assert "39.6" not in lines[at + 2]
    assert "40 different prompts for each region" in lines[at + 2]
    assert "  Neither for nor against" in lines[at:]
    assert "  Not assessed" in lines[at:]
    against = lines[lines.index("What speaks against it") : at]
    assert any("0.31 times as often" in line for line in against)
    facts = {one["fact"]: one for one in Told(finding, {}).as_dict()["facts"]}
    assert facts["coverage_curve"]["figures"]["completeness"] == COVERAGE["completeness"]
    assert facts["coverage_curve"]["curve"] == CURVE
    assert facts["release_pivot"]["sentence"] is None
    assert facts["release_pivot"]["not_assessed"] == "model"


def test_facts_of_the_clusters_of_the_run_before_are_not_shown(planted: Planted) -> None:
    publish_facts(planted.artifacts)
    planted.artifacts.entries["clusters"] = replace(
        planted.artifacts.entries["clusters"], digest="of a newer run"
    )
    results = Results.read(planted.artifacts)
    assert results.facts is None
    assert cluster_finding(results, "C-001").examined == ()


def test_before_the_stage_ran_nothing_is_said(planted: Planted) -> None:
    finding = cluster_finding(Results.read(planted.artifacts), "C-001")
    assert finding.examined == ()
    assert "Looked at more closely" not in Told(finding, {}).lines()
    assert coverage(finding) is None


def test_another_cluster_has_facts_of_its_own(planted: Planted) -> None:
    publish_facts(planted.artifacts)
    assert cluster_finding(Results.read(planted.artifacts), "C-002").examined == ()


def test_the_reports_figure_is_the_curve_that_was_compared(planted: Planted) -> None:
    publish_facts(planted.artifacts)
    curve = coverage(cluster_finding(Results.read(planted.artifacts), "C-001"))
    assert curve is not None
    assert curve.subject.tolist() == CURVE["prompts"]
    assert curve.high.tolist() == CURVE["prompts_high"]
    assert curve.groups == 198


def test_a_row_without_numbers_is_read(planted: Planted) -> None:
    publish_facts(planted.artifacts, fact("coverage_curve"), fact("a_new_one", params={}))
    finding = cluster_finding(Results.read(planted.artifacts), "C-001")
    assert curve_of(finding) == {}
    assert Told(finding, {}).lines()


@pytest.mark.parametrize(
    ("key", "params", "said"),
    [
        (
            "fact.coverage_curve",
            COVERAGE,
            "4,653 prompts held 3,445 different ones, near-duplicates counted once, as many of "
            "groups of other accounts 2,092 to 3,022. By what it asked only once, 64 % of what it "
            "would ask next is new to it. 51 of its 119 accounts are enough to visit nine tenths "
            "of the regions that all of them visit, in groups of other accounts 18 to 54.",
        ),
        (
            "fact.coverage_curve",
            COVERAGE | {"n_all": 90_000, "needed": 1},
            "4,653 of its prompts, drawn at random, held 3,445 different ones, near-duplicates "
            "counted once, as many of groups of other accounts 2,092 to 3,022. By what it asked "
            "only once, 64 % of what it would ask next is new to it. 1 of its 119 accounts is "
            "enough to visit nine tenths of the regions that all of them visit, in groups of other "
            "accounts 18 to 54.",
        ),
        (
            "fact.depth",
            DEPTH,
            "It asked 40 different prompts for each region, regions counted as evenly visited ones "
            "(their effective number, e^H), groups of other accounts 12 to 22.",
        ),
        (
            "fact.work_queue",
            QUEUE | {"repeated": 1},
            "Prompts of different accounts fall in one region 0.31 times as often as prompts of "
            "one account (1: all ask alike), in groups of other accounts 0.32 to 0.93. Accounts "
            "asked what another one had asked 1 time; had each drawn from all prompts by itself, "
            "about 2,255 were to be expected.",
        ),
        (
            "fact.gap_filling",
            {
                "waves": 4, "n": 2_456, "new": 1_996, "expected": 1_906.4, "above": True,
                "below": False,
            },
            "It came in 4 waves. Of 2,456 prompts of the later ones 1,996 were new to it, 1,906 "
            "were to be expected from what the waves before had asked only once: more than is "
            "usual in groups of other accounts.",
        ),
        (
            "fact.gap_filling",
            {"waves": 1},
            "Its activity never rests for two days, so that no waves can be told apart.",
        ),
        (
            "fact.uniformity",
            {"regions": 98, "evenness": 0.565, "low": 0.283, "high": 0.646},
            "It visits the 98 regions that hold nine tenths of its prompts with an evenness of "
            "56 % (100 %: each alike); groups of other accounts have 28 % to 65 %.",
        ),
        (
            "fact.new_cells_per_hour",
            {"hours": 1, "rate": 0.54, "low": 0.61, "high": 0.73},
            "In the 1 hour in which any of its accounts asked, it came to 0.54 new regions an "
            "hour, groups of other accounts to 0.61 to 0.73.",
        ),
    ],
)  # fmt: skip
def test_sentences(key: str, params: dict[str, object], said: str) -> None:
    assert wording.text(Message(key, params)) == said
