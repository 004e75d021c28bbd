"""A cluster explains itself: what it did, each measure with a sentence, what speaks against it.

Message keys with parameters only; ``services.wording`` makes the text. Says what logs show and
nothing else: neither training nor who ordered it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.analysis.clusters.lookalikes import KINDS, Likeness, nearest
from workbench.domain.finding import Finding, Verdict
from workbench.domain.signal import Axis, Measured, Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.analysis.clusters.measures import Statistic

#: A measure at least this many standard deviations above ordinary groups is told in the story.
TOLD: Final = 3.0
#: One within this of their middle is as in ordinary groups; it and one below speak against.
ORDINARY: Final = 1.0
#: Most facts of one kind that are listed.
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one cluster, ready to be explained.

    Attributes:
        cluster_id: Its id.
        verdict: Its verdict.
        score: In [0, 1].
        q: False discovery rate of the claim; NaN when not assessed.
        p: Axis -> p; NaN when not assessed.
        others: p of automation or coordination; NaN when neither was assessed.
        effect: f64 of each statistic; NaN = not assessed.
        z: f64 of each statistic: (effect - middle) / sqrt(spread^2 + error^2).
        ordinary: Of each statistic: middle and spread (standard deviation) of ordinary groups, and
            error, the standard error of the effect.
        n_accounts: Accounts at or above the membership threshold.
        n_customers: Customers that they present themselves as.
        n_near: Accounts that stand near, below the threshold.
        n_exchanges: Of those at or above it.
        first_us: First exchange, None when the log has no times.
        last_us: Last exchange.
        cells: Names of the cells visited most, and exchanges in each.
        templates: Skeletons used most, and share of the exchanges.
        out_tok: Delivered tokens, None when not in the log.
        reasoning_tok: Delivered reasoning tokens, None when not in the log.
        compared: Comparison groups behind the p of each axis.
        n_looks: Looks at candidates, over which q is controlled.
        forms_by: Axes that formed it, compared with clusters formed by chance.
        stability: In [0, 1].
        likenesses: Every look-alike, nearest first.
        n_apart: Clusters that were tested as one with it and told apart then; 1 for itself alone.
        counts: Statistic -> what can be recounted beside it (``counts``).
        template_use: Who used the first template, and when: n_accounts, first_us, last_us (None
            where no time is known); n_fillings, distinct prompts of it; share_others, of the
            prompts of everybody else (None where nobody else asks).
        showing: Kind of identity field (organisation, payment, network, domain) -> members that
            show any value of it: what strangers are told apart by.
    """

    cluster_id: str
    verdict: Verdict
    score: float
    q: float
    p: Mapping[Axis, float]
    others: float
    effect: Sequence[float]
    z: Sequence[float]
    ordinary: Sequence[Mapping[str, float]]
    n_accounts: int
    n_customers: int
    n_near: int
    n_exchanges: int
    first_us: int | None
    last_us: int | None
    cells: Sequence[tuple[str, int]]
    templates: Sequence[tuple[str, float]]
    out_tok: int | None
    reasoning_tok: int | None
    compared: Mapping[Axis, int]
    n_looks: int
    forms_by: Sequence[Axis]
    stability: float
    likenesses: Sequence[Likeness]
    n_apart: int = 1
    counts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    template_use: Mapping[str, int | float | None] = field(default_factory=dict)
    showing: Mapping[str, int] = field(default_factory=dict)

    def counted(self, statistic: Statistic, row: int) -> dict[str, Any]:
        """What is told of one statistic: its size, and what can be recounted."""
        return {
            "measure": statistic.name,
            "z": self.z[row],
            "effect": None if math.isnan(self.effect[row]) else self.effect[row],
            **self.counts.get(statistic.name, {}),
        }


def explain(facts: Facts, statistics: Sequence[Statistic]) -> Finding:
    """The finding of one cluster."""
    near = nearest(list(facts.likenesses))
    return Finding(
        subject=facts.cluster_id,
        verdict=facts.verdict,
        score=facts.score,
        q=None if math.isnan(facts.q) else facts.q,
        q_nominal=True,
        axes={axis.value: p for axis, p in facts.p.items() if not math.isnan(p)},
        story=tuple(_story(facts, statistics)),
        signals=tuple(_measured(facts, statistics)),
        against=tuple(_against(facts, statistics, near)),
        nearest_lookalike=near.kind if near else "none near",
        check_next=tuple(_check_next(facts, statistics)),
        lookalikes=tuple(_beside(one) for one in facts.likenesses if math.isfinite(one.distance)),
        others=None if math.isnan(facts.others) else facts.others,
    )


def to_json(finding: Finding) -> str:
    """The finding as stored: the fields of the type by name, keys sorted, no NaN."""
    return json.dumps(asdict(finding), sort_keys=True, ensure_ascii=False, allow_nan=False)


def _beside(likeness: Likeness) -> Message:
    """What speaks for one benign explanation, and what against it."""
    return Message(
        "lookalike.beside",
        {
            "kind": likeness.kind,
            "distance": likeness.distance,
            "alike": list(likeness.alike),
            "unlike": list(likeness.unlike),
        },
    )


