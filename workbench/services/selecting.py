"""From a definition to the accounts that it yields: one selection drives every view.

A selection is taken among exchanges: each shape marks exchanges, steps combine the marks, and the
accounts with a marked exchange are selected. The marks follow from the definition alone, so they
are kept for the last few definitions only and made again where needed. Persists nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.errors import NotAssessedError
from workbench.domain.selection import (
    AccountSet,
    ClusterSet,
    Combine,
    Polygon,
    Selection,
    SelectionDefinition,
    TimeRange,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.domain.selection import Shape
    from workbench.services.results import Points, Results

#: Definitions whose marks are kept: the selection that is shown, and a few steps before it.
_KEPT: Final = 4


class Selecting:
    """Applies definitions to the current results. Safe from any thread.

    Args:
        results: Gives the current reading.
    """

    def __init__(self, results: Callable[[], Results]) -> None:
        self._results = results
        self._lock = threading.Lock()
        self._marks: OrderedDict[tuple[str, SelectionDefinition], NDArray[np.bool_]] = OrderedDict()

    def apply(self, definition: SelectionDefinition) -> Selection:
        """The accounts that a definition yields, with exact counts.

        Raises:
            NotAssessedError: The case has not been analysed, so there is no map yet.
        """
        results = self._results()
        points = _points(results)
        marks = self.marks(definition, results)
        chosen = points.per_account(results.n_accounts, marks) > 0
        in_order = results.key_order[chosen[results.key_order]]
        accounts = tuple(results.account_keys[index] for index in in_order)
        return Selection(
            definition,
            accounts,
            n_exchanges=int(marks.sum()),
            digest=Selection.digest_of(accounts),
        )

    def marks(
        self, definition: SelectionDefinition, results: Results | None = None
    ) -> NDArray[np.bool_]:
        """bool[N]: the exchanges inside a definition, in the order of ``Results.points``.

        Raises:
            NotAssessedError: The case has not been analysed.
        """
        results = results or self._results()
        points = _points(results)
        key = (results.digest, definition)
        with self._lock:
            known = self._marks.get(key)
            if known is not None:
                self._marks.move_to_end(key)
                return known
        if not definition.steps:
            marks = np.zeros(points.account.shape[0], dtype=np.bool_)
        else:
            *before, step = definition.steps
            marks = self._shape(step.shape, results, points)
            if step.combine is not Combine.REPLACE:
                earlier = self.marks(SelectionDefinition(tuple(before)), results)
                marks = _combined(earlier, step.combine, marks)
        marks.setflags(write=False)
        with self._lock:
            self._marks[key] = marks
            while len(self._marks) > _KEPT:
                self._marks.popitem(last=False)
        return marks

    def _shape(self, shape: Shape, results: Results, points: Points) -> NDArray[np.bool_]:
        match shape:
            case Polygon(vertices):
                return _inside(points, vertices)
            case TimeRange(first_us, last_us):
                # NO_TIME is the least integer: exchanges without a time are in no range.
                return (points.ts >= first_us) & (points.ts < last_us)
            case AccountSet(keys):
                chosen = np.zeros(results.n_accounts, dtype=np.bool_)
                chosen[results.indices([str(key) for key in keys])] = True
                return points.of(chosen)
            case ClusterSet(cluster_ids):
                clusters = results.clusters
                if clusters is None:
                    return np.zeros(points.account.shape[0], dtype=np.bool_)
                rows = [clusters.row_of[name] for name in cluster_ids if name in clusters.row_of]
                return points.of(np.isin(clusters.bound, rows))


def _points(results: Results) -> Points:
    if results.points is None:
        raise NotAssessedError(
            "This case has no map yet, so nothing can be selected.", remedy="Analyse the case."
        )
    return results.points


def _inside(points: Points, vertices: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    # Imported here: numba takes a part of a second that a command may not need.
    from workbench.kernels.lasso import inside

    return inside(points.index, vertices)


def _combined(
    earlier: NDArray[np.bool_], combine: Combine, marks: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    if combine is Combine.ADD:
        return earlier | marks
    if combine is Combine.SUBTRACT:
        return earlier & ~marks
    return earlier & marks
