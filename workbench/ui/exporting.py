"""Exports from the window: the exhibits that are chosen, and the dialog that writes the bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.domain.finding import Verdict
from workbench.services import wording
from workbench.ui.exhibits import Exhibits
from workbench.ui.table_model import label_word
from workbench.ui.tokens import VERDICTS

if TYPE_CHECKING:
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.dialogs.export_form import Exportable
    from workbench.ui.exhibits import Exhibit
    from workbench.ui.main_window import MainWindow


class Exporting(QObject):
    """Connects the actions for exhibits and export.

    Args:
        window: Owner of the dialog.
        desk: What views share.
    """

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._reading: Exhibit | None = None
        self.exhibits = Exhibits(self)
        window.actions_["export"].triggered.connect(lambda: self.export())
        window.actions_["exhibit"].triggered.connect(lambda: self.toggle())
        window.dossier.export_wanted.connect(lambda: self.export())
        window.prompts.exhibit_wanted.connect(self.toggle)
        window.prompts.reading.connect(self._read)
        self.exhibits.changed.connect(self._show)
        desk.session.opened.connect(lambda _: self.exhibits.clear())
        desk.session.closed.connect(self.exhibits.clear)

    def toggle(self) -> None:
        """Take the exchange that is read as an exhibit, or no longer."""
        if self._reading is not None:
            self.exhibits.toggle(self._reading)

    def export(self) -> None:
        """Open the export dialog, beginning with what is selected."""
        from workbench.ui.dialogs.export_evidence import ExportDialog
        from workbench.ui.dialogs.export_form import Exportable

        subject, selection = self._desk.hub.subject, self._desk.hub.selection
        accounts = () if selection is None else tuple(str(key) for key in selection.accounts)
        exhibits = self.exhibits.chosen

        def read(workspace: Workspace) -> Exportable:
            clusters = workspace.browsing.clusters().to_pylist()
            senders = workspace.exchanges.senders([one.exchange_id for one in exhibits])
            return Exportable(
                tuple((row["cluster_id"], about(row)) for row in clusters),
                subject.cluster_id,
                accounts,
                workspace.browsing.info().marking,
                exhibits,
                {row["exchange_id"]: row for row in senders.to_pylist()},
            )

        def show(offered: Exportable) -> None:
            dialog = ExportDialog(self._desk.theme, self._desk.session, offered, self._window)
            dialog.fields.texts.removed.connect(self.exhibits.remove)
            dialog.open()

        self._desk.session.ask("exportable", read, show)

    def _read(self, exhibit: Exhibit | None) -> None:
        self._reading = exhibit
        self._show()

    def _show(self) -> None:
        chosen = self._reading is not None and self._reading.exchange_id in self.exhibits
        action = self._window.actions_["exhibit"]
        action.setEnabled(self._reading is not None)
        action.setText("Remove exhibit" if chosen else "Add as exhibit")
        self._window.prompts.show_exhibit(chosen=chosen)


def about(row: dict[str, Any]) -> str:
    """A cluster in few words: size, finding, label."""
    verdict = VERDICTS[Verdict(row["verdict"])].word.lower()
    return f"{wording.accounts(row['n_accounts'])}, {verdict}, {label_word(row['label']).lower()}"
