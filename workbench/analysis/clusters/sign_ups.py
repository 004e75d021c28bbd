"""Sign-ups: who joined when members did, as evidence of membership."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEAR_US: Final = 3 * 86_400_000_000


class SignUps:
    """Weighs sign-up times; who joined near whom is found once for all clusters.

    Args:
        created: i64[E] first sign-up in microseconds, ``UNKNOWN`` = not known.

    Attributes:
        RANGE: Nats between which the evidence is held: no single trait decides alone.
    """

    RANGE: ClassVar[tuple[float, float]] = (-2.0, 5.0)

    def __init__(self, created: NDArray[np.int64]) -> None:
        known = np.flatnonzero(created != UNKNOWN)
        self._order = known[np.argsort(created[known], kind="stable")]
        at = created[self._order]
        self._low = np.searchsorted(at, at - _NEAR_US, side="left")
        self._high = np.searchsorted(at, at + _NEAR_US, side="right")
        self._everybody = (self._high - self._low) / max(len(at), 1)

    def of(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """f64[E] nats: members who joined within three days against everybody who did.

        Args:
            weight: f64[E] of each entity in the cluster.
        """
        found = np.zeros(len(weight))
        if len(self._order) < 2:
            return found
        held = weight[self._order]
        running = np.concatenate([[0.0], np.cumsum(held)])
        count = max(float(held.sum()), 2.0)
        members = np.maximum(running[self._high] - running[self._low] - held, 0.0) / count
        ratio = np.log((0.8 * members + 0.2 * self._everybody) / self._everybody)
        found[self._order] = np.clip(ratio, *self.RANGE)
        return found
