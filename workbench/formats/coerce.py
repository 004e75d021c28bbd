"""Raw values of one record to the canonical types. A value that cannot be read becomes NULL.

Times stay raw here: ``times.read_times`` reads the whole column at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.dialogue import given, written
from workbench.formats.text import is_absent, text_of, without_surrogates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMES: Final[tuple[str, ...]] = tuple(CANONICAL_SCHEMA.names)
INDEX: Final[dict[str, int]] = {name: index for index, name in enumerate(NAMES)}
TIMES: Final[tuple[str, ...]] = ("ts", "account_created_at")

#: Free text: an empty one is a fact (an empty prompt was sent), elsewhere "" means absent.
TEXTS: Final[frozenset[str]] = frozenset({"system", "prompt", "completion", "reasoning"})

_TRUE: Final = frozenset({"true", "t", "yes", "y", "1"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0"})
_FLOAT32_MAX: Final = 3.4028234663852886e38


class _UnreadableError(Exception):
    """The value cannot be read as its column's type."""


def coerce(raw: Mapping[str, Any]) -> tuple[tuple[Any, ...], int]:
    """One record's values in the order of ``CANONICAL_SCHEMA``, and what could not be read.

    Args:
        raw: Canonical column -> value as the log gave it; other keys are ignored.

    Returns:
        The values, ``None`` for NULL, times still raw (text, number or datetime); and a bit
        mask with bit i set where column i was given and unreadable.
    """
    values: list[Any] = [None] * len(NAMES)
    unreadable = 0
    for name, value in raw.items():
        if value is None or (index := INDEX.get(name)) is None:
            continue
        try:
            values[index] = _READERS[index](value)
        except _UnreadableError:
            unreadable |= 1 << index
    return tuple(values), unreadable


def coerce_column(name: str, values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """One column's values, and the indices of those that could not be read (NULL there)."""
    read = _READERS[INDEX[name]]
    out: list[Any] = []
    failed: list[int] = []
    for index, value in enumerate(values):
        try:
            out.append(None if value is None else read(value))
        except _UnreadableError:
            out.append(None)
            failed.append(index)
    return out, failed


def _string(value: Any) -> str | None:
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            raise _UnreadableError from None
    if isinstance(value, str):
        if not value:
            return None
        return value if value.isascii() else without_surrogates(value)
    if isinstance(value, bool | dict | list):
        raise _UnreadableError
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value)


def _text(value: Any) -> str | None:
    if isinstance(value, dict | list):
        text = text_of(value)
        if text is None and value:
            raise _UnreadableError
        return None if text is None else without_surrogates(text)
    return "" if value == "" else _string(value)


def _integer(low: int, high: int) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        if isinstance(value, str):
            if is_absent(value):
                return None
            value = _number(value.strip())
        if isinstance(value, bool):
            raise _UnreadableError
        if not isinstance(value, int):
            value = _integral(value)
            if value is None:
                return None
        if not low <= value <= high:
            raise _UnreadableError
        return int(value)

    return read


def _number(text: str) -> int | float:
    try:
        # int() also reads "1_000" and digits of other scripts, which no log means as numbers.
        if not text.isascii() or "_" in text:
            raise _UnreadableError
        return int(text) if len(text) < 20 else float(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise _UnreadableError from None


def _integral(value: Any) -> int | None:
    """A whole number written as a float or decimal; None for NaN, which means absent."""
    try:
        if value != value:  # NaN
            return None
        whole = int(value)
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        raise _UnreadableError from None
    if whole != value:
        raise _UnreadableError
    return whole


def _float(value: Any) -> float | None:
    if isinstance(value, str):
        if is_absent(value):
            return None
        value = _number(value.strip())
    if isinstance(value, bool | dict | list | bytes):
        raise _UnreadableError
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise _UnreadableError from None
    if math.isnan(number):
        return None
    if math.isinf(number):
        raise _UnreadableError
    return number


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        if is_absent(value):
            return None
        word = value.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    raise _UnreadableError


def _time(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool | dict | list | bytes):
        raise _UnreadableError
    return value


_READ_ASN: Final = _integer(0, 2**32 - 1)
_READ_COUNT: Final = _integer(-(2**31), 2**31 - 1)


def _asn(value: Any) -> int | None:
    """Also ``AS64500``, as most address databases write it."""
    if isinstance(value, str) and value[:2].upper() == "AS":
        value = value[2:]
    return _READ_ASN(value)


def _tools(value: Any) -> int | None:
    """How many tools were offered: a number, or the list of them."""
    return len(value) if isinstance(value, list) else _READ_COUNT(value)


def _dialogue(value: Any) -> str | None:
    """Messages, or their JSON."""
    if not isinstance(value, list):
        return _string(value)
    if not all(isinstance(message, dict) for message in value):
        raise _UnreadableError
    return without_surrogates(written(given(value))) if value else None


def _embedding(value: Any) -> list[float] | None:
    if isinstance(value, str):
        if is_absent(value):
            return None
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            raise _UnreadableError from None
    if not isinstance(value, list):
        raise _UnreadableError
    if not value:
        return None
    for item in value:
        if isinstance(item, bool) or not isinstance(item, int | float):
            raise _UnreadableError
        if not abs(item) <= _FLOAT32_MAX:
            raise _UnreadableError
    return [float(item) for item in value]


def _reader(field: pa.Field) -> Callable[[Any], Any]:
    special: dict[str, Callable[[Any], Any]] = {
        "asn": _asn,
        "tools": _tools,
        "dialogue": _dialogue,
        "embedding": _embedding,
    }
    if field.name in special:
        return special[field.name]
    if field.name in TEXTS:
        return _text
    if pa.types.is_timestamp(field.type):
        return _time
    if pa.types.is_string(field.type):
        return _string
    if pa.types.is_boolean(field.type):
        return _boolean
    if pa.types.is_floating(field.type):
        return _float
    bits = field.type.bit_width - 1
    return _integer(-(2**bits), 2**bits - 1)


_READERS: Final[tuple[Callable[[Any], Any], ...]] = tuple(
    _reader(field) for field in CANONICAL_SCHEMA
)
