"""A selection: a definition, and the accounts it yielded, frozen with a digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.domain.account import AccountKey


class Combine(StrEnum):
    """How a new shape meets the selection that is there."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


@dataclass(frozen=True, slots=True)
class Polygon:
    """A drawn shape; the drawn vertices decide, nothing is simplified.

    Attributes:
        vertices: (x, y) in data coordinates of the map, in drawing order, closed implicitly.
            A rectangle is a polygon with four vertices.
    """

    vertices: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Exchanges with ``first_us <= ts < last_us`` (UTC microseconds)."""

    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class AccountSet:
    """Accounts named one by one, sorted."""

    keys: tuple[AccountKey, ...]


@dataclass(frozen=True, slots=True)
class ClusterSet:
    """Members (at or above the membership threshold) of clusters, by id."""

    cluster_ids: tuple[str, ...]


Shape = Polygon | TimeRange | AccountSet | ClusterSet


@dataclass(frozen=True, slots=True)
class Step:
    """One shape and how it was combined with what was selected before."""

    combine: Combine
    shape: Shape


@dataclass(frozen=True, slots=True)
class SelectionDefinition:
    """The steps that led to a selection, in order; empty selects nothing."""

    steps: tuple[Step, ...] = ()

    def then(self, combine: Combine, shape: Shape) -> SelectionDefinition:
        """The definition after one more shape; replace starts anew."""
        step = Step(combine, shape)
        if combine is Combine.REPLACE:
            return SelectionDefinition((step,))
        return SelectionDefinition((*self.steps, step))


@dataclass(frozen=True, slots=True)
class Selection:
    """A definition and what it yielded.

    Attributes:
        definition: How it was made.
        accounts: Account keys with at least one selected exchange, sorted.
        n_exchanges: Exchanges inside the shapes.
        digest: SHA-256 over the sorted account keys, hex.
    """

    definition: SelectionDefinition
    accounts: tuple[AccountKey, ...]
    n_exchanges: int
    digest: str

    @staticmethod
    def digest_of(accounts: tuple[AccountKey, ...]) -> str:
        """SHA-256 (hex) over the account keys, sorted, one a line."""
        joined = "\n".join(sorted(str(key) for key in accounts))
        return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()
