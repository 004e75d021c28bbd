"""OpenAI Batch: lines of the input file, and of the output and error files.

A request and what became of it lie in two files and share a custom_id, which is unique in its
batch only. Must not join them: each line is read for what it says itself, and says what it is
half of. Azure OpenAI writes the same lines.

Source: platform.openai.com/docs/api-reference/batch, "The request input object" and "The request
output object". No line names its batch (``id`` is the request's own); what a log adds around it
may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.anthropic_batch import side_of
from workbench.formats.bodies import body_columns, either, with_bodies
from workbench.formats.envelope import ENVELOPE_RULES
from workbench.formats.halves import HALF, Half, batch_of, name_of
from workbench.formats.owners import OwnedFormat, may_be
from workbench.formats.paths import as_object
from workbench.formats.shape import (
    UNREADABLE,
    Rule,
    Unread,
    apply_rules,
    as_body,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


_OWN_RULES: Final[tuple[Rule, ...]] = (
    Rule("request_id", ("custom_id",), "unique in its batch only"),
    Rule("error_type", ("error.code",), "of lines of the error file"),
)
_OWN: Final = frozenset(rule.column for rule in _OWN_RULES)
_ENVELOPE: Final = {rule.column: rule for rule in ENVELOPE_RULES if rule.column not in _OWN}
_ENVELOPE["status"] = Rule(
    "status", _ENVELOPE["status"].sources, "else `response.status_code`, beside the body"
)
_AROUND: Final = tuple(_ENVELOPE.values())


class OpenAIBatch(OwnedFormat):
    """Lines of OpenAI batches."""

    name: ClassVar[str] = "openai-batch"
    about: ClassVar[str] = (
        "OpenAI Batch, also Azure's: lines of the input file (`custom_id`, `method`, `url`, "
        "`body`) and of the output and error files (`id`, `custom_id`, `response`, `error`), or "
        "both in one record; `request` is `body`, `response` is `response.body`. The two "
        "lines of a request are halves, which an import joins. Account and address are in neither; "
        "what a log adds around them is read as in `openai`."
    )
    rules: ClassVar[tuple[Rule, ...]] = with_bodies(*_AROUND, *_OWN_RULES, own_first=True)
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(("method",), "always POST"),
        Unread(
            ("id", "response.id", "response.request_id"),
            "ids of the batch and of the answer: `custom_id` binds request and result",
        ),
        Unread(("error.message",), "an error's words: its code is kept"),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is no line of a batch."""
        if not may_be(self.name, record):
            return None
        answer = as_object(record.get("response"))
        request, response = as_body(record.get("body")), as_body(answer.get("body"))
        columns = apply_rules(_AROUND, {**record, "request": request, "response": response})
        columns |= apply_rules(_OWN_RULES, record, exact=True)
        if "status" not in columns:
            columns["status"] = answer.get("status_code")
        columns = either(columns, body_columns(request, response, columns.get("endpoint")))
        if record.get("body") and not request:
            columns["prompt"] = UNREADABLE
        if (record.get("response") and not answer) or (answer.get("body") and not response):
            columns["completion"] = UNREADABLE
        if key := name_of(record.get("custom_id")):
            asked = bool(record.get("body"))
            answered = bool(record.get("response") or record.get("error"))
            columns[HALF] = Half(self.name, side_of(asked, answered), key, batch_of(record))
        return columns
