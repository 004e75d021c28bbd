"""Hostile text in every field of a case: whatever the window shows of it stays text."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtGui import Qt as Rich
from PySide6.QtWidgets import QAbstractItemView, QDialog, QLabel, QTextEdit, QWidget

from tests.services.menagerie import BEASTS, fill
from tests.ui.window.conftest import settle
from tests.ui.window.test_selection import click_card
from workbench.domain.text import visible_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.window.conftest import MakeWindow
    from workbench.ui.main_window import MainWindow

PANELS = ("clusters", "accounts", "prompts", "timeline", "dossier", "journal")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("menagerie")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CONFIG", str(folder / "config"))
        return fill(folder / "harbour.case")


@pytest.fixture
def window(make_window: MakeWindow, made: Path, tmp_path: Path) -> MainWindow:
    return make_window(shutil.copytree(made, tmp_path / "harbour.case"))


def texts(window: QWidget) -> Iterator[tuple[str, str]]:
    """(Where, text) of all that is shown as plain text or asked about by a screen reader."""
    for child in [window, *window.findChildren(QObject)]:
        where = f"{type(child).__name__} {child.objectName()}"
        if isinstance(child, QLabel):
            yield where, child.text()
        if isinstance(child, QWidget | QAction):
            yield f"tool tip of {where}", child.toolTip()
        if isinstance(child, QWidget):
            yield f"name of {where}", child.accessibleName()
            yield f"description of {where}", child.accessibleDescription()
        if isinstance(child, QTextEdit):
            yield where, child.toPlainText()
        if isinstance(child, QAbstractItemView) and child.model() is not None:
            yield from cells(where, child.model())


def cells(where: str, model: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    roles = (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
    # A list's only column is not to be asked for.
    n_columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for row in range(model.rowCount()):
        for column in range(n_columns):
            for role in roles:
                said = model.data(model.index(row, column), role)
                if isinstance(said, str):
                    yield f"{role.name} {row}, {column} of {where}", said


def assert_plain(window: QWidget) -> int:
    """Nothing is read as markup, and nothing drives, hides or turns round anything."""
    found = 0
    for label in window.findChildren(QLabel):
        if label.textFormat() is not Qt.TextFormat.PlainText:
            assert not Rich.mightBeRichText(label.text()), label.text()
    for where, text in texts(window):
        assert visible_text(text) == text, where
        if "tip" in where.casefold() and Rich.mightBeRichText(text):
            inside = re.fullmatch(r"<div style='white-space:pre-wrap'>([^<>]*)</div>", text)
            assert inside is not None, (where, text)
        found += any(beast[:12] in text for beast in BEASTS)
    return found


def test_every_view_shows_it_as_text(window: MainWindow, qtbot: QtBot) -> None:
    assert_plain(window)
    for name in PANELS:
        dock = window.docks.dock(name)
        dock.show()
        dock.raise_()
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    model = window.prompts.table.model()
    qtbot.waitUntil(lambda: model.rowCount() > 0)
    for row in range(3):
        qtbot.waitUntil(lambda row=row: model.index(row, 1).data() != "…")  # type: ignore[misc]
        window.prompts.table.selectRow(row)
        qtbot.waitUntil(lambda: not window.prompts._settle.isActive())
        settle(qtbot, window)
    assert assert_plain(window) > 50


@pytest.mark.parametrize(
    "action",
    [
        "label",
        "sign-off",
        "quarantine",
        "purge",
        "selections",
        "analyst",
        "settings",
        "stamps",
        "tables",
        "merge",
        "analyse",
        "power",
        "match",
        "fingerprint",
        "export",
    ],
)
def test_every_dialog_about_it_shows_it_as_text(
    window: MainWindow, qtbot: QtBot, action: str
) -> None:
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert window.actions_[action].isEnabled()
    window.actions_[action].trigger()
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(QDialog)))
    settle(qtbot, window)
    for dialog in window.findChildren(QDialog):
        assert_plain(dialog)
        dialog.reject()
