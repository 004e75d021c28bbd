"""Records inside records: each has a place, bytes and a fate of its own, whatever is around it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.formats.gateway_records import HELICONE, LANGFUSE
from tests.formats.provider_records import AROUND, OPENAI_REQUEST, OPENAI_RESPONSE
from tests.formats.span_records import CURRENT, INDEXED, document, span
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged
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

Record = dict[str, Any]

CHAT = AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE}
BEDROCK = logged(CONVERSE, CONVERSE_ANSWER)
OWN = {"prompt": "q", "account_id": "k", "in_tok": 1, "ts": 1_777_638_615}


def page(*records: Record) -> Record:
    return {"object": "list", "data": list(records), "first_id": "a", "has_more": False}


def answer(*records: Record) -> Record:
    return {"data": list(records), "meta": {"page": 1, "totalItems": len(records)}}


def hub(*records: Record) -> Record:
    return {"records": list(records)}


def event(number: int, record: Any) -> Record:
    text = record if isinstance(record, str) else json.dumps(record)
    return {"id": f"{number:056}", "timestamp": 1_777_638_615_250, "message": text}


def delivered(*records: Any) -> Record:
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "bedrock",
        "logStream": "aws/bedrock/modelinvocations",
        "subscriptionFilters": ["all"],
        "logEvents": [event(number, record) for number, record in enumerate(records)],
    }


def fetched(*records: Any) -> Record:
    events = [
        {"timestamp": 1, "message": json.dumps(record), "ingestionTime": 2} for record in records
    ]
    return {"events": events, "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}


HOLDERS: dict[str, tuple[Callable[..., Record], list[tuple[Record, str]]]] = {
    "data[]": (page, [(OWN, "canonical"), (CHAT, "openai"), (BEDROCK, "bedrock")]),
    "data[] ": (answer, [(LANGFUSE, "langfuse"), (HELICONE, "helicone")]),
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


def check(data: bytes, parsed: Parsed) -> int:
    """How many records there are: each once, in order, its bytes where it says that they are."""
    rows = [*parsed.records.to_pylist(), *parsed.rejects.to_pylist()]
    rows.sort(key=lambda row: int(row["record_no"]))
    count = len(rows) + parsed.blank
    numbers = [row["record_no"] for row in rows]
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= count for number in numbers)
    offsets = [row["byte_offset"] for row in rows]
    assert offsets == sorted(offsets)
    for row in parsed.rejects.to_pylist():
        place, raw = data[row["byte_offset"] :], row["raw"]
        # Inside a text that is escaped it lies as that text has it.
        assert (
            place.startswith(raw)
            or json.dumps(raw.decode("utf-8", "surrogatepass"))[1:-1].encode() in place
        )
        assert row["reason"]
    return count


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


SPOILT = [
    ("5", "not an object: a number"),
    ('"text"', "not an object: a text"),
    ("[{}]", "not an object: a list"),
    ('{"a": nul}', "not JSON"),
    ('{"a": 1} x', "not JSON: more than one value"),
    ('{"a" "b"}', "not JSON"),
    ('{"x": 1}', "no exchange"),
    ('{"a":' * 3000 + "1" + "}" * 3000, "nested too deep"),
    ('{"prompt": "a", "prompt": "b"}', "no exchange: what makes one is there twice"),
]


@pytest.mark.parametrize(("element", "reason"), SPOILT)
@pytest.mark.parametrize("container", ["lines", "values"])
def test_a_spoilt_element_spoils_no_other(element: str, reason: str, container: Any) -> None:
    good = json.dumps(OWN)
    data = f'{{"object": "list", "data": [{good}, {element},{good}], "has_more": false}}'.encode()
    parsed = Adapter(Recipe(container, "canonical")).read(data)
    assert check(data, parsed) == 3
    assert parsed.records["record_no"].to_pylist() == [1, 3]
    (reject,) = parsed.rejects.to_pylist()
    assert reject["reason"].startswith(reason)
    assert reject["raw"] == element.encode()


@pytest.mark.parametrize(
    ("levels", "numbers"),
    [
        ('[{"scopeSpans": [{"spans": [%s]}]}, 7, {"scopeSpans": [{"spans": [%s]}]}]', [1, 3]),
        ('[{"scopeSpans": "x"}, {"scopeSpans": [[], {"spans": [%s, %s]}]}]', [3, 4]),
        ('[{"scopeSpans": [{"spans": {}}, {"spans": [%s]}]}, {"scopeSpans": [{"spans": [%s]}]}]',
         [2, 3]),
        ('[{}, {"scopeSpans": []}, {"scopeSpans": [{}, {"spans": [%s, %s]}]}]', [1, 2]),
        ('[{"scopeSpans": [{"spans": [%s], "spans": [%s]}]}]', [1, 2]),
    ],
)  # fmt: skip
def test_what_bars_the_way_to_records_is_one(levels: str, numbers: list[int]) -> None:
    text = json.dumps(CURRENT)
    data = f'{{"resourceSpans": {levels % (text, text)}}}'.encode()
    parsed = Adapter(Recipe("lines", "opentelemetry")).read(data)
    assert check(data, parsed) == max(numbers)
    assert parsed.records["record_no"].to_pylist() == numbers


MIXED = json.dumps(
    [
        OWN,
        document(CURRENT, span({"db.system": "x"})),
        page(OWN, CHAT),
        delivered(BEDROCK, "START RequestId: 1", OWN),
        hub(AZURE),
        CHAT,
    ]
)[1:-1].encode()
WHOLE = 10  # records in it


@settings(max_examples=150)
@given(st.integers(0, len(MIXED)))
@example(len(MIXED))
def test_what_is_whole_before_a_cut_is_read(cut: int) -> None:
    adapter = Adapter(Recipe("values", "canonical"))
    all_rows = adapter.read(MIXED).records.to_pylist()
    assert check(MIXED, adapter.read(MIXED)) == WHOLE
    data = MIXED[:cut]
    parsed = adapter.read(data)
    check(data, parsed)
    found = parsed.records.to_pylist()
    assert found == all_rows[: len(found)]
    # An element is whole once the next one has begun.
    assert len(found) >= sum(row["byte_offset"] < cut for row in all_rows) - 1


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, len(MIXED) - 1), st.binary(max_size=3)), max_size=4),
    st.sampled_from(["lines", "values"]),
)
def test_whatever_is_overwritten_every_record_has_one_fate(
    changes: list[tuple[int, bytes]], container: Any
) -> None:
    data = MIXED
    for at, new in changes:
        data = data[:at] + new + data[at + len(new) :]
    check(data, Adapter(Recipe(container, "canonical")).read(data))


_ELEMENTS = st.sampled_from(
    [json.dumps(each) for each in (OWN, CHAT, {"x": 1}, {}, 3, page(OWN), page(), hub(OWN, OWN))]
    + ['{"a": nul}', '{"prompt": "a", "prompt": "b"}', ""]
)
_LINES = st.one_of(
    _ELEMENTS,
    st.lists(_ELEMENTS.filter(bool), max_size=4).map(
        lambda inside: f'{{"data": [{", ".join(inside)}], "object": "list"}}'
    ),
    st.lists(_ELEMENTS.filter(bool), max_size=3).map(lambda inside: json.dumps(delivered(*inside))),
)


@settings(max_examples=200)
@given(st.lists(_LINES, min_size=1, max_size=6))
def test_fast_equals_slow(lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    fast = Adapter(Recipe("lines", "canonical")).read(data)
    slow = Adapter(Recipe("lines", "canonical"), fast=False).read(data)
    assert check(data, fast) == check(data, slow)
    assert fast.records.to_pylist() == slow.records.to_pylist()
    assert fast.rejects.to_pylist() == slow.rejects.to_pylist()
    assert fast.blank == slow.blank


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
        for fast in (True, False):
            parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
            assert check(data, parsed) == 1
            assert parsed.records["prompt"].to_pylist() == ["q"]


@pytest.mark.parametrize(
    "record",
    [
        {"object": "list", "data": [{"embedding": [0.1]}], "model": "e", "usage": {}},
        {"id": "1", "data": [{"x": 1}]},
        {"data": ["q", "a"]},
        {"data": {"x": 1}},
        {"records": 7},
        {"records": [OWN], "prompt": "q"},
        {"message": json.dumps(OWN), "prompt": "q"},
        {"message": "plain"},
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


def spans(count: int) -> bytes:
    calls = [
        CURRENT | {"spanId": f"{n:016x}", "startTimeUnixNano": str(1_777_638_615_000_000_000 + n)}
        for n in range(count)
    ]
    groups = [calls[n::7] for n in range(7)]
    return json.dumps(
        {"resourceSpans": [document(*group)["resourceSpans"][0] for group in groups]}
    ).encode()


@pytest.mark.parametrize("indented", [False, True])
def test_a_document_of_ten_thousand_spans(tmp_path: Path, indented: bool) -> None:
    """Much longer than the part of it that its format is told by."""
    data = spans(10_000)
    if indented:
        data = data.replace(b', "spanId"', b',\n "spanId"')
    path = tmp_path / "log"
    path.write_bytes(data)
    assert len(data) > 20 << 20
    rows, rejects, blank, _ = whole(path)
    assert (rows.num_rows, rejects.num_rows, blank) == (10_000, 0, 0)
    assert rows["record_no"].to_pylist() == list(range(1, 10_001))
    assert detect(path, ReadOptions()).detection.confidence == 1.0


@pytest.mark.parametrize("kept", [0.999, 0.6, 0.1])
def test_a_document_that_is_cut_off(tmp_path: Path, kept: float) -> None:
    data = spans(1_000)
    whole_path, cut_path = tmp_path / "whole", tmp_path / "cut"
    whole_path.write_bytes(data)
    cut_path.write_bytes(data[: int(len(data) * kept)])
    rows, rejects, _, _ = whole(cut_path)
    expected = whole(whole_path)[0].slice(0, rows.num_rows)
    assert rows.num_rows >= int(1_000 * kept) - 1
    assert rows.equals(expected)
    assert rejects["reason"].to_pylist() == [
        "cut off in the middle: text or brackets are not closed"
    ]
    assert rejects["record_no"].to_pylist() == [rows.num_rows + 1]


def test_a_damaged_file_gives_what_is_whole_in_the_document(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    packed = gzip.compress(spans(500), mtime=0)
    path.write_bytes(packed[: len(packed) * 3 // 4])
    rows, rejects, _, _ = whole(path)
    assert rows.num_rows > 100
    cut, damaged = rejects.to_pylist()
    assert cut["reason"].startswith("cut off in the middle")
    assert damaged["reason"].startswith("damaged file: the gzip data is cut off at byte")
    assert (cut["record_no"], damaged["record_no"]) == (rows.num_rows + 1, rows.num_rows + 2)


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
