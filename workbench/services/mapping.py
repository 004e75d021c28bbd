"""What the map shows: points, what colours them, names of regions and tags of clusters.

Pure functions of one reading and of the labels that stand. Colours are the window's business:
here are categories and their order only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

from workbench.domain.finding import Verdict
from workbench.domain.label import Label
from workbench.domain.map_data import MapData

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.domain.label import LabelState
    from workbench.services.results import Results

#: Most categories that are told apart by colour.
MOST: Final = 6
_LABELS: Final = tuple(Label)


class ColourBy(StrEnum):
    """What the colours of the map say."""

    CLUSTER = "cluster"
    LABEL = "label"
    FINDING = "finding"


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Which account is in which category.

    Attributes:
        account: u8[A]; 0 for all other traffic, 1 to K.
        keys: Of categories 1 to K: cluster id, label value or verdict value.
    """

    account: NDArray[np.uint8]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A name at a place of the map.

    Attributes:
        name: A region's words, or a cluster id.
        x: Data units.
        y: Data units.
        n_exchanges: How many lie there.
    """

    name: str
    x: float
    y: float
    n_exchanges: int


def map_data(results: Results) -> MapData | None:
    """The points of a reading; None before the analysis."""
    points = results.points
    if points is None:
        return None
    return MapData(
        points.x,
        points.y,
        points.account,
        points.exchange_id,
        points.segment_offsets,
        points.bounds,
        results.n_accounts,
    )


def categories(
    results: Results,
    labels: Mapping[str, LabelState],
    by: ColourBy,
    clusters: Sequence[str] = (),
) -> Categories:
    """Put every account into a category.

    Args:
        results: The reading.
        labels: Labels that stand, by account key.
        by: What colours say.
        clusters: For ``CLUSTER``: the clusters to tell apart, at most six, in the order of
            their colours. The rest is other traffic.
    """
    account = np.zeros(results.n_accounts, dtype=np.uint8)
    if by is ColourBy.LABEL:
        place = {label: number for number, label in enumerate(_LABELS, start=1)}
        for key, state in labels.items():
            index = results.index_of.get(key)
            if index is not None:
                account[index] = place[state.label]
        return Categories(account, tuple(label.value for label in _LABELS))
    found = results.clusters
    if by is ColourBy.FINDING:
        keys = tuple(verdict.value for verdict in Verdict)
        if found is not None and found.table.num_rows:
            verdicts = found.table.column("verdict").to_pylist()
            of_row = np.array([keys.index(verdict) + 1 for verdict in verdicts] + [0], np.uint8)
            account = of_row[found.bound]
        return Categories(account, keys)
    shown = tuple(clusters[:MOST])
    if found is not None:
        of_row = np.zeros(found.table.num_rows + 1, dtype=np.uint8)
        for number, name in enumerate(shown, start=1):
            if name in found.row_of:
                of_row[found.row_of[name]] = number
        account = of_row[found.bound]
    return Categories(account, shown)


def regions(results: Results, most: int = 48) -> list[NamedPlace]:
    """Names of the fullest cells, the fullest first."""
    cells = results.cells
    if cells is None or cells.num_rows == 0:
        return []
    order = pc.sort_indices(cells, sort_keys=[("n_exchanges", "descending")])[:most]
    return [
        NamedPlace(row["name"], row["x"], row["y"], row["n_exchanges"])
        for row in cells.take(order).to_pylist()
        if row["name"] and row["x"] == row["x"] and row["y"] == row["y"]
    ]


def tags(results: Results, clusters: Sequence[str]) -> list[NamedPlace]:
    """Where the clusters are: the median place of their exchanges."""
    found, points = results.clusters, results.points
    if found is None or points is None:
        return []
    placed = np.isfinite(points.x) & np.isfinite(points.y)
    named = []
    for name in clusters:
        row = found.row_of.get(name)
        if row is None:
            continue
        marks = points.of(found.bound == row)
        here = marks & placed
        if here.any():
            x, y = float(np.median(points.x[here])), float(np.median(points.y[here]))
            named.append(NamedPlace(name, x, y, int(marks.sum())))
    return named


def chosen(results: Results, keys: Sequence[str]) -> NDArray[np.bool_]:
    """bool[A]: the accounts with these keys."""
    marks = np.zeros(results.n_accounts, dtype=np.bool_)
    marks[results.indices(list(keys))] = True
    return marks


def clusters_of(results: Results, marks: NDArray[np.bool_]) -> list[tuple[str, int]]:
    """Clusters that bind the marked accounts (bool[A]) and how many each, the most first."""
    found = results.clusters
    if found is None:
        return []
    bound = found.bound[marks]
    counts = np.bincount(bound[bound >= 0], minlength=found.table.num_rows)
    order = np.argsort(-counts, kind="stable")
    return [(found.ids[row], int(counts[row])) for row in order if counts[row]]
