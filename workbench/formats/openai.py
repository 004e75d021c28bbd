"""OpenAI Chat Completions: a request and its response, in whatever envelope they were logged.

Also reads the older Completions (a prompt instead of messages, texts instead of messages).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.anthropic import is_anthropic
from workbench.formats.dialogue import answered, both
from workbench.formats.envelope import ENVELOPE_RULES, add_headers, bodies, view_of
from workbench.formats.messages import from_messages, is_messages
from workbench.formats.openai_responses import has_responses
from workbench.formats.owners import owner_of
from workbench.formats.shape import Record, RecordFormat, Rule, Unread, apply_rules
from workbench.formats.text import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Columns of the bodies; LiteLLM keeps the same bodies and uses the same rules.
BODY_RULES: Final[tuple[Rule, ...]] = (
    Rule("model", ("response.model", "request.model", "model")),
    Rule("stop_reason", ("response.choices[0].finish_reason",)),
    Rule("stream", ("request.stream", "stream")),
    Rule(
        "in_tok",
        (
            *("response.usage.prompt_tokens", "response.usage.input_tokens"),
            *("usage.prompt_tokens", "prompt_tokens", "in_tok"),
        ),
    ),
    Rule(
        "out_tok",
        (
            *("response.usage.completion_tokens", "response.usage.output_tokens"),
            *("usage.completion_tokens", "completion_tokens", "out_tok"),
        ),
    ),
    Rule("reasoning_tok", ("response.usage.completion_tokens_details.reasoning_tokens",)),
    Rule("cached_tok", ("response.usage.prompt_tokens_details.cached_tokens",)),
    Rule("temperature", ("request.temperature",)),
    Rule("n", ("request.n",)),
    Rule("max_tok", ("request.max_completion_tokens", "request.max_tokens")),
    Rule(
        "logprobs", ("request.logprobs",), "a number of log-probabilities asked for counts as true"
    ),
    Rule("thinking", ("request.reasoning_effort",), "true unless the effort is none"),
)
#: Columns that are computed; listed for the documents.
COMPUTED: Final[tuple[Rule, ...]] = (
    Rule("system", (), "text of the system and developer messages of `request.messages`"),
    Rule(
        "prompt",
        (),
        "text of the last user turn of `request.messages` that has text; else `request.prompt`",
    ),
    Rule("n_turns", (), "user turns with text in `request.messages`"),
    Rule("tools", (), "number of `request.tools`, else of `request.functions`"),
    Rule(
        "completion",
        (),
        "`response.choices[0].message.content`, else its `refusal`, else "
        "`response.choices[0].text`; streams are put together",
    ),
    Rule(
        "reasoning",
        (),
        "`response.choices[0].message.reasoning_content`, else its `reasoning`",
    ),
    Rule(
        "dialogue",
        (),
        "`request.messages` and `response.choices`, where they hold more than a question and an "
        "answer in words",
    ),
)
#: What the bodies say besides.
BODY_UNREAD: Final[tuple[Unread, ...]] = (
    Unread(
        (
            *("request.top_p", "request.frequency_penalty", "request.presence_penalty"),
            *("request.logit_bias", "request.top_logprobs", "request.seed", "request.stop"),
            "request.verbosity",
        ),
        "settings beside `temperature`, `n` and the limit of tokens: no signal asks for them",
    ),
    Unread(
        (
            *("request.response_format", "request.modalities", "request.audio"),
            *("request.prediction", "request.web_search_options"),
        ),
        "the form that the answer was to have: the answer itself is kept",
    ),
    Unread(
        (
            *("request.tools[].function", "request.tool_choice", "request.function_call"),
            "request.parallel_tool_calls",
        ),
        "what the tools are and when to call them: their number is kept, and each call",
    ),
    Unread(
        (
            *("request.prompt_cache_key", "request.prompt_cache_retention", "request.store"),
            *("request.service_tier", "response.service_tier", "request.stream_options"),
            "response.system_fingerprint",
        ),
        "how it was served, cached and kept: no column is of that",
    ),
    Unread(
        ("request.metadata.*",),
        "the application's own notes: say with `--map` which of them is a column",
    ),
    Unread(
        (
            *("response.choices[].logprobs", "response.choices[].message.annotations"),
            "response.choices[].index",
        ),
        "what comes with an answer's text: only the text is kept",
    ),
    Unread(
        (
            *("response.usage.total_tokens", "response.usage.prompt_tokens_details.audio_tokens"),
            "response.usage.completion_tokens_details.audio_tokens",
            "response.usage.completion_tokens_details.accepted_prediction_tokens",
            "response.usage.completion_tokens_details.rejected_prediction_tokens",
        ),
        "sums and parts of the tokens that are kept",
    ),
    Unread(
        ("response.prompt_filter_results", "response.choices[].content_filter_results"),
        "what Azure's filter thought of it",
    ),
    Unread(("response.error.message",), "an error's words: its type is kept"),
    Unread(("response.object",), "what the body is", looked_at=True),
)


class OpenAIChat(RecordFormat):
    """OpenAI chat request and response records."""

    name: ClassVar[str] = "openai"
    about: ClassVar[str] = (
        "OpenAI Chat Completions: `request` and `response` (also `request_body` and "
        "`response_body`, `body`, objects or JSON text, streamed or not) with fields around "
        "them, or bare `messages` and `choices`."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*ENVELOPE_RULES, *BODY_RULES, *COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = BODY_UNREAD
    by_outline: ClassVar[bool] = True

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Messages in the request or choices in the response, and not another's signature."""
        request, response, _ = bodies(record)
        return _is_chat(record, request, response) and not _is_others(record, request, response)

    def signature(self, record: Mapping[str, Any]) -> str:
        """What gave the record away."""
        request, response, _ = bodies(record)
        found = [f"request.{key}" for key in ("messages", "prompt") if key in request]
        found += ["response.choices"] if "choices" in response else []
        return " and ".join(found)

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it has no chat in it, or another format's."""
        request, response, answer = bodies(record)
        if not _is_chat(record, request, response) or _is_others(record, request, response):
            return None
        columns = apply_rules(_RULES, view_of(record, request, response))
        add_headers(columns, record, request, response)
        columns |= chat_columns(request, response)
        if columns.get("completion") is None:
            columns["completion"] = answer
        return columns


