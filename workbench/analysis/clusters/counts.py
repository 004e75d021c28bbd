"""What an investigator can recount of a cluster: who shares which value, who signed up when.

Plain counts over the accounts of a cluster, told beside the measures that tested it. They decide
nothing: whether a count is remarkable is what the measure beside it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.analysis.clusters.graph import SIGN_UP_US
from workbench.analysis.signals.ties import HUB
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.ties import Held

#: Most shared values that are named.
_NAMED: Final = 3


def usual(held: Held, customer: NDArray[np.int32]) -> NDArray[np.bool_]:
    """bool[V]: values that are no hub, by the measure's rule.

    More than ``HUB`` customers and more than a twentieth of all of them make a hub.
    """
    n_customers = int(customer.max(initial=-1)) + 1
    return held.shared_by(customer) <= max(HUB, n_customers // 20)


def shared(
    held: Held,
    telling: NDArray[np.bool_],
    customer: NDArray[np.int32],
    accounts: NDArray[np.int64],
) -> dict[str, Any] | None:
    """How many accounts share a value with a member that is openly another customer.

    Args:
        held: Values of one kind, and who holds each.
        telling: Those that count, from ``usual``.
        customer: i32[A] accounts that are openly one customer share a number.
        accounts: The members.

    Returns:
        n_known: members that show any value; n_values: different ones; n_sharing: members that
        share one; most: members at the one shared most; values: (text, members) of the most
        shared. None where fewer than two members show a value.
    """
    member = np.zeros(len(customer), dtype=np.bool_)
    member[accounts] = True
    mine = member[held.holder]
    value, holder = held.value[mine], held.holder[mine]
    known = np.unique(holder)
    if len(known) < 2:
        return None
    n_customers = int(customer.max(initial=-1)) + 1
    different = np.unique(value * n_customers + customer[holder]) // n_customers
    ties = telling & (np.bincount(different, minlength=len(telling)) >= 2)
    sharing = ties[value]
    size = np.bincount(value[sharing], minlength=len(telling))
    # Stable: values are in the order of their kind's table, so ties always fall alike.
    first = np.argsort(-size, kind="stable")[:_NAMED]
    return {
        "n_known": len(known),
        "n_values": len(np.unique(value)),
        "n_sharing": len(np.unique(holder[sharing])),
        "most": int(size.max(initial=0)),
        "values": [[held.text[v], int(size[v])] for v in first.tolist() if size[v] and held.text],
    }


def sign_ups(created: NDArray[np.int64], accounts: NDArray[np.int64]) -> dict[str, Any] | None:
    """How many pairs of accounts signed up within five days of each other, and when all did.

    Args:
        created: i64[A] microseconds; ``UNKNOWN`` = not known.
        accounts: The members.

    Returns:
        n_known, n_pairs within five days, of n_all pairs, first_us, last_us. None where fewer
        than two sign-ups are known.
    """
    times = np.sort(created[accounts][created[accounts] != UNKNOWN])
    n = len(times)
    if n < 2:
        return None
    reach = np.searchsorted(times, times + SIGN_UP_US, side="right")
    return {
        "n_known": n,
        "n_pairs": int((reach - np.arange(n) - 1).sum()),
        "n_all": n * (n - 1) // 2,
        "first_us": int(times[0]),
        "last_us": int(times[-1]),
    }


def on_average(
    value: NDArray[np.float64], unit: str, accounts: NDArray[np.int64]
) -> dict[str, Any] | None:
    """A signal's mean over the members and over all accounts; None where nothing was assessed.

    Args:
        value: f64[A]; NaN = not assessed.
        unit: Of the signal.
        accounts: The members.
    """
    mine, everybody = (some[~np.isnan(some)] for some in (value[accounts], value))
    if len(mine) == 0:
        return None
    return {"mean": float(mine.mean()), "mean_all": float(everybody.mean()), "unit": unit}
