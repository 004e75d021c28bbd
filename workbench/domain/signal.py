"""A signal: one measured fact about an account or a cluster, on one axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Axis(StrEnum):
    """The three axes of evidence."""

    CONTENT = "content"
    AUTOMATION = "automation"
    COORDINATION = "coordination"


#: Why a signal was not assessed of anybody where its columns are there; else they are named.
TOO_LITTLE: Final = "volume"


@dataclass(frozen=True, slots=True)
class SignalSpec:
    """What a signal measures, said once.

    Attributes:
        name: Identifier, snake case; also the message key ``signal.NAME``.
        axis: The axis it speaks on.
        title: Short English name for tables ("Coverage evenness").
        unit: Unit of the value ("bits", "share", "per hour"); empty for a pure number.
        formula: What the value is, one line for a statistician, and which way is stronger.
        needs: Canonical columns that it reads; when one is all NULL it is not assessed.
        source: Where the formula comes from (paper and section, or "own proposal").
        evades: What would make it miss, one sentence.
        needs_all: All of ``needs`` must be there; otherwise one of them is enough.
        fewest: What an account must have to be assessed, a count with its noun ("5 exchanges with
            a prompt"); empty where a single value of its columns is enough.
        tested: Whether detection reads it. Measured and shown either way: a signal enters the
            tests of clusters only once evaluation has shown that it adds to them.
    """

    name: str
    axis: Axis
    title: str
    unit: str
    formula: str
    needs: tuple[str, ...]
    source: str
    evades: str
    needs_all: bool = True
    tested: bool = True
    fewest: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """An explanation below the window: a key with parameters; text is made at the edge.

    Attributes:
        key: Message key, looked up in the catalogue of ``services.wording``.
        params: Plain values (str, int, float, bool, None or lists of them), JSON-safe.
    """

    key: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """One signal of one subject.

    Attributes:
        signal: Name of the signal.
        axis: Its axis.
        value: In the signal's unit; None when not assessed.
        percentile: Share of the population at or below the value, 0 to 100; None when not
            assessed. Higher is always more like coordinated harvesting.
        message: The sentence that explains it.
        tested: Whether detection read it; otherwise it is context.
    """

    signal: str
    axis: Axis
    value: float | None
    percentile: float | None
    message: Message
    tested: bool = True
