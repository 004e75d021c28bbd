"""What the map is drawn from: every exchange's place and account, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share of the wider side that the ground reaches beyond the bounds: a few dots at any level.
_RIM = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class MapData:
    """All exchanges on the map, segment after segment. N exchanges, A accounts, S segments.

    Which account has which colour is not here: recolouring moves no point.

    Attributes:
        x: f32[N], place; NaN where the exchange has none (it is counted, and not drawn).
        y: f32[N], upwards.
        account: i32[N], dense account index in [0, A); -1 for none.
        exchange_id: i64[N].
        segment_offsets: i64[S+1], ascending from 0 to N; points are in Morton order within a
            segment.
        bounds: (x0, y0, x1, y1) of the map.
        n_accounts: A.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    account: NDArray[np.int32]
    exchange_id: NDArray[np.int64]
    segment_offsets: NDArray[np.int64]
    bounds: tuple[float, float, float, float]
    n_accounts: int

    def __post_init__(self) -> None:
        """Check that the arrays fit together.

        Raises:
            ValueError: They do not.
        """
        n = len(self.x)
        if not len(self.y) == len(self.account) == len(self.exchange_id) == n:
            raise ValueError("x, y, account and exchange_id must be equally long")
        offsets = self.segment_offsets
        if not len(offsets) or offsets[0] != 0 or offsets[-1] != n or np.any(np.diff(offsets) < 0):
            raise ValueError("segment_offsets must ascend from 0 to the number of exchanges")
        if n and int(self.account.max()) >= self.n_accounts:
            raise ValueError("an account index lies beyond n_accounts")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """The bounds and a rim around them, so that the dots of the outermost points are whole."""
        x0, y0, x1, y1 = self.bounds
        rim = _RIM * max(x1 - x0, y1 - y0)
        return x0 - rim, y0 - rim, x1 + rim, y1 + rim

    @staticmethod
    def empty() -> MapData:
        """A map without exchanges."""
        return MapData(
            np.empty(0, np.float32),
            np.empty(0, np.float32),
            np.empty(0, np.int32),
            np.empty(0, np.int64),
            np.zeros(1, np.int64),
            (0.0, 0.0, 1.0, 1.0),
            0,
        )
