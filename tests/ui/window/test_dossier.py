"""The dossier explains what is selected, and its buttons act on that."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.window.conftest import settle
from tests.ui.window.test_labels import label_dialog
from tests.ui.window.test_selection import click_card
from workbench.domain.account import AccountKey
from workbench.domain.selection import AccountSet, Combine
from workbench.ui.dialogs.export_evidence import ExportDialog
from workbench.ui.main_window import MainWindow
from workbench.ui.widgets import Button, Text


def said(window: MainWindow) -> list[str]:
    dossier = window.dossier
    return [text.text() for text in dossier.findChildren(Text) if text.isVisibleTo(dossier)]


def brush(qtbot: QtBot, window: MainWindow, first: float = 0.1, last: float = 0.6) -> None:
    chart = window.timeline.chart
    plot = chart.plot()
    ends = [
        QPoint(int(plot.left() + plot.width() * share), int(plot.center().y()))
        for share in (first, last)
    ]
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=ends[0])
    qtbot.mouseMove(chart, ends[1])
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=ends[1])
    settle(qtbot, window)


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_accounts_near_a_cluster_are_selected_by_the_line_that_names_them(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    (link,) = (b for b in window.dossier.findChildren(Button) if b.text().startswith("Select it"))
    click(qtbot, link)
    settle(qtbot, window)
    selection = window.hub.selection
    assert selection is not None
    # The last of its eight accounts is below half.
    assert [key.value for key in selection.accounts] == ["key-00007"]


def test_the_dossier_follows_a_brush_and_labels_what_it_shows(
    qtbot: QtBot, window: MainWindow
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert "C-001" in said(window)
    click(qtbot, window.dossier.label_button)
    dialog = label_dialog(qtbot)
    assert dialog.windowTitle() == "Label C-001"
    assert "belong to it now" in dialog.purpose.text()
    dialog.reject()
    brush(qtbot, window)
    selection = window.hub.selection
    assert selection is not None
    count = len(selection.accounts)
    assert count > 7
    assert f"{count} accounts selected" in said(window)
    assert not window.clusters.list.selectionModel().hasSelection()
    click(qtbot, window.dossier.label_button)
    dialog = label_dialog(qtbot)
    assert dialog.windowTitle() == f"Label the {count} accounts selected"
    assert "belong to it" not in dialog.purpose.text()
    assert dialog.purpose.text().startswith(f"Binds these {count} accounts")
    dialog.reject()


def test_export_begins_with_what_the_dossier_shows(qtbot: QtBot, window: MainWindow) -> None:
    def dialog() -> ExportDialog:
        def shown() -> list[ExportDialog]:
            tops = QApplication.topLevelWidgets()
            return [w for w in tops if isinstance(w, ExportDialog) and w.isVisible()]

        click(qtbot, window.dossier.export_button)
        qtbot.waitUntil(lambda: bool(shown()))
        return shown()[0]

    click_card(qtbot, window, 1)
    settle(qtbot, window)
    first = dialog()
    assert first.fields.scope.clusters == ("C-002",)
    first.reject()
    brush(qtbot, window)
    second = dialog()
    assert window.hub.selection is not None
    assert second.fields.scope.accounts == tuple(str(key) for key in window.hub.selection.accounts)
    second.reject()


def test_the_dossier_of_a_selection_leads_to_its_clusters(qtbot: QtBot, window: MainWindow) -> None:
    brush(qtbot, window, 0.0, 1.0)
    (link,) = (b for b in window.dossier.findChildren(QPushButton) if b.text() == "C-002")
    click(qtbot, link)
    settle(qtbot, window)
    assert window.hub.subject.cluster_id == "C-002"
    assert "C-002" in said(window)


def test_an_account_without_a_finding_says_what_would_have_been_found(
    qtbot: QtBot, window: MainWindow
) -> None:
    def tells(account: str) -> bool:
        window.hub.select(Combine.REPLACE, AccountSet((AccountKey.parse(account),)), "test")
        settle(qtbot, window)
        return "What would have been found" in said(window)

    rows = window.accounts.model
    verdicts = {
        str(rows.value(row, "account_key")): rows.value(row, "verdict")
        for row in range(rows.rowCount())
    }
    quiet = next(key for key, verdict in verdicts.items() if verdict == "no-finding")
    found = next(key for key, verdict in verdicts.items() if verdict == "multi-axis")
    assert tells(quiet)
    assert any("workbench power CASE" in text for text in said(window))
    assert not tells(found)


def test_one_account_is_explained_however_it_was_selected(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    window.accounts.table.selectRow(3)
    key = window.accounts.model.value(3, "account_key")
    qtbot.waitUntil(lambda: window.hub.subject.account == key)
    settle(qtbot, window)
    click(qtbot, window.dossier.label_button)
    dialog = label_dialog(qtbot)
    assert dialog.purpose.text().startswith("Binds this account")
    dialog.reject()


def test_nothing_selected_is_nothing_explained(qtbot: QtBot, window: MainWindow) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert window.dossier.showing_state
    assert not window.clusters.list.selectionModel().hasSelection()
    assert not window.actions_["label"].isEnabled()
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert "C-001" in said(window)
