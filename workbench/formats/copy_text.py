r"""PostgreSQL's COPY text: a row a line, tabs between columns, ``\N`` for NULL, backslash escapes.

As ``COPY ... TO``, psql's ``\copy`` and pg_dump write it: with a header, or inside the frame
``COPY table (columns) FROM stdin;`` ... ``\.``. What frames the rows is header. Must not judge
what is in a row.

Source: PostgreSQL documentation, COPY, "File Formats: Text Format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.containers import Lines
from workbench.formats.decode import LONGEST_RECORD, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

#: Instead of fields: a line of the frame, and a line without anything.
FRAME: Final = "frame"
BLANK: Final = "blank"
#: Why a row is none, where the text has more than one table.
OF_ANOTHER: Final = "a row of another table"

Fields = tuple[str | None, ...]

_COPY: Final = re.compile(
    rb'^COPY (?P<table>[\w."$]+) \((?P<columns>[^()]+)\) FROM stdin;\r?$', re.MULTILINE
)
#: Every one has it: found as plain bytes, where a megabyte of lines would be tried one by one.
_FROM: Final = b" FROM stdin;"
_STATEMENT: Final = re.compile(
    rb"--|\\\.\r?$|\\(un)?restrict |(BEGIN|COMMIT);|"
    rb"(SET|SELECT|COPY|CREATE|ALTER|DROP|INSERT|GRANT|REVOKE|COMMENT) "
)
_ESCAPE: Final = re.compile(rb"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_MEANT: Final = {
    b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip
_NULL: Final = b"\\N"


@dataclass(frozen=True, slots=True)
class CopyText:
    """Rows of one table.

    Attributes:
        columns: Their names, in order.
    """

    columns: tuple[str, ...]
    resumes_at_newline: bool = True

    def boundary(self, data: bytes) -> int:
        """After the last line feed: those of the text are written as escapes."""
        return Lines().boundary(data)

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Lines."""
        return Lines().split(data)

    def rows(self, data: bytes) -> Iterator[tuple[int, int, Fields | str]]:
        """Start, end and fields of every line; else ``FRAME``, ``BLANK`` or a reason."""
        starts, items = self.split(data)
        ours = True
        for start, item in zip(starts.tolist(), items, strict=True):
            line = item.removesuffix(b"\r")
            begins = _COPY.match(line)
            if begins:
                ours = _names(begins["columns"]) == self.columns
            yield start, start + len(item), self._fields(line, ours=ours)

    def _fields(self, line: bytes, *, ours: bool) -> Fields | str:
        if len(line) > LONGEST_RECORD:
            return TOO_LONG
        if not line.strip():
            return BLANK
        parts = line.split(b"\t")
        if len(parts) == 1 and _STATEMENT.match(line):
            return FRAME
        if not ours:
            return OF_ANOTHER
        if len(parts) != len(self.columns):
            return (
                f"wrong number of fields: {len(parts)} fields where the table has "
                f"{len(self.columns)} columns"
            )
        try:
            fields = tuple(None if part == _NULL else _text(part) for part in parts)
        except UnicodeDecodeError:
            return "not UTF-8: bytes that are no text"
        return FRAME if fields == self.columns else fields


def copied_columns(text: bytes) -> tuple[str, ...]:
    r"""The columns of the rows that a text begins with; empty where it is no COPY text.

    Told by the frame; else by a header over rows that have ``\N``; else by rows that are those of
    ``LiteLLM_SpendLogs``, whose first columns have had one order since there are migrations.

    Args:
        text: The first bytes of a file.
    """
    frames = list(_COPY.finditer(text)) if _FROM in text else []
    if frames:
        logs = [frame for frame in frames if b"SpendLogs" in frame["table"]]
        return _names((logs or frames)[0]["columns"])
    rows = [line.removesuffix(b"\r").split(b"\t") for line in text.split(b"\n")[:_LOOK_AT]]
    rows = [row for row in rows if row != [b""] and row != [b"\\."]]
    if len(text) > _LOOK_AT and len(rows) > 1 and not text.endswith(b"\n"):
        rows.pop()  # cut off
    widths = {len(row) for row in rows}
    if len(widths) != 1 or widths == {1}:
        return ()
    names = tuple(part.decode("utf-8", "replace") for part in rows[0])
    if all(map(_NAME.fullmatch, names)) and len(set(names)) == len(names):
        nulls = any(_NULL in row for row in rows[1:])
        return names if nulls else ()
    return _spend_logs(rows)


_LOOK_AT: Final = 64
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,62}")
#: Migration 20250326162113_baseline; what later ones append has no order of its own.
_SPEND_LOGS: Final = (
    *("request_id", "call_type", "api_key", "spend", "total_tokens", "prompt_tokens"),
    *("completion_tokens", "startTime", "endTime", "completionStartTime", "model", "model_id"),
    *("model_group", "custom_llm_provider", "api_base", "user", "metadata", "cache_hit"),
    *("cache_key", "request_tags", "team_id", "end_user", "requester_ip_address", "messages"),
    "response",
)
_TIME: Final = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?([+-]\d\d(:\d\d)?)?")
_NUMBER: Final = re.compile(rb"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_JSON: Final = re.compile(rb"[{\[\"].*[}\]\"]|null|\\N", re.DOTALL)


def _spend_logs(rows: list[list[bytes]]) -> tuple[str, ...]:
    """The columns of rows without a header, where every one of them is shaped like a spend log."""
    more = len(rows[0]) - len(_SPEND_LOGS)
    if more < 0:
        return ()
    for row in rows:
        fits = (
            all(map(_NUMBER.fullmatch, row[3:7]))
            and all(map(_TIME.fullmatch, row[7:9]))
            and all(_JSON.fullmatch(row[at]) for at in (16, 19, 23, 24))
        )
        if not fits:
            return ()
    return _SPEND_LOGS + tuple(f"column_{len(_SPEND_LOGS) + 1 + n}" for n in range(more))


def _names(columns: bytes) -> tuple[str, ...]:
    names = columns.decode("utf-8", "replace").split(",")
    return tuple(name.strip().strip('"').replace('""', '"') for name in names)


def _text(part: bytes) -> str:
    if b"\\" in part:
        part = _ESCAPE.sub(_meant, part)
    return part.decode("utf-8")


def _meant(escape: re.Match[bytes]) -> bytes:
    code: Any = escape[1]
    if code in _MEANT:
        return _MEANT[code]
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    return bytes([int(code, 8) & 0xFF]) if code[:1].isdigit() and code[:1] < b"8" else bytes(code)
