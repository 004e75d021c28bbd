"""What would have been found, in the window: the table, what it cannot show, and how to plant."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.evaluate.power import Trial, cells
from workbench.services import power_words
from workbench.services.power import Power
from workbench.ui.dialogs.planted import PlantedDialog
from workbench.ui.theme import Theme

HOSTILE = "p<b>\u202e\x00 0123456789abcdef"
TRIAL = Trial(HOSTILE, 60, 0.6, 0, 0, 2_610, 1_626, 0, 48, 0, 0, "triage", 50, 48)
FOUND = Power(cells([TRIAL]), 1_772_409_600_000_000, stale=True, left=2)


def shown(dialog: PlantedDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_nothing_in_the_table_is_cut(qtbot: QtBot, theme: Theme) -> None:
    dialog = PlantedDialog(theme, FOUND)
    qtbot.addWidget(dialog)
    dialog.show()
    table = dialog.table
    assert table is not None
    for column in range(table.columnCount() - 1):
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
        assert table.columnWidth(column) >= table.horizontalHeader().sectionSizeHint(column)


def test_before_the_first_campaign_it_says_how(qtbot: QtBot, theme: Theme) -> None:
    dialog = PlantedDialog(theme, None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.table is None
    assert "Not measured yet" in shown(dialog)
    assert "workbench power CASE" in shown(dialog)
    with qtbot.waitSignal(dialog.wanted):
        qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)


def test_the_table_stands_with_what_it_cannot_show(qtbot: QtBot, theme: Theme) -> None:
    dialog = PlantedDialog(theme, FOUND)
    qtbot.addWidget(dialog)
    dialog.show()
    table = dialog.table
    assert table is not None
    texts = [table.item(0, column) for column in range(table.columnCount())]
    assert [item.text() for item in texts if item] == [
        "60", "0.6", "2,610", "1,626", "0.00", "0.80", "-", "0",
        "0 of 1 [0.00, 0.97], 1 at triage",
        "p<b><U+202E><U+0000> 0123456789abcdef",
    ]  # fmt: skip
    said = shown(dialog)
    assert power_words.STALE in said
    assert power_words.NOTES[2] in said
    assert "2 campaigns were not come to" in said
    assert "p<b><U+202E><U+0000>" in said
    assert "\u202e" not in said


def test_nothing_is_planted_by_closing(qtbot: QtBot, theme: Theme) -> None:
    dialog = PlantedDialog(theme, replace(FOUND, stale=False))
    qtbot.addWidget(dialog)
    dialog.show()
    asked: list[int] = []
    dialog.wanted.connect(lambda: asked.append(1))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not asked
    assert power_words.STALE not in shown(dialog)
