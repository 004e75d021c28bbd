"""Journals that lack what was written: said above the map as a case is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.ui.desk import Desk
    from workbench.ui.notices import Notices

#: Sentences that are said; of more there is a count.
_MOST: Final = 3


class Lacking(QObject):
    """Says what is not as it should be with the journals of a case.

    Args:
        notices: Where it is said.
        desk: What views share.
    """

    def __init__(self, notices: Notices, desk: Desk) -> None:
        super().__init__(notices)
        self._notices = notices
        self._desk = desk
        desk.session.opened.connect(lambda _: self._look())

    def _look(self) -> None:
        self._desk.session.ask("journals", lambda w: w.auditing.notices(), self._say)

    def _say(self, facts: list[str]) -> None:
        for fact in facts[:_MOST]:
            self._notices.say(fact)
        if (more := len(facts) - _MOST) > 0:
            self._notices.say(f"{plural(more, 'more thing', 'more things')} in the journals.")
