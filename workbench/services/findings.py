"""Findings read back: of a cluster as the analysis stored it, of an account from its signals.

Words are made later (``services.wording``); here are message keys with parameters only.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.compute as pc

from workbench.domain.finding import LEAST_CUSTOMERS, Finding, Verdict
from workbench.domain.signal import Axis, Measured, Message
from workbench.services.attributions import told_of_account, told_of_cluster
from workbench.services.examined import PARTS, against, examined
from workbench.services.measure_words import signal_title
from workbench.services.results import account_key, cluster_row

if TYPE_CHECKING:
    from workbench.services.results import Clusters, Results

#: A cluster that is active within a day of where the log begins may have been before.
_DAY_US: Final = 86_400_000_000
#: Doubts that a reader must meet first, where only a few are shown.
_STRONGEST: Final = (
    "against.lookalike", "against.told_apart", "against.unstable", "fact.parts", "against.near",
    "against.not_assessed",
)  # fmt: skip


def cluster_finding(results: Results, cluster_id: str) -> Finding:
    """The finding of a cluster, as the analysis stored it, and what was looked at after it.

    Raises:
        InputError: There is no such cluster.
    """
    row = cluster_row(results, cluster_id)
    assert results.clusters is not None
    found = finding_from(json.loads(results.clusters.table.column("explanation")[row].as_py()))
    facts = examined(results, cluster_id)
    # How much of it belongs together follows how much there is.
    shared = told_of_cluster(results.attribution, cluster_id)
    n_undated = int(results.n_undated[results.clusters.bound == row].sum())
    size = tuple(
        Message(message.key, message.params | {"n_undated": n_undated} | _cut(results, message))
        for message in found.story[:1]
    )
    return replace(
        found,
        story=(*size, *shared, *found.story[1:]),
        examined=facts,
        against=tuple(sorted((*found.against, *against(facts)), key=_weight)),
        level=results.clusters.level,
    )


def _cut(results: Results, size: Message) -> dict[str, bool]:
    """Whether a cluster was active within a day of where the log begins, and of where it ends."""
    first, last = size.params.get("first_us"), size.params.get("last_us")
    if first is None or results.accounts is None:
        return {}
    begins, ends = (
        getattr(pc, name)(results.accounts.column(column)).as_py()
        for name, column in (("min", "first_us"), ("max", "last_us"))
    )
    return {"at_begin": first - begins < _DAY_US, "at_end": ends - last < _DAY_US}


def _weight(message: Message) -> int:
    """Where a doubt stands among the doubts: the strongest first, others as they were told."""
    return _STRONGEST.index(message.key) if message.key in _STRONGEST else len(_STRONGEST)


def account_finding(results: Results, account: str) -> Finding:
    """The finding of an account: its own signals, and its cluster's verdict if it is bound.

    Args:
        results: The reading.
        account: Its key as text, or its value as the log gave it.

    Raises:
        InputError: There is no such account, or the value names several.
        NotAssessedError: The case has not been analysed.
    """
    account = account_key(results, account)
    index = results.index_of[account]
    clusters = results.clusters
    measured = _measured(results, index)
    against = [_below(measured)]
    if clusters is None:
        return Finding(
            account, Verdict.NOT_ASSESSED, None, None, q_nominal=True, signals=measured,
            against=tuple(against),
        )  # fmt: skip
    row, bound = int(clusters.cluster[index]), int(clusters.bound[index])
    membership, score = float(clusters.membership[index]), float(clusters.score[index])
    story = [_volume(results, index), *_customer(results, index), *_turned(results, index)]
    verdict = Verdict.NOT_ASSESSED if math.isnan(score) else Verdict.NO_FINDING
    q: float | None = None
    nominal, lookalike = True, "none near"
    if row >= 0:
        cluster = clusters.table.slice(row, 1).to_pylist()[0]
        lookalike = cluster["nearest_lookalike"] or lookalike
        params = {"cluster_id": cluster["cluster_id"], "membership": membership}
        if bound >= 0:
            verdict = Verdict(cluster["verdict"])
            # Who only stands near has no claim that q could be of.
            q, nominal = cluster["q"], bool(cluster["q_nominal"])
            story.append(Message("account.member", params))
            story.extend(told_of_account(results.attribution, index))
        else:
            against.append(Message("account.near", params))
        nats = {kind: float(values[index]) for kind, values in clusters.evidence.items()}
        if nats and not any(map(math.isnan, nats.values())):
            weighed = {
                "cluster_id": cluster["cluster_id"],
                "nats": nats,
                "held": {kind: list(clusters.held[kind]) for kind in nats},
                "least": _least_of_members(clusters, row),
                "member": bound >= 0,
            }
            story.append(Message("account.evidence", weighed))
        story.extend(_part(results, cluster["cluster_id"], account) if bound >= 0 else ())
    else:
        against.append(unsought(results) or Message("account.alone"))
    return Finding(
        account,
        verdict,
        None if math.isnan(score) else score,
        q,
        nominal,
        story=tuple(story),
        signals=measured,
        against=tuple(against),
        nearest_lookalike=lookalike,
        level=clusters.level,
    )


def _least_of_members(clusters: Clusters, row: int) -> float:
    """The nats that speak for that member of a cluster for whom least does."""
    members = clusters.bound == row
    total = np.sum([kind[members] for kind in clusters.evidence.values()], axis=0)
    return float(total.min())


def _part(results: Results, cluster_id: str, account: str) -> tuple[Message, ...]:
    """Of which part an account is, where its cluster falls into two."""
    for one in examined(results, cluster_id):
        if one.name == PARTS and one.message and one.message.params.get("falls"):
            inside = account in one.message.params["accounts"]
            whole = one.message.params["n_looked_at"] == one.message.params["n_accounts"]
            # Of a large cluster only some accounts were looked at.
            if inside or whole:
                n = one.message.params["n"]
                params = {"cluster_id": cluster_id, "smaller": inside, "n": n[inside]}
                return (Message("account.part", params),)
    return ()


def finding_from(stored: dict[str, Any]) -> Finding:
    """A ``Finding`` from its JSON: the fields of the type by name."""
    return Finding(
        subject=stored["subject"],
        verdict=Verdict(stored["verdict"]),
        score=float(stored["score"]),
        q=stored.get("q"),
        q_nominal=bool(stored.get("q_nominal", True)),
        axes=dict(stored.get("axes", {})),
        story=_messages(stored.get("story", ())),
        signals=tuple(
            Measured(
                item["signal"],
                Axis(item["axis"]),
                item["value"],
                item["percentile"],
                _message(item["message"]),
            )
            for item in stored.get("signals", ())
        ),
        against=_messages(stored.get("against", ())),
        nearest_lookalike=stored.get("nearest_lookalike") or "none near",
        check_next=_messages(stored.get("check_next", ())),
        lookalikes=_messages(stored.get("lookalikes", ())),
        others=stored.get("others"),
    )


def _measured(results: Results, index: int) -> tuple[Measured, ...]:
    signals = results.signals
    if signals is None:
        return ()
    found = []
    saved = (signals.ranking.get("baseline") or {}).get("n_accounts")
    for row, spec in enumerate(signals.specs.to_pylist()):
        value = float(signals.value[row, index])
        percentile = float(signals.percentile[row, index])
        title = signal_title(spec["name"], spec["title"])
        axis, tested = Axis(spec["axis"]), bool(spec.get("tested", True))
        if math.isnan(value) or math.isnan(percentile):
            reason = {"reason": spec["not_assessed"], "fewest": spec.get("fewest") or ""}
            params = {"title": title} | reason
            message = Message("signal.not_assessed", params)
            found.append(Measured(spec["name"], axis, None, None, message, tested))
            continue
        params = {
            "signal": spec["name"], "title": title, "unit": spec["unit"], "value": value,
            "percentile": percentile,
        }  # fmt: skip
        if spec.get("baseline"):
            params["baseline"] = saved
        message = Message("signal.account", params)
        found.append(Measured(spec["name"], axis, value, percentile, message, tested))
    return tuple(found)


def _volume(results: Results, index: int) -> Message:
    assert results.accounts is not None
    row = results.accounts.slice(index, 1).to_pylist()[0]
    names = ("n_exchanges", "n_prompts", "first_us", "last_us")
    params = {name: row[name] for name in names}
    return Message("account.volume", params | {"n_undated": int(results.n_undated[index])})


def unsought(results: Results) -> Message | None:
    """Why clusters were not looked for; None where they were, or nothing was analysed."""
    if results.clusters is None or not np.isnan(results.clusters.score).all():
        return None
    n = 0 if results.customers is None else results.customers.table.num_rows
    if n < LEAST_CUSTOMERS:
        return Message("clusters.few", {"n_customers": n, "least": LEAST_CUSTOMERS})
    return Message("clusters.no_prompts")


def _customer(results: Results, index: int) -> tuple[Message, ...]:
    """Who else is openly the same customer, and what they sent together; nothing of one alone."""
    if results.customers is None or results.accounts is None:
        return ()
    mine = results.customers.entity == results.customers.entity[index]
    n = int(np.count_nonzero(mine))
    if n < 2:
        return ()
    entity = int(results.customers.entity[index])
    how = json.loads(results.customers.table.column("how")[entity].as_py())
    sent = results.accounts.column("n_exchanges").to_numpy()[mine]
    params = {"n_others": n - 1, "n_exchanges": int(sent.sum())}
    return (Message("account.customer", params | {"reasons": how["params"]["reasons"]}),)


def _turned(results: Results, index: int) -> tuple[Message, ...]:
    """The day from which it asks for other things, where there is one."""
    if results.signals is None or results.signals.turns is None:
        return ()
    row = results.signals.turns.slice(index, 1).to_pylist()[0]
    if not row["turned"]:
        return ()
    names = ("turned_us", "asleep_us", "before", "after", "distance", "p")
    return (Message("account.turned", {name: row[name] for name in names}),)


def _below(measured: tuple[Measured, ...]) -> Message:
    """How many of the tested signals are those of most accounts: this can always be said."""
    assessed = [m.percentile for m in measured if m.tested and m.percentile is not None]
    ordinary = sum(percentile < 95.0 for percentile in assessed)
    return Message(
        "account.ordinary_signals", {"n_ordinary": ordinary, "n_assessed": len(assessed)}
    )


def _messages(stored: Any) -> tuple[Message, ...]:
    return tuple(_message(item) for item in stored)


def _message(stored: dict[str, Any]) -> Message:
    return Message(stored["key"], dict(stored.get("params", {})))
