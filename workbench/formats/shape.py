"""What the formats have in common: declared rules that say where each column comes from.

A format is a table of rules and a few named computations. The rules drive the conversion and
the table in docs/formats.md alike, so that the two cannot differ.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.domain.ports import Detection
from workbench.formats.paths import embedded_json, look_up, parse_path
from workbench.formats.sse import assemble, looks_streamed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.formats.paths import Path

Record = dict[str, Any]

#: Stands for something that is there and is no value of its column: NULL, counted as coerced.
UNREADABLE: Final[Record] = {"unreadable": True}


@dataclass(frozen=True, slots=True)
class Rule:
    """Where one canonical column comes from.

    Attributes:
        column: Canonical column.
        sources: Paths, tried in order; the first value that is neither missing nor empty wins.
            ``request.`` and ``response.`` lead into the two bodies, anything else into the
            record around them.
        how: What is made of it, in plain words; empty when the value is taken as it is. Names in
            backticks are fields that are read for it.
    """

    column: str
    sources: tuple[str, ...] = ()
    how: str = ""
    paths: tuple[Path, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", tuple(parse_path(source) for source in self.sources))


@dataclass(frozen=True, slots=True)
class Unread:
    """Fields that a format's records have and that fill no column.

    Attributes:
        fields: Paths as in a rule; ``[]`` is every element of a list, ``.*`` what no rule names.
        why: Why not, in plain words.
        looked_at: Whether they tell what the record is: then what they hold is not indifferent.
    """

    fields: tuple[str, ...]
    why: str
    looked_at: bool = False


class RecordFormat(ABC):
    """A log format that reads one decoded record at a time."""

    #: As in ``--format``.
    name: ClassVar[str]
    #: One sentence for docs/formats.md.
    about: ClassVar[str]
    #: Where every column comes from.
    rules: ClassVar[tuple[Rule, ...]]
    #: What else its records are known to have.
    unread: ClassVar[tuple[Unread, ...]] = ()
    #: Whether it reads lines of text (``text_logs``), and in its files no other format reads any:
    #: several lines of such a log tell of one request.
    of_text: ClassVar[bool] = False
    #: Whether records that differ only in what tells nothing (``outlines``) are read alike: the
    #: same columns out of the same places.
    by_outline: ClassVar[bool] = False
    #: Of such a format: keys whose values are times, of which it looks at the order.
    clocks: ClassVar[tuple[str, ...]] = ()
    #: What a record of its shape is that holds no exchange; empty where nothing can be said.
    otherwise: ClassVar[str] = ""

    @abstractmethod
    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has this format's shape; formats' shapes exclude each other."""

    @abstractmethod
    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Canonical column -> raw value; None when the record is not for this format to read."""

    @abstractmethod
    def signature(self, record: Mapping[str, Any]) -> str:
        """What in a matching record gave it away: "keys request_id, prompt"."""

    def detect(self, records: Sequence[Mapping[str, Any]]) -> Detection | None:
        """Judge the first records of a file; confidence is the share that match."""
        matching = [record for record in records if self.matches(record)]
        if not matching:
            return None
        what = self.signature(matching[0])
        reason = f"{what} in {len(matching)} of {len(records)} records"
        return Detection(self.name, len(matching) / len(records), reason)


def apply_rules(rules: Sequence[Rule], view: Mapping[str, Any], *, exact: bool = False) -> Record:
    """Columns by their rules; those without a value are left out.

    An object or list is no value here: ``user`` may hold a name or a whole object.

    Args:
        rules: Where the columns come from.
        view: The record, its bodies opened.
        exact: Whether the names are one product's own. Then an object in the place of a value is
            a wrong one: where nothing better is found the column is unreadable.
    """
    out: Record = {}
    for rule in rules:
        for path in rule.paths:
            if path[0] not in view:  # most namings are not this log's
                continue
            value = look_up(view, path)
            if value is None or value == "":
                continue
            if not isinstance(value, dict | list):
                out[rule.column] = value
                break
            if exact and value:
                out.setdefault(rule.column, UNREADABLE)
    return out


def mark_unreadable(columns: Record, **given: Any) -> None:
    """Count a column as coerced that stayed empty although its field holds no content at all.

    Args:
        columns: Canonical column -> raw value, changed in place.
        given: Canonical column -> the field that its text comes from. A text, and a list of
            objects or texts, is content, even where there is no text in it (a picture).
    """
    for column, value in given.items():
        if columns.get(column) is None and not _is_content(value):
            columns[column] = UNREADABLE


def _is_content(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, dict | str) for item in value)
    return value is None or isinstance(value, str)


def as_body(value: Any) -> Record:
    """A request or response body as an object: from an object, JSON text, or a stream's text.

    An HTTP wrapper (``{"body": ..., "headers": ...}``) is opened; headers and status stay
    reachable as ``_headers`` and ``_status``. What holds no object gives an empty one.
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        value = assemble(value) if looks_streamed(value) else embedded_json(value.strip())
    if not isinstance(value, dict):
        return {}
    if "body" in value and not _BODY_KEYS & value.keys():
        inner = value["body"]
        if isinstance(inner, dict) and inner.keys() <= {"string", "encoding"}:
            inner = inner.get("string")
        status = value.get("status_code", value.get("status"))
        if isinstance(status, dict):
            status = status.get("code")
        body = as_body(inner)
        return body | {"_headers": value.get("headers"), "_status": status}
    return value


#: Keys of a body itself: a wrapper has none of them.
_BODY_KEYS = frozenset({"model", "messages", "choices", "content", "usage", "input", "error"})
