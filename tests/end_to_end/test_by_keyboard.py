"""The same way by keyboard alone: no event of a mouse."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.end_to_end.conftest import Person, verified_by_strangers
from workbench.ui.dialogs.analysis import AnalysisDialog
from workbench.ui.dialogs.export_evidence import ExportDialog
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.dialogs.label_reason import LabelDialog
from workbench.ui.dialogs.new_case import NewCaseDialog

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def write(person: Person, field: object, text: str) -> None:
    person.tabs_to(field)  # type: ignore[arg-type]
    person.presses(Qt.Key.Key_A, CONTROL)
    person.types(text)


def test_from_a_log_to_a_verified_bundle_by_keyboard(
    person: Person, log: Path, tmp_path: Path
) -> None:
    window = person.window
    # A new case, and its logs.
    person.presses(Qt.Key.Key_I, CONTROL)
    new = person.dialog(NewCaseDialog)
    write(person, new.name, "lantern")
    write(person, new.folder, str(tmp_path))
    person.presses(Qt.Key.Key_Return)
    imports = person.dialog(ImportDialog)
    person.tabs_to(person.button(imports, "Add files"))
    person.presses(Qt.Key.Key_Space)
    files = person.dialog(QFileDialog)
    person.sees(lambda: QApplication.focusWidget() is not None)
    person.types(str(log))
    person.presses(Qt.Key.Key_Return)
    person.sees(lambda: not files.isVisible())
    imports = person.dialog(ImportDialog)
    for _ in range(3):
        person.sees(imports.primary.isEnabled)
        person.tabs_to(imports.primary)
        person.presses(Qt.Key.Key_Space)
    person.sees(lambda: imports.outcome.loaded)
    person.presses(Qt.Key.Key_Escape)
    person.back_at_the_window()
    # The analysis.
    person.presses(Qt.Key.Key_R, CONTROL)
    settings = person.dialog(AnalysisDialog)
    write(person, settings.cells, "64")
    write(person, settings.landmarks, "400")
    person.presses(Qt.Key.Key_Return)
    person.back_at_the_window()
    model = window.clusters.list.model()
    person.sees(lambda: model.rowCount() > 0)
    person.rests()
    # A rectangle on the map.
    person.presses(Qt.Key.Key_R)
    person.sees(window.map.view.hasFocus)
    person.presses(Qt.Key.Key_Return)
    for _ in range(6):
        person.presses(Qt.Key.Key_Left)
        person.presses(Qt.Key.Key_Up)
    person.presses(Qt.Key.Key_Return)
    for _ in range(14):
        person.presses(Qt.Key.Key_Right)
        person.presses(Qt.Key.Key_Down)
    person.presses(Qt.Key.Key_Return)
    person.sees(lambda: window.hub.selection is not None)
    person.rests()
    # The timeline, brushed.
    person.presses(Qt.Key.Key_4, CONTROL)
    person.sees(window.timeline.chart.hasFocus)
    person.presses(Qt.Key.Key_Right)
    for _ in range(20):
        person.presses(Qt.Key.Key_Right, SHIFT)
    person.presses(Qt.Key.Key_Return)
    person.rests()
    selection = window.hub.selection
    assert selection is not None
    assert selection.n_exchanges > 0
    # The best cluster: from the list, by arrows.
    person.presses(Qt.Key.Key_1, CONTROL)
    person.sees(window.clusters.list.hasFocus)
    person.presses(Qt.Key.Key_Down)
    person.presses(Qt.Key.Key_Home)
    person.rests()
    assert window.hub.subject.cluster_id
    size = window.accounts.model.rowCount()
    assert size > 0
    # What its accounts asked, who asked it, and what was answered.
    person.presses(Qt.Key.Key_6, CONTROL)
    prompts = window.prompts
    person.sees(prompts.table.hasFocus)
    person.presses(Qt.Key.Key_Home, CONTROL)
    person.sees(lambda: prompts.exchanges.model().rowCount() > 0)
    person.tabs_to(prompts.exchanges)
    person.presses(Qt.Key.Key_Home, CONTROL)
    person.sees(lambda: "Completion" in prompts.text.toPlainText())
    person.tabs_to(prompts.text)
    person.presses(Qt.Key.Key_A, CONTROL)
    person.presses(Qt.Key.Key_C, CONTROL)
    assert "Completion" in QApplication.clipboard().text()
    # Label it: the key says which, then the reason.
    person.presses(Qt.Key.Key_1)
    label = person.dialog(LabelDialog)
    person.sees(label.reason.hasFocus)
    person.types("Shared payers and one grid of prompts")
    person.presses(Qt.Key.Key_Return, CONTROL)
    person.back_at_the_window()
    person.rests()
    table = window.accounts.model
    assert {table.value(row, "label") for row in range(table.rowCount())} == {"confirmed"}
    # A note, undone and redone.
    person.presses(Qt.Key.Key_N)
    person.sees(window.journal.note.hasFocus)
    person.types("Asked billing")
    person.presses(Qt.Key.Key_Return)
    person.rests()
    person.presses(Qt.Key.Key_7, CONTROL)
    person.presses(Qt.Key.Key_Z, CONTROL)
    person.rests()
    assert window.journal.model.value(0, "what") == "Undid: noted"
    person.presses(Qt.Key.Key_Z, CONTROL | SHIFT)
    person.rests()
    assert window.journal.model.value(0, "what") == "Redid: noted"
    # The evidence.
    person.presses(Qt.Key.Key_E, CONTROL)
    export = person.dialog(ExportDialog)
    bundle = tmp_path / "bundle"
    write(person, export.fields.out, str(bundle))
    person.presses(Qt.Key.Key_Return)
    person.sees(lambda: export.primary.text() == "Open the folder")
    person.presses(Qt.Key.Key_Escape)
    person.back_at_the_window()
    verified_by_strangers(bundle)
    assert window.notices.texts == []