def _story(facts: Facts, statistics: Sequence[Statistic]) -> list[Message]:
    story = [
        Message(
            "cluster.size",
            {
                "n_accounts": facts.n_accounts,
                "n_customers": facts.n_customers,
                "n_exchanges": facts.n_exchanges,
                "first_us": facts.first_us,
                "last_us": facts.last_us,
            },
        )
    ]
    if facts.templates:
        skeleton, share = facts.templates[0]
        params = {"skeleton": skeleton, "share": share, **facts.template_use}
        story.append(Message("cluster.template", params))
    if facts.cells:
        names = [name for name, _ in facts.cells[:_MOST]]
        story.append(Message("cluster.cells", {"names": names}))
    strongest = sorted(
        (row for row, z in enumerate(facts.z) if not math.isnan(z) and z >= TOLD),
        key=lambda row: (-facts.z[row], row),
    )
    story.extend(
        Message("cluster.measure", _without_values(facts.counted(statistics[row], row)))
        for row in strongest[: 2 * _MOST]
    )
    if facts.out_tok is not None:
        story.append(
            Message(
                "cluster.loss", {"out_tok": facts.out_tok, "reasoning_tok": facts.reasoning_tok}
            )
        )
    if facts.n_customers > 1 and facts.showing:
        told = {"n_accounts": facts.n_accounts, "showing": dict(facts.showing)}
        story.append(Message("cluster.customers", told))
    return story


def _without_values(counted: dict[str, Any]) -> dict[str, Any]:
    """The story counts what is shared; which values they are stands with the measure itself."""
    return {name: value for name, value in counted.items() if name != "values"}


def _measured(facts: Facts, statistics: Sequence[Statistic]) -> list[Measured]:
    found = []
    measured = zip(statistics, facts.effect, facts.z, strict=True)
    for row, (statistic, effect, z) in enumerate(measured):
        if math.isnan(z) or math.isnan(effect):
            message = Message("measure.not_assessed", {"measure": statistic.name})
            found.append(Measured(statistic.name, statistic.axis, None, None, message))
            continue
        percentile = 100.0 * normal_cdf(z)
        params = facts.counted(statistic, row) | {"percentile": percentile}
        params["ordinary"] = dict(facts.ordinary[row])
        message = Message("measure.cluster", params)
        found.append(Measured(statistic.name, statistic.axis, effect, percentile, message))
    return found


def _against(facts: Facts, statistics: Sequence[Statistic], near: Likeness | None) -> list[Message]:
    """What speaks against the finding; never empty."""
    against = []
    if near is not None:
        against.append(
            Message(
                "against.lookalike",
                {"kind": near.kind, "distance": near.distance, "alike": list(near.alike)},
            )
        )
    below = [one.name for one, z in zip(statistics, facts.z, strict=True) if z <= -ORDINARY]
    if below:
        against.append(Message("against.below", {"n": len(below), "measures": below}))
    ordinary = [one.name for one, z in zip(statistics, facts.z, strict=True) if abs(z) < ORDINARY]
    if ordinary:
        against.append(Message("against.ordinary", {"n": len(ordinary), "measures": ordinary}))
    if facts.n_near:
        against.append(Message("against.near", {"n_accounts": facts.n_near}))
    missing = [axis.value for axis in Axis if math.isnan(facts.p.get(axis, math.nan))]
    if missing:
        against.append(Message("against.not_assessed", {"axes": missing}))
    if facts.n_apart > 1:
        against.append(Message("against.told_apart", {"n_others": facts.n_apart - 1}))
    if facts.stability < 0.8:
        against.append(Message("against.unstable", {"stability": facts.stability}))
    by_axis = {axis.value: n for axis, n in facts.compared.items()}
    against.append(
        Message(
            "against.nominal",
            {
                "n_null": min(by_axis.values()),
                "by_axis": by_axis,
                "n_looks": facts.n_looks,
                "forms_by": [axis.value for axis in facts.forms_by],
            },
        )
    )
    if len(against) == 1:
        against.insert(0, Message("against.nothing", {"n_kinds": len(KINDS)}))
    return against


def _check_next(facts: Facts, statistics: Sequence[Statistic]) -> list[Message]:
    names = {s.name: z for s, z in zip(statistics, facts.z, strict=True) if not math.isnan(z)}
    found = []
    shared = sorted(
        (name for name, z in names.items() if name.startswith("shared_") and z >= TOLD),
        key=lambda name: (-names[name], name),
    )
    if shared:
        values = list(facts.counts.get(shared[0], {}).get("values", ()))
        found.append(Message("check.shared", {"measure": shared[0], "values": values}))
    if names.get("signed_up_together", 0.0) >= TOLD:
        found.append(Message("check.sign_ups"))
    if facts.n_near:
        found.append(Message("check.near", {"n_accounts": facts.n_near}))
    found.append(Message("check.prompts", {"n": 20}))
    return found


def normal_cdf(z: float) -> float:
    """Standard normal distribution function."""
    return 0.5 * (1.0 + math.erf(float(np.clip(z, -40.0, 40.0)) / math.sqrt(2.0)))
