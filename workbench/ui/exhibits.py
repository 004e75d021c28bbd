"""The exchanges that a person chose one by one, for the exports of this sitting. Knows no widget.

They are a choice and no decision: what stands in the journal is which of them an export took.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from PySide6.QtCore import QObject, Signal

from workbench.ui import figures

#: Characters of a prompt by which an exhibit is known again.
_BEGINNING: Final = 160


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exchange, and by what a person knows it again.

    Attributes:
        exchange_id: The exchange.
        begins: How its prompt begins, as it was read; empty where none is recorded.
    """

    exchange_id: int
    begins: str = ""

    @classmethod
    def read(cls, exchange_id: int | None, prompt: str | None) -> Self | None:
        """The exchange that is read; None where none is."""
        if exchange_id is None:
            return None
        return cls(exchange_id, figures.line((prompt or "")[:_BEGINNING]))


class Exhibits(QObject):
    """Holds them, in the order in which they were chosen."""

    #: One was added or taken out.
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chosen: dict[int, Exhibit] = {}

    @property
    def chosen(self) -> tuple[Exhibit, ...]:
        """The exhibits."""
        return tuple(self._chosen.values())

    def __contains__(self, exchange_id: int) -> bool:
        return exchange_id in self._chosen

    def toggle(self, exhibit: Exhibit) -> None:
        """Add it; take it out where it is there."""
        if self._chosen.pop(exhibit.exchange_id, None) is None:
            self._chosen[exhibit.exchange_id] = exhibit
        self.changed.emit()

    def remove(self, exchange_id: int) -> None:
        """Take one out."""
        if self._chosen.pop(exchange_id, None) is not None:
            self.changed.emit()

    def clear(self) -> None:
        """Take all out, for another case."""
        self._chosen.clear()
        self.changed.emit()
