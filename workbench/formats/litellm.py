"""LiteLLM_SpendLogs: rows of the proxy's table, as JSON or CSV, and its logging payload.

``messages``, ``response``, ``metadata`` and ``proxy_server_request`` may be objects, JSON text,
or ``{}``: the proxy keeps prompts only where prompt storage is switched on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.messages import is_messages
from workbench.formats.openai import chat_columns
from workbench.formats.owners import OwnedFormat, owner_of
from workbench.formats.paths import embedded_json
from workbench.formats.shape import Record, Rule, apply_rules, as_body
from workbench.formats.times import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.ports import ReadOptions

_RULES: Final[tuple[Rule, ...]] = (
    Rule("request_id", ("request_id", "id", "response.id")),
    Rule("ts", ("startTime",)),
    Rule("account_id", ("api_key", "metadata.user_api_key", "metadata.user_api_key_hash")),
    Rule(
        "org_id",
        (
            *("organization_id", "metadata.user_api_key_org_id"),
            *("team_id", "metadata.user_api_key_team_id"),
        ),
    ),
    Rule(
        "end_user",
        (
            *("end_user", "metadata.user_api_key_end_user_id"),
            *("user", "metadata.user_api_key_user_id"),
        ),
    ),
    Rule("session_id", ("session_id", "trace_id")),
    Rule("ip", ("requester_ip_address", "metadata.requester_ip_address")),
    Rule("user_agent", ("metadata.user_agent",), "else the tag `User-Agent: ...` of request_tags"),
    Rule("provider", ("custom_llm_provider",)),
    Rule("endpoint", ("call_type",)),
    Rule("model", ("model", "model_group", "response.model")),
    Rule("error_type", ("metadata.error_information.error_class", "error_information.error_class")),
    Rule("stop_reason", ("response.choices[0].finish_reason",)),
    Rule("stream", ("stream", "request.stream", "model_parameters.stream")),
    Rule(
        "in_tok",
        ("prompt_tokens", "metadata.usage_object.prompt_tokens", "response.usage.prompt_tokens"),
    ),
    Rule(
        "out_tok",
        (
            *("completion_tokens", "metadata.usage_object.completion_tokens"),
            "response.usage.completion_tokens",
        ),
    ),
    Rule(
        "reasoning_tok",
        (
            "metadata.usage_object.completion_tokens_details.reasoning_tokens",
            "response.usage.completion_tokens_details.reasoning_tokens",
        ),
    ),
    Rule(
        "cached_tok",
        (
            "metadata.usage_object.prompt_tokens_details.cached_tokens",
            "metadata.usage_object.cache_read_input_tokens",
            "response.usage.prompt_tokens_details.cached_tokens",
        ),
    ),
    Rule("temperature", ("request.temperature", "model_parameters.temperature")),
    Rule("n", ("request.n", "model_parameters.n")),
    Rule(
        "max_tok",
        (
            *("request.max_completion_tokens", "request.max_tokens"),
            *("model_parameters.max_completion_tokens", "model_parameters.max_tokens"),
        ),
    ),
    Rule("logprobs", ("request.logprobs", "model_parameters.logprobs")),
)
_COMPUTED: Final[tuple[Rule, ...]] = (
    Rule("email_domain", (), "what follows the @ in metadata.user_api_key_user_email"),
    Rule("status", (), "200 when status is success, else error_information.error_code"),
    Rule("latency_ms", (), "endTime - startTime, else response_time (seconds)"),
    Rule("ttft_ms", (), "completionStartTime - startTime, where it lies before endTime"),
    Rule("thinking", (), "reasoning_effort of the request: true unless none"),
    Rule("system", (), "text of the system and developer messages"),
    Rule(
        "prompt",
        (),
        "text of the last user turn of messages, else of proxy_server_request.messages",
    ),
    Rule("n_turns", (), "user turns with text"),
    Rule("tools", (), "number of tools of proxy_server_request"),
    Rule("completion", (), "as in `openai`, from response"),
    Rule("reasoning", (), "as in `openai`, from response"),
)


class LiteLLMSpendLogs(OwnedFormat):
    """LiteLLM_SpendLogs."""

    name: ClassVar[str] = "litellm"
    about: ClassVar[str] = (
        "LiteLLM_SpendLogs: JSON lines, a JSON array or CSV; nested fields as objects or as "
        "JSON text. Without prompt storage there are no prompts, and content is not assessed."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*_RULES, *_COMPUTED)

    def convert(
        self,
        record: Mapping[str, Any],
        options: ReadOptions,  # noqa: ARG002  the port's signature
    ) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is no row of this table."""
        if "startTime" not in record or owner_of(record) not in ("", self.name):
            return None
        opened = {
            key: embedded_json(value) if isinstance(value, str) else value
            for key, value in record.items()
        }
        request, response = (
            as_body(opened.get("proxy_server_request")),
            as_body(opened.get("response")),
        )
        metadata = opened.get("metadata")
        view = opened | {"request": request, "response": response}
        columns = apply_rules(_RULES, view)
        messages = opened.get("messages")
        if is_messages(messages):
            request = request | {"messages": messages}
        parameters = opened.get("model_parameters")
        if isinstance(parameters, dict):
            request = parameters | request
        columns |= {k: v for k, v in chat_columns(request, response).items() if v is not None}
        _add_times(columns, opened)
        _add_outcome(columns, opened, metadata if isinstance(metadata, dict) else {})
        return columns


def _add_times(columns: Record, record: Record) -> None:
    start, first, end = (_instant(record.get(key)) for key in _CLOCKS)
    if start is not None and end is not None and end >= start:
        columns["latency_ms"] = (end - start) / 1000
    elif record.get("response_time") is not None:
        seconds = record["response_time"]
        columns["latency_ms"] = seconds * 1000 if isinstance(seconds, int | float) else seconds
    # Answers that were not streamed have their first token when they end: that says nothing.
    if start is not None and first is not None and end is not None and start <= first < end:
        columns["ttft_ms"] = (first - start) / 1000


_CLOCKS: Final = ("startTime", "completionStartTime", "endTime")


def _instant(value: Any) -> int | None:
    """Microseconds for differences only: two naive times of one row share their zone."""
    import datetime as dt

    return None if value is None else read_time(value, dt.UTC)


def _add_outcome(columns: Record, record: Record, metadata: Record) -> None:
    status = record.get("status")
    error = metadata.get("error_information") or record.get("error_information")
    code = error.get("error_code") if isinstance(error, dict) else None
    if status == "success":
        columns["status"] = 200
    elif isinstance(code, str | int) and str(code).isdigit():
        columns["status"] = int(code)
    email = metadata.get("user_api_key_user_email")
    if isinstance(email, str) and "@" in email:
        columns["email_domain"] = email.rpartition("@")[2].lower()
    tags = record.get("request_tags")
    if "user_agent" not in columns and isinstance(tags, list):
        for tag in tags:
            if isinstance(tag, str) and tag.startswith("User-Agent: "):
                # The proxy writes the tag twice, once without the version: keep the fuller one.
                agent = tag.removeprefix("User-Agent: ")
                if len(agent) > len(str(columns.get("user_agent", ""))):
                    columns["user_agent"] = agent
