"""The first values of a block that their columns could not take, for a person to look at."""

from __future__ import annotations

import json
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
    """Of each column the first values that could not be read."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[int, str]]] = {}

    def add(self, column: str, number: int, value: Any) -> None:
        """Keep a value, if it is one of the first; None where it is not known."""
        kept = self._kept.setdefault(column, [])
        if len(kept) < SAMPLES:
            kept.append((number, "" if value in (None, UNREADABLE) else _written(value)))

    def told(self, number_of: Callable[[int], int], there: NDArray[np.int64]) -> tuple[Unread, ...]:
        """The samples in the order of the records.

        Args:
            number_of: Number of a record by the one that it was added with.
            there: Numbers of the records that were kept, shape (n,).
        """
        found = (
            Unread(number_of(number), column, value)
            for column, kept in self._kept.items()
            for number, value in kept
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
