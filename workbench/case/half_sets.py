"""Which results answer which requests, where batches lie in several files: decided by elimination.

A custom_id is unique in its batch only, and batches like to count from 1. So files are matched, not
lines: results belong to the one set of requests that has all of their names, unless something
speaks against it. Where two sets of requests would do, or two sets of results answer a request
twice, nothing is decided. Pure: this room must not open a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Kind, set of requests, set of results.
Couple = tuple[str, str, str]


class Why(StrEnum):
    """Why halves stayed alone."""

    NO_OTHER = "no other"
    TWICE = "twice"
    SEVERAL = "several"
    LACKING = "lacking"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two sets that have names in common.

    Attributes:
        couple: Kind, set of requests, set of results.
        shared: Names that both have.
        answered: Names that the results have.
        unread: Records of the requests' files that could not be read.
    """

    couple: Couple
    shared: int
    answered: int
    unread: int

    @property
    def fits(self) -> bool:
        """Whether every result has its request, but for requests that could not be read."""
        return self.answered - self.shared <= self.unread


def chosen(
    candidates: Iterable[Couple], overlapping: Iterable[tuple[str, str, str, str]]
) -> tuple[set[Couple], set[Couple]]:
    """The couples that are left when what cannot be is taken away, and those left undecided.

    Results that only one set of requests fits are its own; others that answer the same request
    are then not. Repeated until nothing changes, so that the order of files decides nothing.

    Args:
        candidates: Couples that fit and that nothing speaks against.
        overlapping: Kind, set of requests, and two sets of results that answer one of its
            requests twice.
    """
    open_: dict[tuple[str, str], set[str]] = {}
    for kind, asked, answered in candidates:
        open_.setdefault((kind, answered), set()).add(asked)
    rivals: dict[Couple, set[str]] = {}
    for kind, asked, one, other in overlapping:
        rivals.setdefault((kind, asked, one), set()).add(other)
        rivals.setdefault((kind, asked, other), set()).add(one)
    taken: set[Couple] = set()
    undecided: set[Couple] = set()
    while True:
        sure = {(kind, min(left), w) for (kind, w), left in open_.items() if len(left) == 1}
        both = {
            (kind, a, w)
            for kind, a, w in sure
            if any((kind, a, other) in sure for other in rivals.get((kind, a, w), ()))
        }
        undecided |= both
        taken |= sure - both
        for kind, _, w in sure:
            del open_[kind, w]
        gone = [
            (kind, a, other) for kind, a, w in sure - both for other in rivals.get((kind, a, w), ())
        ]
        for kind, a, other in sorted(gone):
            left = open_.get((kind, other))
            # Who loses its last one answers what is answered already: nobody can say by whom.
            if left is not None and a in left:
                left.discard(a)
                if not left:
                    undecided.add((kind, a, other))
                    del open_[kind, other]
        if not sure:
            break
    undecided |= {(kind, a, w) for (kind, w), left in open_.items() for a in left}
    return taken, undecided
