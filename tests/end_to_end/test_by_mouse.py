"""From a log file to a verified bundle, by mouse (and typing what must be typed)."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit

from tests.end_to_end.conftest import Person, verified_by_strangers
from workbench.ui.dialogs.analysis import AnalysisDialog
from workbench.ui.dialogs.export_evidence import ExportDialog
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.dialogs.label_reason import LabelDialog
from workbench.ui.dialogs.new_case import NewCaseDialog


def test_from_a_log_to_a_verified_bundle_by_mouse(
    person: Person, log: Path, tmp_path: Path
) -> None:
    window = person.window
    # A new case.
    person.clicks(window.start.buttons["import"])
    new = person.dialog(NewCaseDialog)
    person.writes_over(new.name, "harbour")
    person.writes_over(new.folder, str(tmp_path))
    person.clicks(person.button(new, "Create case"))
    # Its logs.
    imports = person.dialog(ImportDialog)
    person.clicks(person.button(imports, "Add files"))
    files = person.dialog(QFileDialog)
    field = files.findChild(QLineEdit)
    assert field is not None
    person.writes_over(field, str(log))
    person.presses(Qt.Key.Key_Return)
    person.sees(lambda: not files.isVisible())
    person.sees(lambda: "canonical" in imports.seen.text())
    person.clicks(imports.primary)
    person.sees(lambda: imports.fields.rows.isVisible())
    person.clicks(imports.primary)
    person.writes_over(imports.frame.fields["custodian"], "Platform logging")
    person.clicks(imports.primary)
    person.sees(lambda: imports.outcome.loaded)
    person.clicks(imports.cancel_button)
    person.back_at_the_window()
    person.sees(lambda: "12,000 exchanges" in window.status.counts.text())
    # The analysis, with small settings.
    person.clicks(person.button(window.map.view, "Analyse the case"))
    settings = person.dialog(AnalysisDialog)
    person.writes_over(settings.landmarks, "400")
    person.writes_over(settings.cells, "64")
    person.clicks(settings.primary)
    person.back_at_the_window()
    person.sees(lambda: window.status.job.isVisible())
    model = window.clusters.list.model()
    person.sees(lambda: model.rowCount() > 0)
    person.rests()
    # The best cluster, in every view.
    cards = window.clusters.list
    person.clicks(cards.viewport(), cards.visualRect(model.index(0, 0)).center())
    person.rests()
    selection = window.hub.selection
    assert selection is not None
    assert window.accounts.model.rowCount() == len(selection.accounts) > 0
    assert not window.dossier.showing_state
    # What its accounts asked, who asked it, and what was answered.
    person.shows(window.docks.dock("prompts"))
    prompts = window.prompts
    person.clicks_row(prompts.table, 0)
    person.rests()
    person.clicks_row(prompts.exchanges, 0)
    person.sees(lambda: "Completion" in prompts.text.toPlainText())
    person.rests()
    asked = prompts.model.value(0, "text")
    assert asked[:40] in prompts.text.toPlainText()
    assert prompts.exchanges.model().rowCount() == prompts.model.value(0, "n_exchanges")
    person.clicks(prompts.account_button)
    person.sees(lambda: window.accounts.model.rowCount() == 1)
    person.rests()
    person.sees(lambda: "Completion" in prompts.text.toPlainText())
    assert window.hub.subject.account
    # A lasso around everything selects everything that is placed.
    person.presses(Qt.Key.Key_L)
    view = window.map.view
    width, height = view.width(), view.height()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    person.drags(view, [QPoint(int(width * x), int(height * y)) for x, y in corners])
    person.rests()
    assert window.accounts.model.rowCount() > len(selection.accounts)
    # Back to the cluster: label it, take it back, bring it back.
    person.clicks(cards.viewport(), cards.visualRect(model.index(0, 0)).center())
    person.rests()
    person.clicks(window.dossier.label_button)
    label = person.dialog(LabelDialog)
    person.clicks(person.button(label, "Confirmed"))
    person.clicks(label.reason)
    person.types("One grid of prompts, one payer")
    person.clicks(label.primary)
    person.back_at_the_window()
    person.rests()
    table = window.accounts.model
    assert {table.value(row, "label") for row in range(table.rowCount())} == {"confirmed"}
    person.clicks(window.top.undo)
    person.rests()
    assert {table.value(row, "label") for row in range(table.rowCount())} == {None}
    person.clicks(window.top.redo)
    person.rests()
    assert {table.value(row, "label") for row in range(table.rowCount())} == {"confirmed"}
    # The evidence.
    person.clicks(window.dossier.export_button)
    export = person.dialog(ExportDialog)
    bundle = tmp_path / "bundle"
    person.writes_over(export.fields.out, str(bundle))
    person.clicks(export.primary)
    person.sees(lambda: export.primary.text() == "Open the folder")
    person.clicks(export.cancel_button)
    person.back_at_the_window()
    verified_by_strangers(bundle)
    assert window.notices.texts == []
