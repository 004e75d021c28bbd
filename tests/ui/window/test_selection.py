"""One selection drives every view, with exact counts, whoever begins it."""

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import settle
from workbench.domain.selection import AccountSet, ClusterSet, Combine, Polygon, TimeRange
from workbench.ui.main_window import MainWindow


def click_card(qtbot: QtBot, window: MainWindow, row: int) -> None:
    view = window.clusters.list
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_card_selects_its_cluster_in_every_view(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    selection = window.hub.selection
    assert selection is not None
    assert selection.definition.steps[0].shape == ClusterSet(("C-001",))
    assert len(selection.accounts) == 7
    assert window.accounts.model.rowCount() == 7
    assert window.accounts.note.text() == "7 selected of 40 accounts"
    assert f"{selection.n_exchanges:,} selected exchanges" in window.prompts.note.text()
    # A cluster's shape holds all exchanges of its members.
    assert f"{selection.n_exchanges:,} exchanges of 7 selected accounts" in (
        window.timeline.note.text()
    )
    assert window.docks.dock("accounts").windowTitle() == "Accounts  7"
    assert not window.dossier.showing_state
    assert window.hub.subject.cluster_id == "C-001"


def test_clearing_shows_everything_again(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 1)
    settle(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert window.hub.selection is None
    assert window.accounts.model.rowCount() == 40
    assert "600 exchanges" in window.prompts.note.text()
    assert window.timeline.note.text().startswith("600 exchanges")


def test_a_row_of_accounts_selects_and_the_rows_stay(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    table = window.accounts.table
    qtbot.waitUntil(table.isVisible)
    place = table.visualRect(window.accounts.model.index(2, 0)).center()
    key = window.accounts.model.value(2, "account_key")
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.hub.selection is not None)
    settle(qtbot, window)
    selection = window.hub.selection
    assert selection is not None
    assert [str(account) for account in selection.accounts] == [key]
    assert isinstance(selection.definition.steps[0].shape, AccountSet)
    assert window.hub.subject.account == key
    assert window.accounts.model.rowCount() == 40
    assert window.accounts.note.text().startswith("1 chosen")
    assert "of 1 selected account" in window.timeline.note.text()


def test_a_brush_selects_by_time_and_shift_adds(qtbot: QtBot, window: MainWindow) -> None:
    chart = window.timeline.chart
    plot = chart.plot()
    y = int(plot.center().y())

    def drag(first: float, last: float, modifier: Qt.KeyboardModifier) -> None:
        start = QPoint(int(plot.left() + plot.width() * first), y)
        end = QPoint(int(plot.left() + plot.width() * last), y)
        qtbot.mousePress(chart, Qt.MouseButton.LeftButton, modifier, start)
        qtbot.mouseMove(chart, end)
        qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, modifier, end)
        settle(qtbot, window)

    drag(0.1, 0.3, Qt.KeyboardModifier.NoModifier)
    first = window.hub.selection
    assert first is not None
    assert isinstance(first.definition.steps[0].shape, TimeRange)
    assert window.timeline.brushed.isVisible()
    assert window.timeline.brushed.text().startswith("Brushed: ")
    drag(0.5, 0.6, Qt.KeyboardModifier.ShiftModifier)
    both = window.hub.selection
    assert both is not None
    assert len(both.definition.steps) == 2
    assert both.n_exchanges > first.n_exchanges


def test_the_timeline_is_brushed_by_keys_alone(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    chart = window.timeline.chart
    qtbot.waitUntil(chart.hasFocus)
    for _ in range(3):
        qtbot.keyClick(chart, Qt.Key.Key_Right)
    for _ in range(4):
        qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chart.brush == (3, 8)
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert window.hub.selection is not None
    assert window.hub.selection.n_exchanges > 0


def test_a_lasso_on_the_map_selects(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_L)
    view = window.map.view
    width, height = view.width(), view.height()
    corners = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)]
    points = [QPoint(int(width * x), int(height * y)) for x, y in corners]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(view, point)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=points[-1])
    settle(qtbot, window)
    selection = window.hub.selection
    assert selection is not None
    assert isinstance(selection.definition.steps[0].shape, Polygon)
    assert selection.n_exchanges > 0
    assert window.accounts.model.rowCount() == len(selection.accounts)


def test_only_the_newest_selection_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    shown: list[tuple[str, ...]] = []
    window.hub.applied.connect(
        lambda selection, _: shown.append(selection.definition.steps[0].shape.cluster_ids)
    )
    for row in (0, 1, 2, 1):
        click_card(qtbot, window, row)
    settle(qtbot, window)
    assert shown[-1] == (window.hub.subject.cluster_id,)
    assert window.hub.selection is not None
    assert window.hub.selection.definition.steps[0].shape == ClusterSet(shown[-1])


def test_the_cluster_filter_finds_by_account(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.clusters.filter.setFocus()
    qtbot.keyClicks(window.clusters.filter, "key-0000a")
    model = window.clusters.list.model()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    assert "C-002" in model.index(0, 0).data()
    window.clusters.filter.clear()
    qtbot.waitUntil(lambda: model.rowCount() == 3)


def test_sorting_and_filtering_the_accounts(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    header = window.accounts.table.horizontalHeader()
    model = window.accounts.model
    column = [c.name for c in model.columns].index("n_exchanges")
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)

    def counts() -> list[int]:
        return [model.value(row, "n_exchanges") for row in range(model.rowCount())]

    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: counts() == sorted(counts(), reverse=True))
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: counts() == sorted(counts()))
    qtbot.keyClicks(window.accounts.filter, "org-3")
    qtbot.waitUntil(lambda: 0 < model.rowCount() < 40)
    assert all(model.value(row, "org_id") == "org-3" for row in range(model.rowCount()))


def test_a_mode_by_key_menu_or_button_lets_shapes_subtract(
    qtbot: QtBot, window: MainWindow
) -> None:
    chart = window.timeline.chart
    plot = chart.plot()
    y = int(plot.center().y())

    def drag(first: float, last: float) -> int:
        ends = [QPoint(int(plot.left() + plot.width() * share), y) for share in (first, last)]
        qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=ends[0])
        qtbot.mouseMove(chart, ends[1])
        qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=ends[1])
        settle(qtbot, window)
        assert window.hub.selection is not None
        return window.hub.selection.n_exchanges

    whole = drag(0.1, 0.6)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert window.actions_["mode-subtract"].isChecked()
    assert window.map._modes[Combine.SUBTRACT].isChecked()
    assert drag(0.1, 0.3) < whole
    window.actions_["mode-replace"].trigger()
    assert window.map._modes[Combine.REPLACE].isChecked()
    assert drag(0.1, 0.6) == whole
    qtbot.mouseClick(window.map._modes[Combine.ADD], Qt.MouseButton.LeftButton)
    assert window.actions_["mode-add"].isChecked()
    assert drag(0.7, 0.8) > whole
