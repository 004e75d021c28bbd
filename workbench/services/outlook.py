"""What an export would come to, before it is made: how much, what marks it DRAFT, what refuses it.

Decides nothing and writes nothing: the export itself checks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.errors import KnownError
from workbench.domain.label import Label
from workbench.services.export_scope import resolve, standing
from workbench.services.reviewing import Review, review

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.services.export_scope import Scope
    from workbench.services.open_case import OpenCase


_NOTHING: Final = Review()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an export would come to.

    Attributes:
        n_accounts: Accounts that would leave.
        n_exchanges: Their exchanges.
        drafts: Clusters that nobody has confirmed; one marks every page DRAFT.
        review: What analysts still have to do before it may leave.
        strays: Exhibits that are of no account that would leave.
        trouble: Why there is nothing to export; None where there is.
    """

    n_accounts: int = 0
    n_exchanges: int = 0
    drafts: tuple[str, ...] = ()
    review: Review = _NOTHING
    strays: tuple[int, ...] = ()
    trouble: KnownError | None = None

    @property
    def refused(self) -> bool:
        """Whether the export would be refused."""
        return bool(self.trouble or self.strays or self.review)


def outlook(held: OpenCase, what: Scope, exhibits: Sequence[int] = ()) -> Outlook:
    """Look ahead.

    Args:
        held: The open case.
        what: What is to be exported.
        exhibits: Exchanges that are to be in it with their texts.
    """
    results, book = held.results(), held.book()
    ranking = results.clusters.ids if results.clusters is not None else ()
    try:
        groups = resolve(what, results, book.labels, ranking)
    except KnownError as error:
        return Outlook(trouble=error)
    assert results.accounts is not None
    chosen = np.zeros(results.n_accounts, np.bool_)
    for group in groups:
        chosen[group.indices] = True
    counts = results.accounts.column("n_exchanges").to_numpy()
    return Outlook(
        n_accounts=int(chosen.sum()),
        n_exchanges=int(counts[chosen].sum()),
        drafts=tuple(
            group.id
            for group in groups
            if group.row >= 0 and standing(group, results, book.labels).label is not Label.CONFIRMED
        ),
        review=review(book, held.policy(), [results.keys[i] for i in np.flatnonzero(chosen)]),
        strays=_strays(held, chosen, exhibits),
    )


def _strays(held: OpenCase, chosen: NDArray[np.bool_], exhibits: Sequence[int]) -> tuple[int, ...]:
    """Exhibits whose account is not among the chosen ones (bool[A])."""
    points = held.results().points
    if not exhibits:
        return ()
    if points is None:
        return tuple(exhibits)
    places = np.flatnonzero(np.isin(points.exchange_id, np.array(exhibits, np.int64)))
    own = points.exchange_id[places[np.append(chosen, False)[points.account[places]]]]
    return tuple(one for one in exhibits if one not in set(own.tolist()))
