"""A campaign that goes on after a ban: two logs, other people in each, one operator in both.

The operator is cast and planned once; its first accounts are planted in the first log, the others,
which nobody has seen, in the second: other keys, cards, networks, homes and customers, the same
scripts and the plan as it goes on. For tests and benchmarks of what finds it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.account import IdentityKind
from workbench.simulate.graft import Ordinary, graft
from workbench.simulate.plant import plant
from workbench.simulate.scenario import SCENARIOS, Operator
from workbench.simulate.traffic import Traffic, simulate

if TYPE_CHECKING:
    from workbench.domain.progress import JobContext
    from workbench.simulate.library import Library
    from workbench.simulate.plant import Planted

_CAMPAIGN: Final = "C1"


def halves_of(
    operator: Operator,
    *,
    accounts: int,
    exchanges: int,
    days: int,
    seed: int,
    library: Library,
    job: JobContext,
) -> tuple[Planted, Planted]:
    """One operator before and after a ban.

    Args:
        operator: What it does; it goes over its themes twice before the ban and twice after.
        accounts: How many it has in each half.
        exchanges: Of both halves together; what falls outside its half's days is left out.
        days: Length of each half.
        seed: Root of every random number: another seed is another operator.
        library: Where its prompts come from.
        job: May cancel.
    """
    whole = plant(
        replace(operator, waves=4),
        accounts=2 * accounts,
        exchanges=exchanges,
        days=2 * days,
        seed=seed,
        library=library,
        job=job,
    )
    return _part(whole, 0, accounts, 0.0, days), _part(whole, accounts, 2 * accounts, days, days)


def first_of(planted: Planted, accounts: int) -> Planted:
    """The campaign as its first accounts alone would have it."""
    return _part(planted, 0, accounts, 0.0, int(np.ceil(planted.days.max(initial=0.0))) + 1)


def log_with(
    planted: Planted | None,
    *,
    exchanges: int,
    accounts: int,
    seed: int,
    library: Library,
    job: JobContext,
    scenario: str = "benign",
) -> Traffic:
    """A log of ordinary people, and a campaign among them.

    Args:
        planted: The campaign; None leaves the log as it is.
        exchanges: Of the ordinary people.
        accounts: How many they are.
        seed: Root of every random number: another seed is other people.
        library: Where their prompts come from.
        job: May cancel.
        scenario: Whose ordinary people.
    """
    benign = simulate(
        SCENARIOS[scenario],
        exchanges=exchanges,
        accounts=accounts,
        seed=seed,
        library=library,
        job=job,
    )
    if planted is None:
        return benign
    rows = benign.exchanges.sort_by([("account_id", "ascending"), ("ts", "ascending")])
    rows = rows.combine_chunks()
    names = rows.column("account_id")
    first = np.flatnonzero(
        np.append(True, np.asarray(pc.not_equal(names.slice(1), names.slice(0, len(names) - 1))))
    )
    # Everybody by turns, in an order that says nothing.
    order = np.random.default_rng([seed, 1]).permutation(len(first))
    ends = np.append(first[1:], rows.num_rows)
    taken = np.concatenate([np.arange(first[a], ends[a]) for a in order])
    ordinary = Ordinary(
        rows.take(taken).combine_chunks(),
        np.append(0, np.cumsum((ends - first)[order])).astype(np.int64),
        IdentityKind.KEY,
        frozenset(names.to_pylist()),
        int(pc.min(rows.column("ts")).cast(pa.int64()).as_py()),
    )
    grown, accounts_of = graft(planted, ordinary, seed=seed)
    truth = pa.table(
        {
            "account_id": list(accounts_of),
            "campaign_id": [_CAMPAIGN] * len(accounts_of),
            "lookalike": [""] * len(accounts_of),
        }
    )
    return replace(
        benign,
        exchanges=pa.concat_tables([benign.exchanges, grown]).sort_by("ts"),
        truth=pa.concat_tables([benign.truth, truth.cast(benign.truth.schema)]),
        exchange_truth=benign.exchange_truth.slice(0, 0),
    )


def _part(whole: Planted, first: int, end: int, since: float, days: int) -> Planted:
    """Some of its accounts, in some of its days, both counted anew."""
    rows = (whole.account >= first) & (whole.account < end)
    rows &= (whole.days >= since) & (whole.days < since + days)
    used, account = np.unique(whole.account[rows], return_inverse=True)
    chosen = pa.array(np.flatnonzero(rows))
    return replace(
        whole,
        account=account.astype(np.int64),
        days=whole.days[rows] - since,
        sitting=whole.sitting[rows],
        turn=whole.turn[rows],
        planned=whole.planned[rows],
        prompt=whole.prompt.take(chosen),
        answer=whole.answer.take(chosen),
        created=whole.created[used] - since,
        card=whole.card[used],
        mail=whole.mail[used],
        place=whole.place[rows],
        build=whole.build[rows],
    )
