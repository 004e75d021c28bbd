"""Every exchange is a point of its import's segment, and none is lost."""

from typing import Any

import numpy as np

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.accounts import NO_TIME
from workbench.analysis.space.segments import bounds_of, dense_index, segments
from workbench.analysis.stage import Context, StageResult
from workbench.domain.settings import AnalysisSettings
from workbench.kernels.morton import morton_codes, square_around


def _run(case: FakeCase, codes: list[int], xy: Any) -> StageResult:
    artifacts = FakeArtifacts()
    artifacts.publish(
        "accounts", "k", arrays={"code": np.array(codes, np.int32)}, tables={}, info={}
    )
    artifacts.publish(
        "space.place",
        "k",
        arrays={"xy": np.array(xy, np.float32).reshape(-1, 2)},
        tables={},
        info={},
    )
    engine = case.engine()
    try:
        return segments(
            Context("space.segments", AnalysisSettings(), engine, artifacts, RecordingJob())
        )
    finally:
        engine.close()


def test_an_empty_case_has_no_segment() -> None:
    result = _run(FakeCase(), [], [])
    assert result.arrays["segment_offsets"].tolist() == [0]
    assert len(result.arrays["x"]) == 0
    assert result.arrays["bounds"].tolist() == [0, 0, 1, 1]


def test_an_exchange_without_prompt_or_time_is_counted_and_not_placed() -> None:
    case = FakeCase([{"account_id": "a", "ts": None, "prompt": None}])
    result = _run(case, [0], [])
    assert np.isnan(result.arrays["x"]).all()
    assert result.arrays["ts"].tolist() == [NO_TIME]
    assert result.arrays["prompt"].tolist() == [-1]
    assert result.info == {"n_exchanges": 1, "n_unplaced": 1}


def test_each_import_is_one_segment_in_morton_order_and_holds_each_exchange_once() -> None:
    random = np.random.default_rng(5)
    case = FakeCase()
    for batch in range(3):
        case.add(
            {
                "account_id": f"a{random.integers(4)}",
                "ts": int(random.integers(10**9)),
                "prompt": None if i % 17 == 0 else f"p{random.integers(50)}",
            }
            for i in range(100 + batch)
        )
    xy = random.normal(size=(50, 2))
    result = _run(case, [0, 1, 2, 3], xy)
    arrays = result.arrays
    assert arrays["segment_offsets"].tolist() == [0, 100, 201, 303]
    assert sorted(arrays["exchange_id"].tolist()) == list(range(1, 304))
    square = square_around(
        np.empty(0, np.float32), np.empty(0, np.float32), bounds_of(xy.astype(np.float32))
    )
    for first, last in zip(arrays["segment_offsets"], arrays["segment_offsets"][1:], strict=False):
        x, y = arrays["x"][first:last], arrays["y"][first:last]
        placed = np.isfinite(x)
        assert not placed[placed.argmin() :].any() or placed.all()
        codes = morton_codes(x[placed], y[placed], square)
        assert (np.diff(codes.astype(np.int64)) >= 0).all()
        prompts = arrays["prompt"][first:last]
        assert np.array_equal(
            np.column_stack([x, y])[placed], xy.astype(np.float32)[prompts[placed]]
        )


def test_accounts_outside_the_table_have_no_index() -> None:
    codes = np.array([3, 7, 9], np.int32)
    assert dense_index(np.array([9, 3, 8, -1, 7]), codes).tolist() == [2, 0, -1, -1, 1]
    assert dense_index(np.array([1, 2]), codes[:0]).tolist() == [-1, -1]
