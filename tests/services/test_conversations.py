"""The conversation around an exchange, from a log that grows turn by turn to what is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.fakes import RecordingJob
from workbench.analysis.run import analyse, plan_for
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.conversations import _AROUND, Conversation
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def talk(turns: int) -> list[dict[str, Any]]:
    """Records of a conversation; the second turn calls a tool."""
    messages: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []

    def send(answer: dict[str, Any]) -> None:
        records.append(
            {
                "request_id": f"r{len(records)}",
                "timestamp": f"2026-05-01T12:{len(records) // 60:02}:{len(records) % 60:02}Z",
                "api_key_id": "k",
                "request": {"model": "m", "messages": list(messages)},
                "response": {"object": "chat.completion", "choices": [{"message": answer}]},
            }
        )
        messages.append(answer)

    for turn in range(turns):
        messages.append({"role": "user", "content": f"Question {turn}"})
        if turn == 1:
            function = {"name": "f", "arguments": "{}"}
            call = {"id": "t", "type": "function", "function": function}
            send({"role": "assistant", "content": None, "tool_calls": [call]})
            messages.append({"role": "tool", "tool_call_id": "t", "content": "12"})
        send({"role": "assistant", "content": f"Answer {turn}"})
    return records


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def fill(workspace: Workspace, records: list[dict[str, Any]], *, analysed: bool = True) -> None:
    log = workspace.path.parent / "log.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    report = workspace.importing.run([log], Frame(system="g"), ReadOptions(), Job())
    assert report.total.loaded == len(records)
    if analysed:
        case = workspace._held.case
        analyse(
            case.engine, case.artifacts, AnalysisSettings(), RecordingJob(),
            plan=plan_for("conversations"),
        )  # fmt: skip


def of(workspace: Workspace, exchange_id: int) -> Conversation | None:
    return workspace.exchanges.texts(exchange_id).conversation


def test_a_growing_conversation_is_listed_with_its_rounds(workspace: Workspace) -> None:
    alone = talk(1)[0] | {"request_id": "x", "timestamp": "2026-05-01T11:00:00Z"}
    fill(workspace, [*talk(3), alone])
    for place in range(4):
        found = of(workspace, place)
        assert found is not None
        assert (found.place, found.n_exchanges, found.offset) == (place, 4, 0)
        assert [turn.exchange_id for turn in found.turns] == [0, 1, 2, 3]
        asked = ["Question 0", "Question 1", "Question 1", "Question 2"]
        assert [turn.prompt for turn in found.turns] == asked
        assert [turn.again for turn in found.turns] == [False, False, True, False]
    assert of(workspace, 4) is None


def test_of_a_long_one_what_is_around_is_listed(workspace: Workspace) -> None:
    fill(workspace, talk(3 * _AROUND))
    middle = of(workspace, 2 * _AROUND)
    assert middle is not None
    assert (middle.place, middle.offset, middle.n_exchanges) == (
        2 * _AROUND,
        _AROUND,
        3 * _AROUND + 1,
    )
    assert len(middle.turns) == 2 * _AROUND + 1
    assert middle.turns[middle.place - middle.offset].exchange_id == 2 * _AROUND
    last = of(workspace, 3 * _AROUND)
    assert last is not None
    assert last.turns[-1].exchange_id == 3 * _AROUND


def test_nobody_has_looked_or_there_is_more_since(workspace: Workspace) -> None:
    records = talk(2)
    fill(workspace, records, analysed=False)
    assert of(workspace, 0) is None


def test_an_exchange_that_came_later_is_in_none(workspace: Workspace) -> None:
    fill(workspace, talk(2))
    more = [record | {"request_id": f"n{n}"} for n, record in enumerate(talk(1))]
    fill(workspace, [*more, {**more[0], "request_id": "z", "api_key_id": "b"}], analysed=False)
    assert of(workspace, 4) is None
    found = of(workspace, 0)
    assert found is not None
    assert found.n_exchanges == 3


def test_exchanges_without_time_or_prompt(workspace: Workspace) -> None:
    def record(number: int, turn: int) -> dict[str, Any]:
        return {
            "request_id": f"r{number}", "account_id": "k", "session_id": "s", "n_turns": turn,
            "completion": "c",
        }  # fmt: skip

    fill(workspace, [record(0, 1), record(1, 2)])
    found = of(workspace, 1)
    assert found is not None
    assert [(turn.ts_us, turn.prompt) for turn in found.turns] == [(None, None)] * 2
