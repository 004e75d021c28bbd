"""OpenAI Batch: lines of input, output and error files, each read alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.batch_records import openai_answered, openai_asked, openai_expired
from tests.formats.provider_records import OPENAI_REQUEST, OPENAI_RESPONSE
from tests.formats.reading import Path, as_csv, claimed, columns, imported, read, spoilt, survives
from tests.formats.reading import with_value as _with
from workbench.domain.exchange import Side
from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.halves import HALF
from workbench.formats.known import Converter, format_named

NAME = "openai-batch"
SENT = openai_asked(1)
CAME = openai_answered(1)
ASKED = {
    "request_id": "request-1",
    "endpoint": "/v1/chat/completions",
    "model": "gpt-4o",
    "max_tok": 100,
    "n_turns": 1,
    "system": "Be brief.",
    "prompt": "Question 1",
}
ANSWERED = {
    "request_id": "request-1",
    "ts": 1_777_638_615,
    "model": "gpt-4o-2024-08-06",
    "status": 200,
    "stop_reason": "stop",
    "in_tok": 22,
    "out_tok": 7,
    "completion": "Answer 1",
}


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("record", "expected"), [(SENT, ASKED), (CAME, ANSWERED), (SENT | CAME, ASKED | ANSWERED)]
)
def test_lines(record: dict[str, Any], expected: dict[str, Any], as_text: bool) -> None:
    if as_text:
        record = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in record.items()}
    assert columns(record, NAME) == expected


def test_every_field_of_the_bodies() -> None:
    found = columns(SENT | CAME | {"body": OPENAI_REQUEST} | {"response": {
        "status_code": 200, "request_id": "r", "body": OPENAI_RESPONSE}}, NAME)  # fmt: skip
    assert found["reasoning"] == "Thought about it"
    assert (found["end_user"], found["reasoning_tok"], found["cached_tok"]) == ("person-9", 5, 3)


def test_responses_and_completions_in_batches() -> None:
    asked = openai_asked(1, url="/v1/responses") | {"body": {"model": "m", "input": "Why?"}}
    assert columns(asked, NAME)["prompt"] == "Why?"
    body = {"object": "response", "output": [{"type": "message", "role": "assistant", "content": [
        {"type": "output_text", "text": "So."}]}], "usage": {"output_tokens": 3}}  # fmt: skip
    came = openai_answered(1) | {"response": {"status_code": 200, "body": body}}
    assert (columns(came, NAME)["completion"], columns(came, NAME)["out_tok"]) == ("So.", 3)


def test_what_gave_no_response() -> None:
    found = columns(openai_expired(2), NAME)
    assert found == {"request_id": "request-2", "error_type": "batch_expired"}
    error = {"error": {"type": "invalid_request_error", "message": "m"}}
    refused = openai_answered(2) | {"response": {"status_code": 400, "body": error}}
    assert columns(refused, NAME) == {
        "request_id": "request-2",
        "status": 400,
        "error_type": "invalid_request_error",
    }


@pytest.mark.parametrize(
    ("record", "side", "batch"),
    [
        (SENT, Side.ASKED, ""),
        (CAME, Side.ANSWERED, ""),
        (openai_expired(1), Side.ANSWERED, ""),
        (SENT | CAME, Side.WHOLE, ""),
        (SENT | {"batch_id": "batch_7"}, Side.ASKED, "batch_7"),
        (CAME | {"batch": {"id": "batch_7"}}, Side.ANSWERED, "batch_7"),
    ],
)
def test_which_half_it_is(record: dict[str, Any], side: Side, batch: str) -> None:
    raw = Converter(format_named(NAME), ReadOptions()).convert(record)
    assert raw is not None
    half = raw[HALF]
    assert (half.kind, half.side, half.batch) == (NAME, side, batch)
    assert half.key == ("request-2" if record["custom_id"] == "request-2" else "request-1")


def test_a_name_that_is_none_makes_no_half() -> None:
    parsed = Adapter(Recipe("lines", NAME)).read(json.dumps(SENT | {"custom_id": [1]}).encode())
    assert parsed.halves is None
    parsed = Adapter(Recipe("lines", NAME)).read(
        b'{"custom_id": "a", "custom_id": "b", "url": "/", "body": {"model": "m", "prompt": "p"}}'
    )
    assert parsed.halves is None
    assert parsed.records.column("request_id").to_pylist() == [None]
    assert parsed.records.column("prompt").to_pylist() == ["p"]


def test_rows_of_a_block_keep_their_halves(tmp_path: Any) -> None:
    plain = {"request_id": "r", "prompt": "p"}
    lines = [CAME, {"nothing": 1}, plain, SENT]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    for fast in (True, False):
        parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
        assert parsed.halves is not None
        assert parsed.halves.column("row").to_pylist() == [0, 2]
        assert parsed.halves.column("side").to_pylist() == [Side.ANSWERED, Side.ASKED]
        assert parsed.records.column("record_no").to_pylist() == [1, 3, 4]


def test_as_csv(tmp_path: Any) -> None:
    loaded, rejected, name = imported(tmp_path / "log", as_csv([SENT, CAME]))
    assert (name, rejected) == (NAME, [])
    assert [row["completion"] for row in loaded] == [None, "Answer 1"]
    assert [row["prompt"] for row in loaded] == ["Question 1", None]


def test_others_are_no_such_lines() -> None:
    assert claimed({"custom_id": "b", "prompt": "p"}) == ["canonical"]
    assert claimed({"custom_id": "b", "response": {"body": {}}}) == []
    assert claimed({"custom_id": "b", "params": {"messages": []}}) == ["anthropic-batch"]


@pytest.mark.parametrize(
    ("path", "column", "junk"),
    [
        *[(("custom_id",), "request_id", junk) for junk in ({"a": 1}, [1], True)],
        *[(("body",), "prompt", junk) for junk in ([1], 5, True, "{torn")],
        *[(("response",), "completion", junk) for junk in ([1], 5, True)],
        *[(("response", "body"), "completion", junk) for junk in ([1], 5, "x")],
        *[(("response", "status_code"), "status", junk) for junk in ([1], "x", True)],
    ],
)
def test_a_wrong_type_is_null_and_counted(path: Path, column: str, junk: Any) -> None:
    found, unreadable = read(_with(SENT | CAME, path, junk), NAME)
    assert column not in found
    assert column in unreadable


@given(spoilt(SENT, CAME, SENT | CAME, openai_expired(1)))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
