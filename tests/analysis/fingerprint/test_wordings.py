"""Wordings and places that mean the same in any log."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.fingerprint.log import family_of, placed
from workbench.analysis.fingerprint.wordings import Skeleton, skeletons_of, wording_of
from workbench.analysis.stage import Context
from workbench.analysis.text.embed import static_embedder
from workbench.domain.settings import AnalysisSettings

RANDOM = np.random.default_rng(0)
NOUNS = ["".join(chr(97 + c) for c in RANDOM.integers(0, 26, 7)) for _ in range(400)]


def filler(n: int) -> str:
    return " ".join(RANDOM.choice(NOUNS, n))


def context(texts: list[str], jobs: int = 1) -> Context:
    case = FakeCase([{"account_id": "a", "prompt": text} for text in texts])
    return Context(
        "fingerprint", AnalysisSettings(jobs=jobs), case.engine(), FakeArtifacts(), RecordingJob()
    )


def taken(*groups: list[str]) -> list[Skeleton]:
    texts = [text for group in groups for text in group]
    ends = np.cumsum([len(group) for group in groups])
    ids = [
        np.arange(end - len(group), end) for group, end in zip(groups, ends.tolist(), strict=True)
    ]
    return [skeleton for _, skeleton in skeletons_of(context(texts), ids)]


def judged(n: int) -> list[str]:
    end = "Answer with a grade from 1 to 10"
    return [f"You are a careful judge. {filler(9)} {end}" for _ in range(n)]


def test_a_beginning_an_end_and_both_are_found_in_another_log() -> None:
    skeletons = taken(
        [f"Translate the following sentence: {filler(9)}" for _ in range(30)],
        [f"{filler(12)}. Think step by step and show your reasoning" for _ in range(20)],
        judged(10),
    )
    assert [(one.head > 0, one.tail > 0) for one in skeletons] == [
        (True, False), (False, True), (True, True),
    ]  # fmt: skip
    assert skeletons[0].words == "Translate the following sentence: <*>"
    other = [
        filler(10),
        "TRANSLATE the following  sentence: " + filler(3),
        f"{filler(4)}. Think step by step and show your reasoning",
        "You are a careful judge. " + filler(2) + " Answer with a grade from 3 to 5",
        "You are a careful judge. " + filler(2),
        "Translate",
    ]
    assert wording_of(context(other), skeletons).tolist() == [3, 0, 1, 2, 3, 3]


def test_the_longest_that_fits_is_taken_and_threads_change_nothing() -> None:
    long = [f"Solve this problem step by step: {filler(8)}" for _ in range(12)]
    short = [f"Solve this problem quickly {filler(8)}" for _ in range(12)]
    skeletons = taken([*short, *(f"Solve this problem {filler(4)}" for _ in range(90))], long)
    assert [one.head for one in skeletons] == [3, 7]
    asked = [long[0], short[0], "Solve this problem now", "Solve this"]
    assert wording_of(context(asked), skeletons).tolist() == [1, 0, 0, 2]
    many = [*long, *short, *(filler(6) for _ in range(9_000))]
    assert np.array_equal(
        wording_of(context(many), skeletons), wording_of(context(many, jobs=3), skeletons)
    )


def test_a_group_that_agrees_too_little_has_no_skeleton() -> None:
    assert taken([filler(9) for _ in range(20)]) == []
    assert taken([f"What is {filler(6)}" for _ in range(20)]) == [], "two words are chance"
    assert taken() == []


def test_two_groups_with_one_skeleton_are_one() -> None:
    assert len(taken(judged(10), judged(12))) == 1


def test_nothing_to_look_for_and_nothing_to_look_in() -> None:
    assert wording_of(context(["one two three four", ""]), []).tolist() == [0, -1]
    one = Skeleton(3, 0, 7)
    assert wording_of(context([]), [one]).size == 0
    wording, region = placed(context(["a b c"]), [one], None)
    assert wording.tolist() == [1]
    assert region is None


def test_prompts_lie_in_the_nearest_region_and_those_without_a_vector_in_none() -> None:
    texts = ["integrals of rational functions", "a sonnet about the sea", ""]
    frame = static_embedder().embed(pa.array(texts[:2]))
    _, region = placed(context([*texts, "how to integrate functions"]), [], frame)
    assert region is not None
    assert region.tolist() == [0, 1, -1, 0]


@pytest.mark.parametrize(
    ("value", "family"),
    [
        ("agent openai-python/1.30.1", "openai-python"),
        ("agent Mozilla/5.0 (X11; Linux)", "Mozilla"),
        ("agent curl", "curl"),
        ("agent me@example.com/1.0", ""),
        ("agent <b>bold</b>", ""),
        ("agent 12345", ""),
        ("agent " + "x" * 41 + "/1", ""),
        ("ja4 t13d1516h2", ""),
        ("agent ", ""),
    ],
)
def test_families_of_clients(value: str, family: str) -> None:
    assert family_of(value) == family
