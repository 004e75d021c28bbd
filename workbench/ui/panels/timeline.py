"""Exchanges over time: all of them, and those of the selected accounts; a brush selects back.

Above the columns: when the selected accounts signed up and were suspended, where the log says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.domain.selection import TimeRange
from workbench.services import wording
from workbench.ui import figures
from workbench.ui.map.lasso_tool import combine_of
from workbench.ui.panels.histogram import SIGNED_UP, SUSPENDED, Histogram
from workbench.ui.panels.panel import Panel, column
from workbench.ui.states import Icon
from workbench.ui.widgets import Button, Elided, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import Qt

    from workbench.domain.account import AccountKey
    from workbench.domain.changes import Changes
    from workbench.domain.selection import Selection, SelectionDefinition
    from workbench.services.timeline import Timeline
    from workbench.ui.desk import Desk
    from workbench.ui.theme import Theme

NAME: Final = "timeline"
_BINS: Final = 240


class TimelinePanel(Panel):
    """The histogram with its counts.

    Args:
        desk: What views share.
    """

    def __init__(self, desk: Desk) -> None:
        self.title = Text(desk.theme, "", "axis", "t2")
        self.note = Elided(desk.theme, "", "second", "t2")
        # The whole log makes a small selection vanish: then its own scale helps.
        self.only = Button(
            desk.theme,
            kind="quiet",
            icon="ph.arrows-out-line-vertical",
            tip="Selected accounts only, on a scale of their own (O)",
        )
        self.only.setProperty("square", "true")
        self.only.setCheckable(True)
        self.only.hide()
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(14, 8, 16, 0)
        row.setSpacing(16)
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.only)
        row.addWidget(self.note)
        # A line of their own: beside the note neither would be whole in a narrow window.
        self._moments = QWidget()
        moments = QHBoxLayout(self._moments)
        moments.setContentsMargins(14, 2, 16, 0)
        moments.setSpacing(16)
        self.signed_up = _Legend(desk.theme, *SIGNED_UP)
        self.suspended = _Legend(desk.theme, *SUSPENDED)
        moments.addWidget(self.signed_up)
        moments.addWidget(self.suspended)
        moments.addStretch(1)
        self.brushed = Elided(desk.theme, "", "second", "t2")
        moments.addWidget(self.brushed)
        self._moments.hide()
        self.chart = Histogram(desk.theme)
        super().__init__(desk, column(line, self._moments, self.chart))
        self.setFocusProxy(self.chart)
        self._timeline: Timeline | None = None
        self._accounts: tuple[AccountKey, ...] | None = None
        self.chart.scale_wanted.connect(self._switch_scale)
        self.only.toggled.connect(lambda _: self._show())
        self.chart.brushed.connect(self._on_brushed)
        self.chart.pointed.connect(self._say)
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._clear)
        desk.session.changed.connect(self._on_changed)
        desk.hub.applied.connect(self._on_applied)
        desk.hub.applying.connect(self._on_applying)
        desk.hub.subject_changed.connect(lambda _: self._show())
        desk.colours.changed.connect(self._show)
        self._clear()

    def refresh(self) -> None:
        """Count anew."""
        accounts = self._accounts
        self.desk.session.ask(
            NAME,
            lambda workspace: workspace.browsing.timeline(accounts, _BINS),
            self._take,
            self.show_error,
        )

    def _take(self, timeline: Timeline) -> None:
        self._timeline = timeline
        if timeline.total.size:
            self._show()
            self._say(-1)
            self.show_body()
        elif timeline.n_undated:
            self.show_empty(
                "ph.clock",
                "No times",
                f"None of the {wording.exchanges(timeline.n_undated)} has a time that could be "
                "read. Import with a time zone, if the log has naive times.",
            )
        else:
            self.show_empty(
                "ph.chart-bar",
                "No timeline yet",
                "Import logs, then analyse the case. Exchanges over time appear here.",
            )

    def _show(self) -> None:
        if self._timeline is not None and self._timeline.total.size:
            timeline = self._timeline
            self.signed_up.say(timeline.signed_up.size, "signed up", *_before(timeline))
            self.suspended.say(timeline.suspended.size, "suspended")
            self._show_moments()
            rank = self.desk.colours.rank(self.desk.hub.subject.cluster_id or None)
            self.only.setVisible(timeline.chosen is not None)
            self.chart.show_counts(
                timeline, rank if 0 <= rank < 6 else -1, only_chosen=self.only.isChecked()
            )

    def _switch_scale(self) -> None:
        if self.only.isVisibleTo(self):
            self.only.toggle()

    def _say(self, pointed: int) -> None:
        timeline = self._timeline
        if timeline is None or not timeline.bin_us:
            return
        self.title.setText(f"Exchanges {timeline.step}, UTC")
        if 0 <= pointed < timeline.total.size:
            at = figures.minute(timeline.bounds(pointed)[0])
            said = f"{at}: {wording.exchanges(int(timeline.total[pointed]))}"
            if timeline.chosen is not None:
                said += f", {int(timeline.chosen[pointed]):,} selected"
            for times, what in (
                (timeline.signed_up, "signed up"),
                (timeline.suspended, "suspended"),
            ):
                here = _within(times, *timeline.bounds(pointed))
                if here:
                    said += f", {here:,} {what}"
            self.note.setText(said)
            return
        parts = []
        if timeline.chosen is None:
            parts.append(wording.exchanges(int(timeline.total.sum()) + timeline.n_undated))
        else:
            parts.append(
                f"{wording.exchanges(timeline.n_chosen)} of "
                f"{timeline.n_accounts:,} selected "
                f"{'account' if timeline.n_accounts == 1 else 'accounts'}"
            )
        if timeline.n_undated:
            parts.append(f"{timeline.n_undated:,} without a time")
        brush, said = self.chart.brush, ""
        if brush is not None:
            first, last = (timeline.first_us + edge * timeline.bin_us for edge in brush)
            said = f"Brushed: {figures.minute(first)} to {figures.minute(last)} UTC"
        self.brushed.setText(said)
        self._show_moments()
        self.note.setText("  ·  ".join(parts))

    def _show_moments(self) -> None:
        timeline = self._timeline
        known = timeline is not None and timeline.signed_up.size + timeline.suspended.size > 0
        self._moments.setVisible(known or bool(self.brushed.text()))

    def _on_brushed(self, first: int, last: int, modifiers: Qt.KeyboardModifier) -> None:
        timeline = self._timeline
        if timeline is None:
            return
        start = timeline.first_us + first * timeline.bin_us
        shape = TimeRange(start, start + (last - first) * timeline.bin_us)
        self.desk.hub.select(combine_of(modifiers, self.desk.hub.mode), shape, NAME)
        self._say(-1)

    def _on_applying(self, _definition: SelectionDefinition, initiator: str) -> None:
        if initiator != NAME:
            self.chart.show_brush(None)

    def _on_applied(self, selection: Selection | None, _initiator: str) -> None:
        self._accounts = None if selection is None else selection.accounts
        self.refresh()

    def _on_changed(self, changes: Changes) -> None:
        if changes.computed:
            self.refresh()

    def _clear(self) -> None:
        self._timeline = None
        self._accounts = None
        self.show_empty("ph.chart-bar", "No case is open", "Open a case to see it over time.")


class _Legend(QWidget):
    """An icon as before its row of ticks, and how many accounts it stands for."""

    def __init__(self, theme: Theme, icon: str, token: str) -> None:
        super().__init__()
        self.text = Text(theme, "", "axis", "t2")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(Icon(theme, icon, 12, token))
        row.addWidget(self.text)
        self.hide()

    def say(self, count: int, what: str, more: str = "", tip: str = "") -> None:
        """Show a count; nothing where there is none."""
        self.text.setText(f"{count:,} {what}{f', {more}' if more else ''}")
        self.setToolTip(figures.tooltip(tip))
        self.setVisible(count > 0)


def _before(timeline: Timeline) -> tuple[str, str]:
    """How many of the chosen accounts signed up before the chart begins: in short, in full."""
    earlier = int((timeline.signed_up < timeline.first_us).sum())
    if not earlier:
        return "", ""
    who = "all" if earlier == timeline.signed_up.size else f"{earlier:,}"
    return f"{who} before the log begins", f"{who} of them before {figures.day(timeline.first_us)}"


def _within(times: NDArray[np.int64], first: int, last: int) -> int:
    """How many of some times lie in a bin."""
    return int(((times >= first) & (times < last)).sum())
