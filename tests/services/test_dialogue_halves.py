"""What both halves of a batch say of a conversation, one behind the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

EARLIER = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
NOW = {"role": "user", "content": "And then?"}
CALL = {"id": "t", "type": "function", "function": {"name": "look", "arguments": "{}"}}
SAID = [
    {"role": "user", "parts": [{"text": "Why?"}]},
    {"role": "assistant", "parts": [{"text": "So."}]},
    {"role": "user", "parts": [{"in": "prompt"}]},
]
CALLED = {
    "role": "assistant",
    "parts": [{"in": "completion"}, {"call": "look", "id": "t", "arguments": "{}"}],
}


def halves(messages: list[Any], **answer: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    body = {"model": "m", "messages": messages}
    message = {"role": "assistant", "content": "Then this.", **answer}
    answered = {"id": "c", "model": "m", "choices": [{"index": 0, "message": message}]}
    return (
        {"custom_id": "b-1", "method": "POST", "url": "/v1/chat/completions", "body": body},
        {"id": "r", "custom_id": "b-1", "response": {"status_code": 200, "body": answered}},
    )


@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize(
    ("messages", "answer", "expected"),
    [
        ([NOW], {}, None),
        ([*EARLIER, NOW], {}, SAID),
        ([NOW], {"tool_calls": [CALL]}, [CALLED]),
        ([*EARLIER, NOW], {"tool_calls": [CALL]}, [*SAID, CALLED]),
    ],
)
def test_each_side_says_its_own(
    tmp_path: Path,
    messages: list[Any],
    answer: dict[str, Any],
    expected: list[Any] | None,
    answer_first: bool,
) -> None:
    logs = []
    for name, half in zip(("in", "out"), halves(messages, **answer), strict=True):
        logs.append(tmp_path / f"{name}.jsonl")
        logs[-1].write_text(json.dumps(half) + "\n")
    with Workspace.create(tmp_path / "a.case") as workspace:
        report = workspace.importing.run(
            logs[::-1] if answer_first else logs, Frame(), ReadOptions(), Job()
        )
        assert (report.total.loaded, report.total.joined) == (1, 1)
        with workspace._held.engine() as engine:
            (row,) = engine.table(
                Statement("asked", "SELECT dialogue, completion FROM exchange")
            ).to_pylist()
    assert row["completion"] == "Then this."
    assert (row["dialogue"] and json.loads(row["dialogue"])) == expected
