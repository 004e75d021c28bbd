"""What a preview says of single cells: every value that its column cannot take, and why."""

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.preview import SHOWN_FIRST, Spoilt, preview


def write(path: Path, *records: object) -> Path:
    path.write_bytes(b"\n".join(r if isinstance(r, bytes) else orjson.dumps(r) for r in records))
    return path


def test_every_spoilt_cell_is_told_as_it_is_written(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log",
        {"account_id": "k", "prompt": "p", "ts": "soon", "in_tok": "many", "stream": "maybe"},
        {"account_id": "k", "prompt": "p", "ts": "2026-05-01 12:00:00", "temperature": [1]},
        {"account_id": {"a": 1}, "prompt": "p", "n": 10**12, "embedding": "x"},
        b'{"account_id": "k", "prompt": "p", "ip": "192.0.2.1", "ip": "192.0.2.2"}',
    )
    shown = preview(log, ReadOptions())
    assert shown.spoilt == {
        (1, "ts"): Spoilt('"soon"', "is no time"),
        (1, "in_tok"): Spoilt('"many"', "is no whole number in the range of this column"),
        (1, "stream"): Spoilt('"maybe"', "is neither true nor false"),
        (2, "ts"): Spoilt('"2026-05-01 12:00:00"', "names no zone"),
        (2, "temperature"): Spoilt("[1]", "is no number"),
        (3, "account_id"): Spoilt('{"a": 1}', "is no text"),
        (3, "n"): Spoilt("1000000000000", "is no whole number in the range of this column"),
        (3, "embedding"): Spoilt('"x"', "is no list of numbers"),
        (4, "ip"): Spoilt("", "is no value of this column, or there twice with different values"),
    }
    assert sum(shown.coerced_columns.values()) == len(shown.spoilt)


@pytest.mark.parametrize("kind", ["lines", "csv", "parquet", "mapped"])
def test_all_of_the_first_hundred_are_told_and_none_behind_them(tmp_path: Path, kind: str) -> None:
    path, mapping = tmp_path / "log", {}
    rows = [{"account_id": f"k{n}", "prompt": "p", "ts": f"day {n}"} for n in range(3000)]
    if kind == "csv":
        path.write_text("account_id,prompt,ts\n" + "\n".join(",".join(r.values()) for r in rows))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif kind == "mapped":
        write(path, *({"who": r["account_id"], "asked": "p", "at": r["ts"]} for r in rows))
        mapping = {"account_id": "who", "prompt": "asked", "ts": "at"}
    else:
        write(path, *rows)
    shown = preview(path, ReadOptions(mapping=mapping))
    first = 2 if kind == "csv" else 1  # the header is a record
    assert shown.coerced_columns == {"ts": 3000}
    assert [each.written for each in shown.spoilt.values()] == [f'"day {n}"' for n in range(100)]
    assert {number for number, _ in shown.spoilt} == set(range(first, first + 100))


def test_the_first_values_are_kept_whichever_way_a_line_is_read() -> None:
    # A line that repeats a key goes the slow way, after those that are read at once.
    slow = b'{"prompt": "p", "ts": "first", "x": 1, "x": 1}\n'
    fast = b"".join(b'{"prompt": "p", "ts": "later %d"}\n' % n for n in range(9))
    parsed = Adapter(Recipe("lines", "canonical", samples=2)).read(slow + fast)
    told = [(each.record_no, each.value) for each in parsed.unread]
    assert told == [(1, '"first"'), (2, '"later 0"')]


def test_columns_are_those_that_are_mapped_or_filled_or_spoilt(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log",
        {"system": "s", "prompt": "p", "org_id": None, "in_tok": 3, "country": ""},
        {"prompt": "p", "status": "ok?"},
    )
    shown = preview(log, ReadOptions())
    assert shown.columns(()) == (*SHOWN_FIRST, "status", "in_tok", "system")
    assert shown.columns(("org_id",)) == (*SHOWN_FIRST, "org_id", "status", "in_tok", "system")
    nothing = preview(write(tmp_path / "odd", {"x": 1}), ReadOptions(), "mapped")
    assert (nothing.rows.num_rows, nothing.spoilt) == (0, {})
    assert nothing.columns(()) == SHOWN_FIRST
