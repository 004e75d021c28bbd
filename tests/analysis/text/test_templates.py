"""Skeletons that many prompts share."""

import numpy as np
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.run import analyse
from workbench.analysis.text.groups import groups_stage
from workbench.analysis.text.templates import (
    TEMPLATES_TABLE,
    skeleton_of,
    templates_stage,
    token_line,
)
from workbench.domain.settings import AnalysisSettings

_TOPICS = ["rivers", "volcanoes", "contract law", "bees", "steam engines", "glaciers", "tides"]


def _analysed(prompts: list[str | None]) -> FakeArtifacts:
    artifacts = FakeArtifacts()
    case = FakeCase([{"account_id": "a", "prompt": prompt} for prompt in prompts])
    plan = (groups_stage(), templates_stage())
    analyse(case.engine, artifacts, AnalysisSettings(), RecordingJob(), plan=plan)
    return artifacts


def test_no_prompts_have_no_templates() -> None:
    artifacts = _analysed([None])
    assert artifacts.table("text.templates", "templates").schema == TEMPLATES_TABLE
    assert len(artifacts.array("text.templates", "template")) == 0


def test_prompts_of_one_mould_share_its_skeleton_and_others_do_not() -> None:
    moulded = [f"Act as a strict examiner and grade this essay about {t}" for t in _TOPICS]
    free = ["hi there", "why is my code slow?", "please write a poem", ""]
    artifacts = _analysed([*moulded, *free])
    template = artifacts.array("text.templates", "template")
    (row,) = artifacts.table("text.templates", "templates").to_pylist()
    assert row["skeleton"].startswith("Act as a strict examiner and grade this essay about <*>")
    assert row["n_prompts"] == len(moulded)
    assert row["example_prompt_id"] == 0
    assert template[: len(moulded)].tolist() == [0] * len(moulded)
    assert (template[len(moulded) :] == -1).all()


def test_text_without_spaces_has_skeletons_too() -> None:
    topics = ["河流", "火山", "合同", "蜜蜂", "冰川"]
    artifacts = _analysed([f"请一步一步解释{topic}的原理并给出例子" for topic in topics])
    (row,) = artifacts.table("text.templates", "templates").to_pylist()
    assert row["skeleton"].startswith("请一步一步解释")
    assert "<*>" in row["skeleton"]


def test_the_same_prompts_give_the_same_bytes() -> None:
    random = np.random.default_rng(3)
    words = [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "explain",
        "write",
        "list",
        "the",
        "of",
        "in",
        "for",
    ]
    prompts: list[str | None] = [" ".join(random.choice(words, 8)) for _ in range(400)]
    first, second = (_analysed(prompts).current("text.templates") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Add 12.5 and 7", "Add <*> and <*>"),
        ("  two\n\twords ", "two words"),
        ("解释AI", "解 释 AI"),
        ("", ""),
    ],
)
def test_numbers_are_masked_and_unspaced_scripts_cut(text: str, tokens: str) -> None:
    assert token_line(text) == tokens


@pytest.mark.parametrize(
    ("template", "skeleton"),
    [
        ("Explain <*> <*> to a child", "Explain <*> to a child"),
        ("<*> <*> <*> hello", ""),
        ("解 释 <*> 的", "解释 <*> 的"),
        ("", ""),
    ],
)
def test_a_skeleton_reads_well_or_is_none(template: str, skeleton: str) -> None:
    assert skeleton_of(template) == skeleton
