"""The contract of an examination: a cluster that was judged, and what was found in it.

An examination explains, and supports or speaks against; it never enters p, q or verdict. Each is a
module of this package with ``NAME``, ``NEEDS``, ``HOW`` and ``examine``; what it compares with
comes out of the same log. This room says what passes; it measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.answers.stage import Answers
    from workbench.analysis.signals.content.turning import Turns
    from workbench.analysis.signals.population import Population
    from workbench.domain.finding import How
    from workbench.domain.signal import Message

#: What a fact can speak for: coordinated harvesting, the contrary, or neither.
FOR: Final = "for"
AGAINST: Final = "against"
NEITHER: Final = "neither"


def no_rows() -> NDArray[np.int64]:
    """i64[0]."""
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Subject:
    """One cluster, as an examination gets it. A accounts of the population, M of the cluster.

    Attributes:
        accounts: i64[M] accounts bound to the cluster (membership >= .5), ascending.
        rows: i64[n] their exchanges: indices into the population's exchange arrays, by time, then
            index; unknown times last.
        customer: i32[A], who is openly one customer.
        ordinary: bool[A] accounts in no cluster with a finding: comparison groups come from them.
        random: Seeded for the cluster and the examination.
        told: i64[k] those of ``rows`` that the peers are compared with: exchanges with a prompt,
            thinned at random where there are very many; by time.
        peers: Groups of ordinary strangers (``peers``), half of them like-minded, half drawn at
            random: i64[k] rows each, as many as ``told``, by time. Empty where the log holds too
            few.
        turns: When each account of the population changed what it asks; None = not measured.
        answers: What came back of each exchange of the population; None = not read.
        suspended: i64[A], when each account was first refused as suspended; None = not read.
    """

    accounts: NDArray[np.int64]
    rows: NDArray[np.int64]
    customer: NDArray[np.int32]
    ordinary: NDArray[np.bool_]
    random: np.random.Generator
    told: NDArray[np.int64] = field(default_factory=no_rows)
    peers: tuple[NDArray[np.int64], ...] = ()
    turns: Turns | None = None
    answers: Answers | None = None
    suspended: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What one examination found.

    Attributes:
        name: The examination's ``NAME``.
        value: In the unit that the sentence names.
        p: Of its own test against its own null; None = it only describes.
        speaks: ``FOR``, ``AGAINST`` or ``NEITHER``, towards coordinated harvesting.
        message: Key ``fact.NAME`` with JSON-able parameters; text is made in services.
        n_null: Fewest comparisons behind ``p``; None where there is no p.
        curve: Numbers of a small chart, where one helps; axes are named by the keys.
    """

    name: str
    value: float
    p: float | None
    speaks: str
    message: Message
    n_null: int | None = None
    curve: dict[str, list[float]] | None = None


class Examination(Protocol):
    """A module of this package that looks at one thing."""

    @property
    def NAME(self) -> str:  # noqa: N802 (a constant of the module)
        """Identifier, snake case."""
        ...

    @property
    def NEEDS(self) -> tuple[str, ...]:  # noqa: N802 (a constant of the module)
        """Canonical columns that it reads; where one is all NULL it is not assessed."""
        ...

    @property
    def HOW(self) -> How:  # noqa: N802 (a constant of the module)
        """How its number comes about, and what it is compared with."""
        ...

    def examine(self, subject: Subject, population: Population) -> Fact | None:
        """What it found in the cluster; None = there is too little to assess."""
        ...
