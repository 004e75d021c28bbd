"""Refusals asked again: how often what was refused is asked anew within a day, by anybody of it.

A harvester retries what its list still lacks, from the same account or another one (METHODS, A15).
People rephrase and try again, too, so that it is compared with groups of ordinary accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.analysis.clusters.loss import Exchanges, retries
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "refusals_retried"
NEEDS: Final = ("prompt", "ts")
HOW: Final = How(
    formula="refusals followed within a day by the same near-duplicate group / refusals",
    unit="share",
    null=NULL,
    source="Own proposal",
    evades="Asking again in other words, or after a day.",
)
#: Fewest refusals with a time and a prompt, of a cluster and of a group.
LEAST: Final = 5


def examine(subject: Subject, population: Population) -> Fact | None:
    """Share of refusals after which the same near-duplicate group is asked within a day."""
    answers = subject.answers
    if answers is None or not subject.peers:
        return None
    exchanges = Exchanges(
        population.account,
        population.ts,
        population.prompt,
        population.of_prompt(population.group),
        answers,
        {},
    )

    def share(rows: NDArray[np.int64]) -> float:
        found = retries(exchanges, rows)
        n = int(found.followed.sum())
        return int((found.own | found.other).sum()) / n if n >= LEAST else float("nan")

    found = beside(subject, share)
    # NaN: too few refusals, here or there.
    if not found.p <= 1.0:
        return None
    mine = retries(exchanges, subject.told)
    return Fact(
        NAME,
        found.value,
        found.p,
        FOR if found.above else NEITHER,
        Message(
            "fact.refusals_retried",
            {
                "share": found.value,
                "n": int(mine.followed.sum()),
                "retried": int((mine.own | mine.other).sum()),
                "own": int(mine.own.sum()),
                "other": int(mine.other.sum()),
                "delivered": int(mine.delivered.sum()),
                "low": found.low,
                "high": found.high,
            },
        ),
        n_null=found.n,
    )
