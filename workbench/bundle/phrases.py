"""Words and numbers as the report writes them: exact counts, UTC, bounds instead of zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from workbench.bundle.payload import plain
from workbench.bundle.ticks import moment
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.domain.label import Label

#: Under a table of measures.
MEASURED: Final = (
    "sd: standard deviations from the middle of ordinary groups of like interest. Percentile: "
    "where that lies in a normal distribution."
)


def label_words(label: Label | None) -> dict[str, str] | None:
    """A label as word and title; None stays None."""
    if label is None:
        return None
    return {"word": label.value, "title": label.value.replace("-", " ").capitalize()}


def more(total: int, shown: int, noun: str, file: str) -> str:
    """How many are not shown, and where they are; empty when all are shown."""
    if total <= shown:
        return ""
    return f"{plural(total - shown, f'more {noun}', f'more {noun}s')} in {file}."


def pairs(values: dict[str, Any]) -> list[dict[str, str]]:
    """Names and values for a table of two columns, sorted."""
    return [
        {"name": name, "value": value if isinstance(value, str) else _json(value)}
        for name, value in sorted(values.items())
    ]


def _json(value: Any) -> str:
    return elide(orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS).decode(), 300)


def listed(names: list[str]) -> str:
    """Names in prose: "A, B and C"; four at most."""
    shown = [elide(name, 40) for name in names[:4]]
    if len(names) > 4:
        shown.append(f"{len(names) - 4} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def file_name(path: str) -> str:
    """Last part of a path, whatever its separators."""
    return elide(path.replace("\\", "/").rsplit("/", 1)[-1], 60)


def cut_prompt(prompt: str, n_characters: int) -> str:
    """The shown part of a prompt and how much is not shown."""
    left = n_characters - len(prompt)
    return f"{prompt} … ({left:,} more characters)" if left > 0 else prompt


def minute(moment: datetime | None) -> str:
    """A time to the minute, or a hyphen."""
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def decimal(value: float | None) -> str:
    """Two decimals, or a hyphen."""
    return "-" if value is None or value != value else f"{value:.2f}"


def percent(share: float) -> str:
    """A share as per cent with one decimal; what is not zero never reads as zero."""
    return "< 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def stamp(at_us: int | None) -> str | None:
    """UTC microseconds to the minute: "2026-05-12 09:22"."""
    if at_us is None:
        return None
    return f"{moment(at_us):%Y-%m-%d %H:%M}"


def period(first_us: int | None, last_us: int | None) -> str:
    """Two days in prose: "12 May to 24 June 2026", one where they are one; empty if not known."""
    if first_us is None or last_us is None:
        return ""
    first, last = moment(first_us), moment(last_us)
    if first.date() == last.date():
        return f"{last.day} {last:%B %Y}"
    begin = str(first.day)
    if (first.year, first.month) != (last.year, last.month):
        begin += f" {first:%B}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin} to {last.day} {last:%B %Y}"
