"""One line of a journal: made, read and checked. Pure functions over bytes.

A line is RFC 8785 JSON, so that a stranger can recompute every digest with any tool:

    analyst    fingerprint, name, public_key ("ssh-ed25519 AAAA...")
    at_us      UTC microseconds
    body       the kind's own fields
    case       id of the case
    kind       what it is
    number     position in this journal, from 1
    previous   SHA-256 of the line before, 64 zeros for the first
    seen       heads of the other journals at that moment: KEY -> SHA-256
    signature  base64 of Ed25519, as in an SSH signature (namespace below) over the line without
               this field
    version    1

The digest of a line is the SHA-256 of its bytes without the line feed. It covers the signature,
and the signature covers ``previous``: each line signs the whole journal up to itself.
This room must not touch files.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson
import rfc8785

from workbench.case import sshsig
from workbench.case.canonical import canonical
from workbench.case.identity import journal_key
from workbench.domain.errors import InputError
from workbench.domain.label import Analyst, EntryKind, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What journal signatures are for; a signature for another purpose does not fit.
NAMESPACE: Final = "distillation-workbench-journal"
#: ``previous`` of a first line.
NOTHING: Final = "0" * 64
_VERSION: Final = 1
#: What a line had seen of other journals where there are none; shared, and never changed.
_NONE: Final[Mapping[str, str]] = {}
#: How every line ends, and what its signature stands behind.
_END: Final = b',"version":1}'
_SIGNATURE: Final = b',"signature":"'
_FIELDS: Final = frozenset(
    {
        "analyst",
        "at_us",
        "body",
        "case",
        "kind",
        "number",
        "previous",
        "seen",
        "signature",
        "version",
    }
)


class LineSigner(Protocol):
    """Whoever signs a line: ``case.identity.Signer``."""

    @property
    def analyst(self) -> Analyst:
        """Fingerprint and name."""
        ...

    @property
    def public_line(self) -> str:
        """``ssh-ed25519 AAAA...``."""
        ...

    @property
    def journal(self) -> str:
        """Name of the signer's journal."""
        ...

    def sign(self, message: bytes, namespace: str) -> bytes:
        """64 bytes of Ed25519."""
        ...


class BadLineError(ValueError):
    """A line that is not what it claims to be; the text says how."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, read.

    Attributes:
        entry: What it says.
        case: Id of the case it belongs to.
        data: Its bytes, without the line feed.
    """

    entry: JournalEntry
    case: str
    data: bytes


def make_line(
    kind: EntryKind,
    body: Mapping[str, Any],
    *,
    signer: LineSigner,
    case: str,
    number: int,
    previous: str,
    seen: Mapping[str, str],
    at_us: int,
) -> bytes:
    """The bytes of a new line, without the line feed.

    Raises:
        InputError: The body holds something that JSON cannot carry exactly: a whole number beyond
            2**53, NaN, infinity, a key that is no text.
    """
    unsigned: dict[str, Any] = {
        "analyst": {
            "fingerprint": signer.analyst.fingerprint,
            "name": signer.analyst.name,
            "public_key": signer.public_line,
        },
        "at_us": at_us,
        "body": _plain(body),
        "case": case,
        "kind": kind.value,
        "number": number,
        "previous": previous,
        "seen": dict(seen),
        "version": _VERSION,
    }
    try:
        message = canonical(unsigned)
    except rfc8785.CanonicalizationError as error:
        raise InputError(
            f"The entry cannot be written to the journal: {error}.",
            remedy="Write such a value as text.",
            safe="Nothing was decided.",
        ) from error
    signature = base64.b64encode(signer.sign(message, NAMESPACE))
    # Where it stands among the sorted fields: before the version, which is the last.
    return message.removesuffix(_END) + _SIGNATURE + signature + b'"' + _END


def read_line(data: bytes) -> Line:
    """Read a line without checking digests or signature.

    Raises:
        BadLineError: It is no journal line of this version.
    """
    # A hole in a file is as long as somebody likes, and orjson's error would hold it as text.
    if b"\0" in data:
        raise BadLineError("it is not JSON")
    try:
        found = orjson.loads(data)
    except ValueError:
        raise BadLineError("it is not JSON") from None
    if not isinstance(found, dict) or found.keys() != _FIELDS:
        raise BadLineError("its fields are not those of a journal entry")
    if found["version"] != _VERSION:
        raise BadLineError(f"it has version {found['version']!r}, not {_VERSION}")
    try:
        entry = JournalEntry(
            digest=hashlib.sha256(data).hexdigest(),
            previous=_text(found["previous"]),
            number=_whole(found["number"]),
            kind=EntryKind(found["kind"]),
            at_us=_whole(found["at_us"]),
            analyst=_analyst(found["analyst"]["fingerprint"], found["analyst"]["name"]),
            body=_object(found["body"]),
            seen=_heads(_object(found["seen"])),
        )
        return Line(entry, _text(found["case"]), data)
    except (TypeError, KeyError, ValueError) as error:
        raise BadLineError(f"a field is not as it should be ({error})") from None


def check_line(line: Line, *, journal: str, case: str, number: int, previous: str) -> None:
    """Check place, form and signature of a line.

    Args:
        line: The line.
        journal: Name of the journal it stands in.
        case: Id of the case.
        number: Where it stands, from 1.
        previous: Digest of the line before it.

    Raises:
        BadLineError: It does not fit; says how.
    """
    entry = line.entry
    if entry.number != number:
        raise BadLineError(f"it says that it is number {entry.number}")
    if entry.previous != previous:
        raise BadLineError("it does not follow from the line before it")
    if line.case != case:
        raise BadLineError("it belongs to another case")
    found = orjson.loads(line.data)
    try:
        written = canonical(found)
        signature = base64.b64decode(found["signature"], validate=True)
        wire = base64.b64decode(found["analyst"]["public_key"].split(" ")[1], validate=True)
    except (
        rfc8785.CanonicalizationError,
        binascii.Error,
        KeyError,
        IndexError,
        AttributeError,
        ValueError,
    ):
        raise BadLineError("its form, key or signature cannot be read") from None
    if written != line.data:
        raise BadLineError("it is not canonical JSON")
    if journal_key(wire) != journal or sshsig.fingerprint_of(wire) != entry.analyst.fingerprint:
        raise BadLineError("it was written with a key that is not this journal's")
    message = line.data.rpartition(_SIGNATURE)[0] + _END
    if not sshsig.check(wire, signature, message, NAMESPACE):
        raise BadLineError("its signature does not fit: it was changed after it was written")


def _plain(value: Any) -> Any:
    """The value with lone surrogates as visible escapes: JSON in UTF-8 cannot carry them."""
    if isinstance(value, str):
        plain = str(value)
        if plain.isascii():
            return plain
        return plain.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@lru_cache(maxsize=256)
def _analyst(fingerprint: Any, name: Any) -> Analyst:
    """Few write a million lines: one object for all lines of one."""
    return Analyst(_text(fingerprint), _text(name))


def _heads(found: dict[str, Any]) -> Mapping[str, str]:
    return {key: _text(head) for key, head in found.items()} if found else _NONE


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not an object")
    return value
