"""What the bodies of any provider say, for records that carry all of them.

The provider's own word goes before the gateway's: a gateway counts and names what it understood.
Whose an exchange was, what became of it and how long it took the gateway knows better.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from workbench.formats import anthropic, openai, openai_responses
from workbench.formats.envelope import add_headers, bodies
from workbench.formats.owners import OwnedFormat
from workbench.formats.shape import UNREADABLE, Record, Rule, apply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping


_WHOSE: Final[tuple[Rule, ...]] = (
    Rule(
        "end_user",
        (
            *("request.safety_identifier", "request.user", "request.metadata.user_id"),
            *openai_responses.END_USER,
        ),
    ),
    Rule("session_id", openai_responses.SESSION),
)
_ERROR: Final = (Rule("error_type", ("response.error.type", "response.error.code")),)
#: What the record around the bodies knows better than they.
_AROUND: Final = frozenset({"end_user", "session_id", "error_type", "status", "latency_ms"})
_IN_BODIES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(
        rule.column
        for provider in (openai, openai_responses, anthropic)
        for rule in (*_WHOSE, *_ERROR, *provider.BODY_RULES, *provider.COMPUTED)
    )
)


def with_bodies(*own: Rule, own_first: bool = False) -> tuple[Rule, ...]:
    """A record's own rules, and for the documents what the bodies in it say besides.

    Args:
        own: Of the record around the bodies.
        own_first: Whether the bodies are asked only for what the record leaves open.
    """
    rules = []
    for rule in own:
        if rule.column in _IN_BODIES or rule.column in _AROUND:
            bodies_last = own_first or rule.column in _AROUND
            how = "else of the bodies" if bodies_last else "but of the bodies first"
            rules.append(replace(rule, how="; ".join(filter(None, (rule.how, how)))))
        else:
            rules.append(rule)
    named = {rule.column for rule in own}
    rules += [Rule(column, (), "of the bodies") for column in _IN_BODIES if column not in named]
    if "user_agent" not in named:
        rules.append(
            Rule("user_agent", (), "the header user-agent, where a body has its headers beside it")
        )
    return tuple(rules)


def body_columns(request: Record, response: Record, endpoint: Any = None) -> Record:
    """Columns that a request and its response hold, whichever provider's they are.

    Args:
        request: As sent; empty where it was not logged.
        response: The same.
        endpoint: Where it was sent to, for requests that alone tell too little.
    """
    view = {"request": request, "response": response}
    # Who and which conversation may be said by whole objects, which are nothing wrong.
    columns = apply_rules(_WHOSE, view) | apply_rules(_ERROR, view, exact=True)
    if anthropic.is_anthropic(request, response):
        columns |= apply_rules(anthropic.BODY_RULES, view, exact=True)
        columns |= anthropic.anthropic_columns(request, response)
        anthropic.add_cached(columns, response.get("usage"))
    elif openai_responses.is_responses(request, response, endpoint):
        columns |= apply_rules(openai_responses.BODY_RULES, view, exact=True)
        openai_responses.add_computed(columns, request, response)
    else:
        columns |= apply_rules(openai.BODY_RULES, view, exact=True)
        columns |= openai.chat_columns(request, response)
    return {column: value for column, value in columns.items() if value is not None}


def either(first: Record, second: Record) -> Record:
    """The columns of both; where both have one, the first's, unless that is unreadable."""
    good = {k: v for k, v in first.items() if v is not UNREADABLE or k not in second}
    return second | good


class BodiesInARecord(OwnedFormat):
    """A gateway's record around a request and a response; a format of it says its rules."""

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is not this gateway's."""
        return self.columns_of(record) if self.matches(record) else None

    def columns_of(self, record: Mapping[str, Any]) -> Record:
        """Columns of a record that is this gateway's."""
        request, response, answer = bodies(record)
        response = anthropic.message_of(response)
        view = {**record, "request": request, "response": response}
        columns = apply_rules(self.rules, view, exact=True)
        endpoint = columns.get("endpoint")
        if isinstance(endpoint, str):  # keys are sent in its query, which is no part of the path
            columns["endpoint"] = endpoint.partition("?")[0]
        add_headers(columns, record, request, response)
        said = body_columns(request, response, columns.get("endpoint"))
        beside = {column: said.pop(column) for column in _AROUND & said.keys()}
        columns = either(either(said, columns), beside)
        if answer and columns.get("completion") is None:
            columns["completion"] = answer
        return columns
