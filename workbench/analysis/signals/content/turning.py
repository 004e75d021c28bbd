"""Change against an account's own past: the day from which it asks for other things.

A bought or stolen account has a past of somebody else. Its working days are split in a before and
an after where the two differ most, and that is held against its own days in shuffled order: days,
not exchanges, because people ask in runs of one topic. Somebody who changes jobs turns, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.signals.population import Reading
from workbench.domain.signal import Axis, SignalSpec
from workbench.kernels.splits import widest_splits
from workbench.kernels.timing import HOUR_US, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: A working day ends with a rest of this long, or after a day and a night.
REST_US: Final = 6 * HOUR_US
LONGEST_US: Final = 24 * HOUR_US
#: Prompts and working days that each side must hold.
LEAST: Final = 3
LEAST_DAYS: Final = 2
#: Working days of an account at most; of more, neighbours count as one.
MOST_DAYS: Final = 256
#: Shuffles of every account, of one whose days hardly ever differ as much in shuffled order, and
#: how many must differ as much to stop before that.
SHUFFLES: Final = 199
MOST_SHUFFLES: Final = 4_999
ENOUGH: Final = 20
#: From this p on an account is told to have turned.
TURNED: Final = 0.01

SPEC = SignalSpec(
    name="turning",
    axis=Axis.CONTENT,
    title="Change against its own past",
    unit="MMD squared",
    formula="MMD^2 between before and after; ranked by how far shuffled days are from it.",
    needs=("prompt", "ts"),
    source="Gretton et al. 2012 over splits (Harchaoui and Cappe 2007); Besag and Clifford 1991",
    evades="Accounts without a past; changing over slowly, or asking what the owner asked.",
    fewest=f"{LEAST} prompts and {LEAST_DAYS} days before a change and after it",
    tested=False,
)


@dataclass(frozen=True, slots=True)
class Turns:
    """When each account changed most, and how surely. A accounts.

    Attributes:
        turned_us: i64[A] first exchange after the split, UTC microseconds; ``UNKNOWN`` where
            there is too little to split.
        asleep_us: i64[A] silence before it.
        distance: f64[A] unbiased MMD^2 between before and after, over pairs of different days.
        p: f64[A] share of shuffles of the days with a split as wide.
        z: f64[A] width of the split in standard deviations above that of shuffled days.
        before: i64[A] prompts before, each counted once a day.
        after: i64[A] prompts after.
    """

    turned_us: NDArray[np.int64]
    asleep_us: NDArray[np.int64]
    distance: NDArray[np.float64]
    p: NDArray[np.float64]
    z: NDArray[np.float64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    def table(self) -> pa.Table:
        """One row an account; NULL where there was too little to split.

        Besides the attributes there is ``turned``: whether p is small enough to say so.
        """
        nothing = np.isnan(self.p)
        columns = {name: getattr(self, name) for name in self.__dataclass_fields__}
        columns["turned"] = self.p <= TURNED
        return pa.table({name: pa.array(values, mask=nothing) for name, values in columns.items()})

    @classmethod
    def read(cls, table: pa.Table) -> Turns:
        """From what ``table`` made."""
        empty = {"turned_us": UNKNOWN, "distance": np.nan, "p": np.nan, "z": np.nan}
        return cls(
            **{
                name: table.column(name).fill_null(empty.get(name, 0)).to_numpy()
                for name in cls.__dataclass_fields__
            }
        )


def find_turns(population: Population) -> Turns:
    """The most surprising split of every account's working days."""
    # Its own generator: what it draws moves no other signal.
    random = population.random.spawn(1)[0]
    item = population.of_prompt(population.landmark)
    at = np.flatnonzero((item >= 0) & (population.ts != UNKNOWN))
    opens = working_days(population.account[at], population.ts[at])
    at, day = _once_a_day(population, at, np.cumsum(opens) - 1)
    account, ts = population.account[at], population.ts[at]
    edges = np.append(np.flatnonzero(np.diff(day, prepend=-1)), len(at))
    rows = np.searchsorted(account[edges[:-1]], np.arange(population.n_accounts + 1))
    rows, edges = _thinned(rows, edges)
    split, distance, p, z = widest_splits(
        rows, edges, item[at], _directions(population.vectors), LEAST, LEAST_DAYS, SHUFFLES,
        MOST_SHUFFLES, ENOUGH, _seeds(rows, edges, ts, random),
    )  # fmt: skip
    known = split > 0
    first = np.where(known, edges[np.minimum(rows[:-1] + split, len(edges) - 1)], 0)
    turned = np.full(population.n_accounts, UNKNOWN)
    asleep = np.zeros(population.n_accounts, dtype=np.int64)
    turned[known] = ts[first[known]]
    asleep[known] = turned[known] - _previous(population, np.flatnonzero(known), turned[known])
    before = np.where(known, first - edges[rows[:-1]], 0)
    after = np.where(known, edges[rows[1:]] - first, 0)
    return Turns(turned, asleep, distance, p, z, before, after)


