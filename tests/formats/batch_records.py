"""Lines of batches as OpenAI and Anthropic write them."""

from __future__ import annotations

from typing import Any


def openai_asked(number: int, **more: Any) -> dict[str, Any]:
    """A line of an input file."""
    return {
        "custom_id": f"request-{number}",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "gpt-4o",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": f"Question {number}"},
            ],
            "max_completion_tokens": 100,
        }
        | more.pop("body", {}),
    } | more


def openai_answered(number: int, **more: Any) -> dict[str, Any]:
    """A line of an output file."""
    return {
        "id": f"batch_req_67{number}",
        "custom_id": f"request-{number}",
        "response": {
            "status_code": 200,
            "request_id": f"b1{number}",
            "body": {
                "id": f"chatcmpl-{number}",
                "object": "chat.completion",
                "created": 1_777_638_615,
                "model": "gpt-4o-2024-08-06",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": f"Answer {number}"},
                        "finish_reason": "stop",
                    }
                ],
                "usage": {"prompt_tokens": 22, "completion_tokens": 7, "total_tokens": 29},
            }
            | more.pop("body", {}),
        },
        "error": None,
    } | more


def openai_expired(number: int) -> dict[str, Any]:
    """A line of an error file."""
    message = "This request could not be executed before the completion window expired."
    return {
        "id": f"batch_req_68{number}",
        "custom_id": f"request-{number}",
        "response": None,
        "error": {"code": "batch_expired", "message": message},
    }


def anthropic_asked(number: int, **more: Any) -> dict[str, Any]:
    """A request of a batch."""
    return {
        "custom_id": f"request-{number}",
        "params": {
            "model": "claude-sonnet-4-0",
            "max_tokens": 1024,
            "messages": [{"role": "user", "content": f"Question {number}"}],
        },
    } | more


def anthropic_answered(number: int, **more: Any) -> dict[str, Any]:
    """A line of a batch's results."""
    return {
        "custom_id": f"request-{number}",
        "result": {
            "type": "succeeded",
            "message": {
                "id": f"msg_01{number}",
                "type": "message",
                "role": "assistant",
                "model": "claude-sonnet-4-20250514",
                "content": [{"type": "text", "text": f"Answer {number}"}],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": 11, "output_tokens": 7},
            },
        },
    } | more


def trace(number: int, **more: Any) -> dict[str, Any]:
    """A trace of Langfuse, as its API gives it."""
    return {
        "id": f"trace-{number}",
        "timestamp": "2026-05-01T12:30:15.000Z",
        "name": "chat",
        "input": {"question": f"Question {number}"},
        "output": f"Answer {number}",
        "sessionId": f"session-{number}",
        "release": None,
        "version": None,
        "userId": f"person-{number}",
        "metadata": {"client_ip": "192.0.2.7", "user_agent": "sdk/1.2"},
        "tags": ["prod"],
        "public": False,
        "environment": "default",
        "htmlPath": f"/project/p/traces/trace-{number}",
        "latency": 2.1,
        "totalCost": 0.01,
        "observations": [f"obs-{number}"],
        "scores": [],
    } | more


def generation(number: int, of: int, **more: Any) -> dict[str, Any]:
    """A generation of Langfuse inside a trace, as the API lists it."""
    return {
        "id": f"obs-{number}",
        "traceId": f"trace-{of}",
        "type": "GENERATION",
        "name": "answer",
        "startTime": "2026-05-01T12:30:15.250Z",
        "endTime": "2026-05-01T12:30:17.250Z",
        "level": "DEFAULT",
        "environment": "default",
        "parentObservationId": None,
        "model": "large-4",
        "input": [{"role": "user", "content": f"Question {number}"}],
        "output": {"role": "assistant", "content": f"Answer {number}"},
        "usageDetails": {"input": 11, "output": 7, "total": 18},
    } | more
