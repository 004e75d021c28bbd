"""What a dialogue repeats, and the chain of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from workbench.analysis.conversations.history import START, History, chains, followed, history_of
from workbench.formats.messages import from_messages


def of(messages: list[Any], *answers: Any) -> History | None:
    """The history in what the import writes of a request, with the messages of its answer."""
    asked = from_messages(messages)["dialogue"] or []
    return history_of(json.dumps([*asked, *answers]))


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
RESULT = {"role": "tool", "tool_call_id": "t", "content": "12"}
BLOCKS = [
    {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]},
    user([{"type": "tool_result", "tool_use_id": "a", "content": "12"}]),
]


def test_earlier_turns_and_the_last_answer() -> None:
    found = of([{"role": "system", "content": "Be brief."}, user("a"), said("b"), user("c")])
    assert found is not None
    assert (len(found.asked), found.rounds, found.answer) == (1, 0, "b")
    further = of([user("a"), said("b"), user("c"), said("d"), user("e")])
    assert further is not None
    assert further.asked[:1] == found.asked
    assert (len(further.asked), further.answer) == (2, "d")


@pytest.mark.parametrize(
    ("messages", "rounds"),
    [
        ([user("a"), CALL, RESULT], 1),
        ([user("a"), CALL, RESULT, RESULT], 1),
        ([user("a"), CALL, RESULT, CALL, RESULT], 2),
        ([user("a"), *BLOCKS], 1),
        ([user("a"), *BLOCKS, *BLOCKS], 2),
        ([user("a"), CALL, RESULT, said("b"), user("c")], 0),
    ],
)
def test_rounds_of_tools_since_the_prompt(messages: list[Any], rounds: int) -> None:
    found = of(messages)
    assert found is not None
    assert found.rounds == rounds


def test_results_within_an_answer_are_no_round() -> None:
    own = {"role": "assistant", "parts": [{"call": "search"}, {"result_of": "s", "parts": []}]}
    found = of([user("a"), said("b"), user("c")], own)
    assert found is not None
    assert found.rounds == 0


def test_the_dialogue_of_an_answer_alone_has_nothing_before_it() -> None:
    answer = [{"role": "assistant", "parts": [{"in": "completion"}, {"call": "f"}]}]
    assert history_of(json.dumps(answer)) == History((), 0, None)


@pytest.mark.parametrize(
    "text",
    ["", "null", "{", "7", '"x"', "[1]", '[{"role": "user"}]', '[{"parts": []}]', "[" * 9999],
)
def test_what_is_no_dialogue_tells_nothing(text: str) -> None:
    assert history_of(text) is None


def test_parts_of_any_kind_break_nothing() -> None:
    parts: list[Any] = [None, 1, [], {}, {"text": 5}, {"in": "prompt"}]
    assert history_of(json.dumps([{"role": "user", "parts": parts}])) == History((), 0, None)


def test_a_chain_is_what_was_asked_in_its_order() -> None:
    histories = [History(asked, 0, None) for asked in [(), (1,), (1, 2), (2, 1), (1,), (1, 2, 3)]]
    found = chains(histories)
    assert found[0] == START
    assert found[1] == found[4]
    assert len(set(found.tolist())) == 5
    one_more = followed(found[[1, 2]], np.array([2, 3], dtype=np.uint64))
    assert one_more.tolist() == found[[2, 5]].tolist()
    assert chains([]).shape == (0,)
