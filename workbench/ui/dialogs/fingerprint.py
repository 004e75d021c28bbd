"""Take a fingerprint: of which cluster, into which file, and what beyond it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.ui import figures
from workbench.ui.dialogs.files import make_roomy
from workbench.ui.dialogs.form import FormDialog
from workbench.ui.states import EmptyState
from workbench.ui.widgets import Button, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.analysis.fingerprint.form import ValueKind
    from workbench.domain.progress import Progress
    from workbench.ui.theme import Theme

#: Kind of value of infrastructure -> how its box is called.
_KINDS: Final[dict[ValueKind, str]] = {
    "networks": "Networks",
    "clients": "Clients",
    "payments": "Payment hashes",
    "domains": "Mail domains",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        cluster_id: Of which cluster.
        out: The file.
        stix: A second file, for tools of others; None for none.
        kinds: Kinds of value of infrastructure that are written, too.
        words: Whether skeletons are written out in words.
        why: The reason; empty where neither values nor words are asked for.
    """

    cluster_id: str
    out: Path
    stix: Path | None
    kinds: tuple[ValueKind, ...]
    words: bool
    why: str


class FingerprintDialog(FormDialog):
    """Asks what a fingerprint is taken of, and what goes into it.

    Args:
        theme: The look.
        clusters: (id, what it is in few words) of each cluster.
        chosen: Id of the one to begin with; empty for the first.
        beside: Folder of the file, to begin with.
        parent: The window.
    """

    #: Take it, as asked.
    wanted = Signal(object)

    def __init__(
        self,
        theme: Theme,
        clusters: Sequence[tuple[str, str]],
        chosen: str,
        beside: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            "Take a fingerprint",
            "What of a cluster can be looked for in other logs: wordings, regions, pace and "
            "clients, each with how often ordinary accounts show it. It holds no personal data "
            "unless you ask for it below.",
            "Write fingerprint",
            parent,
        )
        self._beside = beside
        self.cluster = QComboBox()
        for name, about in clusters:
            self.cluster.addItem(figures.line(f"{name}   {about}"), name)
        self.cluster.setCurrentIndex(max(self.cluster.findData(chosen), 0) if clusters else -1)
        self.cluster.currentIndexChanged.connect(lambda _: self._suggest())
        self.file = QLineEdit()
        self.file.textChanged.connect(lambda _: self._check())
        self.stix = QCheckBox("Also as STIX 2.1, beside it, for tools of others")
        self.kinds = {name: QCheckBox(word) for name, word in _KINDS.items()}
        self.words = QCheckBox("Words of its templates")
        self.why = QLineEdit()
        self.why.setPlaceholderText("Needed for these, for the journal")
        self.why.textChanged.connect(lambda _: self._check())
        if clusters:
            self._lay_out()
        else:
            self.body.addWidget(
                EmptyState(
                    theme,
                    "ph.fingerprint",
                    "There is no cluster",
                    "A fingerprint is taken of a cluster. Analyse the case first.",
                )
            )
        self.resize(theme.px(640), self.sizeHint().height())
        self._suggest()

    def act(self) -> None:
        """Ask that it be taken."""
        if not self.primary.isEnabled():
            return
        self.primary.setEnabled(False)
        self.hint.set_colour("t3")
        self.hint.setText("Taking the fingerprint …")
        out = Path(self.file.text().strip())
        self.wanted.emit(
            Asked(
                self.cluster.currentData(),
                out,
                out.with_name(f"{out.name.removesuffix('.json')}.stix.json")
                if self.stix.isChecked()
                else None,
                tuple(name for name, box in self.kinds.items() if box.isChecked()),
                self.words.isChecked(),
                self.why.text().strip() if self._needs_reason else "",
            )
        )

    def show_progress(self, progress: Progress) -> None:
        """What the job does now."""
        self.hint.setText(f"{figures.line(progress.step)} …")

    def say(self, sentence: str) -> None:
        """Why it was not taken, beside the buttons."""
        self.hint.set_colour("red")
        self.hint.setText(figures.line(sentence))
        self.primary.setEnabled(True)

    @property
    def _needs_reason(self) -> bool:
        return self.words.isChecked() or any(box.isChecked() for box in self.kinds.values())

    def _lay_out(self) -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.file, 1)
        choose = Button(self.theme, "Choose file", icon="ph.folder-open")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        row.addWidget(choose)
        form = self.form()
        self.add_row(form, "Cluster", self.cluster)
        self.add_row(form, "File", holder)
        self.file.setAccessibleName("File")
        self.body.addWidget(self.stix)
        self.body.addWidget(Text(self.theme, "Write also what its accounts share", "strong"))
        boxes = QHBoxLayout()
        boxes.setSpacing(20)
        for box in (*self.kinds.values(), self.words):
            box.toggled.connect(lambda _: self._check())
            boxes.addWidget(box)
        boxes.addStretch(1)
        self.body.addLayout(boxes)
        self.add_row(self.form(), "Why", self.why)

    def _suggest(self) -> None:
        """The name of the file follows the cluster, until somebody types another one."""
        before = self.file.property("suggested") or ""
        if self.cluster.currentData() and self.file.text() == before:
            name = str(self._beside / f"{self.cluster.currentData()}.fingerprint.json")
            self.file.setProperty("suggested", name)
            self.file.setText(name)
        self._check()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Write the fingerprint to", self.file.text(), "JSON (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        make_roomy(dialog, self.theme)
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()

    def _check(self) -> None:
        self.why.setEnabled(self._needs_reason)
        lacks = self._needs_reason and not self.why.text().strip()
        there = self.cluster.count() > 0 and bool(self.file.text().strip())
        self.primary.setEnabled(there and not lacks)
        self.hint.set_colour("t3")
        if lacks:
            self.hint.setText("Values and words of logs leave a case only for a reason: say why.")
        elif self.cluster.count() and not there:
            self.hint.setText("Name a file.")
        else:
            self.hint.setText("")
