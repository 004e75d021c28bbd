"""Requests and responses as providers and a gateway log them, every field that is read filled."""

from __future__ import annotations

import json
from typing import Any


def dialogue(*messages: tuple[Any, ...]) -> str:
    """The column's text: (role, part, ...) each."""
    said = [{"role": role, "parts": parts} for role, *parts in messages]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


OPENAI_REQUEST: dict[str, Any] = {
    "model": "large-4",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "First question"},
        {"role": "assistant", "content": "First answer"},
        {"role": "user", "content": [{"type": "text", "text": "Second question"}]},
        {"role": "tool", "content": "42"},
    ],
    "temperature": 0.2,
    "n": 2,
    "max_completion_tokens": 300,
    "logprobs": True,
    "stream": False,
    "reasoning_effort": "high",
    "tools": [{"type": "function"}, {"type": "function"}],
    "safety_identifier": "person-9",
}
OPENAI_RESPONSE: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_777_638_615,
    "model": "large-4-0613",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {
                "role": "assistant",
                "content": "Second answer",
                "reasoning_content": "Thought about it",
            },
        }
    ],
    "usage": {
        "prompt_tokens": 40,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 5},
    },
}
#: What the column ``dialogue`` says of that request; of the response there is nothing to say.
OPENAI_DIALOGUE = dialogue(
    ("system", {"in": "system"}),
    ("user", {"text": "First question"}),
    ("assistant", {"text": "First answer"}),
    ("user", {"in": "prompt"}),
    ("tool", {"result_of": "", "parts": [{"text": "42"}]}),
)
ANTHROPIC_REQUEST: dict[str, Any] = {
    "model": "claude-next",
    "system": [{"type": "text", "text": "Be brief."}],
    "max_tokens": 300,
    "temperature": 0.2,
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tools": [{"name": "x"}],
    "messages": [
        {"role": "user", "content": "The question"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t"}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "9"}]},
    ],
    "metadata": {"user_id": "person-9"},
}
ANTHROPIC_DIALOGUE = dialogue(
    ("user", {"in": "prompt"}),
    ("assistant", {"call": "", "id": "t"}),
    ("user", {"result_of": "t", "parts": [{"text": "9"}]}),
)
ANTHROPIC_RESPONSE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-next-1",
    "content": [
        {"type": "thinking", "thinking": "Thought about it"},
        {"type": "text", "text": "One."},
        {"type": "text", "text": "Two."},
    ],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 30,
        "cache_creation_input_tokens": 6,
        "cache_read_input_tokens": 4,
        "output_tokens": 7,
    },
}
LITELLM: dict[str, Any] = {
    "request_id": "chatcmpl-2",
    "call_type": "acompletion",
    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05",
    "spend": 0.000225,
    "startTime": "2026-05-01T12:30:15.250Z",
    "endTime": "2026-05-01T12:30:17.250Z",
    "completionStartTime": "2026-05-01T12:30:15.750Z",
    "model": "large-4",
    "custom_llm_provider": "openai",
    "user": "internal-1",
    "end_user": "person-9",
    "team_id": "team-1",
    "organization_id": "",
    "requester_ip_address": "198.51.100.7",
    "session_id": "s-1",
    "status": "success",
    "prompt_tokens": 40,
    "completion_tokens": 7,
    "request_tags": '["User-Agent: sdk", "User-Agent: sdk/1.2"]',
    "metadata": json.dumps({"user_api_key_user_email": "who@Example.org"}),
    "messages": json.dumps(OPENAI_REQUEST["messages"]),
    "response": json.dumps(OPENAI_RESPONSE),
    "proxy_server_request": json.dumps({"stream": True, "temperature": 0.2, "tools": [{}]}),
}
#: What LiteLLM's loggers write to buckets and queues: StandardLoggingPayload, an object a line.
STANDARD_LOGGING: dict[str, Any] = {
    "id": "chatcmpl-9ZZiMGOwH7uNv2Xv4zXqyVrXnMmAg",
    "trace_id": "8d7f8a0e-1f8a-4f0b-9d0e-1b8a52a1f1de",
    "call_type": "acompletion",
    "stream": True,
    "response_cost": 0.00021,
    "response_cost_failure_debug_info": None,
    "status": "success",
    "custom_llm_provider": "openai",
    "total_tokens": 47,
    "prompt_tokens": 40,
    "completion_tokens": 7,
    "startTime": 1777638615.25,
    "endTime": 1777638617.25,
    "completionStartTime": 1777638615.75,
    "response_time": 0.5,
    "model": "large-4",
    "model_id": "cb41bc03f4c33d310019bae8c5afdb1af0a8f97b36a234405a9807614988457c",
    "model_group": "large",
    "model_map_information": {"model_map_key": "large-4", "model_map_value": None},
    "api_base": "https://api.example.com",
    "metadata": {
        "user_api_key_hash": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "user_api_key_alias": "prod",
        "user_api_key_team_id": "team-1",
        "user_api_key_org_id": None,
        "user_api_key_user_id": "internal-1",
        "user_api_key_user_email": "who@Example.org",
        "user_api_key_end_user_id": "person-9",
        "requester_ip_address": "198.51.100.7",
        "spend_logs_metadata": None,
        "usage_object": {
            "completion_tokens_details": {"reasoning_tokens": 5},
            "prompt_tokens_details": {"cached_tokens": 3},
        },
    },
    "cache_hit": False,
    "cache_key": None,
    "saved_cache_cost": 0.0,
    "request_tags": ["User-Agent: sdk", "User-Agent: sdk/1.2"],
    "end_user": "person-9",
    "requester_ip_address": "198.51.100.7",
    "messages": OPENAI_REQUEST["messages"],
    "response": OPENAI_RESPONSE,
    "error_str": None,
    "error_information": {"error_code": "", "error_class": "", "llm_provider": ""},
    "model_parameters": {"stream": True, "temperature": 0.2, "max_tokens": 300, "tools": [{}]},
    "hidden_params": {"model_id": None, "cache_key": None, "response_cost": "0.00021"},
}
#: What a gateway writes around them.
AROUND = {
    "request_id": "r-1",
    "timestamp": "2026-05-01T12:30:15.250Z",
    "api_key_id": "key-7",
    "org": "org-1",
    "client_ip": "198.51.100.7",
    "user_agent": "sdk/1.2",
    "status_code": 200,
    "latency_ms": 12.5,
}
