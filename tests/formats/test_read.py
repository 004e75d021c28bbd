"""Whole files: numbers, offsets and fates, the same with and without workers, and cancelling."""

from __future__ import annotations

import csv
import gzip
import io
import json
import multiprocessing
import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.ports import Parsed, ReadOptions
from workbench.domain.progress import Job
from workbench.formats import blocks, read
from workbench.formats.adapter import Recipe
from workbench.formats.preview import preview
from workbench.formats.read import open_source
from workbench.formats.workers import WorkerError, WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.progress import Progress

UTC = ReadOptions(zone="UTC")
RECORDS: list[dict[str, Any]] = [
    {"prompt": f"question {i}", "account_id": f"k{i % 7}", "in_tok": i, "ts": 1_777_638_615 + i}
    for i in range(400)
]


def whole(
    path: Path, options: ReadOptions = UTC, pool: WorkerPool | None = None, name: str = ""
) -> tuple[pa.Table, pa.Table, int, int]:
    """Rows, rejects, blank and header records of a file."""
    parts = list(open_source(path, options, name, pool=pool).blocks(Job()))
    return (
        pa.Table.from_batches([part.records for part in parts]),
        pa.Table.from_batches([part.rejects for part in parts]),
        sum(part.blank for part in parts),
        sum(part.header for part in parts),
    )


def canonical_of(table: pa.Table) -> list[dict[str, Any]]:
    return list(table.select(CANONICAL_SCHEMA.names).to_pylist())


def as_csv(records: list[dict[str, Any]]) -> bytes:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return sink.getvalue().encode()


def as_parquet(records: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), sink, row_group_size=150)
    return sink.getvalue()


