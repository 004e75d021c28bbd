"""Holders that are spoilt, cut off or huge: what is sound inside is read, the rest has a fate."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.formats.holders import BEDROCK, CHAT, OWN, check, delivered, hub, page
from tests.formats.span_records import CURRENT, document, span
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_read import whole
from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.detect import detect
from workbench.formats.opening import NO_RECORDS, NOT_WHOLE

if TYPE_CHECKING:
    from pathlib import Path

OWN_TEXT = json.dumps(OWN).encode()
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


@pytest.mark.parametrize(
    ("text", "rows", "rejects"),
    [
        ('{"data": [%s, %s', [1, 2], [(3, NOT_WHOLE, b"")]),
        ('{"data": [%s, %s], oops}', [1, 2], [(3, NOT_WHOLE, b"], oops}")]),
        ('{"data": [%s, %s x]}', [1], [(2, "not JSON: more than one value", OWN_TEXT + b" x")]),
        ('{"data": [', [], [(1, NOT_WHOLE, b'{"data": [')]),
        ('{"data": [%s]} oops', [1], [(2, "not JSON", b"oops")]),
        ('{"data": [%s]}{"data": []}%s', [1, 3], [(2, NO_RECORDS, b'{"data": []}')]),
        ('{"events": [{"message": %s} x]}', [], [(1, "not JSON", b'{"message": %s} x' % OWN_TEXT)]),
    ],
)
@pytest.mark.parametrize("container", ["lines", "values"])
def test_nothing_around_records_is_lost_without_a_word(
    text: str, rows: list[int], rejects: list[tuple[int, str, bytes]], container: Any
) -> None:
    data = text.replace("%s", OWN_TEXT.decode()).encode()
    parsed = Adapter(Recipe(container, "canonical")).read(data)
    assert check(data, parsed) == len(rows) + len(rejects)
    assert parsed.records["record_no"].to_pylist() == rows
    found = parsed.rejects.to_pylist()
    assert [(row["record_no"], row["raw"]) for row in found] == [(n, raw) for n, _, raw in rejects]
    for row, (_, reason, _) in zip(found, rejects, strict=True):
        assert row["reason"].startswith(reason)


def test_a_run_of_holders_without_lines_between(tmp_path: Path) -> None:
    """As Firehose writes what a subscription of CloudWatch delivers."""
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(json.dumps(delivered(OWN, CHAT)).encode() * 300))
    layout = detect(path, ReadOptions("UTC"))
    assert layout.recipe.container == "values"
    rows, rejects, _, _ = whole(path)
    assert (rows.num_rows, rejects.num_rows) == (600, 0)


def test_objects_in_a_text_are_no_run(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("\n".join([json.dumps(OWN | {"prompt": "}{"})] * 3))
    assert detect(path, ReadOptions("UTC")).recipe.container == "lines"


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
@example([(137, b"\x00}\x80"), (468, b"\x00\x00")], "values")  # a repeated key, not UTF-8
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
