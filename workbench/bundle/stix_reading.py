"""Reads indicators from a partner's bundle of STIX 2.1; what cannot be read is named.

The file is somebody else's: its size, its objects and the length of each pattern are bounded, no
reference is followed and no network asked. Of patterns, one observation of values that are equal to
something (or in a network), any of them, is understood; more would claim to look for what it
does not.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from workbench.bundle.stix import FINGERPRINT_TYPE, OWN_PATTERN
from workbench.domain.errors import InputError
from workbench.domain.text import elide

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Objects of a bundle, and characters of a pattern, that are looked at.
MOST_OBJECTS: Final = 20_000
_MOST_PATTERN: Final = 2_000
#: Object path -> kind of value, and what stands before it in a log's own writing.
_PATHS: Final = {
    "ipv4-addr:value": ("networks", ""),
    "ipv6-addr:value": ("networks", ""),
    "domain-name:value": ("domains", ""),
    "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'": (
        "clients",
        "agent ",
    ),
    "network-traffic:extensions.http-request-ext.request_header.User-Agent": ("clients", "agent "),
    "x-tls-client:ja3": ("clients", "ja3 "),
    "x-tls-client:ja4": ("clients", "ja4 "),
}
#: The parser leaves a quote or a backslash in a text as it was written.
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_OWN_KINDS: Final = frozenset({"wordings", "networks", "clients", "payments", "domains"})


@dataclass(frozen=True, slots=True)
class Unread:
    """An object that was not understood.

    Attributes:
        id: As the file has it.
        why: A phrase.
    """

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Partner:
    """What a bundle says.

    Attributes:
        names: Of its campaigns.
        values: (kind, value), each once: kinds as ``stix.Indicator`` has them.
        fingerprints: Whole fingerprints that lie in it, as their files have them.
        unread: Indicators that were not understood.
    """

    names: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    fingerprints: tuple[bytes, ...]
    unread: tuple[Unread, ...]


def is_stix(data: bytes) -> bool:
    """Whether a file is meant to be a bundle of STIX."""
    try:
        return msgspec.json.decode(data, type=_Head).type == "bundle"
    except (msgspec.DecodeError, RecursionError):
        return False


def read_stix(data: bytes, path: Path) -> Partner:
    """What a bundle of STIX says.

    Args:
        data: The file.
        path: For messages.

    Raises:
        InputError: It is no bundle, is too large, or holds nothing to look for.
    """
    again = "Ask the partner for a bundle of STIX 2.1."
    try:
        objects = msgspec.json.decode(data, type=_Bundle).objects
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{path} is no bundle of STIX: {error}.", remedy=again) from error
    if len(objects) > MOST_OBJECTS:
        raise InputError(
            f"{path} holds {len(objects):,} objects; up to {MOST_OBJECTS:,} are read.",
            remedy="Split it.",
        )
    names: list[str] = []
    values: dict[tuple[str, str], None] = {}
    fingerprints: list[bytes] = []
    unread: list[Unread] = []
    for number, one in enumerate(objects):
        name = elide(str(one.get("id", f"object {number + 1}")), 80)
        try:
            match one.get("type"):
                case "campaign":
                    names.append(elide(str(one.get("name", "")), 120))
                case "indicator":
                    values |= dict.fromkeys(_values(one))
                case "artifact" if one.get("mime_type") == FINGERPRINT_TYPE:
                    fingerprints.append(_payload(one))
        except _NotUnderstoodError as error:
            unread.append(Unread(name, str(error)))
    if not values and not fingerprints:
        raise InputError(
            f"{path} holds no indicator that can be looked for"
            + (f" ({len(unread):,} were not understood)." if unread else "."),
            remedy="docs/fingerprints.md says which patterns are understood.",
        )
    return Partner(tuple(names), tuple(values), tuple(fingerprints), tuple(unread))


class _Head(msgspec.Struct):
    type: str = ""


class _Bundle(msgspec.Struct):
    objects: list[dict[str, Any]]


class _NotUnderstoodError(Exception):
    pass


def _values(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What an indicator looks for."""
    pattern = one.get("pattern")
    if not isinstance(pattern, str):
        raise _NotUnderstoodError("it has no pattern")
    if one.get("revoked") is True:
        raise _NotUnderstoodError("it was revoked")
    if len(pattern) > _MOST_PATTERN:
        raise _NotUnderstoodError(f"its pattern has more than {_MOST_PATTERN:,} characters")
    kind = one.get("pattern_type")
    if kind == OWN_PATTERN:
        what, _, value = pattern.partition(" ")
        if what not in _OWN_KINDS or not value:
            raise _NotUnderstoodError("its pattern is of a newer program")
        yield what, value
        return
    if kind != "stix":
        raise _NotUnderstoodError(f"its pattern type {elide(str(kind), 40)} is not known")
    yield from _stix_values(pattern)


def _stix_values(pattern: str) -> Iterator[tuple[str, str]]:
    # Imported here: with the parser's library it takes a part of a second.
    from stix2.exceptions import STIXError
    from stix2.pattern_visitor import create_pattern_object
    from stix2.patterns import (
        EqualityComparisonExpression,
        IsSubsetComparisonExpression,
        ObservationExpression,
        OrBooleanExpression,
        StringConstant,
    )
    from stix2patterns.exceptions import ParseException

    try:
        whole = create_pattern_object(pattern)
    except (STIXError, ParseException, ValueError, TypeError, RecursionError) as error:
        raise _NotUnderstoodError("its pattern is no STIX pattern") from error
    if not isinstance(whole, ObservationExpression):
        raise _NotUnderstoodError("its pattern asks for several observations")
    asked = whole.operand
    for part in asked.operands if isinstance(asked, OrBooleanExpression) else (asked,):
        equal = isinstance(part, EqualityComparisonExpression | IsSubsetComparisonExpression)
        if not equal or part.negated or not isinstance(part.rhs, StringConstant):
            raise _NotUnderstoodError("its pattern asks for more than equal values")
        path = str(part.lhs)
        if path not in _PATHS:
            raise _NotUnderstoodError(f"logs hold no {elide(path, 60)}")
        kind, before = _PATHS[path]
        yield kind, before + _ESCAPED.sub(r"\1", str(part.rhs.value))


def _payload(one: dict[str, Any]) -> bytes:
    payload = one.get("payload_bin")
    if not isinstance(payload, str):
        raise _NotUnderstoodError("it brings no fingerprint along; references are not followed")
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _NotUnderstoodError("its fingerprint is no base64") from error
