"""Bytes of one record to a JSON object, or the reason why they are none.

A key that occurs twice: ``decode_object`` takes the last one, as every common parser does, and
``readings`` tells what others might take. A lone surrogate, NaN and Infinity are no JSON to strict
parsers but are what real writers emit: such records are read by the standard library's decoder.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec
import numpy as np

from workbench.kernels.json_keys import may_repeat_keys

#: A longer record is no log line; reading it would cost many times its size in memory.
LONGEST_RECORD: Final = 100 * 1024 * 1024
#: How much of such a record is kept with its reject.
KEPT_OF_LONGEST: Final = 1024 * 1024

TOO_LONG: Final = "longer than 100 MB: only its first 1 MiB is kept"
_TOO_MANY_DIGITS: Final = "not JSON: a number of thousands of digits"
TOO_DEEP: Final = "nested too deep: brackets inside brackets, hundreds of levels"

#: Byte order marks before a record, as where files were joined.
_MARKS: Final = re.compile(rb"(?:\xef\xbb\xbf)+")

_decode: Final = msgspec.json.Decoder().decode


class UnreadableRecordError(Exception):
    """A record that cannot be read; the message is the reason of its reject."""


def without_marks(data: bytes) -> bytes:
    """The same with spaces for the byte order marks that it begins with: nothing moves."""
    found = _MARKS.match(data)
    return b" " * found.end() + data[found.end() :] if found else data


def decode_object(data: bytes) -> dict[str, Any]:
    """One JSON object.

    Raises:
        UnreadableRecordError: Not UTF-8, not JSON, nested too deep, or no object.
    """
    value = decode_value(data)
    if not isinstance(value, dict):
        raise UnreadableRecordError(f"not an object: {_kind(value)}")
    return value


def readings(data: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A record read in two ways, where some key occurs twice with different values.

    Returns:
        As the last of the values has it; and as another has it, the first that differs from the
        last. None where every key has one value, however often it is written.

    Raises:
        UnreadableRecordError: Not UTF-8, nested too deep, or a number of thousands of digits.
    """
    if not may_repeat_keys(np.frombuffer(data, np.uint8)):
        return None
    differ = False

    def another(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal differ
        last, other = dict(pairs), {}
        if len(last) < len(pairs):
            for key, value in pairs:
                # 1, 1.0 and true are equal to Python and different to a reader.
                if key not in other and repr(value) != repr(last[key]):
                    other[key] = value
                    differ = True
        return last | other

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableRecordError(_encoding_reason(data, error)) from None
    try:
        second = json.loads(text, object_pairs_hook=another)
        return (json.loads(text), second) if differ else None
    except RecursionError:
        raise UnreadableRecordError(TOO_DEEP) from None
    except ValueError:
        raise UnreadableRecordError(_TOO_MANY_DIGITS) from None


def decode_value(data: bytes) -> Any:
    """One JSON value.

    Raises:
        UnreadableRecordError: Not UTF-8, not JSON, or nested too deep.
    """
    try:
        return _decode(data)
    except RecursionError:
        raise UnreadableRecordError(TOO_DEEP) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableRecordError(_encoding_reason(data, error)) from None
    try:
        return json.loads(text)
    except RecursionError:
        raise UnreadableRecordError(TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise UnreadableRecordError(_syntax_reason(text, error)) from None
    except ValueError:  # an integer of more digits than Python converts
        raise UnreadableRecordError(_TOO_MANY_DIGITS) from None


def _encoding_reason(data: bytes, error: UnicodeDecodeError) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data.count(0) * 3 > len(data):
        return "not UTF-8: this looks like UTF-16"
    return f"not UTF-8: byte 0x{data[error.start]:02x} at position {error.start}"


def _syntax_reason(text: str, error: json.JSONDecodeError) -> str:
    rest = text[error.pos :].strip()
    # The decoder points at where an unclosed string began, or past the last character.
    cut_word = any(word.startswith(rest) for word in ("true", "false", "null"))
    if cut_word or error.msg.startswith("Unterminated string"):
        return "cut off in the middle: text or brackets are not closed"
    if error.msg.startswith("Extra data"):
        return f"not JSON: more than one value, the second at character {error.pos}"
    if "\0" in text:
        return "not JSON: holds NUL bytes"
    return f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at character {error.pos}"


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
