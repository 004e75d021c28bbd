"""Gap-filling: does a later wave go where the waves before have not been?

After n prompts with f1 kinds seen once, the next one is of a kind not seen yet with chance f1 / n
(Good 1953). Whoever looks for its gaps does better than that; whoever runs one list again does
worse. An account's own repeats say nothing of either, so each kind counts once an account. People
drift too, so the excess is judged against the peers, cut at the same times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.examine.coverage import tally, unseen
from workbench.analysis.clusters.examine.peers import NULL, compare
from workbench.analysis.clusters.examine.subject import FOR, NEITHER, Fact
from workbench.analysis.clusters.examine.waves import LEAST, waves
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "gap_filling"
NEEDS: Final = ("ts", "prompt")
HOW: Final = How(
    formula="new prompts of later waves / n f1 / n0 (Good-Turing), each kind once an account; "
    "tested in standard errors",
    unit="ratio",
    null=f"{NULL}; cut at the same times",
    source="Good 1953; Esty 1983",
    evades="Never resting; waves that overlap.",
)


@dataclass(frozen=True, slots=True)
class Later:
    """What one wave asked that no wave before had.

    Attributes:
        n: Prompts of the wave.
        new: Those of a kind not seen in the waves before.
        expected: n f1 / n0, over the n0 prompts before.
        variance: Of ``new`` - ``expected``.
    """

    n: int
    new: int
    expected: float
    variance: float


def examine(subject: Subject, population: Population) -> Fact | None:
    """Share of new prompts in later waves, to what Good-Turing predicts; p against the peers.

    Value: new prompts of all later waves / those predicted. Without two waves it says so.
    """
    account, ts = population.account, population.ts
    group = population.of_prompt(population.group)
    timed = subject.told[ts[subject.told] != UNKNOWN]
    if len(timed) < 2 * LEAST:
        return None
    found = waves(ts[timed])
    if len(found) < 2:
        return Fact(NAME, float("nan"), None, NEITHER, Message("fact.gap_filling", {"waves": 1}))

    def later_of(rows: NDArray[np.int64]) -> list[Later]:
        once = rows[first_asked(account[rows], group[rows])]
        return compare_waves(ts[once], group[once], found)

    later = later_of(timed)
    if not subject.peers or not later:
        return None
    own = excess(later)
    peers = [later_of(rows) for rows in subject.peers]
    beside = compare(own, np.array([excess(one) for one in peers]))
    if np.isnan(own) or np.isnan(beside.p):
        return None
    n, new = sum(one.n for one in later), sum(one.new for one in later)
    expected = sum(one.expected for one in later)
    return Fact(
        NAME,
        new / expected if expected else float(new),
        beside.p,
        FOR if beside.above else NEITHER,
        Message(
            "fact.gap_filling",
            {
                "waves": len(found),
                "n": n,
                "new": new,
                "expected": expected,
                "z": own,
                "z_low": beside.low,
                "z_high": beside.high,
                "above": beside.above,
                "below": beside.below,
            },
        ),
        n_null=beside.n,
        curve={
            "wave": [float(number) for number in range(2, len(later) + 2)],
            "new": [one.new / one.n for one in later],
            "predicted": [one.expected / one.n for one in later],
        },
    )


def first_asked(account: NDArray[np.int64], kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each account asked each kind for the first time, ascending.

    Args:
        account: i64[n], in the order of time.
        kind: i64[n].
    """
    width = int(kind.max(initial=0)) + 1
    found: NDArray[np.int64] = np.sort(np.unique(account * width + kind, return_index=True)[1])
    return found


def compare_waves(
    ts: NDArray[np.int64], kind: NDArray[np.int64], bounds: Sequence[tuple[int, int]]
) -> list[Later]:
    """Each wave but the first, beside all before it; waves without exchanges are left out.

    Args:
        ts: i64[n] ascending, unknown times last.
        kind: i64[n] what each asked.
        bounds: Begin and end of each wave.
    """
    known = int((ts != UNKNOWN).sum())
    at = np.searchsorted(ts[:known], np.array(bounds, dtype=np.int64))
    found = []
    before = kind[at[0, 0] : at[0, 1]]
    for low, high in at[1:].tolist():
        now = kind[low:high]
        if len(now) and len(before):
            counts = tally(before)
            chance, n = unseen(counts), len(before)
            # Esty (1983): W = (f1/n) (1 - f1/n) + 2 f2/n, over n, is how exact f1 / n is.
            exactness = (chance * (1.0 - chance) + 2.0 * float((counts == 2).sum()) / n) / n
            found.append(
                Later(
                    n=len(now),
                    new=int((~np.isin(now, before)).sum()),
                    expected=len(now) * chance,
                    variance=len(now) * chance * (1.0 - chance) + len(now) ** 2 * exactness,
                )
            )
        before = np.concatenate([before, now])
    return found


def excess(later: Sequence[Later]) -> float:
    """New prompts beyond those predicted, in standard deviations; NaN where nothing can vary."""
    variance = sum(one.variance for one in later)
    if variance <= 0.0:
        return float("nan")
    return float(sum(one.new - one.expected for one in later) / np.sqrt(variance))
