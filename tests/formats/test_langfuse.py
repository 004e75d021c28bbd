"""Langfuse observations in each of their exports, and the shapes of what was asked and answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from tests.formats.gateway_records import LANGFUSE, warehouse_row
from tests.formats.provider_records import (
    ANTHROPIC_RESPONSE,
    OPENAI_DIALOGUE,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from tests.formats.reading import as_csv, columns, imported, read, spoilt, survives
from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.detect import detect
from workbench.formats.known import Converter, format_named
from workbench.formats.parquet import read_columns
from workbench.formats.place import OnDisk

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = {
    "request_id": "obs-1",
    "ts": "2026-05-01T12:30:15.250Z",
    "org_id": "project-1",
    "end_user": "person-9",
    "session_id": "s-1",
    "model": "large-4-0613",
    "stream": False,
    "in_tok": 40,
    "out_tok": 7,
    "reasoning_tok": 5,
    "cached_tok": 3,
    "temperature": 0.2,
    "n": 2,
    "max_tok": 300,
    "thinking": True,
    "n_turns": 2,
    "tools": 2,
    "latency_ms": 2000.0,
    "ttft_ms": 500.0,
    "system": "Be brief.",
    "prompt": "Second question",
    "completion": "Second answer",
    "dialogue": OPENAI_DIALOGUE,
}


def test_an_observation_of_the_api() -> None:
    assert columns(LANGFUSE) == EXPECTED


def test_a_row_of_the_warehouse() -> None:
    assert columns(warehouse_row(LANGFUSE)) == EXPECTED


def test_nested_fields_as_text() -> None:
    row = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in LANGFUSE.items()}
    assert columns(row) == EXPECTED


def test_an_export_as_csv_with_empty_cells(tmp_path: Path) -> None:
    span = LANGFUSE | {"id": "obs-2", "type": "SPAN", "input": {"messages": [{"role": "user"}]}}
    kept = ("traceId", "type", "startTime", "level", "environment")
    bare = {"id": "obs-3"} | {key: LANGFUSE[key] for key in kept}
    loaded, rejected, detection = imported(tmp_path / "log", as_csv([LANGFUSE, span, bare]))
    assert detection == "langfuse"
    assert [row["request_id"] for row in loaded] == ["obs-1", "obs-3"]
    assert {k: v for k, v in loaded[0].items() if k in EXPECTED and k != "ts"} == {
        k: v for k, v in EXPECTED.items() if k != "ts"
    }
    assert [(row["record_no"], row["reason"][:11]) for row in rejected] == [(3, "no exchange")]


def test_a_warehouse_in_parquet_with_maps(tmp_path: Path) -> None:
    """ClickHouse keeps counts and parameters as maps; one with a key twice says nothing."""
    row = warehouse_row(LANGFUSE)
    counts = list(LANGFUSE["usageDetails"].items())
    texts = pa.map_(pa.string(), pa.string())
    table = pa.table(
        {key: [value] * 2 for key, value in row.items() if value is not None}
        | {
            "usage_details": pa.array([counts, [("input", 1), ("input", 2)]],
                                      pa.map_(pa.string(), pa.uint64())),
            "model_parameters": pa.array([[("temperature", "0.2"), ("max_tokens", "null")]] * 2,
                                         texts),
            "start_time": pa.array([1_777_638_615_250_000] * 2, pa.timestamp("us", "UTC")),
            "end_time": pa.array([1_777_638_617_250_000] * 2, pa.timestamp("us", "UTC")),
        }
    )  # fmt: skip
    path = tmp_path / "log"
    pq.write_table(table, path)
    layout = detect(path, ReadOptions())
    assert (layout.detection.format, layout.columnar) == ("langfuse", "parquet")
    parts = read_columns(OnDisk(path), "parquet", layout.recipe, Adapter(layout.recipe))
    first, second = [row for _, part in parts for row in part.records.to_pylist()]
    assert (first["in_tok"], first["out_tok"], first["temperature"]) == (40, 7, 0.2)
    assert (first["latency_ms"], first["prompt"]) == (2000.0, "Second question")
    assert (second["in_tok"], second["temperature"]) == (None, 0.2)


@pytest.mark.parametrize("kind", ["SPAN", "EVENT", "TOOL", "AGENT", "EMBEDDING", None, ["x"], 7])
def test_only_generations_are_exchanges(kind: Any) -> None:
    """Even where a step holds the messages of a chat: the generation inside it holds them, too."""
    record = LANGFUSE | {"type": kind}
    assert [known.name for known in _matching(record)] == ["langfuse"]
    converter = Converter(format_named("langfuse"), ReadOptions())
    assert converter.convert(record) is None
    assert Converter(format_named("openai"), ReadOptions()).convert(record) is None
    for name in ("langfuse", "openai"):
        parsed = Adapter(Recipe("lines", name)).read(json.dumps(record).encode())
        (reject,) = parsed.rejects.to_pylist()
        assert reject["reason"] == "no exchange: an observation of another type than GENERATION"


def _matching(record: dict[str, Any]) -> list[Any]:
    from workbench.formats.known import KNOWN

    return [known for known in KNOWN if known.matches(record)]


def test_an_error() -> None:
    message = "Error code: 429 - {'error': {'code': 'rate_limit'}}"
    found = columns(LANGFUSE | {"level": "ERROR", "statusMessage": message, "output": None})
    assert (found["status"], found["error_type"]) == (429, message)
    for message in ("RateLimitError(status_code=429)", "HTTP 429 Too Many Requests"):
        found = columns(LANGFUSE | {"level": "ERROR", "statusMessage": message})
        assert found["status"] == 429
    for message in ("Timeout after 600 s", "code 4290", "unicode 2429", ""):
        found = columns(LANGFUSE | {"level": "ERROR", "statusMessage": message})
        assert "status" not in found
    found = columns(LANGFUSE | {"level": "WARNING", "statusMessage": "Error code: 429"})
    assert not {"status", "error_type"} & found.keys()


def test_a_trace_stands_for_its_session() -> None:
    found = columns({k: v for k, v in LANGFUSE.items() if k != "sessionId"})
    assert found["session_id"] == "trace-1"


def test_counts_that_overlap_are_not_added_up() -> None:
    usage = {"input": 40, "output": 7, "total": 47, "completion_details.reasoning": 5}
    found = columns(LANGFUSE | {"usageDetails": usage})
    assert (found["in_tok"], found["out_tok"], found["reasoning_tok"]) == (40, 7, 5)


def test_older_usage_and_its_unit() -> None:
    bare = {k: v for k, v in LANGFUSE.items() if k != "usageDetails"}
    assert columns(bare)["in_tok"] == 1
    older = bare | {"usage": {"promptTokens": 8, "completionTokens": 9}}
    assert (columns(older)["in_tok"], columns(older)["out_tok"]) == (8, 9)
    letters = bare | {"usage": {"input": 800, "output": 900, "unit": "CHARACTERS"}}
    assert not {"in_tok", "out_tok"} & columns(letters).keys()


def test_times_that_say_nothing() -> None:
    whole = LANGFUSE | {"completionStartTime": LANGFUSE["endTime"]}
    assert "ttft_ms" not in columns(whole)
    back = LANGFUSE | {"endTime": "2026-05-01T12:30:14Z", "completionStartTime": "soon"}
    assert not {"latency_ms", "ttft_ms"} & columns(back).keys()
    # Seconds from the API, milliseconds from the UI: not read.
    assert "latency_ms" not in columns(LANGFUSE | {"endTime": None})


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("asked", "prompt", "system"),
    [
        (OPENAI_REQUEST["messages"], "Second question", "Be brief."),
        ({"messages": OPENAI_REQUEST["messages"]}, "Second question", "Be brief."),
        (OPENAI_REQUEST, "Second question", "Be brief."),
        ({"role": "user", "content": "One question"}, "One question", None),
        ({"prompt": "One question"}, "One question", None),
        ({"input": "One question", "instructions": "Be brief."}, "One question", "Be brief."),
        (
            {"contents": [{"role": "user", "parts": [{"text": "One question"}]}]},
            "One question",
            None,
        ),
        (
            [
                {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
                {"role": "user", "parts": [{"type": "text", "content": "One question"}]},
                {"role": "tool", "parts": [{"type": "tool_call_response", "response": "9"}]},
            ],
            "One question",
            "Be brief.",
        ),
        ({"args": ["One question"], "kwargs": {}}, '{"args":["One question"],"kwargs":{}}', None),
    ],
)
def test_what_was_asked(asked: Any, prompt: str, system: str | None, as_text: bool) -> None:
    value = json.dumps(asked, separators=(",", ":")) if as_text else asked
    found = columns(LANGFUSE | {"input": value})
    assert (found["prompt"], found.get("system")) == (prompt, system)


def test_plain_text_stays_as_it_is() -> None:
    for text in ("One question", '{"not": "opened"}  ', "[1, 2]", "{broken", ""):
        found = columns(LANGFUSE | {"input": text, "output": text})
        assert (found["prompt"], found["completion"]) == (text, text)
    found = columns(LANGFUSE | {"input": None, "output": None})
    assert not {"prompt", "completion"} & found.keys()


@pytest.mark.parametrize("asked", [None, [], {}, {"messages": []}, [{"role": "tool"}]])
def test_nothing_was_asked(asked: Any) -> None:
    assert not {"prompt", "system", "n_turns"} & columns(LANGFUSE | {"input": asked}).keys()


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("answered", "completion"),
    [
        ({"role": "assistant", "content": "An answer"}, "An answer"),
        ({"role": "assistant", "content": [{"type": "text", "text": "An answer"}]}, "An answer"),
        ({"message": {"role": "assistant", "content": "An answer"}, "index": 0}, "An answer"),
        ([{"role": "user", "content": "Q"}, {"role": "assistant", "content": "An answer"}],
         "An answer"),
        ([{"role": "assistant", "parts": [{"type": "text", "content": "An answer"}]}], "An answer"),
        (OPENAI_RESPONSE, "Second answer"),
        (ANTHROPIC_RESPONSE, "One.\nTwo."),
        ({"completion": "An answer"}, "An answer"),
        ({"object": "response", "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "content": [{"type": "output_text", "text": "An answer"}]}]},
         "An answer"),
        ({"candidates": [{"content": {"role": "model", "parts": [{"text": "An answer"}]}}]},
         "An answer"),
        ({"content": {"parts": [{"function_call": {"name": "f"}}]}}, None),
        ({"role": "assistant", "content": None, "tool_calls": [{}]}, None),
        ({"object": "response", "output": [{"type": "function_call"}]}, None),
        # A model told to answer in JSON: the API opens the text, and it is closed again.
        ({"answer": 2, "why": "é"}, '{"answer":2,"why":"é"}'),
    ],
)  # fmt: skip
def test_what_was_answered(answered: Any, completion: str | None, as_text: bool) -> None:
    value = answered
    if as_text:
        value = json.dumps(answered, separators=(",", ":"), ensure_ascii=False)
    assert columns(LANGFUSE | {"output": value}).get("completion") == completion


def test_reasoning_of_a_response() -> None:
    found = columns(LANGFUSE | {"output": OPENAI_RESPONSE})
    assert (found["reasoning"], found["stop_reason"]) == ("Thought about it", "stop")


def test_parameters_that_were_not_set() -> None:
    parameters = {"temperature": "null", "max_tokens": "null", "reasoning_effort": "null"}
    found = columns(LANGFUSE | {"modelParameters": parameters})
    assert not {"temperature", "max_tok", "thinking"} & found.keys()


def test_wrong_types_are_counted() -> None:
    record = LANGFUSE | {"id": True, "usageDetails": {"input": "many"}, "startTime": [1],
                         "modelParameters": {"temperature": "warm"}}  # fmt: skip
    found, unreadable = read(record, "langfuse")
    assert unreadable == {"request_id", "ts", "in_tok", "temperature"}
    assert "in_tok" not in found


@given(spoilt(LANGFUSE, warehouse_row(LANGFUSE)))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
