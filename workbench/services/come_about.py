"""How the numbers of a sentence come about: the stage, and the formula or the row that has it.

Written beside each sentence of a report (``data/statements.jsonl``), for whoever checks it. Rows
of tables bring their own (``numbers``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.services.fact_words import FACTS
from workbench.services.measure_words import measure_title, signal_title

if TYPE_CHECKING:
    from workbench.domain.signal import Message

#: Stage of the analysis that a sentence's numbers come from, by the beginning of its key;
#: ``data/method/stages.json`` has key and digest of each.
STAGES: Final = {
    "account.alone": "clusters",
    "account.attributed": "attribution",
    "account.customer": "entities",
    "account.evidence": "clusters",
    "account.member": "clusters",
    "account.mostly_own": "attribution",
    "account.near": "clusters",
    "account.ordinary_signals": "signals",
    "account.part": "examine",
    "account.turned": "signals",
    "account.volume": "accounts",
    "accounts.volume": "accounts",
    "against.": "clusters",
    "check.": "clusters",
    "cluster.attributed": "attribution",
    "cluster.": "clusters",
    "clusters.": "entities",
    "entity.": "entities",
    "fact.": "examine",
    "lookalike.": "clusters",
    "measure.": "clusters",
    "signal.": "signals",
}

_BOUND: Final = "accounts of the cluster whose membership is .5 or above"
_ATTRIBUTED: Final = (
    "exchanges with a probability of .5 or above of belonging to what the accounts have in common, "
    "1 - pi f0 / f (Efron 2004): f and f0, how often exchanges of the cluster, and of accounts "
    "that nobody suspects, reach the same evidence; pi, the share that is the holders' own "
    "(Storey 2002); evidence, the log odds of region, template and near-duplicate group. Of each "
    "exchange: column attribution of data/evidence.parquet"
)
_OPENLY: Final = (
    "accounts that declare one organisation, or have one payer and with it one network or one mail "
    "domain, are one customer"
)
_COUNTED: Final = "counted and summed over the exchanges of the accounts, data/exchanges.csv"
#: What the stability of a cluster is.
STABILITY: Final = (
    "stability: entities are left out at random (a fifth, 20 times), the cluster is formed and "
    "grown anew among the others, and the share of its remaining members that comes back is "
    "averaged (co-membership under resampling)"
)
_MEMBERSHIP: Final = (
    "one minus the local false discovery rate (Efron 2004) of the account's evidence for the "
    "cluster, against accounts whose content and bundle were dealt apart; .5 or above binds"
)
_STEPS: Final = (
    "distance: mean over features of |value - usual for the look-alike| / step that may be off "
    "(own proposal, fitted to nothing); alike: less than one step off; near: a distance below 1"
)
_ORDINARY: Final = "measures less than one standard deviation from the middle of ordinary groups"
_LEAST: Final = "fewer customers than there must be for groups to be compared with"

#: Of sentences whose numbers are in no row of a table, by their key.
FORMULAS: Final = {
    "account.alone": "no cluster's evidence binds it: membership as in data/accounts.csv",
    "account.attributed": _ATTRIBUTED,
    "account.customer": _OPENLY,
    "account.evidence": "log-likelihood ratios in nats, a row each in part \"membership\"",
    "account.member": _MEMBERSHIP,
    "account.mostly_own": _ATTRIBUTED,
    "account.near": _MEMBERSHIP,
    "account.ordinary_signals": "signals that enter the test with a percentile below 95",
    "account.turned": "the widest split of its days by unbiased MMD^2 (Gretton et al. 2012), and "
    "p of it among shuffled orders of whole days (Besag and Clifford 1991)",
    "account.volume": _COUNTED,
    "accounts.volume": _COUNTED,
    "against.below": "measures a standard deviation or more below the middle of ordinary groups",
    "against.lookalike": _STEPS,
    "against.near": "accounts of the cluster whose membership is below .5",
    "against.nominal": "the fewest comparison groups behind a p of an axis; by_axis: of each",
    "against.not_assessed": "axes without a p: the log lacks what they read",
    "against.nothing": "none of the other sentences of this part applies",
    "against.ordinary": _ORDINARY,
    "against.told_apart": "clusters that were tested as one candidate with it",
    "against.unstable": STABILITY,
    "cluster.attributed": _ATTRIBUTED,
    "cluster.cells": "the cells of the map that most exchanges of its accounts lie in, by words "
    "frequent there and rare elsewhere",
    "cluster.customers": f"{_OPENLY}; showing: accounts that show any value of a kind",
    "cluster.loss": "sums of out_tok and reasoning_tok over all exchanges of the bound accounts, "
    "data/exchanges.csv",
    "cluster.size": f"{_BOUND}; customers: {_OPENLY}; exchanges: all that they sent",
    "cluster.template": "share: exchanges whose prompt follows the template, of all exchanges of "
    "the accounts with a prompt; share_others: the same of everybody else's; n_fillings: different "
    "prompts that follow it",
    "clusters.few": _LEAST,
    "entity.joined": _OPENLY,
    "fact.neither": "examinations whose p speaks neither way, a row each in part \"looked at more "
    "closely\"",
    "fact.not_assessed": "too few exchanges, or a column that the log lacks",
    "lookalike.beside": _STEPS,
    "measure.not_assessed": "too few comparison groups, or a column that the log lacks",
    "signal.not_assessed": "too few exchanges, or a column that the log lacks",
}  # fmt: skip


def come_about(message: Message) -> dict[str, str]:
    """Stage of a sentence's numbers, and their formula or the row that has it.

    Args:
        message: The sentence, by key and parameters.
    """
    how = {}
    stage = next((STAGES[start] for start in STAGES if message.key.startswith(start)), "")
    if stage:
        how["stage"] = stage
    params, (kind, _, name) = message.params, message.key.partition(".")
    if "measure" in params:
        how["row"] = f"measures: {measure_title(params['measure'])}"
    elif message.key == "signal.account":
        how["row"] = f"signals: {signal_title(params.get('signal') or '', params['title'])}"
    elif message.key == "account.part":
        how["row"] = _fact("parts")
    elif message.key in FORMULAS:
        how["formula"] = FORMULAS[message.key]
    elif kind == "fact" and name in FACTS:
        how["row"] = _fact(name)
    return how


def _fact(name: str) -> str:
    return f"looked at more closely: {FACTS[name][:1].upper()}{FACTS[name][1:]}"
