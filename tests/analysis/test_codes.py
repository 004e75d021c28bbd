"""Columns of codes without words: what is a code, and what is left of what is none."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.answers import refusals
from workbench.analysis.codes import SUSPENDED, Codes
from workbench.domain.door import CODES, PSEUDONYMS
from workbench.domain.exchange import CANONICAL_SCHEMA

MADE = Codes(b"k" * 32)
NAMED = re.compile(r"left-out-[0-9a-f]{16}(-(suspend|deactivat|banned))*")


def one(column: str, value: str) -> str:
    (found,) = MADE.of(column, pa.array([value])).to_pylist()
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(
            ("error_type", word)
            for word in ("RateLimitError", "insufficient_quota", "429", "_OTHER")
        ),
        ("error_type", "com.amazon.coral.service#ThrottlingException"),
        ("provider", "vertex_ai-language-models"),
        ("country", "DE"),
        ("model", "us.anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("model", "accounts/fireworks/models/llama-v3p1-8b-instruct"),
        ("model", "ft:gpt-4o-mini-2024-07-18:acme::9xyz"),
        ("session_id", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        *(("endpoint", word) for word in ("chat", "InvokeModelWithResponseStream", "aresponses")),
        *(("endpoint", path) for path in ("/v1/messages", "/openai/v1/chat/completions", "/")),
        ("endpoint", "/v1beta/models/*:streamGenerateContent"),
    ],
)
def test_codes_stay(column: str, value: str) -> None:
    assert one(column, value) == value


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("error_type", "content filter blocked: SECRET please"),
        ("error_type", "two words"),
        ("error_type", "4915112345678"),
        ("error_type", "jane@example.org"),
        ("error_type", "line\n"),
        ("error_type", "x" * 65),
        ("stop_reason", "说不"),
        ("model", "tell me a secret"),
        ("session_id", "dear diary"),
        ("endpoint", "tell me"),
        ("endpoint", "?q=secret"),
        ("provider", ""),
    ],
)
def test_what_is_none_gets_a_name(column: str, value: str) -> None:
    found = one(column, value)
    assert NAMED.fullmatch(found)
    assert one(column, value) == found
    assert one(column, value + "!") != found
    other = Codes(b"j" * 32).of(column, pa.array([value])).to_pylist()
    assert other != [found]


@pytest.mark.parametrize(
    ("endpoint", "shape"),
    [
        ("/v1/SECRETPATH?q=SECRETQ", "/v1/*"),
        ("/v1/chat/completions?api-version=1", "/v1/chat/completions"),
        ("https://jane:pw@host:8000/v1/messages", "https://*/v1/messages"),
        ("wss://host/v1/realtime", "http://*/v1/realtime"),
        ("/openai/deployments/my-gpt/chat/completions", "/openai/deployments/*/chat/completions"),
        ("/model/anthropic.claude-v2:1/invoke", "/model/*/invoke"),
        ("/v1/threads/thread_abc/runs/run_1/cancel", "/v1/threads/*/runs/*/cancel"),
        ("/v1/models/my secret:generateContent", "/v1/models/*:generateContent"),
        ("GET /tell me/a secret", "GET /*/*"),
        ("/v1//messages/", "/v1//messages/"),
        ("/secret\n/v1", "/*/v1"),
    ],
)
def test_of_an_endpoint_its_shape_is_kept(endpoint: str, shape: str) -> None:
    assert one("endpoint", endpoint) == shape


@given(st.sampled_from(CODES), st.text(max_size=80))
def test_no_blank_and_no_mark_comes_through(column: str, value: str) -> None:
    found = one(column, value)
    assert found == value or NAMED.fullmatch(found) or column == "endpoint"
    assert not re.search(r"[?\s]", re.sub("^[A-Z]+ ", "", found))
    assert found.isascii()


def test_what_the_analysis_reads_stays() -> None:
    reasons = (*refusals.WHOLE_REASONS, *refusals.CUT_REASONS, *refusals.REFUSED_REASONS)
    for column, words in (("stop_reason", reasons), ("error_type", refusals.REFUSED_ERRORS)):
        assert MADE.of(column, pa.array(words)).to_pylist() == list(words)
    for word in SUSPENDED:
        assert one("error_type", f"Your account was {word.upper()}ed").endswith(f"-{word}")
        assert one("model", f"account {word}").count("-") == 2
    # A name that is made by chance never says it.
    assert not any(re.fullmatch("[0-9a-f]+", word) for word in SUSPENDED)


def test_nothing_stays_nothing() -> None:
    for column in CODES:
        assert MADE.of(column, pa.array([], pa.string())).to_pylist() == []
        values = pa.array([None, "a b", None, "chat"])
        first, named, third, code = MADE.of(column, values).to_pylist()
        assert (first, third, code) == (None, None, "chat")
        assert named is not None
        assert named != "a b"


def test_every_column_of_text_has_its_way() -> None:
    """A new column is a text that is left out, a name, or a code: never forgotten."""
    texts = {f.name for f in CANONICAL_SCHEMA if pa.types.is_string(f.type)}
    said = {"system", "prompt", "completion", "reasoning", "dialogue"}
    assert texts == said | set(PSEUDONYMS) | set(CODES)
