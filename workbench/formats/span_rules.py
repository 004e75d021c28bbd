"""Where the columns of a span come from, in each convention's names, and what fills none.

Must not look into a span: ``opentelemetry`` follows the rules and computes what they cannot say.
"""

from __future__ import annotations

from typing import Final

from workbench.formats.shape import Rule, Unread


def _named(*names: str) -> tuple[str, ...]:
    """Paths to attributes, whose names have dots."""
    return tuple(f'["{name}"]' for name in names)


def _parameter(*names: str) -> tuple[str, ...]:
    """Parameters of the call, which OpenInference keeps as one JSON text."""
    return tuple(f'["llm.invocation_parameters"].{name}' for name in names)


READ: Final[tuple[Rule, ...]] = (
    Rule("request_id", (*_named("gen_ai.response.id"), "spanId")),
    Rule("ts", ("startTimeUnixNano", "timeUnixNano", "observedTimeUnixNano")),
    Rule("account_id", _named("metadata.user_api_key_hash"), "as LiteLLM's spans have it"),
    Rule("org_id", _named("metadata.user_api_key_org_id", "metadata.user_api_key_team_id")),
    Rule(
        "end_user",
        _named(
            *("user.id", "enduser.id", "gen_ai.request.user", "llm.user", "langfuse.user.id"),
            *("traceloop.association.properties.user_id", "metadata.user_api_key_end_user_id"),
        ),
    ),
    Rule(
        "session_id",
        (
            *_named("gen_ai.conversation.id", "session.id", "langfuse.session.id"),
            *_named("traceloop.association.properties.session_id"),
            "traceId",
        ),
        "the trace stands for a session that nobody names",
    ),
    Rule("ip", _named("client.address", "http.client_ip", "metadata.requester_ip_address")),
    Rule("country", _named("geo.country.iso_code")),
    Rule("user_agent", _named("user_agent.original", "http.user_agent")),
    Rule("ja3", _named("tls.client.ja3")),
    Rule("provider", _named("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system")),
    Rule("endpoint", _named("gen_ai.operation.name", "gen_ai.request.type", "llm.request.type")),
    Rule(
        "model",
        _named(
            *("gen_ai.response.model", "llm.response.model_name", "gen_ai.request.model"),
            *("llm.model_name", "llm.request.model_name"),
        ),
    ),
    Rule(
        "status",
        _named("http.response.status_code", "http.status_code"),
        "else `error.type` where it is an HTTP code; else 200 where there is an answer and no "
        "error",
    ),
    Rule(
        "error_type",
        _named("error.type"),
        "else `exception.type` of the event `exception`, else `status.message` where `status.code` "
        "is that of an error",
    ),
    Rule(
        "stop_reason",
        (
            '["gen_ai.response.finish_reasons"][0]',
            *_named("gen_ai.response.finish_reasons", "llm.response.finish_reason"),
            *_named("llm.response.stop_reason", "gen_ai.completion.0.finish_reason"),
        ),
        "else that of the first answer",
    ),
    Rule(
        "stream",
        (*_named("gen_ai.request.stream", "llm.is_streaming"), *_parameter("stream")),
    ),
    Rule(
        "in_tok",
        _named(
            *("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
            *("llm.token_count.prompt", "llm.usage.prompt_tokens"),
        ),
    ),
    Rule(
        "out_tok",
        _named(
            *("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
            *("llm.token_count.completion", "llm.usage.completion_tokens"),
        ),
    ),
    Rule(
        "reasoning_tok",
        _named(
            *("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
            "llm.token_count.completion_details.reasoning",
        ),
    ),
    Rule(
        "cached_tok",
        _named(
            *("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
            "llm.token_count.prompt_details.cache_read",
        ),
    ),
    Rule("temperature", (*_named("gen_ai.request.temperature"), *_parameter("temperature"))),
    Rule("n", (*_named("gen_ai.request.choice.count"), *_parameter("n"))),
    Rule(
        "max_tok",
        (
            *_named("gen_ai.request.max_tokens"),
            *_parameter("max_completion_tokens", "max_tokens", "max_output_tokens"),
        ),
    ),
    Rule("logprobs", _parameter("logprobs"), "a number of them asked for counts as true"),
    Rule(
        "thinking",
        (*_named("gen_ai.request.reasoning.level"), *_parameter("reasoning_effort")),
        "true unless the level is none",
    ),
)
COMPUTED: Final[tuple[Rule, ...]] = (
    Rule(
        "email_domain",
        (),
        "of `user.email`, `enduser.email` or `metadata.user_api_key_user_email`",
    ),
    Rule("latency_ms", (), "`endTimeUnixNano` - `startTimeUnixNano`"),
    Rule("ttft_ms", (), "`gen_ai.response.time_to_first_chunk` (seconds)"),
    Rule(
        "system",
        (),
        "text of `gen_ai.system_instructions`, then of the system and developer messages",
    ),
    Rule(
        "prompt",
        (),
        "text of the last user turn of `gen_ai.input.messages` (attribute, or of the event "
        "`gen_ai.client.inference.operation.details`), `gen_ai.prompt.N`, "
        "`llm.input_messages.N`, the events `gen_ai.user.message` (beside "
        "`gen_ai.system.message`, `gen_ai.assistant.message`, `gen_ai.tool.message`), "
        "`gen_ai.prompt` (also of the event `gen_ai.content.prompt`), `llm.prompts.N` or "
        "`input.value`: the first that is there; an object of another shape stays as its JSON text",
    ),
    Rule("n_turns", (), "user turns with text"),
    Rule(
        "tools",
        (),
        "number of `gen_ai.tool.definitions`, `llm.tools.N` or `llm.request.functions.N`, else of "
        "the `tools` in `llm.invocation_parameters`",
    ),
    Rule(
        "completion",
        (),
        "text of the first answer: `gen_ai.output.messages`, `gen_ai.completion.N`, "
        "`llm.output_messages.N`, the event `gen_ai.choice`, `gen_ai.completion` (also of the "
        "event `gen_ai.content.completion`), `llm.choices.N` or `output.value`",
    ),
    Rule("reasoning", (), "reasoning parts of the first answer"),
    Rule(
        "dialogue",
        (),
        "messages, where there are more than a question and an answer in words; the answers behind "
        "the first one, too",
    ),
)
#: What spans of model calls have besides: fields, then attributes.
UNREAD: Final[tuple[Unread, ...]] = (
    Unread(
        (
            *("parentSpanId", "traceState", "flags", "name", "kind", "links", "scope"),
            *("events[].timeUnixNano", "droppedAttributesCount", "droppedEventsCount"),
            *("droppedLinksCount", "severityNumber", "severityText", "body"),
        ),
        "how the trace is put together: calls are told by their attributes",
    ),
    Unread(
        (
            *("server.address", "server.port", "http.request.method", "http.method", "http.url"),
            *("url.full", "url.path", "network.*", "net.*"),
        ),
        "where the call went: the provider is kept",
    ),
    Unread(
        ("service.*", "telemetry.*", "deployment.*", "host.*", "process.*"),
        "which application asked: say with `--map` where that is a customer",
    ),
    Unread(
        (
            *("gen_ai.request.top_p", "gen_ai.request.top_k", "gen_ai.request.seed"),
            *("gen_ai.request.frequency_penalty", "gen_ai.request.presence_penalty"),
            *("gen_ai.request.stop_sequences", "gen_ai.request.encoding_formats"),
            *("gen_ai.output.type", "llm.top_k", "llm.frequency_penalty", "llm.presence_penalty"),
            "llm.invocation_parameters.*",
        ),
        "settings beside `temperature`, `n` and the limit of tokens: no signal asks for them",
    ),
    Unread(
        (
            *("gen_ai.usage.cache_creation.input_tokens", "llm.usage.total_tokens"),
            *("gen_ai.usage.total_tokens", "llm.token_count.*"),
        ),
        "sums and parts of the tokens that are kept",
    ),
    Unread(
        ("llm.cost.*", "gen_ai.usage.cost"),
        "what it cost: `workbench loss` counts by the price list that you give",
    ),
    Unread(
        ("gen_ai.agent.*", "gen_ai.data_source.id", "gen_ai.tool.name", "gen_ai.tool.call.*"),
        "which agent or tool asked: steps of theirs are spans of their own",
    ),
    Unread(
        ("gen_ai.openai.*", "openai.*", "aws.*", "azure.*"),
        "how the provider served it: says nothing of who asked what",
    ),
    Unread(
        (
            *("metadata.*", "tag.tags", "traceloop.*", "langfuse.*"),
            "llm.prompt_template.*",
        ),
        "the application's own notes: say with `--map` which of them is a column",
    ),
    Unread(("user.name", "user.roles"), "what a person is called: ids tell persons apart"),
    Unread(("input.mime_type", "output.mime_type"), "how the text is written"),
    Unread(
        (
            *("openinference.span.kind", "gen_ai.span.kind", "traceloop.span.kind"),
            *("eventName", "event.name", "events[].name"),
        ),
        "what the record is",
        looked_at=True,
    ),
)
