"""The English of every message key. Placeholders name parameters of the message.

``{x}`` is written as people read it, ``{x:n:account|accounts}`` with its noun, other formats are
Python's. A function makes what a template cannot say. Plain sentences, active, no blame:
accounts "worked as one", nobody is an attacker.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Kinds of benign traffic that resemble a campaign.
LOOKALIKES: Final[dict[str, str]] = {
    "eval_harness": "evaluation harness",
    "translation": "translation pipeline",
    "support_bot": "support bot",
    "labelling": "labelling job",
    "reseller": "reseller",
    "fleet": "fleet of one customer",
}

#: What a cluster is measured by: title, and what it means when it is far above ordinary groups.
MEASURES: Final[dict[str, tuple[str, str]]] = {
    "one_source": ("One source of prompts", "their prompts look as if drawn from one source"),
    "same_group": ("Same prompts", "they ask nearly the same prompts"),
    "same_template": ("Same templates", "they fill the same templates"),
    "reasoning_trace": ("Reasoning traces", "they ask for written-out reasoning"),
    "rubric_grading": ("Grading by rubric", "they ask for grades by a rubric"),
    "safe_rewrite": ("Safe rewrites", "they ask for safe rewrites of something sensitive"),
    "tool_trace": ("Tool-use traces", "they ask for traces of tool use"),
    "burstiness": ("Regular intervals", "their requests come at machine-like intervals"),
    "hour_entropy": ("Hours of the week", "they are awake at all hours of the week"),
    "lone_requests": ("Requests without a session", "their requests stand alone, in no session"),
    "shared_payment": ("Shared payers", "they share payers"),
    "shared_network": ("Shared networks", "they share networks"),
    "shared_asn": ("Shared providers", "they share network providers"),
    "shared_client": ("Shared clients", "they share rare clients"),
    "shared_domain": ("Shared mail domains", "they share mail domains"),
    "signed_up_together": ("Sign-ups together", "they signed up together"),
}

#: What makes a cluster resemble benign traffic.
TRAITS: Final[dict[str, str]] = {
    "repeats": "how many accounts ask one prompt",
    "days": "how long it lasts",
    "out_tokens": "length of the answers",
    "around_the_clock": "hours of the day",
    "out_per_in": "answers as long as the questions",
    "top_template": "weight of one template",
    "customers": "how many customers it comes from",
    "distinct": "share of prompts that differ",
    "breadth": "breadth of the topics",
}

_AXES: Final = {
    "content": "content",
    "automation": "automation",
    "coordination": "coordination",
}


def measure_title(name: str) -> str:
    """Title of a measure or signal; its name in words when it is not known."""
    known = MEASURES.get(name)
    return known[0] if known else name.replace("_", " ").capitalize()


def _listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _day(us: int) -> str:
    when = dt.datetime.fromtimestamp(us // 1_000_000, dt.UTC)
    return f"{when.day} {when:%B %Y}"


def _when(first: int | None, last: int | None) -> str:
    if first is None or last is None:
        return "; the log has no times for them"
    if _day(first) == _day(last):
        return f", all on {_day(first)}"
    return f", from {_day(first)} to {_day(last)}"


def _volume(params: Mapping[str, Any]) -> str:
    sent = _counted(params["n_exchanges"], "exchange", "exchanges")
    prompts = _counted(params["n_prompts"], "distinct prompt", "distinct prompts")
    return f"Sent {sent} with {prompts}{_when(params['first_us'], params['last_us'])}."


def _size(params: Mapping[str, Any]) -> str:
    who = _counted(params["n_accounts"], "account", "accounts")
    customers = params["n_customers"]
    if customers > 1:
        who += f" that present themselves as {customers:,} different customers"
    elif customers == 1:
        who += " of one customer"
    sent = _counted(params["n_exchanges"], "exchange", "exchanges")
    return f"{who} sent {sent}{_when(params['first_us'], params['last_us'])}."


def _cells(params: Mapping[str, Any]) -> str:
    return f"Most of it lies in: {'; '.join(params['names'])}."


def _told(params: Mapping[str, Any]) -> str:
    """A measure that stands out, as a sentence of the story."""
    known = MEASURES.get(params["measure"])
    said = known[1] if known else f"{measure_title(params['measure']).lower()} stands out"
    said = f"{said[:1].upper()}{said[1:]}"
    return f"{said}: {params['z']:.1f} standard deviations above ordinary groups of their size."


def _measured(params: Mapping[str, Any]) -> str:
    z = params["z"]
    side = "above" if z >= 0 else "below"
    return (
        f"{measure_title(params['measure'])}: {abs(z):.1f} standard deviations {side} ordinary "
        f"groups of their size; above {params['percentile']:.1f} % of them."
    )


def _not_assessed(params: Mapping[str, Any]) -> str:
    if "measure" in params:
        title, reason = measure_title(params["measure"]), ""
    else:
        title, reason = params["title"], params.get("reason") or ""
    why = f": {reason}" if reason else ": the log lacks the columns that it needs"
    return f"{title} is not assessed{why}."


def _account_signal(params: Mapping[str, Any]) -> str:
    unit = f" {params['unit']}" if params.get("unit") else ""
    place = f"at or above {params['percentile']:.1f} % of the population"
    return f"{params['title']}: {params['value']:.3g}{unit}, {place}."


def _loss(params: Mapping[str, Any]) -> str:
    taken = _counted(params["out_tok"], "output token", "output tokens")
    reasoning = params.get("reasoning_tok")
    if reasoning is None:
        return f"They took {taken}; reasoning tokens are not in the log."
    return f"They took {taken}, {_counted(reasoning, 'reasoning token', 'reasoning tokens')}."


def _lookalike(params: Mapping[str, Any]) -> str:
    kind = LOOKALIKES.get(params["kind"], str(params["kind"]).replace("_", " "))
    article = "an" if kind[0] in "aeiou" else "a"
    alike = [TRAITS.get(name, name.replace("_", " ")) for name in params.get("alike", ())]
    said = f"It resembles {article} {kind} (distance {params['distance']:.2f})"
    return f"{said}: alike in {_listed(alike)}." if alike else f"{said}."


def _ordinary(params: Mapping[str, Any]) -> str:
    titles = [measure_title(name).lower() for name in params["measures"]]
    more = params["n"] - len(titles)
    if more > 0:
        titles.append(f"{more:,} more")
    measures = "measure" if params["n"] == 1 else "measures"
    return f"Ordinary in {params['n']:,} {measures}: {_listed(titles)}."


def _axes(params: Mapping[str, Any]) -> str:
    names = [_AXES.get(name, name) for name in params["axes"]]
    said = _listed(names)
    verb = "was" if len(names) == 1 else "were"
    return f"{said[:1].upper()}{said[1:]} {verb} not assessed: the log lacks the columns."


SENTENCES: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
    # --- what a cluster did ---
    "cluster.size": _size,
    "cluster.template": "{share:.1%} of it follows one template: {skeleton}",
    "cluster.cells": _cells,
    "cluster.measure": _told,
    "cluster.loss": _loss,
    # --- how it measures ---
    "measure.cluster": _measured,
    "measure.not_assessed": _not_assessed,
    # --- what speaks against it ---
    "against.lookalike": _lookalike,
    "against.ordinary": _ordinary,
    "against.near": "{n_accounts:n:more account stands|more accounts stand} near without "
    "belonging: the border of the group is not sharp.",
    "against.not_assessed": _axes,
    "against.unstable": "The group comes back in only {stability:.0%} of resamples.",
    "against.nominal": "No benign traffic was declared: it was compared with "
    "{n_null:n:group|groups} drawn from this log itself.",
    "against.nothing": "Nothing found; {n_kinds:n:explanation|explanations} tried.",
    # --- what to check next ---
    "check.shared": lambda params: (
        f"See what they share: {measure_title(params['measure']).lower()}."
    ),
    "check.sign_ups": "See when they signed up, and from where.",
    "check.near": "See whether the {n_accounts:n:account|accounts} near it belong to it.",
    "check.prompts": "Read {n:n:prompt|prompts} of theirs beside prompts of ordinary accounts.",
    # --- an account by itself ---
    "account.volume": _volume,
    "account.member": "It belongs to {cluster_id} (membership {membership:.2f}) and takes its "
    "finding from there.",
    "account.near": "It stands near {cluster_id}, but its membership of {membership:.2f} is below "
    "one half: the finding of the cluster does not extend to it.",
    "account.alone": "It acts alone: it belongs to no cluster.",
    "account.ordinary_signals": "{n_ordinary} of {n_assessed:n:assessed signal|assessed signals} "
    "below the 95th percentile, as in most of the population.",
    "signal.account": _account_signal,
    "signal.not_assessed": _not_assessed,
}
