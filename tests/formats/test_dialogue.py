"""Conversations keep their order, roles, tool calls, results and reasoning; media are markers."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.reading import read
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.dialogue import both, written
from workbench.formats.parts import parts_of

PICTURE = b"\x89PNG\r\n\x1a\n..."
HELD = base64.b64encode(PICTURE).decode()
MARKER = {
    "media": "image",
    "type": "image/png",
    "bytes": len(PICTURE),
    "sha256": hashlib.sha256(PICTURE).hexdigest(),
}
AT = "https://example.org/a.png"
NAMED = {"media": "image", "reference_sha256": hashlib.sha256(AT.encode()).hexdigest()}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("said", {"text": "said"}),
        ({"type": "output_text", "text": "said"}, {"text": "said"}),
        ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{HELD}"}}, MARKER),
        ({"type": "input_image", "image_url": f"data:image/png;base64,{HELD}"}, MARKER),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": HELD},
            },
            MARKER,
        ),
        ({"image": {"format": "png", "source": {"bytes": HELD}}}, MARKER),
        ({"type": "blob", "modality": "image", "mime_type": "image/png", "content": HELD}, MARKER),
        ({"type": "image_url", "image_url": {"url": AT}}, NAMED),
        ({"type": "image", "source": {"type": "url", "url": AT}}, NAMED),
        ({"type": "image_url", "image_url": {}}, {"media": "image"}),
        (
            {"type": "input_audio", "input_audio": {"data": HELD, "format": "wav"}},
            MARKER | {"media": "audio", "type": "wav"},
        ),
        (
            {"type": "file", "file": {"file_data": f"data:image/png;base64,{HELD}"}},
            MARKER | {"media": "file"},
        ),
        (
            {"type": "audio", "audio": {"id": "a", "data": HELD, "transcript": "said"}},
            {k: v for k, v in MARKER.items() if k != "type"}
            | {"media": "audio", "transcript": "said"},
        ),
        (
            {"type": "tool_use", "id": "t", "name": "look", "input": {"for": "it"}},
            {"call": "look", "id": "t", "arguments": '{"for":"it"}'},
        ),
        (
            {"type": "function", "id": "t", "function": {"name": "look", "arguments": "{}"}},
            {"call": "look", "id": "t", "arguments": "{}"},
        ),
        (
            {"type": "function_call", "call_id": "t", "name": "look", "arguments": "{}"},
            {"call": "look", "id": "t", "arguments": "{}"},
        ),
        (
            {"toolUse": {"toolUseId": "t", "name": "look", "input": {}}},
            {"call": "look", "id": "t", "arguments": "{}"},
        ),
        (
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "text", "text": "9"}, {"image": {"source": {"bytes": HELD}}}],
            },
            {
                "result_of": "t",
                "parts": [{"text": "9"}, {k: v for k, v in MARKER.items() if k != "type"}],
            },
        ),
        (
            {"type": "function_call_output", "call_id": "t", "output": "9"},
            {"result_of": "t", "parts": [{"text": "9"}]},
        ),
        ({"type": "thinking", "thinking": "hm", "signature": "s"}, {"reasoning": "hm"}),
        (
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"reasoning": "hm"},
        ),
        ({"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"reasoning": "hm"}),
        (
            {"type": "new", "x": 1},
            {
                "other": "new",
                "bytes": 20,
                "sha256": hashlib.sha256(b'{"type":"new","x":1}').hexdigest(),
            },
        ),
    ],
)
def test_parts_of_every_provider(part: Any, expected: dict[str, Any]) -> None:
    assert parts_of([part]) == [expected]
    assert HELD not in written(parts_of([part]))


def test_results_inside_results_end() -> None:
    content: Any = "deep"
    for _ in range(300):
        content = [{"type": "tool_result", "tool_use_id": "t", "content": content}]
    assert "nested" in written(parts_of(content))


def _chat(messages: list[dict[str, Any]], *answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "request": {"model": "m", "messages": messages},
        "response": {"choices": [{"index": n, "message": a} for n, a in enumerate(answers)]},
    }


USER = {"role": "user", "content": "Why?"}
SYSTEM = {"role": "system", "content": "Be brief."}
ANSWER = {"role": "assistant", "content": "So."}


@pytest.mark.parametrize("messages", [[USER], [SYSTEM, USER], [SYSTEM, SYSTEM, USER]])
def test_a_question_and_an_answer_in_words_have_none(messages: list[dict[str, Any]]) -> None:
    found, _ = read(_chat(messages, ANSWER), "openai")
    assert "dialogue" not in found
    assert (found["prompt"], found["completion"]) == ("Why?", "So.")


def test_a_growing_conversation_keeps_its_earlier_turns() -> None:
    found, _ = read(_chat([SYSTEM, USER, ANSWER, {"role": "user", "content": "And?"}]), "openai")
    assert (found["prompt"], found["n_turns"]) == ("And?", 2)
    assert json.loads(found["dialogue"]) == [
        {"role": "system", "parts": [{"in": "system"}]},
        {"role": "user", "parts": [{"text": "Why?"}]},
        {"role": "assistant", "parts": [{"text": "So."}]},
        {"role": "user", "parts": [{"in": "prompt"}]},
    ]


def test_an_answer_that_calls_tools() -> None:
    call = {"type": "function", "id": "t", "function": {"name": "look", "arguments": '{"q":1}'}}
    found, _ = read(
        _chat([USER], {"role": "assistant", "content": None, "tool_calls": [call]}), "openai"
    )
    assert "completion" not in found
    assert json.loads(found["dialogue"]) == [
        {"role": "assistant", "parts": [{"call": "look", "id": "t", "arguments": '{"q":1}'}]}
    ]


def test_answers_that_were_not_taken_are_kept() -> None:
    found, _ = read(_chat([USER], ANSWER, {"role": "assistant", "content": "Or so."}), "openai")
    assert found["completion"] == "So."
    assert json.loads(found["dialogue"]) == [
        {"role": "assistant", "parts": [{"in": "completion"}]},
        {"role": "assistant", "parts": [{"text": "Or so."}]},
    ]


def test_older_completions_keep_their_choices_too() -> None:
    record = {"prompt": "Why?", "model": "m"}
    choices = [{"index": 0, "text": "So."}, {"index": 1, "text": "Or so."}]
    found, _ = read({"request": record, "response": {"choices": choices}}, "openai")
    assert found["completion"] == "So."
    assert json.loads(found["dialogue"])[1] == {"role": "assistant", "parts": [{"text": "Or so."}]}


def test_an_answer_that_was_spoken() -> None:
    spoken = {"id": "a", "data": HELD, "transcript": "So."}
    found, _ = read(
        _chat([USER], {"role": "assistant", "content": None, "audio": spoken}), "openai"
    )
    (part,) = json.loads(found["dialogue"])[0]["parts"]
    assert (part["media"], part["transcript"], part["bytes"]) == ("audio", "So.", len(PICTURE))


def test_what_a_log_gives_as_its_dialogue_has_no_bytes_either() -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{HELD}"}}
    own = {"role": "user", "parts": [{"in": "prompt"}, MARKER]}
    given_so = {"prompt": "Why?", "dialogue": [{"role": "user", "content": [picture]}, own]}
    found, _ = read(given_so, "canonical")
    assert json.loads(found["dialogue"]) == [{"role": "user", "parts": [MARKER]}, own]
    mapped, _ = read(
        {"asked": "Why?", "turns": [{"role": "user", "content": [picture]}]},
        "mapped",
        prompt="asked",
        dialogue="turns",
    )
    assert json.loads(mapped["dialogue"]) == [{"role": "user", "parts": [MARKER]}]


def test_pictures_tell_requests_apart() -> None:
    def asked(data: bytes) -> dict[str, Any]:
        held = base64.b64encode(data).decode()
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{held}"}}
        content = [{"type": "text", "text": "What is it?"}, picture]
        found, _ = read(_chat([{"role": "user", "content": content}], ANSWER), "openai")
        return found

    one, other = asked(b"one"), asked(b"two")
    assert one["prompt"] == other["prompt"] == "What is it?"
    assert one["dialogue"] != other["dialogue"]


TRICKY = st.text(st.sampled_from('a"\\/\b\f\n\r\t\x00\x1f\x7f\xe9\u2028\U0001f600'), max_size=12)


@given(texts=st.lists(TRICKY, min_size=4, max_size=4), ascii_only=st.booleans())
def test_by_outline_whatever_the_texts(texts: list[str], ascii_only: bool) -> None:
    first, said, asked, arguments = texts
    call = {"type": "function", "id": "t", "function": {"name": "look", "arguments": arguments}}
    record = _chat(
        [
            SYSTEM,
            {"role": "user", "content": first},
            {"role": "assistant", "content": said, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "t", "content": said},
            {"role": "user", "content": asked},
        ],
        ANSWER,
    )
    line = json.dumps(record, ensure_ascii=ascii_only).replace("\\u00e9", "\\u00E9")
    data = f"{line}\n".encode() * 3
    recipe = Recipe("lines", "openai")
    slow = Adapter(recipe, fast=False).read(data).records
    assert Adapter(recipe).read(data).records.equals(slow)
    assert json.loads(slow.column("dialogue")[0].as_py())[1]["parts"] == [{"text": first}]


def test_sides_go_one_behind_the_other() -> None:
    one, other = [{"role": "user", "parts": []}], [{"role": "assistant", "parts": []}]
    assert both(one, other) == one + other
    assert both(None, other) == other
    assert both(None, None) is None
