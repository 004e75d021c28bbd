"""What a view shows when it has nothing, is waiting, failed, or is out of date.

Empty: what it is and what to do. Loading: what, how far, what is left. Error: what happened,
what is safe, what to do. Stale: one amber line. Never a bare spinner, never blame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from workbench.ui.widgets import Button, KeyCap, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.errors import KnownError
    from workbench.domain.progress import Progress
    from workbench.ui.theme import Theme


class Icon(QLabel):
    """An icon by itself, in the colour of a token.

    Args:
        theme: The look.
        name: qtawesome name.
        size: Side in pixels at 100 %.
        colour: Token.
        parent: Owner.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        size: int = 16,
        colour: str = "t2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._size = size
        self._colour = colour
        self._refresh()
        theme.changed.connect(self._refresh)

    def set_icon(self, name: str, colour: str) -> None:
        """Show another icon."""
        self._name, self._colour = name, colour
        self._refresh()

    def _refresh(self) -> None:
        self.setPixmap(
            self._theme.icon_pixmap(self._name, self._size, self._colour, self.devicePixelRatioF())
        )


def headed(icon: Icon, title: Text) -> QHBoxLayout:
    """The head of a card: an icon, its title beside it."""
    head = QHBoxLayout()
    head.setSpacing(8)
    head.addWidget(icon)
    head.addWidget(title)
    head.addStretch(1)
    return head


