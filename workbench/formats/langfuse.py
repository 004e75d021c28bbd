"""Langfuse observations: the API's JSON, the UI's export, rows of the warehouse.

The API and the UI write camelCase, the warehouse snake_case; nested fields are objects or JSON
text. Only a GENERATION is an exchange: spans, events, tools and agents are steps around it. Whose
it was, the trace around it says (``langfuse_trace``). Must not join the two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.domain.exchange import Side
from workbench.formats.halves import HALF, Half, name_of
from workbench.formats.owners import OwnedFormat
from workbench.formats.paths import embedded_json
from workbench.formats.said import answered_columns, asked_columns, both_sides, first_of
from workbench.formats.shape import Record, Rule, Unread, apply_rules
from workbench.formats.text import is_absent
from workbench.formats.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping


#: What joins observations and traces: the id of the trace.
KIND: Final = "langfuse"
_NESTED: Final = (
    *("input", "output", "usage", "usageDetails", "usage_details"),
    *("modelParameters", "model_parameters", "toolDefinitions", "tool_definitions"),
)


def _used(*names: str) -> tuple[str, ...]:
    """Where the counts of that name may be."""
    places = ("usageDetails", "usage_details")
    steps = (f'["{name}"]' if "." in name else f".{name}" for name in names)
    return tuple(place + step for step in steps for place in places)


def _set(*names: str) -> tuple[str, ...]:
    """Where the parameters of that name may be; an OpenAI request as input holds them, too."""
    places = ("modelParameters", "model_parameters", "input")
    return tuple(f"{place}.{name}" for name in names for place in places)


_RULES: Final[tuple[Rule, ...]] = (
    Rule("request_id", ("id",)),
    Rule("ts", ("startTime", "start_time")),
    Rule("org_id", ("projectId", "project_id")),
    Rule("end_user", ("userId", "user_id", "trace.userId")),
    Rule(
        "session_id",
        ("sessionId", "session_id", "trace.sessionId", "traceId", "trace_id"),
        "the trace stands for the session that its own table names",
    ),
    Rule("model", ("model", "providedModelName", "provided_model_name", "output.model")),
    Rule(
        "stop_reason",
        (
            *("output.choices[0].finish_reason", "output.stop_reason", "output.finish_reason"),
            "output[-1].finish_reason",
        ),
    ),
    Rule(
        "in_tok",
        (
            *_used("input", "input_tokens", "prompt_tokens"),
            *("usage.input", "usage.promptTokens", "usage.prompt_tokens"),
            *("inputUsage", "promptTokens", "prompt_tokens"),
        ),
        "with the other parts of the input (cached, audio) in `usageDetails` or `usage_details`, "
        "where `total` is the sum of all parts; not where `usage.unit` is other than TOKENS",
    ),
    Rule(
        "out_tok",
        (
            *_used("output", "output_tokens", "completion_tokens"),
            *("usage.output", "usage.completionTokens", "usage.completion_tokens"),
            *("outputUsage", "completionTokens", "completion_tokens"),
        ),
        "with the other parts of the output (reasoning, audio), likewise",
    ),
    Rule(
        "reasoning_tok",
        _used(
            *("output_reasoning_tokens", "output_reasoning", "completion_details.reasoning"),
            "reasoning_tokens",
        ),
    ),
    Rule(
        "cached_tok",
        _used(
            *("input_cached_tokens", "input_cache_read", "cache_read_input_tokens"),
            "prompt_details.cache_read",
        ),
    ),
    Rule("temperature", _set("temperature")),
    Rule("n", _set("n")),
    Rule(
        "max_tok",
        _set("max_completion_tokens", "max_tokens", "maxTokens", "max_output_tokens"),
    ),
    Rule("stream", _set("stream")),
    Rule("logprobs", _set("logprobs")),
    Rule("thinking", _set("reasoning_effort"), "true unless the effort is none"),
)
_COMPUTED: Final[tuple[Rule, ...]] = (
    Rule("status", (), "the HTTP code that the message names, where `level` is ERROR"),
    Rule("error_type", (), "`statusMessage` or `status_message`, where `level` is ERROR"),
    Rule(
        "latency_ms",
        (),
        "`endTime` - `startTime`, or `end_time` - `start_time`",
    ),
    Rule(
        "ttft_ms",
        (),
        "`completionStartTime` or `completion_start_time` - the start, where it lies before the "
        "end",
    ),
    Rule(
        "system",
        (),
        "text of the system and developer messages of `input`, else its `instructions`",
    ),
    Rule(
        "prompt",
        (),
        "text of the last user turn of `input`: messages, {messages}, {contents}, {input}, "
        "{prompt}, a request, or a plain text; an object of another shape stays as its JSON text",
    ),
    Rule("n_turns", (), "user turns with text"),
    Rule("dialogue", (), "messages, where there are more than a question and an answer in words"),
    Rule("tools", (), "number of `input.tools`, `toolDefinitions` or `tool_definitions`"),
    Rule(
        "completion",
        (),
        "text of `output`: a message, the last of several, {message}, choices, content blocks, a "
        "Responses or Gemini object, or a plain text; an object of another shape stays as its "
        "JSON text",
    ),
    Rule(
        "reasoning",
        (),
        "as in `openai`, `openai-responses` or `anthropic`, where `output` is a response of theirs",
    ),
)


class LangfuseObservations(OwnedFormat):
    """Langfuse observations."""

    name: ClassVar[str] = "langfuse"
    otherwise: ClassVar[str] = "an observation of another type than GENERATION"
    about: ClassVar[str] = (
        "Langfuse observations: one a record, as the API, the UI's JSON, JSONL and CSV export and "
        "the blob-storage (warehouse) export write them, camelCase or snake_case. A GENERATION is "
        "an exchange; observations of other types are rejected as none."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*_RULES, *_COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            (
                *("costDetails", "cost_details", "totalCost", "total_cost", "inputCost"),
                *("outputCost", "calculatedInputCost", "calculatedOutputCost"),
                *("calculatedTotalCost", "inputPrice", "outputPrice", "totalPrice"),
                *("providedCostDetails", "provided_cost_details", "usagePricingTierId"),
                *("usage_pricing_tier_id", "usagePricingTierName", "usage_pricing_tier_name"),
            ),
            "what it cost: `workbench loss` counts by the price list that you give",
        ),
        Unread(
            ("usage.total", "totalUsage", "totalTokens", "total_tokens"),
            "sums of the tokens that are kept",
        ),
        Unread(
            ("latency", "timeToFirstToken", "time_to_first_token"),
            "the API writes seconds, the UI milliseconds: the times themselves are read",
        ),
        Unread(
            ("modelParameters.*", "model_parameters.*"),
            "settings beside those above: no signal asks for them",
        ),
        Unread(
            (
                *("name", "environment", "version", "metadata", "promptId", "prompt_id"),
                *("promptName", "prompt_name", "promptVersion", "prompt_version"),
            ),
            "the application's own notes: say with `--map` which of them is a column",
        ),
        Unread(
            (
                *("parentObservationId", "parent_observation_id", "modelId", "model_id"),
                *("internalModelId", "internal_model_id", "internalModel"),
                *("createdAt", "created_at", "updatedAt", "updated_at"),
            ),
            "how Langfuse keeps it: says nothing of who asked what",
        ),
        Unread(
            ("toolCalls", "tool_calls", "toolCallNames", "tool_call_names"),
            "calls of tools, as Langfuse found them in the output: those there are read",
        ),
        Unread(("type",), "what the record is", looked_at=True),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one generation; None when it is none."""
        if record.get("type") != "GENERATION" or not self.matches(record):
            return None
        opened = dict(record)
        for key in _NESTED:
            if isinstance(opened.get(key), str):
                opened[key] = embedded_json(opened[key])
        parameters = first_of(opened, "modelParameters", "model_parameters")
        if isinstance(parameters, dict):
            # Integrations write the parameters that were not set as the text "null".
            parameters = {k: v for k, v in parameters.items() if not _says_nothing(v)}
            opened["modelParameters"] = opened["model_parameters"] = parameters
        usage = opened.get("usage")
        if isinstance(usage, dict) and usage.get("unit") not in (None, "", "TOKENS"):
            del opened["usage"]
        columns = apply_rules(_RULES, opened, exact=True)
        _add_parts(columns, first_of(opened, "usageDetails", "usage_details"))
        _add_times(columns, record)
        _add_outcome(columns, record)
        asked, answered = opened.get("input"), opened.get("output")
        request = parameters if isinstance(parameters, dict) else {}
        columns |= both_sides(
            asked_columns(asked, record.get("input"), request),
            answered_columns(answered, record.get("output")),
        )
        tools = first_of(opened, "toolDefinitions", "tool_definitions")
        if "tools" not in columns and isinstance(tools, dict | list) and tools:
            columns["tools"] = len(tools)
        if trace := name_of(first_of(record, "traceId", "trace_id")):
            columns[HALF] = Half(KIND, Side.WITHIN, trace)
        return columns


