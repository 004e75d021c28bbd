"""Which exchanges a report shows of a subject by rule, said beside them; others by hand, and told.

Of a cluster those that show it best, as the analysis chose them (``services.attributions``). Of
accounts outside any, and where nothing was attributed: the largest templates, then the most
frequent other prompts; of each the earliest exchange of accounts that are not shown yet. Pure
functions of one reading and published arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.text import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.services.attributions import Attributions
    from workbench.services.results import Points

MOST: Final = 8
_TEMPLATES: Final = 3
_OF_TEMPLATE: Final = 2
RULE: Final = (
    "Chosen by rule, not by hand: two accounts of each of the three largest templates, then the "
    "most frequent other prompts, the earliest exchange of each."
)
CHOSEN: Final = "chosen by a person, one by one"
#: What goes before the rule where a person chose as well.
BOTH: Final = "First those that a person chose one by one; then, by rule, others."


@dataclass(frozen=True, slots=True)
class Choice:
    """One exchange to show, and why."""

    exchange_id: int
    reason: str


def best_of(
    found: Attributions | None, cluster_id: str, chosen: NDArray[np.bool_]
) -> tuple[Choice, ...]:
    """The exchanges that show a cluster best, the best first; none where nothing was attributed.

    Args:
        found: What was attributed.
        cluster_id: The cluster; empty for none.
        chosen: The subject's accounts, bool[A].
    """
    if found is None or not cluster_id:
        return ()
    rows = [row for row in found.shown_of(cluster_id).to_pylist() if chosen[row["account"]]]
    return tuple(
        Choice(
            row["exchange_id"],
            f"attribution {row['attribution']:.2f}, witness {row['witness']:+.3f}",
        )
        for row in rows[:MOST]
    )


def choose(
    points: Points, chosen: NDArray[np.bool_], template: NDArray[np.int32] | None
) -> tuple[Choice, ...]:
    """The exchanges to show of a subject.

    Args:
        points: Every exchange on the map.
        chosen: The subject's accounts, bool[A].
        template: Template of each prompt, i32[P], -1 for none; None when not computed.
    """
    mine = np.flatnonzero(points.of(chosen) & (points.prompt >= 0))
    # Earliest first; exchanges without a time come first and are told apart by their id.
    mine = mine[np.lexsort((points.exchange_id[mine], points.ts[mine]))]
    prompt, account = points.prompt[mine], points.account[mine]
    found: list[Choice] = []
    shown: set[int] = set()

    def take(rows: NDArray[np.int64], most: int, reason: str) -> None:
        taken = 0
        fresh = rows[~np.isin(account[rows], np.array(sorted(shown), account.dtype))]
        # Where every account is shown already, the earliest exchange will do.
        for row in fresh if fresh.size else rows[:1]:
            if taken == most or len(found) == MOST:
                return
            if int(account[row]) in shown and taken:
                continue
            shown.add(int(account[row]))
            found.append(Choice(int(points.exchange_id[mine[row]]), reason))
            taken += 1

    loose = np.ones(prompt.size, np.bool_)
    if template is not None and prompt.size:
        of = template[prompt]
        loose = of < 0
        sizes = np.bincount(of[~loose], minlength=1)
        for rank, number in enumerate(np.argsort(-sizes, kind="stable")[:_TEMPLATES], 1):
            if sizes[number]:
                share = f"{int(sizes[number]):,} of {prompt.size:,} exchanges"
                take(np.flatnonzero(of == number), _OF_TEMPLATE, f"template {rank}, {share}")
    counts = np.bincount(prompt[loose], minlength=1)
    for number in np.argsort(-counts, kind="stable")[:MOST]:
        if counts[number]:
            times = plural(int(counts[number]), "time", "times")
            take(np.flatnonzero(loose & (prompt == number)), 1, f"asked {times}, no template")
    return tuple(found)
