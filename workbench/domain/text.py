"""Hostile text made visible: what logs hold is shown as plain characters, never obeyed."""

from __future__ import annotations

import re
from typing import Final

#: Control, format, surrogate and private-use characters but newline and tab, and whatever else
#: Unicode calls default-ignorable: what reorders, hides, smuggles bytes or drives a terminal.
#: Joiners inside emoji and several scripts are ordinary text there, but they do split words, so
#: they are written out as well. The selectors U+FE00 to U+FE0F stay: emoji are full of them.
_SUSPECT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)


def visible_text(text: str, *, keep_newlines: bool = True) -> str:
    """The text with every invisible or driving character written as ``<U+202E>``.

    Args:
        text: Any text, also with lone surrogates.
        keep_newlines: Keep line feeds and tabs; otherwise they become single spaces.

    Returns:
        Text that is safe to show in a terminal or a plain-text widget: it cannot reorder, hide
        or colour anything. Markup in it stays text; escaping markup is the widget's business.
    """
    text = text.replace("\r\n", "\n")
    if not keep_newlines:
        text = re.sub(r"[\n\t]+", " ", text)
    return _SUSPECT.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"


#: In an address of a database: what stands between the user and the last @ of the line.
_PASSWORD: Final = re.compile(r"(postgres(?:ql)?://[^\s:/@]*):.*@", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"([?&](?:ssl)?password=)[^&#\s]*", re.IGNORECASE)


def without_passwords(text: str) -> str:
    """The text, without the passwords of addresses of databases in it."""
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))


def elide(text: str, length: int) -> str:
    """The first ``length`` characters of one line of visible text, with an ellipsis if cut."""
    line = visible_text(text[: 2 * length], keep_newlines=False)
    return line if len(line) <= length and len(text) <= 2 * length else line[: length - 1] + "…"


def plural(count: int, one: str, many: str) -> str:
    """``1 account``, ``2 accounts``: the exact count, written out with thousands separators."""
    return f"{count:,} {one if count == 1 else many}"


def signed_text(value: float, places: int = 1) -> str:
    """A number with its sign: ``+3.2``; what rounds to nothing is ``+0.0``, never ``-0.0``."""
    return f"{round(value, places) + 0.0:+.{places}f}"


def likely_text(value: float) -> str:
    """A probability with two places: neither certain (``> 0.99``) nor impossible (``< 0.01``)."""
    if value >= 0.995:
        return "> 0.99"
    return "< 0.01" if 0.0 < value < 0.005 else f"{value:.2f}"


def percentile_text(value: float) -> str:
    """A percentile with one decimal that claims neither all nor nothing: ``> 99.9``, ``< 0.1``."""
    text = f"{value:.1f}"
    return {"100.0": "> 99.9", "0.0": "< 0.1", "-0.0": "< 0.1"}.get(text, text)


def probability_text(p: float) -> str:
    """A probability with four decimals at most, or the bound that it lies under."""
    return f"{p:.4f}".rstrip("0").rstrip(".") if p >= 0.0001 else "< 0.0001"


def discovery_text(q: float, level: float | None) -> str:
    """A false discovery rate, and where it stands where it does not lie well within the level.

    Args:
        q: The rate.
        level: The rate up to which there is a finding; None where it is not known.
    """
    text = probability_text(q)
    if level is None or q < level / 2:
        return text
    limit = probability_text(level)
    if text == limit:
        return f"{text}, at the limit of {limit}"
    return f"{text}, {'near' if q < level else 'above'} the limit of {limit}"


def clock_words(us: int) -> str:
    """By how much the clock was set back, in words."""
    seconds = us / 1e6
    for size, one, many in _PARTS_OF_TIME:
        if seconds >= size:
            return f"set back by {plural(round(seconds / size), one, many)}"
    return f"set back by {seconds:.3g} s" if us >= 1_000 else "set back by less than 1 ms"


_PARTS_OF_TIME: Final = ((86400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"))
