"""What was found of campaigns that were planted in somebody's traffic, counted.

Pure functions on verdicts before and after. A campaign stands or falls as one, so intervals are
over campaigns, never over their accounts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.finding import Verdict
from workbench.evaluate.intervals import Estimate, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

#: Verdicts that send a person to look; the first is the stricter one.
FLAGGED: Final = (Verdict.MULTI_AXIS.value, Verdict.TRIAGE.value)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands: its verdict, and the cluster that binds it (empty for none)."""

    verdict: str
    cluster_id: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One campaign that was planted, and what came of it.

    Attributes:
        prompts: Where its prompts came from.
        accounts: How many it had.
        share: Of their exchanges, how many harvested, as it was asked for.
        seed: Root of its random numbers.
        repeat: Which of the repeats, from 0.
        exchanges: Of its accounts.
        harvested: How many of them harvested.
        multi_axis: Its accounts under verdict multi-axis.
        flagged: Its accounts under multi-axis or triage.
        new_multi_axis: Accounts of the log under multi-axis that were not before.
        new_flagged: Accounts of the log under multi-axis or triage that were under neither before.
        cluster_verdict: Of the cluster that holds most of its accounts; empty when none does.
        cluster_accounts: Accounts of that cluster.
        cluster_planted: Its accounts among them.
    """

    prompts: str
    accounts: int
    share: float
    seed: int
    repeat: int
    exchanges: int
    harvested: int
    multi_axis: int
    flagged: int
    new_multi_axis: int
    new_flagged: int
    cluster_verdict: str
    cluster_accounts: int
    cluster_planted: int

    @property
    def held(self) -> bool:
        """Whether a cluster holds mostly accounts of the campaign."""
        return 2 * self.cluster_planted > self.cluster_accounts

    @property
    def found(self) -> bool:
        """Whether such a cluster is under multi-axis."""
        return self.held and self.cluster_verdict == FLAGGED[0]

    @property
    def noticed(self) -> bool:
        """Whether such a cluster is under multi-axis or triage."""
        return self.held and self.cluster_verdict in FLAGGED


TRIAL_SCHEMA: Final = pa.schema(
    [
        ("prompts", pa.string()),
        ("accounts", pa.int64()),
        ("share", pa.float64()),
        ("seed", pa.int64()),
        ("repeat", pa.int64()),
        ("exchanges", pa.int64()),
        ("harvested", pa.int64()),
        ("multi_axis", pa.int64()),
        ("flagged", pa.int64()),
        ("new_multi_axis", pa.int64()),
        ("new_flagged", pa.int64()),
        ("cluster_verdict", pa.string()),
        ("cluster_accounts", pa.int64()),
        ("cluster_planted", pa.int64()),
    ]
)


def judge(
    before: Mapping[str, Standing], after: Mapping[str, Standing], planted: Set[str]
) -> dict[str, Any]:
    """The counts of a trial that verdicts decide.

    Args:
        before: Of every account of the log, by key, without the campaign.
        after: Of every account, with it.
        planted: Keys of the campaign's accounts.
    """
    multi, triage = FLAGGED
    strict = {key for key, one in after.items() if one.verdict == multi}
    flagged = {key for key, one in after.items() if one.verdict in FLAGGED}
    known = {key for key, one in before.items() if one.verdict == multi}
    seen = known | {key for key, one in before.items() if one.verdict == triage}
    sizes = Counter(one.cluster_id for one in after.values() if one.cluster_id)
    held = Counter(after[key].cluster_id for key in sorted(planted) if key in after)
    del held[""]
    # The most accounts; of clusters that hold as many, the purest.
    best = max(held, key=lambda name: (held[name], -sizes[name], name), default="")
    verdicts = {one.cluster_id: one.verdict for one in after.values()}
    return {
        "multi_axis": len(strict & planted),
        "flagged": len(flagged & planted),
        "new_multi_axis": len(strict - planted - known),
        "new_flagged": len(flagged - planted - seen),
        "cluster_verdict": verdicts[best] if best else "",
        "cluster_accounts": sizes[best],
        "cluster_planted": held[best],
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """Trials of one size and share, with prompts of one kind.

    Attributes:
        prompts: Where their prompts came from.
        accounts: Of each campaign.
        share: Of their exchanges that harvest.
        trials: One or more.
    """

    prompts: str
    accounts: int
    share: float
    trials: tuple[Trial, ...]

    @property
    def found(self) -> Estimate:
        """Share of campaigns that were found, with its exact interval."""
        return share(sum(one.found for one in self.trials), len(self.trials))

    @property
    def recall(self) -> float:
        """Share of their accounts under multi-axis."""
        return sum(one.multi_axis for one in self.trials) / (self.accounts * len(self.trials))

    @property
    def recall_flagged(self) -> float:
        """Share of their accounts under multi-axis or triage."""
        return sum(one.flagged for one in self.trials) / (self.accounts * len(self.trials))

    @property
    def precision(self) -> float:
        """Planted among planted and newly flagged ones, under multi-axis; NaN where none is."""
        planted = sum(one.multi_axis for one in self.trials)
        flagged = planted + sum(one.new_multi_axis for one in self.trials)
        return planted / flagged if flagged else math.nan

    def mean(self, name: str) -> float:
        """Mean of a count over the trials."""
        total: int = sum(getattr(one, name) for one in self.trials)
        return total / len(self.trials)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        found = self.found
        return {
            "prompts": self.prompts,
            "accounts": self.accounts,
            "share": self.share,
            "trials": len(self.trials),
            "exchanges": self.mean("exchanges"),
            "harvested": self.mean("harvested"),
            "recall_multi_axis": self.recall,
            "recall_triage": self.recall_flagged,
            "precision": self.precision,
            "newly_flagged": self.mean("new_multi_axis"),
            "held_by_a_cluster": sum(one.held for one in self.trials),
            "noticed": sum(one.noticed for one in self.trials),
            "found": sum(one.found for one in self.trials),
            "found_low": found.low,
            "found_high": found.high,
        }


def cells(trials: Iterable[Trial]) -> tuple[Cell, ...]:
    """Trials by prompts, size and share: the smallest campaign first, the plainest first."""
    together: dict[tuple[str, int, float], list[Trial]] = {}
    for one in trials:
        together.setdefault((one.prompts, one.accounts, one.share), []).append(one)
    return tuple(
        Cell(*of, tuple(sorted(together[of], key=lambda one: (one.seed, one.repeat))))
        for of in sorted(together, key=lambda of: (of[0], of[1], -of[2]))
    )
