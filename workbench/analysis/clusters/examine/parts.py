"""Parts: does the cluster fall into two that ask differently and share nothing?

Two operators at work at once may be found as one cluster, for they are alike beside everybody else.
Then whoever shares a card or a network asks off the same list, and the two lists share nobody. One
operator whose batches of accounts each run a script of their own looks the same: that the cluster
falls into parts is told, and a person says what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.examine.subject import AGAINST, NEITHER, Fact
from workbench.domain.finding import How
from workbench.domain.signal import Message
from workbench.kernels.mixtures import left_out

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from workbench.analysis.clusters.examine.subject import Subject
    from workbench.analysis.signals.population import Population
    from workbench.analysis.signals.ties import Ties

NAME: Final = "parts"
NEEDS: Final = ("prompt",)
HOW: Final = How(
    formula="pairs of accounts across the best two parts that share a value which few hold / the "
    "mean of such pairs where sharing was dealt out; the best parts maximise the log-likelihood of "
    "two lists of regions, each account left out of its own, minus 2 for each such pair",
    unit="ratio",
    null="the same accounts with what they share dealt out anew among them, parted anew in the "
    "same way. p: of the maximum, counted until ten are as great (Besag and Clifford 1991)",
    source="Neighbourhood EM, Ambroise, Dang and Govaert 1997; own use",
    evades="One card or address used by both. One operator with a script and resources of its own "
    "for each batch falls into parts, too.",
)
#: A value that more accounts hold says little of who runs them.
_RARE: Final = 20
#: Fewest accounts of a part, and fewest pairs that share something for each account.
_LEAST: Final = 8
_TIED: Final = 0.5
#: Accounts that are looked at: of larger clusters a random part is.
_MOST: Final = 400
#: Nats by which a pair that shares something is bound: what a prompt or two tell of a list.
_BINDS: Final = 1.0
#: How many prompts everybody's list weighs in each part's.
_SMOOTHING: Final = 20.0
#: Beginnings, rounds of each, and when one has come to rest.
_BEGINNINGS: Final = 6
_ROUNDS: Final = 40
_RESTS: Final = 0.01
#: Dealings at most, and how many as extreme end them sooner.
_DEALINGS: Final = 99
_ENOUGH: Final = 10
#: At or below this p the parts are told.
_TOLD: Final = 0.01


def examine(subject: Subject, population: Population) -> Fact | None:
    """The two parts of the cluster; p against what is shared having nothing to do with lists."""
    accounts = subject.accounts
    if len(accounts) > _MOST:
        accounts = np.sort(subject.random.choice(accounts, _MOST, replace=False))
    if len(accounts) < 2 * _LEAST:
        return None
    lists = Lists.of(accounts, population)
    shared = shared_values(population.ties, accounts)
    if shared.sum() < 2.0 * _TIED * len(accounts):
        return None
    found = parted(lists, shared, subject.random)
    if found is None:
        return None
    extreme, dealt, others = 0, 0, []
    while dealt < _DEALINGS and extreme < _ENOUGH:
        order = subject.random.permutation(len(accounts))
        other = parted(lists, shared[order][:, order], subject.random)
        dealt += 1
        if other is not None:
            extreme += other.gain >= found.gain
            others.append(other.across)
    p = extreme / dealt if extreme >= _ENOUGH else (extreme + 1) / (dealt + 1)
    smaller = found.first if 2 * found.first.sum() <= lists.n else ~found.first
    falls = p <= _TOLD
    low, high = np.quantile(others, (0.05, 0.95)).tolist() if others else (0.0, 0.0)
    return Fact(
        NAME,
        found.across / max(float(np.mean(others)), 1.0) if others else np.nan,
        p,
        AGAINST if falls else NEITHER,
        Message(
            "fact.parts",
            {
                "falls": falls,
                "n": [int((~smaller).sum()), int(smaller.sum())],
                "across": found.across,
                "low": low,
                "high": high,
                "p": p,
                # Who is of the smaller part; a reader has names for places.
                "places": accounts[smaller].tolist() if falls else [],
                "n_looked_at": lists.n,
                "n_accounts": len(subject.accounts),
            },
        ),
        n_null=dealt,
    )


@dataclass(frozen=True, slots=True)
class Lists:
    """What some accounts asked, each wording once. M accounts.

    Attributes:
        row: i64[nnz] account, as an index into the M.
        cell: i64[nnz] region of the prompt space, dense.
        count: f64[nnz] wordings.
        sizes: f64[M] wordings of each account.
        base: f64[C] everybody's list, weighing ``_SMOOTHING`` wordings.
    """

    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    count: NDArray[np.float64]
    sizes: NDArray[np.float64]
    base: NDArray[np.float64]

    @property
    def n(self) -> int:
        """M."""
        return len(self.sizes)

    @classmethod
    def of(cls, accounts: NDArray[np.int64], population: Population) -> Lists:
        """From the exchanges of accounts (i64[M], ascending)."""
        who = population.account
        rows = np.flatnonzero(np.isin(who, accounts) & (population.prompt >= 0))
        prompt = population.prompt[rows]
        rows, prompt = rows[population.cell[prompt] >= 0], prompt[population.cell[prompt] >= 0]
        asked = np.unique(
            np.column_stack([who[rows], population.group[prompt], population.cell[prompt]]), axis=0
        )
        _, cell = np.unique(asked[:, 2], return_inverse=True)
        row = np.searchsorted(accounts, asked[:, 0])
        width = int(cell.max(initial=0)) + 1
        pairs, count = np.unique(row * width + cell, return_counts=True)
        whole = np.bincount(pairs % width, weights=count, minlength=width)
        base = (_SMOOTHING * whole / max(float(whole.sum()), 1.0)).astype(np.float64)
        of, cell = pairs // width, pairs % width
        sizes = np.bincount(of, weights=count, minlength=len(accounts)).astype(np.float64)
        return cls(of, cell, count.astype(np.float64), sizes, base)

    def likelihood(self, part: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[M] nats: each account's list under a part's, without its own share of it.

        Args:
            part: f64[M], how much each belongs to the part.
        """
        found: NDArray[np.float64] = left_out(
            self.row, self.cell, self.count, self.sizes, part, self.base
        )
        return found


