"""A campaign by itself: one operator's accounts and what they ask, without a population.

Cast and planned by the very code that casts a whole scenario. What its accounts pool is said by
number; where they live, pay and click otherwise is left to whoever grafts them onto real traffic
(``graft``). Nothing here reads a log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.simulate.campaign import cast_operator, pool_resources
from workbench.simulate.chance import generator, split_total
from workbench.simulate.clock import timetable
from workbench.simulate.ground import Ground
from workbench.simulate.strangers import settle
from workbench.simulate.talk import talk

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.domain.progress import JobContext
    from workbench.simulate.cast import Cast
    from workbench.simulate.clock import Timetable
    from workbench.simulate.library import Library
    from workbench.simulate.scenario import Operator

#: Days below which a campaign comes in one wave: several would not fit.
_ONE_WAVE: Final = 14
#: Chance that a sitting uses the second client build, as in ``traffic``.
_SECOND_BUILD: Final = 0.12


@dataclass(frozen=True, slots=True)
class Planted:
    """A campaign; N exchanges by account and time, A accounts.

    Attributes:
        account: Shape (N,), ascending.
        days: Shape (N,), days since the span began; ascending within an account.
        sitting: Shape (N,), number of the sitting.
        turn: Shape (N,), turn of the conversation.
        planned: Shape (N,), whether the exchange harvests; otherwise it is of whom the account
            serves besides, and its prompt is to be replaced.
        prompt: Length N.
        answer: Length N.
        created: Shape (A,), days since the span began, negative before it.
        card: Shape (A,), number of the pooled card; -1 where the account pays by itself.
        mail: Shape (A,), number of the pooled mail domain; -1 likewise.
        place: Shape (N,), number of the pooled or proxied address; -1 where it is at home.
        build: Shape (N,), number of the pooled client build; -1 where it uses its own.
    """

    account: NDArray[np.int64]
    days: NDArray[np.float64]
    sitting: NDArray[np.int64]
    turn: NDArray[np.int64]
    planned: NDArray[np.bool_]
    prompt: pa.StringArray
    answer: pa.StringArray
    created: NDArray[np.float64]
    card: NDArray[np.int64]
    mail: NDArray[np.int64]
    place: NDArray[np.int64]
    build: NDArray[np.int64]

    @property
    def n_accounts(self) -> int:
        """How many accounts it has."""
        return len(self.created)


def plant(
    operator: Operator,
    *,
    accounts: int,
    exchanges: int,
    days: int,
    seed: int,
    library: Library,
    job: JobContext,
) -> Planted:
    """Cast one operator and let it act; the same arguments give the same campaign.

    Args:
        operator: What it does; its ``share`` and ``least`` are not read.
        accounts: How many it has.
        exchanges: Of all of them together.
        days: Length of the span, at least 1. In a short one the campaign comes in one wave.
        seed: Root of every random number.
        library: Where its prompts come from.
        job: May cancel.

    Raises:
        ValueError: Fewer exchanges than accounts, or no day.
        CancelledError: The job was cancelled.
    """
    if days < 1:
        raise ValueError("a campaign needs a day at least")
    operator = replace(
        operator,
        share=0.0,
        least=accounts,
        waves=operator.waves if days >= _ONE_WAVE else 1,
    )
    ground = Ground(seed, library, accounts, days)
    # What many people ask word by word is asked by people of the log, not by the library's.
    cast = replace(cast_operator(ground, 0, operator, 0), common=np.zeros(accounts))
    settled = settle(ground, cast)
    pooled = pool_resources(ground, settled, (operator,))
    utc = np.array([region.utc for region in ground.world.regions])[cast.region]
    counts = split_total(exchanges, cast.volume)
    when = timetable(generator(seed, "clock"), cast, counts, utc, days)
    said = talk(ground, cast, when, job)
    place, build = _pooled(ground, settled, pooled, when)
    first_day = np.full(accounts, np.inf)
    np.minimum.at(first_day, when.account, when.days)
    order = np.lexsort((when.days, when.account))
    return Planted(
        account=when.account[order],
        days=when.days[order],
        sitting=when.sitting[order],
        turn=said.turn[order],
        planned=said.planned[order],
        prompt=said.prompt.take(order),
        answer=said.answer.take(order),
        created=np.minimum(cast.created, first_day - 1e-4),
        card=_changed(settled.payment, pooled.payment),
        mail=_changed(settled.mail, pooled.mail),
        place=place[order],
        build=build[order],
    )


def _pooled(
    ground: Ground, settled: Cast, pooled: Cast, when: Timetable
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Address and client build of each exchange where they are pooled; they change by sitting."""
    rng = ground.rng("infrastructure")
    owner = when.account[np.flatnonzero(when.first)]
    roams = rng.random(len(owner)) < pooled.roaming[owner]
    slot = np.where(roams, rng.integers(0, pooled.address.shape[1], len(owner)), 0)
    elsewhere = (pooled.address != settled.address).any(axis=1)
    place = np.where(elsewhere[owner], pooled.address[owner, slot], -1)
    second = rng.random(len(owner)) < _SECOND_BUILD
    build = _changed(settled.client[:, 0], pooled.client[:, 0])[owner]
    return place[when.sitting].astype(np.int64), np.where(second, -1, build)[when.sitting]


def _changed(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.int64]:
    """What was pooled on top; -1 where nothing was."""
    return np.where(after != before, after, -1).astype(np.int64)
