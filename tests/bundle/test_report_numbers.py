"""The statistician's part of a report: how sure, in numbers, by which formula, beside what."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from tests.bundle import made_up
from tests.bundle.pages import pages_of, rendered
from workbench.bundle.content import MeasureLine
from workbench.bundle.report_data import report_data
from workbench.bundle.subject import FactLine

ALIKE = "groups of ordinary strangers of this log"
DEPTH = FactLine(
    "Depth", "16.16 prompts a region", "0.03", "99", "for",
    "different prompts / e^H of the regions", ALIKE, "Hill 1973", "Spreading over what people ask.",
)  # fmt: skip
LENGTH = replace(
    DEPTH, title="Length of answers", value="312 tokens an answer", p="", comparisons="",
    speaks="neither", formula="output tokens / answers",
)  # fmt: skip
PIVOT = replace(DEPTH, title="Move to a new model", null="as many ordinary customers")
MISSING = FactLine("Evenness", "not assessed", "", "", "neither", "", "", "", "")
SURE = ("It stands out by content (p = 0.005).", "q = 0.0097: chance is an unlikely reason.")
KINDS = ("Reseller (distance 2.3): unlike in breadth of the topics.",)


def test_numbers_sureness_and_benign_explanations_are_printed() -> None:
    content = made_up.content()
    subjects = (
        replace(
            content.subjects[0],
            facts=(DEPTH, LENGTH, PIVOT, MISSING),
            sure=SURE,
            lookalikes=KINDS,
        ),
    )
    text = " ".join(pages_of(rendered(replace(content, subjects=subjects))))
    assert "Depth 16.16 prompts a region 0.03 99 for" in text
    assert "Length of answers 312 tokens an answer - - neither" in text
    assert "Evenness not assessed - - neither" in text
    assert all(line in text for line in (*SURE, *KINDS))
    assert "different prompts / e^H of the regions a Hill 1973" in text
    assert f"a: {ALIKE}." in text
    assert "b: as many ordinary customers." in text


def test_each_number_is_defined_once_and_each_null_has_one_letter() -> None:
    content = made_up.content()
    subjects = tuple(
        replace(one, facts=(DEPTH, LENGTH, PIVOT, MISSING)) for one in content.subjects
    )
    told = report_data(replace(content, subjects=subjects), ())["examinations"]
    assert [(row["title"], row["null"]) for row in told["rows"]] == [
        ("Depth", "a"), ("Length of answers", "a"), ("Move to a new model", "b"),
    ]  # fmt: skip
    assert len(told["nulls"]) == 2


def test_a_report_without_them_has_no_empty_parts() -> None:
    text = " ".join(pages_of(rendered(made_up.content())))
    assert "What was looked at, in numbers" not in text
    assert "Benign explanations, nearest first" not in text
    assert "p beside" not in text


def test_measures_and_signals_say_what_they_are_and_what_evades_them() -> None:
    content = made_up.content()
    line = MeasureLine("content", "Same wordings", "Repeats to expected.", "Poisson", "Rewording.")
    formulas = pa.array(["mean distance of topics", None], pa.string())
    method = replace(
        content.method,
        measures=(line,),
        signals=content.method.signals.append_column("formula", formulas),
    )
    text = " ".join(pages_of(rendered(replace(content, method=method))))
    assert "Content Same wordings Repeats to expected. Poisson Rewording." in text
    assert "mean distance of topics Gretton et al. 2012" in text
    assert "Coverage evenness Hill 1973" in text
