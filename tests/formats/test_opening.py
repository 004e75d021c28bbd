"""Records inside records: each has a place, bytes and a fate of its own, whatever is around it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.gateway_records import HELICONE, LANGFUSE
from tests.formats.holders import (
    BEDROCK,
    CHAT,
    OWN,
    Record,
    answer,
    check,
    delivered,
    event,
    fetched,
    hub,
    page,
    saved,
)
from tests.formats.span_records import CURRENT, INDEXED, document
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_read import same, whole
from workbench.domain.ports import Parsed, ReadOptions
from workbench.formats import blocks, read
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.detect import detect
from workbench.formats.opening import NO_RECORDS, opened
from workbench.formats.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOLDERS: dict[str, tuple[Callable[..., Record], list[tuple[Record, str]]]] = {
    "data[]": (page, [(OWN, "canonical"), (CHAT, "openai"), (BEDROCK, "bedrock")]),
    "data[] ": (answer, [(LANGFUSE, "langfuse"), (HELICONE, "helicone")]),
    "observations[]": (saved, [(LANGFUSE, "langfuse")]),
    "records[]": (hub, [(AZURE, "azure-openai"), (OWN, "canonical")]),
    "logEvents[].message": (delivered, [(BEDROCK, "bedrock"), (CHAT, "openai")]),
    "events[].message": (fetched, [(BEDROCK, "bedrock"), (OWN, "canonical")]),
    "resourceSpans[].scopeSpans[].spans[]": (
        document,
        [(CURRENT, "opentelemetry"), (INDEXED, "opentelemetry")],
    ),
}
CASES = [
    (where, hold, record, name)
    for where, (hold, records) in HOLDERS.items()
    for record, name in records
]


def columns_of(parsed: Parsed) -> list[Record]:
    place = ("record_no", "byte_offset")
    return [{k: v for k, v in row.items() if k not in place} for row in parsed.records.to_pylist()]


@pytest.mark.parametrize(("where", "hold", "record", "name"), CASES)
@pytest.mark.parametrize("indent", [None, 2])
def test_what_is_inside_reads_as_if_it_lay_alone(
    tmp_path: Path,
    where: str,
    hold: Callable[..., Record],
    record: Record,
    name: str,
    indent: int | None,
) -> None:
    path = tmp_path / "log"
    data = json.dumps(hold(record, record, record), indent=indent).encode()
    path.write_bytes(data)
    layout = detect(path, ReadOptions("UTC"))
    assert layout.detection.format == name
    assert layout.detection.reason.endswith(f" in 3 of 3 records, inside {where.strip()}")
    parsed = Adapter(layout.recipe).read(data)
    assert check(data, parsed) == 3
    alone = Adapter(Recipe("lines", name, ReadOptions("UTC"))).read(json.dumps(record).encode())
    assert columns_of(parsed) == columns_of(alone) * 3
    assert parsed.rejects.num_rows == 0


@pytest.mark.parametrize("hold", [hold for hold, _ in HOLDERS.values()])
@pytest.mark.parametrize("container", ["lines", "values"])
@pytest.mark.parametrize("fast", [True, False])
def test_without_any_record_it_is_one_that_holds_no_exchange(
    hold: Callable[..., Record], container: Any, fast: bool
) -> None:
    empty, good = json.dumps(hold()).encode(), json.dumps(OWN).encode()
    data = good + b"\n" + empty + b"\n" + good
    parsed = Adapter(Recipe(container, "canonical"), fast=fast).read(data)
    assert check(data, parsed) == 3
    assert parsed.records["record_no"].to_pylist() == [1, 3]
    (reject,) = parsed.rejects.to_pylist()
    assert (reject["record_no"], reject["reason"], reject["raw"]) == (2, NO_RECORDS, empty)


def test_an_observation_is_of_whom_its_trace_says_where_it_says_nothing_itself() -> None:
    silent = {key: value for key, value in LANGFUSE.items() if key not in ("userId", "sessionId")}
    data = json.dumps(saved(LANGFUSE, silent)).encode()
    parsed = Adapter(Recipe("values", "langfuse")).read(data)
    assert parsed.records["end_user"].to_pylist() == ["person-9", "person-7"]
    assert parsed.records["session_id"].to_pylist() == ["s-1", "s-7"]
    assert parsed.records["prompt"].to_pylist() == ["Second question"] * 2


def test_records_inside_keep_their_places_among_others() -> None:
    lines = [
        json.dumps(OWN),
        "",
        json.dumps(page(OWN, {"x": 1}, OWN)),
        "oops",
        json.dumps(delivered(OWN, page(OWN, OWN), "no JSON")),
        json.dumps(OWN),
    ]
    data = "\n".join(lines).encode()
    parsed = Adapter(Recipe("lines", "canonical")).read(data)
    assert check(data, parsed) == 11
    assert parsed.records["record_no"].to_pylist() == [1, 3, 5, 7, 8, 9, 11]
    assert parsed.rejects["record_no"].to_pylist() == [4, 6, 10]
    assert parsed.blank == 1
    # Inside a text that is escaped nothing has a place of its own: its event's is told.
    seventh, eighth, ninth = parsed.records["byte_offset"].to_pylist()[3:6]
    assert data[seventh:].startswith(b'{"id": "000')
    assert eighth == ninth == data.index(b'{"id": "' + b"0" * 55 + b"1")


def test_one_event_alone_is_its_message() -> None:
    """As a reject of such a file is written out."""
    for alone in (event(3, OWN), {"timestamp": 1, "message": OWN}):
        data = json.dumps(alone).encode()
        for container in ("lines", "values"):
            for fast in (True, False):
                parsed = Adapter(Recipe(container, "canonical"), fast=fast).read(data)
                assert check(data, parsed) == 1
                assert parsed.records["prompt"].to_pylist() == ["q"]


def test_lines_that_were_exported_to_s3(tmp_path: Path) -> None:
    """When it was, a blank, and the message of one event."""
    when = "2026-05-01T12:30:15.250Z "
    lines = [
        when + json.dumps(BEDROCK),
        when + "START RequestId: 1",
        when + json.dumps(OWN),
        when + '{"prompt": "a',
        when + json.dumps(page(OWN, 7)),
        json.dumps(OWN),
    ]
    path = tmp_path / "log"
    data = "\n".join(lines).encode()
    path.write_bytes(data)
    layout = detect(path, ReadOptions("UTC"))
    assert (layout.recipe.container, layout.detection.format) == ("lines", "canonical")
    parsed = Adapter(layout.recipe).read(data)
    assert check(data, parsed) == 7
    assert parsed.records["record_no"].to_pylist() == [1, 3, 5, 7]
    reasons = ["not JSON", "cut off in the middle", "not an object"]
    found = parsed.rejects.to_pylist()
    assert [row["record_no"] for row in found] == [2, 4, 6]
    for row, reason in zip(found, reasons, strict=True):
        assert row["reason"].startswith(reason)
    bedrock = "\n".join(lines[:2] * 3).encode()
    path.write_bytes(bedrock)
    assert detect(path, ReadOptions("UTC")).detection.reason.endswith(
        " in 3 of 3 records, inside message"
    )


@pytest.mark.parametrize(
    "record",
    [
        {"object": "list", "data": [{"embedding": [0.1]}], "model": "e", "usage": {}},
        {"id": "1", "data": [{"x": 1}]},
        {"data": ["q", "a"]},
        {"data": {"x": 1}},
        {"records": 7},
        {"id": "t", "observations": [LANGFUSE], "scores": []},
        {"trace": {}, "observations": ["obs-1"]},
        {"records": [OWN], "prompt": "q"},
        {"message": json.dumps(OWN), "prompt": "q"},
        {"message": "plain"},
        {"message": json.dumps(OWN)},
        {"id": "1", "message": {"role": "assistant", "content": []}},
        {"timestamp": 1, "message": "plain"},
        {"resourceSpans": {}},
        {"events": [{"name": "x"}], "spanId": "1"},
        {},
    ],
)
def test_what_only_looks_like_a_holder_is_a_record(record: Record) -> None:
    assert opened(json.dumps(record).encode()) is None


def test_a_mapping_into_the_list_reads_the_record_around_it() -> None:
    data = json.dumps({"data": [{"ask": "q"}, {"ask": "r"}]}).encode()
    inside = Adapter(Recipe("lines", "mapped", ReadOptions("", {"prompt": "ask"})))
    around = Adapter(Recipe("lines", "mapped", ReadOptions("", {"prompt": "data[-1].ask"})))
    assert inside.read(data).records["prompt"].to_pylist() == ["q", "r"]
    assert around.read(data).records["prompt"].to_pylist() == ["r"]


def test_holders_inside_holders_end_at_the_third() -> None:
    record: Record = OWN
    for depth in range(1, 5):
        record = page(record)
        data = json.dumps(record).encode()
        parsed = Adapter(Recipe("lines", "canonical")).read(data)
        assert check(data, parsed) == 1
        assert parsed.records.num_rows == (depth <= 3)
    deep = json.dumps(page(page(OWN, OWN), OWN)).encode()
    assert [part.path for part in opened(deep) or []] == [
        "data[].data[]",
        "data[].data[]",
        "data[]",
    ]


def test_the_number_of_workers_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = blocks.cut_blocks
    monkeypatch.setattr(read, "SMALL", 0)
    monkeypatch.setattr(read, "cut_blocks", lambda *a, **k: cut(*a, **{**k, "size": 4096}))
    path = tmp_path / "log"
    lines = [
        json.dumps(each)
        for _ in range(30)
        for each in (OWN, document(CURRENT, INDEXED), delivered(OWN, "x"), page(CHAT), hub())
    ]
    path.write_text("\n".join(lines))
    alone = whole(path)
    assert (alone[0].num_rows, alone[1].num_rows) == (150, 60)
    with WorkerPool(2) as pool:
        assert same(whole(path, pool=pool), alone)


def test_a_document_over_several_lines_is_not_lines(tmp_path: Path) -> None:
    """Although its last element is an object on a line of its own."""
    path = tmp_path / "log"
    text = '{"object": "list", "data": [\n' + ",\n".join([json.dumps(OWN)] * 5) + "\n]}"
    path.write_text(text)
    assert whole(path)[0].num_rows == 5
    chats = ['{"request": {"model": "m", "messages": [\n{"role": "user", "content": "q"}\n]}}'] * 5
    path.write_text("\n".join(chats))
    assert whole(path)[0]["prompt"].to_pylist() == ["q"] * 5


def test_lines_stay_lines_where_the_first_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('{"prompt": "a", "x": {\n' + "\n".join([json.dumps(OWN)] * 5))
    rows, rejects, _, _ = whole(path)
    assert (rows.num_rows, rejects.num_rows) == (5, 1)
