"""Guesses for an unknown shape: names that the values go with, values that say enough alone."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.formats.beginning import field_names
from workbench.formats.preview import preview
from workbench.formats.suggest import Guess, guesses


def guessed(*records: dict[str, Any]) -> dict[str, Guess]:
    return guesses(records, field_names(records))


def paths(*records: dict[str, Any]) -> dict[str, str]:
    return {column: guess.path for column, guess in guessed(*records).items()}


def test_what_a_guess_rests_on_is_said() -> None:
    records = [
        {
            "timestamp": f"2026-05-01T12:00:{n:02}Z" if n else "yesterday",
            "key": f"k{n % 3}",
            "meta": {"client": "198.51.100.7"},
            "said": f"What is the capital of country {n}?",
            "tokensIn": n,
            "org": "",
        }
        for n in range(32)
    ]
    assert guessed(*records) == {
        "ts": Guess("timestamp", "times in 31 of 32 records, and its name"),
        "account_id": Guess("key", "3 distinct values in 32 records, like keys, and its name"),
        "ip": Guess("meta.client", "addresses in 32 of 32 records"),
        "prompt": Guess("said", "free text in 32 of 32 records"),
        "in_tok": Guess("tokensIn", "numbers in 32 of 32 records, and its name"),
        "org_id": Guess("org", "no value in 32 records, and its name"),
    }


def test_no_records_and_no_values_give_nothing_to_rest_on() -> None:
    assert guesses([], []) == {}
    assert guesses([], ["prompt"]) == {
        "prompt": Guess("prompt", "no value in 0 records, and its name")
    }
    one = {"prompt": None, "key": None}
    assert guessed(one)["prompt"].why == "no value in 1 record, and its name"


@pytest.mark.parametrize(
    "record",
    [
        {"input": 17}, {"query": True}, {"time": "soon"}, {"output": 0.5}, {"key": False},
        {"system": "gateway-2"}, {"reply": "200"}, {"created": {"account": [1.5]}},
        {"who": {"alias": "a1"}, "asked": [{"text": "q1"}], "zz": "k"},
        {"agent": "Mozilla/5.0 (X11; Linux x86_64)", "path": "/v1/chat/completions"},
    ],
)  # fmt: skip
def test_a_name_whose_values_speak_against_it_is_no_guess(record: dict[str, Any]) -> None:
    assert paths(record) == {}


def test_of_two_fields_of_a_name_the_one_with_fitting_values_is_taken() -> None:
    record = {"cost": {"input": 0.1}, "body": {"input": "Explain it"}, "time": "", "when": 1777}
    assert paths(record) == {"prompt": "body.input", "ts": "when"}


def test_a_name_that_says_nothing_is_read_with_the_one_around_it() -> None:
    record = {
        "account": {"id": 7}, "prompt": {"text": "Why?"}, "model": {"name": "m"},
        "request": {"id": "r"}, "tool": {"name": "shell"}, "response": [{"content": "So."}],
    }  # fmt: skip
    assert paths(record) == {
        "account_id": "account.id", "prompt": "prompt.text", "model": "model.name",
        "request_id": "request.id", "completion": "response[-1].content",
    }  # fmt: skip


def test_values_alone_give_a_prompt_only_where_one_field_has_such() -> None:
    two = {"a": "What is the capital of France?", "b": "The capital of France is Paris."}
    assert paths(two) == {}
    same = [{"rule": "You are a helpful assistant.", "no": str(n)} for n in range(9)]
    assert paths(*same) == {}, "what all records say is no prompt"
    rare = [{"note": "rate limit was exceeded"}, *[{"x": "y"}] * 9]
    assert paths(*rare) == {}
    assert paths({"said": "中国的首都是哪里为什么"}) == {"prompt": "said"}
    times = {"begun": "2026-05-01 12:00:00", "ended": "2026-05-01 12:00:01"}
    assert paths(times) == {}
    assert paths({"begun": "2026-05-01 12:00:00", "n": 5}) == {"ts": "begun"}
    made = [{"made": f"2026-04-0{1 + n % 2}", "n": n} for n in range(9)]
    assert paths(*made) == {}, "one of two dates is no time of a request"


def test_a_refusal_types_no_wrong_field(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    record = {"who": {"alias": "a1"}, "asked": [{"text": "q1"}], "timestamp": 1777593600, "z": "k"}
    path.write_bytes(orjson.dumps(record))
    with pytest.raises(InputError) as told:
        preview(path, ReadOptions())
    assert "example --map prompt=FIELD --map ts=timestamp. " in told.value.remedy
    (shown,) = [preview(path, ReadOptions(), "mapped")]
    assert shown.suggested == {"ts": Guess("timestamp", "times in 1 of 1 record, and its name")}
