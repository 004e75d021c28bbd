"""Anthropic Message Batches: the lines that were sent and the lines that came back.

A request and its result lie in two files and share a custom_id, which is unique in its batch
only. Must not join them: each line is read for what it says itself, and says what it is half of.

Source: docs.anthropic.com, Message Batches (lines of requests and of `results_url`); no line
names its batch, what a log adds around it may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.domain.exchange import Side
from workbench.formats.anthropic import (
    BODY_RULES,
    BODY_UNREAD,
    COMPUTED,
    add_cached,
    anthropic_columns,
)
from workbench.formats.envelope import ENVELOPE_RULES
from workbench.formats.halves import HALF, Half, batch_of, name_of
from workbench.formats.owners import OwnedFormat, may_be
from workbench.formats.paths import as_object
from workbench.formats.shape import (
    UNREADABLE,
    Record,
    Rule,
    Unread,
    apply_rules,
    mark_unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


_OWN_RULES: Final[tuple[Rule, ...]] = (
    Rule("request_id", ("custom_id",), "unique in its batch only"),
    Rule(
        "error_type",
        ("result.error.error.type", "result.error.type"),
        "else `result.type`, where that is canceled or expired",
    ),
    *BODY_RULES,
)
_OWN: Final = frozenset(rule.column for rule in _OWN_RULES)
_ENVELOPE: Final = {rule.column: rule for rule in ENVELOPE_RULES if rule.column not in _OWN}
_ENVELOPE["status"] = Rule(
    "status",
    _ENVELOPE["status"].sources,
    "else 200 where `result.type` is succeeded, or the HTTP status that the API documents for the "
    "type of the error",
)
_AROUND: Final = tuple(_ENVELOPE.values())

#: Errors of the API with the status that its reference gives them.
_HTTP_OF_ERROR: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicBatch(OwnedFormat):
    """Lines of Anthropic Message Batches."""

    name: ClassVar[str] = "anthropic-batch"
    about: ClassVar[str] = (
        "Anthropic Message Batches: result lines (`custom_id`, `result`), request lines "
        "(`custom_id`, `params`), or both in one record; `request` is `params`, `response` is "
        "`result.message`. The two lines of a request are halves, which an import joins. Time, "
        "account and address are in neither; what a log adds around them is read as in "
        "`anthropic`."
    )
    rules: ClassVar[tuple[Rule, ...]] = (*_AROUND, *_OWN_RULES, *COMPUTED)
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            ("result.error.error.message", "result.error.request_id"),
            "an error's words and number: its type is kept",
        ),
        Unread(("response.id",), "the answer's own id: `custom_id` binds request and result"),
        *(each for each in BODY_UNREAD if "response.error.message" not in each.fields),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is no line of a batch."""
        if not may_be(self.name, record):
            return None
        request, result = as_object(record.get("params")), as_object(record.get("result"))
        response = as_object(result.get("message"))
        view = {**record, "request": request, "response": response}
        columns = apply_rules(_AROUND, view)
        columns |= apply_rules(_OWN_RULES, view, exact=True)
        columns |= anthropic_columns(request, response)
        add_cached(columns, response.get("usage"))
        _add_outcome(columns, result)
        mark_unreadable(
            columns,
            prompt=request.get("messages"),
            system=request.get("system"),
            completion=response.get("content") if response else result.get("message"),
        )
        tools = request.get("tools")
        if tools is not None and not isinstance(tools, list):
            columns["tools"] = UNREADABLE
        if record.get("params") and not request:
            columns["prompt"] = UNREADABLE
        if (record.get("result") and not result) or (result.get("message") and not response):
            columns["completion"] = UNREADABLE
        if key := name_of(record.get("custom_id")):
            asked, answered = bool(record.get("params")), bool(record.get("result"))
            columns[HALF] = Half(self.name, side_of(asked, answered), key, batch_of(record))
        return columns


def side_of(asked: bool, answered: bool) -> Side:
    """Which half a line of a batch is, by what is in it."""
    if asked == answered:
        return Side.WHOLE
    return Side.ASKED if asked else Side.ANSWERED


def _add_outcome(columns: Record, result: Record) -> None:
    ending = result.get("type")
    error = columns.get("error_type")
    if ending in ("canceled", "expired") and error is None:
        columns["error_type"] = ending
    if "status" not in columns:
        if ending == "succeeded":
            columns["status"] = 200
        elif isinstance(error, str):
            columns["status"] = _HTTP_OF_ERROR.get(error)
