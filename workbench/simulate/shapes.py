"""Shapes: one exchange as a gateway's record, with what that gateway carries and no more."""

from __future__ import annotations

from typing import Any, Final

History = list[tuple[str, str | None]]

#: What the gateway of the chat logs adds around the bodies.
_ENVELOPE: Final = (
    *("request_id", "ts", "account_id", "org_id", "end_user", "session_id"),
    *("ip", "asn", "country", "user_agent", "ja3", "ja4", "account_created_at", "email_domain"),
    *("payment_hash", "provider", "endpoint", "status", "error_type", "latency_ms", "ttft_ms"),
)
#: Price of a thousand tokens in and out, for the proxy's column ``spend``.
_PRICE: Final = (0.0005, 0.0015)


def canonical_record(row: dict[str, Any], history: History) -> dict[str, Any]:
    """The canonical columns that are not NULL."""
    del history
    return {key: value for key, value in row.items() if value is not None and key != "ts_us"}


def openai_record(row: dict[str, Any], history: History) -> dict[str, Any]:
    """An OpenAI chat request and response in an envelope."""
    return _envelope(row) | {
        "request": _openai_request(row, history),
        "response": _openai_response(row),
    }


def anthropic_record(row: dict[str, Any], history: History) -> dict[str, Any]:
    """An Anthropic Messages request and response in an envelope."""
    request: dict[str, Any] = {
        "model": row["model"],
        "max_tokens": row["max_tok"] or 4096,
        "messages": _messages({**row, "system": None}, history),
        "stream": row["stream"],
    }
    if row["system"] is not None:
        request["system"] = row["system"]
    if row["temperature"] is not None:
        request["temperature"] = row["temperature"]
    if row["thinking"]:
        request["thinking"] = {"type": "enabled", "budget_tokens": 8000}
    if row["tools"]:
        request["tools"] = [{"name": f"tool_{i}", "input_schema": {}} for i in range(row["tools"])]
    if row["status"] != 200:
        response: dict[str, Any] = {"type": "error", "error": {"type": row["error_type"]}}
    else:
        content = [{"type": "text", "text": row["completion"]}]
        if row["reasoning"] is not None:
            content.insert(0, {"type": "thinking", "thinking": row["reasoning"]})
        stops = {"stop": "end_turn", "length": "max_tokens"}
        response = {
            "id": row["request_id"].replace("req", "msg"),
            "type": "message",
            "role": "assistant",
            "model": row["model"],
            "content": content,
            "stop_reason": stops.get(row["stop_reason"], row["stop_reason"]),
            "usage": {
                "input_tokens": row["in_tok"] - row["cached_tok"],
                "cache_read_input_tokens": row["cached_tok"],
                "output_tokens": row["out_tok"],
                "output_tokens_details": {"thinking_tokens": row["reasoning_tok"]},
            },
        }
    return _envelope(row) | {"request": request, "response": response}


def litellm_record(row: dict[str, Any], history: History) -> dict[str, Any]:
    """A row of LiteLLM_SpendLogs with prompt storage on.

    The table has no column for handshake, network, card and sign-up time.
    """
    begin = row["ts_us"]
    first = begin + int(1000 * (row["ttft_ms"] or row["latency_ms"]))
    end = begin + int(1000 * row["latency_ms"])
    ok = row["status"] == 200
    domain = row["email_domain"]
    metadata: dict[str, Any] = {
        "user_agent": row["user_agent"],
        "user_api_key_user_email": f"user@{domain}" if domain else None,
        "usage_object": {
            "completion_tokens_details": {"reasoning_tokens": row["reasoning_tok"]},
            "prompt_tokens_details": {"cached_tokens": row["cached_tok"]},
        },
    }
    if not ok:
        metadata["error_information"] = {
            "error_code": str(row["status"]),
            "error_class": row["error_type"],
        }
    request = _openai_request(row, history)
    messages = request.pop("messages")
    spend = (row["in_tok"] * _PRICE[0] + row["out_tok"] * _PRICE[1]) / 1000
    return {
        "request_id": row["request_id"],
        "call_type": "acompletion",
        "api_key": row["account_id"],
        "spend": round(spend, 6),
        "total_tokens": row["in_tok"] + row["out_tok"],
        "prompt_tokens": row["in_tok"],
        "completion_tokens": row["out_tok"],
        "startTime": _stamp(begin),
        "endTime": _stamp(end),
        "completionStartTime": _stamp(first if row["stream"] else end),
        "model": row["model"],
        "custom_llm_provider": row["provider"],
        "metadata": metadata,
        "organization_id": row["org_id"],
        "end_user": row["end_user"],
        "requester_ip_address": row["ip"],
        "session_id": row["session_id"],
        "status": "success" if ok else "failure",
        "messages": messages,
        "response": _openai_response(row) if ok else {},
        "proxy_server_request": request,
    }


def _envelope(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in _ENVELOPE if row[key] is not None}


def _messages(row: dict[str, Any], history: History) -> list[dict[str, str]]:
    messages = [] if row["system"] is None else [{"role": "system", "content": row["system"]}]
    for prompt, answer in history:
        messages.append({"role": "user", "content": prompt})
        messages.append({"role": "assistant", "content": answer or ""})
    messages.append({"role": "user", "content": row["prompt"]})
    return messages


def _openai_request(row: dict[str, Any], history: History) -> dict[str, Any]:
    request: dict[str, Any] = {"model": row["model"], "messages": _messages(row, history)}
    for key, name in (("temperature", "temperature"), ("max_tok", "max_completion_tokens")):
        if row[key] is not None:
            request[name] = row[key]
    if row["n"] != 1:
        request["n"] = row["n"]
    if row["logprobs"]:
        request["logprobs"] = True
    request["stream"] = row["stream"]
    request["reasoning_effort"] = "high" if row["thinking"] else "none"
    if row["tools"]:
        request["tools"] = [
            {"type": "function", "function": {"name": f"tool_{i}"}} for i in range(row["tools"])
        ]
    return request


def _openai_response(row: dict[str, Any]) -> dict[str, Any]:
    if row["status"] != 200:
        return {"error": {"type": row["error_type"]}}
    message: dict[str, Any] = {"role": "assistant"}
    if row["stop_reason"] == "refusal":
        message |= {"content": None, "refusal": row["completion"]}
    else:
        message["content"] = row["completion"]
    if row["reasoning"] is not None:
        message["reasoning_content"] = row["reasoning"]
    finish = "stop" if row["stop_reason"] == "refusal" else row["stop_reason"]
    return {
        "id": row["request_id"].replace("req_", "chatcmpl-"),
        "created": row["ts_us"] // 1_000_000,
        "model": row["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": row["in_tok"],
            "completion_tokens": row["out_tok"],
            "prompt_tokens_details": {"cached_tokens": row["cached_tok"]},
            "completion_tokens_details": {"reasoning_tokens": row["reasoning_tok"]},
        },
    }


def _stamp(microseconds: int) -> str:
    """Naive UTC with milliseconds, as the proxy's database writes it."""
    import datetime as dt

    when = dt.datetime.fromtimestamp(microseconds / 1e6, dt.UTC).replace(tzinfo=None)
    return when.isoformat(sep=" ", timespec="milliseconds")
