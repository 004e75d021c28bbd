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


SENTENCES: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
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
