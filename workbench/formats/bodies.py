"""What the bodies of either provider say, for gateways that carry both.

The provider's own word goes before the gateway's: a gateway counts and names what it understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.formats.anthropic import add_cached, anthropic_columns, is_anthropic, message_of
from workbench.formats.openai import chat_columns
from workbench.formats.shape import Record, Rule, apply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BODY_RULES: Final[tuple[Rule, ...]] = (
    Rule("model", ("response.model", "request.model")),
    Rule("error_type", ("response.error.type", "response.error.code")),
    Rule("stop_reason", ("response.choices[0].finish_reason", "response.stop_reason")),
    Rule("stream", ("request.stream",)),
    Rule("in_tok", ("response.usage.prompt_tokens", "response.usage.input_tokens")),
    Rule("out_tok", ("response.usage.completion_tokens", "response.usage.output_tokens")),
    Rule(
        "reasoning_tok",
        (
            "response.usage.completion_tokens_details.reasoning_tokens",
            "response.usage.output_tokens_details.thinking_tokens",
        ),
    ),
    Rule(
        "cached_tok",
        (
            "response.usage.prompt_tokens_details.cached_tokens",
            "response.usage.cache_read_input_tokens",
        ),
    ),
    Rule("temperature", ("request.temperature",)),
    Rule("n", ("request.n",)),
    Rule("max_tok", ("request.max_completion_tokens", "request.max_tokens")),
    Rule("logprobs", ("request.logprobs",)),
    Rule("thinking", ("request.reasoning_effort",), "as in `openai` or `anthropic`"),
)
_COMPUTED: Final[tuple[Rule, ...]] = tuple(
    Rule(column, (), "as in `openai` or `anthropic`, whichever the bodies are")
    for column in ("system", "prompt", "n_turns", "tools", "completion", "reasoning")
)


def with_bodies(*own: Rule) -> tuple[Rule, ...]:
    """A gateway's own rules and those of the bodies; where both have a column, the bodies first."""
    body = {rule.column: rule for rule in _BODY_RULES}
    merged = []
    for rule in own:
        inner = body.pop(rule.column, None)
        if inner is None:
            merged.append(rule)
        else:
            sources = (*inner.sources, *rule.sources)
            merged.append(Rule(rule.column, sources, rule.how or inner.how))
    return (*merged, *body.values(), *_COMPUTED)


def body_columns(
    rules: Sequence[Rule], record: Mapping[str, Any], request: Record, response: Record
) -> Record:
    """The columns of a gateway's record.

    Args:
        rules: As ``with_bodies`` gives them.
        record: The record around the bodies.
        request: Request body, opened; empty when there is none.
        response: Response body, opened; empty when there is none.
    """
    response = message_of(response)
    view = {**record, "request": request, "response": response}
    columns = apply_rules(rules, view, exact=True)
    if is_anthropic(request, response):
        columns |= anthropic_columns(request, response)
        add_cached(columns, response.get("usage"))
    else:
        columns |= chat_columns(request, response)
    return columns


def without_query(columns: Record) -> None:
    """Cut the query off the endpoint: keys are sent in it, and it is no part of the path."""
    endpoint = columns.get("endpoint")
    if isinstance(endpoint, str):
        columns["endpoint"] = endpoint.partition("?")[0]
