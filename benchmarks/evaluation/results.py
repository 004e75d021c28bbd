"""What came out, looked up by group and scenario and put into cells. Runs and writes nothing."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.evaluate.intervals import Estimate, mean
from workbench.evaluate.report import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.evaluation.plan import Run
    from benchmarks.evaluation.records import Record
    from workbench.evaluate.report import CampaignFound, Evaluation, KindCount

NOT_RUN: Final = "not run yet"
NOTHING: Final = "-"
#: Its firms hide that they are one customer, and are flagged as operators: told apart.
HIDDEN: Final = "hidden-fleets"
FLEET, MATCHED = "fleet", "matched"
LOOKALIKES: Final = ("eval_harness", "translation", "support_bot", "labelling", "reseller")
#: Kinds that no development has seen (scenario ``unfamiliar``).
UNFAMILIAR: Final = ("build_agents", "page_digests")


@dataclass(frozen=True)
class Results:
    """Every run of a plan with what came of it; None where it was not run.

    Attributes:
        runs: In the order of the plan.
    """

    runs: Sequence[tuple[Run, Record | None]]

    def of(
        self,
        group: str,
        scenario: str = "",
        *,
        ablation: str = "",
        point: float | None = None,
        draw: int | None = None,
    ) -> list[Record]:
        """The records of some runs; none at all unless each of them was run."""
        found = [
            record
            for run, record in self.runs
            if run.group == group
            and scenario in ("", run.scenario)
            and ablation in ("", run.ablation)
            and point in (None, run.point)
            and draw in (None, run.draw)
        ]
        done = [record for record in found if record is not None]
        return done if len(done) == len(found) else []

    def done(self, group: str) -> list[Record]:
        """The records of a group as far as it was run."""
        return [o for run, o in self.runs if run.group == group and o is not None]


def spread(values: Iterable[float], digits: int = 3) -> str:
    """Mean over seeds, least and greatest in brackets; NaN values are left out."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return NOTHING
    text = f"{sum(known) / len(known):.{digits}f}"
    return f"{text} ({min(known):.2f}-{max(known):.2f})" if len(known) > 1 else text


def judged(records: Iterable[Record], measure: Callable[[Evaluation], float]) -> list[float]:
    """One number of each evaluation."""
    return [measure(record.judged) for record in records]


def pr_auc(evaluation: Evaluation) -> float:
    """Of the score."""
    return evaluation.pr_auc.value


def precision(evaluation: Evaluation) -> float:
    """Of verdict multi-axis."""
    return evaluation.precision.value


def recall(evaluation: Evaluation) -> float:
    """Of verdict multi-axis."""
    return evaluation.recall.value


def campaigns(records: Iterable[Record]) -> list[CampaignFound]:
    """Every planted campaign of some runs."""
    return [campaign for record in records for campaign in record.judged.campaigns]


def kinds(records: Iterable[Record], *names: str) -> list[KindCount]:
    """Counts of some kinds of benign account, one each a run."""
    return [k for record in records for k in record.judged.kinds if k.kind in names]


def flagged(counts: Iterable[KindCount]) -> tuple[int, int]:
    """Accounts under multi-axis, and how many there are."""
    counted = list(counts)
    return sum(k.multi_axis for k in counted), sum(k.accounts for k in counted)


def strangers(counts: Iterable[KindCount]) -> tuple[int, int]:
    """The same of those that name no organisation."""
    counted = list(counts)
    return sum(k.strangers_multi_axis for k in counted), sum(k.strangers for k in counted)


def hits(pair: tuple[int, int]) -> str:
    """``3 of 1,200``; a dash where there is nobody."""
    return f"{pair[0]:,} of {pair[1]:,}" if pair[1] else NOTHING


def percent(pair: tuple[int, int]) -> str:
    """``3 of 1,200 (.25 %)``."""
    return f"{hits(pair)} ({100 * pair[0] / pair[1]:.2f} %)" if pair[1] else NOTHING


def interval(estimate: Estimate, digits: int = 3) -> str:
    """A number with its interval."""
    if math.isnan(estimate.value):
        return NOTHING
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def average(values: Sequence[float]) -> float:
    """Mean over seeds, NaN left out."""
    return mean(values).value


def ordinary(records: Iterable[Record]) -> tuple[int, int]:
    """Ordinary accounts under multi-axis."""
    return flagged(kinds(records, ORDINARY))


def verdicts(records: Iterable[Record]) -> dict[str, int]:
    """Planted accounts by the verdict they inherit; those a case does not hold are not assessed."""
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(record.verdicts)
    return dict(counts)