def _says_nothing(value: Any) -> bool:
    return isinstance(value, str) and is_absent(value)


def _add_parts(columns: Record, usage: Any) -> None:
    """Add up the parts of input and output where they do not overlap.

    Most integrations take cached and reasoning tokens out of ``input`` and ``output``; spans of
    OpenTelemetry leave them in. The total tells which.
    """
    if not isinstance(usage, dict):
        return
    counts = {str(key): _count(value) for key, value in usage.items()}
    total = counts.pop("total", None)
    parts = {key: count for key, count in counts.items() if count is not None}
    if total is None or sum(parts.values()) != total:
        return
    for column, sides in (("in_tok", _INPUT), ("out_tok", _OUTPUT)):
        side = [count for key, count in parts.items() if key.startswith(sides)]
        if side:
            columns[column] = sum(side)


_INPUT: Final = ("input", "prompt", "cache")
_OUTPUT: Final = ("output", "completion", "reasoning")


def _count(value: Any) -> int | None:
    """A count; ClickHouse writes its wide integers as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _add_times(columns: Record, record: Mapping[str, Any]) -> None:
    start = first_of(record, "startTime", "start_time")
    first = first_of(record, "completionStartTime", "completion_start_time")
    latency = milliseconds(start, first_of(record, "endTime", "end_time"))
    to_first = milliseconds(start, first)
    if latency is not None:
        columns["latency_ms"] = latency
    # Answers that were not streamed have their first token when they end: that says nothing.
    if to_first is not None and (latency is None or to_first < latency):
        columns["ttft_ms"] = to_first


def _add_outcome(columns: Record, record: Mapping[str, Any]) -> None:
    if record.get("level") != "ERROR":
        return
    message = first_of(record, "statusMessage", "status_message")
    columns["error_type"] = message
    code = _HTTP_CODE.search(message[:1000]) if isinstance(message, str) else None
    if code:
        columns["status"] = int(code[1])


#: "Error code: 429 - ..." (the providers' clients), "status_code=503", "HTTP 500".
_HTTP_CODE: Final = re.compile(r"(?:\b|_)(?:code|status|http)\W{0,3}([45]\d\d)\b", re.IGNORECASE)
