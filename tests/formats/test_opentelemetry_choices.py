"""Spans and log records whose call was answered more than once, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.provider_records import dialogue
from tests.formats.reading import claimed, columns, imported, read
from tests.formats.span_records import ASKED, BEGAN, PERSON, SETTINGS, attributes, span
from tests.formats.test_opentelemetry import BARE, NOW, TURNS, without

if TYPE_CHECKING:
    from pathlib import Path


def _of_genai(*contents: Any) -> list[dict[str, Any]]:
    return [
        {"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": "stop"}
        for text in contents
    ]


def _choice(index: Any, text: str) -> tuple[str, dict[str, Any]]:
    said = {"index": index, "finish_reason": "stop", "message": {"content": text}}
    return "gen_ai.choice", {"gen_ai.event.content": json.dumps(said)}


CALL = {"type": "tool_call", "id": "c", "name": "f", "arguments": {"x": 1}}
_CHOSEN_AS_TEXT = (
    "gen_ai.choice",
    {"index": 1, "message": json.dumps({"role": "assistant", "content": "Or so."})},
)
SPANS = {
    "messages": span(BARE | {"gen_ai.output.messages": _of_genai("So.", "Or so.", "Or not.")}),
    "as text": span(
        BARE | {"gen_ai.output.messages": json.dumps(_of_genai("So.", "Or so.", "Or not."))}
    ),
    "one attribute a message": span(
        BARE
        | {
            "gen_ai.completion.0.content": "So.",
            "gen_ai.completion.1.content": "Or so.",
            "gen_ai.completion.2.content": "Or not.",
        }
    ),
    "events": span(BARE, _choice(0, "So."), _choice(1, "Or so."), _choice(2, "Or not.")),
    "events that came out of order": span(
        BARE, _choice("2", "Or not."), _choice(1, "Or so."), _choice(0, "So.")
    ),
    "events of attributes": span(
        BARE,
        _CHOSEN_AS_TEXT,
        ("gen_ai.choice", {"index": 0, "message": "So."}),
        ("gen_ai.choice", {"index": 2, "message": "Or not."}),
    ),
    "OpenInference": span(
        BARE
        | {
            f"llm.output_messages.{n}.message.{key}": value
            for n, text in enumerate(("So.", "Or so.", "Or not."))
            for key, value in (("role", "assistant"), ("content", text))
        }
    ),
    "completions": span(
        BARE
        | {
            f"llm.choices.{n}.completion.text": text
            for n, text in enumerate(("So.", "Or so.", "Or not."))
        }
    ),
    "candidates": span(
        BARE
        | {
            "output.value": json.dumps(
                {
                    "candidates": [
                        {"content": {"role": "model", "parts": [{"text": text}]}}
                        for text in ("So.", "Or so.", "Or not.")
                    ]
                }
            )
        }
    ),
}


@pytest.mark.parametrize("name", SPANS)
def test_answers_that_were_not_taken_are_kept(name: str) -> None:
    found = columns(SPANS[name], "opentelemetry")
    assert found["completion"] == "So."
    assert found["dialogue"] == dialogue(
        ("assistant", {"in": "completion"}),
        ("assistant", {"text": "Or so."}),
        ("assistant", {"text": "Or not."}),
    )


def test_a_further_answer_keeps_its_calls_and_thoughts() -> None:
    further = {"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm"}, CALL]}
    messages = [*_of_genai("So."), further]
    record = span(BARE | {"gen_ai.output.messages": json.dumps(messages)})
    found = columns(record, "opentelemetry")
    called = {"call": "f", "id": "c", "arguments": '{"x":1}'}
    assert found["dialogue"] == dialogue(
        ("assistant", {"in": "completion"}), ("assistant", {"reasoning": "Hm"}, called)
    )
    named = "llm.output_messages.1.message.tool_calls.0.tool_call"
    record = span(
        BARE
        | {
            "llm.output_messages.0.message.content": "So.",
            f"{named}.id": "c",
            f"{named}.function.name": "f",
            f"{named}.function.arguments": '{"x":1}',
        }
    )
    assert columns(record, "opentelemetry")["dialogue"] == dialogue(
        ("assistant", {"in": "completion"}), ("assistant", called)
    )


def test_one_answer_in_words_is_no_dialogue() -> None:
    record = span(BARE | {"gen_ai.output.messages": _of_genai("So.")})
    assert "dialogue" not in columns(record, "opentelemetry")


def test_a_further_answer_that_is_there_twice_is_unreadable() -> None:
    record = span(BARE | {"gen_ai.completion.0.content": "So."})
    for text in ("Or so.", "Or not."):
        record["attributes"] += attributes({"gen_ai.completion.1.content": text})
    found, unreadable = read(record, "opentelemetry")
    assert (found["completion"], unreadable) == ("So.", {"dialogue"})
    assert "dialogue" not in found


def logged(of: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A log record with these attributes."""
    return {
        "timeUnixNano": str(BEGAN),
        "observedTimeUnixNano": str(BEGAN + 1),
        "severityNumber": 9,
        "attributes": attributes(of),
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
    } | fields


def test_of_log_records_the_one_that_tells_a_whole_call(tmp_path: Path) -> None:
    name = "gen_ai.client.inference.operation.details"
    whole = PERSON | SETTINGS | {"gen_ai.provider.name": "openai", "gen_ai.input.messages": ASKED}
    late = logged(whole, eventName=name)
    del late["timeUnixNano"]
    records = [
        logged(whole, eventName=name),
        logged(whole | {"event.name": name}),
        late,
        logged(whole, eventName="gen_ai.user.message", body={"stringValue": "q"}),
        logged(whole),
    ]
    for record in records:
        assert claimed(record) == ["opentelemetry"]
    said = ("system", "completion", "reasoning", "latency_ms", "tools")
    found = columns(records[0], "opentelemetry")
    assert found == without(NOW, *said) | {"system": "In short.", "dialogue": dialogue(*TURNS)}
    data = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}], "resource": {}}]}
    loaded, rejected, detection = imported(tmp_path / "log", json.dumps(data).encode())
    assert detection == "opentelemetry"
    assert [row["record_no"] for row in loaded] == [1, 2, 3]
    assert [row["record_no"] for row in rejected] == [4, 5]
    assert {str(row["ts"]) for row in loaded} == {"2026-05-01 12:30:15.250000"}
