"""Amazon Bedrock: the model invocation log, one record an invocation.

The bodies are those of the model that was asked, or of Converse, which is the same for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.anthropic import anthropic_columns
from workbench.formats.bedrock_stream import METRICS, whole_answer
from workbench.formats.dialogue import answered, both
from workbench.formats.messages import from_messages
from workbench.formats.openai import chat_columns
from workbench.formats.owners import OwnedFormat
from workbench.formats.paths import as_object, embedded_json, look_up
from workbench.formats.shape import (
    UNREADABLE,
    Record,
    Rule,
    Unread,
    apply_rules,
    mark_unreadable,
)
from workbench.formats.text import joined, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


_RULES: Final[tuple[Rule, ...]] = (
    Rule("request_id", ("requestId",)),
    Rule("ts", ("timestamp",)),
    Rule("account_id", ("identity.arn",), "of an assumed role with the name of its session"),
    Rule("org_id", ("accountId",)),
    Rule(
        "end_user",
        (
            *("requestMetadata.user_id", "requestMetadata.userId", "request.metadata.user_id"),
            *("request.safety_identifier", "request.user"),
        ),
    ),
    Rule("session_id", ("requestMetadata.session_id", "requestMetadata.sessionId")),
    Rule("endpoint", ("operation",)),
    Rule("model", ("modelId",)),
    Rule("error_type", ("errorCode",)),
    Rule(
        "stop_reason",
        (
            *("response.stop_reason", "response.stopReason"),
            *("response.results[0].completionReason", "response.choices[0].finish_reason"),
            *("response.outputs[0].stop_reason", "response.generations[0].finish_reason"),
            "response.finish_reason",
        ),
    ),
    Rule(
        "in_tok",
        (
            *("input.inputTokenCount", "response.usage.input_tokens"),
            *("response.usage.inputTokens", "response.usage.prompt_tokens"),
            *("response.inputTextTokenCount", "response.prompt_token_count"),
        ),
        "plus tokens of the cache, which are counted beside: `input.cacheReadInputTokenCount`, "
        "`input.cacheWriteInputTokenCount`, or those of `response.usage`",
    ),
    Rule(
        "out_tok",
        (
            *("output.outputTokenCount", "response.usage.output_tokens"),
            *("response.usage.outputTokens", "response.usage.completion_tokens"),
            *("response.results[0].tokenCount", "response.generation_token_count"),
        ),
    ),
    Rule(
        "reasoning_tok",
        (
            "response.usage.output_tokens_details.thinking_tokens",
            "response.usage.completion_tokens_details.reasoning_tokens",
        ),
    ),
    Rule(
        "cached_tok",
        (
            *("input.cacheReadInputTokenCount", "response.usage.cache_read_input_tokens"),
            *("response.usage.cacheReadInputTokens", "response.usage.cacheReadInputTokenCount"),
        ),
    ),
    Rule(
        "temperature",
        (
            *("request.temperature", "request.inferenceConfig.temperature"),
            "request.textGenerationConfig.temperature",
        ),
    ),
    Rule("n", ("request.n",)),
    Rule("logprobs", ("request.logprobs",), "of OpenAI's models"),
    Rule(
        "max_tok",
        (
            *("request.max_tokens", "request.max_completion_tokens"),
            *("request.inferenceConfig.maxTokens", "request.inferenceConfig.max_new_tokens"),
            *("request.textGenerationConfig.maxTokenCount", "request.max_gen_len"),
            "request.max_tokens_to_sample",
        ),
    ),
    Rule(
        "latency_ms",
        (f"response.{METRICS}.invocationLatency", "response.metrics.latencyMs"),
    ),
    Rule("ttft_ms", (f"response.{METRICS}.firstByteLatency",)),
)
_COMPUTED: Final[tuple[Rule, ...]] = (
    Rule(
        "status",
        (),
        "200 where there is an `output` and no `errorCode`, else the HTTP status that the API "
        "documents for `errorCode`",
    ),
    Rule("stream", (), "whether the `operation` is one that streams"),
    Rule(
        "thinking",
        (),
        "`request.thinking.type`, or type of `thinking` or `reasoningConfig` in "
        "`request.additionalModelRequestFields`: false when disabled, true otherwise; else "
        "`request.reasoning_effort`: true unless the effort is none",
    ),
    Rule("n_turns", (), "user turns with text in `request.messages`"),
    Rule("tools", (), "number of `request.tools`, else of `request.toolConfig.tools`"),
    Rule(
        "system",
        (),
        "text of `request.system`, then of the system messages of `request.messages`",
    ),
    Rule(
        "prompt",
        (),
        "text of the last user turn of `request.messages` that has text (also guarded text); else "
        "`request.inputText` (Titan), `request.prompt` (Llama) or `request.message`",
    ),
    Rule(
        "completion",
        (),
        "text of `response.content` (Anthropic), of `response.output.message.content` (Converse, "
        "Nova) or of `response.choices[0]`; else `response.results[0].outputText` (Titan), "
        "`response.generation` (Llama), `response.completion`, `response.outputs[0].text`, "
        "`response.generations[0].text`, `response.text`; lists of events are put together",
    ),
    Rule("reasoning", (), "thinking blocks of `response.content`, `reasoningContent` of Converse"),
    Rule(
        "dialogue",
        (),
        "`request.messages` and the answer, where they hold more than a question and an answer in "
        "words",
    ),
)
_PROMPTS: Final = ("inputText", "prompt", "message")
_COMPLETIONS: Final = (
    *(("results", 0, "outputText"), ("generation",), ("completion",), ("outputs", 0, "text")),
    *(("generations", 0, "text"), ("text",)),
)
_THINKING: Final = (
    *(("thinking",), ("additionalModelRequestFields", "thinking")),
    ("additionalModelRequestFields", "reasoningConfig"),
)
#: Tokens of the cache, by where they are counted: read, then written.
_CACHED: Final = (
    (("input", "cacheReadInputTokenCount"), ("input", "cacheWriteInputTokenCount")),
    *(
        (("response", "usage", read), ("response", "usage", write))
        for read, write in (
            ("cache_read_input_tokens", "cache_creation_input_tokens"),
            ("cacheReadInputTokens", "cacheWriteInputTokens"),
            ("cacheReadInputTokenCount", "cacheWriteInputTokenCount"),
        )
    ),
)
_STREAMING: Final = {
    "InvokeModel": False,
    "InvokeModelWithResponseStream": True,
    "InvokeModelWithBidirectionalStream": True,
    "Converse": False,
    "ConverseStream": True,
}
#: Errors of InvokeModel and Converse in the API reference of the Bedrock runtime.
_HTTP_OF_ERROR: Final = {
    "AccessDeniedException": 403,
    "ConflictException": 400,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


class Bedrock(OwnedFormat):
    """Amazon Bedrock's model invocation log."""

    name: ClassVar[str] = "bedrock"
    about: ClassVar[str] = (
        "Amazon Bedrock's model invocation log, from S3 or CloudWatch: `request` is "
        "`input.inputBodyJson`, `response` is `output.outputBodyJson`, objects, JSON text or "
        "lists of stream events, of Anthropic, Titan, Llama, Nova, OpenAI and Converse. Bodies "
        "that were delivered apart (`inputBodyS3Path`) are not in the record: NULL. Addresses "
        "and clients are in CloudTrail, not here."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*_RULES, *_COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            ("region", "inferenceRegion", "request.performanceConfig"),
            "where it was served: says nothing of who asked",
        ),
        Unread(
            ("input.inputBodyS3Path", "output.outputBodyS3Path"),
            "where bodies lie that were delivered apart: they are in another object",
        ),
        Unread(
            ("schemaVersion", "input.inputContentType", "output.outputContentType"),
            "how the record is written",
        ),
        Unread(
            ("requestMetadata.*", "request.metadata.*"),
            "the application's own notes: say with `--map` which of them is a column",
        ),
        Unread(
            (
                *("request.top_p", "request.top_k", "request.stop_sequences"),
                *("request.anthropic_version", "request.thinking.budget_tokens"),
                "request.inferenceConfig.topP",
                *("request.inferenceConfig.stopSequences", "request.textGenerationConfig.topP"),
                *("request.textGenerationConfig.stopSequences", "request.toolConfig.toolChoice"),
                "request.guardrailConfig",
            ),
            "settings beside `temperature` and the limit of tokens: no signal asks for them",
        ),
        Unread(
            (
                *("response.id", "response.role", "response.type", "response.model"),
                *("response.created", "response.object", "response.output.message.role"),
                *("request.model", "request.stream"),
            ),
            "ids, names and times of the bodies: those of the log are kept",
        ),
        Unread(
            (
                *("response.usage.totalTokens", "response.usage.total_tokens"),
                *(f"response.{METRICS}.{side}TokenCount" for side in ("input", "output")),
            ),
            "tokens that are kept already",
        ),
        Unread(("response.trace",), "what a guardrail thought of it"),
        Unread(("schemaType",), "what the record is", looked_at=True),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is no record of this log."""
        if not self.matches(record):
            return None
        asked = look_up(record, ("input", "inputBodyJson"))
        answer = look_up(record, ("output", "outputBodyJson"))
        request, response = as_object(asked), _opened_answer(answer)
        view = {**record, "request": request, "response": response}
        columns = apply_rules(_RULES, view, exact=True)
        _add_cached(columns, view)
        _add_outcome(columns, record)
        _add_asked(columns, request)
        _add_answer(columns, response)
        if asked and not request:
            columns["prompt"] = UNREADABLE
        if answer and not response:
            columns["completion"] = UNREADABLE
        return columns


def _opened_answer(answer: Any) -> Record:
    if isinstance(answer, str):
        answer = embedded_json(answer.strip())
    return whole_answer(answer) if isinstance(answer, list) else as_object(answer)


def _add_cached(columns: Record, view: Record) -> None:
    """Count cached tokens as input: the log, too, reports them beside the others."""
    total = columns.get("in_tok")
    if isinstance(total, bool) or not isinstance(total, int | float):
        return
    for pair in _CACHED:
        counts = [look_up(view, path) for path in pair]
        if any(count is not None for count in counts):
            columns["in_tok"] = total + sum(
                n for n in counts if isinstance(n, int) and not isinstance(n, bool)
            )
            return


def _add_outcome(columns: Record, record: Mapping[str, Any]) -> None:
    code = columns.get("error_type")
    if code is None:
        columns["status"] = 200 if record.get("output") else None
    elif isinstance(code, str):
        columns["status"] = _HTTP_OF_ERROR.get(code)
    operation = record.get("operation")
    if isinstance(operation, str):
        columns["stream"] = _STREAMING.get(operation)


def _add_asked(columns: Record, request: Record) -> None:
    messages = request.get("messages")
    if isinstance(messages, list):
        columns |= from_messages([_unguarded(message) for message in messages])
    system = request.get("system")
    columns["system"] = joined([text_of(system), columns.get("system")]) or text_of(system)
    if columns.get("prompt") is None:
        columns["prompt"] = next(
            (request[key] for key in _PROMPTS if request.get(key) is not None), None
        )
    tools = request.get("tools")
    if tools is None:
        tools = look_up(request, ("toolConfig", "tools"))
    if tools is not None:
        columns["tools"] = len(tools) if isinstance(tools, list) else UNREADABLE
    for path in _THINKING:
        thinking = look_up(request, path)
        if isinstance(thinking, dict):
            columns["thinking"] = thinking.get("type") != "disabled"
            break
    effort = request.get("reasoning_effort")
    if "thinking" not in columns and isinstance(effort, str):
        columns["thinking"] = effort.lower() != "none"
    mark_unreadable(columns, prompt=messages, system=system)


def _unguarded(message: Any) -> Any:
    """A message whose texts that guardrails look at are texts like others."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    texts = [look_up(block, ("guardContent", "text")) for block in content]
    return {**message, "content": [a or b for a, b in zip(texts, content, strict=True)]}


def _add_answer(columns: Record, response: Record) -> None:
    message = look_up(response, ("output", "message", "content"))
    if isinstance(message, list):
        thoughts = (look_up(b, ("reasoningContent", "reasoningText", "text")) for b in message)
        columns["completion"] = text_of(message)
        columns["reasoning"] = joined(thoughts)
        columns["dialogue"] = both(columns.get("dialogue"), answered({"content": message}))
    elif isinstance(response.get("content"), list):
        found = anthropic_columns({}, response)
        columns |= {key: found[key] for key in ("completion", "reasoning")}
        columns["dialogue"] = both(columns.get("dialogue"), found["dialogue"])
    elif isinstance(response.get("choices"), list):
        found = chat_columns({}, response)
        columns |= {key: found.get(key) for key in ("completion", "reasoning")}
        columns["dialogue"] = both(columns.get("dialogue"), found["dialogue"])
    else:
        texts = (look_up(response, path) for path in _COMPLETIONS)
        columns["completion"] = next((text for text in texts if text is not None), None)
    mark_unreadable(columns, completion=response.get("content") if message is None else message)