class ShareBar(QProgressBar):
    """How far a job is, as a bar without words; it swings to and fro while that is not known.

    Args:
        name: What is under way, for a screen reader.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setRange(0, 0)
        self.setAccessibleName(name)

    def show_share(self, done: float | None) -> None:
        """Show a share in [0, 1]; None where it is not known."""
        self.setRange(0, 0 if done is None else 1000)
        if done is not None:
            self.setValue(round(1000 * done))


class EmptyState(QWidget):
    """Nothing here yet: an icon, what it is, what to do, one button with its key.

    Args:
        theme: The look.
        icon: qtawesome name.
        title: What it is ("No selection yet").
        text: What to do, a sentence or two.
        action: Text of the button; "" for none.
        key: The key of that action; "" for none.
        parent: Owner.
    """

    #: The button was pressed.
    acted = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str,
        *,
        action: str = "",
        key: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{title}. {text}")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(1)
        column.addWidget(Icon(theme, icon, 28, "t3"), 0, centre)
        column.addWidget(Text(theme, title, "head"), 0, centre)
        what = Text(theme, text, "second", "t2", wrap=True)
        what.setAlignment(centre | Qt.AlignmentFlag.AlignTop)
        # As wide as the panel: a wrapped label that is centred itself gets one line's height.
        column.addWidget(what)
        if action:
            row = QHBoxLayout()
            row.setSpacing(8)
            button = Button(theme, action)
            button.clicked.connect(self.acted)
            row.addStretch(1)
            row.addWidget(button)
            if key:
                row.addWidget(KeyCap(theme, key))
            row.addStretch(1)
            column.addSpacing(8)
            column.addLayout(row)
        column.addStretch(1)


class LoadingState(QFrame):
    """A running job: what, bar, per cent, time left, count done of all, cancel.

    Args:
        theme: The look.
        title: What is being done until the first report.
        cancellable: Whether there is a button "Cancel".
        parent: Owner.
    """

    #: The user wants it to stop.
    cancelled = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        *,
        cancellable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self._title = Text(theme, title, "head")
        self._bar = ShareBar(title)
        self._share = Text(theme, "", "second-strong")
        self._left = Text(theme, "", "second", "t2")
        self._count = Text(theme, "", "second", "t2")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addLayout(headed(Icon(theme, "ph.spinner", 16, "acc"), self._title))
        column.addWidget(self._bar)
        figures = QHBoxLayout()
        figures.addWidget(self._share)
        figures.addStretch(1)
        figures.addWidget(self._left)
        column.addLayout(figures)
        column.addWidget(self._count)
        if cancellable:
            button = Button(theme, "Cancel")
            button.clicked.connect(self.cancelled)
            column.addSpacing(4)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def show_progress(self, progress: Progress) -> None:
        """Show a report of the job."""
        self._title.setText(progress.step)
        self._bar.setAccessibleName(progress.step)
        self._bar.show_share(progress.done)
        self._share.setText(share_done(progress))
        self._left.setText(what_is_left(progress))
        self._count.setText(count_done(progress))


class ErrorState(QFrame):
    """What happened, what is safe, what to do; a button with the remedy.

    Args:
        theme: The look.
        title: What happened, in few words ("Disk is full").
        text: Where, what is safe, what to do.
        action: Text of the button that does the remedy; "" for none.
        details: Whether there is a link "Details" (it opens the report).
        parent: Owner.
    """

    #: The remedy was pressed.
    acted = Signal()
    #: "Details" was pressed.
    details_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        text: str,
        *,
        action: str = "",
        details: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.setAccessibleName(f"{title}. {text}")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        icon = Icon(theme, "ph.warning-circle", 16, "red")
        column.addLayout(headed(icon, Text(theme, title, "head")))
        column.addWidget(Text(theme, text, "second", "t1", wrap=True))
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        if action:
            remedy = Button(theme, action, kind="primary")
            remedy.clicked.connect(self.acted)
            buttons.addWidget(remedy)
        if details:
            link = Button(theme, "Details", kind="link")
            link.clicked.connect(self.details_wanted)
            buttons.addWidget(link)
        buttons.addStretch(1)
        column.addLayout(buttons)

    @classmethod
    def of(cls, theme: Theme, error: KnownError, *, action: str = "") -> ErrorState:
        """A known error: its fact as the title; what is safe and the remedy below."""
        text = " ".join(part for part in (error.safe, error.remedy) if part)
        return cls(theme, error.fact, text, action=action)


class StaleLine(QWidget):
    """The amber line over results that are older than what they rest on, with its remedy.

    Args:
        theme: The look.
        text: "Labels changed since this was computed."
        action: Text of the link ("Update").
        parent: Owner.
    """

    #: The link was pressed.
    acted = Signal()

    def __init__(
        self, theme: Theme, text: str, action: str = "Update", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(Icon(theme, "ph.clock-counter-clockwise", 16, "amb"))
        row.addWidget(Text(theme, text, "second", "amb"))
        link = Button(theme, action, kind="link")
        link.clicked.connect(self.acted)
        row.addWidget(link)
        row.addStretch(1)


class OfferLine(QWidget):
    """An amber line over the work that leaves a choice.

    Args:
        theme: The look.
        text: What there is to choose about.
        actions: Texts of the links.
        parent: Owner.
    """

    #: A link was pressed: its text.
    chosen = Signal(str)

    def __init__(
        self, theme: Theme, text: str, actions: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(Icon(theme, "ph.warning-circle", 16, "amb"))
        row.addWidget(Text(theme, text, "second", "amb", wrap=True), 1)
        #: The links, in order.
        self.links: list[Button] = []
        for action in actions:
            link = Button(theme, action, kind="link")
            link.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            row.addWidget(link)
            self.links.append(link)


def time_left(seconds: float) -> str:
    """A rough duration: "20 s", "2 min", "1 h 5 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def share_done(progress: Progress) -> str:
    """How far a job is, "64 %"; "" when that is not known."""
    return "" if progress.done is None else f"{100 * progress.done:.0f} %"


def what_is_left(progress: Progress) -> str:
    """How long a job will still take, "about 2 min left"; "" when that is not known."""
    left = progress.seconds_left
    return "" if left is None else f"about {time_left(left)} left"


def count_done(progress: Progress) -> str:
    """How far a job is, "16,203 of 25,318 accounts"; "" when nothing is counted."""
    if progress.count is None:
        return ""
    of_all = "" if progress.total is None else f" of {progress.total:,}"
    return f"{progress.count:,}{of_all} {progress.unit}".rstrip()
