"""The record around a request and its response: whose it was, when, from where.

Gateways agree on the bodies and name everything around them as they like. The rules list the
namings seen; anything else is mapped by hand (``--map``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.formats.messages import is_messages
from workbench.formats.shape import Record, Rule, as_body

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST_KEYS: Final = ("request", "request_body", "requestBody", "req", "body", "params", "input")
RESPONSE_KEYS: Final = ("response", "response_body", "responseBody", "resp", "result", "output")

#: Columns that no body holds, or that the envelope knows better.
ENVELOPE_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "request_id",
        ("request_id", "requestId", "x_request_id", "custom_id", "id", "response.id"),
        "else the header request-id or x-request-id of the response",
    ),
    Rule(
        "ts",
        (
            *("ts", "timestamp", "time", "request_time", "request_timestamp", "start_time"),
            *("startTime", "started_at", "created_at", "createdAt", "created", "date"),
            *("logged_at", "response.created", "response.created_at"),
        ),
    ),
    Rule(
        "account_id",
        (
            *("account_id", "accountId", "api_key_id", "apiKeyId", "api_key_hash", "key_id"),
            *("key_hash", "api_key", "key", "token_id", "customer_id", "client_id", "account"),
            *("metadata.account_id", "metadata.api_key_id", "auth.key_id"),
        ),
    ),
    Rule(
        "org_id",
        (
            *("org_id", "orgId", "organization_id", "organisation_id", "organization"),
            *("organisation", "org", "tenant_id", "team_id", "project_id", "workspace_id"),
            *("metadata.org_id", "metadata.organization_id"),
        ),
    ),
    Rule(
        "end_user",
        (
            *("end_user", "endUser", "end_user_id", "user_id", "userId", "user"),
            *("metadata.user_id", "request.safety_identifier", "request.user"),
            "request.metadata.user_id",
        ),
    ),
    Rule(
        "session_id",
        ("session_id", "sessionId", "conversation_id", "thread_id", "metadata.session_id"),
    ),
    Rule(
        "ip",
        (
            *("ip", "ip_address", "ipAddress", "client_ip", "clientIp", "remote_addr"),
            *("source_ip", "client.ip", "client.address", "metadata.ip"),
        ),
    ),
    Rule("asn", ("asn", "client.asn", "geo.asn")),
    Rule("country", ("country", "country_code", "client.country", "geo.country")),
    Rule(
        "user_agent",
        ("user_agent", "userAgent", "client.user_agent", "metadata.user_agent"),
        "else the header user-agent of the request",
    ),
    Rule("ja3", ("ja3", "ja3_hash", "tls.ja3", "client.ja3")),
    Rule("ja4", ("ja4", "tls.ja4", "client.ja4")),
    Rule("account_created_at", ("account_created_at", "accountCreatedAt", "account.created_at")),
    Rule("email_domain", ("email_domain", "account.email_domain")),
    Rule("payment_hash", ("payment_hash", "account.payment_hash")),
    Rule("provider", ("provider",)),
    Rule("endpoint", ("endpoint", "path", "request_path", "url", "uri", "route")),
    Rule(
        "status",
        ("status", "status_code", "statusCode", "http_status", "response_status"),
        "else the status of the response's HTTP wrapper",
    ),
    Rule(
        "error_type",
        ("error_type", "error_code", "response.error.type", "response.error.code"),
    ),
    Rule("latency_ms", ("latency_ms", "duration_ms", "response_time_ms", "delay_ms")),
    Rule("ttft_ms", ("ttft_ms", "time_to_first_token_ms", "first_token_ms")),
    Rule("embedding", ("embedding",)),
)


def bodies(record: Mapping[str, Any]) -> tuple[Record, Record, str | None]:
    """The request and the response of a record, and the answer where it is plain text.

    A record without an envelope is its own request (``messages``) and, with ``choices`` or
    a list ``content``, its own response.
    """
    request = body_under(record, REQUEST_KEYS, _OF_REQUEST)
    response = body_under(record, RESPONSE_KEYS, _OF_RESPONSE)
    if "messages" not in request and is_messages(record.get("messages")):
        request = {**record, **request, "messages": record["messages"]}
    elif not request and "prompt" in record:
        request = dict(record)
    if not response and ("choices" in record or isinstance(record.get("content"), list)):
        response = dict(record)
    answer = None
    if not response:
        texts = (record.get(key) for key in RESPONSE_KEYS)
        answer = next((text for text in texts if isinstance(text, str) and text), None)
    return request, response, answer


#: A body has one of these; something else under the same name is no body.
_OF_REQUEST: Final = frozenset({"messages", "prompt", "model"})
_OF_RESPONSE: Final = frozenset({"choices", "content", "output", "usage", "error", "message"})


def body_under(record: Mapping[str, Any], keys: tuple[str, ...], wanted: frozenset[str]) -> Record:
    """The first body under one of the keys that has one of the wanted keys itself; else none."""
    for key in keys:
        value = record.get(key)
        if value is None:
            continue
        if is_messages(value):
            return {"messages": value} if wanted is _OF_REQUEST else {}
        body = as_body(value)
        if not wanted.isdisjoint(body):
            return body
    return {}


def view_of(record: Mapping[str, Any], request: Record, response: Record) -> Record:
    """The record with its bodies opened, as the rules' paths see it."""
    return {**record, "request": request, "response": response}


def add_headers(
    columns: Record, record: Mapping[str, Any], request: Record, response: Record
) -> None:
    """Fill user agent, request id and status from HTTP headers, where nothing better is known."""
    if "user_agent" not in columns:
        for headers in (
            request.get("_headers"),
            record.get("request_headers"),
            record.get("headers"),
        ):
            value = _header(headers, "user-agent")
            if value:
                columns["user_agent"] = value
                break
    if "request_id" not in columns:
        headers = response.get("_headers")
        value = _header(headers, "request-id") or _header(headers, "x-request-id")
        if value:
            columns["request_id"] = value
    if "status" not in columns and response.get("_status") is not None:
        columns["status"] = response["_status"]


def _header(headers: Any, name: str) -> Any:
    """A header's value, whatever the case of its name; the first of several."""
    if not isinstance(headers, dict):
        return None
    for key, value in headers.items():
        if isinstance(key, str) and key.lower() == name:
            return value[0] if isinstance(value, list) and value else value
    return None
