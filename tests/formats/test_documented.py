"""docs/formats.md says what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.bodies_of import BODIES
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.describe import up_to_date
from workbench.formats.known import KNOWN

if TYPE_CHECKING:
    from workbench.formats.shape import RecordFormat

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text("utf-8")


def test_the_page_is_up_to_date() -> None:
    assert up_to_date(PAGE) == PAGE


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_every_format_has_its_table(known: RecordFormat) -> None:
    assert f"<!-- table of {known.name}," in PAGE


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_rules_name_canonical_columns_once(known: RecordFormat) -> None:
    columns = [rule.column for rule in known.rules]
    assert len(columns) == len(set(columns))
    assert set(columns) <= set(CANONICAL_SCHEMA.names)


def _by(path: tuple[str | int, ...], value: object) -> Any:
    """The smallest record in which the path leads to the value."""
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value] * max(1, step + 1)
    return value


def _merged(a: Any, b: Any) -> Any:
    if isinstance(a, dict) and isinstance(b, dict):
        return {key: _merged(a[key], b[key]) if key in a and key in b else {**b, **a}[key]
                for key in {**a, **b}}  # fmt: skip
    return a


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_every_source_of_the_table_is_really_read(known: RecordFormat) -> None:
    """Each documented path alone, in an otherwise bare record of the format, fills its column."""
    bare: Any = {
        "canonical": {"prompt": "p"},
        "openai": {
            "request": {"messages": [{"role": "user", "content": "q"}]},
            "response": {"choices": []},
        },
        "openai-responses": {
            "request": {"input": "q"},
            "response": {"object": "response", "output": []},
        },
        "anthropic": {
            "request": {"messages": [{"role": "user", "content": "q"}], "system": ""},
            "response": {"content": [], "stop_reason": None},
        },
        "litellm": {"call_type": "", "startTime": "2026-05-01", "spend": 0},
        "bedrock": {"schemaType": "ModelInvocationLog"},
        "azure-openai": {
            "category": "RequestResponse",
            "operationName": "",
            "properties": {"apiName": "Azure OpenAI"},
            "properties_s": {"apiName": "Azure OpenAI"},
        },
        "anthropic-batch": {"custom_id": "", "params": {"messages": []}},
        "openai-batch": {"custom_id": "", "url": "", "body": {"messages": []}},
        "langfuse-trace": {"public": False, "id": "t", "timestamp": "", "tags": [], "name": ""},
        "langfuse": {
            "traceId": "",
            "startTime": None,
            "type": "GENERATION",
            "level": "DEFAULT",
            "environment": None,
        },
        "opentelemetry": {
            "spanId": "",
            "traceId": "",
            "kind": 3,
            "name": "",
            "eventName": "gen_ai.client.inference.operation.details",
            "attributes": {"openinference.span.kind": "LLM"},
        },
        "helicone": {
            "request_id": "",
            "request_created_at": "",
            "request_body": {"model": None},
            "response_body": {"usage": None},
        },
        "wildchat": {
            "conversation": [{"role": "user", "content": "q"}],
            "conversation_hash": "",
            "conversation_id": "",
            "timestamp": "",
            "toxic": False,
            "turn": 1,
        },
        "lmsys": {
            "conversation": [{"role": "user", "content": "q"}],
            "conversation_id": "",
            "model": "",
            "turn": 1,
            "redacted": False,
        },
        "sharegpt": {"conversations": [{"from": "human", "value": "q"}]},
        "vllm": {"line": "INFO [logger.py:39] Received request cmpl-1: prompt: 'q', params: x"},
        "uvicorn": {
            "line": '2026-05-01T00:00:00Z INFO: 1.2.3.4:5 - "POST /v1/messages HTTP/1.1" 200'
        },
        "nginx-json": {
            "remote_addr": "",
            "msec": None,
            "request_body": {"model": None},
            "response_body": {"usage": None},
        },
        "portkey": {
            "ai_org": "",
            "is_success": None,
            "request": {"model": None},
            "response": {"usage": None},
        },
    }[known.name]
    roots = BODIES.get(known.name, {})
    for rule in known.rules:
        for source, path in zip(rule.sources, rule.paths, strict=True):
            below = (*roots.get(path[0], path[:1]), *path[1:])
            record = _merged(_by(below, 7), bare)
            found = known.convert(record)
            assert found is not None, source
            assert found.get(rule.column) in (7, True), (rule.column, source, record)
