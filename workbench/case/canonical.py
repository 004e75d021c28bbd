"""RFC 8785 JSON: one value, one text, so that whoever writes it anew gets the same digest.

``rfc8785`` says what it is, and is slow on lists of ten thousands of accounts. Where a value holds
no fraction, only whole numbers that JSON carries exactly, and keys in ASCII, sorted compact JSON is
the same text (a test compares both); all else goes to the library, errors too. This room must not
know what is written.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
import rfc8785

#: Whole numbers beyond are not exact in JSON (RFC 7493).
_MOST: Final = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The value as RFC 8785 JSON.

    Raises:
        rfc8785.CanonicalizationError: JSON cannot carry it exactly: a whole number beyond 2**53,
            NaN, infinity, a key that is no text, lone surrogates.
    """
    if _is_plain(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            pass  # lone surrogates, or nested deeper than it goes: the library says so
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    """Whether sorted compact JSON is canonical for the value."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_MOST <= value <= _MOST)
    if kind is list:
        return all(type(item) is str or _is_plain(item) for item in value)
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(item) for key, item in value.items()
        )
    return False
