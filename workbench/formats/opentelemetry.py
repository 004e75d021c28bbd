"""Spans of OpenTelemetry that are calls of a model, in each of the three conventions in use.

The current names of GenAI, the older ones (one attribute a message, or events of the span), and
OpenInference. Tools, agents, retrievals and plain HTTP lie in the same traces and are no
exchanges: the model calls among them are spans of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeGuard

from workbench.formats.owners import OwnedFormat
from workbench.formats.paths import as_object, embedded_json
from workbench.formats.said import answered_columns, asked_columns, both_sides, first_of
from workbench.formats.shape import UNREADABLE, Record, Rule, Unread, apply_rules
from workbench.formats.span_messages import DETAILS, answered_of, asked_of, instructions_of
from workbench.formats.span_rules import COMPUTED, READ, UNREAD
from workbench.formats.spans import indexed, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class OpenTelemetrySpans(OwnedFormat):
    """Spans that are calls of a model."""

    name: ClassVar[str] = "opentelemetry"
    otherwise: ClassVar[str] = "a span that is no call of a model"
    about: ClassVar[str] = (
        "OpenTelemetry traces in OTLP JSON (`resourceSpans`, also one span a line): every span is "
        "a record, a call of a model is an exchange, any other span is rejected as none. Of log "
        "records (`resourceLogs`) the event gen_ai.client.inference.operation.details is one. "
        "Names in brackets are attributes of the span, else of its resource: of GenAI (current "
        "and older) and OpenInference."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*READ, *COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = UNREAD

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one span; None when it is no call of a model."""
        if not self.matches(record):
            return None
        span = plain(record)
        attributes = _attributes(span)
        events = span.get("events")
        events = [each for each in events if isinstance(each, dict)] if _is_list(events) else []
        lists = indexed(attributes)
        if not (_is_details(span, attributes) or _is_call(span, attributes, lists, events)):
            return None
        columns = apply_rules(READ, _view(span, attributes), exact=True)
        parameters = as_object(attributes.get("llm.invocation_parameters"))
        columns = _said(attributes, lists, events, parameters) | columns
        _add_settings(columns, attributes, lists)
        _add_times(columns, span, attributes)
        _add_outcome(columns, span, events)
        if span.get("resource") is UNREADABLE:
            for column in _OF_RESOURCE - columns.keys():
                columns[column] = UNREADABLE
        return columns


def _said(
    attributes: Record, lists: dict[str, list[Record]], events: list[Record], parameters: Record
) -> Record:
    """Columns of what was asked and answered."""
    asked = asked_of(attributes, lists, events)
    columns = asked_columns(None if asked.unreadable else asked.value, asked.raw, parameters)
    answered = answered_of(attributes, lists, events)
    if not answered.unreadable:
        answer = answered_columns(answered.value, answered.raw, answered.further)
        columns = both_sides(columns, answer)
    beside = {
        "system": instructions_of(attributes, events, columns.get("system")),
        "reasoning": answered.reasoning,
        "prompt": UNREADABLE if asked.unreadable else None,
        "completion": UNREADABLE if answered.unreadable else None,
        "stop_reason": answered.finish_reason,
        "dialogue": UNREADABLE if _is_unreadable(answered.further) else None,
    }
    return columns | {column: value for column, value in beside.items() if value is not None}


def _is_unreadable(messages: Iterable[Record]) -> bool:
    return any(each.get("content") is UNREADABLE for each in messages)


#: What a resource may name: whose application it is, and from where.
_OF_RESOURCE: Final = frozenset(
    {"account_id", "org_id", "end_user", "ip", "country", "user_agent", "ja3"}
)


def _attributes(span: Record) -> Record:
    """Attributes of the span, and of its resource where the span has none of that name."""
    resource = span.get("resource")
    around = resource.get("attributes") if isinstance(resource, dict) else None
    own = span.get("attributes")
    return {
        **(around if isinstance(around, dict) else {}),
        **(own if isinstance(own, dict) else {}),
    }


def _view(span: Record, attributes: Record) -> Record:
    return attributes | {key: span[key] for key in _FIELDS if key in span}


_FIELDS: Final = ("spanId", "traceId", "startTimeUnixNano", "timeUnixNano", "observedTimeUnixNano")


