# ruff: noqa: RUF001  (full-width punctuation is what is tested)
"""The stage text.templates."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.run import analyse
from workbench.analysis.text.groups import groups_stage
from workbench.analysis.text.templates import (
    TEMPLATES_TABLE,
    common_skeleton,
    framed_skeleton,
    templates_stage,
)
from workbench.domain.settings import AnalysisSettings

RANDOM = np.random.default_rng(0)
NOUNS = ["".join(chr(97 + c) for c in RANDOM.integers(0, 26, 7)) for _ in range(400)]


def filler(n: int) -> str:
    return " ".join(RANDOM.choice(NOUNS, n))


def found(texts: list[str], jobs: int = 1) -> FakeArtifacts:
    case = FakeCase([{"account_id": "a", "prompt": text} for text in texts])
    artifacts = FakeArtifacts()
    plan = (groups_stage(), templates_stage())
    analyse(case.engine, artifacts, AnalysisSettings(jobs=jobs), RecordingJob(), plan=plan)
    return artifacts


def skeletons(artifacts: FakeArtifacts) -> list[str]:
    found: list[str] = artifacts.table("text.templates", "templates")["skeleton"].to_pylist()
    return found


def test_beginning_end_and_both() -> None:
    texts = [f"Translate the following sentence into French: {filler(9)}" for _ in range(30)]
    texts += [f"{filler(12)}. Think step by step and show your reasoning" for _ in range(20)]
    texts += [
        f"You are a careful judge. {filler(9)} Answer with a grade from 1 to {n}" for n in range(10)
    ]
    texts += [filler(10) for _ in range(40)]
    artifacts = found(texts)
    template = artifacts.array("text.templates", "template")
    assert skeletons(artifacts) == [
        "Translate the following sentence into French: <*>",
        "<*> . Think step by step and show your reasoning",
        "You are a careful judge. <*> Answer with a grade from <*> to <*>",
    ]
    assert template.tolist() == [0] * 30 + [1] * 20 + [2] * 10 + [-1] * 40
    table = artifacts.table("text.templates", "templates")
    assert table.schema == TEMPLATES_TABLE
    assert table["n_prompts"].to_pylist() == [30, 20, 10]
    assert table["example_prompt_id"].to_pylist() == [0, 30, 50]


def test_text_without_spaces_has_templates_too() -> None:
    texts = [f"请把下面的句子翻译成英文：{filler(6)}" for _ in range(12)]
    texts += [f"{filler(6)}を日本語に訳してください" for _ in range(12)]
    assert skeletons(found(texts)) == [
        "请把下面的句子翻译成英文： <*>",
        "<*> を日本語に訳してください",
    ]


def test_one_large_group_is_a_template_of_its_own() -> None:
    texts = [
        f"Grade this answer between 1 and {n}: it was given by student {'ab'[n % 2]} of our class"
        for n in range(20)
    ]
    artifacts = found(texts)
    assert len(artifacts.array("text.groups", "leader")) < 6
    (skeleton,) = skeletons(artifacts)
    assert skeleton.startswith("Grade this answer between <*> and <*>: it was given by student <*>")
    assert (artifacts.array("text.templates", "template") == 0).all()


def test_few_prompts_alike_are_no_template() -> None:
    artifacts = found([f"Tell me a joke about {filler(6)}" for _ in range(5)])
    assert skeletons(artifacts) == []
    assert (artifacts.array("text.templates", "template") == -1).all()


def test_no_prompts_no_templates_and_threads_change_nothing() -> None:
    assert skeletons(found([])) == []
    texts = [
        f"{'Sum up' if n % 2 else 'Explain in one line'} this: {filler(9)}" for n in range(300)
    ]
    assert (
        found(texts, jobs=1).entries["text.templates"].digest
        == found(texts, jobs=2).entries["text.templates"].digest
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (2, 0, "one two <*>"),
        (0, 2, "<*> five ."),
        (2, 1, "one two <*> ."),
        (4, 4, "one two <*> four five ."),
    ],
)
def test_framed(first: int, last: int, expected: str) -> None:
    assert framed_skeleton("one  two 333\nfour five .", first, last) == expected


def test_common_parts_keep_their_order() -> None:
    texts = ["Rate the essay of Ann from 1 to 5", "Rate the essay of Bob Smith from 1 to 9"]
    assert common_skeleton(texts) == "Rate the essay of <*> from <*> to <*>"
    assert common_skeleton(["a b c", "x y z"]) == "<*>"
    assert common_skeleton(["same text"]) == "same text"


def test_hostile_text_is_kept_as_text() -> None:
    texts = [f"\x1b[31m<b>{{{{x}}}}\u202e do {filler(9)}" for _ in range(9)]
    (skeleton,) = skeletons(found(texts))
    assert "<b>" in skeleton
    assert skeleton.endswith("<*>")
