"""What the bodies of either provider say, for gateways that carry both.

The provider's own word goes before the gateway's: a gateway counts and names what it understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.formats.anthropic import add_cached, anthropic_columns, is_anthropic, message_of
from workbench.formats.envelope import add_headers, bodies
from workbench.formats.openai import chat_columns
from workbench.formats.owners import OwnedFormat
from workbench.formats.shape import Record, Rule, apply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.ports import ReadOptions

_BODY_RULES: Final[tuple[Rule, ...]] = (
    Rule("user_agent", (), "the header user-agent, where a body was logged with its headers"),
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


class BodiesInARecord(OwnedFormat):
    """A gateway's record around a request and a response; a format of it says its rules."""

    def convert(
        self,
        record: Mapping[str, Any],
        options: ReadOptions,  # noqa: ARG002  the port's signature
    ) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is not this gateway's."""
        return self.columns_of(record) if self.matches(record) else None

    def columns_of(self, record: Mapping[str, Any]) -> Record:
        """Columns of a record that is this gateway's."""
        request, response, answer = bodies(record)
        response = message_of(response)
        view = {**record, "request": request, "response": response}
        columns = apply_rules(self.rules, view, exact=True)
        add_headers(columns, record, request, response)
        if is_anthropic(request, response):
            columns |= anthropic_columns(request, response)
            add_cached(columns, response.get("usage"))
        else:
            columns |= chat_columns(request, response)
        if columns.get("completion") is None:
            columns["completion"] = answer
        _cut_query(columns)
        return columns


def _cut_query(columns: Record) -> None:
    """Cut the query off the endpoint: keys are sent in it, and it is no part of the path."""
    endpoint = columns.get("endpoint")
    if isinstance(endpoint, str):
        columns["endpoint"] = endpoint.partition("?")[0]
