"""Work queue: do the accounts draw from one list, dealt out among them?

Accounts that work off one list ask about the same regions in the same shares, each for itself as
all together, and need not ask what another one has asked. Two counts tell it; the first is tested.
It never speaks for: measured, a fifth of groups of sixty like-minded people reach p = .05. Accounts
with a taste each speak against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.examine.peers import NULL, beside
from workbench.analysis.clusters.examine.subject import AGAINST, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population

NAME: Final = "work_queue"
NEEDS: Final = ("prompt",)
HOW: Final = How(
    formula="P(two prompts of different accounts share a region) / P(two of one account do)",
    unit="ratio",
    null=NULL,
    source="Inter-account MMD with a kernel of regions, Gretton et al. 2012",
    evades="Dealing topics to accounts.",
)
#: Fewer accounts than this have no work to share.
_LEAST_ACCOUNTS: Final = 3


def examine(subject: Subject, population: Population) -> Fact | None:
    """How alike accounts are to how alike each is to itself; p against the peers.

    Value: P(two prompts of different accounts lie in one region) / P(two prompts of one account
    do), each prompt once an account: 1 where accounts are samples of one distribution, less
    where each has its own (the inter-account MMD with a kernel that is 1 inside a region; Gretton
    et al. 2012). Sharding by topic lowers it.
    """
    if not subject.peers or len(subject.accounts) < _LEAST_ACCOUNTS:
        return None
    account, prompt = population.account, population.prompt
    group = population.of_prompt(population.group)
    alike = beside(
        subject, lambda rows: across_to_within(account[rows], prompt[rows], population.cell)
    )
    if np.isnan(alike.value) or np.isnan(alike.p):
        return None
    repeats = beside(subject, lambda rows: repeated(account[rows], group[rows]))
    return Fact(
        NAME,
        alike.value,
        alike.p,
        AGAINST if alike.below else NEITHER,
        Message(
            "fact.work_queue",
            {
                "alike": alike.value,
                "low": alike.low,
                "high": alike.high,
                "repeated": int(repeats.value),
                "predicted": predicted(account[subject.told], group[subject.told]),
                "repeated_low": repeats.low,
                "repeated_high": repeats.high,
            },
        ),
        n_null=alike.n,
    )


def across_to_within(
    account: NDArray[np.int64], prompt: NDArray[np.int32], cell: NDArray[np.int32]
) -> float:
    """Pairs of different accounts in one region, to pairs of one account; NaN without either.

    Args:
        account: i64[n] of each exchange.
        prompt: i32[n] of each exchange; asked again by the account, it counts once.
        cell: i32[P] of each prompt.
    """
    asker, what = np.divmod(np.unique(account * len(cell) + prompt), len(cell))
    held, a = np.unique(asker, return_inverse=True)
    c = cell[what].astype(np.int64)
    width = int(cell.max()) + 1
    own = np.unique(a * width + c, return_counts=True)[1].astype(np.float64)
    each = np.bincount(a, minlength=len(held)).astype(np.float64)
    whole = np.bincount(c).astype(np.float64)
    n = float(len(a))
    within, within_all = (own * (own - 1.0)).sum(), (each * (each - 1.0)).sum()
    across = (whole * (whole - 1.0)).sum() - within
    across_all = n * (n - 1.0) - within_all
    if within == 0 or across_all == 0:
        return float("nan")
    return float((across / across_all) / (within / within_all))


def repeated(account: NDArray[np.int64], group: NDArray[np.int64]) -> int:
    """Times that an account asked what another one asks too, beyond the first account.

    Sum over near-duplicate groups of (accounts that ask it - 1).
    """
    width = int(group.max(initial=0)) + 1
    pairs = np.unique(account * width + group)
    return len(pairs) - len(np.unique(pairs % width))


def predicted(account: NDArray[np.int64], group: NDArray[np.int64]) -> float:
    """``repeated``, expected where each account draws as many from all prompts, put back.

    Account a holds group g with chance 1 - (1 - p_g)^n_a; summed over accounts, less the chance
    that anyone holds it. No more than n distinct n_a, so that it stays small.
    """
    share = np.unique(group, return_counts=True)[1] / len(group)
    sizes, times = np.unique(np.unique(account, return_counts=True)[1], return_counts=True)
    missed = np.log1p(-np.minimum(share, 1.0 - 1e-12))
    holders = sum(
        float(k) * -np.expm1(float(size) * missed)
        for size, k in zip(sizes.tolist(), times.tolist(), strict=True)
    )
    anyone = -np.expm1(len(group) * missed)
    return float(np.sum(holders - anyone))