LAYOUTS = {
    "lines": lambda: b"\n".join(json.dumps(r).encode() for r in RECORDS),
    "array": lambda: json.dumps(RECORDS).encode(),
    "pretty": lambda: b"\n".join(json.dumps(r, indent=1).encode() for r in RECORDS),
    "csv": lambda: as_csv(RECORDS),
    "parquet": lambda: as_parquet(RECORDS),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_exchanges(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(LAYOUTS[layout]())
    rows, rejects, blank, header = whole(path)
    assert [r["prompt"] for r in canonical_of(rows)] == [r["prompt"] for r in RECORDS]
    (tmp_path / "lines").write_bytes(LAYOUTS["lines"]())
    assert canonical_of(rows) == canonical_of(whole(tmp_path / "lines")[0])
    assert (rejects.num_rows, blank, header) == (0, 0, int(layout == "csv"))
    first = 2 if layout == "csv" else 1
    assert rows["record_no"].to_pylist() == list(range(first, first + len(RECORDS)))


@pytest.mark.parametrize("layout", ["lines", "array", "pretty", "csv"])
def test_offsets_lead_back_to_the_record(tmp_path: Path, layout: str) -> None:
    raw = b"\xef\xbb\xbf" + LAYOUTS[layout]()
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(raw))
    rows = whole(path)[0]
    for offset, prompt in zip(rows["byte_offset"].to_pylist(), rows["prompt"], strict=True):
        assert prompt.as_py().encode() in raw[offset : offset + 120]
        assert raw[offset - 1 : offset] in (b"\n", b"[", b" ", b"\xbf")


def messy() -> bytes:
    """Lines of every fate, in several shapes."""
    lines = [json.dumps(record).encode() for record in RECORDS]
    chat = {"request": {"messages": [{"role": "user", "content": "in a chat"}]}, "response": {}}
    for at, line in (
        (3, b""),
        (5, b'{"prompt": "cut'),
        (9, b'{"prompt": "\xff\xfe"}'),
        (50, b"   "),
        (90, b'{"nothing": 1}'),
        (120, json.dumps(chat).encode()),
        (200, b'{"prompt": "half \\ud83d pair", "in_tok": "many"}'),
        (300, b"[1, 2]"),
    ):
        lines.insert(at, line)
    return b"\n".join(lines) + b"\n"


def same(a: tuple[pa.Table, ...], b: tuple[pa.Table, ...]) -> bool:
    return all(
        x.combine_chunks().equals(y.combine_chunks()) if isinstance(x, pa.Table) else x == y
        for x, y in zip(a, b, strict=True)
    )


@pytest.fixture
def in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two kilobytes, so that small files make many, and workers for all of them."""
    cut = blocks.cut_blocks
    monkeypatch.setattr(read, "SMALL", 0)
    monkeypatch.setattr(read, "cut_blocks", lambda *a, **k: cut(*a, **{**k, "size": 2048}))
    monkeypatch.setattr("workbench.formats.stream.CHUNK", 512)


@pytest.mark.usefixtures("in_small_blocks")
@pytest.mark.parametrize("layout", ["messy", "array", "csv"])
def test_the_number_of_workers_changes_nothing(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(messy() if layout == "messy" else LAYOUTS[layout]())
    alone = whole(path)
    for count in (1, 3):
        with WorkerPool(count) as pool:
            assert same(whole(path, pool=pool), alone)
            assert same(whole(path, pool=pool), alone)  # the same workers again


@pytest.mark.usefixtures("in_small_blocks")
def test_every_record_has_one_fate(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(messy())
    rows, rejects, blank, header = whole(path)
    assert rows.num_rows + rejects.num_rows + blank + header == messy().count(b"\n")
    assert (rows.num_rows, blank, header) == (402, 2, 0)
    reasons = dict(
        zip(rejects["record_no"].to_pylist(), rejects["reason"].to_pylist(), strict=True)
    )
    assert {number: reason.split(":")[0] for number, reason in reasons.items()} == {
        6: "cut off in the middle",
        10: "not UTF-8",
        91: "no exchange",
        301: "not an object",
    }
    lines = messy().split(b"\n")
    assert rejects["raw"].to_pylist() == [lines[number - 1] for number in reasons]
    chat = rows.filter(pa.compute.equal(rows["record_no"], 121))
    assert chat["prompt"].to_pylist() == ["in a chat"]
    half = rows.filter(pa.compute.equal(rows["record_no"], 201))
    assert half["prompt"].to_pylist() == ["half \\ud83d pair"]
    assert half["coerced"].to_pylist() == [1 << CANONICAL_SCHEMA.get_field_index("in_tok")]


def test_times_that_could_not_be_read_keep_their_text(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"prompt":"a","ts":"2026-05-01 12:00:00"}\n{"ts":"soon","account_id":"k"}\n')
    rows = whole(path, ReadOptions())[0]
    assert rows["ts"].to_pylist() == [None, None]
    assert rows["ts_text"].to_pylist() == ["2026-05-01 12:00:00", "soon"]
    assert rows["coerced"].to_pylist() == [2, 2]
    assert whole(path)[0]["ts_text"].to_pylist() == [None, "soon"]


def test_a_worker_is_told_how_to_read_word_for_word() -> None:
    """Also a path that is no Unicode, as an argument of a command may be."""
    mapping = {"ts": "a.b", "prompt": "\udcff", "model": 'quo"te \n'}
    recipe = Recipe("rows", "csv", ReadOptions("Asia/Tokyo", mapping), ("a", "b"), ";", False, 0)
    assert Recipe.decoded(recipe.encoded()) == recipe


@pytest.mark.usefixtures("in_small_blocks")
def test_cancel_ends_workers_and_reader_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(messy())
    job = Job()
    with WorkerPool(2) as pool:
        parts = open_source(path, UTC, pool=pool).blocks(job)
        next(parts)
        job.cancel()
        with pytest.raises(CancelledError):
            list(parts)
        assert not [t for t in threading.enumerate() if t.name == "import-reader"]


@pytest.mark.usefixtures("in_small_blocks")
def test_a_reader_that_is_left_alone_ends(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(messy())
    with WorkerPool(1) as pool:
        parts = open_source(path, UTC, pool=pool).blocks(Job())
        next(parts)
        parts.close()
    # The fixtures of the suite fail on any thread or process that is still there.


@pytest.mark.usefixtures("in_small_blocks")
def test_a_worker_that_dies_is_an_error_not_a_loss(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(messy() * 20)
    with WorkerPool(1) as pool:
        parts = open_source(path, UTC, pool=pool).blocks(Job())
        next(parts)
        (worker,) = multiprocessing.active_children()
        worker.kill()
        with pytest.raises(WorkerError):
            list(parts)


def test_progress_tells_share_and_records(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(LAYOUTS["lines"]())
    said: list[Progress] = []
    list(open_source(path, UTC).blocks(Job(said.append, interval=0)))
    assert [(p.step, p.done, p.count, p.unit) for p in said] == [
        ("Reading log", 1.0, len(RECORDS), "records")
    ]


def test_a_preview_shows_rows_fates_and_fields(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(messy())
    seen = preview(path, UTC, rows=5)
    assert seen.rows.num_rows == 5
    assert seen.accounting.as_dict() == {
        "records": 408, "loaded": 402, "joined": 0, "rejected": 4, "blank": 2,
        "duplicate": 0, "conflict": 0, "header": 0, "coerced": 1,
    }  # fmt: skip
    assert seen.coerced_columns == {"in_tok": 1}
    assert seen.whole
    assert ("prompt", "question 0") in [(field.path, field.example) for field in seen.fields]


# --- Parquet ----------------------------------------------------------------------------------
def parquet(path: Path, **columns: pa.Array) -> pa.Table:
    pq.write_table(pa.table(columns), path)
    return whole(path, ReadOptions())[0]


NOON = 1_777_638_615_250_000


def test_parquet_types_and_what_does_not_fit(tmp_path: Path) -> None:
    rows = parquet(
        tmp_path / "log",
        prompt=pa.array(["a", "", None]).cast(pa.large_string()),
        account_id=pa.array(["k", "", "k"]).dictionary_encode(),
        in_tok=pa.array([1, None, 3], pa.int16()),
        status=pa.array([200, 2**40, 429]),
        asn=pa.array(["AS1", "x", None]),
        temperature=pa.array([0.5, float("nan"), float("inf")]),
        stream=pa.array([True, None, False]),
        tools=pa.array([[{"a": 1}], [], None]),
        embedding=pa.array([[1.0, 2.0], [], None]),
        ignored=pa.array([1, 2, 3]),
        request_id=pa.array(["r1", "r2", "r3"]),
    )
    found = rows.select(["prompt", "account_id", "in_tok", "status", "asn", "temperature"])
    assert found.to_pydict() == {
        "prompt": ["a", "", None],
        "account_id": ["k", None, "k"],
        "in_tok": [1, None, 3],
        "status": [200, None, 429],
        "asn": [1, None, None],
        "temperature": [0.5, None, None],
    }
    assert rows["tools"].to_pylist() == [1, 0, None]
    assert rows["embedding"].to_pylist() == [[1.0, 2.0], None, None]
    bit = CANONICAL_SCHEMA.get_field_index
    expected = [0, 1 << bit("status") | 1 << bit("asn"), 1 << bit("temperature")]
    assert rows["coerced"].to_pylist() == expected
    assert rows["byte_offset"].to_pylist() == [-1, -1, -1]


@pytest.mark.parametrize(
    ("kind", "factor", "is_read"),
    [
        (pa.timestamp("us", "UTC"), 1, True),
        (pa.timestamp("ns", "Europe/Berlin"), 1000, True),
        (pa.timestamp("us"), 1, True),  # the canonical type itself
        (pa.timestamp("ns"), 1000, False),
        (pa.int64(), 1, True),
    ],
)
def test_parquet_times(tmp_path: Path, kind: pa.DataType, factor: int, is_read: bool) -> None:
    times = pa.array([NOON * factor]).cast(kind)
    rows = parquet(tmp_path / "log", prompt=pa.array(["a"]), ts=times)
    assert rows["ts"].cast("int64").to_pylist() == [NOON if is_read else None]
    assert (rows["ts_text"].null_count == 1) is is_read
    two_hours = 7_200_000_000 if getattr(kind, "tz", "x") is None else 0
    berlin = whole(tmp_path / "log", ReadOptions(zone="Europe/Berlin"))[0]
    assert berlin["ts"].cast("int64").to_pylist() == [NOON - two_hours]


def test_parquet_text_that_is_no_utf8_is_coerced_not_fatal(tmp_path: Path) -> None:
    wrong = pa.array([b"\xff", b"fine"]).cast(pa.binary())
    bad = pa.StringArray.from_buffers(2, wrong.buffers()[1], wrong.buffers()[2])
    rows = parquet(tmp_path / "log", prompt=pa.array(["a", "b"]), account_id=bad)
    assert rows["account_id"].to_pylist() == [None, "fine"]
    assert rows["coerced"].to_pylist() == [1 << CANONICAL_SCHEMA.get_field_index("account_id"), 0]


def test_parquet_of_another_shape_goes_by_record(tmp_path: Path) -> None:
    path = tmp_path / "log"
    messages = [[{"role": "user", "content": "asked"}], None]
    pq.write_table(pa.table({"messages": messages, "model": ["m", None], "x": [1, 2]}), path)
    rows, rejects, _, _ = whole(path)
    assert rows["prompt"].to_pylist() == ["asked"]
    assert rejects["record_no"].to_pylist() == [2]
    assert json.loads(rejects["raw"][0].as_py()) == {"messages": None, "model": None, "x": 2}


def test_a_parquet_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(as_parquet(RECORDS)[:-20])
    with pytest.raises(InputError, match="damaged Parquet"):
        open_source(path, UTC)


def test_a_block_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(LAYOUTS["csv"]())
    source = open_source(path, UTC)
    parts: list[Parsed] = list(source.blocks(Job()))
    assert source.records == len(RECORDS) + 1
    assert sum(p.records.num_rows + p.header for p in parts) == source.records
    assert source.read_size == source.size == path.stat().st_size
