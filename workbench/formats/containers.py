"""How records lie in a file: one a line, values of a JSON array, rows of CSV.

A container finds where the last whole record of some bytes ends, and cuts whole records apart.
Must not judge what is in a record: that is for ``adapter``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from workbench.formats.decode import LONGEST_RECORD, TOO_LONG
from workbench.kernels.csv_rows import (
    NEVER_CLOSED,
    TEXT_AFTER_QUOTE,
    WELL_FORMED,
    last_end,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_NEWLINE, _RETURN, _QUOTE, _BACKSLASH = b'\n\r"\\'
_EVENTS: Final = np.zeros(256, np.int8)
_EVENTS[list(b"{[")] = 1
_EVENTS[list(b"}]")] = -1
_MARKED: Final = _EVENTS.astype(bool)
_MARKED[_QUOTE] = True
_BETWEEN: Final = b" \t\r\n,"
_NOT_CSV: Final = {
    NEVER_CLOSED: "not CSV: a quote is opened and never closed",
    TEXT_AFTER_QUOTE: "not CSV: text stands behind a closing quote",
}
_LONE_RETURN: Final = "not CSV: a return without a line feed stands outside quotes"


class Container(Protocol):
    """A way to lay records into bytes."""

    @property
    def resumes_at_newline(self) -> bool:
        """Whether reading can go on at the next line after a record that never ends."""
        ...

    def boundary(self, data: bytes) -> int:
        """Length of the longest prefix that holds whole records only; 0 when there is none.

        ``data`` begins where a record may begin.
        """
        ...

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Byte offset and bytes of every record, the last of which may be cut off."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """One record a line (JSON lines). The line feed belongs to no record."""

    resumes_at_newline: bool = True

    def boundary(self, data: bytes) -> int:
        """After the last line feed."""
        return data.rfind(b"\n") + 1

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Lines; what follows the last line feed counts only if there is anything."""
        items = data.split(b"\n")
        if not items[-1]:
            items.pop()
        starts = np.zeros(len(items), np.int64)
        if len(items) > 1:
            lengths = np.fromiter(map(len, items), np.int64, len(items))
            np.cumsum(lengths[:-1] + 1, out=starts[1:])
        return starts, items


@dataclass(frozen=True, slots=True)
class Values:
    """JSON values one after the other, with white space and commas between them.

    Serves a JSON array (its opening bracket taken off before) and pretty-printed objects.
    """

    resumes_at_newline: bool = False

    def boundary(self, data: bytes) -> int:
        """After the last value that is closed."""
        _, ends = _spans(data)
        return int(ends[-1]) if len(ends) else 0

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Objects and lists, whatever stands between them, and a last one that is not closed."""
        opened, closed = _spans(data)
        starts: list[int] = []
        items: list[bytes] = []

        def between(low: int, high: int, *, last: bool = False) -> None:
            text = data[low:high]
            if last:  # the bracket that closes the array is no record
                text = text.rstrip(_BETWEEN).removesuffix(b"]")
            body = text.strip(_BETWEEN)
            if body:
                starts.append(low + text.index(body))
                items.append(body)

        position = 0
        for start, end in zip(opened.tolist(), closed.tolist(), strict=False):
            between(position, start)
            starts.append(start)
            items.append(data[start:end])
            position = end
        if len(opened) > len(closed):
            between(position, int(opened[-1]))
            position = int(opened[-1])
            starts.append(position)
            items.append(data[position:].rstrip(_BETWEEN))
        else:
            between(position, len(data), last=True)
        return np.array(starts, np.int64), items


def _spans(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where values at the top open, and where they are closed (one past the bracket).

    Brackets inside strings do not count; a bracket that closes nothing is passed over.
    """
    array = np.frombuffer(data, np.uint8)
    at = np.flatnonzero(_MARKED[array])
    kind = array[at]
    quote = kind == _QUOTE
    if _BACKSLASH in data:
        quote &= ~_escaped(array, at, quote)
    outside = (np.cumsum(quote) % 2 == 0) & (kind != _QUOTE)
    at = at[outside]
    step = _EVENTS[kind[outside]].astype(np.int64)
    walk = np.cumsum(step)
    depth = walk - np.minimum(np.minimum.accumulate(walk), 0) if len(walk) else walk
    before = np.concatenate(([0], depth[:-1])) if len(depth) else depth
    return at[(depth == 1) & (step == 1)], at[(depth == 0) & (before == 1)] + 1


