"""Recordings of server-sent events: a file that is the streams of one response after the other.

A record is the events of one response. Where one begins is told by its first event, by another
identifier, or by what ended the one before. Must not judge what a response says: that is for the
formats, once it is put together.

Sources: WHATWG HTML, "Server-sent events" (lines, comments); "Streaming" in the API references of
Anthropic (Messages) and OpenAI (Chat Completions, Responses).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from workbench.formats.decode import UnreadableRecordError, decode_object
from workbench.formats.sse import assemble_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CUT_OFF: Final = "cut off: the stream ends before the event that ends its response"
NO_BEGINNING: Final = "cut off: the stream lacks the event that begins its response"
MIXED: Final = "not one response: events of several lie among each other"

#: What a file begins with that is such a recording, after comments and fields that say nothing.
_BEGINS: Final = re.compile(rb"(?:(?:(?:event|id|retry)?:[^\r\n]*)?[\r\n]+)*data:[ \t]*\{")
#: A line with its end, which may be missing at the end of the bytes.
_LINE: Final = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_DATA: Final = b"data:"
_DONE: Final = b"[DONE]"
_STARTS: Final = ("message_start", "response.created")
_ENDS: Final = (
    *("message_stop", "response.completed", "response.failed", "response.incomplete"),
    "error",
)
_TYPED: Final = "\0typed"
#: What may follow the end and belongs to it.
_AFTER: Final = ("ping",)


class _Told(msgspec.Struct, gc=False):
    """What an event says of the response that it belongs to."""

    type: Any = None
    id: Any = None

    @property
    def named(self) -> str:
        """The identifier of its response, one for all whose events have types; or nothing."""
        if self.type is not None:
            return _TYPED
        return self.id if isinstance(self.id, str) else ""


_told: Final = msgspec.json.Decoder(_Told).decode


def looks_recorded(text: bytes) -> bool:
    """Whether the first bytes of a file are server-sent events with JSON in them."""
    return bool(_BEGINS.match(text))


@dataclass(frozen=True, slots=True)
class Events:
    """Responses one after the other, each a run of events; blank lines belong to no record."""

    resumes_at_newline: bool = True

    def boundary(self, data: bytes) -> int:
        """After the last response that is known to be whole."""
        starts, ended = _responses(data)
        if ended:
            return ended
        return starts[-1] if len(starts) > 1 else 0

    def split(self, data: bytes) -> tuple[NDArray[np.int64], list[bytes]]:
        """The bytes of each response, from the first line of its first event."""
        starts, _ = _responses(data)
        if not starts and data.strip():
            starts = [len(data) - len(data.lstrip())]
        ends = [*starts[1:], len(data)]
        items = [data[a:b].rstrip(b"\r\n") for a, b in zip(starts, ends, strict=True)]
        return np.array(starts, np.int64), items


def _responses(data: bytes) -> tuple[list[int], int]:
    """Where responses begin; and where the last one ends, if it does and nothing follows, or 0."""
    starts: list[int] = []
    current = ""  # what its events are told by: the identifier of a chat, or that they have types
    over = mixed = False
    ended = 0
    chats: dict[str, int] = {}  # in which response, by its place, an identifier was seen
    for start, end, payload in _events(data):
        told = _tell(payload)
        named = told.named
        at = chats.get(named, len(starts))
        if payload == _DONE:
            another = False
        elif told.type in _STARTS:
            another = True
        elif at < len(starts) - 1 and not over:  # what lies between belongs to no one response
            another, mixed = False, True
            del starts[at + 1 :]
            chats = {name: min(place, at) for name, place in chats.items()}
        else:
            another = over and told.type not in _AFTER
            another |= bool(named and current and named != current)
            another &= not (mixed and at < len(starts))
        if another or not starts:
            starts.append(start if starts else len(data) - len(data.lstrip()))
            current, over, mixed = "", False, False
        current = named or current
        if named not in ("", _TYPED):
            chats[named] = len(starts) - 1
        over |= payload == _DONE or told.type in _ENDS
        # A Responses stream may be followed by "[DONE]", which must not stand alone.
        ended = end if payload == _DONE or told.type == "message_stop" else 0
    return starts, ended


def _tell(payload: bytes) -> _Told:
    try:
        return _told(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Told()


def _events(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Of each line of data: where its event begins, where the line ends, what it says."""
    start = -1
    position = 0
    while position < len(data):
        match = _LINE.match(data, position)
        assert match is not None  # it matches anything
        line = match[1]
        if not line.strip():
            start = -1
        elif start < 0:
            start = position
        position = match.end()
        if line.startswith(_DATA):
            yield start, position, line[len(_DATA) :].strip()


def response_of(item: bytes, *, whole: bool = True) -> dict[str, Any] | None:
    """A response put together as it would have been sent at once; None where no event is there.

    Args:
        item: Its events.
        whole: Whether every event must be readable, and its end be there.

    Raises:
        UnreadableRecordError: An event is damaged, the stream is cut off, or it is of several
            responses at once.
    """
    events: list[dict[str, Any]] = []
    ended = False
    for number, (_, _, payload) in enumerate(_events(item), 1):
        if payload == _DONE:  # also what a stream ends with that an error broke off
            continue
        try:
            event = decode_object(payload)
        except UnreadableRecordError as error:
            if whole:
                raise UnreadableRecordError(f"event {number} of its stream: {error}") from None
            continue
        ended = ended or _ends(event)
        events.append(event)
    if not events:
        return None
    if whole:
        _refuse_parts(events)
        if not ended:
            raise UnreadableRecordError(CUT_OFF)
    return {"stream": True} | (assemble_events(events) or {})


def _refuse_parts(events: list[dict[str, Any]]) -> None:
    """Refuse events that are not those of one response, from its first.

    Those of Anthropic do not say of which response they are.

    Raises:
        UnreadableRecordError: They are of none that began here, or of several.
    """
    blocks = [event for event in events if str(event.get("type")).startswith("content_block_")]
    if blocks and not any(event.get("type") == "message_start" for event in events):
        raise UnreadableRecordError(NO_BEGINNING)
    begun = [repr(e.get("index")) for e in blocks if e.get("type") == "content_block_start"]
    chunks = {repr(e["id"]) for e in events if "type" not in e and e.get("id")}
    if len(set(begun)) < len(begun) or len(chunks) > 1:
        raise UnreadableRecordError(MIXED)


def _ends(event: dict[str, Any]) -> bool:
    """Whether nothing but counts can follow."""
    if event.get("type") in _ENDS or event.get("error"):
        return True
    choices = event.get("choices")
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and choice.get("finish_reason") for choice in choices
    )
