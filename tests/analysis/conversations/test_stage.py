"""The stage ``conversations``: a log that grows turn by turn, as the import reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.accounts import accounts_stage, exchanges_stage
from workbench.analysis.answers.stage import answers_stage
from workbench.analysis.conversations import stage as module
from workbench.analysis.conversations.stage import conversations_stage
from workbench.analysis.run import analyse
from workbench.domain.errors import CancelledError
from workbench.domain.settings import AnalysisSettings
from workbench.formats.messages import from_messages

PLAN = (accounts_stage(), exchanges_stage(), answers_stage(), conversations_stage())
MINUTE = 60_000_000


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def row(at: int, messages: list[Any], completion: str | None = None, **more: Any) -> dict[str, Any]:
    columns = from_messages(messages)
    dialogue = columns.pop("dialogue")
    return {
        "account_id": "a", "ts": at * MINUTE, "completion": completion,
        "dialogue": json.dumps(dialogue) if dialogue else None, **columns, **more,
    }  # fmt: skip


def found_in(rows: list[dict[str, Any]]) -> tuple[list[int], list[bool], dict[str, Any]]:
    """Conversations by the rows as given (the exchange that began each), what is asked again."""
    artifacts = FakeArtifacts()
    analyse(FakeCase(rows).engine, artifacts, AnalysisSettings(), RecordingJob(), plan=PLAN)
    ids = artifacts.array("exchanges", "exchange_id")
    root = artifacts.array("conversations", "conversation")
    began = {int(id_): int(ids[at]) - 1 for id_, at in zip(ids, root, strict=True)}
    again = dict(zip(ids.tolist(), artifacts.array("conversations", "again").tolist(), strict=True))
    info = artifacts.entries["conversations"].info
    return [began[at] for at in sorted(began)], [again[at] for at in sorted(again)], info


def test_a_conversation_that_grows_turn_by_turn_is_one() -> None:
    first = [user("Why?")]
    second = [*first, said("So."), user("And then?")]
    third = [*second, said("This."), user("Why?")]
    rows = [
        row(1, first, "So."),
        row(3, third, "End."),
        row(2, second, "This."),
        row(4, first, "X"),
    ]
    began, again, info = found_in(rows)
    assert began == [0, 0, 0, 3]
    assert not any(again)
    assert info == {"n_conversations": 1, "n_continuing": 2, "n_again": 0}


def test_of_two_that_begin_alike_each_goes_on_with_its_own() -> None:
    rows = [
        row(1, [user("hi")], "Hello."),
        row(2, [user("hi")], "Good day."),
        row(3, [user("hi"), said("hello. "), user("one")], "1"),
        row(4, [user("hi"), said("Good day."), user("two")], "2"),
        # An answer that nobody gave, or of a log without its first turn.
        row(5, [user("hi"), said("Ahoy."), user("three")], "3"),
    ]
    assert found_in(rows)[0] == [0, 1, 0, 1, 4]


def test_another_account_goes_on_with_nothing_of_this_one() -> None:
    grown = [user("hi"), said("Hello."), user("one")]
    assert found_in([row(1, [user("hi")], "Hello."), row(2, grown, account_id="b")])[0] == [0, 1]


def test_the_rounds_of_an_agents_tools_ask_nothing_new() -> None:
    def call(number: int) -> list[dict[str, Any]]:
        function = {"name": "f", "arguments": "{}"}
        made = {"id": f"t{number}", "type": "function", "function": function}
        return [
            {"role": "assistant", "content": None, "tool_calls": [made]},
            {"role": "tool", "tool_call_id": f"t{number}", "content": str(number)},
        ]

    asked = [user("Count.")]
    rows = [
        row(1, asked),
        row(2, [*asked, *call(1)]),
        row(3, [*asked, *call(1), *call(2)], "Two."),
        row(4, [*asked, *call(1), *call(2), said("Two."), user("More.")]),
        row(5, asked),
    ]
    began, again, info = found_in(rows)
    assert began == [0, 0, 0, 0, 4]
    assert again == [False, True, True, False, False]
    assert info["n_again"] == 2


def test_without_earlier_turns_numbers_within_a_session_serve() -> None:
    def numbered(at: int, turn: int, session: str | None) -> dict[str, Any]:
        return {
            "account_id": "a", "ts": at * MINUTE, "prompt": f"p{at}", "n_turns": turn,
            "session_id": session,
        }  # fmt: skip

    rows = [numbered(1, 1, "s"), numbered(2, 2, "s"), numbered(3, 2, "t"), numbered(4, 3, "s")]
    assert found_in(rows)[0] == [0, 0, 2, 0]


def test_a_known_history_is_not_overruled_by_numbers() -> None:
    grown = [user("other"), said("x"), user("two")]
    rows = [row(1, [user("one")], "1"), row(2, grown, "2")]
    assert found_in(rows)[0] == [0, 1]
    named = [each | {"session_id": "s"} for each in rows]
    assert found_in(named)[0] == [0, 0]


@pytest.mark.parametrize("dialogue", ["{", "[]", '{"a": 1}', "[[[]]]"])
def test_a_dialogue_that_cannot_be_read_breaks_nothing(dialogue: str) -> None:
    rows = [row(1, [user("a")], "b"), row(2, [user("c")], "d") | {"dialogue": dialogue}]
    assert found_in(rows)[0] == [0, 1]


def test_logs_with_nothing_to_tell() -> None:
    assert found_in([])[0] == []
    assert found_in([{"account_id": "a", "prompt": "p"}])[0] == [0]
    # Nobody's exchange is in no conversation.
    nobodys = {"account_id": None, "prompt": "p", "n_turns": 2, "dialogue": "["}
    assert found_in([{"account_id": "a"}, nobodys])[2]["n_continuing"] == 0


def test_pages_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    talk: list[dict[str, Any]] = [user("0")]
    rows = [row(0, talk, "a0")]
    for turn in range(1, 30):
        talk = [*talk, said(f"a{turn - 1}"), user(str(turn))]
        rows.append(row(turn, talk, f"a{turn}"))
    whole = found_in(rows)
    monkeypatch.setattr(module, "_PAGE", 4)
    assert found_in(rows) == whole
    assert whole[0] == [0] * 30


def test_it_stops_when_told() -> None:
    case, artifacts = FakeCase([row(1, [user("a"), said("b"), user("c")])]), FakeArtifacts()
    with pytest.raises(CancelledError):
        analyse(
            case.engine, artifacts, AnalysisSettings(), RecordingJob("Reading conversations"),
            plan=PLAN,
        )  # fmt: skip
