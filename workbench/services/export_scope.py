"""What is exported: clusters, what a label binds, or accounts; resolved to accounts by subject.

Every exported account belongs to exactly one subject: its cluster, or "Accounts" when it is
bound by none. Later joiners of a labelled cluster are not exported under the label.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.label import Label
from workbench.services.results import account_key, cluster_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.domain.label import LabelState
    from workbench.services.results import Results

#: Name of the subject that holds accounts outside any cluster.
OUTSIDE: Final = "Accounts"
#: From the boldest to the most cautious; a tie goes to the more cautious one.
_CAUTION: Final = (Label.CONFIRMED, Label.BENIGN, Label.SUSPECTED, Label.NEEDS_REVIEW)
#: Marks of the Traffic Light Protocol 2.0.
MARKINGS: Final = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")


def tlp_mark(text: str) -> str:
    """The mark that a person means: ``amber`` is ``TLP:AMBER``.

    Raises:
        InputError: It is no mark of TLP 2.0.
    """
    mark = "TLP:" + text.strip().upper().removeprefix("TLP:").replace("_", "+").strip()
    if mark not in MARKINGS:
        raise InputError(f"{text!r} is no TLP mark.", remedy=f"Give one of {', '.join(MARKINGS)}.")
    return mark


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person asked to export: one of the three.

    Attributes:
        clusters: Cluster ids; their members at or above the membership threshold.
        label: Accounts on which this label stands.
        accounts: Account keys, or values as the log gave them.
    """

    clusters: tuple[str, ...] = ()
    label: Label | None = None
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one subject.

    Attributes:
        id: Cluster id, or ``OUTSIDE``.
        row: Row of the cluster in the reading; -1 for ``OUTSIDE``.
        indices: i64[n], its exported accounts, ascending.
    """

    id: str
    row: int
    indices: NDArray[np.int64]

    def marks(self, n_accounts: int) -> NDArray[np.bool_]:
        """bool[A]: the exported accounts."""
        marks = np.zeros(n_accounts, np.bool_)
        marks[self.indices] = True
        return marks


def resolve(
    scope: Scope, results: Results, labels: Mapping[str, LabelState], ranking: Sequence[str]
) -> tuple[Group, ...]:
    """The accounts to export, by subject, best cluster first.

    Args:
        scope: What was asked for.
        results: The reading.
        labels: Standing labels by account key.
        ranking: Cluster ids, best first.

    Raises:
        InputError: A cluster or account that the case does not have, or nothing was named.
        NotAssessedError: The case was not analysed, or the label stands on no account.
    """
    if results.accounts is None:
        raise NotAssessedError(
            "The case has not been analysed.", remedy="Analyse the case, then export."
        )
    bound = np.full(results.n_accounts, -1, np.int32)
    if results.clusters is not None:
        bound = results.clusters.bound
    chosen = np.zeros(results.n_accounts, np.bool_)
    if scope.clusters:
        chosen[np.isin(bound, [cluster_row(results, one) for one in scope.clusters])] = True
    elif scope.label is not None:
        keys = [key for key, state in labels.items() if state.label is scope.label]
        chosen[results.indices(keys)] = True
        if not chosen.any():
            raise NotAssessedError(
                f"The label {scope.label.value} stands on no account.",
                remedy="Label accounts first, or export a cluster.",
            )
    else:
        keys = [account_key(results, account) for account in scope.accounts]
        chosen[results.indices(keys)] = True
    if not chosen.any():
        raise InputError(
            "Nothing to export was named.", remedy="Give --cluster, --label or --account."
        )
    ids = results.clusters.ids if results.clusters is not None else ()
    place = {name: i for i, name in enumerate(ranking)}
    rows = sorted(set(bound[chosen].tolist()) - {-1}, key=lambda row: place[ids[row]])
    groups = [Group(ids[row], row, np.flatnonzero(chosen & (bound == row))) for row in rows]
    outside = np.flatnonzero(chosen & (bound < 0))
    if outside.size:
        groups.append(Group(OUTSIDE, -1, outside))
    return tuple(groups)


@dataclass(frozen=True, slots=True)
class Standing:
    """What people decided of a group's exported accounts.

    Attributes:
        label: The label that stands on more than half of them; None otherwise.
        counts: Accounts by label value.
        n_unlabelled: Those without any.
    """

    label: Label | None
    counts: dict[str, int]
    n_unlabelled: int


def standing(group: Group, results: Results, labels: Mapping[str, LabelState]) -> Standing:
    """Count the labels that stand on a group's accounts."""
    states = [labels.get(results.keys[i]) for i in group.indices]
    counts = Counter(state.label for state in states if state is not None)
    label = max(_CAUTION, key=lambda one: (counts[one], _CAUTION.index(one)))
    decided = label if counts[label] * 2 > len(states) else None
    named = {one.value: counts[one] for one in _CAUTION if counts[one]}
    return Standing(decided, named, len(states) - sum(counts.values()))
