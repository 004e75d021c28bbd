"""What is known of wrong findings, and what a log does not let us measure: a bundle's sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.signal import TOO_LITTLE
from workbench.services.measure_words import signal_title

if TYPE_CHECKING:
    from workbench.services.results import Results


def error_rates(q: float, *, claims: bool, nominal: bool, n_null: int | None) -> tuple[str, ...]:
    """What is known of wrong findings.

    Args:
        q: What the analysis was asked for.
        claims: Whether a cluster is told of at all.
        nominal: Whether q rests on comparison groups of the log itself.
        n_null: Comparison groups of the axis that has fewest; None where there are none.
    """
    if not claims:
        return ("No finding is exported here: there is nothing that could be wrong of one.",)
    lines = [
        f"Of the clusters reported at q = {q}, that share is expected to be "
        "false, if the baseline is right (adaptive filtering, Benjamini-Hochberg, over candidates)."
    ]
    if nominal:
        lines.append(
            "The comparison groups are made from this log itself, not from traffic known to "
            "be benign, so q is nominal: the true error rate is not known."
        )
    lines.append(
        "A p cannot fall below one over the number of its comparison groups plus one. The number "
        "differs by axis: null clusters on the axes that form clusters (automation and "
        "coordination, as far as the log shows them), like-minded groups on the others."
        + (f" The smaller of the two was {n_null:,} here." if n_null else "")
    )
    return tuple(lines)


def unassessed(results: Results) -> tuple[str, ...]:
    """Which signals were not assessed, and why."""
    specs = results.signals.specs.to_pylist() if results.signals is not None else []
    lacks = [one for one in specs if one["not_assessed"] not in (None, TOO_LITTLE)]
    little = [one for one in specs if one["not_assessed"] == TOO_LITTLE]
    reasons = (
        ("because the log lacks the columns", lacks),
        ("because no account has exchanges enough for it", little),
    )
    return tuple(
        f"Not assessed, {why}: {', '.join(signal_title(s['name'], s['title']) for s in found)}."
        for why, found in reasons
        if found
    )
