"""LiteLLM_SpendLogs: rows of the proxy's table, as JSON, CSV or COPY text; and its logging payload.

The payload (StandardLoggingPayload, docs.litellm.ai/docs/proxy/logging_spec) is what its loggers
write to buckets and queues.

``messages``, ``response``, ``metadata`` and ``proxy_server_request`` may be objects, JSON text,
or ``{}``: the proxy keeps prompts only where prompt storage is switched on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.bodies import body_columns, either, with_bodies
from workbench.formats.messages import is_messages
from workbench.formats.owners import OwnedFormat, owner_of
from workbench.formats.paths import embedded_json
from workbench.formats.shape import Record, Rule, Unread, apply_rules, as_body
from workbench.formats.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    Rule("user_agent", ("metadata.user_agent",), "else the tag User-Agent of `request_tags`"),
    Rule("email_domain", (), "what follows the @ in `metadata.user_api_key_user_email`"),
    Rule("provider", ("custom_llm_provider",)),
    Rule("endpoint", ("call_type",)),
    Rule("model", ("model", "model_group")),
    Rule(
        "status",
        (),
        "200 when `status` is success, else `metadata.error_information.error_code` or "
        "`error_information.error_code`",
    ),
    Rule("error_type", ("metadata.error_information.error_class", "error_information.error_class")),
    Rule("stream", ("stream",)),
    Rule("in_tok", ("prompt_tokens", "metadata.usage_object.prompt_tokens")),
    Rule("out_tok", ("completion_tokens", "metadata.usage_object.completion_tokens")),
    Rule(
        "reasoning_tok",
        ("metadata.usage_object.completion_tokens_details.reasoning_tokens",),
    ),
    Rule(
        "cached_tok",
        (
            "metadata.usage_object.prompt_tokens_details.cached_tokens",
            "metadata.usage_object.cache_read_input_tokens",
        ),
    ),
    Rule("latency_ms", (), "`endTime` - `startTime`, else `response_time` (seconds)"),
    Rule("ttft_ms", (), "`completionStartTime` - `startTime`, where it lies before `endTime`"),
)
#: What the proxy writes instead of messages and answers that it was told not to log: no text that
#: anybody sent, and the same for everybody.
_REDACTED: Final = "redacted-by-litellm"


class LiteLLMSpendLogs(OwnedFormat):
    """LiteLLM_SpendLogs."""

    name: ClassVar[str] = "litellm"
    about: ClassVar[str] = (
        "LiteLLM_SpendLogs: JSON lines, a JSON array, CSV or PostgreSQL's COPY text; nested fields "
        "as objects or as JSON text; and StandardLoggingPayload. The request is "
        "`proxy_server_request` with `messages` and `model_parameters`. "
        "Without prompt storage there are no prompts, and content is not assessed."
    )
    rules: ClassVar[tuple[Rule, ...]] = with_bodies(*_RULES, own_first=True)
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            (
                *("spend", "response_cost", "saved_cache_cost"),
                "response_cost_failure_debug_info",
            ),
            "what it cost: `workbench loss` counts by the price list that you give",
        ),
        Unread(("total_tokens",), "a sum of the tokens that are kept"),
        Unread(
            (
                *("model_id", "model_map_information", "api_base", "cache_hit", "cache_key"),
                *("hidden_params", "agent_id", "mcp_namespaced_tool_name"),
            ),
            "how it was routed and cached: says nothing of who asked what",
        ),
        Unread(
            ("metadata.*",),
            "names, budgets and notes of the proxy: say with `--map` which of them is a column",
        ),
        Unread(
            ("error_str", "error_information.*"), "an error's words: its class and code are kept"
        ),
        Unread(("response.created",), "the provider's time: the proxy's is kept"),
    )
    by_outline: ClassVar[bool] = True
    clocks: ClassVar[tuple[str, ...]] = ("startTime", "endTime", "completionStartTime")

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
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
        columns = apply_rules(_RULES, opened | {"response": response}, exact=True)
        asked, parameters = opened.get("messages"), opened.get("model_parameters")
        if is_messages(asked):
            request = request | {"messages": asked}
        elif isinstance(asked, str | list) and asked:
            request = {"input": asked} | request  # what the Responses API is asked
        if isinstance(parameters, dict):
            request = parameters | request
        said = body_columns(request, response, columns.get("endpoint"))
        columns = either(columns, said)
        _add_times(columns, opened)
        _add_outcome(columns, opened, metadata if isinstance(metadata, dict) else {})
        return {name: value for name, value in columns.items() if value != _REDACTED}


def _add_times(columns: Record, record: Record) -> None:
    start = record.get("startTime")
    latency = milliseconds(start, record.get("endTime"))
    to_first = milliseconds(start, record.get("completionStartTime"))
    if latency is not None:
        columns["latency_ms"] = latency
    elif record.get("response_time") is not None:
        seconds = record["response_time"]
        columns["latency_ms"] = seconds * 1000 if isinstance(seconds, int | float) else seconds
    # Answers that were not streamed have their first token when they end: that says nothing.
    if to_first is not None and latency is not None and to_first < latency:
        columns["ttft_ms"] = to_first


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