_RULES: Final = (*ENVELOPE_RULES, *BODY_RULES)


def _is_chat(record: Mapping[str, Any], request: Record, response: Record) -> bool:
    choices = response.get("choices")
    return (
        is_messages(request.get("messages"))
        or (isinstance(choices, list) and all(isinstance(c, dict) for c in choices))
        # A prompt inside a request; beside other columns it would be a canonical record.
        or (isinstance(request.get("prompt"), str) and "prompt" not in record)
    )


def _is_others(record: Mapping[str, Any], request: Record, response: Record) -> bool:
    return (
        is_anthropic(request, response)
        or bool(owner_of(record))
        or has_responses(record, request, response)
    )


def chat_columns(request: Record, response: Record) -> Record:
    """The computed columns of a chat request and response."""
    columns = from_messages(request.get("messages"))
    if columns.get("prompt") is None and isinstance(request.get("prompt"), str):
        columns["prompt"] = request["prompt"]
    for key in ("tools", "functions"):
        if isinstance(request.get(key), list):
            columns["tools"] = len(request[key])
            break
    logprobs = request.get("logprobs")
    if isinstance(logprobs, int):
        columns["logprobs"] = bool(logprobs)
    effort = request.get("reasoning_effort")
    if isinstance(effort, str):
        columns["thinking"] = effort.lower() != "none"
    choices = response.get("choices")
    choices = [c for c in choices if isinstance(c, dict)] if isinstance(choices, list) else []
    said = [each.get("message") or {"content": each.get("text")} for each in choices]
    columns["dialogue"] = both(columns.get("dialogue"), answered(*said))
    if choices:
        first = choices[0]
        message = first.get("message")
        if isinstance(message, dict):
            columns["completion"] = text_of(message.get("content"))
            if not columns["completion"] and isinstance(message.get("refusal"), str):
                columns["completion"] = message["refusal"]
            reasoning = message.get("reasoning_content") or message.get("reasoning")
            columns["reasoning"] = reasoning if isinstance(reasoning, str) else None
        elif isinstance(first.get("text"), str):
            columns["completion"] = first["text"]
        if isinstance(first.get("text"), str) and columns.get("completion") is None:
            columns["completion"] = first["text"]
    return columns
