"""OpenAI Responses: a request and its response, in whatever envelope, or the response alone.

The response repeats most of what was asked (instructions, temperature, tools), so that one read
alone lacks only the input.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.anthropic import is_anthropic
from workbench.formats.dialogue import answered, both
from workbench.formats.envelope import (
    ENVELOPE_RULES,
    REQUEST_KEYS,
    RESPONSE_KEYS,
    add_headers,
    body_under,
    view_of,
)
from workbench.formats.messages import from_messages, is_messages
from workbench.formats.owners import owner_of
from workbench.formats.shape import (
    UNREADABLE,
    Record,
    RecordFormat,
    Rule,
    Unread,
    apply_rules,
    mark_unreadable,
)
from workbench.formats.text import joined, text_of
from workbench.formats.times import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping


_ENVELOPE: Final = {rule.column: rule for rule in ENVELOPE_RULES}
#: Where the bodies name the person and the conversation.
END_USER: Final = ("response.safety_identifier", "response.user", "response.metadata.user_id")
SESSION: Final = (
    *("request.conversation.id", "request.conversation"),
    *("response.conversation.id", "response.conversation"),
    *("request.previous_response_id", "response.previous_response_id"),
)
_OWN_RULES: Final[tuple[Rule, ...]] = (
    Rule("end_user", (*_ENVELOPE["end_user"].sources, *END_USER)),
    Rule(
        "session_id",
        (*_ENVELOPE["session_id"].sources, *SESSION),
        "a previous response binds two turns, not a whole conversation",
    ),
    Rule(
        "latency_ms",
        _ENVELOPE["latency_ms"].sources,
        "else `response.completed_at` - `response.created_at`, which are whole seconds",
    ),
)
BODY_RULES: Final[tuple[Rule, ...]] = (
    Rule("model", ("response.model", "request.model", "model")),
    Rule(
        "stop_reason",
        ("response.incomplete_details.reason",),
        "else `response.status`, once the answer has ended",
    ),
    Rule("stream", ("request.stream", "stream")),
    Rule("in_tok", ("response.usage.input_tokens",)),
    Rule("out_tok", ("response.usage.output_tokens",)),
    Rule("reasoning_tok", ("response.usage.output_tokens_details.reasoning_tokens",)),
    Rule("cached_tok", ("response.usage.input_tokens_details.cached_tokens",)),
    Rule("temperature", ("request.temperature", "response.temperature")),
    Rule("max_tok", ("request.max_output_tokens", "response.max_output_tokens")),
    Rule(
        "logprobs",
        ("request.top_logprobs", "response.top_logprobs"),
        "a number of log-probabilities asked for counts as true",
    ),
    Rule(
        "thinking",
        ("request.reasoning.effort", "response.reasoning.effort"),
        "true unless the effort is none",
    ),
)
COMPUTED: Final[tuple[Rule, ...]] = (
    Rule(
        "system",
        (),
        "text of `request.instructions`, else of `response.instructions`, then of the system and "
        "developer messages of `request.input`",
    ),
    Rule(
        "prompt",
        (),
        "`request.input`, or the text of its last user turn that has text; `request.messages` "
        "where a gateway was asked so",
    ),
    Rule("n_turns", (), "user turns with text in `request.input`"),
    Rule("tools", (), "number of `request.tools`, else of `response.tools`"),
    Rule(
        "completion",
        (),
        "texts of the messages in `response.output`, else their refusals, else a response that is "
        "plain text; streams are put together",
    ),
    Rule(
        "reasoning",
        (),
        "content of the reasoning items in `response.output`, else their summaries "
        "(encrypted ones hold no text)",
    ),
    Rule(
        "dialogue",
        (),
        "`request.input` and `response.output`, where they hold more than a question and an "
        "answer in words",
    ),
)


def _asked_and_repeated(*names: str) -> tuple[str, ...]:
    """The response repeats what was asked."""
    return tuple(f"{body}.{name}" for name in names for body in ("request", "response"))


#: What the bodies say besides.
BODY_UNREAD: Final[tuple[Unread, ...]] = (
    Unread(
        (*_asked_and_repeated("top_p", "text", "reasoning.summary", "truncation"),),
        "settings beside `temperature` and the limit of tokens: no signal asks for them",
    ),
    Unread(
        _asked_and_repeated("tool_choice", "parallel_tool_calls", "max_tool_calls"),
        "when to call the tools: their number is kept, and each call",
    ),
    Unread(
        (
            *_asked_and_repeated("store", "background", "service_tier", "prompt_cache_key"),
            *("request.include", "request.stream_options"),
        ),
        "how it was served, cached and kept: no column is of that",
    ),
    Unread(
        _asked_and_repeated("metadata.*"),
        "the application's own notes: say with `--map` which of them is a column",
    ),
    Unread(
        ("response.output[].encrypted_content", "response.output[].content[].annotations"),
        "sealed thoughts, and what comes with an answer's text: only the text is kept",
    ),
    Unread(("response.usage.total_tokens",), "a sum of the tokens that are kept"),
    Unread(("response.error.message",), "an error's words: its code is kept"),
    Unread(("response.object",), "what the body is", looked_at=True),
)
_REPLACED: Final = frozenset({"status", *(rule.column for rule in _OWN_RULES)})
_STATUS: Final = Rule(
    "status",
    _ENVELOPE["status"].sources,
    "else 200 where `response.status` is completed or incomplete, 429 or 500 where "
    "`response.error.code` is rate_limit_exceeded or server_error",
)
_AROUND: Final = (
    *(rule for rule in ENVELOPE_RULES if rule.column not in _REPLACED),
    _STATUS,
    *_OWN_RULES,
)

#: What ``response.status`` says of an answer that has ended.
_ENDED: Final = ("completed", "incomplete", "failed", "cancelled")
_HTTP: Final = {"completed": 200, "incomplete": 200}
_HTTP_OF_ERROR: Final = {"rate_limit_exceeded": 429, "server_error": 500}
#: A body has one of these; something else under the same name is no body.
_OF_REQUEST: Final = frozenset({"input", "messages", "instructions", "previous_response_id"})
_OF_RESPONSE: Final = frozenset({"output", "object", "error"})
#: Of a request's keys those that no other request with an input has.
_TELLING: Final = frozenset(
    {
        *("instructions", "max_output_tokens", "previous_response_id", "max_tool_calls"),
        *("parallel_tool_calls", "store", "truncation"),
    }
)
#: The last step of its path, or what LiteLLM calls it.
_ENDPOINTS: Final = ("responses", "aresponses")
_PATHS: Final = _ENVELOPE["endpoint"].sources


class OpenAIResponses(RecordFormat):
    """OpenAI Responses records."""

    name: ClassVar[str] = "openai-responses"
    about: ClassVar[str] = (
        "OpenAI Responses: `request` and `response` in an envelope (the namings of `openai`), "
        "streamed or not, or the bare response object, which lacks the input."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*_AROUND, *BODY_RULES, *COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = BODY_UNREAD

    def matches(self, record: Mapping[str, Any]) -> bool:
        """A response object, or a request that only this API takes."""
        request, response = _bodies(record)
        if _is_others(record, request, response):
            return False
        return has_responses(record, request, response)

    def signature(self, record: Mapping[str, Any]) -> str:
        """What gave the record away."""
        request, response = _bodies(record)
        found = [f"request.{key}" for key in ("input", "instructions") if key in request]
        found += [f"response.{key}" for key in ("object", "output") if key in response]
        return " and ".join(found) or "a request to /responses"

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is no such exchange, or another format's."""
        request, response = _bodies(record)
        if not (has_responses(record, request, response) or _may_be(request, response)):
            return None
        if _is_others(record, request, response):
            return None
        view = view_of(record, request, response)
        if _is_response(record):
            view.pop("status", None)  # a word, not HTTP's
        columns = apply_rules(_AROUND, view)
        columns |= apply_rules(BODY_RULES, view, exact=True)
        add_headers(columns, record, request, response)
        add_computed(columns, request, response)
        if not response:
            texts = (record.get(key) for key in RESPONSE_KEYS)
            columns["completion"] = next((t for t in texts if isinstance(t, str) and t), None)
        return columns


