"""Log lines for benchmarks: about 1 KB each, seeded, as four kinds of systems write them.

The same exchanges in every shape: 10,000 accounts, 400,000 distinct prompts a million lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TEXT = (
    "ability account answer because between branch careful certain change chapter choose "
    "clear column compare consider contract correct country danger decide degree describe "
    "detail differ direct distance divide double earlier effect either energy enough equal "
    "error evening example explain express factor family figure finish follow formula "
    "function future general gradual growth happen history however imagine improve include "
    "industry inside instead interest island language learn letter limit listen machine "
    "market matter measure memory method middle minute model moment mountain museum nature "
    "number object office option order origin outside pattern people perhaps period picture "
    "planet police possible pressure problem process program promise proof "
)
_WORDS: Final = tuple(_TEXT.split())
_SYSTEM: Final = "You are a helpful assistant."


def make_lines(
    path: Path, lines: int, *, seed: int = 0, first: int = 0, of: int = 0, shape: str = "canonical"
) -> None:
    """Write JSON lines.

    Args:
        path: Of the file.
        lines: How many.
        seed: Of what is drawn.
        first: Number of the first line among those of a log of several files.
        of: Lines of that log; 0 for this file alone.
        shape: A key of ``SHAPES``.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 1, *([first] if first else [])]))
    words = np.array(_WORDS)
    distinct = max(1, int((of or lines) * 0.4))
    shaped = SHAPES[shape]
    with path.open("wb") as file:
        for low in range(first, first + lines, 10_000):
            count = min(10_000, first + lines - low)
            accounts = rng.integers(0, 10_000, count)
            which = rng.integers(0, distinct, count)
            completions = words[rng.integers(0, len(words), (count, 52))]
            at = 1_780_000_000_000_000 + (low + np.arange(count)) * 3_600_000
            moments = np.datetime_as_string(at.astype("datetime64[us]"))
            drawn = zip(
                range(low, low + count),
                accounts.tolist(),
                which.tolist(),
                completions.tolist(),
                moments.tolist(),
                strict=True,
            )
            for values in drawn:
                file.write(orjson.dumps(shaped(_record(*values))) + b"\n")


def _record(
    number: int, account: int, which: int, completion: list[str], moment: str
) -> dict[str, Any]:
    text = f"{_WORDS[which % 97]} {_WORDS[which % 89]} {_WORDS[which % 83]} " * 3
    return {
        "request_id": f"req-{number:012d}",
        "ts": f"{moment}Z",
        "account_id": f"key-{account:05d}",
        "org_id": f"org-{account // 7:04d}",
        "session_id": f"s-{account}-{number // 5000}",
        "ip": f"10.{account % 250}.{account // 250}.7",
        "asn": 64500 + account % 30,
        "country": "DE",
        "user_agent": "python-sdk/1.2.3",
        "ja4": "t13d1516h2_8daaf6152771_02713d6af862",
        "account_created_at": "2026-01-02T03:04:05Z",
        "email_domain": "example.org",
        "payment_hash": f"pay-{account % 5000}",
        "provider": "gateway",
        "endpoint": "/v1/chat/completions",
        "model": "large-4",
        "status": 200,
        "stop_reason": "stop",
        "stream": bool(number & 1),
        "in_tok": 50 + number % 100,
        "out_tok": 100 + number % 77,
        "temperature": 0.7,
        "n": 1,
        "max_tok": 1024,
        "logprobs": False,
        "n_turns": 1,
        "tools": 0,
        "latency_ms": 1234.5 + number % 9,
        "ttft_ms": 200.25,
        "system": _SYSTEM,
        "prompt": f"{text}{which}",
        "completion": " ".join(completion),
    }


def _around(of: dict[str, Any]) -> dict[str, Any]:
    """What a gateway writes around request and response."""
    return {
        "request_id": of["request_id"],
        "timestamp": of["ts"],
        "api_key_id": of["account_id"],
        "organization_id": of["org_id"],
        "client_ip": of["ip"],
        "user_agent": of["user_agent"],
        "status": of["status"],
        "latency_ms": of["latency_ms"],
    }


def _openai(of: dict[str, Any]) -> dict[str, Any]:
    """A gateway's record around a chat completion."""
    return _around(of) | {
        "request": {
            "model": of["model"],
            "messages": [
                {"role": "system", "content": of["system"]},
                {"role": "user", "content": of["prompt"]},
            ],
            "temperature": of["temperature"],
            "n": of["n"],
            "max_completion_tokens": of["max_tok"],
            "stream": of["stream"],
        },
        "response": {
            "id": "chatcmpl-" + of["request_id"],
            "object": "chat.completion",
            "model": of["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": of["completion"]},
                    "finish_reason": "stop",
                }
            ],
            "usage": {
                "prompt_tokens": of["in_tok"],
                "completion_tokens": of["out_tok"],
                "total_tokens": of["in_tok"] + of["out_tok"],
                "prompt_tokens_details": {"cached_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0},
            },
        },
    }


def _anthropic(of: dict[str, Any]) -> dict[str, Any]:
    """A gateway's record around a message."""
    return _around(of) | {
        "request": {
            "model": of["model"],
            "max_tokens": of["max_tok"],
            "system": of["system"],
            "messages": [{"role": "user", "content": [{"type": "text", "text": of["prompt"]}]}],
            "temperature": of["temperature"],
            "stream": of["stream"],
            "metadata": {"user_id": f"user-{of['account_id']}"},
        },
        "response": {
            "id": "msg-" + of["request_id"],
            "type": "message",
            "role": "assistant",
            "model": of["model"],
            "content": [{"type": "text", "text": of["completion"]}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": of["in_tok"],
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": of["out_tok"],
            },
        },
    }


def _litellm(of: dict[str, Any]) -> dict[str, Any]:
    """A row of LiteLLM's table SpendLogs, with prompts stored."""
    return {
        "request_id": of["request_id"],
        "call_type": "acompletion",
        "api_key": of["account_id"],
        "spend": 0.00125,
        "total_tokens": of["in_tok"] + of["out_tok"],
        "prompt_tokens": of["in_tok"],
        "completion_tokens": of["out_tok"],
        "startTime": of["ts"],
        "endTime": of["ts"],
        "completionStartTime": of["ts"],
        "model": of["model"],
        "model_id": "",
        "model_group": of["model"],
        "custom_llm_provider": "openai",
        "api_base": "",
        "user": f"user-{of['account_id']}",
        "metadata": {"user_api_key_alias": of["account_id"], "status": "success"},
        "cache_hit": "False",
        "cache_key": "",
        "request_tags": [],
        "team_id": of["org_id"],
        "end_user": "",
        "requester_ip_address": of["ip"],
        "session_id": of["session_id"],
        "status": "success",
        "messages": [
            {"role": "system", "content": of["system"]},
            {"role": "user", "content": of["prompt"]},
        ],
        "response": {
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": of["completion"]},
                    "finish_reason": "stop",
                }
            ],
        },
        "proxy_server_request": {},
    }


#: Shape -> a canonical record in it.
SHAPES: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "canonical": lambda record: record,
    "openai": _openai,
    "anthropic": _anthropic,
    "litellm": _litellm,
}
