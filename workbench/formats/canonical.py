"""The canonical columns under their own names, in whatever frame records lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.domain.exchange import CANONICAL_SCHEMA, CONTENT_COLUMNS
from workbench.formats.coerce import INDEX
from workbench.formats.openai_responses import is_bare
from workbench.formats.owners import TELLING, owner_of
from workbench.formats.shape import RecordFormat, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Keys that give other formats away. A record with one of them is canonical only where it
#: holds a prompt or completion of its own.
_FOREIGN: Final[tuple[str, ...]] = (
    "messages",
    "choices",
    "request",
    "response",
    "request_body",
    "response_body",
    "requestBody",
    "responseBody",
    "body",
    "params",
    "call_type",
    "proxy_server_request",
)
#: With one of these a record is looked at as a whole: the same, and keys that alone tell little.
TELLTALES: Final[tuple[str, ...]] = tuple(dict.fromkeys((*_FOREIGN, "object", "input", *TELLING)))
_TELLTALES: Final = frozenset(TELLTALES)
_CONTENT: Final = frozenset(CONTENT_COLUMNS)
_KNOWN: Final = frozenset(INDEX)


class Canonical(RecordFormat):
    """The canonical columns."""

    name: ClassVar[str] = "canonical"
    about: ClassVar[str] = (
        "The program's own columns under their own names: JSON lines, a JSON array of objects, "
        "CSV or TSV with a header, Parquet or Arrow. Other fields are ignored."
    )
    rules: ClassVar[tuple[Rule, ...]] = tuple(
        Rule(name, (name,)) for name in CANONICAL_SCHEMA.names
    )

    def matches(self, record: Mapping[str, Any]) -> bool:
        """A text of its own, or mostly canonical keys, and no other format's shape."""
        if self.convert(record) is None:
            return False
        known = len(_KNOWN & record.keys())
        return _has_text(record) or (known >= 3 and 2 * known >= len(record))

    def signature(self, record: Mapping[str, Any]) -> str:
        """What gave the record away."""
        found = [name for name in CANONICAL_SCHEMA.names if name in record]
        rest = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return f"keys {', '.join(found[:3])}{rest}"

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The record itself; None when no column makes an exchange, or the shape is another's."""
        if _CONTENT.isdisjoint(record):
            return None
        if not _TELLTALES.isdisjoint(record):
            if is_bare(record) or owner_of(record):
                return None
            foreign = any(record.get(key) is not None for key in _FOREIGN)
            if foreign and (record.get("choices") is not None or not _has_text(record)):
                return None
        return record


def _has_text(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("prompt"), str) or isinstance(record.get("completion"), str)
