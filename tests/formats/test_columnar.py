"""Parquet and Arrow: the same rows, whatever holds them; nothing is trusted."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.columnar import kind_of
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

TIME = dt.datetime(2026, 5, 1, 12)
TABLE = pa.table(
    {
        "request_id": [f"r{i}" for i in range(20_000)],
        "ts": pa.array([TIME] * 20_000, pa.timestamp("us")),
        "account_id": pa.array(["a", "b"] * 10_000).dictionary_encode(),
        "prompt": pa.array([f"question {i}" for i in range(20_000)], pa.large_string()),
        "in_tok": pa.array(range(20_000), pa.int16()),
    }
)


def packed(kind: str, table: pa.Table = TABLE, **options: Any) -> bytes:
    sink = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, sink)
        return sink.getvalue()
    make = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
    with make(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=7000)
    return sink.getvalue()


def rows(path: Path, data: bytes) -> list[dict[str, Any]]:
    path.write_bytes(data)
    source = open_source(path, ReadOptions())
    parts = list(source.blocks(Job()))
    assert sum(len(part.rejects) for part in parts) == 0
    found = [row for part in parts for row in part.records.to_pylist()]
    assert [row["record_no"] for row in found] == list(range(1, len(found) + 1))
    assert {row["byte_offset"] for row in found} <= {-1}
    return found


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize("kind", ["arrow", "arrow-stream"])
def test_arrow_reads_as_parquet_does(tmp_path: Path, kind: str, compression: str | None) -> None:
    data = packed(kind, compression=compression)
    assert kind_of(data[:64]) == kind
    found = rows(tmp_path / "log", data)
    assert found == rows(tmp_path / "log", packed("parquet"))
    assert (found[-1]["prompt"], found[-1]["ts"], found[-1]["in_tok"]) == (
        "question 19999", TIME, 19_999,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["arrow", "arrow-stream"])
def test_other_shapes_go_by_record(tmp_path: Path, kind: str) -> None:
    request = {"model": "m", "messages": [{"role": "user", "content": "why"}]}
    table = pa.Table.from_pylist([{"request": request, "id": "r"}])
    (row,) = rows(tmp_path / "log", packed(kind, table))
    assert (row["prompt"], row["model"]) == ("why", "m")


@pytest.mark.parametrize("kind", ["arrow", "arrow-stream", "parquet"])
def test_a_name_twice_is_refused(tmp_path: Path, kind: str) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["prompt", "prompt"])
    with pytest.raises(InputError, match="two columns that are named prompt"):
        rows(tmp_path / "log", packed(kind, table))


@pytest.mark.parametrize("kind", ["arrow", "arrow-stream"])
def test_a_cut_or_lengthened_file_is_refused(tmp_path: Path, kind: str) -> None:
    data = packed(kind)
    for spoilt in (data[: len(data) // 2], data[:-20], data[:40], data + b"more"):
        with pytest.raises(InputError, match="damaged Arrow"):
            rows(tmp_path / "log", spoilt)


@pytest.mark.parametrize("kind", ["arrow", "arrow-stream"])
def test_nothing_that_lies_about_its_bytes_is_followed(tmp_path: Path, kind: str) -> None:
    """Offsets that lead out of the data, and whatever else chance makes of it."""
    draw = random.Random(7)
    table = TABLE.slice(0, 300)
    data = packed(kind, table)
    for _ in range(150):
        spoilt = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            spoilt[draw.randrange(8, len(spoilt))] = draw.randrange(256)
        (tmp_path / "log").write_bytes(spoilt)
        try:
            source = open_source(tmp_path / "log", ReadOptions("UTC"))
            count = sum(len(p.records) + len(p.rejects) for p in source.blocks(Job()))
        except InputError:
            continue
        assert count <= len(table)


def test_text_that_is_no_utf8_spoils_its_own_value_only(tmp_path: Path) -> None:
    buffers = [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"\xff\xfeok")]
    column = pa.Array.from_buffers(pa.string(), 2, buffers)
    table = pa.table(
        {"prompt": column, "request_id": ["r1", "r2"], "model": ["m"] * 2, "account_id": ["a"] * 2}
    )
    found = rows(tmp_path / "log", packed("arrow", table))
    assert [row["prompt"] for row in found] == [None, "ok"]


@pytest.mark.parametrize("zone", ["", "UTC"])
@pytest.mark.parametrize("kind", ["arrow", "parquet"])
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_beyond_the_calendar_are_unreadable(
    tmp_path: Path, unit: str, kind: str, zone: str
) -> None:
    far = 2**52 if unit == "s" else 2**62
    ts = pa.array([far, None, 1], pa.timestamp(unit, "UTC"))
    table = pa.table({"prompt": ["a", "b", "c"], "ts": ts})
    (tmp_path / "log").write_bytes(packed(kind, table))
    (part,) = open_source(tmp_path / "log", ReadOptions(zone)).blocks(Job())
    first, second, third = part.records.to_pylist()
    assert (first["ts"], second["ts"], third["ts"].year) == (None, None, 1970)
    assert (first["coerced"] > 0, second["coerced"], third["coerced"]) == (True, 0, 0)


def test_columns_inside_a_shell_are_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Parquet inside a gzip shell\. Decompress"):
        rows(tmp_path / "log", gzip.compress(packed("parquet")))


def test_text_is_not_taken_for_columns() -> None:
    for head in (b'{"prompt": 1}', b"\xff\xff\xff\xff\xff\xff\xff\xff", b"", b"ARRO", b"\xff" * 4):
        assert kind_of(head) is None
