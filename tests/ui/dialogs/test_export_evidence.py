"""The export dialog: what may be exported, where to, and what came of it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.domain.errors import InputError
from workbench.domain.label import Label
from workbench.services.export_scope import Scope
from workbench.services.outlook import Outlook
from workbench.services.reviewing import Review
from workbench.ui.dialogs.export_evidence import ExportDialog
from workbench.ui.dialogs.export_form import Exportable
from workbench.ui.dialogs.export_outlook import lines
from workbench.ui.exhibits import Exhibit
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
    assert not dialog.fields.by_cluster.isEnabled()
    assert not dialog.fields.by_selection.isEnabled()
    assert dialog.fields.scope == Scope(label=Label.CONFIRMED)
    qtbot.waitUntil(lambda: "SHA256:" in dialog.hint.text(), timeout=20_000)


def test_the_scope_is_what_was_chosen(qtbot: QtBot, theme: Theme, session: Session) -> None:
    offered = Exportable(
        clusters=(("C-001", "multi-axis"), ("C-002", "triage")),
        cluster="C-002",
        accounts=("key::a",),
    )
    dialog = _dialog(qtbot, theme, session, offered)
    assert dialog.fields.scope == Scope(clusters=("C-002",))
    assert "1 account)" in dialog.fields.by_selection.text()
    dialog.fields.by_selection.setFocus()
    qtbot.keyClick(dialog.fields.by_selection, Qt.Key.Key_Space)
    assert dialog.fields.scope == Scope(accounts=("key::a",))


def test_a_folder_that_exists_is_refused_where_it_is_typed(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    dialog.fields.show_outlook(Outlook(1, 1))
    assert dialog.primary.isEnabled()
    dialog.fields.out.setText(str(tmp_path))
    assert not dialog.primary.isEnabled()
    assert "exists" in dialog.fields.problem.text()


def test_what_cannot_be_exported_is_said_before_it_is_tried(
    qtbot: QtBot, theme: Theme, session: Session
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    qtbot.waitUntil(lambda: "not been analysed" in dialog.fields.card.said, timeout=20_000)
    assert not dialog.primary.isEnabled()


def test_what_fails_is_said_and_the_form_comes_back(
    qtbot: QtBot, theme: Theme, session: Session, tmp_path: Path
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    qtbot.waitUntil(lambda: "not been analysed" in dialog.fields.card.said, timeout=20_000)
    # As if the case had changed since.
    dialog.fields.show_outlook(Outlook(1, 1))
    dialog.fields.out.setText(str(tmp_path / "bundle"))
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(ErrorState)), timeout=20_000)
    (state,) = dialog.findChildren(ErrorState)
    assert "not" in state.accessibleName()
    state.acted.emit()
    assert dialog.primary.isEnabled()
    assert not (tmp_path / "bundle").exists()
    qtbot.waitUntil(lambda: not dialog.primary.isEnabled(), timeout=20_000)


def test_a_share_edition_needs_a_recipient_and_holds_no_whole_texts(
    qtbot: QtBot, theme: Theme, session: Session
) -> None:
    dialog = _dialog(qtbot, theme, session, Exportable())
    qtbot.waitUntil(lambda: "not been analysed" in dialog.fields.card.said, timeout=20_000)
    fields = dialog.fields
    fields.show_outlook(Outlook(1, 3))
    fields.texts.raw.setChecked(True)
    assert fields.wanted.raw
    assert "1 account asked" in fields.texts.warning.text()
    fields.share.setFocus()
    qtbot.keyClick(fields.share, Qt.Key.Key_Space)
    fields.show_outlook(Outlook(1, 3))
    assert not dialog.primary.isEnabled()
    assert not fields.texts.raw.isEnabled()
    qtbot.keyClicks(fields.recipient, "Trust and Safety")
    assert dialog.primary.isEnabled()
    wanted = fields.wanted
    assert (wanted.recipient, wanted.raw, wanted.names) == ("Trust and Safety", False, False)
    qtbot.keyClick(fields.full, Qt.Key.Key_Space)
    assert fields.wanted.recipient is None


def test_exhibits_are_listed_and_taken_out(qtbot: QtBot, theme: Theme, session: Session) -> None:
    hostile = "<b>bold</b> \u202e"
    read = (Exhibit.read(7, "Show the steps"), Exhibit.read(9, None), Exhibit.read(11, hostile))
    chosen = tuple(one for one in read if one is not None)
    senders: dict[int, dict[str, Any]] = {
        7: {"ts_us": 0, "account": "key-1"},
        11: {"ts_us": None, "account": None},
    }
    dialog = _dialog(qtbot, theme, session, Exportable(exhibits=chosen, senders=senders))
    texts = dialog.fields.texts
    model = texts.table.model()
    rows = [[model.index(r, c).data() for c in range(3)] for r in range(3)]
    assert rows == [
        ["1970-01-01 00:00", "key-1", "Show the steps"],
        ["-", "not recorded", "not recorded"],
        ["-", "not recorded", "<b>bold</b> <U+202E>"],
    ]
    assert "3 exhibits" in texts.said.text()
    taken: list[int] = []
    texts.removed.connect(taken.append)
    texts.table.selectRow(1)
    texts.table.setFocus()
    qtbot.keyClick(texts.table, Qt.Key.Key_Delete)
    assert (taken, dialog.fields.wanted.exhibits) == ([9], (7, 11))
    texts.table.selectAll()
    qtbot.mouseClick(texts.remove_button, Qt.MouseButton.LeftButton)
    assert dialog.fields.wanted.exhibits == ()
    assert texts.none.isVisible()
    assert not texts.table.isVisible()


def test_what_it_comes_to_is_said_in_words() -> None:
    def said(outlook: Outlook) -> str:
        return " ".join(text for _, _, text in lines(outlook))

    assert said(Outlook(1, 1)) == "1 account, 1 exchange. No page will be marked DRAFT."
    assert "DRAFT: nobody has confirmed C-001, C-002." in said(
        Outlook(2, 2, drafts=("C-001", "C-002"))
    )
    lacks = said(Outlook(3, 9, review=Review(1, 1, 2)))
    assert "labelled 1 account differently" in lacks
    assert "1 of 3 accounts has no label" in lacks
    assert "2 of 3 accounts have a label that nobody else signed off" in lacks
    assert "DRAFT" not in lacks
    strays = said(Outlook(3, 9, strays=(12, 13)))
    assert "2 exhibits are of no account that leaves (exchange 12, 13). Remove them" in strays
    trouble = InputError("Nothing is there.", remedy="Import logs.")
    assert said(Outlook(trouble=trouble)) == "Nothing is there. Import logs."
