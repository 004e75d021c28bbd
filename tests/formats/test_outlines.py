"""Lines that are read by outline give what the honest path gives, whatever they are fed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
    STANDARD_LOGGING,
)
from tests.formats.test_openai_responses import REQUEST, RESPONSE
from workbench.domain.ports import ReadOptions
from workbench.formats import outlines
from workbench.formats.adapter import Adapter, Recipe

if TYPE_CHECKING:
    import random

    from workbench.domain.ports import Parsed

_CHAT = AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE}
_MESSAGE = AROUND | {"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE}
#: As it comes out of the table as objects.
_ROW = {
    key: json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
    for key, value in LITELLM.items()
}
_IN_AND_OUT = AROUND | {"request": REQUEST, "response": RESPONSE}
_TURNS: list[Any] = [
    {"role": "user", "content": "first"},
    {"role": "assistant", "content": "answer"},
    {"role": "user", "content": [{"type": "text", "text": "second"}]},
]
_MANY_TURNS = AROUND | {"request": {"model": "m", "messages": _TURNS}, "response": OPENAI_RESPONSE}
#: Format -> records of its shape, and of others that may lie in one file with them.
RECORDS: dict[str, list[dict[str, Any]]] = {
    "openai": [_CHAT, _MANY_TURNS, AROUND | {"messages": _TURNS}, _MESSAGE, _IN_AND_OUT],
    "anthropic": [_MESSAGE, _CHAT, _MESSAGE | {"response": {"error": {"type": "overloaded"}}}],
    "litellm": [
        LITELLM,
        _ROW,
        STANDARD_LOGGING,
        LITELLM | {"messages": _TURNS, "response": OPENAI_RESPONSE},
        LITELLM | {"messages": REQUEST["input"], "response": RESPONSE, "call_type": "aresponses"},
        _ROW | {"response": ANTHROPIC_RESPONSE, "proxy_server_request": ANTHROPIC_REQUEST},
    ],
}
#: What may stand in the place of a value: much of it tells a format something.
TEXTS = (
    *("", " ", "user", "assistant", "system", "text", "thinking", "none", "low", "success"),
    *("{", "[]", '{"a": 1}', " {}", "\u3000{}", "\u00a0x", "data: x", "event: y", "resp_1"),
    *("claude-3", "redacted-by-litellm", "response", "message", "12", "1.5", "null", "AS64500"),
    *("2026-05-01T12:00:00Z", "2026-05-01T12:00:01.5+00:00", "2026-05-01 12:00:00"),
    *("2027-05-01T12:00:00Z", "1777638615", "User-Agent: x", "who@example.org", "é", "“x”"),
    *('"q"', "a\nb", "tab\there", "\U0001f600", "a" * 70, "/v1/responses", "AZURE", "stop"),
)
NUMBERS = (0, 1, -1, 2, 200, 429, 1.5, 0.0, -0.0, 0.25, 1e-7, 1e300, 2**31, 2**53, 10**14, 10**20)
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [{}],
    ["x"],
    {"type": "x"},
    [{"role": "user"}],
)


def _changed(random: random.Random, value: Any) -> Any:
    """The value with one value somewhere in it replaced, mostly by one of its kind."""
    if isinstance(value, dict) and value and random.random() < 0.95:
        key = random.choice(list(value))
        if random.random() < 0.05:
            return {name: below for name, below in value.items() if name != key}
        return value | {key: _changed(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.95:
        at = random.randrange(len(value))
        return [*value[:at], _changed(random, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and random.random() < 0.9:
        return random.choice(TEXTS)
    if isinstance(value, int | float) and not isinstance(value, bool) and random.random() < 0.9:
        return random.choice(NUMBERS)
    return random.choice((*TEXTS, *NUMBERS, *OTHERS))


def _log(random: random.Random, records: list[dict[str, Any]]) -> bytes:
    """Lines of a few outlines, most of which occur more than once."""
    kinds = [_several(random, random.choice(records), random.randrange(4)) for _ in range(3)]
    lines = []
    for _ in range(random.randrange(4, 24)):
        record = _several(random, random.choice(kinds), random.randrange(3))
        lines.append(json.dumps(record, ensure_ascii=random.random() < 0.5))
        if random.random() < 0.05:
            at = random.randrange(len(lines[-1]))
            lines[-1] = lines[-1][:at] + random.choice('"{}[],:\\0 ') + lines[-1][at + 1 :]
    return "\n".join(lines).encode()


def _several(random: random.Random, record: dict[str, Any], times: int) -> dict[str, Any]:
    for _ in range(times):
        changed = _changed(random, record)
        record = changed if isinstance(changed, dict) else {"prompt": changed}
    return record


def _same(fast: Parsed, slow: Parsed) -> None:
    for one, other in zip(fast.records.to_pylist(), slow.records.to_pylist(), strict=True):
        assert repr(one) == repr(other)
    assert fast.rejects.to_pylist() == slow.rejects.to_pylist()
    assert (fast.blank, fast.header) == (slow.blank, slow.header)
    halves = [[] if read.halves is None else read.halves.to_pylist() for read in (fast, slow)]
    assert halves[0] == halves[1]


@pytest.mark.parametrize("name", RECORDS)
@settings(max_examples=100)
@given(st.randoms(use_true_random=True))
def test_by_outline_is_as_record_by_record(name: str, random: random.Random) -> None:
    recipe = Recipe("lines", name, ReadOptions("Asia/Tokyo"))
    fast, slow = Adapter(recipe), Adapter(recipe, fast=False)
    for _ in range(2):  # what one block taught, the next one uses
        data = _log(random, RECORDS[name])
        _same(fast.read(data), slow.read(data))


def _numbered(record: dict[str, Any], count: int) -> bytes:
    """So many records that differ in what tells nothing."""
    lines = []
    for number in range(count):
        text = json.dumps(record)
        for word in ("request_id", "id", "api_key", "prompt_tokens", "input_tokens", "content"):
            text = text.replace(f'"{word}": "', f'"{word}": "{chr(97 + number % 26)}{number}')
            text = text.replace(f'"{word}": 1', f'"{word}": {number + 1}1')
        lines.append(text)
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("openai", _CHAT),
        ("openai", _MANY_TURNS),
        ("anthropic", _MESSAGE),
        ("litellm", _ROW),
        ("litellm", STANDARD_LOGGING),
    ],
)
def test_what_lies_alike_is_read_at_once(name: str, record: dict[str, Any]) -> None:
    recipe = Recipe("lines", name)
    fast, slow = Adapter(recipe), Adapter(recipe, fast=False)
    data = _numbered(record, 300)
    parsed = fast.read_at_once(data)
    assert parsed is not None
    assert parsed.records.num_rows == 300
    _same(parsed, slow.read(data))


def _lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _told(name: str, *records: dict[str, Any]) -> list[dict[str, Any]]:
    """The records by outline, of which there is one, and honestly the same."""
    recipe = Recipe("lines", name)
    data = _lines(records[0], *records)
    parsed = Adapter(recipe).read(data)
    _same(parsed, Adapter(recipe, fast=False).read(data))
    rows: list[dict[str, Any]] = parsed.records.to_pylist()
    return rows[1:]


def test_cached_tokens_are_added_up() -> None:
    def record(*counts: int) -> dict[str, Any]:
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        usage = dict(zip(names, counts, strict=True)) | {"output_tokens": 7}
        return _MESSAGE | {"response": ANTHROPIC_RESPONSE | {"usage": usage}}

    rows = _told("anthropic", record(1, 20, 300), record(2, 40, 700), record(5, 0, 900))
    assert [row["in_tok"] for row in rows] == [321, 742, 905]
    assert [row["cached_tok"] for row in rows] == [300, 700, 900]


def test_parts_of_a_text_are_joined() -> None:
    def record(*texts: str) -> dict[str, Any]:
        parts = [{"type": "text", "text": text} for text in texts]
        asked = {"system": parts[:2], "messages": [{"role": "user", "content": parts}]}
        return _MESSAGE | {"request": ANTHROPIC_REQUEST | asked}

    rows = _told("anthropic", record("a", "b", "c"), record('"é"', "x\ty", "\U0001f600\\"))
    assert [row["prompt"] for row in rows] == ["a\nb\nc", '"é"\nx\ty\n\U0001f600\\']
    assert [row["system"] for row in rows] == ["a\nb", '"é"\nx\ty']


def test_times_between_moments_and_their_order() -> None:
    def record(*seconds: float) -> dict[str, Any]:
        names = ("startTime", "completionStartTime", "endTime")
        return LITELLM | {
            name: f"2026-05-01T12:00:{second:06.3f}Z"
            for name, second in zip(names, seconds, strict=True)
        }

    rows = _told("litellm", record(1, 2, 3), record(1, 1.5, 9), record(3, 2, 1), record(1, 1, 1))
    assert [row["latency_ms"] for row in rows] == [2000, 8000, None, 0]
    assert [row["ttft_ms"] for row in rows] == [1000, 500, None, None]


def test_numbers_as_programs_write_them_tell_nothing() -> None:
    """Seventeen digits, an exponent, eighteen digits: else each line is an outline of its own."""
    records = [
        _ROW | {"spend": spend, "response_time": 0.1 + n, "cache_key": 10**17 + n, "user": f"u{n}"}
        for n, spend in enumerate((2.25e-05, 3.3e-07, 0.1 + 0.2, 1.1e20, 0.30000000000000016) * 60)
    ]
    parsed = Adapter(Recipe("lines", "litellm")).read_at_once(_lines(*records))
    assert parsed is not None
    assert len(_told("litellm", *records[:20])) == 20


@pytest.mark.parametrize(("limit", "most"), [("_MOST", 3), ("_MOST_BYTES", 2000)])
def test_a_log_of_more_outlines_than_are_known_at_a_time(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(outlines, limit, most)
    lines = [_CHAT | {f"key-{number // 2 % 9}": number} for number in range(90)]
    rows = _told("openai", *lines)
    assert len(rows) == 90


def test_a_mapping_is_read_record_by_record() -> None:
    recipe = Recipe("lines", "openai", ReadOptions("", {"end_user": "request_id"}))
    assert Adapter(recipe).read_at_once(_numbered(_CHAT, 300)) is None
