"""How records lie in a file: one a line, values of a JSON array, rows of CSV.

A container finds where the last whole record of some bytes ends, and cuts whole records apart.
Must not judge what is in a record: that is for ``adapter``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from workbench.formats.decode import LONGEST_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_NEWLINE, _RETURN, _QUOTE, _BACKSLASH = b'\n\r"\\'
_EVENTS: Final = np.zeros(256, np.int8)
_EVENTS[list(b"{[")] = 1
_EVENTS[list(b"}]")] = -1
_MARKED: Final = _EVENTS.astype(bool)
_MARKED[_QUOTE] = True
_BETWEEN: Final = b" \t\r\n,"


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

    Attributes:
        delimiter: Between fields.
        quoted: False where quotes are text like any other, as many writers of TSV have it.
    """

    delimiter: str = ","
    quoted: bool = True
    resumes_at_newline: bool = False

    def boundary(self, data: bytes) -> int:
        """After the last line feed that ends a row."""
        array = np.frombuffer(data, np.uint8)
        feeds = np.flatnonzero(array == _NEWLINE)
        quotes = np.flatnonzero(array == _QUOTE)
        if not self.quoted or not len(quotes) or not len(feeds):
            return int(feeds[-1]) + 1 if len(feeds) else 0
        # A return without a line feed ends a row early, with an error.
        lone_return = data.count(b"\r") != data.count(b"\r\n")
        if lone_return or not self._well_formed(array, quotes):
            return self._boundary_by_reader(data)
        outside = feeds[np.searchsorted(quotes, feeds) % 2 == 0]
        return int(outside[-1]) + 1 if len(outside) else 0

    def is_quoted(self, data: bytes, *, whole: bool) -> bool:
        """Whether its quotes stand where CSV has them; also where there are none.

        Args:
            data: The first bytes of the file.
            whole: Whether these are all of it: then every quote must be closed.
        """
        array = np.frombuffer(data, np.uint8)
        quotes = np.flatnonzero(array == _QUOTE)
        return self._well_formed(array, quotes) and not (whole and len(quotes) % 2)

    def _well_formed(self, array: NDArray[np.uint8], quotes: NDArray[np.int64]) -> bool:
        """Whether every quote opens or closes a field, or is doubled: then parity tells inside.

        An opening quote stands at the start of a field or right after a closing one (doubled); a
        closing quote stands before a delimiter, a line's end, or an opening one.
        """
        edge = np.zeros(256, bool)
        edge[[_NEWLINE, _RETURN, _QUOTE, ord(self.delimiter)]] = True
        opening, closing = quotes[::2], quotes[1::2]
        opens = edge[array[opening[opening > 0] - 1]].all()
        closing = closing[closing < len(array) - 1]
        return bool(opens and edge[array[closing + 1]].all())

    def _boundary_by_reader(self, data: bytes) -> int:
        """The slow way, for stray quotes: the rows as the reader itself cuts them."""
        starts, items = self.split(data)
        if data.endswith(b"\n") and items and self._closed(items[-1]):
            return len(data)
        return int(starts[-1]) if len(starts) else 0

    def _closed(self, row: bytes) -> bool:
        """Whether a row ends outside quotes: one more row after it stays a row of its own."""
        text = (row + b"\nx\n").decode("utf-8", "surrogateescape")
        try:
            return (
                len(list(csv.reader(text.splitlines(keepends=True), delimiter=self.delimiter))) > 1
            )
        except csv.Error:
            return True

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """Rows without their line's end."""
        spans = [(start, end) for start, end, _ in self.rows(data)]
        items = [data[start:end].rstrip(b"\r\n") for start, end in spans]
        return np.array([start for start, _ in spans], np.int64), items

    def rows(self, data: bytes) -> Iterator[tuple[int, int, list[str] | str]]:
        """Start, end and fields of every row; a text instead of fields says why there are none.

        Bytes that are not UTF-8 arrive as surrogates (``surrogateescape``).
        """
        csv.field_size_limit(LONGEST_RECORD)
        parts = data.split(b"\n")
        if not parts[-1]:
            parts.pop()
        ends = np.cumsum([len(part) + 1 for part in parts]).tolist()
        if ends:
            ends[-1] = len(data)
        text = data.decode("utf-8", "surrogateescape").split("\n")
        reader = csv.reader(
            (line + "\n" for line in text[: len(parts)]),
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
        )
        start, lines = 0, 0
        while lines < len(parts):
            fields: list[str] | str
            try:
                fields = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                fields = str(error)
            # A reader that failed has still taken its lines.
            lines = max(reader.line_num, lines + 1)
            end = ends[lines - 1]
            yield start, end, fields
            start = end
