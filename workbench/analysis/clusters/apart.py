"""Operators told apart: clusters compete for their members, and what was tested as one may be two.

Two operators at work at once are alike in much: both harvest, both keep a pace, and growth lets a
cluster have several scripts, so that it takes one for a part of the other. Among themselves they
differ: here everybody goes where more evidence speaks for them, in turns (classification EM,
Celeux and Govaert 1992). Who is bound by no cluster stays so; nobody is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.membership import TESTED
from workbench.analysis.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.analysis.clusters.membership import Membership
    from workbench.domain.progress import JobContext

_ROUNDS: Final = 12
#: Deals that a division is held against; none may gain as much: p <= 1 / 60. A part of a part is
#: held against twice as many. After a few it is seen whether it is worth going on.
_DEALS: Final = 59
_FEW: Final = (4, 19)


def compete(
    membership: Membership,
    clusters: Sequence[NDArray[np.int64]],
    carrier: NDArray[np.int64] | None = None,
) -> list[NDArray[np.int64]]:
    """Give each member of some clusters to the one that more evidence speaks for.

    Args:
        membership: Weighs entities.
        clusters: Members of each; two or more.
        carrier: i64[E], whose bundle each entity carries; None = its own.

    Returns:
        Members of each, ascending, in the order given; none at all where one of them is left with
        too few to be tested: then they were no two.
    """
    members = np.unique(np.concatenate(clusters))
    found = list(clusters)
    for _ in range(_ROUNDS):
        evidence = [_evidence(membership, one, members, carrier)[1] for one in found]
        best = np.argmax(evidence, axis=0)
        again = [members[best == number] for number in range(len(found))]
        if min(map(len, again)) < TESTED:
            return []
        settled = all(np.array_equal(one, other) for one, other in zip(found, again, strict=True))
        found = again
        if settled:
            break
    return found


def operators(
    membership: Membership,
    members: NDArray[np.int64],
    random: np.random.Generator,
    job: JobContext,
    *,
    threads: int = 1,
    deals: int = _DEALS,
) -> list[NDArray[np.int64]]:
    """The operators of one cluster: itself, unless what members ask and what they share agree.

    Divided by what its members ask, and then by everything in turns, any cluster shows parts: an
    operator runs several scripts. Whether ties, sign-ups and pace agree is told by a permutation
    test: bundles are dealt anew among the members, which changes nothing where one operator's
    scripts have nothing to do with its accounts. The same division of each deal must gain less,
    in nats by which members fit their part better than the whole: of bundles, and of everything.
    Bundles alone may be divided well where that divides no content, and the other way round.

    Args:
        membership: Weighs entities.
        members: Of the cluster, ascending.
        random: Deals.
        job: Cancellation.
        threads: On which deals are divided side by side; never changes a result.
        deals: How many.
    """
    if len(members) < 2 * TESTED:
        return [members]
    starts = _starts(membership, members)
    gain, parts = _division(membership, members, starts, None)
    # Parts that fit everything worse than the whole did are none, however their bundles differ.
    if not parts or gain[1] <= 0.0:
        return [members]

    def divided(dealt: NDArray[np.int64]) -> NDArray[np.float64]:
        carrier = np.arange(membership.n_entities)
        carrier[members] = dealt
        return _division(membership, members, starts, carrier)[0]

    gains = [gain]
    for until in (*_FEW, deals):
        more = [random.permutation(members) for _ in range(until + 1 - len(gains))]
        gains += in_order(divided, more, threads=threads, job=job)
        if not _first_is_most(np.stack(gains)):
            return [members]
    return [
        found
        for part in parts
        for found in operators(membership, part, random, job, threads=threads, deals=2 * deals + 1)
    ]


def _starts(
    membership: Membership, members: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The commonest script against the others, by regions and by wordings, each start once."""
    found: dict[bytes, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    for script in membership.scripts(members).T:
        inside = script == np.bincount(script).argmax()
        if min(inside.sum(), (~inside).sum()) >= TESTED:
            found[inside.tobytes()] = (members[inside], members[~inside])
    return list(found.values())


def _division(
    membership: Membership,
    members: NDArray[np.int64],
    starts: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    carrier: NDArray[np.int64] | None,
) -> tuple[NDArray[np.float64], list[NDArray[np.int64]]]:
    """The division in two that gains most: (f64[2] nats of bundles, of everything; its parts).

    -inf and none where there is none.
    """
    best = np.full(2, -np.inf)
    found: list[NDArray[np.int64]] = []
    whole = _evidence(membership, members, members, carrier).sum(axis=1)
    for start in starts:
        parts = compete(membership, start, carrier)
        if parts:
            each = [_evidence(membership, part, part, carrier).sum(axis=1) for part in parts]
            gain = np.sum(each, axis=0) - whole
            if gain[1] > best[1]:
                best, found = gain, parts
    return best, found


def _first_is_most(gains: NDArray[np.float64]) -> bool:
    """Whether the first row (f64[D,2]) gains most, both columns by their own spread.

    Told by all rows alike, so that any row is as likely the first where they are exchangeable.
    """
    known = gains[np.isfinite(gains[:, 0])]
    spread = np.maximum(known.std(axis=0), 1e-9)
    score = ((known - known.mean(axis=0)) / spread).sum(axis=1)
    return bool((score[1:] < score[0]).all())


def _evidence(
    membership: Membership,
    cluster: NDArray[np.int64],
    rows: NDArray[np.int64],
    carrier: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    """f64[2,M] nats by which entities' bundles, and everything, speak for a cluster."""
    carrier = np.arange(membership.n_entities) if carrier is None else carrier
    weight, carried = np.zeros((2, membership.n_entities))
    weight[cluster] = carried[carrier[cluster]] = 1.0
    bundles = np.sum(list(membership.of_bundles(carried).values()), axis=0)[carrier[rows]]
    return np.stack([bundles, bundles + membership.of_content(rows, weight)])
