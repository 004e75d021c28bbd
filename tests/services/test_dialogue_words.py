"""A conversation as a person reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.services.dialogue_words import as_read


def message(role: str, *parts: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


def test_who_said_what_in_its_order() -> None:
    marker = {"media": "image", "type": "image/png", "bytes": 1234, "sha256": "ab"}
    said = [
        message("user", {"text": "Look."}, marker),
        message("assistant", {"call": "look", "id": "t", "arguments": '{"q":1}'}),
        message("tool", {"result_of": "t", "parts": [{"text": "A tide."}]}),
        message("user", {"in": "prompt"}),
        message("assistant", {"in": "completion"}, {"refusal": "No."}),
    ]
    assert as_read(json.dumps(said)) == (
        "user:\nLook.\n[image: image/png, 1,234 bytes, SHA-256 ab]\n\n"
        'assistant:\ncalls look: {"q":1}\n\n'
        "tool:\nresult: A tide.\n\n"
        "user:\n(the prompt)\n\n"
        "assistant:\n(the completion)\nrefusal: No."
    )


@pytest.mark.parametrize("text", ["said", "[1]", '{"role":"user"}', "[" * 9000, "NULL"])
def test_what_is_of_another_shape_is_shown_as_it_stands(text: str) -> None:
    assert as_read(text) == text


@pytest.mark.parametrize("parts", [None, "x", [1], [{}], [{"new": 1}], [{"result_of": "t"}]])
def test_odd_parts_break_nothing(parts: Any) -> None:
    assert as_read(json.dumps([{"role": None, "parts": parts}])).startswith("None:")
