"""An import that was cut short, in the window: said, gone on with, taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.services.cut_logs import lines
from tests.services.cut_short import given, left_behind, small_steps
from tests.ui.window.conftest import PATIENCE_MS, MakeWindow, settle
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.ui.main_window import MainWindow
from workbench.ui.states import OfferLine
from workbench.ui.theme import Theme
from workbench.ui.unfinished import GO_ON, TAKE_BACK


@pytest.fixture(autouse=True)
def steps() -> Iterator[None]:
    """Files are cut in the same places by whoever goes on."""
    with small_steps():
        yield


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a \u202e<b>log.jsonl"
    path.write_bytes(lines(0, 400))
    return path


@pytest.fixture
def cut(case_path: Path, log: Path, tmp_path: Path) -> Path:
    """The planted case, into which an import was killed; beside it what it would have become."""
    (tmp_path / "left").mkdir()
    copies = left_behind(
        case_path,
        tmp_path / "left",
        lambda w: w.importing.run([log], Frame(system="other"), ReadOptions(), Job()),
    )
    return copies[-2]


def press(qtbot: QtBot, window: MainWindow, which: str) -> None:
    line = window.unfinished.line
    assert line is not None
    (link,) = (link for link in line.links if link.text() == which)
    link.setFocus()
    qtbot.keyClick(link, Qt.Key.Key_Space)


def told(qtbot: QtBot, window: MainWindow, words: str) -> None:
    qtbot.waitUntil(
        lambda: any(words in text for text in window.notices.texts), timeout=PATIENCE_MS
    )


def test_an_offer_leaves_a_choice(qtbot: QtBot, theme: Theme) -> None:
    line = OfferLine(theme, "An import was interrupted.", (GO_ON, TAKE_BACK))
    qtbot.addWidget(line)
    assert line.accessibleName() == "An import was interrupted."
    assert [link.text() for link in line.links] == [GO_ON, TAKE_BACK]
    for link in line.links:
        with qtbot.waitSignal(line.chosen) as heard:
            qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
        assert heard.args == [link.text()]
    assert not OfferLine(theme, "Nothing to choose.", (), line).links


def test_nothing_is_said_where_nothing_was_cut_short(window: MainWindow) -> None:
    assert window.unfinished.line is None
    assert window.stale_place.count() == 0


def test_it_is_said_and_goes_on(
    qtbot: QtBot, make_window: MakeWindow, cut: Path, case_path: Path, log: Path
) -> None:
    window = make_window(cut)
    qtbot.waitUntil(lambda: window.unfinished.line is not None)
    line = window.unfinished.line
    assert line is not None
    assert "An import of 1 file that began at" in line.accessibleName()
    assert "up to record" in line.accessibleName()
    assert "a <U+202E><b>log.jsonl" in line.accessibleName()
    press(qtbot, window, GO_ON)
    told(qtbot, window, "The import is complete: 325 of 400 records loaded.")
    settle(qtbot, window)
    assert window.unfinished.line is None
    window.session.close_case()
    qtbot.waitUntil(lambda: not window.session.bridge.awaited)
    assert given(cut) == given(case_path)


def test_it_is_taken_back(qtbot: QtBot, make_window: MakeWindow, cut: Path) -> None:
    window = make_window(cut)
    qtbot.waitUntil(lambda: window.unfinished.line is not None)
    press(qtbot, window, TAKE_BACK)
    told(qtbot, window, "The interrupted import was taken back.")
    settle(qtbot, window)
    assert window.unfinished.line is None
    assert window.journal.model.table is not None
    (entry,) = window.journal.model.table.to_pylist()
    assert entry["what"].startswith("Took back an import of 1 file that was cut short (begun ")


def test_a_file_that_is_gone_leaves_the_choice(
    qtbot: QtBot, make_window: MakeWindow, cut: Path, log: Path
) -> None:
    content = log.read_bytes()
    log.unlink()
    window = make_window(cut)
    qtbot.waitUntil(lambda: window.unfinished.line is not None)
    press(qtbot, window, GO_ON)
    told(qtbot, window, "does not exist. Nothing was loaded, and the import can still go on.")
    qtbot.waitUntil(lambda: window.unfinished.line is not None)
    log.write_bytes(content)
    press(qtbot, window, GO_ON)
    told(qtbot, window, "The import is complete")


def test_what_was_cut_short_too_early_is_said(
    qtbot: QtBot, make_window: MakeWindow, cut: Path, tmp_path: Path
) -> None:
    window = make_window(tmp_path / "left" / "0.case")
    told(qtbot, window, "was cut short before its first milestone")
    assert window.unfinished.line is None
