"""The loss in words: window, report and command line say the same.

A number that no exchange of the log tells reads "not in the log", never zero. Reasoning tokens are
told beside the output and never added to it: most providers count them within the output, some
logs beside it. Pure functions of one ``Loss``.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc

from workbench.bundle.subject import Delivered, Priced, Taken
from workbench.domain.prices import Reasoning
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.domain.prices import Bill, Cost, Price, PriceList
    from workbench.services.loss import Loss

NOT_LOGGED: Final = "not in the log"
#: Most models without a price that are named beneath the overview.
_MOST_MODELS: Final = 8
#: Kinds of capabilities, in the order in which they are told, and their heads.
KINDS: Final[dict[str, str]] = {
    "elicitation": "What was asked for",
    "region": "Topics, by words of the prompts",
    "template": "Templates",
}
CLASSES: Final[dict[str, str]] = {
    "reasoning_trace": "Reasoning traces",
    "rubric_grading": "Grading by rubric",
    "safe_rewrite": "Safe rewrites",
    "tool_trace": "Tool-use traces",
}
_REST: Final[dict[str, str]] = {
    "elicitation": "None of the patterns",
    "region": "Other topics",
    "template": "No template, or other ones",
}
_TOKENS: Final[dict[str, str]] = {
    "in_tok": "input",
    "out_tok": "output",
    "reasoning_tok": "reasoning",
    "cached_tok": "cached input",
}
#: Most characters of a name from prompts.
_NAME: Final = 70
#: Least amount that is written out.
_LEAST: Final = Decimal("0.0001")


def capability(row: Mapping[str, Any]) -> str:
    """The name of a row of capabilities."""
    if row["code"] < 0:
        return _REST[row["kind"]]
    if row["kind"] == "elicitation":
        return CLASSES.get(row["name"]) or str(row["name"])
    return elide(row["name"], _NAME) if row["name"] else f"Unnamed, number {row['code']}"


def count(value: int | None) -> str:
    """A count as people read it."""
    return NOT_LOGGED if value is None else f"{value:,}"


def share(part: int, whole: int) -> str:
    """``12 of 5,200 (0.2 %)``; a whole of nothing is not in the log."""
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else NOT_LOGGED


def money(amount: Decimal | None, currency: str) -> str:
    """``1,234.50 USD``; small amounts with as many places as they need."""
    if amount is None:
        return "no price"
    if 0 < amount < _LEAST:
        return f"under {_LEAST} {currency}"
    places = 4 if 0 < amount < 1 else 2
    return f"{amount:,.{places}f} {currency}"


def model_name(model: str | None) -> str:
    """A model as logged, made visible."""
    return "Model not in the log" if model is None else elide(model, _NAME)


def facts(loss: Loss) -> tuple[tuple[str, str], ...]:
    """What was delivered in numbers: (name, value as printed)."""
    totals = loss.totals
    refused, followed = totals["n_refused"], totals["n_followed"]
    rows = [
        ("Exchanges", count(totals["n_exchanges"])),
        ("Distinct prompts", count(totals["n_prompts"]) if totals["n_prompts"] else NOT_LOGGED),
        ("Output tokens delivered", count(totals["out_tok"])),
        ("Reasoning tokens", count(totals["reasoning_tok"])),
        ("Input tokens sent", count(totals["in_tok"])),
        ("Answers kept whole", share(totals["n_whole"], totals["n_ended"])),
        ("Models asked", count(totals["n_models"]) if totals["n_models"] else NOT_LOGGED),
        ("Refusals", share(refused, totals["n_judged"])),
    ]
    if refused:
        rows.append(("Refusals asked again within a day", share(totals["n_retried"], followed)))
    rows.append(("Failed requests", share(totals["n_failed"], totals["n_status"])))
    return tuple(rows)


def price(bill: Bill) -> tuple[str, str]:
    """Its name, and the amount; whether there is more that has no price."""
    name = f"Price, by {elide(bill.list.name, 40)}"
    said = money(bill.amount, bill.list.currency)
    if bill.amount is not None and bill.unpriced:
        said += ", and unpriced tokens"
    return name, said


def notes(loss: Loss) -> tuple[str, ...]:
    """What a reader must know of the numbers, sentences."""
    return (*_tokens_note(loss.totals), *_refusal_notes(loss.totals))


def _tokens_note(totals: Mapping[str, Any]) -> list[str]:
    said = []
    silent = totals["n_exchanges"] - totals["n_out_tok"]
    if totals["out_tok"] is not None and silent:
        said.append(f"{plural(silent, 'exchange tells', 'exchanges tell')} no output tokens.")
    if totals["reasoning_tok"]:
        over = totals["n_reasoning_over"]
        if over:
            said.append(
                f"In {plural(over, 'exchange', 'exchanges')} there are more reasoning than output "
                "tokens: this log counts them beside the output, at least there. They are not "
                "added up."
            )
        else:
            said.append(
                "No exchange has more reasoning than output tokens: they are counted within the "
                "output, as most providers do, or cannot be told from that. They are not added up."
            )
    return said


def _refusal_notes(totals: Mapping[str, Any]) -> list[str]:
    if not totals["n_judged"]:
        return ["The log has neither stop reasons nor answers, so refusals cannot be told."]
    said = []
    if totals["n_refused_read"]:
        said.append(
            f"{totals['n_refused_read']:,} of {totals['n_refused']:,} refusals are read in the "
            "answer's first words; the record itself does not say so."
        )
    if totals["n_retried"]:
        said.append(
            f"After {plural(totals['n_retried'], 'refusal', 'refusals')} the same or nearly the "
            f"same was asked again within a day: {totals['n_retried_own']:,} by the same account, "
            f"{totals['n_retried_other']:,} by another one; in "
            f"{totals['n_delivered_later']:,} of these cases it was answered then."
        )
    return said


def _no_price(cost: Cost, listed: PriceList) -> str:
    """That tokens of a model have no price in a list, and why; without the full stop."""
    if cost.model is None:
        return "No price where the log does not tell the model"
    lines = listed.lines(cost.model)
    if not lines:
        why = "the list has no line for it"
    elif any(_price_of(line, name) is None for line in lines for name in cost.unpriced):
        why = "the list has no price for all kinds of its tokens"
    else:
        why = "the list begins later, or the log does not tell the day"
    return f"No price for {model_name(cost.model)}: {why}"


def _price_of(line: Price, column: str) -> Decimal | None:
    """What a line asks for tokens of a column; parts cost what the whole does, at least."""
    return line.input if column in ("in_tok", "cached_tok") else line.output


def without_price(losses: Sequence[Loss]) -> tuple[str, ...]:
    """Which models of clusters have tokens without a price, and why; each model once."""
    found = {
        cost.model: f"{_no_price(cost, loss.bill.list)}."
        for loss in losses
        if loss.bill is not None
        for cost in loss.bill.unpriced
    }
    said = [found[model] for model in sorted(found, key=lambda one: (one is None, one or ""))]
    more = len(said) - _MOST_MODELS
    return (*said[:_MOST_MODELS], *([f"And {more:,} more."] if more > 0 else []))


def price_notes(bill: Bill) -> tuple[str, ...]:
    """What a reader must know of a price, sentences."""
    listed = bill.list
    reasoning = "within the output" if listed.reasoning is Reasoning.WITHIN else "beside the output"
    said = [
        f"Priced by {elide(listed.name, 40)} (SHA-256 {listed.digest[:12]}) in {listed.currency}, "
        f"with reasoning tokens counted {reasoning} and cached ones within the input."
    ]
    for cost in bill.unpriced:
        tokens = ", ".join(f"{n:,} {_TOKENS[name]}" for name, n in sorted(cost.unpriced.items()))
        said.append(f"{_no_price(cost, listed)}; {tokens} tokens are in no amount.")
    if bill.contradicted:
        said.append(
            f"{plural(bill.contradicted, 'exchange has', 'exchanges have')} more reasoning than "
            "output tokens, which the list says cannot be: the price is a lower bound. For such a "
            'log say reasoning_counted = "beside".'
        )
    return tuple(said)


def delivered(losses: Sequence[Loss]) -> Delivered:
    """What a report says of a subject: all of it first, then what is attributed to it."""
    from workbench.services.loss import OWN, table

    every, bills = losses[0], [loss.bill for loss in losses if loss.bill is not None]
    worded = [dict(facts(loss)) for loss in losses]
    numbers = table([replace(loss, bill=None) for loss in losses])
    return Delivered(
        parts=tuple("Attributed" if loss.part == OWN else "All exchanges" for loss in losses),
        facts=tuple((name, *(one.get(name, "-") for one in worded)) for name in worded[0]),
        capabilities=tuple(
            (head, tuple(_taken(row, every) for row in every.of_kind(kind)))
            for kind, head in KINDS.items()
            if every.of_kind(kind)
        ),
        notes=notes(every),
        numbers=numbers,
        price=_priced(bills, losses) if bills else None,
        totals=tuple(loss.totals for loss in losses),
    )


def _taken(row: Mapping[str, Any], loss: Loss) -> Taken:
    n = row["n_exchanges"]
    return Taken(
        capability(row), n, n / loss.totals["n_exchanges"], count(row["out_tok"]),
        count(row["reasoning_tok"]),
    )  # fmt: skip


def _priced(bills: Sequence[Bill], losses: Sequence[Loss]) -> Priced:
    from workbench.services.loss import WHOLE, table

    currency = bills[0].list.currency
    amounts = [{cost.model: money(cost.amount, currency) for cost in one.costs} for one in bills]
    rows = [(price(bills[0])[0], *(price(one)[1] for one in bills))]
    rows += [
        (model_name(cost.model), *(held.get(cost.model, "-") for held in amounts))
        for cost in bills[0].costs
    ]
    numbers = table(losses)
    whole = numbers.filter(pc.equal(numbers.column("kind"), WHOLE))
    return Priced(
        tuple(rows), price_notes(bills[0]), whole.drop_columns(["kind", "name", "n_accounts"])
    )


def lines(losses: tuple[Loss, ...]) -> list[str]:
    """For reading: the numbers, both ways, what was asked for, models, notes."""
    told: list[str] = []
    for loss in losses:
        bill = loss.bill
        told += ["", heading(loss)]
        told += [f"  {name}: {value}" for name, value in facts(loss)]
        if bill is not None:
            told.append(f"  {': '.join(price(bill))}")
        for kind, head in KINDS.items():
            rows = loss.of_kind(kind)
            if rows:
                told += ["", f"  {head}"]
            told += [f"    {capability(row)}: {row_in_words(row)}" for row in rows]
        models = loss.models()
        if models:
            told += ["", "  Models"]
        amounts = {cost.model: cost.amount for cost in bill.costs} if bill else {}
        for row in models:
            cost = f"; {money(amounts[row['model']], bill.list.currency)}" if bill else ""
            told.append(f"    {model_name(row['model'])}: {row_in_words(row)}{cost}")
        said = (*notes(loss), *(price_notes(bill) if bill else ()))
        if said:
            told += ["", *(f"  {note}" for note in said)]
    return told[1:]


def heading(loss: Loss) -> str:
    """What a part counts."""
    from workbench.services.loss import OWN

    who = loss.cluster_id or "The accounts"
    if loss.part == OWN:
        return f"{who}: exchanges attributed to it"
    return f"{who}: all exchanges of its accounts" if loss.cluster_id else who


def row_in_words(row: Mapping[str, Any]) -> str:
    """Exchanges and tokens of a row of capabilities or models."""
    said = plural(row["n_exchanges"], "exchange", "exchanges")
    if row["out_tok"] is None:
        return f"{said}; tokens {NOT_LOGGED}"
    said += f", {row['out_tok']:,} output"
    if row["reasoning_tok"] is not None:
        said += f" and {row['reasoning_tok']:,} reasoning"
    return f"{said} tokens"
