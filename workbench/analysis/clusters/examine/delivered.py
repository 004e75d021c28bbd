"""What came back: length of answers, how many were kept whole, reasoning, and how they differ.

A harvester keeps what it gets (METHODS, A15), so that it may ask for long answers, let none be cut
and want reasoning. Writers of long texts do so, too: each number stands beside groups of ordinary
accounts, like-minded ones among them, and what is ordinary there says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.analysis.answers.refusals import ANSWERED, UNKNOWN, WHOLE
from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.analysis.answers.stage import Answers
    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

    Number = Callable[[Answers, NDArray[np.int64]], float]

#: Fewest answers that a number is taken from.
LEAST: Final = 20


@dataclass(frozen=True, slots=True)
class Delivered:
    """One number of what came back, beside the same number of the peers. It only describes.

    Attributes:
        NAME: Identifier.
        NEEDS: Columns that it reads.
        HOW: How its number comes about.
        message: Key of the sentence.
        measure: (answers, rows i64[k]) -> the number; NaN where fewer than ``LEAST`` tell.
    """

    NAME: str
    NEEDS: tuple[str, ...]
    HOW: How
    message: str
    measure: Number

    def examine(self, subject: Subject, population: Population) -> Fact | None:  # noqa: ARG002
        """The number of the cluster beside its peers'."""
        answers = subject.answers
        if answers is None or not subject.peers:
            return None
        found = beside(subject, lambda rows: self.measure(answers, rows))
        if np.isnan(found.value) or np.isnan(found.p):
            return None
        told: dict[str, Any] = {"value": found.value, "low": found.low, "high": found.high}
        said = Message(self.message, told)
        return Fact(self.NAME, found.value, found.p, NEITHER, said, n_null=found.n)


def length(answers: Answers, rows: NDArray[np.int64]) -> float:
    """Output tokens an answer, mean; failed and refused requests left out."""
    return _mean(answers.out_tok[_came(answers, rows)])


def whole(answers: Answers, rows: NDArray[np.int64]) -> float:
    """Share of answers that ended by themselves, of those whose end is logged."""
    ended = answers.ended[_came(answers, rows)]
    return _mean((ended[ended != UNKNOWN] == WHOLE).astype(np.int64))


def reasoning(answers: Answers, rows: NDArray[np.int64]) -> float:
    """Reasoning tokens an answer, mean."""
    return _mean(answers.reasoning_tok[_came(answers, rows)])


def variety(answers: Answers, rows: NDArray[np.int64]) -> float:
    """Probability that two answers differ: 1 - sum c (c - 1) / n (n - 1) over normal forms c.

    Simpson 1949, unbiased whatever the number of answers; case, white space and numbers do not
    tell answers apart.
    """
    form = answers.form[_came(answers, rows)]
    form = form[form != 0]
    n = len(form)
    if n < LEAST:
        return float("nan")
    counts = np.unique(form, return_counts=True)[1]
    return 1.0 - float((counts * (counts - 1)).sum()) / (n * (n - 1))


def _came(answers: Answers, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    came: NDArray[np.int64] = rows[
        (answers.refused[rows] <= ANSWERED) & (answers.failed[rows] != 1)
    ]
    return came


def _mean(values: NDArray[np.integer]) -> float:
    known = values[values >= 0]
    return float(known.sum() / len(known)) if len(known) >= LEAST else float("nan")


def _how(formula: str, unit: str, source: str = "Own proposal") -> How:
    return How(formula, unit, NULL, source, "It speaks for nothing: it follows from what is asked.")


EXAMINATIONS: Final = (
    Delivered(
        "answer_length",
        ("out_tok",),
        _how("output tokens / answers, failed and refused ones left out", "tokens an answer"),
        "fact.answer_length",
        length,
    ),
    Delivered(
        "kept_whole",
        ("stop_reason",),
        _how("answers that ended by themselves / answers whose end is logged", "share"),
        "fact.kept_whole",
        whole,
    ),
    Delivered(
        "reasoning_delivered",
        ("reasoning_tok",),
        _how("reasoning tokens / answers that count them", "tokens an answer"),
        "fact.reasoning_delivered",
        reasoning,
    ),
    Delivered(
        "answer_variety",
        ("completion",),
        _how(
            "1 - sum c (c - 1) / n (n - 1) over normal forms of answers", "chance", "Simpson 1949"
        ),
        "fact.answer_variety",
        variety,
    ),
)
