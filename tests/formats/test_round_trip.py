"""What was said comes back as it was, whatever characters it holds, out of every format's shape.

Exchanges of any text are written as each format has them, as a file, and read by detection.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.reading import as_lines, imported
from tests.formats.span_records import document, span
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.formats.reading import Record


@dataclass(frozen=True)
class Said:
    """One exchange."""

    number: int
    account: str
    model: str
    system: str
    prompt: str
    completion: str
    in_tok: int
    out_tok: int
    at_s: int

    @property
    def request_id(self) -> str:
        return f"r-{self.number}"

    @property
    def ts(self) -> str:
        minutes, seconds = divmod(self.at_s, 60)
        hours, minutes = divmod(minutes, 60)
        return f"2026-05-01T{hours:02}:{minutes:02}:{seconds:02}Z"

    @property
    def at_us(self) -> int:
        return (1_777_593_600 + self.at_s) * 1_000_000

    def asked(self) -> list[Record]:
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.prompt},
        ]

    def around(self) -> Record:
        return {"request_id": self.request_id, "timestamp": self.ts, "api_key_id": self.account}


#: JSON writes lone surrogates as no UTF-8 text can hold them: tests/faults has those.
_TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    str.strip
)
#: What stands in one cell or field by itself, and is trimmed there.
_WORD: Final = st.from_regex(r"[A-Za-z][\w./:-]{0,20}", fullmatch=True)
_SAID: Final = st.builds(
    Said,
    number=st.integers(0, 10**9),
    account=_WORD,
    model=_WORD,
    system=_TEXT,
    prompt=_TEXT,
    completion=_TEXT,
    in_tok=st.integers(1, 2**40),
    out_tok=st.integers(1, 2**40),
    at_s=st.integers(0, 86_399),
)


def canonical(said: Said) -> Record:
    return {
        "request_id": said.request_id,
        "ts": said.ts,
        "account_id": said.account,
        "model": said.model,
        "system": said.system,
        "prompt": said.prompt,
        "completion": said.completion,
        "in_tok": said.in_tok,
        "out_tok": said.out_tok,
    }


def _completed(said: Said) -> Record:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": said.completion}
    return {
        "object": "chat.completion",
        "model": said.model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": said.in_tok, "completion_tokens": said.out_tok},
    }


def openai(said: Said) -> Record:
    request = {"model": said.model, "messages": said.asked()}
    return said.around() | {"request": request, "response": _completed(said)}


def openai_parts(said: Said) -> Record:
    """Content as a list of parts."""
    parts = [
        {"role": each["role"], "content": [{"type": "text", "text": each["content"]}]}
        for each in said.asked()
    ]
    request = {"model": said.model, "messages": parts}
    return said.around() | {"request": request, "response": _completed(said)}


def openai_responses(said: Said) -> Record:
    text = {"type": "output_text", "text": said.completion}
    return said.around() | {
        "request": {"model": said.model, "instructions": said.system, "input": said.prompt},
        "response": {
            "object": "response",
            "model": said.model,
            "output": [{"type": "message", "role": "assistant", "content": [text]}],
            "usage": {"input_tokens": said.in_tok, "output_tokens": said.out_tok},
        },
    }


def anthropic(said: Said) -> Record:
    return said.around() | {
        "request": {
            "model": said.model,
            "max_tokens": 5,
            "system": said.system,
            "messages": [{"role": "user", "content": said.prompt}],
        },
        "response": {
            "type": "message",
            "role": "assistant",
            "model": said.model,
            "content": [{"type": "text", "text": said.completion}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": said.in_tok, "output_tokens": said.out_tok},
        },
    }


def litellm(said: Said) -> Record:
    """As the table has it: nested fields are JSON text."""
    return {
        "request_id": said.request_id,
        "call_type": "acompletion",
        "api_key": said.account,
        "spend": 0.5,
        "startTime": said.ts,
        "model": said.model,
        "prompt_tokens": said.in_tok,
        "completion_tokens": said.out_tok,
        "messages": json.dumps(said.asked()),
        "response": json.dumps(_completed(said)),
    }


def langfuse(said: Said) -> Record:
    return {
        "id": said.request_id,
        "traceId": "t",
        "type": "GENERATION",
        "level": "DEFAULT",
        "environment": "default",
        "startTime": said.ts,
        "userId": said.account,
        "model": said.model,
        "input": said.asked(),
        "output": {"role": "assistant", "content": said.completion},
        "usageDetails": {"input": said.in_tok, "output": said.out_tok},
    }


def helicone(said: Said) -> Record:
    return {
        "request_id": said.request_id,
        "request_created_at": said.ts,
        "auth_hash": said.account,
        "request_body": {"model": said.model, "messages": said.asked()},
        "response_body": _completed(said),
        "request_model": said.model,
    }


def portkey(said: Said) -> Record:
    return {
        "id": said.request_id,
        "trace_id": "t",
        "created_at": said.ts,
        "request": {"model": said.model, "messages": said.asked()},
        "response": _completed(said),
        "is_success": True,
        "ai_org": "openai",
        "ai_model": said.model,
        "metadata": {"_user": said.account},
    }


def bedrock(said: Said) -> Record:
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": said.ts,
        "identity": {"arn": said.account},
        "requestId": said.request_id,
        "operation": "InvokeModel",
        "modelId": said.model,
        "input": {
            "inputTokenCount": said.in_tok,
            "inputBodyJson": {
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 5,
                "system": said.system,
                "messages": [{"role": "user", "content": said.prompt}],
            },
        },
        "output": {
            "outputTokenCount": said.out_tok,
            "outputBodyJson": anthropic(said)["response"],
        },
    }


def nginx(said: Said) -> Record:
    return {
        "time_iso8601": said.ts,
        "request_id": said.request_id,
        "remote_addr": "203.0.113.7",
        "request_method": "POST",
        "request_uri": "/v1/chat/completions",
        "status": "200",
        "request_body": json.dumps({"model": said.model, "messages": said.asked()}),
    }


def opentelemetry(said: Said) -> Record:
    def message(role: str, text: str) -> Record:
        return {"role": role, "parts": [{"type": "text", "content": text}]}

    return document(
        span(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": said.model,
                "gen_ai.response.id": said.request_id,
                "gen_ai.usage.input_tokens": said.in_tok,
                "gen_ai.usage.output_tokens": said.out_tok,
                "gen_ai.system_instructions": json.dumps(
                    [{"type": "text", "content": said.system}]
                ),
                "gen_ai.input.messages": json.dumps([message("user", said.prompt)]),
                "gen_ai.output.messages": json.dumps([message("assistant", said.completion)]),
                "user.id": said.account,
            },
            startTimeUnixNano=str(said.at_us * 1000),
        )
    )


def wildchat(said: Said) -> Record:
    def turn(role: str, text: str) -> Record:
        return {"role": role, "content": text, "language": "English", "toxic": False}

    return {
        "conversation_hash": said.request_id,
        "model": said.model,
        "timestamp": said.ts,
        "conversation": [turn("user", said.prompt), turn("assistant", said.completion)],
        "turn": 1,
        "toxic": False,
        "redacted": False,
        "hashed_ip": said.account,
    }


def lmsys(said: Said) -> Record:
    return {
        "conversation_id": said.request_id,
        "model": said.model,
        "conversation": [
            {"role": "user", "content": said.prompt},
            {"role": "assistant", "content": said.completion},
        ],
        "turn": 1,
        "language": "English",
        "redacted": False,
    }


def sharegpt(said: Said) -> Record:
    return {
        "id": said.request_id,
        "conversations": [
            {"from": "system", "value": said.system},
            {"from": "human", "value": said.prompt},
            {"from": "gpt", "value": said.completion},
        ],
    }


_ALL: Final = frozenset(canonical(Said(0, "a", "m", "s", "p", "c", 1, 1, 0)))
_TEXTS: Final = frozenset({"prompt", "completion"})
#: Format -> how an exchange is written, and the columns that the format has for it.
WRITTEN: Final[dict[str, tuple[Callable[[Said], Record], frozenset[str]]]] = {
    "canonical": (canonical, _ALL),
    "openai": (openai, _ALL),
    "openai, parts": (openai_parts, _ALL),
    "openai-responses": (openai_responses, _ALL),
    "anthropic": (anthropic, _ALL),
    "litellm": (litellm, _ALL),
    "langfuse": (langfuse, _ALL - {"account_id"} | {"end_user"}),
    "helicone": (helicone, _ALL),
    "portkey": (portkey, _ALL - {"account_id"} | {"end_user"}),
    "bedrock": (bedrock, _ALL),
    "nginx-json": (nginx, _ALL - {"account_id", "completion", "in_tok", "out_tok"}),
    "opentelemetry": (opentelemetry, _ALL - {"account_id"} | {"end_user"}),
    "wildchat": (wildchat, _TEXTS | {"ts", "model"}),
    "lmsys": (lmsys, _TEXTS | {"model"}),
    "sharegpt": (sharegpt, _TEXTS | {"system"}),
}


def check(rows: list[Record], said: list[Said], kept: frozenset[str]) -> None:
    assert len(rows) == len(said)
    for row, of in zip(rows, said, strict=True):
        expected = canonical(of) | {"ts": of.at_us, "end_user": of.account}
        found = dict(row) | {"ts": int(row["ts"].timestamp() * 1e6) if row["ts"] else None}
        assert {name: found[name] for name in kept} == {name: expected[name] for name in kept}


_MANY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_MANY
@given(said=st.lists(_SAID, min_size=1, max_size=3))
@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_said_comes_back(tmp_path: Path, name: str, said: list[Said]) -> None:
    write, kept = WRITTEN[name]
    rows, rejects, detected = imported(tmp_path / "log", as_lines([write(each) for each in said]))
    assert (detected, rejects) == (name.partition(",")[0], [])
    check(rows, said, kept)


def _separated(said: list[Said], mark: str) -> bytes:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(canonical(said[0])), delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(canonical(each) for each in said)
    return sink.getvalue().encode()


@_MANY
@given(said=st.lists(_SAID, min_size=1, max_size=3))
@pytest.mark.parametrize("mark", [",", "\t"])
def test_cells_come_back(tmp_path: Path, mark: str, said: list[Said]) -> None:
    (tmp_path / "log").write_bytes(_separated(said, mark))
    check(_read(tmp_path / "log"), said, _ALL)


@_MANY
@given(said=st.lists(_SAID, min_size=1, max_size=3))
@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_columns_come_back(tmp_path: Path, kind: str, said: list[Said]) -> None:
    table = pa.Table.from_pylist([canonical(each) for each in said])
    path = tmp_path / "log"
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        opened = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with path.open("wb") as sink, opened(sink, table.schema) as writer:
            writer.write_table(table)
    check(_read(path), said, _ALL)


def _read(path: Path) -> list[Record]:
    parsed = list(open_source(path, ReadOptions()).blocks(Job()))
    assert not any(each.rejects.num_rows for each in parsed)
    return [row for each in parsed for row in each.records.to_pylist()]
