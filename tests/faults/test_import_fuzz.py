"""Small logs of every format, mutated at random: every record has one fate, nothing breaks.

The seed is printed; set WORKBENCH_FAULTS_SEED to run it again.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import random
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.trouble import SEED, cases
from tests.formats.conversation_records import LMSYS, SHAREGPT, WILDCHAT
from tests.formats.gateway_records import HELICONE, LANGFUSE, NGINX, PORTKEY, warehouse_row
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
    STANDARD_LOGGING,
)
from tests.formats.span_records import CURRENT, EVENTS, INDEXED, INFERENCE, document
from tests.formats.test_anthropic_batch import CAME, SENT
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged
from tests.formats.test_copy_text import dump, rows
from tests.formats.test_openai_responses import REQUEST, RESPONSE
from tests.formats.test_text_logs import ACCESS, CHAT, request
from workbench.domain.errors import InputError
from workbench.domain.exchange import RECORD_SCHEMA, REJECT_SCHEMA
from workbench.domain.ports import Parsed, ReadOptions
from workbench.domain.progress import Job
from workbench.formats import blocks, read
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.archive import Archive
from workbench.formats.place import OnDisk, Place
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANONICAL: dict[str, Any] = {
    "request_id": "r",
    "ts": "2026-05-01T12:00:00Z",
    "account_id": "k",
    "prompt": 'said "this", and\nthat \\ 你好',
    "in_tok": 7,
    "temperature": 0.5,
    "stream": True,
}
SHAPES: dict[str, dict[str, Any]] = {
    "canonical": CANONICAL,
    "openai": AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE},
    "anthropic": AROUND | {"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE},
    "litellm": LITELLM,
    "openai-responses": AROUND | {"request": REQUEST, "response": RESPONSE},
    "bedrock": logged(CONVERSE, CONVERSE_ANSWER),
    "azure-openai": AZURE,
    "anthropic-batch": SENT | CAME,
    "langfuse": LANGFUSE,
    "langfuse-warehouse": warehouse_row(LANGFUSE),
    "helicone": HELICONE,
    "portkey": PORTKEY,
    "nginx-json": NGINX,
    "wildchat": WILDCHAT,
    "lmsys": LMSYS,
    "sharegpt": SHAREGPT,
    "litellm-payload": STANDARD_LOGGING,
    "opentelemetry": document(CURRENT, INDEXED) | document(EVENTS, INFERENCE, {"name": "x"}),
    "page": {"object": "list", "data": [CANONICAL, LANGFUSE, {"records": [AZURE]}]},
    "cloudwatch": {
        "logGroup": "g",
        "logEvents": [
            {"id": "1", "timestamp": 1, "message": json.dumps(logged(CONVERSE, CONVERSE_ANSWER))},
            {"id": "2", "timestamp": 1, "message": "START RequestId: 1"},
        ],
    },
}
#: Those that hold records: a line of them is several.
HOLDERS = ("opentelemetry", "page", "cloudwatch")
#: What a field may hold in a log that something went wrong with.
ODD: list[Any] = [
    None, "", 0, -1, 1.5, True, [], {}, [{}], "null", "{", "\x00", "\u202e", 2**70, 1e308,
    "2026-05-01", "1970-01-01T00:00:00Z", [[[]]], {"a": {"b": []}}, "é" * 50, [None, 1, "x"],
]  # fmt: skip
SPLINTERS = [
    b'"',
    b"\n",
    b"\\",
    b"{",
    b"}",
    b"[",
    b",",
    b"\0",
    b"\xff",
    b"\r",
    b"",
    b"\xef\xbb\xbf",
]


def _nested(rng: random.Random, value: Any) -> Any:
    """The value with one field somewhere in it replaced, dropped or renamed."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(list(value))
        changed = dict(value)
        how = rng.random()
        if how < 0.2:
            del changed[key]
        elif how < 0.3:
            changed["x" + key] = changed.pop(key)
        else:
            changed[key] = _nested(rng, value[key])
        return changed
    if isinstance(value, list) and value and rng.random() < 0.6:
        at = rng.randrange(len(value))
        return [*value[:at], _nested(rng, value[at]), *value[at + 1 :]]
    return rng.choice(ODD)


def _records(rng: random.Random, shape: str) -> list[dict[str, Any]]:
    own = shape not in HOLDERS
    records = [
        SHAPES[shape] | ({"request_id": f"r{i}"} if own else {})
        for i in range(rng.randrange(1, 40))
    ]
    for at in range(len(records)):
        if rng.random() < 0.3:
            records[at] = _nested(rng, records[at])
        if not isinstance(records[at], dict):
            records[at] = {"prompt": str(records[at])}
    return records


def _splintered(rng: random.Random, data: bytes) -> bytes:
    """The bytes with a few pieces lost, doubled, flipped or put in."""
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.randrange(60))
        how = rng.randrange(4)
        piece = [b"", data[at:end] * 2, rng.choice(SPLINTERS), rng.choice(SPLINTERS) + data[at:end]]
        data = data[:at] + piece[how] + data[end:]
    return data


def _lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(r, ensure_ascii=False).encode() + b"\n" for r in records)


