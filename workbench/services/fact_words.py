"""The examinations of a cluster in words: what each is called, and its sentence.

A sentence says what was counted, and what it is beside groups of other accounts; whether it
speaks for anything is not said in it. No blame, no certainty that the numbers do not give.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.text import elide, plural, probability_text
from workbench.services.measure_words import day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Name of an examination -> what it is called.
FACTS: Final[dict[str, str]] = {
    "parts": "two parts",
    "coverage_curve": "coverage",
    "depth": "depth",
    "uniformity": "evenness",
    "new_cells_per_hour": "new regions an hour",
    "work_queue": "work queue",
    "gap_filling": "gap-filling between waves",
    "load_balancing": "load balancing",
    "co_action": "meetings on one object",
    "release_pivot": "move to a new model",
    "turning": "change against their own past",
    "replacements": "sign-ups after suspensions",
    "refusals_retried": "refusals asked again",
    "repeated_answers": "answers that several customers got",
    "answer_length": "length of answers",
    "kept_whole": "answers kept whole, refusals left out",
    "reasoning_delivered": "reasoning delivered",
    "answer_variety": "variety of answers",
}
_GROUPS: Final = "groups of other accounts"


def fact_title(name: str) -> str:
    """What an examination is called."""
    return FACTS.get(name, name.replace("_", " "))


def _parts(params: Mapping[str, Any]) -> str:
    of = f" ({params['n_looked_at']:,} of its accounts, drawn at random, were looked at)"
    drawn = of if params["n_looked_at"] < params["n_accounts"] else ""
    if not params["falls"]:
        return (
            "It does not fall into two parts: parted as well as can be, what is asked and what is "
            f"shared keep apart no more than by chance{drawn}."
        )
    larger, smaller = params["n"]
    pairs = plural(params["across"], "pair of accounts", "pairs of accounts")
    return (
        f"It falls into two parts, of {larger:,} and {smaller:,} accounts, that ask differently "
        f"and share little{drawn}: {pairs} across them share a card, a network or another rare "
        f"value; where who shares was dealt out anew, {params['low']:,.0f} to "
        f"{params['high']:,.0f} (p = {probability_text(params['p'])}). It may be two operators; "
        "one whose batches of accounts each have a script and resources of their own looks alike."
    )


def _coverage(params: Mapping[str, Any]) -> str:
    of = f"{params['n']:,} prompts"
    if params["n"] < params["n_all"]:
        of = f"{params['n']:,} of its prompts, drawn at random,"
    return (
        f"{of} held {params['prompts']:,} different ones, near-duplicates counted once, as many of "
        f"{_GROUPS} {params['low']:,.0f} to {params['high']:,.0f}. By what it asked "
        f"only once, {_share(params['unseen'])} of what it would ask next is new to it. "
        f"{params['needed']:,} of its {plural(params['n_accounts'], 'account', 'accounts')} "
        f"{'is' if params['needed'] == 1 else 'are'} enough to visit nine tenths of the regions "
        "that all of them visit, in groups of other "
        f"accounts {params['needed_low']:,.0f} to {params['needed_high']:,.0f}."
    )


def _depth(params: Mapping[str, Any]) -> str:
    return (
        f"It asked {_size(params['depth'])} different prompts for each region, regions counted as "
        "evenly visited ones (their effective number, e^H), "
        f"{_GROUPS} {_size(params['low'])} to {_size(params['high'])}."
    )


def _uniformity(params: Mapping[str, Any]) -> str:
    regions = plural(params["regions"], "region that holds", "regions that hold")
    return (
        f"It visits the {regions} nine tenths of its prompts with an evenness of "
        f"{_share(params['evenness'])} (100 %: each alike); {_GROUPS} have "
        f"{_share(params['low'])} to {_share(params['high'])}."
    )


def _new_cells(params: Mapping[str, Any]) -> str:
    hours = plural(params["hours"], "hour", "hours")
    return (
        f"In the {hours} in which any of its accounts asked, it came to {params['rate']:.2f} new "
        f"regions an hour, {_GROUPS} to {params['low']:.2f} to {params['high']:.2f}."
    )


def _work_queue(params: Mapping[str, Any]) -> str:
    return (
        f"Prompts of different accounts fall in one region {params['alike']:.2f} times as often as "
        f"prompts of one account (1: all ask alike), in {_GROUPS} {params['low']:.2f} to "
        f"{params['high']:.2f}. Accounts asked what another one had asked "
        f"{plural(params['repeated'], 'time', 'times')}; had each drawn from all prompts by "
        f"itself, about {params['predicted']:,.0f} were to be expected."
    )


def _gap_filling(params: Mapping[str, Any]) -> str:
    if params["waves"] < 2:
        return "Its activity never rests for two days, so that no waves can be told apart."
    how = "more than" if params["above"] else "less than" if params["below"] else "as"
    return (
        f"It came in {params['waves']} waves. Of {params['n']:,} prompts of the later ones "
        f"{params['new']:,} were new to it, {params['expected']:,.0f} were to be expected from "
        f"what the waves before had asked only once: {how} is usual in {_GROUPS}."
    )


def _load_balancing(params: Mapping[str, Any]) -> str:
    return (
        f"Requests of different accounts came within {_lasting(params['window_s'])} of each other "
        f"{params['exclusion']:.2f} times as often as chance lets expect ({_moved(params)}, "
        f"{params['exclusion_moved']:.2f}): less would mean that they take turns. What they send "
        f"together varies {params['fano']:.2f} times as much as chance (moved, "
        f"{params['fano_moved']:.2f}): less would mean that it is evened out."
    )


def _co_action(params: Mapping[str, Any]) -> str:
    if not params["meetings"]:
        return (
            f"No two customers met twice within {_lasting(params['widest'])} on a wording, "
            "template or region that few use."
        )
    strongest = _listed([f"{times:,}" for times in params["strongest"]])
    told = "pairs met" if len(params["strongest"]) > 1 else "pair met"
    return (
        f"{plural(params['pairs'], 'pair of customers', 'pairs of customers')} met twice or more "
        f"within {_lasting(params['seconds'])} on a wording, template or region that few use, "
        f"{plural(params['meetings'], 'time', 'times')} in all; {_moved(params)}, "
        f"{params['low']:,.0f} to {params['high']:,.0f} times. The strongest {told} {strongest} "
        f"times; one customer took part in {_share(params['greatest_share'])} of them."
    )


def _release_pivot(params: Mapping[str, Any]) -> str:
    who = plural(params["accounts"], "account", "accounts")
    place = "after its release" if params.get("released") else "among everybody else"
    return (
        f"In the first 24 hours of {elide(str(params['model']), 40)} {place} (from "
        f"{day(params['first_us'])}), {_share(params['share'])} of {params['n']:,} exchanges of "
        f"its {who} went to it, of all ordinary accounts {_share(params['share_all'])}; of as "
        f"many drawn at random {_share(params['low'])} to {_share(params['high'])}."
    )


def _turning(params: Mapping[str, Any]) -> str:
    who = plural(params["n"], "member", "members")
    # People are whole: an interval between two counts is told by those around it.
    said = (
        f"{params['turned']:,} of {who} with enough past changed what they ask from one day on; "
        f"of as many ordinary accounts with as much past {math.floor(params['low']):,} to "
        f"{math.ceil(params['high']):,}."
    )
    if params["turned"] < 2:
        return said
    return (
        f"{said} {params['together']:,} of them did within {params['days']} days, from "
        f"{day(params['first_us'])}; of the ordinary ones at most "
        f"{math.ceil(params['together_high']):,}."
    )


def _replacements(params: Mapping[str, Any]) -> str:
    lost = plural(params["suspended"], "account was", "accounts were")
    return (
        f"{lost} refused as suspended. Within {params['hours']} hours of {params['followed']:,} of "
        f"these moments another one of it signed up, of {params['signed_up']:,} that did while it "
        f"was active; of as many moments, moved in time together, {params['low']:,.0f} to "
        f"{params['high']:,.0f} are followed so."
    )


def _refusals(params: Mapping[str, Any]) -> str:
    refusals = plural(params["n"], "refusal", "refusals")
    return (
        f"After {params['retried']:,} of {refusals} ({_share(params['share'])}) the same or nearly "
        f"the same was asked again within a day, in {_GROUPS} after {_share(params['low'])} to "
        f"{_share(params['high'])}: {params['own']:,} times by the same account, "
        f"{params['other']:,} times by another one; in {params['delivered']:,} of these cases it "
        "was answered then."
    )


def _repeated(params: Mapping[str, Any]) -> str:
    return (
        f"{params['shared']:,} of {params['n']:,} longer answers ({_share(params['share'])}) went "
        f"to two or more customers in nearly the same words, in {_GROUPS} {_share(params['low'])} "
        f"to {_share(params['high'])}."
    )


def _moved(params: Mapping[str, Any]) -> str:
    return f"with each account moved in time by itself, by whole {params['unit']}"


def _lasting(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} seconds"
    if seconds < 3_600:
        return plural(round(seconds / 60), "minute", "minutes")
    return "an hour"


def _neither(params: Mapping[str, Any]) -> str:
    return f"Neither for nor against: {_listed([fact_title(name) for name in params['facts']])}."


def _not_assessed(params: Mapping[str, Any]) -> str:
    titles = [fact_title(name) for name in params["facts"]]
    named = _listed(titles)
    reason = params.get("reason") or ""
    why = (
        "there is too little to compare" if reason in ("", "volume") else f"the log has no {reason}"
    )
    return f"Not assessed, as {why}: {named}."


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _size(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


FACT_SENTENCES: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
    "fact.parts": _parts,
    "fact.coverage_curve": _coverage,
    "fact.depth": _depth,
    "fact.uniformity": _uniformity,
    "fact.new_cells_per_hour": _new_cells,
    "fact.work_queue": _work_queue,
    "fact.gap_filling": _gap_filling,
    "fact.load_balancing": _load_balancing,
    "fact.co_action": _co_action,
    "fact.release_pivot": _release_pivot,
    "fact.turning": _turning,
    "fact.replacements": _replacements,
    "fact.refusals_retried": _refusals,
    "fact.repeated_answers": _repeated,
    "fact.answer_length": f"An answer had {{value:,.0f}} output tokens on average, in {_GROUPS} "
    "{low:,.0f} to {high:,.0f}.",
    "fact.kept_whole": f"{{value:.1%}} of its answers ended by themselves, uncut; in {_GROUPS} "
    "{low:.1%} to {high:.1%}.",
    "fact.reasoning_delivered": f"An answer had {{value:,.0f}} reasoning tokens on average, in "
    f"{_GROUPS} {{low:,.0f}} to {{high:,.0f}}.",
    "fact.answer_variety": "Two of its answers, picked at random, differ in {value:.2%} of cases; "
    f"in {_GROUPS} in {{low:.2%}} to {{high:.2%}}.",
    "fact.neither": _neither,
    "fact.not_assessed": _not_assessed,
}
