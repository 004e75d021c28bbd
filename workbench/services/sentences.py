"""The English of every message key. Placeholders name parameters of the message.

``{x}`` is written as people read it, ``{x:n:account|accounts}`` with its noun, other formats are
Python's. A function makes what a template cannot say. Plain sentences, active, no blame:
accounts "worked as one", nobody is an attacker.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.signal import TOO_LITTLE
from workbench.domain.text import likely_text, plural
from workbench.services import evidence_words
from workbench.services.fact_words import FACT_SENTENCES
from workbench.services.measure_words import (
    account_signal,
    day,
    measure_title,
    measured,
    shared_values,
    stands_out,
)

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


def _listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _when(params: Mapping[str, Any]) -> str:
    """When exchanges were sent, and how many of them have no time."""
    first, last = params["first_us"], params["last_us"]
    if first is None or last is None:
        return "; the log has no times for them"
    undated = params.get("n_undated", 0)
    without = f"; {undated:,} of them without a time" if undated else ""
    if day(first) == day(last):
        return f", {'' if undated else 'all '}on {day(first)}{without}"
    return f", from {day(first)} to {day(last)}{without}"


def _volume(params: Mapping[str, Any]) -> str:
    sent = plural(params["n_exchanges"], "exchange", "exchanges")
    prompts = plural(params["n_prompts"], "distinct prompt", "distinct prompts")
    return f"Sent {sent} with {prompts}{_when(params)}."


def _turned(params: Mapping[str, Any]) -> str:
    days = round(params["asleep_us"] / 86_400_000_000)
    silence = f", after {plural(days, 'day', 'days')} of silence" if days else ""
    return (
        f"Changed what it asks on {day(params['turned_us'])}{silence}: {params['before']:,} "
        f"prompts before and {params['after']:,} after differ (MMD squared "
        f"{params['distance']:.2f}) more than its days in another order do (p = {params['p']:.2g}"
        "). One account in a hundred does so by chance, and so does somebody who takes up other "
        "work."
    )


def _picked(params: Mapping[str, Any]) -> str:
    who = plural(params["n_accounts"], "account in no cluster", "accounts in no cluster")
    sent = plural(params["n_exchanges"], "exchange", "exchanges")
    return f"{who} sent {sent}{_when(params)}."


def _size(params: Mapping[str, Any]) -> str:
    who = plural(params["n_accounts"], "account", "accounts")
    customers = params["n_customers"]
    if customers > 1:
        who += f" that present themselves as {customers:,} different customers"
    elif customers == 1:
        who += " of one customer"
    sent = plural(params["n_exchanges"], "exchange", "exchanges")
    cut = [
        f"where the log {verb}" for name, verb in (("at_begin", "begins"), ("at_end", "ends"))
        if params.get(name)
    ]  # fmt: skip
    beyond = (
        f" They were active {' and '.join(cut)}: what they did beyond is not in it." if cut else ""
    )
    return f"{who} sent {sent}{_when(params)}.{beyond}"


#: How one account, and several, show what customers are told apart by.
_SHOWING: Final = {
    "organisation": ("declares an organisation", "declare an organisation"),
    "payment": ("shows a payer", "show a payer"),
    "network": ("shows a network", "show a network"),
    "domain": ("shows a mail domain", "show a mail domain"),
}


def _customers(params: Mapping[str, Any]) -> str:
    shown, absent = [], []
    for kind, n in params["showing"].items():
        one, several = _SHOWING[kind]
        if n:
            shown.append(f"{n:,} {one if n == 1 else several}")
        else:
            absent.append(one)
    counts = [_listed(shown)] if shown else []
    counts += [f"none {' or '.join(absent)}"] if absent else []
    return (
        "How customers are told apart: accounts that declare one organisation, or have one payer "
        "and with it one network or one mail domain, count as one customer; values that very many "
        f"share do not count. Of the {params['n_accounts']:,} accounts {'; '.join(counts)}."
    )


def _beside(params: Mapping[str, Any]) -> str:
    """One benign explanation: what speaks for it, and what against it."""
    kind = LOOKALIKES.get(params["kind"], str(params["kind"]).replace("_", " "))
    alike, unlike = (_listed([_trait(name) for name in params[one]]) for one in ("alike", "unlike"))
    said = f"{kind[:1].upper()}{kind[1:]} (distance {params['distance']:.1f})"
    parts = [f"alike in {alike}"] if alike else []
    parts += [f"unlike in {unlike}"] if unlike else []
    return f"{said}: {'; '.join(parts)}." if parts else f"{said}."


def _trait(name: str) -> str:
    return TRAITS.get(name, name.replace("_", " "))


def _assessed(params: Mapping[str, Any]) -> str:
    """What is counted of: all exchanges, or those with a prompt."""
    assessed, sent = params["n_assessed"], params["n_exchanges"]
    whole = plural(assessed, "exchange", "exchanges")
    return whole if assessed == sent else f"{whole} with a prompt"


def _cluster_attributed(params: Mapping[str, Any]) -> str:
    said = (
        f"Of their {_assessed(params)} {params['n_attributed']:,} belong to what these accounts "
        "have in common; the others are like what accounts without a finding ask, and may be their "
        "holders' or customers' own"
    )
    few = params["n_mostly_own"]
    if few:
        who = plural(few, "account", "accounts")
        said += f"; they are more than three quarters of what {who} sent"
    return f"{said}."


def _account_attributed(params: Mapping[str, Any]) -> str:
    left = params["n_assessed"] - params["n_attributed"]
    said = (
        f"Of its {_assessed(params)} {params['n_attributed']:,} belong to what the accounts of "
        f"{params['cluster_id']} have in common"
    )
    return f"{said}; {left:,} are like what accounts without a finding ask." if left else f"{said}."


def _template(params: Mapping[str, Any]) -> str:
    whole = f"{100 * params['share']:.0f} % of its prompts"
    if params.get("share_others") is not None:
        whole += f" (of everybody else's {_rare_share(params['share_others'])})"
    # Cases that an older program analysed do not say by whom and when.
    if "n_accounts" in params:
        who = plural(params["n_accounts"], "account", "accounts")
        when = _when(params) if params["first_us"] is not None else ""
        whole += f", by {who}{when.replace(', all on', ', on')},"
    ways = params.get("n_fillings", 0)
    filled = f", filled in {ways:,} ways" if ways > 1 else ""
    if params["skeleton"] is None:
        return f"{whole} share one template{filled}, {params['why']}."
    return f"{whole} share the template{filled}: {params['skeleton']}"


def _rare_share(value: float) -> str:
    """A share in per cent that is not rounded to nothing."""
    percent = 100 * value
    if 0 < percent < 0.01:
        return "less than 0.01 %"
    return f"{percent:.{0 if percent >= 1 or percent == 0 else 2}f} %"


def _cells(params: Mapping[str, Any]) -> str:
    return f"Places of the map where it asked most: {'; '.join(params['names'])}."


def _not_assessed(params: Mapping[str, Any]) -> str:
    """Columns that the whole log lacks are named; an account may just have sent too little."""
    if "measure" in params:
        title = measure_title(params["measure"])
        return f"{title} is not assessed: the log lacks the columns that it needs."
    title, reason = params["title"], params.get("reason") or ""
    if reason and reason != TOO_LITTLE:
        return f"{title} is not assessed: the log has no {reason}."
    fewest = params.get("fewest")
    why = f"it takes {fewest}" if fewest else "too little of it is recorded"
    return f"{title} is not assessed: {why}."


def _loss(params: Mapping[str, Any]) -> str:
    said = f"They were delivered {plural(params['out_tok'], 'output token', 'output tokens')}"
    reasoning = params.get("reasoning_tok")
    if reasoning:
        # Most providers count reasoning within the output, some logs beside it: no sum is said.
        said += f"; the logs count {plural(reasoning, 'reasoning token', 'reasoning tokens')}"
    return f"{said}."


def _lookalike(params: Mapping[str, Any]) -> str:
    kind = LOOKALIKES.get(params["kind"], str(params["kind"]).replace("_", " "))
    alike = [_trait(name) for name in params.get("alike", ())]
    said = f"It resembles a benign {kind} (distance {params['distance']:.2f})"
    return f"{said}: alike in {_listed(alike)}." if alike else f"{said}."


def _named(params: Mapping[str, Any], how: str) -> str:
    names = _listed([measure_title(name).lower() for name in params["measures"]])
    if params["n"] == 1:
        return f"One measure is {how} ordinary groups: {names}."
    more = "" if params["n"] <= len(params["measures"]) else ", among others"
    return f"{params['n']:,} measures are {how} ordinary groups: {names}{more}."


def _ordinary(params: Mapping[str, Any]) -> str:
    return _named(params, "as in")


def _below(params: Mapping[str, Any]) -> str:
    return _named(params, "lower than in")


def _shared(params: Mapping[str, Any]) -> str:
    title = measure_title(params["measure"]).lower()
    what = shared_values(params.get("values") or ())
    return f"Look at what they share ({what or title}): whose is it, and who else uses it?"


def _same(reasons: Sequence[str]) -> str:
    return _listed([f"same {reason.replace('_', ' and ')}" for reason in reasons])


def _entity(params: Mapping[str, Any]) -> str:
    who = plural(params["n_accounts"], "account that is", "accounts that are")
    return f"{who} openly one customer: {_same(params['reasons'])}."


def _member(params: Mapping[str, Any]) -> str:
    likely = likely_text(params["membership"])
    return (
        f"It belongs to {params['cluster_id']} (membership {likely}) and takes its finding from "
        "there."
    )


def _part(params: Mapping[str, Any]) -> str:
    which = "smaller" if params["smaller"] else "larger"
    return (
        f"{params['cluster_id']} may be two operators: this account is of the {which} part, of "
        f"{params['n']:,}."
    )


def _customer(params: Mapping[str, Any]) -> str:
    others = plural(params["n_others"], "other account", "other accounts")
    sent = plural(params["n_exchanges"], "exchange", "exchanges")
    return (
        f"It is openly one customer with {others} ({_same(params['reasons'])}); together they sent "
        f"{sent}. What they share with each other is nobody's coordination."
    )


def _axes_not_assessed(params: Mapping[str, Any]) -> str:
    said = _listed(params["axes"])
    verb = "was" if len(params["axes"]) == 1 else "were"
    return f"{said[:1].upper()}{said[1:]} {verb} not assessed: the log lacks the columns."


def _unstable(params: Mapping[str, Any]) -> str:
    stability = params["stability"]
    if stability is None or math.isnan(stability):
        return "How much of it stays together when accounts are left out is not assessed."
    much = "None" if stability == 0 else f"Only {max(1, round(100 * stability))} %"
    return f"{much} of it stays together when a fifth of the accounts is left out."


SENTENCES: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
    # --- what a cluster did ---
    "cluster.size": _size,
    "cluster.customers": _customers,
    "cluster.attributed": _cluster_attributed,
    "cluster.template": _template,
    "cluster.cells": _cells,
    "cluster.measure": stands_out,
    "cluster.loss": _loss,
    # --- how it measures ---
    "measure.cluster": measured,
    "measure.not_assessed": _not_assessed,
    # --- what speaks against it ---
    "against.lookalike": _lookalike,
    "against.below": _below,
    "against.ordinary": _ordinary,
    "against.near": "{n_accounts:n:account stands|accounts stand} near it, below the membership "
    "that binds: bystanders of the same interest, or members that were missed.",
    "against.not_assessed": _axes_not_assessed,
    "against.told_apart": "It was tested as one with {n_others:n:other cluster|other clusters}, "
    "and p and q are of all of them. They are told apart because accounts that ask alike share "
    "values and sign-ups with each other and not with the rest; one operator whose accounts have "
    "scripts and means of their own, batch by batch, would look the same.",
    "against.unstable": _unstable,
    "against.nominal": "q is nominal: it rests on {n_null} or more comparison groups made from "
    "this log itself, not on traffic that is known to be benign.",
    "lookalike.beside": _beside,
    "against.nothing": "Nothing found; {n_kinds:n:benign explanation|benign explanations} tried.",
    # --- what was looked at more closely ---
    **FACT_SENTENCES,
    # --- what to check next ---
    "check.shared": _shared,
    "check.sign_ups": "Look at how these accounts signed up: same form, same referrer?",
    "check.near": "Review the {n_accounts:n:account that stands|accounts that stand} near it.",
    "check.prompts": "Read {n} of its prompts, and what was answered.",
    # --- accounts that are openly one customer ---
    "entity.single": "A single account.",
    "entity.joined": _entity,
    # --- accounts that a person picked, in no cluster ---
    "accounts.volume": _picked,
    # --- an account by itself ---
    "account.volume": _volume,
    "account.customer": _customer,
    "account.turned": _turned,
    "account.member": _member,
    "account.evidence": evidence_words.told,
    "account.part": _part,
    "account.attributed": _account_attributed,
    "account.mostly_own": "Little of what it asked belongs to the cluster: it may serve people of "
    "its own, as the account of a proxy's customers does, or ask for what people ask anyway. Look "
    "at it by itself before it is labelled with the others.",
    "account.near": "It stands near {cluster_id}, but its membership of {membership:.2f} is below "
    "one half: the finding of the cluster does not extend to it.",
    "account.alone": "No cluster was found that it belongs to.",
    "clusters.few": "The log has {n_customers:n:customer|customers}, and between fewer than "
    "{least} there are no groups to compare: clusters were not looked for.",
    "clusters.no_prompts": "No exchange has a prompt: clusters were not looked for.",
    "account.ordinary_signals": "{n_ordinary} of {n_assessed:n:tested signal|tested signals} "
    "below the 95th percentile, as in most of the population.",
    "signal.account": account_signal,
    "signal.not_assessed": _not_assessed,
}
