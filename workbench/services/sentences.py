"""The English of every message key. Placeholders name parameters of the message.

``{x}`` is written as people read it, ``{x:n:account|accounts}`` with its noun, other formats are
Python's. Plain sentences, active, no blame: accounts "worked as one", nobody is an attacker.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Kinds of benign traffic that resemble a campaign.
LOOKALIKES: Final[dict[str, str]] = {
    "eval_harness": "evaluation harness",
    "translation": "translation pipeline",
    "support_bot": "support bot",
    "labelling": "labelling job",
    "reseller": "reseller",
    "fleet": "fleet of one customer",
}


def _day(us: int) -> str:
    when = dt.datetime.fromtimestamp(us // 1_000_000, dt.UTC)
    return f"{when.day} {when:%B %Y}"


def _volume(params: Mapping[str, Any]) -> str:
    exchanges, prompts = params["n_exchanges"], params["n_prompts"]
    said = f"Sent {exchanges:,} exchange{'s' if exchanges != 1 else ''}"
    said += f" with {prompts:,} distinct prompt{'s' if prompts != 1 else ''}"
    first, last = params["first_us"], params["last_us"]
    if first is None or last is None:
        return f"{said}; the log has no times for them."
    if _day(first) == _day(last):
        return f"{said}, all on {_day(first)}."
    return f"{said}, from {_day(first)} to {_day(last)}."


#: What each measure of a cluster is called, and what it says when it stands out.
MEASURES: Final[dict[str, tuple[str, str]]] = {
    "one_source": (
        "Prompts as from one source",
        "Each account follows the others' prompts more closely than people of one interest do.",
    ),
    "same_group": (
        "Same wordings",
        "Accounts that present themselves as strangers sent nearly the same prompts.",
    ),
    "same_template": ("Same templates", "They share templates that few others use."),
    "shared_payment": ("Shared payers", "They pay with the same few payment hashes."),
    "shared_network": ("Shared networks", "They come from the same networks."),
    "shared_client": ("Shared clients", "They use the same uncommon clients."),
    "shared_domain": ("Shared mail domains", "They use the same uncommon mail domains."),
    "signed_up_together": ("Signed up together", "They signed up within days of each other."),
    "burstiness": ("Regular pace", "They send at a more regular pace than people do."),
    "hour_entropy": ("Hours of the week", "They are awake at all hours of the week."),
    "lone_requests": ("Requests without a session", "They send single requests, not sessions."),
    "reasoning_trace": ("Asks for reasoning", "They ask for the reasoning behind answers."),
    "rubric_grading": ("Asks for grading", "They use the model to grade by rubric."),
    "safe_rewrite": ("Asks for safe rewrites", "They ask for rewrites of answers."),
    "tool_trace": ("Asks for tool traces", "They ask for traces of tool use."),
}


def measure_title(name: str) -> str:
    """What a measure of a cluster is called."""
    return MEASURES[name][0] if name in MEASURES else name.replace("_", " ").capitalize()


def _measure(params: Mapping[str, Any]) -> str:
    name = params["measure"]
    said = MEASURES[name][1] if name in MEASURES else f"{measure_title(name)} stands out."
    return f"{said[:-1]} ({params['z']:.1f} standard deviations above ordinary groups)."


def _measured(params: Mapping[str, Any]) -> str:
    return (
        f"{measure_title(params['measure'])}: {params['z']:+.1f} standard deviations from ordinary "
        f"groups of like interest; above {params['percentile']:.1f} % of them."
    )


def _cluster_size(params: Mapping[str, Any]) -> str:
    n, customers, exchanges = (params[k] for k in ("n_accounts", "n_customers", "n_exchanges"))
    said = f"{n:,} account{'s' if n != 1 else ''}"
    if customers > 1:
        said += f" that present themselves as {customers:,} customers"
    said += f" sent {exchanges:,} exchange{'s' if exchanges != 1 else ''}"
    first, last = params["first_us"], params["last_us"]
    if first is None or last is None:
        return f"{said}; the log has no times for them."
    return f"{said}, from {_day(first)} to {_day(last)}."


def _loss(params: Mapping[str, Any]) -> str:
    said = f"They were delivered {params['out_tok']:,} output tokens"
    if params["reasoning_tok"]:
        said += f", and {params['reasoning_tok']:,} reasoning tokens"
    return f"{said}."


def _ordinary(params: Mapping[str, Any]) -> str:
    names = ", ".join(measure_title(name).lower() for name in params["measures"])
    n = params["n"]
    if n == 1:
        return f"One measure is as in ordinary groups: {names}."
    more = "" if n <= len(params["measures"]) else ", among others"
    return f"{n} measures are as in ordinary groups: {names}{more}."


def _shared_check(params: Mapping[str, Any]) -> str:
    title = measure_title(params["measure"]).lower()
    return f"Look at what they share ({title}): whose is it, and who else uses it?"


def _like(params: Mapping[str, Any]) -> str:
    kind = LOOKALIKES.get(params["kind"], params["kind"])
    names = ", ".join(name.replace("_", " ") for name in params["alike"])
    return f"It resembles a benign {kind} (distance {params['distance']:.2f}): alike in {names}."


SENTENCES: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
    # --- a cluster ---
    "cluster.size": _cluster_size,
    "cluster.template": "{share:.0%} of its prompts share the template: {skeleton}",
    "cluster.cells": "Asked most about: {names}.",
    "cluster.measure": _measure,
    "cluster.loss": _loss,
    "measure.cluster": _measured,
    "measure.not_assessed": lambda p: f"{measure_title(p['measure'])}: not assessed.",
    "against.lookalike": _like,
    "against.ordinary": _ordinary,
    "against.near": "{n_accounts:n:account stands|accounts stand} near it without belonging: "
    "people of the same interest are there, too.",
    "against.not_assessed": "Not assessed for want of columns: {axes}.",
    "against.unstable": "Only {stability:.0%} of it stays together when a fifth of the accounts "
    "is left out.",
    "against.nominal": "No benign population was declared, so q is nominal: it rests on "
    "{n_null:n:null cluster|null clusters} made from this log.",
    "against.nothing": "Nothing found; {n_kinds:n:benign explanation|benign explanations} tried.",
    "check.shared": _shared_check,
    "check.sign_ups": "Look at how these accounts signed up: same form, same referrer?",
    "check.near": "Review the {n_accounts:n:account that stands|accounts that stand} near it.",
    "check.prompts": "Read {n} of its prompts, and what was answered.",
    "entity.single": "A single account.",
    "entity.joined": lambda p: (
        f"{p['n_accounts']:,} accounts that are openly one customer: same "
        + ", same ".join(reason.replace("_", " and ") for reason in p["reasons"])
        + "."
    ),
    "signal.not_assessed": "{title}: not assessed ({reason}).",
    # --- an account by itself ---
    "account.volume": _volume,
    "account.member": "It belongs to {cluster_id} (membership {membership:.2f}) and takes its "
    "finding from there.",
    "account.near": "It stands near {cluster_id}, but its membership of {membership:.2f} is below "
    "one half: the finding of the cluster does not extend to it.",
    "account.alone": "It acts alone: it belongs to no cluster.",
    "account.ordinary_signals": "{n_ordinary} of {n_assessed:n:assessed signal|assessed signals} "
    "below the 95th percentile, as in most of the population.",
    "signal.account": "{title}: {value:.3g} {unit}, at or above {percentile:.1f} % of the "
    "population.",
}