def _escaped(
    array: NDArray[np.uint8], at: NDArray[np.int64], quote: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which of the quotes follow an odd number of backslashes."""
    run = np.zeros(len(at), np.int64)
    live = np.flatnonzero(quote & (at > 0))
    back = 1
    while len(live):
        live = live[(at[live] >= back)]
        live = live[array[at[live] - back] == _BACKSLASH]
        run[live] += 1
        back += 1
    odd: NDArray[np.bool_] = run % 2 == 1
    return odd


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of CSV (RFC 4180): a quoted field may hold delimiters, quotes and line feeds.

    A field whose closing quote is missing takes nothing with it: its row ends with the line in
    which it opened (``kernels.csv_rows``).

    Attributes:
        delimiter: Between fields.
        quoted: False where quotes are text like any other, as many writers of TSV have it.
    """

    delimiter: str = ","
    quoted: bool = True
    resumes_at_newline: bool = True

    def boundary(self, data: bytes) -> int:
        """After the last row that ends, whatever follows."""
        return self._last_end(data, 0)

    def given_up(self, data: bytes, within: int) -> int:
        """The same, where a quoted field that is still open at the end will never be closed."""
        return self._last_end(data, within)

    def _last_end(self, data: bytes, given_up: int) -> int:
        array = np.frombuffer(data, np.uint8)
        return int(last_end(array, ord(self.delimiter), self._quote, given_up))

    @property
    def _quote(self) -> int:
        return _QUOTE if self.quoted else -1

    def is_quoted(self, data: bytes, *, whole: bool) -> bool:
        """Whether its quotes stand where CSV has them; also where there are none.

        An opening quote stands at the start of a field or right after a closing one (doubled); a
        closing quote stands before a delimiter, a line's end, or an opening one.

        Args:
            data: The first bytes of the file.
            whole: Whether these are all of it: then every quote must be closed.
        """
        array = np.frombuffer(data, np.uint8)
        quotes = np.flatnonzero(array == _QUOTE)
        if whole and len(quotes) % 2:
            return False
        edge = np.zeros(256, bool)
        edge[[_NEWLINE, _RETURN, _QUOTE, ord(self.delimiter)]] = True
        opening, closing = quotes[::2], quotes[1::2]
        opens = edge[array[opening[opening > 0] - 1]].all()
        closing = closing[closing < len(array) - 1]
        return bool(opens and edge[array[closing + 1]].all())

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Rows without their line's end."""
        ends, _ = self._ends(data)
        starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        return starts, [data[start:end].rstrip(b"\r\n") for start, end in spans]

    def rows(self, data: bytes) -> Iterator[tuple[int, int, list[str] | str]]:
        """Start, end and fields of every row; a text instead of fields says why there are none.

        Bytes that are not UTF-8 arrive as surrogates (``surrogateescape``).
        """
        csv.field_size_limit(LONGEST_RECORD)
        ends, wrong = self._ends(data)
        text = ""
        reader = csv.reader(
            iter(lambda: text, None),
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            strict=True,
        )
        start = 0
        for end, what in zip(ends.tolist(), wrong.tolist(), strict=True):
            fields: list[str] | str = TOO_LONG
            if what != WELL_FORMED:
                fields = _NOT_CSV[what]
            elif end - start <= LONGEST_RECORD:
                text = data[start:end].decode("utf-8", "surrogateescape")
                try:
                    fields = next(reader)
                except csv.Error:
                    fields = _LONE_RETURN
            yield start, end, fields
            start = end

    def _ends(self, data: bytes) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Where each row ends, and what is wrong with it."""
        ends, wrong = rows_of(np.frombuffer(data, np.uint8), ord(self.delimiter), self._quote)
        return ends, wrong


def is_header(fields: list[str] | str, names: Sequence[str]) -> bool:
    """Whether a row repeats the header: tables that were joined have one each, with their mark.

    In a table of one column it may be a value: somebody's prompt may be "prompt".
    """
    return (
        not isinstance(fields, str)
        and len(fields) == len(names) > 1
        and fields[0].removeprefix("\ufeff") == names[0]
        and fields[1:] == list(names[1:])
    )
