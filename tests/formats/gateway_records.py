"""Records as the gateways write them, every field that is read filled; bodies of the providers."""

from __future__ import annotations

import json
from typing import Any

from tests.formats.provider_records import OPENAI_REQUEST, OPENAI_RESPONSE

#: As the API gives it; the trace-level fields as the enriched exports have them.
LANGFUSE: dict[str, Any] = {
    "id": "obs-1",
    "traceId": "trace-1",
    "projectId": "project-1",
    "type": "GENERATION",
    "name": "answer",
    "environment": "default",
    "startTime": "2026-05-01T12:30:15.250Z",
    "endTime": "2026-05-01T12:30:17.250Z",
    "completionStartTime": "2026-05-01T12:30:15.750Z",
    "parentObservationId": "obs-0",
    "level": "DEFAULT",
    "statusMessage": None,
    "userId": "person-9",
    "sessionId": "s-1",
    "model": "large-4-0613",
    "modelParameters": {
        "temperature": 0.2,
        "max_tokens": "300",
        "n": 2,
        "stream": "false",
        "reasoning_effort": "high",
        "top_p": "null",
    },
    "input": {"messages": OPENAI_REQUEST["messages"], "tools": OPENAI_REQUEST["tools"]},
    "output": {"role": "assistant", "content": "Second answer"},
    "usageDetails": {
        "input": 37,
        "input_cached_tokens": 3,
        "output": 2,
        "output_reasoning_tokens": 5,
        "total": 47,
    },
    "usage": {"input": 1, "output": 1, "total": 2, "unit": "TOKENS"},
    "latency": 2.0,
}
_WAREHOUSE = {
    "traceId": "trace_id",
    "projectId": "project_id",
    "startTime": "start_time",
    "endTime": "end_time",
    "completionStartTime": "completion_start_time",
    "parentObservationId": "parent_observation_id",
    "statusMessage": "status_message",
    "userId": "user_id",
    "sessionId": "session_id",
    "model": "provided_model_name",
    "modelParameters": "model_parameters",
    "usageDetails": "usage_details",
}


def warehouse_row(observation: dict[str, Any]) -> dict[str, Any]:
    """The observation as the blob-storage export has it: snake_case, JSON text, wide integers."""
    row = {_WAREHOUSE.get(key, key): value for key, value in observation.items()}
    del row["usage"]
    row["usage_details"] = {key: str(n) for key, n in row["usage_details"].items()}
    return {
        key: json.dumps(value) if key in ("input", "output", "model_parameters") else value
        for key, value in row.items()
    }


HELICONE: dict[str, Any] = {
    "response_id": "resp-1",
    "response_created_at": "2026-05-01T12:30:17.250Z",
    "response_body": OPENAI_RESPONSE,
    "response_status": 200,
    "response_model": "large-4-alias",
    "request_id": "req-1",
    "request_created_at": "2026-05-01T12:30:15.250Z",
    "request_body": OPENAI_REQUEST,
    "request_path": "https://gateway.example/v1/chat/completions?key=secret",
    "request_user_id": "person-7",
    "request_properties": {"Helicone-Session-Id": "s-1", "plan": "free"},
    "request_model": "large-4",
    "model_override": None,
    "helicone_user": None,
    "auth_hash": "5b11",
    "provider": "OPENAI",
    "delay_ms": 2000,
    "time_to_first_token": 500,
    "total_tokens": 42,
    "prompt_tokens": 37,
    "completion_tokens": 5,
    "prompt_cache_read_tokens": 2,
    "prompt_cache_write_tokens": None,
    "country_code": "CH",
    "cost": 0.01,
}

PORTKEY: dict[str, Any] = {
    "id": "log-1",
    "trace_id": "trace-1",
    "created_at": "2026-05-01T12:30:15.250Z",
    "request": OPENAI_REQUEST,
    "response": OPENAI_RESPONSE,
    "is_success": True,
    "ai_org": "openai",
    "ai_model": "large-4",
    "req_units": 37,
    "res_units": 5,
    "total_units": 42,
    "request_url": "https://api.example/v1/chat/completions?key=secret",
    "cost": 0.1,
    "cost_currency": "USD",
    "response_time": 2000,
    "response_status_code": 200,
    "mode": "single",
    "config": "pc-1",
    "prompt_slug": None,
    "metadata": {"_user": "person-7", "_organisation": "org-1", "environment": "prod"},
}

#: The key is spelled out here; no column may hold it.
NGINX_KEY = "sk-live-0123456789"
NGINX: dict[str, Any] = {
    "time_iso8601": "2026-05-01T14:30:15+02:00",
    "msec": "1777638615.250",
    "request_id": "req-1",
    "remote_addr": "10.0.0.3",
    "remote_user": "",
    "http_x_forwarded_for": "192.168.1.9, 203.0.113.7, 198.51.100.1",
    "http_user_agent": "sdk/1.2",
    "http_authorization": f"Bearer {NGINX_KEY}",
    "request_method": "POST",
    "request_uri": "/v1/chat/completions?api_key=sk-live-0123456789",
    "request": "POST /v1/chat/completions?api_key=sk-live-0123456789 HTTP/1.1",
    "status": "200",
    "body_bytes_sent": "440",
    "request_time": "1.977",
    "request_body": json.dumps(OPENAI_REQUEST),
}
