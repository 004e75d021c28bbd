"""WildChat, LMSYS-Chat-1M and ShareGPT: a conversation is one exchange, by its last question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from tests.formats.conversation_records import LMSYS, SHAREGPT, WILDCHAT, WILDCHAT_FIRST
from tests.formats.provider_records import dialogue
from tests.formats.reading import as_csv, as_lines, columns, imported, read, spoilt, survives
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED_WILDCHAT = {
    "request_id": "cf1267ca6b2f6fccc9c36652a00059a1",
    "session_id": "cf1267ca6b2f6fccc9c36652a00059a1",
    "ts": "2024-02-03T10:05:09+00:00",
    "account_id": "22fd87ba9b98f2d3",
    "country": "Norway",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
    "model": "gpt-4-0125-preview",
    "n_turns": 2,
    "dialogue": dialogue(
        ("user", {"text": "Explain tides."}),
        ("assistant", {"text": "The moon pulls."}),
        ("user", {"in": "prompt"}),
    ),
    "prompt": "And spring tides?",
    "completion": "The sun helps.",
}


def test_wildchat() -> None:
    assert columns(WILDCHAT, "wildchat") == EXPECTED_WILDCHAT
    first = columns(WILDCHAT_FIRST, "wildchat")
    assert (first["prompt"], first["completion"], first["n_turns"]) == ("Hi", "Hello!", 1)
    assert "account_id" not in first
    without = {k: v for k, v in WILDCHAT.items() if k not in ("hashed_ip", "country", "header")}
    assert columns(without, "wildchat") == EXPECTED_WILDCHAT  # the turns have them as well


def test_lmsys() -> None:
    assert columns(LMSYS, "lmsys") == {
        "request_id": "33f01939a744455c869cb234afca47f1",
        "session_id": "33f01939a744455c869cb234afca47f1",
        "model": "wizardlm-13b",
        "n_turns": 1,
        "prompt": "how can identity protection services help protect me",
        "completion": "Identity protection services watch.",
    }


def test_sharegpt() -> None:
    expected = {
        "request_id": "QWJhYvA_0",
        "session_id": "QWJhYvA_0",
        "system": "Be kind.",
        "n_turns": 2,
        "dialogue": dialogue(
            ("system", {"in": "system"}),
            ("user", {"text": "Summarise this text."}),
            ("assistant", {"text": "It is short."}),
            ("user", {"in": "prompt"}),
        ),
        "prompt": "Shorter",
        "completion": "Short.",
    }
    assert columns(SHAREGPT, "sharegpt") == expected
    roles = {"system": "system", "human": "user", "gpt": "assistant"}
    turns = [{"role": roles[t["from"]], "content": t["value"]} for t in SHAREGPT["conversations"]]
    assert columns({"id": "QWJhYvA_0", "conversations": turns}, "sharegpt") == expected
    beside = {"id": "x", "system": "Beside.", "conversations": turns[1:]}
    assert columns(beside, "sharegpt")["system"] == "Beside."


def test_a_question_without_an_answer_has_none() -> None:
    turns = SHAREGPT["conversations"][:-1]
    found = columns({"id": "x", "conversations": turns}, "sharegpt")
    assert (found["prompt"], found.get("completion")) == ("Shorter", None)


@pytest.mark.parametrize(
    ("record", "name"), [(WILDCHAT, "wildchat"), (LMSYS, "lmsys"), (SHAREGPT, "sharegpt")]
)
def test_every_layout_says_the_same(tmp_path: Path, record: dict[str, Any], name: str) -> None:
    expected = imported(tmp_path / "log", as_lines([record]))
    assert expected[2] == name
    array, csv = json.dumps([record], indent=1).encode(), as_csv([record])
    assert [imported(tmp_path / "log", data)[2] for data in (array, csv)] == [name] * 2
    pq.write_table(pa.Table.from_pylist([record] * 3), tmp_path / "log")
    source = open_source(tmp_path / "log", ReadOptions())
    assert source.detection.format == name
    rows = [row for part in source.blocks(Job()) for row in part.records.to_pylist()]
    for rows_of in (rows, imported(tmp_path / "log", csv)[0]):
        for key in ("prompt", "completion", "n_turns", "request_id", "account_id", "ts"):
            assert rows_of[0][key] == expected[0][0][key], key


def test_a_list_that_holds_no_turns_is_unreadable() -> None:
    found, unreadable = read(SHAREGPT | {"conversations": 7}, "sharegpt")
    assert (found["request_id"], unreadable) == ("QWJhYvA_0", {"prompt"})


@given(spoilt(WILDCHAT, WILDCHAT_FIRST, LMSYS, SHAREGPT))
def test_spoilt_records_have_one_fate(record: dict[str, Any]) -> None:
    survives(record)
