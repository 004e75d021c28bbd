"""The preview of an import: all columns that hold anything, spoilt values where they stand."""

from pathlib import Path

import orjson
import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.domain.ports import ReadOptions
from workbench.formats.preview import Preview, preview
from workbench.ui.dialogs.import_rows import SPOILT, RowsTable
from workbench.ui.theme import Theme, ThemeChoice


def looked_at(path: Path, *records: object) -> Preview:
    path.write_bytes(b"\n".join(map(orjson.dumps, records)))
    return preview(path, ReadOptions())


def texts(table: RowsTable, row: int) -> dict[str, str]:
    """What a row shows, by column; the record's number is left out."""
    items = [(name, table.item(row, at)) for at, name in enumerate(table.names, 1)]
    return {name: item.text() for name, item in items if item is not None and item.text()}


@pytest.fixture
def table(qtbot: QtBot, theme: Theme) -> RowsTable:
    table = RowsTable(theme)
    qtbot.addWidget(table)
    return table


def test_nothing_one_row_and_nulls(table: RowsTable, tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(b'{"x": 1}')
    table.show_rows(preview(path, ReadOptions(), "mapped"), ())
    assert (table.rowCount(), table.columnCount()) == (0 + 1, 7), "a reject, said in its row"
    table.show_rows(looked_at(tmp_path / "a", {"prompt": "p", "system": None}), ())
    assert texts(table, 0) == {"prompt": "p"}
    table.show_rows(looked_at(tmp_path / "b", {"prompt": "", "in_tok": 7}), ("org_id",))
    assert texts(table, 0) == {"in_tok": "7"}
    assert "org_id" in table.names, "mapped, and empty: that is to be seen"


def test_every_column_that_is_filled_is_shown(table: RowsTable, tmp_path: Path) -> None:
    record = {
        "account_id": "k", "prompt": "p", "system": "Be brief.", "org_id": "acme", "in_tok": 12,
        "out_tok": 0, "stream": False, "embedding": [0.5] * 1200,
    }  # fmt: skip
    table.show_rows(looked_at(tmp_path / "log", record), ())
    assert table.names[:6] == ("account_id", "ts", "model", "prompt", "completion", "ip")
    assert texts(table, 0) == {
        "account_id": "k", "prompt": "p", "org_id": "acme", "stream": "False", "in_tok": "12",
        "out_tok": "0", "system": "Be brief.", "embedding": "1,200 numbers",
    }  # fmt: skip


def test_a_spoilt_value_is_seen_in_its_cell(table: RowsTable, tmp_path: Path) -> None:
    records = [
        {"prompt": "p", "ts": "<b>soon"},
        {"prompt": "p"},
        {"prompt": "p", "ts": 1_777_000_000},
    ]
    table.show_rows(looked_at(tmp_path / "log", *records), ())
    at = 1 + table.names.index("ts")
    spoilt, empty, read = (table.item(row, at) for row in range(3))
    assert spoilt is not None
    assert empty is not None
    assert read is not None
    assert spoilt.text() == '"<b>soon"'
    assert "becomes NULL: it is no time" in spoilt.toolTip()
    assert "&lt;b&gt;soon" in spoilt.toolTip(), "no markup of the log's"
    assert (empty.text(), empty.data(SPOILT), empty.toolTip()) == ("", None, "")
    assert (read.text()[:4], read.data(SPOILT)) == ("2026", None)


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
def test_it_is_told_apart_without_colours(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, choice: ThemeChoice
) -> None:
    theme = Theme(qapp, choice=choice, reduced_motion=True)
    table = RowsTable(theme)
    qtbot.addWidget(table)
    records = [{"prompt": '"soon"', "ts": "soon"}]
    table.show_rows(looked_at(tmp_path / "log", *records), ())
    table.setColumnWidth(1 + table.names.index("prompt"), table.columnWidth(2))
    table.resize(theme.px(900), theme.px(200))
    table.show()
    qtbot.waitExposed(table)
    settle()

    def extent(name: str) -> int:
        """How wide what a cell holds is, in shades of grey."""
        cell = table.visualRect(table.model().index(0, 1 + table.names.index(name)))
        grey = QImage.Format.Format_Grayscale8
        image = table.viewport().grab(cell).toImage().convertToFormat(grey)
        ground = QColor(image.pixel(2, 4)).lightness()
        inked = [
            x
            for x in range(image.width())
            if any(
                abs(QColor(image.pixel(x, y)).lightness() - ground) > 24
                for y in range(4, image.height() - 4)
            )
        ]
        return max(inked) - min(inked)

    # The same letters, and a sign before them.
    assert extent("ts") > extent("prompt") + 12


def settle() -> None:
    """Let what was shown be drawn."""
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    loop.exec()
