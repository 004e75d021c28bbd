"""Records as the gateways write them, every field that is read filled; bodies of the providers."""

from __future__ import annotations

import json
from typing import Any

from tests.formats.provider_records import OPENAI_REQUEST

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