def _csv(records: list[dict[str, Any]]) -> bytes:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(records[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(
        {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in r.items()}
        for r in records
    )
    return sink.getvalue().encode("utf-8", "replace")


def _parquet(records: list[dict[str, Any]]) -> bytes:
    flat = [{k: json.dumps(v) for k, v in record.items()} for record in records]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(flat), sink)
    return sink.getvalue()


def _arrow(records: list[dict[str, Any]], *, stream: bool = False) -> bytes:
    flat = [{k: json.dumps(v) for k, v in record.items()} for record in records]
    table = pa.Table.from_pylist(flat)
    sink = io.BytesIO()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _text(records: list[dict[str, Any]]) -> bytes:
    """A server's log: a request for each record, and what stands between them."""
    lines = (
        f"{request(CHAT + str(record), number)}\n{ACCESS}" for number, record in enumerate(records)
    )
    return "\n".join(lines).encode("utf-8", "replace")


LAYOUTS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "lines": _lines,
    "array": lambda records: json.dumps(records, ensure_ascii=False).encode(),
    "pretty": lambda records: b"\n".join(json.dumps(r, indent=1).encode() for r in records),
    "csv": _csv,
    "parquet": _parquet,
    "tsv": lambda records: _csv(records).replace(b",", b"\t"),
    "copy": lambda records: dump(rows(*records)),
    "arrow": _arrow,
    "arrow-stream": lambda records: _arrow(records, stream=True),
    "text": _text,
}
_COLUMNAR = ("parquet", "arrow", "arrow-stream")
#: Layouts that do not care for what a record is need not meet every shape.
_SOME = ("tsv", "copy", "arrow", "arrow-stream", "text")
PAIRS = [
    (shape, layout)
    for shape in SHAPES
    for layout in LAYOUTS
    if layout not in _SOME or shape in ("canonical", "litellm", "wildchat")
]


def _shelled(rng: random.Random, path: Path, plain: bytes) -> tuple[Place, bool]:
    """The log in a shell, cut off or damaged or whole; and whether it came to harm."""
    kind = rng.choice(["gzip", "bzip2", "zip"])
    torn = rng.random() < 0.5
    if kind == "zip":
        with zipfile.ZipFile(path, "w", rng.choice([0, 8, 12])) as archive:
            archive.writestr("log", plain)
        data = bytearray(path.read_bytes())
        if torn:
            data[rng.randrange(34, max(35, data.rindex(b"PK\x01\x02")))] ^= rng.randrange(1, 256)
            path.write_bytes(data)
        return Archive(OnDisk(path)).members[0], torn
    packed = gzip.compress(plain) if kind == "gzip" else bz2.compress(plain)
    path.write_bytes(packed[: -rng.randrange(1, 40)] if torn else packed)
    return OnDisk(path), torn


@pytest.mark.parametrize(("shape", "layout"), PAIRS)
def test_mutated_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str, layout: str
) -> None:
    cut = blocks.cut_blocks
    for number in cases(870, least=12):
        seed = f"{SEED}/{shape}/{layout}/{number}"
        sys.stdout.write(f"seed {seed}\n")  # pytest shows it with a failure
        rng = random.Random(seed)
        plain = _splintered(rng, LAYOUTS[layout](_records(rng, shape)))
        path = tmp_path / str(number)
        place: Place = OnDisk(path)
        path.write_bytes(plain)
        torn = False
        if rng.random() < 0.3 and plain and layout not in _COLUMNAR:
            place, torn = _shelled(rng, path, plain)
        size = rng.choice([1, 100, 1 << 20])
        monkeypatch.setattr(
            read, "cut_blocks", lambda *a, size=size, **k: cut(*a, **{**k, "size": size})
        )
        refusal = ""
        try:
            source = open_source(place, ReadOptions())
            parts = list(source.blocks(Job()))
        except InputError as error:
            refusal = str(error)
        if refusal:
            assert str(path) in refusal
            assert "\n" not in refusal
            continue
        _check(source.records, parts)
        in_lines = source.layout.recipe.container == "lines" and not source.layout.columnar
        if in_lines and not torn and shape not in HOLDERS:
            assert source.records == plain.count(b"\n") + (not plain.endswith(b"\n"))
        if not source.layout.columnar and not torn:
            _check_raw(parts, plain)
        if in_lines and not torn:
            _check_quick(source.layout.recipe, plain)


def _check(total: int, parts: list[Parsed]) -> None:
    """Each record of the file is counted once, in order."""
    numbers: list[int] = []
    others = 0
    for part in parts:
        assert part.records.schema.equals(RECORD_SCHEMA)
        assert part.rejects.schema.equals(REJECT_SCHEMA)
        part.records.validate(full=True)
        rows, rejects = part.records["record_no"].to_pylist(), part.rejects["record_no"].to_pylist()
        assert rows == sorted(rows)
        assert rejects == sorted(rejects)
        numbers += sorted(rows + rejects)
        others += part.blank + part.header
    assert numbers == sorted(set(numbers))
    assert len(numbers) + others == total
    assert not numbers or 1 <= numbers[0] <= numbers[-1] <= total


def _check_quick(recipe: Recipe, plain: bytes) -> None:
    """What reads many lines at once reads them as the path does that takes them one by one."""
    quick, slow = (Adapter(recipe, fast=fast).read(plain) for fast in (True, False))
    for one, other in zip(quick.records.to_pylist(), slow.records.to_pylist(), strict=True):
        assert repr(one) == repr(other)
    assert quick.rejects.equals(slow.rejects)


def _check_raw(parts: list[Parsed], plain: bytes) -> None:
    """A reject keeps the bytes that stand at its offset."""
    for part in parts:
        for row in part.rejects.to_pylist():
            start = row["byte_offset"]
            assert plain[start : start + len(row["raw"])] == row["raw"]
