"""The graph between entities: who asks from the same source, and who shares what.

Content neighbours come from a Bayes factor on cell counts, ties from values that few hold. No
tie joins two accounts of one customer. This room makes edges; it groups and judges nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.dirichlet import best_partners, log_evidence, rising_table, transpose
from workbench.kernels.timing import UNKNOWN, within

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from workbench.analysis.signals.profiles import Profiles
    from workbench.analysis.signals.ties import Ties
    from workbench.domain.progress import JobContext

#: Partners kept for each entity (a prototype had pure edges at 15).
PARTNERS: Final = 15
#: Least log Bayes factor of a partner. Partners only gather evidence; the prior odds of a link
#: (log E) are asked of edges that are published.
FLOOR: Final = 4.0
#: Above this many entities partners are looked for among nearest neighbours only.
EXACT_BELOW: Final = 20_000
_CANDIDATES = 96
_BLOCK = 1_000
#: Most evidence that shared values give one pair.
TIE_CAP: Final = 10.0
SIGN_UP_US: Final = 5 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class Prior:
    """Dirichlet prior of a profile.

    Attributes:
        share: f64[C] the population's profile, sum 1 in each vocabulary, all > 0.
        strengths: f64[G], how closely single entities follow it: the prior's sums.
        alpha: f64[C], strength x share.
    """

    share: NDArray[np.float64]
    strengths: NDArray[np.float64]
    alpha: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Content neighbours of every entity, nearest first.

    Attributes:
        partner: i32[E,K], -1 where there are fewer.
        factor: f64[E,K] log Bayes factors, -inf where there is no partner.
    """

    partner: NDArray[np.int32]
    factor: NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool[E,K]."""
        return self.partner >= 0

    @property
    def degree(self) -> NDArray[np.int64]:
        """i64[E]."""
        degree: NDArray[np.int64] = self.known.sum(axis=1)
        return degree

    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """(lower entity, higher entity, factor) of every pair, each once, ascending."""
        left = np.repeat(np.arange(len(self.partner)), self.partner.shape[1])[self.known.ravel()]
        right = self.partner[self.known].astype(np.int64)
        low, high = np.minimum(left, right), np.maximum(left, right)
        keys, first = np.unique(low * len(self.partner) + high, return_index=True)
        return (
            keys // len(self.partner),
            keys % len(self.partner),
            self.factor[self.known][first],
        )


def fit_prior(profiles: Profiles) -> Prior:
    """The population's profile, and the strengths under which all profiles are likeliest.

    Golden-section search on log strength in [1, 1000], one vocabulary at a time (each
    likelihood has one maximum).
    """
    starts = profiles.starts
    share = profiles.pooled() + 0.5
    for begin, end in pairwise(starts):
        share[begin:end] /= share[begin:end].sum()

    def likelihoods(log_strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        alpha = np.repeat(np.exp(log_strengths), np.diff(starts)) * share
        found: NDArray[np.float64] = log_evidence(
            profiles.indptr, profiles.cells, profiles.counts, starts, alpha, rising_table(alpha)
        ).sum(axis=0)
        return found

    ratio = (np.sqrt(5.0) - 1.0) / 2.0
    low = np.zeros(len(starts) - 1)
    high = np.full(len(starts) - 1, np.log(1_000.0))
    while (high - low).max() > 0.02:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        falls = likelihoods(left) >= likelihoods(right)
        low, high = np.where(falls, low, left), np.where(falls, right, high)
    strengths = np.exp(0.5 * (low + high))
    return Prior(share, strengths, np.repeat(strengths, np.diff(starts)) * share)


def content_neighbours(profiles: Profiles, prior: Prior, job: JobContext) -> Neighbours:
    """The entities that most likely ask from the same source as each one.

    BF(a, b) = log DM(h_a + h_b) - log DM(h_a) - log DM(h_b) (Dirichlet-multinomial). Exact up to
    ``EXACT_BELOW`` entities; beyond it among the nearest by square-root profile.
    """
    n = len(profiles.indptr) - 1
    table = rising_table(prior.alpha)
    if n > EXACT_BELOW:
        return _among_nearest(profiles, prior, table, job)
    columns = transpose(profiles.indptr, profiles.cells, profiles.counts, profiles.n_cells)
    partner = np.full((n, PARTNERS), -1, dtype=np.int32)
    factor = np.full((n, PARTNERS), -np.inf)
    for first in range(0, n, _BLOCK):
        job.check()
        job.report("Linking by content", count=first, total=n, unit="entities")
        last = min(first + _BLOCK, n)
        partner[first:last], factor[first:last] = best_partners(
            first, last, profiles.indptr, profiles.cells, profiles.counts, profiles.starts,
            *columns,
            prior.alpha, table, PARTNERS, FLOOR,
        )  # fmt: skip
    return Neighbours(partner, factor)


def _among_nearest(
    profiles: Profiles,
    prior: Prior,
    table: NDArray[np.float64],
    job: JobContext,
) -> Neighbours:
    """Candidates by inner product of square-root profiles (Bhattacharyya), then exact factors."""
    import faiss

    from workbench.kernels.dirichlet import pair_factors

    n = len(profiles.indptr) - 1
    # Cells that everybody visits say little: each count is weighed down by its popularity.
    weight = np.sqrt(profiles.counts / (prior.share[profiles.cells] * profiles.n_cells + 1.0))
    dense = np.zeros((n, profiles.n_cells), dtype=np.float32)
    dense[profiles.row, profiles.cells] = weight
    faiss.normalize_L2(dense)
    lists = int(np.sqrt(n))
    coarse = faiss.IndexFlatIP(profiles.n_cells)
    index = faiss.IndexIVFFlat(coarse, profiles.n_cells, lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 1
    index.train(dense)
    index.add(dense)
    index.nprobe = 16
    partner = np.full((n, PARTNERS), -1, dtype=np.int32)
    factor = np.full((n, PARTNERS), -np.inf)
    for first in range(0, n, _BLOCK):
        job.check()
        job.report("Linking by content", count=first, total=n, unit="entities")
        last = min(first + _BLOCK, n)
        _, near = index.search(dense[first:last], _CANDIDATES)
        left = np.repeat(np.arange(first, last), _CANDIDATES)
        right = near.ravel()
        use = (right >= 0) & (left != right)
        value = np.full(len(left), -np.inf)
        value[use] = pair_factors(
            left[use], right[use], profiles.indptr, profiles.cells, profiles.counts,
            profiles.starts, prior.alpha, table,
        )  # fmt: skip
        kept = np.where(value >= FLOOR, value, -np.inf).reshape(last - first, -1)
        order = np.argsort(-kept, axis=1, kind="stable")[:, :PARTNERS]
        best = np.take_along_axis(kept, order, axis=1)
        chosen = np.take_along_axis(near, order, axis=1)
        partner[first:last] = np.where(np.isfinite(best), chosen, -1)
        factor[first:last] = best
    return Neighbours(partner, factor)


def tie_matrix(ties: Ties, n_nodes: int) -> csr_matrix:
    """Evidence of shared values between nodes of different customers.

    Returns:
        f64[E,E] sparse, symmetric: sum of -log frequency over shared values (hubs left out),
        at most ``TIE_CAP``; column indices sorted.
    """
    from scipy.sparse import csr_matrix

    rows, columns, weights = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    width = 0
    for kind in sorted(ties.held):
        if kind == "organisation":
            continue
        held, evidence = ties.held[kind], ties.evidence(kind)
        use = (evidence > 0)[held.value]
        rows.append(held.holder[use].astype(np.int64))
        columns.append(held.value[use] + width)
        weights.append(np.sqrt(evidence[held.value[use]]))
        width += len(held.offsets) - 1
    shown = csr_matrix(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
        shape=(n_nodes, max(width, 1)),
    )
    pairs = (shown @ shown.T).tocoo()
    strangers = ties.customer[pairs.row] != ties.customer[pairs.col]
    matrix = csr_matrix(
        (
            np.minimum(pairs.data[strangers], TIE_CAP),
            (pairs.row[strangers], pairs.col[strangers]),
        ),
        shape=(n_nodes, n_nodes),
    )
    matrix.sort_indices()
    return matrix


def sign_up_density(created: NDArray[np.int64]) -> NDArray[np.float64]:
    """f64[E]: share of the others created within five days; NaN where unknown."""
    known = created != UNKNOWN
    found = np.full(len(created), np.nan)
    n = int(known.sum())
    if n < 2:
        return found
    near = within(np.sort(created[known]), created[known], SIGN_UP_US) - 1
    # Half an account keeps a lonely day from being impossible.
    found[known] = (near + 0.5) / (n - 0.5)
    return found
