"""Anthropic Messages: a request and its response, in whatever envelope they were logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.dialogue import answered, both
from workbench.formats.envelope import ENVELOPE_RULES, add_headers, bodies, view_of
from workbench.formats.messages import from_messages, is_messages
from workbench.formats.owners import owner_of
from workbench.formats.shape import Record, RecordFormat, Rule, Unread, apply_rules
from workbench.formats.text import joined, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Columns of the bodies; batches keep the same ones and use the same rules.
BODY_RULES: Final[tuple[Rule, ...]] = (
    Rule("model", ("response.model", "request.model", "model")),
    Rule("stop_reason", ("response.stop_reason",)),
    Rule("stream", ("request.stream", "stream")),
    Rule(
        "in_tok",
        ("response.usage.input_tokens",),
        "plus `response.usage.cache_creation_input_tokens` and "
        "`response.usage.cache_read_input_tokens`",
    ),
    Rule("out_tok", ("response.usage.output_tokens",)),
    Rule("reasoning_tok", ("response.usage.output_tokens_details.thinking_tokens",)),
    Rule("cached_tok", ("response.usage.cache_read_input_tokens",)),
    Rule("temperature", ("request.temperature",)),
    Rule("max_tok", ("request.max_tokens",)),
)
COMPUTED: Final[tuple[Rule, ...]] = (
    Rule("thinking", (), "`request.thinking.type`: false when disabled, true otherwise"),
    Rule("system", (), "text of `request.system`"),
    Rule("prompt", (), "text of the last user turn of `request.messages` that has text"),
    Rule("n_turns", (), "user turns with text in `request.messages`"),
    Rule("tools", (), "number of `request.tools`"),
    Rule("completion", (), "text blocks of `response.content`; streams are put together"),
    Rule("reasoning", (), "thinking blocks of `response.content` (redacted ones hold no text)"),
    Rule(
        "dialogue",
        (),
        "`request.messages` and `response.content`, where they hold more than a question and an "
        "answer in words",
    ),
)
#: What the bodies say besides.
BODY_UNREAD: Final[tuple[Unread, ...]] = (
    Unread(
        ("request.top_p", "request.top_k", "request.stop_sequences", "response.stop_sequence"),
        "settings beside `temperature` and the limit of tokens: no signal asks for them",
    ),
    Unread(
        ("request.thinking.budget_tokens",),
        "how much thinking was allowed: that it was asked for is kept, and its tokens",
    ),
    Unread(
        (
            *("request.tools[].description", "request.tools[].input_schema", "request.tool_choice"),
            "request.mcp_servers",
        ),
        "what the tools are and when to call them: their number is kept, and each call",
    ),
    Unread(
        (
            *("request.service_tier", "response.usage.service_tier", "request.container"),
            *("response.container", "request.system[].cache_control"),
            "request.messages[].content[].cache_control",
        ),
        "how it was served and cached: says nothing of who asked what",
    ),
    Unread(
        ("request.metadata.*",),
        "of metadata the API takes `user_id` alone: say with `--map` which other is a column",
    ),
    Unread(
        ("response.content[].signature", "response.content[].citations"),
        "what comes with an answer's text: only the text is kept",
    ),
    Unread(
        ("response.usage.cache_creation", "response.usage.server_tool_use"),
        "parts of the tokens that are kept, and calls that `dialogue` holds",
    ),
    Unread(("response.error.message",), "an error's words: its type is kept"),
    Unread(
        ("response.type", "response.role", "request.anthropic_version"),
        "what the body is",
        looked_at=True,
    ),
)


class AnthropicMessages(RecordFormat):
    """Anthropic Messages in an envelope."""

    name: ClassVar[str] = "anthropic"
    about: ClassVar[str] = (
        "Anthropic Messages: `request` and `response` in an envelope (the namings of `openai`). "
        "Time, account and address come from the envelope: the bodies have none."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*ENVELOPE_RULES, *BODY_RULES, *COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = BODY_UNREAD
    by_outline: ClassVar[bool] = True

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Content blocks with a stop reason in the response, or a request only Anthropic takes."""
        if owner_of(record):
            return False
        request, response, _ = bodies(record)
        return is_anthropic(request, message_of(response))

    def signature(self, record: Mapping[str, Any]) -> str:
        """What gave the record away."""
        request, response, _ = bodies(record)
        found = [f"request.{key}" for key in ("messages", "system") if key in request]
        found += [f"response.{key}" for key in ("content", "stop_reason") if key in response]
        return " and ".join(found) or "an Anthropic body"

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it has no such messages in it."""
        if owner_of(record):
            return None
        request, response, answer = bodies(record)
        response = message_of(response)
        if not is_anthropic(request, response):
            return None
        columns = apply_rules(_RULES, view_of(record, request, response))
        add_headers(columns, record, request, response)
        columns |= anthropic_columns(request, response)
        if answer:
            columns["completion"] = answer
        add_cached(columns, response.get("usage"))
        return columns


_RULES: Final = (*ENVELOPE_RULES, *BODY_RULES)


#: Keys that show a response to be OpenAI's, whatever was asked: gateways translate.
_OPENAI: Final = frozenset({"choices", "output", "object"})


def is_anthropic(request: Record, response: Record) -> bool:
    """Whether two bodies are Anthropic's and not OpenAI's."""
    content = response.get("content")
    if isinstance(content, list) and (
        "stop_reason" in response or response.get("type") == "message"
    ):
        return True
    if not _OPENAI.isdisjoint(response) or not is_messages(request.get("messages")):
        return False
    model = request.get("model")
    return (
        "anthropic_version" in request
        or isinstance(request.get("thinking"), dict)
        or isinstance(request.get("system"), str | list)
        or (isinstance(model, str) and model.startswith("claude"))
    )


def anthropic_columns(request: Record, response: Record) -> Record:
    """The computed columns of a request and its message."""
    columns = from_messages(request.get("messages"))
    system = text_of(request.get("system"))
    if system is not None:
        columns["system"] = system
    if isinstance(request.get("tools"), list):
        columns["tools"] = len(request["tools"])
    thinking = request.get("thinking")
    if isinstance(thinking, dict):
        columns["thinking"] = thinking.get("type") != "disabled"
    content = response.get("content")
    if isinstance(content, list):
        blocks = [block for block in content if isinstance(block, dict)]
        columns["completion"] = joined(b.get("text") for b in blocks if b.get("type") == "text")
        columns["reasoning"] = joined(
            b.get("thinking") for b in blocks if b.get("type") == "thinking"
        )
        columns["dialogue"] = both(columns.get("dialogue"), answered({"content": content}))
    return columns


def message_of(response: Record) -> Record:
    """The message inside a batch's result, else the response itself."""
    message = response.get("message")
    return message if isinstance(message, dict) and "content" in message else response


def add_cached(columns: Record, usage: Any) -> None:
    """Count cached input tokens as input: Anthropic reports them beside input_tokens."""
    if not isinstance(usage, dict) or type(columns.get("in_tok")) is not int:
        return
    for key in ("cache_creation_input_tokens", "cache_read_input_tokens"):
        value = usage.get(key)
        if type(value) is int:  # a truth value is no count
            columns["in_tok"] += value
