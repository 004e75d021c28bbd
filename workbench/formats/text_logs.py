"""Logs of lines that are no JSON: what a line is to the formats that read such.

A line becomes the record ``{"line": "..."}``; formats that read text look for that key and nothing
else. Must not read the line: that is for its format.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The one key of such a record.
LINE: Final = "line"
#: What loggers and containers put before what they log: no quotes and tabs, and no comma but that
#: of a fraction of a second, so that a row of a table is not taken for a line.
BEFORE: Final = r"(?P<before>(?:[^,\"'\t{]|(?<=\d),(?=\d)){0,200}?)"
#: A date with a year in it.
DATED: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
#: The formats of text that are built in.
BUILT_IN_TEXT: Final = frozenset({"vllm", "uvicorn"})
#: What a line of these has somewhere, and hardly another text. Each begins with what is searched
#: for as plain bytes: one pattern of all three would take ten times as long.
_TELLING: Final = (
    re.compile(rb"Received request [\w.-]+: "),
    re.compile(rb"\" \d{3}\b"),
    re.compile(rb" HTTP/\d(\.\d)?\""),
)


def line_of(record: Mapping[str, Any]) -> str:
    """The line of such a record; empty for any other."""
    line = record.get(LINE)
    return line if len(record) == 1 and isinstance(line, str) else ""


def as_record(item: bytes) -> dict[str, Any]:
    """A line as a record.

    Raises:
        UnicodeDecodeError: It is no UTF-8.
    """
    return {LINE: item.decode("utf-8").rstrip("\r")}


def may_be_text(text: bytes) -> bool:
    """Whether the first bytes of a file may be such a log: worth looking at line by line."""
    return any(telling.search(text) for telling in _TELLING)
