"""The stage text.groups."""

from __future__ import annotations

import numpy as np

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.run import analyse
from workbench.analysis.text.groups import groups_stage
from workbench.domain.settings import AnalysisSettings


def grouped(case: FakeCase, **settings: int) -> FakeArtifacts:
    artifacts = FakeArtifacts()
    chosen = AnalysisSettings(**settings)  # type: ignore[arg-type]
    analyse(case.engine, artifacts, chosen, RecordingJob(), plan=(groups_stage(),))
    return artifacts


def test_copies_with_other_numbers_are_one_group() -> None:
    case = FakeCase(
        [
            {"account_id": "a", "prompt": "Summarise chapter 1 of the book, please."},
            {"account_id": "a", "prompt": "What is the capital of France?"},
            {"account_id": "b", "prompt": "summarise chapter 22 of the book, please."},
            {"account_id": "b", "prompt": "请总结这本书的第一章"},
            {"account_id": "b", "prompt": None},
        ]
    )
    artifacts = grouped(case)
    assert artifacts.array("text.groups", "group").tolist() == [0, 1, 0, 2]
    assert artifacts.array("text.groups", "leader").tolist() == [0, 1, 3]
    assert artifacts.entries["text.groups"].info == {"n_groups": 3, "n_prompts": 4}


def test_no_prompts_no_groups() -> None:
    artifacts = grouped(FakeCase([{"account_id": "a"}]))
    assert artifacts.array("text.groups", "group").shape == (0,)
    assert artifacts.array("text.groups", "leader").dtype == np.int32


def test_threads_change_nothing_and_imports_change_no_group() -> None:
    rows = [
        {"account_id": "a", "prompt": f"Explain topic {i % 700} {'x' * (i % 50)}"}
        for i in range(20_000)
    ]
    one, two = grouped(FakeCase(rows), jobs=1), grouped(FakeCase(rows), jobs=3)
    assert one.entries["text.groups"].digest == two.entries["text.groups"].digest
    earlier = grouped(FakeCase(rows[:5000])).array("text.groups", "group")
    np.testing.assert_array_equal(one.array("text.groups", "group")[: len(earlier)], earlier)