def working_days(account: NDArray[np.int64], ts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool[n]: whether an exchange opens a working day; exchanges by account, then time.

    A day ends with a rest of ``REST_US``, so that nobody's time zone matters; whoever does not rest
    gets days of ``LONGEST_US``.
    """
    opens = np.diff(account, prepend=-1) != 0
    opens[1:] |= np.diff(ts) >= REST_US
    begin = np.maximum.accumulate(np.where(opens, np.arange(len(ts)), 0))
    whole = (ts - ts[begin]) // LONGEST_US if len(ts) else ts
    return np.asarray(opens | (np.diff(whole, prepend=0) != 0))


def measure(population: Population) -> Reading:
    """The value that ``SPEC`` tells of every account."""
    turns = find_turns(population)
    return Reading(turns.distance, turns.z, turns.table())


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """f32[L, D]: landmarks seen from their middle, at length 1; products are cosines.

    Within one account the direction of a change is what there is to see: this finds more turns
    than radial kernels of random features do, and draws nothing.
    """
    if not len(vectors):
        return vectors
    centred = vectors - vectors.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > 0, length, 1.0), dtype=np.float32)


def _seeds(
    rows: NDArray[np.int64],
    edges: NDArray[np.int64],
    ts: NDArray[np.int64],
    random: np.random.Generator,
) -> NDArray[np.uint64]:
    """u64[A]: where each account's shuffles begin: its own, in whichever order accounts stand."""
    begins = np.append(ts, 0)[edges[rows[:-1]]].astype(np.uint64)
    return np.asarray(begins ^ random.integers(0, 1 << 64, dtype=np.uint64))


def _once_a_day(
    population: Population, at: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Exchanges that ask something for the first time that day, and their days.

    "Go on" said twenty times is no topic.
    """
    width = len(population.landmark)
    first = np.unique(day * width + population.prompt[at], return_index=True)[1]
    first.sort()
    return at[first], day[first]


def _previous(
    population: Population, accounts: NDArray[np.int64], turned: NDArray[np.int64]
) -> NDArray[np.int64]:
    """i64: the last exchange of each account before a time, with or without a prompt."""
    offsets, ts = population.offsets, population.ts
    return np.array(
        [
            ts[offsets[a] + np.searchsorted(ts[offsets[a] : offsets[a + 1]], when) - 1]
            for a, when in zip(accounts.tolist(), turned.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _thinned(
    rows: NDArray[np.int64], edges: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """At most ``MOST_DAYS`` days an account: of more, neighbours are joined evenly."""
    n = np.diff(rows)
    row = np.repeat(np.arange(len(n)), n)
    part = (np.arange(len(row)) - rows[:-1][row]) * MOST_DAYS // np.maximum(n, MOST_DAYS)[row]
    kept = (np.diff(part, prepend=-1) != 0) | (np.diff(row, prepend=-1) != 0)
    found = np.zeros(len(rows), dtype=np.int64)
    np.cumsum(np.bincount(row[kept], minlength=len(n)), out=found[1:])
    return found, np.append(edges[:-1][kept], edges[-1])
