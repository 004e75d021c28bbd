"""LiteLLM's StandardLoggingPayload, as its loggers write it to buckets, queues and webhooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.formats.provider_records import (
    OPENAI_DIALOGUE,
    STANDARD_LOGGING,
)
from tests.formats.reading import as_lines, columns, spoilt, survives
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.read import open_source

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "log_samples" / "litellm"


def test_every_field() -> None:
    assert columns(STANDARD_LOGGING, "litellm") == {
        "request_id": "chatcmpl-9ZZiMGOwH7uNv2Xv4zXqyVrXnMmAg",
        "ts": 1777638615.25,
        "account_id": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "org_id": "team-1",
        "end_user": "person-9",
        "session_id": "8d7f8a0e-1f8a-4f0b-9d0e-1b8a52a1f1de",
        "ip": "198.51.100.7",
        "user_agent": "sdk/1.2",
        "email_domain": "example.org",
        "provider": "openai",
        "endpoint": "acompletion",
        "model": "large-4",
        "status": 200,
        "stop_reason": "stop",
        "stream": True,
        "in_tok": 40,
        "out_tok": 7,
        "reasoning_tok": 5,
        "cached_tok": 3,
        "temperature": 0.2,
        "max_tok": 300,
        "n_turns": 2,
        "tools": 1,
        "latency_ms": 2000.0,
        "ttft_ms": 500.0,
        "system": "Be brief.",
        "prompt": "Second question",
        "completion": "Second answer",
        "dialogue": OPENAI_DIALOGUE,
        "reasoning": "Thought about it",
    }


def test_a_failure_and_a_plain_answer() -> None:
    failed = STANDARD_LOGGING | {
        "status": "failure",
        "response": {},
        "error_str": "RateLimitError: too many",
        "error_information": {"error_code": "429", "error_class": "RateLimitError"},
    }
    found = columns(failed, "litellm")
    assert (found["status"], found["error_type"]) == (429, "RateLimitError")
    assert "completion" not in found
    word = "redacted-by-litellm"
    redacted = {
        "messages": [{"role": "user", "content": word}],
        "response": {"choices": [{"message": {"role": "assistant", "content": word}}]},
    }
    hidden = columns(STANDARD_LOGGING | redacted, "litellm")
    assert "completion" not in hidden
    assert (hidden["in_tok"], hidden["latency_ms"]) == (40, 2000.0)
    assert hidden.get("prompt") is None


def test_lines_and_batches(tmp_path: Path) -> None:
    """A bucket has an object in a file, or a line each, or an array of them."""
    for data in (
        json.dumps(STANDARD_LOGGING, indent=4).encode(),
        as_lines([STANDARD_LOGGING] * 2),
        json.dumps([STANDARD_LOGGING]).encode(),
    ):
        (tmp_path / "log").write_bytes(data)
        source = open_source(tmp_path / "log", ReadOptions())
        (part,) = source.blocks(Job())
        assert (source.detection.format, len(part.rejects)) == ("litellm", 0)
        assert set(part.records["prompt"].to_pylist()) == {"Second question"}


@pytest.mark.skipif(not REAL.is_dir(), reason="the recorded logs are not beside the project")
@pytest.mark.parametrize(
    ("name", "prompt"),
    [("standard_logging_payload", "Hello, world!"), ("spend_logs_payload", None)],
)
def test_what_the_proxys_own_tests_record(name: str, prompt: str | None) -> None:
    source = open_source(REAL / f"{name}.json", ReadOptions("UTC"))
    (part,) = source.blocks(Job())
    (row,) = part.records.to_pylist()
    assert (source.detection.format, part.rejects.num_rows) == ("litellm", 0)
    assert (row["prompt"], row["in_tok"], row["out_tok"]) == (prompt, 10, 20)
    assert row["latency_ms"] == pytest.approx(4.583)


@given(spoilt(STANDARD_LOGGING))
def test_spoilt_payloads_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