_CALLS: Final = frozenset({"chat", "text_completion", "generate_content", "completion"})
#: What else the conventions name; a name that is none of theirs says nothing.
_STEPS: Final = frozenset(
    {
        *("embeddings", "embedding", "retrieval", "rerank", "execute_tool", "plan"),
        *("create_agent", "invoke_agent", "invoke_workflow"),
        *(f"{verb}_memory" for verb in ("create", "delete", "search", "update", "upsert")),
        *("create_memory_store", "delete_memory_store"),
    }
)
_OF_A_CALL: Final = frozenset(
    {
        *("gen_ai.request.model", "gen_ai.response.model", "gen_ai.input.messages"),
        *("gen_ai.output.messages", "gen_ai.prompt", "gen_ai.completion", "llm.model_name"),
        *("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"),
    }
)
_LISTS_OF_A_CALL: Final = frozenset({"gen_ai.prompt", "gen_ai.completion", "llm.input_messages"})
_EVENTS_OF_A_CALL: Final = frozenset(
    {"gen_ai.user.message", "gen_ai.choice", "gen_ai.content.prompt", DETAILS}
)
#: Log records have one of these instead of a beginning.
_LOGGED: Final = frozenset({"timeUnixNano", "observedTimeUnixNano"})


def _is_details(record: Record, attributes: Record) -> bool:
    """Whether a log record is the event that tells a whole call."""
    return DETAILS in (record.get("eventName"), attributes.get("event.name"))


def _is_call(span: Record, attributes: Record, lists: Record, events: list[Record]) -> bool:
    """Whether a span is a call of a model: by what it is called, else by what it has."""
    if "startTimeUnixNano" not in span and not _LOGGED.isdisjoint(span):
        return False
    operation = str(attributes.get("gen_ai.operation.name", "")).lower()
    if operation in _CALLS or operation in _STEPS:
        return operation in _CALLS
    kind = first_of(attributes, "openinference.span.kind", "gen_ai.span.kind")
    if kind is not None:
        return str(kind).upper() == "LLM"
    if attributes.get("traceloop.span.kind") is not None:  # workflow, task, agent or tool
        return False
    asked = str(first_of(attributes, "llm.request.type", "gen_ai.request.type")).lower()
    if asked in _STEPS:
        return False
    return (
        not _OF_A_CALL.isdisjoint(attributes)
        or not _LISTS_OF_A_CALL.isdisjoint(lists)
        or any(str(event.get("name")) in _EVENTS_OF_A_CALL for event in events)
    )


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _add_settings(columns: Record, attributes: Record, lists: Record) -> None:
    level = columns.get("thinking")
    if isinstance(level, str):
        columns["thinking"] = level.lower() != "none"
    logprobs = columns.get("logprobs")
    if isinstance(logprobs, int):
        columns["logprobs"] = bool(logprobs)
    tools = attributes.get("gen_ai.tool.definitions")
    if isinstance(tools, str):
        tools = embedded_json(tools)
    if tools is not None:
        columns["tools"] = len(tools) if isinstance(tools, list) else UNREADABLE
    for name in ("llm.tools", "llm.request.functions"):
        if "tools" not in columns and name in lists:
            columns["tools"] = len(lists[name])
    email = first_of(attributes, "user.email", "enduser.email", "metadata.user_api_key_user_email")
    if isinstance(email, str) and "@" in email:
        columns["email_domain"] = email.rpartition("@")[2].lower()


def _add_times(columns: Record, span: Record, attributes: Record) -> None:
    began, ended = (_nanoseconds(span.get(key)) for key in _CLOCKS)
    if began is not None and ended is not None and ended >= began:
        columns["latency_ms"] = (ended - began) / 1_000_000
    first = attributes.get("gen_ai.response.time_to_first_chunk")
    if isinstance(first, int | float) and not isinstance(first, bool):
        columns["ttft_ms"] = first * 1000
    elif first is not None:
        columns["ttft_ms"] = UNREADABLE


_CLOCKS: Final = ("startTimeUnixNano", "endTimeUnixNano")


def _nanoseconds(value: Any) -> int | None:
    """Nanoseconds since 1970; 64 bits wide, and so written as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value else None


def _add_outcome(columns: Record, span: Record, events: list[Record]) -> None:
    status = span.get("status")
    status = status if isinstance(status, dict) else {}
    failed = status.get("code") in _FAILED
    error = columns.get("error_type")
    if error is None:
        raised = (as_object(event.get("attributes")).get("exception.type") for event in events)
        error = next((name for name in raised if isinstance(name, str) and name), None)
        error = error or (status.get("message") if failed else None)
        if error:
            columns["error_type"] = error
    if "status" in columns:
        return
    code = str(error)
    if len(code) == 3 and code.isascii() and code.isdecimal():
        columns["status"] = int(code)
    elif not failed and not error and not _ANSWERED.isdisjoint(columns):
        columns["status"] = 200


#: In JSON an enumeration is its number; some write its name.
_FAILED: Final = (2, "2", "STATUS_CODE_ERROR", "ERROR", "Error")
_ANSWERED: Final = frozenset({"completion", "stop_reason", "out_tok"})
