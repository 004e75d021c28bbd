"""From statistics to error rates: random effects, conformal p, combination, false discovery.

Every p of the analysis is made here. Formulas only: this room knows no account and no signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Least p that goes into a Cauchy mean; tan would overflow at 0 and 1.
_EDGE: Final = 1e-15


@dataclass(frozen=True, slots=True)
class Effects:
    """A statistic of many groups: how large it is, and how exactly it was measured.

    Attributes:
        size: f64[..., G] effect a member; NaN = not assessed.
        variance: f64[..., G] sampling variance of each.
    """

    size: NDArray[np.float64]
    variance: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """How an effect varies between ordinary groups.

    Attributes:
        centre: Its middle.
        between: Variance between groups beyond sampling.
    """

    centre: float
    between: float

    def z(self, effects: Effects) -> NDArray[np.float64]:
        """Standardised effects: (size - centre) / sqrt(between + variance)."""
        scale = np.sqrt(self.between + effects.variance)
        found: NDArray[np.float64] = (effects.size - self.centre) / np.maximum(scale, 1e-9)
        return found


def robust_spread(effects: Effects, *, floor: float = 0.0) -> Spread:
    """Centre and between-group variance of ordinary groups, with up to a third extraordinary.

    The centre is the median weighted by exactness; the variance is what makes the median of
    (size - centre)^2 / (between + variance) that of a chi-square with one degree of freedom
    (.455): the empirical null (Efron 2004; genomic control, Devlin and Roeder 1999) with a
    random effect, so that a large group needs a large effect and not only many members.

    Args:
        effects: Of the reference groups, one statistic.
        floor: Least between-group variance.
    """
    known = ~np.isnan(effects.size)
    if known.sum() < 3:
        return Spread(0.0, max(floor, 1.0))
    size, variance = effects.size[known], np.maximum(effects.variance[known], 1e-9)
    weight = 1.0 / (variance + np.median(variance))
    order = np.argsort(size, kind="stable")
    half = np.cumsum(weight[order]) / weight.sum()
    centre = float(size[order][np.searchsorted(half, 0.5)])
    squares = (size - centre) ** 2

    def excess(between: float) -> float:
        return float(np.median(squares / (between + variance))) - 0.4549

    if excess(floor) <= 0:
        return Spread(centre, floor)
    low, high = floor, float(squares.max()) / 0.4549 + 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return Spread(centre, high)


#: Greatest p that enters a combination.
_LARGEST: Final = 0.95


def upper_tail(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Z >= z) of a standard normal; NaN stays."""
    from scipy.special import ndtr

    found: NDArray[np.float64] = ndtr(-z)
    return found


def cauchy_mean(
    p: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Cauchy combination over the first axis (Liu and Xie 2020): valid under dependence.

    Truncated as in Fang et al. (2021): a p near 1 would be worth minus infinity, so that one
    statistic that is far *below* ordinary could outvote all others.

    Args:
        p: f64[S, ...]; NaN = not assessed, left out.
        weight: f64[S] > 0, chosen before the data were seen; equal by default.

    Returns:
        f64[...]; NaN where nothing was assessed.
    """
    safe = np.clip(p, _EDGE, _LARGEST)
    # tan((.5 - p) pi) loses all digits for small p; 1 / (p pi) is its limit there.
    with np.errstate(invalid="ignore"):
        value = np.where(safe < 1e-8, 1.0 / (safe * np.pi), np.tan((0.5 - safe) * np.pi))
    known = ~np.isnan(p)
    weights = np.ones(len(p)) if weight is None else weight
    n = np.tensordot(weights, known, axes=1)
    mean = np.tensordot(weights, np.where(known, value, 0.0), axes=1) / np.where(n > 0, n, 1.0)
    found = np.where(
        mean > 1e7, 1.0 / (np.maximum(mean, 1.0) * np.pi), 0.5 - np.arctan(mean) / np.pi
    )
    return np.where(n > 0, np.clip(found, _EDGE, 1.0), np.nan)


def conformal(null: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Conformal p = (1 + #{null >= value}) / (n + 1) (Vovk et al. 2005); NaN stays.

    Args:
        null: f64[n], greater is more extreme; NaN is left out.
        value: f64[...].
    """
    kept = np.sort(null[~np.isnan(null)])
    above = len(kept) - np.searchsorted(kept, value, side="left")
    return np.where(np.isnan(value), np.nan, (1.0 + above) / (len(kept) + 1.0))


def shares(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each group how many are as extreme, itself included, as a share; NaN stays.

    Of exchangeable groups each one's share is its conformal p among the others.

    Args:
        value: f64[n], greater is more extreme; NaN is left out.
    """
    kept = np.sort(value[~np.isnan(value)])
    as_extreme = len(kept) - np.searchsorted(kept, value, side="left")
    return np.where(np.isnan(value), np.nan, as_extreme / max(len(kept), 1))


def across_axes(content: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """The p of the claim "content and one other axis": the greater of the two.

    What is not assessed (NaN) counts as 1 (intersection-union, Berger 1982).

    Args:
        content: f64[...] p of content.
        others: f64[...] p of "automation or coordination".
    """
    found: NDArray[np.float64] = np.maximum(
        *(np.where(np.isnan(p), 1.0, p) for p in (content, others))
    )
    return found


def both_discovered(
    content: NDArray[np.float64], others: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Q values of the claim "both", over all candidates (AdaFilter-BH, Wang et al. 2022).

    With S = max and F = min of the two p of a candidate, rejecting S <= g costs g for every
    candidate with F <= g: one that shows nothing on either axis could not have been rejected, and
    is not paid for. q = min over g >= S of g #{F <= g} / #{S <= g}; never above Benjamini and
    Hochberg's (1995) on S. The two p must be independent where neither claim holds: content is
    tested on the half that formed nothing.

    Args:
        content: f64[m] in (0, 1]; NaN = not assessed, counts as 1.
        others: f64[m] likewise.
    """
    first, second = (np.where(np.isnan(p), 1.0, p) for p in (content, others))
    either, both = np.sort(np.minimum(first, second)), np.maximum(first, second)
    order = np.argsort(both, kind="stable")
    level = both[order]
    paid = np.searchsorted(either, level, side="right")
    raw = level * paid / np.maximum(np.searchsorted(level, level, side="right"), 1)
    q = np.empty(len(both))
    q[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return q


def false_at_least(p: NDArray[np.float64], prior: float) -> NDArray[np.float64]:
    """How likely a claim with this p is false at least: 1 / (1 + odds / (-e p ln p)) for p < 1/e.

    No alternative speaks more for the claim than 1 / (-e p ln p) (Sellke, Bayarri and Berger 2001,
    section 3): p = .01 at even odds leaves 11 %. From 1/e on nothing is gained.

    Args:
        p: f64[...] in (0, 1].
        prior: How likely the claim is held to be before, in (0, 1).
    """
    small = np.clip(p, _EDGE, np.exp(-1.0))
    against = -np.e * small * np.log(small)
    found: NDArray[np.float64] = 1.0 / (1.0 + prior / (1.0 - prior) / against)
    return found


def false_discovery(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini-Hochberg q values (1995), in the order given."""
    m = len(p)
    if m == 0:
        return p.copy()
    order = np.argsort(p, kind="stable")
    scaled = p[order] * m / np.arange(1, m + 1)
    q = np.empty(m)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
