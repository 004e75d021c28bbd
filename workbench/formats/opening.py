"""Records that hold records: traces, pages of an API, exports of clouds. What is inside is read.

Each record inside lies somewhere in the bytes of the one around it, so that it has a place, bytes
and a fate of its own; the one around it is then no record. It is opened by its brackets, not by
decoding it whole: what is sound in a document that is cut off or spoilt elsewhere is not lost.
Must not judge what the records are: that is for the formats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.formats.containers import Values
from workbench.formats.decode import UnreadableRecordError, decode_object, decode_value, readings
from workbench.formats.paths import parse_path
from workbench.formats.shape import UNREADABLE
from workbench.formats.spans import plain
from workbench.kernels.json_children import children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    Record = dict[str, Any]

NO_RECORDS: Final = "no exchange: it holds a list of records, and the list is empty"
NOT_WHOLE: Final = "not JSON: what is around its records is cut off or spoilt"

#: Holders inside holders are opened up to so many levels; deeper ones are read as records.
_DEEPEST: Final = 3
_OBJECT, _LIST, _TEXT = b'{["'


@dataclass(frozen=True, slots=True)
class Part:
    """A record inside another.

    Attributes:
        path: Where it was found: ``data[]``, ``logEvents[].message``.
        start: Where it begins in the bytes of the one around it.
        raw: Its bytes.
        record: It, decoded, with what is said of it around it; None where it cannot be read.
        other: The other reading of a record with a key twice; None where there is one.
        reason: Why it cannot be read; empty where it can.
    """

    path: str
    start: int
    raw: memoryview
    record: Record | None = None
    other: Record | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Holder:
    """A shape of records that hold records.

    Attributes:
        path: Keys of the lists that lead to them, from outside to inside; none where the record
            itself is the only one, wrapped.
        beside: Keys that a record may have beside the first of them; None for any.
        around: Keys beside the lists, at any level, that say something of every record inside.
        inner: The key under which an element keeps the record as JSON text; empty where it is it.
        plain: What makes a record easier to look into, without changing what it says.
    """

    path: tuple[str, ...]
    beside: frozenset[str] | None = frozenset()
    around: frozenset[str] = frozenset()
    inner: str = ""
    plain: Callable[[Record], Record] = dict

    @property
    def where(self) -> str:
        return ".".join([*(f"{key}[]" for key in self.path), *filter(None, [self.inner])])

    def fits(self, keys: frozenset[str]) -> bool:
        lead = {self.path[0]} if self.path else {self.inner, "timestamp"}
        return lead <= keys and (self.beside is None or keys - lead <= self.beside)


def _holder(path: str = "", *, beside: str = "", inner: str = "") -> _Holder:
    return _Holder(tuple(path.split()), frozenset(beside.split()), inner=inner)


#: One event of CloudWatch Logs alone, as a reject of such a file is written out.
_ALONE: Final = _holder(
    beside="id eventId ingestionTime logStreamName extractedFields", inner="message"
)
_HOLDERS: Final = (
    # OTLP: a line of the collector's file exporter, or the body of an export.
    *(
        _Holder(path, beside=None, around=frozenset({"resource", "scope"}), plain=plain)
        for path in (
            ("resourceSpans", "scopeSpans", "spans"),
            ("resourceLogs", "scopeLogs", "logRecords"),
        )
    ),
    # A page of an API's list: OpenAI's, Anthropic's, Langfuse's, Helicone's, LiteLLM's.
    _holder(
        "data",
        beside="object has_more first_id last_id next_page next url meta error total total_count "
        "total_pages page page_size limit offset count cursor next_cursor",
    ),
    # A trace with its observations, as Langfuse's interface saves it.
    _Holder(("observations",), beside=frozenset({"trace"}), around=frozenset({"trace"})),
    # Azure Monitor through an event hub.
    _holder("records"),
    # CloudWatch Logs: what a subscription delivers; what get- and filter-log-events answer.
    _Holder(("logEvents",), beside=None, inner="message"),
    _holder(
        "events",
        beside="nextToken nextForwardToken nextBackwardToken searchedLogStreams",
        inner="message",
    ),
    _ALONE,
    # A span of time in OpenAI's organisation usage, inside a page.
    _Holder(
        ("results",),
        beside=frozenset({"object", "start_time", "end_time", "start_time_iso", "end_time_iso"}),
        around=frozenset({"start_time", "end_time"}),
    ),
)
#: Where the records of such a span lie.
BUCKET: Final = "results[]"
#: A record with none of these holds no others.
LEADS: Final = frozenset(holder.path[0] if holder.path else holder.inner for holder in _HOLDERS)
_LISTS: Final = "|".join(sorted({holder.path[0] for holder in _HOLDERS if holder.path})).encode()
_LEAD: Final = re.compile(rb'"(?:' + _LISTS + rb')"\s*:\s*\[')
#: A line that CloudWatch Logs exports to S3: when it was, and its message.
_STAMP: Final = re.compile(rb"\s*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z (?=\{)")
_FIRST: Final = re.compile(rb"\s*\{\s*" + _LEAD.pattern + b"|" + _STAMP.pattern)


def is_mapped_inside(mapping: Mapping[str, str]) -> bool:
    """Whether somebody's mapping goes into a holder's own list: then it is read as a record."""
    return any(parse_path(source)[0] in LEADS for source in mapping.values())


def begins_opened(data: bytes) -> bool:
    """Whether a record begins as one that holds others: it need not be decoded whole."""
    return _FIRST.match(data) is not None


def is_stamped(data: bytes) -> bool:
    """Whether an object follows a time, as in what CloudWatch Logs exports to S3."""
    return _STAMP.match(data) is not None


def looks_opened(data: bytes | memoryview) -> bool:
    """Whether a text that is no JSON may still hold records."""
    return _LEAD.search(data) is not None


def opened(data: bytes, level: int = 0) -> Iterator[Part] | None:
    """The records inside a record, in the order of its bytes; None where it is no such holder.

    They are read one by one as they are asked for. An element that is no object, or that bars the
    way to them, is one of them, unreadable; so is the holder itself where there is none.

    Args:
        data: The bytes of a record, which may be cut off.
        level: How many holders are around it.
    """
    opening = len(data) - len(data.lstrip())
    stamp = _STAMP.match(data)
    if stamp is not None:
        line = Part(_ALONE.where, opening, memoryview(data)[opening:])
        return _read(line, data[stamp.end() :], {}, level, _ALONE)
    if data[opening : opening + 1] != b"{" or level == _DEEPEST:
        return None
    array = np.frombuffer(data, np.uint8)
    members, end = _members(data, array, opening)
    keys = frozenset(key for key, _, _ in members)
    holder = next((each for each in _HOLDERS if each.fits(keys)), None)
    if holder is None:
        return None
    itself = Part(holder.where, opening, memoryview(data)[opening:end])
    if not holder.path:
        text = _inner(data[:end], holder.inner)
        if text is None or not text.lstrip().startswith(b"{"):
            return None
        return chain(_read(itself, text, {}, level, holder), _after(data, end, level, holder))
    lists = [start for key, start, _ in members if key == holder.path[0] and data[start] == _LIST]
    said = holder.plain(_said(data, members, holder.around))
    found = [element for each in lists for element in _elements(data, array, each, holder, 1, said)]
    if not lists or (found and not any(data[start] == _OBJECT for start, _, _ in found)):
        return None
    return chain(_inside(itself, found, data, level, holder), _after(data, end, level, holder))


_Found = tuple[int, int, "Record"]  # first byte, one past the last, what is said around it


def _inside(
    itself: Part, found: list[_Found], data: bytes, level: int, holder: _Holder
) -> Iterator[Part]:
    """The elements, and the holder itself where it has none, or is not whole around them."""
    reason = ""
    for start, end, around in found:
        part = Part(holder.where, start, memoryview(data)[start:end])
        text = _inner(data[start:end], holder.inner) if holder.inner else None
        for each in _read(part, text, around, level, holder):
            yield each
            reason = each.reason
    closed = itself.start + len(itself.raw)
    edges = [itself.start, *(edge for start, end, _ in found for edge in (start, end)), closed]
    between = zip(edges[::2], edges[1::2], strict=True)
    try:
        decode_value(b"0".join(data[low:high] for low, high in between))
    except UnreadableRecordError:
        if not reason:  # a last element that is cut says it already
            last = memoryview(data)[edges[-2] : closed]
            yield Part(holder.where, edges[-2], last, reason=NOT_WHOLE)
    else:
        if not found:
            yield replace(itself, reason=NO_RECORDS)


def _after(data: bytes, end: int, level: int, holder: _Holder) -> Iterator[Part]:
    """What follows a holder without a line between, as Firehose writes them."""
    if data[end:].strip():
        starts, items = Values().split(data[end:])
        for start, item in zip(starts.tolist(), items, strict=True):
            part = Part("", end + start, memoryview(item))
            yield from _read(part, None, {}, level - 1, holder)


def _read(
    part: Part, text: bytes | None, around: Record, level: int, holder: _Holder
) -> Iterator[Part]:
    """One element, read: it, or the records that it holds.

    Args:
        part: The element.
        text: The JSON that it keeps as text; None where it is itself the record.
        around: What is said of it around it.
        level: How many holders are around its own.
        holder: The shape of its own.
    """
    data = bytes(part.raw) if text is None else text
    both = deeper = None
    try:
        record = decode_object(data)
        if not LEADS.isdisjoint(record):
            deeper = opened(data, level + 1)
        if deeper is None:
            both = readings(data)
    except UnreadableRecordError as error:
        if looks_opened(data):
            deeper = opened(data, level + 1)
        if deeper is None:
            yield replace(part, reason=str(error))
            return
    if deeper is None:
        record, other = both or (record, None)
        said = holder.plain(around | record)
        yield replace(part, record=said, other=other and holder.plain(around | other))
        return
    for each in deeper:
        yield replace(
            each,
            path=f"{part.path}.{each.path}".removeprefix("."),
            # Inside a text that is escaped nothing has a place of its own in the file.
            start=part.start + (each.start if text is None else 0),
            record=each.record and around | each.record,
            other=each.other and around | each.other,
        )


_Member = tuple[str, int, int]


def _members(data: bytes, array: NDArray[np.uint8], opening: int) -> tuple[list[_Member], int]:
    """Key, first byte of its value and one past its last, of what an object has; and its end."""
    found: list[_Member] = []
    key: str | None = None
    spans, closed = children(array, opening)
    for start, end, follows in spans.tolist():
        if follows and key is not None:
            found.append((key, start, end))
        key = None if follows else _text(data[start:end])
    return found, closed


def _text(data: bytes) -> str | None:
    try:
        value = decode_value(data)
    except UnreadableRecordError:
        return None
    return value if isinstance(value, str) else None


def _elements(
    data: bytes,
    array: NDArray[np.uint8],
    opening: int,
    holder: _Holder,
    depth: int,
    around: Record,
) -> Iterator[tuple[int, int, Record]]:
    """Span of every record below a list, with what is said around it."""
    for start, end, _ in children(array, opening)[0].tolist():
        if depth == len(holder.path):
            yield start, end, around
            continue
        members = _members(data, array, start)[0] if data[start] == _OBJECT else []
        below = [at for key, at, _ in members if key == holder.path[depth]]
        if data[start] != _OBJECT or any(data[at] != _LIST for at in below):
            yield start, end, around  # nothing can be found in it
            continue
        said = holder.plain(_said(data, members, holder.around))
        for at in below:
            yield from _elements(data, array, at, holder, depth + 1, around | said)


def _said(data: bytes, members: list[_Member], keys: frozenset[str]) -> Record:
    """Values of some keys; of one that is there twice, or cannot be read, ``UNREADABLE``."""
    said: Record = {}
    for key, start, end in members:
        if key not in keys:
            continue
        try:
            once = key not in said and readings(data[start:end]) is None
            said[key] = decode_value(data[start:end]) if once else UNREADABLE
        except UnreadableRecordError:
            said[key] = UNREADABLE
    return said


def _inner(raw: bytes, key: str) -> bytes | None:
    """The JSON that an element keeps under the key, as text or as it is; None without one."""
    opening = len(raw) - len(raw.lstrip())
    if raw[opening : opening + 1] != b"{":
        return None
    members, closed = _members(raw, np.frombuffer(raw, np.uint8), opening)
    found = [(start, end) for name, start, end in members if name == key]
    if len(found) != 1 or raw[closed:].strip():
        return None
    ((start, end),) = found
    if raw[start] == _OBJECT:
        return raw[start:end]
    text = _text(raw[start:end]) if raw[start] == _TEXT else None
    return None if text is None else text.encode("utf-8", "surrogatepass")
