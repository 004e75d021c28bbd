"""Mapping an unknown shape: guesses with their reasons, the record as a tree, drag and keys."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from workbench.formats.preview import SourceField, source_fields
from workbench.services.log_formats import load_profile, steps_of
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.dialogs.import_sample import FIELD, SamplePanel
from workbench.ui.session import Session
from workbench.ui.theme import Theme

PATIENCE_MS = 20_000


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path) -> ImportDialog:
    """On its second page, with a shape that no format knows and every guess set."""
    rows = [
        {
            "who": {"alias": f"a{n}", "ip": "198.51.100.1"},
            "asked": [{"text": f"q{n}"}],
            "timestamp": "2026-05-01T12:00:00Z" if n else "yesterday",
        }
        for n in range(3)
    ]
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    dialog = ImportDialog(theme, session, (path,))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "ts" in dialog.fields.mapping, timeout=PATIENCE_MS)
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    dialog.act()
    return dialog


def row_of(dialog: ImportDialog, column: str) -> int:
    return dialog.fields._names.index(column)


def why(dialog: ImportDialog, column: str) -> str:
    return dialog.fields._reasons[column].text()


def leaf(dialog: ImportDialog, *names: str) -> QTreeWidgetItem:
    tree = dialog.fields.sample
    item = tree.invisibleRootItem()
    for name in names:
        below = [item.child(n) for n in range(item.childCount())]
        item = next(one for one in below if one is not None and one.text(0) == name)
    return item


def test_guesses_are_set_and_say_that_they_are_guesses(dialog: ImportDialog) -> None:
    assert dialog.fields.mapping == {"ts": "timestamp", "ip": "who.ip"}
    assert why(dialog, "ip") == "guess: addresses in 3 of 3 records, and its name"
    # In place: which column, and how many of its values.
    assert why(dialog, "ts") == '1 value cannot be read: "yesterday"'
    assert why(dialog, "prompt") == "no field chosen"


def test_the_record_is_a_tree_with_its_values(dialog: ImportDialog) -> None:
    assert leaf(dialog, "who", "alias").text(1) == "a0"
    assert leaf(dialog, "asked", "last item", "text").text(1) == "q0"
    assert leaf(dialog, "timestamp").text(1) == "yesterday"
    assert steps_of('a["b.c"][2].d') == ("a", "b.c", "item 2", "d")


def test_a_field_is_put_into_the_chosen_column_by_return(
    qtbot: QtBot, dialog: ImportDialog
) -> None:
    page = dialog.fields
    page.fields.selectRow(row_of(dialog, "prompt"))
    page.sample.setFocus()
    page.sample.setCurrentItem(leaf(dialog, "asked"))
    qtbot.keyClick(page.sample, Qt.Key.Key_Return)
    assert "prompt" not in page.mapping, "what holds fields is none"
    page.sample.setCurrentItem(leaf(dialog, "asked", "last item", "text"))
    qtbot.keyClick(page.sample, Qt.Key.Key_Return)
    assert page.mapping["prompt"] == "asked[-1].text"
    qtbot.waitUntil(lambda: why(dialog, "prompt") == "chosen", timeout=PATIENCE_MS)
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    item = page.rows.item(0, 4)
    assert item is not None
    assert item.text() == "q0"


def test_a_field_is_dragged_onto_a_column(qtbot: QtBot, dialog: ImportDialog) -> None:
    page = dialog.fields
    data = page.sample.mimeData([leaf(dialog, "who", "alias")])
    assert data.data(FIELD).data() == b"who.alias"
    assert not page.sample.mimeData([leaf(dialog, "who")]).hasFormat(FIELD)
    table = page.fields
    place = table.visualRect(table.model().index(row_of(dialog, "account_id"), 2)).center()
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    over = QDragMoveEvent(place, copy, data, left, none)
    table.dragMoveEvent(over)
    assert over.isAccepted()
    assert table.currentRow() == row_of(dialog, "account_id")
    table.dropEvent(QDropEvent(QPointF(place), copy, data, left, none))
    assert page.mapping["account_id"] == "who.alias"
    qtbot.waitUntil(lambda: why(dialog, "account_id") == "chosen", timeout=PATIENCE_MS)
    nothing = QMimeData()
    files = QDragMoveEvent(QPoint(place), copy, nothing, left, none)
    table.dragMoveEvent(files)
    assert not files.isAccepted()


def test_a_guess_that_a_person_took_back_does_not_return(
    qtbot: QtBot, dialog: ImportDialog
) -> None:
    page = dialog.fields
    combo = page._combos["ip"]
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    assert page.mapping == {"ts": "timestamp"}
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    assert page.mapping == {"ts": "timestamp"}


def test_what_was_mapped_is_saved_and_read_again(
    qtbot: QtBot, dialog: ImportDialog, tmp_path: Path
) -> None:
    dialog.fields._put("prompt", "asked[-1].text")
    qtbot.waitUntil(dialog.primary.isEnabled, timeout=PATIENCE_MS)
    path = tmp_path / "p.toml"
    dialog.profiles._write(dialog._profile(), path)
    qtbot.waitUntil(path.is_file, timeout=PATIENCE_MS)
    kept = dict(load_profile(path).mapping)
    assert kept == {"ts": "timestamp", "ip": "who.ip", "prompt": "asked[-1].text"}


def fields_of(*records: dict[str, Any]) -> tuple[SourceField, ...]:
    return source_fields(records)


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> SamplePanel:
    panel = SamplePanel(theme)
    qtbot.addWidget(panel)
    return panel


def values(panel: SamplePanel) -> dict[str, str]:
    return {path: item.text(1) for path, item in panel.tree._items.items()}


def test_records_are_looked_at_one_after_the_other(qtbot: QtBot, panel: SamplePanel) -> None:
    records: list[dict[str, Any]] = [
        {"who": {"alias": "a0"}, "note": ""},
        {"who": {"alias": None}},
        {"who": {"alias": "a2"}, "note": "<b>late"},
    ]
    panel.show_sample(fields_of(*records), 3)
    assert values(panel) == {"who.alias": "a0", "note": "<b>late"}, "of each the first value"
    assert (panel.place.text(), panel.back.isEnabled()) == ("First values", False)
    panel.on.click()
    assert values(panel) == {"who.alias": "a0", "note": "empty"}
    tree = panel.tree
    qtbot.keyClick(tree, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert values(panel) == {"who.alias": "null", "note": "not there"}
    assert tree._items["note"].font(1).italic()
    assert panel.place.text() == "2 of 3"
    tree.setCurrentItem(tree._items["who.alias"])
    assert panel.said.text() == "In 3 of 3 records: a0, null, a2"
    assert tree.accessibleDescription() == panel.said.text()
    tree.setCurrentItem(tree._items["note"])
    assert panel.said.text() == "In 2 of 3 records: empty, <b>late"
    panel.show_sample(fields_of(*records), 3)
    assert panel.place.text() == "2 of 3", "another mapping moves nothing"
    assert tree.current is not None
    assert tree.current.path == "note"
    panel.on.click()
    assert not tree._items["note"].font(1).italic()
    assert not panel.on.isEnabled()
    for _ in range(4):
        qtbot.keyClick(tree, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert panel.place.text() == "First values"


def test_no_record_one_record_and_the_same_value(panel: SamplePanel) -> None:
    panel.show_sample((), 0)
    assert (panel.said.text(), panel.on.isEnabled()) == ("", False)
    panel.step(1)
    assert panel.place.text() == "First values"
    panel.show_sample(fields_of({"a": 1}), 1)
    panel.step(5)
    assert (panel.place.text(), panel.said.text()) == ("1 of 1", "In 1 of 1 record: 1")
    panel.show_sample(fields_of({"a": 1}, {"a": 1}), 2)
    assert panel.said.text() == "In 2 of 2 records, 1 distinct: 1"
    panel.show_sample((), 0)
    assert (panel.place.text(), panel.said.text()) == ("First values", "")
