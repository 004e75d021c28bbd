"""Shared parts: what they say, how they look at each state, and that they grow with the text."""

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from workbench.domain.errors import KnownError
from workbench.domain.finding import Verdict
from workbench.domain.label import Label
from workbench.domain.progress import Progress
from workbench.ui.bars import SignalRow, paint_axis, paint_bar, paint_sparkline
from workbench.ui.focus_ring import FocusRing
from workbench.ui.states import (
    EmptyState,
    ErrorState,
    LoadingState,
    StaleLine,
    count_done,
    time_left,
)
from workbench.ui.theme import Theme, ThemeChoice
from workbench.ui.tokens import DARK, LABELS, VERDICTS
from workbench.ui.widgets import Badge, Button, Elided, KeyCap, Swatch, Text


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, choice=ThemeChoice.DARK, reduced_motion=True)


def shown(qtbot: QtBot, widget: QWidget) -> QImage:
    """The widget as it looks on a panel."""
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    return widget.grab().toImage()


def has(image: QImage, colour: str) -> bool:
    wanted = QColor(colour)
    return any(
        image.pixelColor(x, y) == wanted
        for x in range(image.width())
        for y in range(image.height())
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_a_computed_verdict_is_an_outline(qtbot: QtBot, theme: Theme, verdict: Verdict) -> None:
    badge = Badge(theme, VERDICTS[verdict])
    image = shown(qtbot, badge)
    assert badge.accessibleName() == VERDICTS[verdict].word
    middle = image.pixelColor(image.width() - 4, image.height() // 2)
    assert middle != theme.colour(VERDICTS[verdict].colour)


@pytest.mark.parametrize("label", Label)
def test_a_persons_label_is_filled(qtbot: QtBot, theme: Theme, label: Label) -> None:
    image = shown(qtbot, Badge(theme, LABELS[label]))
    assert has(image, DARK.colour(LABELS[label].background))


def test_text_is_never_markup(qtbot: QtBot, theme: Theme) -> None:
    text = Text(theme, "<b>x</b>", "second", "t3")
    qtbot.addWidget(text)
    assert text.textFormat() is Qt.TextFormat.PlainText
    text.set_colour("red")
    assert text.property("colour") == "red"
    text.ensurePolished()
    assert text.palette().color(text.foregroundRole()) == QColor(DARK.red)


def test_parts_grow_with_the_text(qtbot: QtBot, theme: Theme) -> None:
    parts = [
        Badge(theme, LABELS[Label.CONFIRMED]),
        KeyCap(theme, "Ctrl K"),
        Swatch(theme, 0),
        SignalRow(theme, "Coverage evenness", 99.6),
        Button(theme, "Save selection"),
        Text(theme, "Text"),
    ]
    for part in parts:
        qtbot.addWidget(part)
    small = [part.sizeHint() for part in parts]
    theme.set_text_scale(2.0)
    try:
        for part, before in zip(parts, small, strict=True):
            assert part.sizeHint().height() > 1.4 * before.height(), part
    finally:
        theme.set_text_scale(1.0)
    assert [part.sizeHint() for part in parts] == small


@pytest.mark.parametrize(("percentile", "red"), [(99.6, True), (95.0, True), (94.9, False)])
def test_signals_have_two_levels(qtbot: QtBot, theme: Theme, percentile: float, red: bool) -> None:
    row = SignalRow(theme, "Shared networks", percentile)
    image = shown(qtbot, row)
    assert has(image, DARK.red) is red
    assert has(image, DARK.bar) is not red
    assert row.accessibleName() == f"Shared networks: {percentile:.1f} percentile"


def test_context_stands_back_and_is_never_red(qtbot: QtBot, theme: Theme) -> None:
    row = SignalRow(theme, "Spread of novelty", 99.6, context=True)
    image = shown(qtbot, row)
    assert not has(image, DARK.red)
    assert has(image, DARK.bar)
    assert row.accessibleName().endswith("for context, not part of the test")


def test_what_was_not_assessed_is_no_zero(qtbot: QtBot, theme: Theme) -> None:
    row = SignalRow(theme, "Reasoning share", None)
    image = shown(qtbot, row)
    assert "not assessed" in row.accessibleName()
    assert not has(image, DARK.bar)
    assert not has(image, DARK.red)
    assert has(shown(qtbot, SignalRow(theme, "Reasoning share", 12)), DARK.bar)


@pytest.mark.parametrize(
    ("percentile", "filled"), [(95.0, DARK.red), (94.9, DARK.bar), (None, None)]
)
def test_axes_have_two_levels_or_none(
    theme: Theme, percentile: float | None, filled: str | None
) -> None:
    image = QImage(120, 24, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_axis(painter, QRectF(0, 0, 120, 24), theme, "Content", percentile)
    painter.end()
    assert {c for c in (DARK.red, DARK.bar) if has(image, c)} == ({filled} if filled else set())


def test_a_bar_is_as_long_as_its_share(qtbot: QtBot, theme: Theme) -> None:
    for percentile in (0, 25, 50, 100):
        image = QImage(200, 10, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        paint_bar(painter, QRectF(0, 2, 200, 6), theme, percentile, high=101)
        painter.end()
        bar = QColor(DARK.bar)
        filled = sum(image.pixelColor(x, 5) == bar for x in range(200))
        assert filled == pytest.approx(2 * percentile, abs=4)


def test_a_sparkline_shows_small_values_and_leaves_out_none(theme: Theme) -> None:
    def columns(values: list[float]) -> list[int]:
        image = QImage(10 * len(values), 20, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        box = QRectF(0, 0, image.width(), 20)
        paint_sparkline(painter, box, values, QColor("#FFFFFF"))
        painter.end()
        white = QColor("#FFFFFF")
        return [
            sum(image.pixelColor(10 * i + 4, y) == white for y in range(20))
            for i in range(len(values))
        ]

    assert columns([0, 1, 1000, 500, float("nan")]) == [0, 1, 20, 10, 0]
    assert columns([0, 0]) == [0, 0]


def test_swatches_and_keys(qtbot: QtBot, theme: Theme) -> None:
    swatch = Swatch(theme, 3)
    assert has(shown(qtbot, swatch), DARK.categories[3])
    assert has(shown(qtbot, Swatch(theme, -1)), DARK.bar)
    key = KeyCap(theme, "L")
    image = shown(qtbot, key)
    assert image.width() == image.height()
    assert key.accessibleName() == "Key L"


def test_an_icon_button_says_what_it_does(qtbot: QtBot, theme: Theme) -> None:
    button = Button(theme, icon="ph.x", kind="quiet", tip="Close (Esc)")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Close (Esc)"
    assert not button.icon().isNull()


def labels(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.text()]


def test_an_empty_state_offers_one_action(qtbot: QtBot, theme: Theme) -> None:
    title, text = "No selection yet", "Draw a lasso."
    state = EmptyState(theme, "mdi6.lasso", title, text, action="Draw lasso", key="L")
    qtbot.addWidget(state)
    assert labels(state) == [title, text]
    (button,) = state.findChildren(QPushButton)
    with qtbot.waitSignal(state.acted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_loading_state_says_how_far_it_is(qtbot: QtBot, theme: Theme) -> None:
    state = LoadingState(theme, "Waiting")
    qtbot.addWidget(state)
    state.show_progress(Progress("Linking accounts", 0.64, 16203, 25318, "accounts", 200))
    assert labels(state) == [
        "Linking accounts",
        "64 %",
        "about 2 min left",
        "16,203 of 25,318 accounts",
    ]
    state.show_progress(Progress("Reading lines", None, 12, None, "lines"))
    assert labels(state) == ["Reading lines", "12 lines"]
    (cancel,) = state.findChildren(QPushButton)
    with qtbot.waitSignal(state.cancelled):
        QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)


def test_an_error_state_says_fact_safety_remedy(qtbot: QtBot, theme: Theme) -> None:
    error = KnownError("Disk is full.", safe="Whole batches are safe.", remedy="Free 3 GB.")
    state = ErrorState.of(theme, error, action="Continue import")
    qtbot.addWidget(state)
    assert labels(state) == ["Disk is full.", "Whole batches are safe. Free 3 GB."]
    (button,) = state.findChildren(QPushButton)
    assert button.property("kind") == "primary"
    with qtbot.waitSignal(state.acted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    other = ErrorState(theme, "A bug", "Nothing is lost.", details=True)
    qtbot.addWidget(other)
    (details,) = other.findChildren(QPushButton)
    with qtbot.waitSignal(other.details_wanted):
        QTest.mouseClick(details, Qt.MouseButton.LeftButton)


def test_a_stale_line_offers_the_update(qtbot: QtBot, theme: Theme) -> None:
    line = StaleLine(theme, "Labels changed since this was computed.")
    qtbot.addWidget(line)
    (button,) = line.findChildren(QPushButton)
    with qtbot.waitSignal(line.acted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (59, "59 s"), (60, "1 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations_are_rough(seconds: float, text: str) -> None:
    assert time_left(seconds) == text


def test_counts_are_exact() -> None:
    assert count_done(Progress("x")) == ""
    assert count_done(Progress("x", count=1234567, total=2000000, unit="lines")) == (
        "1,234,567 of 2,000,000 lines"
    )


def test_the_focus_ring_follows_the_keyboard(
    qtbot: QtBot, theme: Theme, qapp: QApplication
) -> None:
    ring = FocusRing(theme, qapp)
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    row.setContentsMargins(20, 20, 20, 20)
    first, second, field = Button(theme, "First"), Button(theme, "Second"), QLineEdit()
    for widget in (first, second, field):
        row.addWidget(widget)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    corner = first.geometry().topLeft()
    qtbot.waitUntil(lambda: chromatic(window, corner.x() + 30, corner.y() - 3))
    second.setFocus(Qt.FocusReason.TabFocusReason)
    assert not chromatic(window, corner.x() + 30, corner.y() - 3)
    corner = second.geometry().topLeft()
    assert chromatic(window, corner.x() + 30, corner.y() - 3)
    window.resize(window.width() + 90, window.height() + 40)
    moved = second.geometry().topLeft()
    assert moved != corner
    assert chromatic(window, moved.x() + 30, moved.y() - 3)
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert not chromatic(window, moved.x() + 30, moved.y() - 3), "fields have their own outline"
    second.setFocus(Qt.FocusReason.TabFocusReason)
    second.hide()
    assert not chromatic(window, moved.x() + 30, moved.y() - 3)
    ring.deleteLater()


def test_the_focus_ring_is_whole_around_a_button_at_an_edge(
    qtbot: QtBot, theme: Theme, qapp: QApplication
) -> None:
    ring = FocusRing(theme, qapp)
    window, holder, button = QWidget(), QWidget(), Button(theme, "Add files")
    qtbot.addWidget(window)
    inside, outside = QHBoxLayout(holder), QHBoxLayout(window)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.addWidget(button)
    outside.setContentsMargins(20, 20, 20, 20)
    outside.addWidget(holder)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    button.setFocus(Qt.FocusReason.TabFocusReason)

    def ringed() -> bool:
        at = button.mapTo(window, QPoint(0, 0))
        return chromatic(window, at.x() - 3, at.y() + 12) and chromatic(
            window, at.x() + 30, at.y() - 3
        )

    qtbot.waitUntil(ringed)
    outside.setContentsMargins(60, 70, 20, 20)
    qtbot.waitUntil(lambda: button.mapTo(window, QPoint(0, 0)).x() == 60)
    assert ringed(), "the ring follows what holds the button"
    ring.deleteLater()


@pytest.mark.parametrize("what", ["button", "row", "window"])
def test_the_focus_ring_survives_what_it_was_around(
    qtbot: QtBot, theme: Theme, qapp: QApplication, what: str
) -> None:
    """A dialog that has done its work is deleted with the button that was pressed."""
    ring = FocusRing(theme, qapp)
    window, dialog, row = QWidget(), QDialog(), QWidget()
    stays, button = Button(theme, "Stays"), Button(theme, "Export")
    QHBoxLayout(window).addWidget(stays)
    QHBoxLayout(row).addWidget(button)
    QHBoxLayout(dialog).addWidget(row)
    qtbot.addWidget(window)
    window.show()
    dialog.show()
    qtbot.waitUntil(dialog.isActiveWindow)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    gone: QWidget = {"button": button, "row": row, "window": dialog}[what]
    gone.deleteLater()
    qtbot.waitUntil(lambda: not isValid(gone))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    stays.clearFocus()
    stays.setFocus(Qt.FocusReason.TabFocusReason)
    corner = stays.geometry().topLeft()
    qtbot.waitUntil(lambda: chromatic(window, corner.x() + 30, corner.y() - 3))
    ring.deleteLater()


def chromatic(window: QWidget, x: int, y: int) -> bool:
    colour = window.grab().toImage().pixelColor(x, y)
    return abs(colour.blue() - colour.red()) > 60


def test_a_long_word_never_widens_a_wrapped_label(qtbot: QtBot, theme: Theme) -> None:
    path = "/srv/" + "x" * 400
    label = Text(theme, f"Cannot be read: {path}", wrap=True)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < 300
    assert label.text() == f"Cannot be read: {path}"
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSelection(0, len(label.text()))
    assert label.selectedText() == f"Cannot be read: {path}", "what is copied is what was said"
    label.setText("short")
    assert label.text() == "short"


def test_an_elided_note_gives_way_and_keeps_its_words(qtbot: QtBot, theme: Theme) -> None:
    note = Elided(theme, "2,577 exchanges of 61 selected accounts")
    qtbot.addWidget(note)
    note.resize(80, 20)
    note.show()
    assert note.minimumSizeHint().width() < 80
    assert note.text() == "2,577 exchanges of 61 selected accounts"
    assert "61 selected" in note.toolTip()
    note.resize(600, 20)
    assert note.toolTip() == ""


def test_a_number_is_said_shorter_never_cut(qtbot: QtBot, theme: Theme) -> None:
    note = Elided(theme)
    qtbot.addWidget(note)
    note.setText("55,000 exchanges on the map", "55,000 exchanges", "55,000", "")
    note.show()
    said = []
    for width in (400, 130, 60, 10):
        note.resize(width, 20)
        said.append(note.shown())
    assert said == ["55,000 exchanges on the map", "55,000 exchanges", "55,000", ""]
    assert "on the map" in note.toolTip()
    note.setText("Nothing that counts")
    note.resize(60, 20)
    assert note.shown().endswith("…")
