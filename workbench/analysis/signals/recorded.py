"""What exchanges record beside time and prompt: model, tokens, sampling settings.

Read on demand, for a log of a million exchanges is 80 MB of it. Holds no place, no network and
nothing that stands for either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

from workbench.domain.ports import Statement
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.domain.ports import Engine

#: Columns kept as numbers; true is 1.
NUMBERS: Final = (
    "out_tok", "reasoning_tok", "temperature", "n", "max_tok", "logprobs", "thinking",
)  # fmt: skip

_SETTINGS = Statement.read(__file__, "exchange_settings")
_MODELS = Statement.read(__file__, "model_values")
_RELEASES = Statement.read(__file__, "model_releases")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Columns of N exchanges, in the population's order.

    Attributes:
        numbers: Canonical column (one of ``NUMBERS``) -> f64[N], NaN = not recorded.
        model: i32[N] row of ``models``, -1 = not recorded.
        models: Every model value of the log.
        released: i64[models], microseconds, when each was released as a table beside the log says;
            ``UNKNOWN`` where none does. None: not read.
    """

    numbers: Mapping[str, NDArray[np.float64]]
    model: NDArray[np.int32]
    models: tuple[str, ...]
    released: NDArray[np.int64] | None = None

    @classmethod
    def nothing(cls, n_exchanges: int) -> Recorded:
        """Of a log that records none of it, or where it was not asked for."""
        unknown = np.full(n_exchanges, np.nan)
        return cls(dict.fromkeys(NUMBERS, unknown), np.full(n_exchanges, -1, np.int32), ())

    @classmethod
    def load(cls, engine: Engine, exchange_id: NDArray[np.int64]) -> Recorded:
        """Read it all.

        Args:
            engine: Where the log is.
            exchange_id: i64[N], in the order wanted.
        """
        found = engine.table(_SETTINGS)
        named = engine.table(_MODELS)
        at = np.searchsorted(found.column("exchange_id").to_numpy(), exchange_id)
        model = pc.index_in(found.column("model_id"), named.column("model_id").combine_chunks())
        released = np.full(named.num_rows, UNKNOWN, dtype=np.int64)
        said = engine.table(_RELEASES)
        where = np.searchsorted(
            named.column("model_id").to_numpy(), said.column("model_id").to_numpy()
        )
        released[where] = said.column("released_us").to_numpy()
        return cls(
            {
                name: pc.cast(found.column(name), "float64").fill_null(np.nan).to_numpy()[at]
                for name in NUMBERS
            },
            model.fill_null(-1).to_numpy().astype(np.int32)[at],
            tuple(named.column("value").to_pylist()),
            released,
        )
