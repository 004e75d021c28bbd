"""The measures of a cluster in words: what each is called, says when it stands out, and is.

A sentence says what was measured and no more: a measure compares the cluster with ordinary groups,
so it says "more than in ordinary groups", never that all members do something. What can be
recounted beside a measure (``analysis.clusters.counts``) follows it in plain counts.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from workbench.domain.text import elide, percentile_text, plural, signed_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Most characters of a value from the log in a sentence.
_VALUE: Final = 40


class Measure(NamedTuple):
    """One measure of a cluster.

    Attributes:
        title: Its name.
        says: What is so when it stands out, without the full stop; compares with ordinary groups.
        defined: What it is, for the table of methods.
        source: Where it comes from.
        unit: Of its effect, a member.
        evades: What would make it miss.
    """

    title: str
    says: str
    defined: str
    source: str
    unit: str
    evades: str


_REPEATS: Final = "Poisson occupancy; own proposal"
_RANKS: Final = "Mean normal score"
_LOG: Final = "log ratio"
_SCORE: Final = "mean normal score"
#: What evades measures that several share.
_ONE_REGION: Final = "Sending only in one region's working hours."


def _shared(title: str, noun: str, evades: str) -> Measure:
    return Measure(
        title,
        f"Members share {noun} more often than those of ordinary groups",
        f"Repeated {noun} among customers, to those of as many strangers (log ratio); common "
        "ones left out.",
        _REPEATS,
        _LOG,
        evades,
    )


def _asks(title: str, what: str) -> Measure:
    return Measure(
        title,
        f"On average more of a member's prompts ask for {what} than in ordinary groups",
        f"How high members rank by the share of prompts that ask for {what}.",
        f"{_RANKS}; patterns are our own",
        _SCORE,
        "Wording that no pattern knows; reasoning that the model returns unasked.",
    )


MEASURES: Final[dict[str, Measure]] = {
    "one_source": Measure(
        "Prompts as from one source",
        "On average a member follows the topics of the other members more closely than in "
        "ordinary groups",
        "On prompts that formed nothing: does a member follow the others' cells 8 times as closely "
        "as people of one interest do? (mean log likelihood ratio)",
        "Dirichlet-multinomial prediction; own proposal",
        "nats",
        "Dealing topics to accounts, or asking in the proportions in which people ask.",
    ),
    "source_in_part": Measure(
        "Prompts from one source, in part",
        "On average a member's prompts, or a part of them, come from what the members have in "
        "common more clearly than in ordinary groups",
        "On prompts that formed nothing: evidence that all or a share of a member's prompts come "
        "from the others' source, against everybody else's interests (mean log likelihood ratio)",
        "Mixture of Dirichlet-multinomials; own proposal",
        "nats",
        "Harvesting with what people ask anyway, or a smaller share of it an account.",
    ),
    "interchange": Measure(
        "Interchangeable prompts",
        "Beside prompts of one member, prompts of different members are more alike than in "
        "ordinary groups",
        "Likeness of prompts of different members, to that of prompts of one (log ratio); shared "
        "wordings are left out.",
        "Rizzo and Szekely 2010; Gretton et al. 2012",
        _LOG,
        "Giving each account wordings and topics of its own.",
    ),
    "same_group": _shared("Same wordings", "wordings", "Wording each prompt anew."),
    "same_template": _shared("Same templates", "templates", "Paraphrasing every prompt."),
    "shared_payment": _shared("Shared payers", "payment hashes", "A card for every account."),
    "shared_network": _shared(
        "Shared networks", "networks", "A residential address for every account."
    ),
    "shared_client": _shared(
        "Shared clients", "clients", "Common browsers and libraries, or a client for every account."
    ),
    "shared_domain": _shared("Shared mail domains", "mail domains", "Mail at large providers."),
    "signed_up_together": Measure(
        "Signed up together",
        "More pairs of members signed up within five days of each other than in ordinary groups",
        "Pairs created within five days, to those that each one's own days give (log ratio).",
        "Scan statistic, Naus 1965",
        _LOG,
        "Buying old accounts, or signing up over months.",
    ),
    "burstiness": Measure(
        "Regular pace",
        "On average members send at a more regular pace than in ordinary groups",
        "How high members rank by burstiness, reversed.",
        f"{_RANKS}; Goh and Barabasi 2008",
        _SCORE,
        "Replaying recorded human sessions, or sending in bursts.",
    ),
    "hour_entropy": Measure(
        "Hours of the week",
        "On average members spread their requests over more hours of the week than in ordinary "
        "groups",
        "How high members rank by the entropy of their hours.",
        f"{_RANKS}; Miller 1955",
        _SCORE,
        _ONE_REGION,
    ),
    "lone_requests": Measure(
        "Requests without a session",
        "On average more of a member's requests have no other of its own within 15 minutes than "
        "in ordinary groups",
        "How high members rank by the share of requests that stand alone.",
        f"{_RANKS}; own proposal",
        _SCORE,
        "Grouping tasks into sessions of a few minutes.",
    ),
    "hour_concentration": Measure(
        "Concentration over the day",
        "On average members' active hours lie less close together on the clock than in ordinary "
        "groups",
        "How high members rank by the mean resultant length of their hours, reversed.",
        f"{_RANKS}; Rayleigh",
        _SCORE,
        _ONE_REGION,
    ),
    "gap_entropy": Measure(
        "Variety of the pauses",
        "On average members' pauses between requests are more of one length than in ordinary "
        "groups",
        "How high members rank by the entropy of their pauses, reversed.",
        f"{_RANKS}; Shannon 1948",
        _SCORE,
        "Drawing pauses from a broad distribution, or replaying human sessions.",
    ),
    "rate_ceiling": Measure(
        "Minutes at its highest rate",
        "On average more of a member's active minutes are as full as its fullest than in ordinary "
        "groups",
        "How high members rank by the share of minutes at .9 of their highest rate.",
        f"{_RANKS}; own proposal",
        _SCORE,
        "Staying well below the limit, or varying the rate.",
    ),
    "sampling_signature": Measure(
        "Sampling settings",
        "On average members use rarer sampling settings than those of ordinary groups",
        "How high members rank by the rarity of their settings.",
        f"{_RANKS}; own proposal",
        _SCORE,
        "Asking each prompt once, with the settings that most people use.",
    ),
    "reasoning_trace": _asks("Asks for reasoning traces", "the reasoning behind answers"),
    "rubric_grading": _asks("Asks for grading by rubric", "grading by a rubric"),
    "safe_rewrite": _asks("Asks for safe rewrites", "rewrites of answers"),
    "tool_trace": _asks("Asks for tool-use traces", "traces of tool use"),
}

#: Signals of accounts that are stronger the lower they are.
LOWER: Final = frozenset({"burstiness", "gap_entropy", "hour_concentration", "novelty_of_queries"})
#: Signals of accounts that are ranked as they are: the others allow for how little or much there
#: was to measure.
AS_MEASURED: Final = frozenset(
    {
        "growth", "novelty_of_queries", "shared_client", "shared_domain", "shared_network",
        "shared_payment",
    }
)  # fmt: skip
#: Units in which zero means that there is none of it: no place is claimed for that.
_NONE_AT_ZERO: Final = frozenset({"chance", "nats", "share", "times the usual rate"})

#: One value of each kind that members may share, and several.
_NOUNS: Final[dict[str, tuple[str, str]]] = {
    "shared_payment": ("payment hash", "payment hashes"),
    "shared_network": ("network", "networks"),
    "shared_client": ("client", "clients"),
    "shared_domain": ("mail domain", "mail domains"),
}


def measure_title(name: str) -> str:
    """Title of a measure or signal; its name in words when it is not known."""
    known = MEASURES.get(name)
    return known.title if known else name.replace("_", " ").capitalize()


def signal_title(name: str, own: str) -> str:
    """Title of an account's signal: that of the cluster's measure made of it, where there is one.

    Args:
        name: Of the signal.
        own: Title by its own specification.
    """
    known = MEASURES.get(name)
    return known.title if known else own


def stands_out(params: Mapping[str, Any]) -> str:
    """A measure that stands out, as a sentence of the story."""
    name = params["measure"]
    said = MEASURES[name].says if name in MEASURES else f"{measure_title(name)} stands out"
    return _with_counts(f"{said} ({params['z']:.1f} standard deviations above)", params)


def measured(params: Mapping[str, Any]) -> str:
    """A measure with its place among ordinary groups."""
    said = (
        f"{measure_title(params['measure'])}: {signed_text(params['z'])} standard deviations from "
        f"ordinary groups of like interest, as if above {share_above(params['percentile'])} of them"
    )
    return _with_counts(said, params)


def account_signal(params: Mapping[str, Any]) -> str:
    """A signal of an account with its place among accounts, and which way is stronger."""
    name, unit, value = params.get("signal") or "", params.get("unit") or "", params["value"]
    saved = params.get("baseline")
    whom = f"the {saved:,} accounts of the baseline" if saved else "accounts"
    said = f"{params['title']}: {written(value, unit)}"
    if value == 0 and unit in _NONE_AT_ZERO:
        # Equal accounts stand in the middle of themselves: no place is claimed for none of it.
        place = percentile_text(params["percentile"])
        return f"{said}, percentile {place} among {whom}, equal ones counted half."
    said += " (lower is stronger)" if name in LOWER else ""
    said += f", stronger than {share_above(params['percentile'])} of {whom}"
    # Accounts that are equal as measured are many; what is corrected for volume is seldom equal.
    how = "equal ones counted half" if name in AS_MEASURED else "corrected for volume"
    return f"{said}, {how}."


#: What a number is, and not what it counts.
_NO_UNITS: Final = frozenset({"ratio", "chance", "exponent"})
_ONE: Final = {
    "cells": "cell",
    "clusters": "cluster",
    "deciles": "decile",
    "entities": "entity",
    "exchanges": "exchange",
    "groups": "group",
    "meetings": "meeting",
    "members": "member",
    "null clusters": "null cluster",
    "prompts": "prompt",
}


def share_above(percentile: float) -> str:
    """``96.4 %``, ``more than 99.9 %``: never all, never none."""
    text = percentile_text(percentile)
    return f"{text.replace('> ', 'more than ').replace('< ', 'less than ')} %"


def shared_values(values: Sequence[tuple[str, int]]) -> str:
    """``ab12 (3 accounts), cd34 (2 accounts)``."""
    return ", ".join(
        f"{elide(str(text), _VALUE)} ({plural(n, 'account', 'accounts')})" for text, n in values
    )


def written(value: float, unit: str) -> str:
    """A measured value with its unit, as people read it."""
    if unit == "share":
        return f"{100 * value:.1f} %"
    number = f"{value:,.3g}" if abs(value) < 1e4 else f"{value:,.0f}"
    if unit in _NO_UNITS:
        return number
    return f"{number} {_ONE.get(unit, unit) if number == '1' else unit}".strip()


def day(us: int) -> str:
    """``2 March 2026``, UTC."""
    when = dt.datetime.fromtimestamp(us // 1_000_000, dt.UTC)
    return f"{when.day} {when:%B %Y}"


def _with_counts(said: str, params: Mapping[str, Any]) -> str:
    counted = _counts(params)
    return f"{said}: {counted}." if counted else f"{said}."


def _counts(params: Mapping[str, Any]) -> str:
    """What can be recounted beside a measure; empty where nothing was counted."""
    name = params["measure"]
    if name in _NOUNS and "n_sharing" in params:
        return _sharing(*_NOUNS[name], params)
    if "n_pairs" in params:
        return (
            f"{params['n_pairs']:,} of {params['n_all']:,} pairs did; they signed up from "
            f"{day(params['first_us'])} to {day(params['last_us'])}"
        )
    if "mean" in params:
        mine, everybody = (written(params[k], params["unit"]) for k in ("mean", "mean_all"))
        return f"{mine} on average, {everybody} over all accounts"
    if name == "interchange" and params.get("effect") is not None:
        alike = f"{100 * math.exp(params['effect']):.0f} %"
        return f"prompts of different members are {alike} as alike as those of one"
    return ""


def _sharing(one: str, many: str, params: Mapping[str, Any]) -> str:
    known = plural(params["n_known"], f"account with a {one}", f"accounts with a {one}")
    said = f"{params['n_sharing']:,} of {known} share one with another member"
    said += f", of {plural(params['n_values'], one, f'different {many}')}"
    if not params["n_sharing"]:
        return said
    if params.get("values"):
        return f"{said}; the most shared: {shared_values(params['values'])}"
    return f"{said}; none is shared by more than {params['most']:,}"
