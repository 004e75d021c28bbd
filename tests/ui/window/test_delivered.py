"""What a cluster was delivered, in its dossier: the service's numbers, hostile names, price."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QPushButton

from tests.services.losses import fill
from tests.ui.window.conftest import MakeWindow, settle
from tests.ui.window.test_dossier import click, said
from tests.ui.window.test_selection import click_card
from workbench.services.workspace import Workspace
from workbench.ui.panels.delivered import TakenRow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from workbench.ui.main_window import MainWindow

PRICES = 'currency = "EUR"\n[[price]]\nmodel = "atlas-*"\ninput = 1\noutput = 1_000\n'


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("counted") / "harbour.case")


@pytest.fixture
def path(counted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(counted, tmp_path / "harbour.case"))


def rows(window: MainWindow) -> list[TakenRow]:
    found = window.dossier.findChildren(TakenRow)
    return [row for row in found if row.isVisibleTo(window.dossier)]


def more(window: MainWindow) -> QPushButton:
    (button,) = [
        one for one in window.dossier.findChildren(QPushButton) if "delivered" in one.text()
    ]
    return button


def test_the_numbers_are_those_of_the_service(
    qtbot: QtBot, make_window: MakeWindow, path: Path
) -> None:
    with Workspace.open(path, write=False) as workspace:
        every, own = workspace.losses.of("C-001")
    window = make_window(path)
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    told = said(window)
    assert "What was delivered" in told
    tokens = [loss.totals["out_tok"] for loss in (every, own)]
    assert f"{tokens[0]:,}  [{tokens[1]:,}]" in told
    assert not any(text.startswith("Price") for text in told)
    before = len(rows(window))
    assert before
    click(qtbot, more(window))
    shown = rows(window)
    assert len(shown) > before
    assert len(shown) == len(every.capabilities)
    names = " ".join(row.accessibleName() + row.toolTip() for row in shown)
    assert "<U+202E>" in names
    assert not {"\u202e", "\x00"} & set(names)
    assert "<script>" not in " ".join(row.toolTip() for row in shown)
    picture = os.environ.get("LOSS_PICTURE")
    if picture:
        window.dossier.grab().save(picture)


def test_a_kept_list_prices_and_one_that_was_swapped_says_so(
    qtbot: QtBot, make_window: MakeWindow, path: Path, tmp_path: Path
) -> None:
    given = tmp_path / "may.toml"
    given.write_text(PRICES)
    with Workspace.open(path, analyst="Mara") as workspace:
        workspace.losses.keep_prices(given)
    window = make_window(path)
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert "Price, by may.toml" in said(window)
    (file,) = path.glob("prices-*")
    file.write_text(PRICES + "\n")
    window.dossier.refresh()
    settle(qtbot, window)
    assert "Price, by may.toml" not in said(window)
    click(qtbot, more(window))
    assert any("not the price list that was kept" in text for text in said(window))


def test_where_it_was_not_counted_it_says_so(
    qtbot: QtBot, make_window: MakeWindow, case_path: Path
) -> None:
    window = make_window(case_path)
    click_card(qtbot, window, 0)
    settle(qtbot, window)
    assert "It was not assessed: analyse the case again." in said(window)
    assert not rows(window)
