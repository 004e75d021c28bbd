"""How much what an account shows speaks for the campaign: log-likelihood ratios, part by part.

An account's counts over a vocabulary are a Dirichlet-multinomial draw: for a member around a mix
of the campaign's profile and everybody's (a proxy serves its customers, too), for anybody else
around everybody's, followed more or less closely. How common each way is, is learnt: of members
where the fingerprint is taken, of ordinary accounts in the log that is looked at. One part alone
never says more than ``CAP``: parts come of the same prompts and are no independent witnesses, which
is why evidence is always told beside what ordinary accounts have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.kernels.dirichlet import log_evidence, rising_table
from workbench.kernels.mixtures import mixture_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.fingerprint.counting import Counts

#: Ways in which a member's counts come about: share of the campaign's profile, and how closely it
#: is followed (the sum of the Dirichlet's weights).
KINDS: Final = tuple(
    (share, strength) for share in (1.0, 0.7, 0.4) for strength in (4.0, 16.0, 64.0, 256.0)
)
#: How closely anybody else follows everybody's profile.
_STRENGTHS: Final = (1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0)
#: Most nats that one part says, for or against.
CAP: Final = 6.0
#: Nats from which a part is said to speak for the campaign: odds of 20 to 1.
CLEAR: Final = 3.0
#: Counts of everybody's profile beside the campaign's own, so that nothing is ruled out.
_SMOOTHING: Final = 30.0
#: Counts of an account beyond which it counts no more for everybody's profile.
_LOUD: Final = 200.0
_IMAGINED, _ROUNDS = 1.0, 12


@dataclass(frozen=True, slots=True)
class Everybody:
    """How ordinary accounts of a log spread over a vocabulary.

    Attributes:
        share: f64[size], sum 1, all > 0.
        evidence: f64[A] nats, log probability of each account's counts as an ordinary one's.
    """

    share: NDArray[np.float64]
    evidence: NDArray[np.float64]

    @classmethod
    def of(cls, counts: Counts, ordinary: NDArray[np.bool_]) -> Everybody:
        """Learn it of the ordinary accounts (bool[A])."""
        totals = counts.totals
        weight = np.where(ordinary, np.minimum(1.0, _LOUD / np.maximum(totals, 1)), 0.0)
        share = counts.pooled(weight) + 0.5
        share /= share.sum()
        value = np.stack([_evidence(counts, strength * share) for strength in _STRENGTHS])
        mix = _mixed(value, ordinary & (totals > 0))
        return cls(share, np.logaddexp.reduce(value + np.log(mix)[:, None], axis=0))


def as_members(
    counts: Counts, profile: NDArray[np.float64], everybody: Everybody
) -> NDArray[np.float64]:
    """f64[K,A] nats: log probability of each account's counts, were it a member, by kind.

    Args:
        counts: Of all accounts.
        profile: f64[size], counts of the campaign.
        everybody: Of the log that is looked at.
    """
    source = profile + _SMOOTHING * everybody.share
    source = source / source.sum()
    return np.stack(
        [
            _evidence(counts, strength * (part * source + (1.0 - part) * everybody.share))
            for part, strength in KINDS
        ]
    )


def common_kinds(value: NDArray[np.float64], members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """f64[K], sum 1: how common each kind is among members (bool[A]), from ``as_members``."""
    return _mixed(value, members)


def ratio(
    counts: Counts,
    value: NDArray[np.float64],
    mix: NDArray[np.float64],
    everybody: Everybody,
) -> NDArray[np.float64]:
    """f64[A] nats within ``CAP``: as a member against as anybody else; 0 without any count."""
    inside = np.logaddexp.reduce(value + np.log(np.maximum(mix, 1e-9))[:, None], axis=0)
    found: NDArray[np.float64] = np.clip(inside - everybody.evidence, -CAP, CAP)
    return np.where(counts.totals > 0, found, 0.0)


def rarest(
    counts: Counts, wanted: NDArray[np.int64], ordinary: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """f64[A] nats, 0 to ``CAP``: how rare the rarest wanted value is that an account shows.

    -log of the share of ordinary accounts that show it, one imagined who does.

    Args:
        counts: Who shows what.
        wanted: i64[W] words.
        ordinary: bool[A].
    """
    found = np.zeros(len(counts.indptr) - 1)
    n = int(ordinary.sum())
    rarity = np.zeros(counts.size)
    rarity[wanted] = np.log((n + 1) / (counts.holders(ordinary)[wanted] + 1))
    np.maximum.at(found, counts.row, rarity[counts.cells])
    return np.minimum(found, CAP)


def _evidence(counts: Counts, alpha: NDArray[np.float64]) -> NDArray[np.float64]:
    starts = np.array([0, counts.size], np.int64)
    found: NDArray[np.float64] = log_evidence(
        counts.indptr, counts.cells, counts.counts, starts, alpha, rising_table(alpha)
    )[:, 0]
    return found


def _mixed(value: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows = np.ascontiguousarray(value[:, chosen])
    found: NDArray[np.float64] = mixture_of(rows, np.ones(rows.shape[1]), _IMAGINED, _ROUNDS)
    return found
