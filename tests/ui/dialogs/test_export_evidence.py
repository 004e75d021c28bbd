"""The export dialog: what may be exported, where to, and what came of it."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.domain.label import Label
from workbench.services.export_scope import Scope
from workbench.ui.dialogs.export_evidence import Exportable, ExportDialog
from workbench.ui.session import Session
from workbench.ui.states import ErrorState
from workbench.ui.theme import Theme


def _dialog(qtbot: QtBot, theme: Theme, session: Session, offered: Exportable) -> ExportDialog:
    dialog = ExportDialog(theme, session, offered)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_without_clusters_only_labels_are_offered(
    qtbot: QtBot, theme: Theme, session: Session
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    assert not dialog.by_cluster.isEnabled()
    assert not dialog.by_selection.isEnabled()
    assert dialog.scope == Scope(label=Label.CONFIRMED)
    qtbot.waitUntil(lambda: "SHA256:" in dialog.signer.text(), timeout=20_000)


def test_the_scope_is_what_was_chosen(qtbot: QtBot, theme: Theme, session: Session) -> None:
    offered = Exportable(
        clusters=(("C-001", "multi-axis"), ("C-002", "triage")),
        cluster="C-002",
        accounts=("key::a",),
    )
    dialog = _dialog(qtbot, theme, session, offered)
    assert dialog.scope == Scope(clusters=("C-002",))
    assert "1 account)" in dialog.by_selection.text()
    dialog.by_selection.setFocus()
    qtbot.keyClick(dialog.by_selection, Qt.Key.Key_Space)
    assert dialog.scope == Scope(accounts=("key::a",))


def test_a_folder_that_exists_is_refused_where_it_is_typed(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    assert dialog.primary.isEnabled()
    dialog.out.setText(str(tmp_path))
    assert not dialog.primary.isEnabled()
    assert "exists" in dialog.problem.text()


def test_what_cannot_be_exported_is_said_and_the_form_comes_back(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    dialog.out.setText(str(tmp_path / "bundle"))
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(ErrorState)), timeout=20_000)
    (state,) = dialog.findChildren(ErrorState)
    assert "not" in state.accessibleName()
    state.acted.emit()
    assert dialog.primary.isEnabled()
    assert not (tmp_path / "bundle").exists()
