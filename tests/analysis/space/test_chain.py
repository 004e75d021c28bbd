"""From prompts to places: the stages in order, with the real embedder and the real layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.accounts import accounts_stage, exchanges_stage
from workbench.analysis.run import analyse
from workbench.analysis.space.landmarks import allot, landmarks_stage
from workbench.analysis.space.place import CELLS_TABLE, jitter, place_stage, room
from workbench.analysis.space.segments import segments_stage
from workbench.analysis.text.groups import groups_stage
from workbench.domain.errors import InputError
from workbench.domain.settings import AnalysisSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = AnalysisSettings(seed=5, landmarks=300, cells=24, jobs=1)
SUBJECTS = ("bread", "violins", "tax law", "volcanoes", "python lists", "heart disease")
TASKS = (
    "Explain {} to a child in {}", "Write a poem about {} for {}", "What is new in {} near {}?",
    "List ten facts on {} from {}", "Who invented {} in {}?", "Translate a text about {} into {}",
)  # fmt: skip
PLACES = ("Rome", "Kyoto", "Lagos", "Lima", "Oslo", "Perth", "Quito", "Delhi", "Cairo", "Seoul")


def prompts() -> Iterator[str]:
    for task in TASKS:
        for subject in SUBJECTS:
            for number, place in enumerate(PLACES):
                yield f"{task.format(subject, place)} {'please' * (number % 2)}"


def rows(texts: list[str]) -> list[dict[str, object]]:
    return [
        {"account_id": f"a{n % 7}", "ts": n * 1_000_000, "prompt": text}
        for n, text in enumerate(texts)
    ]


def plan() -> tuple:
    return (
        accounts_stage(),
        exchanges_stage(),
        groups_stage(),
        landmarks_stage(),
        place_stage(),
        segments_stage(),
    )


def run(case: FakeCase, artifacts: FakeArtifacts, settings: AnalysisSettings = SETTINGS) -> list:
    report = analyse(case.engine, artifacts, settings, RecordingJob(), plan=plan())
    return [stage.name for stage in report.stages if not stage.skipped]


@pytest.fixture(scope="module")
def analysed() -> tuple[FakeCase, FakeArtifacts]:
    case = FakeCase(rows([*prompts(), "", "\u200b"]))
    artifacts = FakeArtifacts()
    run(case, artifacts)
    return case, artifacts


def test_every_prompt_with_words_has_a_place(analysed: tuple[FakeCase, FakeArtifacts]) -> None:
    _, artifacts = analysed
    xy = artifacts.array("space.place", "xy")
    landmark = artifacts.array("space.place", "landmark")
    cell = artifacts.array("space.place", "cell")
    assert len(xy) == 362
    assert np.isfinite(xy[:360]).all()
    assert np.isnan(xy[360:]).all()
    assert landmark[360:].tolist() == cell[360:].tolist() == [-1, -1]
    assert landmark[:360].min() >= 0
    assert len(np.unique(xy[:360], axis=0)) > 350
    assert artifacts.entries["space.place"].info["n_without_vector"] == 2
    for dtype, array in ((np.float32, xy), (np.int32, landmark), (np.int32, cell)):
        assert array.dtype == dtype


def test_landmarks_are_leaders_in_order_and_stand_where_they_were_fitted(
    analysed: tuple[FakeCase, FakeArtifacts],
) -> None:
    _, artifacts = analysed
    prompt = artifacts.array("space.landmarks", "prompt")
    xy = artifacts.array("space.landmarks", "xy")
    assert len(prompt) <= 300
    assert (np.diff(prompt) > 0).all()
    assert set(prompt) <= set(artifacts.array("text.groups", "leader"))
    np.testing.assert_array_equal(artifacts.array("space.place", "xy")[prompt], xy)
    np.testing.assert_allclose(
        np.linalg.norm(artifacts.array("space.landmarks", "vector"), axis=1), 1, atol=1e-5
    )


def test_the_map_keeps_topics_together(analysed: tuple[FakeCase, FakeArtifacts]) -> None:
    _, artifacts = analysed
    xy = artifacts.array("space.place", "xy")[:360]
    subject = np.array([n // len(PLACES) % len(SUBJECTS) for n in range(360)])
    task = np.array([n // len(PLACES) // len(SUBJECTS) for n in range(360)])
    gaps = np.linalg.norm(xy[:, None] - xy, axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argpartition(gaps, 8, axis=1)[:, :8]
    same = (subject[nearest] == subject[:, None]) | (task[nearest] == task[:, None])
    # By chance 11 of 36.
    assert same.mean() > 0.8


def test_cells_count_what_lies_in_them(analysed: tuple[FakeCase, FakeArtifacts]) -> None:
    _, artifacts = analysed
    table = artifacts.table("space.place", "cells")
    cell = artifacts.array("space.place", "cell")
    centroid = artifacts.array("space.place", "centroid")
    assert table.schema == CELLS_TABLE
    assert table.num_rows == len(centroid) <= 24
    np.testing.assert_array_equal(
        table["n_prompts"].to_numpy(), np.bincount(cell[cell >= 0], minlength=len(centroid))
    )
    assert sum(table["n_exchanges"].to_pylist()) == 360
    assert np.isfinite(table["x"].to_numpy()).all()
    assert any("python" in name or "volcanoes" in name for name in table["name"].to_pylist())


def test_a_fresh_store_gets_the_same_bytes_on_any_number_of_threads(
    analysed: tuple[FakeCase, FakeArtifacts],
) -> None:
    case, first = analysed
    second = FakeArtifacts()
    run(case, second, AnalysisSettings(seed=5, landmarks=300, cells=24, jobs=2))
    assert {name: entry.digest for name, entry in first.entries.items()} == {
        name: entry.digest for name, entry in second.entries.items()
    }


def test_a_later_import_moves_no_old_point(analysed: tuple[FakeCase, FakeArtifacts]) -> None:
    _, first = analysed
    before = first.array("space.place", "xy").copy()
    grown = FakeCase(rows([*prompts(), "", "\u200b"]))
    artifacts = FakeArtifacts(
        dict(first.entries), dict(first.arrays), dict(first.tables), dict(first.published)
    )
    grown.add(rows([f"Compare {text}" for text in prompts()]))
    ran = run(grown, artifacts)
    assert "space.landmarks" not in ran
    assert {"text.groups", "space.place", "space.segments"} <= set(ran)
    after = artifacts.array("space.place", "xy")
    assert len(after) == 722
    assert after[:362].tobytes() == before.tobytes()
    assert np.isfinite(after[362:]).all()
    assert artifacts.array("space.segments", "segment_offsets").tolist() == [0, 362, 722]


def test_a_case_that_outgrew_its_landmarks_is_drawn_anew() -> None:
    case = FakeCase(rows(["one prompt", "two prompts"]))
    artifacts = FakeArtifacts()
    run(case, artifacts)
    texts = list(prompts())[:40]
    case.add(rows(texts[:10]))
    assert "space.landmarks" not in run(case, artifacts)
    case.add(rows(texts))
    assert "space.landmarks" in run(case, artifacts)
    assert run(case, artifacts) == []


@pytest.mark.parametrize(
    "texts",
    [[], [None], [""], ["one"], ["same", "SAME", "same "], ["a b", "b a"], ["один", "two", "三"]],
)
def test_tiny_cases(texts: list[str | None]) -> None:
    case = FakeCase([{"account_id": "a", "prompt": text, "ts": 0} for text in texts])
    artifacts = FakeArtifacts()
    run(case, artifacts)
    xy = artifacts.array("space.place", "xy")
    assert len(xy) == len({text for text in texts if text is not None})
    assert len(artifacts.array("space.segments", "x")) == len(texts)
    worded = [text for text in dict.fromkeys(texts) if text is not None]
    for text, place in zip(worded, xy, strict=True):
        assert np.isfinite(place).all() == bool(text)


def test_vectors_from_the_log_make_a_map() -> None:
    random = np.random.default_rng(0)
    case = FakeCase(
        [
            {
                "account_id": "a",
                "prompt": f"text {n}",
                "embedding": None if n == 3 else random.normal(size=6).tolist(),
            }
            for n in range(30)
        ]
    )
    artifacts = FakeArtifacts()
    chosen = AnalysisSettings(embedder="column:embedding")
    run(case, artifacts, chosen)
    xy = artifacts.array("space.place", "xy")
    assert np.isnan(xy[3]).all()
    assert np.isfinite(np.delete(xy, 3, axis=0)).all()
    assert artifacts.array("space.landmarks", "vector").shape[1] == 6
    with pytest.raises(InputError, match="static"):
        run(case, artifacts, AnalysisSettings(embedder="nonsense"))


def test_landmarks_are_shared_out_by_the_square_root() -> None:
    counts = np.array([10_000, 100, 4, 0, 1])
    quota = allot(counts, 122)
    assert quota.sum() == 122
    assert (quota <= counts).all()
    assert quota[2] == 4 or quota[2] >= 2
    assert quota[0] < 110
    assert allot(counts, 10**6).tolist() == counts.tolist()
    assert allot(np.array([5, 5, 5]), 2).sum() == 2
    assert allot(np.zeros(0, np.int64), 5).sum() == 0


def test_jitter_is_fixed_to_the_prompt_and_fills_the_disc() -> None:
    offsets = jitter(np.arange(20_000), seed=1)
    np.testing.assert_array_equal(offsets[500:600], jitter(np.arange(500, 600), seed=1))
    assert not np.array_equal(offsets, jitter(np.arange(20_000), seed=2))
    assert (np.linalg.norm(offsets, axis=1) < 1).all()
    assert np.abs(offsets.mean(axis=0)).max() < 0.02
    assert abs((offsets[:, 0] * offsets[:, 1]).mean()) < 0.005


def test_room_is_bounded() -> None:
    random = np.random.default_rng(0)
    xy = random.normal(size=(500, 2)).astype(np.float32)
    xy[:10] = 0
    xy[10] = [1000, 1000]
    around = room(xy)
    assert (around > 0).all()
    assert around.max() <= 4 * np.median(around) + 1e-9
    assert len(room(xy[:2])) == 2
    assert len(room(xy[:0])) == 0
