"""Answers that several customers of a cluster got: near-duplicates of completions across accounts.

Whoever spreads one list over accounts, or asks one question from several, gets like answers there.
So do strangers who ask common questions: it is compared with groups of ordinary accounts. Answers
are alike where their normal forms are (case, white space and numbers do not tell).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.answers.refusals import ANSWERED
from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "repeated_answers"
NEEDS: Final = ("completion",)
HOW: Final = How(
    formula="answers of 40 characters or more whose normal form another customer got / such "
    "answers",
    unit="share",
    null=NULL,
    source="Own proposal",
    evades="Asking for varied answers, or dealing each question to one account.",
)
#: Fewest characters of an answer: "Yes." is everybody's.
LEAST_LENGTH: Final = 40
#: Fewest such answers.
LEAST: Final = 20


def examine(subject: Subject, population: Population) -> Fact | None:
    """Share of long answers that another customer of the group got, too."""
    answers = subject.answers
    if answers is None or not subject.peers:
        return None
    usable = (
        (answers.form != 0)
        & (answers.length >= LEAST_LENGTH)
        & (answers.refused <= ANSWERED)
        & (answers.failed != 1)
    )
    customer = subject.customer[population.account].astype(np.int64)

    def shared(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """bool[k]: of the usable answers of some rows."""
        rows = rows[usable[rows]]
        _, form = np.unique(answers.form[rows], return_inverse=True)
        width = int(customer.max(initial=0)) + 1
        holders = np.bincount(np.unique(form * width + customer[rows]) // width)
        return holders[form] > 1 if len(form) else np.zeros(0, np.bool_)

    def share(rows: NDArray[np.int64]) -> float:
        found = shared(rows)
        return float(found.sum() / len(found)) if len(found) >= LEAST else float("nan")

    found = beside(subject, share)
    # NaN: too few answers, here or there.
    if not found.p <= 1.0:
        return None
    mine = shared(subject.told)
    return Fact(
        NAME,
        found.value,
        found.p,
        FOR if found.above else NEITHER,
        Message(
            "fact.repeated_answers",
            {
                "share": found.value,
                "n": len(mine),
                "shared": int(mine.sum()),
                "low": found.low,
                "high": found.high,
            },
        ),
        n_null=found.n,
    )