@dataclass(frozen=True, slots=True)
class Parted:
    """Two parts.

    Attributes:
        first: bool[M] who is of the first.
        across: Pairs across them that share something.
        gain: What they gain over one list, in nats.
    """

    first: NDArray[np.bool_]
    across: int
    gain: float


def parted(lists: Lists, shared: csr_matrix, random: np.random.Generator) -> Parted | None:
    """The best two parts of some beginnings; None where every one ends as a whole.

    Args:
        lists: What each asked.
        shared: f64[M,M], values that two share.
        random: For the beginnings.
    """
    whole = lists.likelihood(np.ones(lists.n)).sum()
    degree = np.maximum(np.asarray(shared.sum(axis=1)).ravel(), 1.0)
    best: Parted | None = None
    for _ in range(_BEGINNINGS):
        # Who shares something begins on one side.
        start = random.standard_normal(lists.n)
        for _ in range(3):
            start = start + (shared @ start) / degree
        part = np.where(start > np.median(start), 0.9, 0.1)
        for _ in range(_ROUNDS):
            one, other = lists.likelihood(part), lists.likelihood(1.0 - part)
            common = np.log((part.sum() + 1.0) / ((1.0 - part).sum() + 1.0))
            odds = one - other + _BINDS * (shared @ (2.0 * part - 1.0)) + common
            # Half a step: two that pull each other across would change sides for ever.
            now = 0.5 * part + 0.5 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
            moved = float(np.abs(now - part).max())
            part = now
            if moved < _RESTS:
                break
        first = part > 0.5
        if min(first.sum(), (~first).sum()) < _LEAST:
            continue
        side = first.astype(np.float64)
        lists_gain = np.where(first, lists.likelihood(side), lists.likelihood(1.0 - side)).sum()
        across = round(shared[first][:, ~first].sum())
        gain = float(lists_gain - whole) - 2.0 * _BINDS * across
        if best is None or gain > best.gain:
            best = Parted(first, across, gain)
    return best


def shared_values(ties: Ties, accounts: NDArray[np.int64]) -> csr_matrix:
    """f64[M,M] sparse: 1 where two of the accounts share a value that few hold."""
    from scipy.sparse import csr_matrix

    n = len(accounts)
    total = csr_matrix((n, n))
    for kind, held in sorted(ties.held.items()):
        if kind == "organisation":
            continue
        few = (held.sizes >= 2) & (held.sizes <= _RARE)
        inside = few[held.value] & np.isin(held.holder, accounts)
        holder = np.searchsorted(accounts, held.holder[inside])
        shown = csr_matrix(
            (np.ones(len(holder)), (holder, held.value[inside])), shape=(n, len(held.sizes))
        )
        total = total + shown @ shown.T
    total = total.tocsr()
    total.setdiag(0.0)
    total.eliminate_zeros()
    total.data = np.minimum(total.data, 1.0)
    return total
