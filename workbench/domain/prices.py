"""Prices that a user gives, and what tokens cost by them.

A list says what a million tokens of a model cost from a day on. Amounts are exact decimals. A
model that no line names has no price: its tokens are told beside the amount, and never count as
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MILLION: Final = Decimal(1_000_000)


class Reasoning(StrEnum):
    """How logs count reasoning tokens."""

    #: As part of the output, as most providers do.
    WITHIN = "within"
    #: Apart from the output.
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Price:
    """One line of a list. Amounts are for a million tokens; None = not said.

    Attributes:
        model: Name of the model as logs write it, or a pattern with ``*`` and ``?``; in any case.
        since: First day of it, days from 1970-01-01 (UTC); None = from the beginning.
        input: Of input tokens.
        output: Of output tokens.
        cached: Of cached input tokens, which are part of the input; as other input when not said.
        reasoning: Of reasoning tokens; as output when not said.
    """

    model: str
    since: int | None = None
    input: Decimal | None = None
    output: Decimal | None = None
    cached: Decimal | None = None
    reasoning: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices of one currency.

    Attributes:
        name: Of the file that it was read from.
        currency: As given ("USD").
        prices: Its lines; no two of the same model and day.
        reasoning: How the logs count reasoning tokens, as the user says.
        digest: SHA-256 (hex) of the file.
    """

    name: str
    currency: str
    prices: tuple[Price, ...]
    reasoning: Reasoning = Reasoning.WITHIN
    digest: str = ""

    def of(self, model: str | None, day: int | None) -> Price | None:
        """The line that holds for a model on a day; None = it has no price.

        The model's own name comes before a pattern, a longer pattern before a shorter one. Where
        the day is not known, only a model with one line has a price.
        """
        lines = self.lines(model)
        if day is None:
            return lines[0] if len(lines) == 1 else None
        begun = [price for price in lines if price.since is None or price.since <= day]
        return max(begun, key=lambda p: -1 << 40 if p.since is None else p.since, default=None)

    def lines(self, model: str | None) -> list[Price]:
        """The lines of a model, of any day; the best name or pattern alone."""
        if model is None:
            return []
        folded = model.casefold()
        best = max(
            (name for name in {p.model.casefold() for p in self.prices} if _matches(folded, name)),
            key=lambda name: (name == folded, len(name), name),
            default=None,
        )
        return [price for price in self.prices if price.model.casefold() == best]


@dataclass(frozen=True, slots=True)
class Cost:
    """What the tokens of one model cost.

    Attributes:
        model: As logged; None = not in the log.
        amount: In the list's currency; None = no price for any of it.
        n_exchanges: Exchanges.
        priced: Token counts that are in the amount, by column.
        unpriced: Token counts that have no price, by column; cached and reasoning tokens are
            parts of input and output and are not told twice.
        untold: Exchanges that do not tell their output.
    """

    model: str | None
    amount: Decimal | None
    n_exchanges: int
    priced: dict[str, int] = field(default_factory=dict)
    unpriced: dict[str, int] = field(default_factory=dict)
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Bill:
    """What all of it costs by a list.

    Attributes:
        list: The list.
        costs: By model, the dearest first, models without a price last.
        contradicted: Exchanges with more reasoning than output, though the list says that the log
            counts it within: what they cost is more than is told.
    """

    list: PriceList
    costs: tuple[Cost, ...]
    contradicted: int = 0

    @property
    def amount(self) -> Decimal | None:
        """The sum of what has a price; None when nothing has."""
        known = [cost.amount for cost in self.costs if cost.amount is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def unpriced(self) -> tuple[Cost, ...]:
        """Models with tokens that have no price."""
        return tuple(cost for cost in self.costs if cost.unpriced)


def bill(prices: PriceList, days: Iterable[Mapping[str, Any]]) -> Bill:
    """What tokens cost.

    Cached tokens are taken as part of the input, reasoning tokens as the list says; neither is
    ever charged twice.

    Args:
        prices: The list.
        days: Rows of the table ``days`` of the stage ``loss``: model, day, n_exchanges, in_tok,
            out_tok, reasoning_tok, cached_tok, n_out, n_reasoning_over.
    """
    held: dict[str | None, Cost] = {}
    over = 0
    for row in days:
        model = row["model"]
        cost = held.get(model) or Cost(model, None, 0)
        held[model] = _with(cost, row, prices)
        over += row["n_reasoning_over"]
    within = prices.reasoning is Reasoning.WITHIN
    ranked = sorted(
        held.values(),
        key=lambda c: (c.amount is None, -(c.amount or 0), -c.n_exchanges, c.model or ""),
    )
    return Bill(prices, tuple(ranked), over if within else 0)


def _with(cost: Cost, row: Mapping[str, Any], prices: PriceList) -> Cost:
    """The cost with one day's tokens."""
    price = prices.of(cost.model, row["day"])
    amount, priced, unpriced = cost.amount, dict(cost.priced), dict(cost.unpriced)
    for name, tokens, each in _parts(row, price, prices.reasoning):
        if not tokens:
            continue
        if each is None:
            unpriced[name] = unpriced.get(name, 0) + tokens
        else:
            priced[name] = priced.get(name, 0) + tokens
            amount = (amount or Decimal(0)) + tokens * each / _MILLION
    if row["n_out"] and price is not None and amount is None and not unpriced:
        amount = Decimal(0)
    return Cost(
        cost.model,
        amount,
        cost.n_exchanges + row["n_exchanges"],
        priced,
        unpriced,
        cost.untold + row["n_exchanges"] - row["n_out"],
    )


def _parts(
    row: Mapping[str, Any], price: Price | None, counted: Reasoning
) -> Iterable[tuple[str, int, Decimal | None]]:
    """Tokens that do not overlap, and what a million of each costs."""
    got = {name: row[name] or 0 for name in ("in_tok", "out_tok", "reasoning_tok", "cached_tok")}
    line = price or Price("")
    dear = line.reasoning if line.reasoning is not None else line.output
    cheap = line.cached if line.cached is not None else line.input
    cached = min(got["cached_tok"], got["in_tok"])
    reasoning = got["reasoning_tok"]
    if counted is Reasoning.WITHIN:
        reasoning = min(reasoning, got["out_tok"])
        output = got["out_tok"] - reasoning
    else:
        output = got["out_tok"]
    yield "in_tok", got["in_tok"] - cached, line.input
    yield "cached_tok", cached, cheap
    yield "out_tok", output, line.output
    yield "reasoning_tok", reasoning, dear


def _matches(model: str, pattern: str) -> bool:
    # Brackets are no pattern here: names of models hold them now and then.
    return model == pattern or fnmatchcase(model, pattern.replace("[", "[[]"))
