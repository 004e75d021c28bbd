"""The first values of a block that their columns could not take, for a person to look at."""

from __future__ import annotations

import json
from bisect import insort
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.ports import Unread
from workbench.domain.text import elide
from workbench.formats.coerce import INDEX
from workbench.formats.shape import UNREADABLE
from workbench.formats.text import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

#: So many of a column.
SAMPLES: Final = 3
_LONGEST: Final = 60


class Samples:
    """Of each column the first values that could not be read.

    Args:
        most: So many of a column.
    """

    def __init__(self, most: int = SAMPLES) -> None:
        self.most = most
        #: Column -> where the record lies, its number and the value, in the order of the records.
        self._kept: dict[str, list[tuple[int, int, str]]] = {}

    def add(self, column: str, number: int, value: Any, *, place: int) -> None:
        """Keep a value, if it is one of the first.

        Args:
            column: Canonical.
            number: Of the record, as it was added.
            value: As the log gave it; None where it is not known.
            place: Number of the record as they lie; of one inside another, of that one.
        """
        kept = self._kept.setdefault(column, [])
        if len(kept) >= self.most:  # lines are not read in their order
            if place >= kept[-1][0]:
                return
            kept.pop()
        written = "" if value in (None, UNREADABLE) else _written(value)
        insort(kept, (place, number, written), key=itemgetter(0))

    def told(self, number_of: Callable[[int], int], there: NDArray[np.int64]) -> tuple[Unread, ...]:
        """The samples in the order of the records.

        Args:
            number_of: Number of a record by the one that it was added with.
            there: Numbers of the records that were kept, shape (n,).
        """
        found = (
            Unread(number_of(number), column, value)
            for column, kept in self._kept.items()
            for _, number, value in kept
        )
        kept = [each for each in found if (there == each.record_no).any()]
        return tuple(sorted(kept, key=lambda each: (each.record_no, INDEX[each.column])))


def _written(value: Any) -> str:
    """A value as JSON has it, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = type(value).__name__
    return elide(without_surrogates(text), _LONGEST)
