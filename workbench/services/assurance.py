"""How sure a finding is, compared with whom, and what no log can show: plain sentences.

Beside the story, for readers who know no statistics; the numbers themselves are ``numbers``.
Computes nothing and judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.domain.signal import Axis
from workbench.domain.text import discovery_text, likely_text, plural, probability_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.domain.finding import Finding

#: 1 / (n + 1) but for rounding: p where no comparison was as extreme.
_FLOOR: Final = 1.001
#: The q of an analysis that did not say one.
_LEVEL: Final = 0.05
#: What holds of every finding.
LIMITS: Final[tuple[str, ...]] = (
    "Logs show collection. They show neither training nor who ordered it.",
    "A finding says that accounts acted alike and apart from the rest; it does not say why.",
    "Accounts that openly are one customer count as one entity; a firm whose accounts hide their "
    "common payer looks like strangers.",
    "Aged accounts with human hours, own networks and ordinary prompts mixed in are not detected.",
)


def sure(finding: Finding) -> tuple[str, ...]:
    """On which axes a cluster stands out, how surely, and compared with whom.

    Returns:
        Sentences; of an account what its membership and its percentiles mean.
    """
    if not finding.axes:
        return (*_membership(finding), *_percentiles(finding))
    level = finding.level if finding.level is not None else _LEVEL
    return (_axes(finding, level), _p(finding), *_q(finding, level), _ordinary())


def forms_by(finding: Finding) -> tuple[Axis, ...]:
    """The axes by which strangers were linked; what older cases do not say follows from theirs."""
    known = _nominal(finding).get("forms_by")
    if known is not None:
        return tuple(Axis(name) for name in known)
    shown = Axis.COORDINATION.value in finding.axes
    return (Axis.COORDINATION if shown else Axis.AUTOMATION,)


def compared_with(finding: Finding, axis: Axis) -> str:
    """Whom a cluster is compared with on one axis."""
    if axis in forms_by(finding):
        return (
            "clusters that formed, the same way, where everything but content was dealt out anew "
            "among the accounts, so that only chance links them"
        )
    return "groups of as many accounts of this log that nothing suspects and that ask as much alike"


def _axes(finding: Finding, level: float) -> str:
    """Which axes stand out by themselves, with their p."""
    told = {axis.value: finding.axes[axis.value] for axis in Axis if axis.value in finding.axes}
    out = [f"{name} ({_one(finding, name, p)})" for name, p in told.items() if p <= level]
    rest = [f"{name} ({_one(finding, name, p)})" for name, p in told.items() if p > level]
    absent = [axis.value for axis in Axis if axis.value not in told]
    said = f"It stands out by {_listed(out)}" if out else "It stands out on no axis by itself"
    said += f"; not by {_listed(rest)}" if out and rest else f": {_listed(rest)}" if rest else ""
    said += f"; {_listed(absent)} could not be assessed" if absent else ""
    return f"{said}. An axis stands out where p is {level:g} or less."


def _one(finding: Finding, axis: str, p: float) -> str:
    """P of one axis; where it can be no smaller, of how many comparisons none was as extreme."""
    n = _nominal(finding).get("by_axis", {}).get(axis)
    none = f": none of {n:,} was as extreme" if n and p * (n + 1) < _FLOOR else ""
    return f"p = {probability_text(p)}{none}"


def _nominal(finding: Finding) -> Mapping[str, Any]:
    """What is known of the comparison groups."""
    found = (one.params for one in finding.against if one.key == "against.nominal")
    return next(found, {})


def _p(finding: Finding) -> str:
    """What p is, and among whom."""
    forming = [axis for axis in Axis if axis in forms_by(finding) and axis.value in finding.axes]
    others = [axis for axis in Axis if axis not in forming and axis.value in finding.axes]
    told = [
        f"by {_listed([axis.value for axis in axes])} with {compared_with(finding, axes[0])}"
        for axes in (forming, others)
        if axes
    ]
    return (
        "p is (1 + comparison groups that are as extreme) / (1 + comparison groups). "
        f"Compared {'; '.join(told)}."
    )


def _q(finding: Finding, level: float) -> tuple[str, ...]:
    """What q means for somebody who has to decide."""
    if finding.q is None:
        return ()
    told = discovery_text(finding.q, finding.level)
    if finding.q > level:
        return (f"q = {told}: chance explains it too easily to call it multi-axis.",)
    n = _nominal(finding).get("n_looks")
    looks = plural(n, "look at a candidate", "looks at candidates") if n else "all candidates"
    share = f"up to {max(round(1000 * finding.q), 1)} in 1,000"
    return (
        f"q = {told}: of findings this strong {share} are expected to be chance, {looks} "
        "counted. q speaks of chance, not of guilt, and not of benign reasons to act as one. It "
        "rests on p of the claim: the greater of content's p and that of the other two together.",
    )


def _membership(finding: Finding) -> tuple[str, ...]:
    """What the membership of an account means; nothing of one in no cluster."""
    told = (*finding.story, *finding.against)
    for message in told:
        if message.key in ("account.member", "account.near"):
            cluster_id, likely = message.params["cluster_id"], message.params["membership"]
            return (
                f"Membership {likely_text(likely)}: how likely it belongs to {cluster_id}, by all "
                "that was measured, rather than to somebody who asks and shares much the same. "
                "From one half on it takes the finding of the cluster.",
            )
    return ()


def _percentiles(finding: Finding) -> tuple[str, ...]:
    """What percentiles of an account can bear."""
    tested = sum(one.tested and one.percentile is not None for one in finding.signals)
    if not tested:
        return ()
    by_chance = round(tested / 20)
    some = f"about {by_chance:,} {'lies' if by_chance == 1 else 'lie'}"
    return (
        "A percentile is the share of accounts that show less of it, equal ones counted half. Of "
        f"{plural(tested, 'tested signal', 'tested signals')} "
        f"{'fewer than 1 lies' if tested < 20 else some} above the 95th in any account on "
        "average, by chance alone: signals of one account prove nothing.",
    )


def _ordinary() -> str:
    return (
        "Ordinary groups are neighbourhoods of this log: accounts that ask about the same things. "
        "A standard deviation is how far such groups usually lie from their own middle."
    )


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