def is_bare(record: Mapping[str, Any]) -> bool:
    """Whether the record itself is a response or a request of this API, without an envelope."""
    return _is_response(record) or _is_request(record)


def has_responses(record: Mapping[str, Any], request: Record, response: Record) -> bool:
    """Whether the record, or the bodies that were found in it, are this API's."""
    if is_bare(record):
        return True
    if "input" in record and "input" not in request:
        request = {**request, "input": record["input"]}
    return is_responses(request, response, *(record.get(key) for key in _PATHS))


def is_responses(request: Record, response: Record, *endpoints: Any) -> bool:
    """Whether two bodies are this API's, by themselves or by where an input was sent to."""
    if _is_response(response):
        return True
    if "choices" in response:
        return False
    return _is_request(request) or ("input" in request and any(map(_is_endpoint, endpoints)))


def _is_endpoint(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    return text.partition("?")[0].rstrip("/").rpartition("/")[2] in _ENDPOINTS


def _bodies(record: Mapping[str, Any]) -> tuple[Record, Record]:
    if _is_response(record):
        return dict(record) if "input" in record else {}, dict(record)
    response = body_under(record, RESPONSE_KEYS, _OF_RESPONSE)
    if _is_request(record):
        return dict(record), response
    request = body_under(record, REQUEST_KEYS, _OF_REQUEST)
    if not request and isinstance(record.get("input"), str | list):
        request = {"input": record["input"]}
    return request, response


def _is_response(body: Mapping[str, Any]) -> bool:
    if body.get("object") == "response":
        return True
    output = body.get("output")
    return (
        isinstance(output, list)
        and str(body.get("id")).startswith("resp_")
        and all(isinstance(item, dict) and "type" in item for item in output)
    )


def _is_request(body: Mapping[str, Any]) -> bool:
    if not isinstance(body.get("input"), str | list) or "model" not in body or "messages" in body:
        return False
    return not _TELLING.isdisjoint(body) or any(
        isinstance(body.get(key), dict) for key in ("reasoning", "text")
    )


def _may_be(request: Record, response: Record) -> bool:
    """Whether, in a file of such records, a request with an input is one more of them."""
    return (
        isinstance(request.get("input"), str | list)
        and "model" in request
        and "messages" not in request
        and "choices" not in response
        and "data" not in response  # embeddings
    )


def _is_others(record: Mapping[str, Any], request: Record, response: Record) -> bool:
    return bool(owner_of(record)) or is_anthropic(request, response)


def add_computed(columns: Record, request: Record, response: Record) -> None:
    """Add what no rule alone can say, beside what the rules have found."""
    _add_settings(columns, request, response)
    _add_outcome(columns, response)
    _add_asked(columns, request, response)
    add_answer(columns, response)


def _add_settings(columns: Record, request: Record, response: Record) -> None:
    logprobs = columns.get("logprobs")
    if isinstance(logprobs, int):
        columns["logprobs"] = bool(logprobs)
    effort = columns.get("thinking")
    if isinstance(effort, str):
        columns["thinking"] = effort.lower() != "none"
    tools = request.get("tools")
    if tools is None:
        tools = response.get("tools")
    if tools is not None:
        columns["tools"] = len(tools) if isinstance(tools, list) else UNREADABLE


def _add_outcome(columns: Record, response: Record) -> None:
    status = response.get("status")
    if "stop_reason" not in columns and status is not None:
        if status in _ENDED:
            columns["stop_reason"] = status
        elif not isinstance(status, str):
            columns["stop_reason"] = UNREADABLE
    error = response.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    known = columns.get("status")
    if known is None or known in _ENDED:  # an envelope may repeat the word
        columns["status"] = (
            _HTTP_OF_ERROR.get(code) if isinstance(code, str) else _HTTP.get(str(status))
        )
    if "latency_ms" not in columns:
        began, ended = (read_time(response.get(key), dt.UTC) for key in _CLOCKS)
        if began is not None and ended is not None and ended >= began:
            columns["latency_ms"] = (ended - began) / 1000


_CLOCKS: Final = ("created_at", "completed_at")


def _add_asked(columns: Record, request: Record, response: Record) -> None:
    asked = request.get("input")
    if asked is None:
        asked = request.get("messages")
    if isinstance(asked, str):
        columns |= {"prompt": asked, "n_turns": 1}
    else:
        columns |= from_messages(asked)
    instructions = request.get("instructions")
    if instructions is None:
        instructions = response.get("instructions")
    if isinstance(instructions, list) and is_messages(instructions):
        own = joined(text_of(message.get("content")) for message in instructions)
    else:
        own = text_of(instructions)
    # An empty instruction was sent as such; beside others it adds nothing.
    columns["system"] = joined([own, columns.get("system")]) or own
    mark_unreadable(columns, prompt=asked, system=instructions)


def add_answer(columns: Record, response: Record) -> None:
    """The text of the answer, and what was thought before it."""
    output = response.get("output")
    items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
    parts = [part for item in items if item.get("type") == "message" for part in _parts(item)]
    text = text_of(parts)
    columns["completion"] = text or joined(part.get("refusal") for part in parts) or text
    if columns["completion"] is None and isinstance(response.get("output_text"), str):
        columns["completion"] = response["output_text"]  # what the client libraries add
    thoughts = [item for item in items if item.get("type") == "reasoning"]
    columns["reasoning"] = joined(
        part.get("text") for item in thoughts for part in _parts(item)
    ) or joined(part.get("text") for item in thoughts for part in _parts(item, "summary"))
    said = [
        part
        for item in items
        if item.get("type") != "reasoning"
        for part in (_parts(item) if item.get("type") == "message" else [item])
    ]
    columns["dialogue"] = both(columns.get("dialogue"), answered({"content": said}))
    mark_unreadable(columns, completion=output)


def _parts(item: Record, key: str = "content") -> list[Record]:
    parts = item.get(key)
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
