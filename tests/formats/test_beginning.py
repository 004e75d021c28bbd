"""What the first records tell: times without a zone, mapped fields that are nowhere."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.domain.ports import ReadOptions
from workbench.formats.beginning import absent_fields, naive_time, nearest
from workbench.formats.detect import detect

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = ReadOptions()


def naive(*times: Any) -> str:
    records = [{"prompt": "p", "ts": time} for time in times]
    return naive_time(records, "canonical", PLAIN)


@pytest.mark.parametrize(
    "time",
    [
        "2026-05-01T12:00:00Z",
        "2026-05-01 12:00:00+02",
        1_777_638_615,
        "1777638615",
        None,
        "",
        "soon",
    ],
)
def test_what_no_zone_would_change_is_not_naive(time: Any) -> None:
    assert naive(time) == ""


def test_the_first_naive_time_is_named_as_it_is_written() -> None:
    assert naive(1_777_638_615, None, "2026-05-01 12:00:00.5", "2026-05-02") == (
        "2026-05-01 12:00:00.5"
    )
    assert naive(dt.datetime(2026, 5, 1, 12)) == "2026-05-01 12:00:00"


def test_a_time_counts_where_the_format_or_the_mapping_finds_it() -> None:
    row = {"startTime": "2026-05-01 12:00:00", "call_type": "acompletion", "api_key": "k"}
    assert naive_time([row], "litellm", PLAIN) == "2026-05-01 12:00:00"
    odd = {"when": "2026-05-01", "said": "p"}
    assert naive_time([odd], "mapped", ReadOptions(mapping={"prompt": "said"})) == ""
    assert naive_time([odd], "mapped", ReadOptions(mapping={"ts": "when"})) == "2026-05-01"
    signed_up = {"prompt": "p", "account_created_at": "2026-05-01"}
    assert naive_time([signed_up], "canonical", PLAIN) == "2026-05-01"


def test_a_parquet_column_of_the_canonical_type_needs_no_zone(tmp_path: Path) -> None:
    moment = [dt.datetime(2026, 5, 1, 12)]
    for unit, found in (("us", ""), ("ms", "2026-05-01 12:00:00")):
        path = tmp_path / unit
        times = pa.array(moment, pa.timestamp(unit))
        pq.write_table(pa.table({"ts": times, "prompt": ["p"]}), path)
        assert detect(path, PLAIN).naive_time == found
        assert detect(path, ReadOptions("UTC")).naive_time == found


def test_a_mapped_field_that_is_nowhere_is_absent() -> None:
    records: list[dict[str, Any]] = [
        {"a": 1},
        {"a": None, "m": {"k": None}, "l": ['{"x": 1}'], "b.c": ""},
    ]
    there = {"ip": "a", "prompt": "m.k", "model": "l[-1].x", "system": "b.c"}
    assert absent_fields(records, (), there) == ()
    mapping = there | {"ts": "A", "org_id": "m.q", "n": "l[1]", "end_user": "col", "ja3": "A"}
    assert absent_fields(records, ("col",), mapping) == ("A", "m.q", "l[1]")


def test_a_field_that_comes_late_in_the_first_megabyte_is_there(tmp_path: Path) -> None:
    rows = [{"prompt": "p"}] * 500 + [{"prompt": "p", "key": "k"}]
    path = tmp_path / "log"
    path.write_text("\n".join(map(json.dumps, rows)))
    layout = detect(path, ReadOptions(mapping={"account_id": "key", "org_id": "team"}))
    assert layout.absent == ("team",)
    assert len(layout.records) < 100
    table = tmp_path / "table"
    table.write_text("prompt,key\np,\n")
    assert detect(table, ReadOptions(mapping={"account_id": "key"})).absent == ()


def test_the_nearest_name() -> None:
    names = ("key_id", "meta.user", "prompt")
    assert nearest("KeyID", names) == "key_id"
    assert nearest("promt", names) == "prompt"
    assert nearest("zzz", names) == ""
