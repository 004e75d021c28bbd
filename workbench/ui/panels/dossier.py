"""The explanation of what is selected, and what speaks against it.

Counter-evidence stands right below the first sentence, before what else was found and the signals,
so that it is above the fold at any size of the dock. It is never empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.domain.account import AccountKey
from workbench.domain.label import Label
from workbench.domain.selection import AccountSet, Combine
from workbench.domain.signal import Axis
from workbench.domain.text import discovery_text, likely_text
from workbench.services import power_words, wording
from workbench.services.examined import smaller_part
from workbench.services.joined import BESIDE, known_lines
from workbench.services.numbers import numbers
from workbench.ui import figures
from workbench.ui.bars import SignalRow
from workbench.ui.dialogs.numbers import NumbersDialog
from workbench.ui.panels import delivered, selected
from workbench.ui.panels.delivered import Delivered, add_delivered
from workbench.ui.panels.looked import add_looked
from workbench.ui.panels.page import begin, bullet, item, sheet
from workbench.ui.panels.panel import Panel, ToolRow, column
from workbench.ui.panels.selected import NAME, Selected
from workbench.ui.panels.shown import add_shown
from workbench.ui.panels.sureness import add_limits, add_lookalike, add_sure
from workbench.ui.states import Icon, headed
from workbench.ui.table_model import UNREVIEWED, label_word
from workbench.ui.tokens import DOCK_FOOTER, LABELS, VERDICTS
from workbench.ui.widgets import Badge, Button, KeyCap, Swatch, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from workbench.domain.changes import Changes
    from workbench.domain.finding import Finding
    from workbench.domain.signal import Measured
    from workbench.services.numbers import Part
    from workbench.services.workspace import Workspace
    from workbench.ui.desk import Desk
    from workbench.ui.selection_hub import Subject
    from workbench.ui.theme import Theme

_LABELS: Final = {label.value for label in Label}


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is shown of a subject.

    Attributes:
        finding: The finding.
        row: Its row of the clusters or accounts table.
        titles: Title of each signal by name.
        n_accounts: Accounts of the population.
        delivered: What a cluster was delivered.
        shown: Exchanges that show a cluster best, as ``Attributing.shown`` gives them.
        near: Accounts that stand near a cluster without belonging to it.
        part: The smaller part of a cluster that falls into two.
        numbers: The numbers behind the finding.
        unfound: Of an account without a finding, what would have been found; else empty.
        beside: What tables beside the logs say of an account, a line each.
    """

    finding: Finding
    row: dict[str, Any]
    titles: dict[str, str]
    n_accounts: int
    delivered: Delivered = field(default_factory=Delivered)
    shown: pa.Table | None = None
    near: tuple[AccountKey, ...] = ()
    part: tuple[AccountKey, ...] = ()
    numbers: tuple[Part, ...] = ()
    unfound: str = ""
    beside: tuple[str, ...] = ()


class DossierPanel(Panel):
    """Shows a dossier, with the actions on its subject at the foot.

    Args:
        desk: What views share.
    """

    #: A label for the subject is wanted.
    label_wanted = Signal()
    #: A note is wanted.
    note_wanted = Signal()
    #: An export of the subject is wanted.
    export_wanted = Signal()
    #: An exchange is to be read: its prompt id, its exchange id.
    exchange_wanted = Signal(int, int)

    def __init__(self, desk: Desk) -> None:
        theme = desk.theme
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("Dossier")
        footer = ToolRow(theme, DOCK_FOOTER, "bottom")
        row = footer.row
        row.setContentsMargins(14, 7, 14, 7)
        self.label_button = Button(theme, "Label", kind="primary", tip="Keys 1 to 4")
        self.note_button = Button(theme, "Add note")
        self.export_button = Button(theme, "Export", icon="ph.export")
        row.addWidget(self.label_button)
        row.addWidget(KeyCap(theme, "1-4"))
        row.addStretch(1)
        row.addWidget(self.note_button)
        row.addWidget(self.export_button)
        super().__init__(desk, column(self.area, footer))
        self.setFocusProxy(self.area)
        self.label_button.clicked.connect(self.label_wanted)
        self.note_button.clicked.connect(self.note_wanted)
        self.export_button.clicked.connect(self.export_wanted)
        desk.hub.subject_changed.connect(lambda _: self.refresh())
        desk.session.opened.connect(lambda _: self.refresh())
        desk.session.closed.connect(self._nothing)
        desk.session.changed.connect(self._on_changed)
        desk.colours.changed.connect(self.refresh)
        self._nothing()

    def refresh(self) -> None:
        """Read the dossier of the subject anew."""
        subject = self.desk.hub.subject
        if not subject:
            self.desk.session.bridge.forget(NAME)
            self._nothing()
            return
        self.desk.session.ask(NAME, lambda w: read(w, subject), self._take, self.show_error)

    def show_numbers(self, dossier: Dossier) -> None:
        """Open the numbers behind a finding."""
        row = dossier.row
        subject = row["cluster_id"] if "n_accounts" in row else figures.line(row["account_id"])
        NumbersDialog(self.desk.theme, subject, dossier.numbers, self.window()).open()

    def _nothing(self) -> None:
        self.show_empty(
            "ph.identification-card",
            "Nothing chosen",
            "Choose a cluster or an account: what it did, and what speaks against it, "
            "appears here.",
        )

    def _take(self, found: Dossier | Selected) -> None:
        place = self.area.verticalScrollBar().value()
        before = self.area.widget()
        if isinstance(found, Selected):
            page, subject = selected.page(self.desk, found), found.selection.digest
        else:
            page, subject = _page(self, found), found.finding.subject
        same = before is not None and before.property("subject") == subject
        page.setProperty("subject", subject)
        self.area.setWidget(page)
        if same:
            self.area.verticalScrollBar().setValue(place)
        self.show_body()

    def _on_changed(self, changes: Changes) -> None:
        if changes.computed or changes.decided:
            self.refresh()


def read(workspace: Workspace, subject: Subject) -> Dossier | Selected:
    """Everything that the dossier shows; runs on a lane."""
    if subject.selection is not None:
        return selected.read(workspace, subject.selection)
    browsing = workspace.browsing
    beside: tuple[str, ...] = ()
    if subject.cluster_id:
        finding = browsing.finding(cluster_id=subject.cluster_id)
        row = browsing.cluster_row(subject.cluster_id)
        taken = delivered.read(workspace, subject.cluster_id)
        shown = workspace.attributing.shown(subject.cluster_id)
        keys = browsing.near(subject.cluster_id).column("account_key").to_pylist()
        near, known = tuple(sorted(map(AccountKey.parse, keys))), numbers(finding)
        part, unfound = tuple(map(AccountKey.parse, smaller_part(finding))), ""
    else:
        told = browsing.explain(account=subject.account)
        finding, known, unfound = told.finding, told.numbers, told.unfound
        beside = tuple(known_lines(told.beside))
        row = browsing.account_row(subject.account)
        taken, shown, near, part = Delivered(), None, (), ()
    titles, n_accounts = browsing.signal_titles(), browsing.n_accounts
    return Dossier(
        finding, row, titles, n_accounts, taken, shown, near, part, known, unfound, beside
    )


def _page(panel: DossierPanel, dossier: Dossier) -> QWidget:
    desk = panel.desk
    page, layout = sheet()
    _add_head(desk, layout, dossier)
    theme = desk.theme
    if dossier.numbers:
        link = Button(theme, "Numbers, baselines and formulas", kind="link")
        link.clicked.connect(lambda: panel.show_numbers(dossier))
        layout.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
    headline, *found = [_closed(_said(message)) for message in dossier.finding.story] or [""]
    if headline:
        layout.addWidget(Text(theme, headline, "strong", wrap=True))
    layout.addWidget(_against(desk, dossier))
    if found:
        layout.addWidget(Text(theme, "What was found", "head"))
        facts = QVBoxLayout()
        facts.setSpacing(6)
        for said in found:
            facts.addWidget(bullet(theme, said, "t3"))
        layout.addLayout(facts)
    add_sure(theme, layout, dossier.finding)
    best = add_shown(desk, layout, dossier.shown) if dossier.shown else None
    if best is not None:
        best.chosen.connect(panel.exchange_wanted)
    add_looked(desk, layout, dossier.finding, dossier.row["cluster_id"])
    _add_signals(desk, layout, dossier)
    if dossier.beside:
        begin(theme, layout, BESIDE)
        for line in dossier.beside:
            layout.addWidget(bullet(theme, figures.line(line), "t3"))
    if "n_accounts" in dossier.row:
        add_lookalike(theme, layout, dossier.finding, dossier.row["lookalike_distance"])
        add_delivered(desk, layout, dossier.delivered, dossier.row["cluster_id"])
    if dossier.finding.check_next:
        begin(theme, layout, "Check next")
        for message in dossier.finding.check_next:
            layout.addWidget(item(theme, "ph.arrow-right", "acc", _said(message)))
            if message.key == "check.near" and dossier.near:
                many = f"Select these {wording.accounts(len(dossier.near))}"
                words = many if len(dossier.near) > 1 else "Select it"
                layout.addLayout(_select(desk, dossier.near, words))
    if dossier.unfound:
        begin(theme, layout, power_words.TITLE)
        layout.addWidget(Text(theme, dossier.unfound, "second", "t2", wrap=True))
    add_limits(theme, layout)
    layout.addStretch(1)
    return page


def _select(desk: Desk, accounts: tuple[AccountKey, ...], words: str) -> QHBoxLayout:
    """A link that selects the accounts which the line above speaks of."""
    link = Button(desk.theme, words, kind="link")
    link.clicked.connect(lambda: desk.hub.select(Combine.REPLACE, AccountSet(accounts), NAME))
    row = QHBoxLayout()
    row.setContentsMargins(22, 0, 0, 0)
    row.addWidget(link)
    row.addStretch(1)
    return row


def _add_head(desk: Desk, layout: QVBoxLayout, dossier: Dossier) -> None:
    theme, finding, row = desk.theme, dossier.finding, dossier.row
    is_cluster = "n_accounts" in row
    top = QHBoxLayout()
    top.setSpacing(8)
    top.addWidget(Swatch(theme, desk.colours.rank(row["cluster_id"]), 14))
    name = row["cluster_id"] if is_cluster else figures.line(row["account_id"])
    title = Text(theme, name, "title", wrap=not is_cluster)
    top.addWidget(title, 0 if is_cluster else 1)
    top.addStretch(1 if is_cluster else 0)
    layout.addLayout(top)
    badges = QHBoxLayout()
    badges.setSpacing(8)
    badges.addWidget(Badge(theme, VERDICTS[finding.verdict]))
    if row["label"] in _LABELS:
        badges.addWidget(Badge(theme, LABELS[Label(row["label"])]))
    elif row.get("unreviewed"):
        badges.addWidget(Text(theme, label_word(UNREVIEWED), "second", "amb"))
    else:
        badges.addWidget(Text(theme, label_word(row["label"]), "second", "t3"))
    badges.addStretch(1)
    layout.addLayout(badges)
    facts = [
        "Score not assessed" if finding.score is None else f"Score {figures.share(finding.score)}"
    ]
    if finding.q is not None:
        nominal = " (nominal)" if finding.q_nominal else ""
        facts.append(f"q = {discovery_text(finding.q, finding.level)}{nominal}")
    if is_cluster and row["stability"] is not None:
        facts.append(f"{100 * row['stability']:.0f} % stays together in resamples")
    if not is_cluster and row["cluster_id"] is not None:
        facts.append(f"{row['cluster_id']}, membership {likely_text(row['membership'])}")
    layout.addWidget(Text(theme, "  ·  ".join(facts), "second", "t2", wrap=True))
    # Of a cluster it stands with what speaks against it.
    if finding.q is not None and finding.q_nominal and not is_cluster:
        why = "q is nominal: its comparison groups are of this log itself."
        layout.addWidget(Text(theme, why, "second", "t3", wrap=True))
    if is_cluster and row["n_labelled"] and row["n_unreviewed"]:
        count = row["n_unreviewed"]
        said = (
            f"{wording.accounts(count)} unreviewed: no label binds "
            f"{'it' if count == 1 else 'them'}, as happens to later joiners, so none is exported "
            "under one."
        )
        layout.addWidget(item(theme, "ph.user-plus", "amb", said, colour="amb"))


def _against(desk: Desk, dossier: Dossier) -> QWidget:
    theme = desk.theme
    box = QFrame()
    box.setProperty("card", "against")
    box.setAccessibleName("What speaks against it")
    inside = QVBoxLayout(box)
    inside.setContentsMargins(12, 10, 12, 12)
    inside.setSpacing(6)
    title = Text(theme, "What speaks against it", "head")
    inside.addLayout(headed(Icon(theme, "ph.scales", 16, "teal"), title))
    for message in dossier.finding.against:
        inside.addWidget(bullet(theme, _said(message), "teal"))
        if message.key == "fact.parts" and dossier.part:
            named = wording.accounts(len(dossier.part))
            inside.addLayout(_select(desk, dossier.part, f"Select the smaller part, {named}"))
    return box


def _add_signals(desk: Desk, layout: QVBoxLayout, dossier: Dossier) -> None:
    theme = desk.theme
    if not dossier.finding.signals:
        return
    is_cluster = "n_accounts" in dossier.row
    among = "ordinary groups" if is_cluster else wording.accounts(dossier.n_accounts)
    begin(theme, layout, "Signals", Text(theme, f"percentile among {among}", "axis", "t3"))
    signals = dossier.finding.signals
    for axis in Axis:
        rows = [signal for signal in signals if signal.axis is axis and signal.tested]
        _add_axis(theme, layout, axis, rows, dossier.titles)
    context = [signal for signal in signals if not signal.tested]
    if not context:
        return
    begin(theme, layout, "For context", Text(theme, "not part of the test", "axis", "t3"))
    for axis in Axis:
        rows = [signal for signal in context if signal.axis is axis]
        _add_axis(theme, layout, axis, rows, dossier.titles)


def _add_axis(
    theme: Theme,
    layout: QVBoxLayout,
    axis: Axis,
    rows: Sequence[Measured],
    titles: Mapping[str, str],
) -> None:
    """The rows of one axis under its name; nothing where there are none."""
    if not rows:
        return
    group = QVBoxLayout()
    group.setSpacing(2)
    group.addWidget(Text(theme, axis.value.capitalize(), "group", "t3"))
    for signal in rows:
        line = SignalRow(
            theme,
            titles.get(signal.signal, signal.signal),
            signal.percentile,
            bar_width=96,
            context=not signal.tested,
        )
        line.setToolTip(figures.tooltip(_said(signal.message)))
        group.addWidget(line)
    layout.addLayout(group)


def _closed(said: str) -> str:
    """A sentence that ends: a template from the log may not."""
    return said if said.endswith((".", "?", "!", "…")) else f"{said}."


def _said(message: Any) -> str:
    """A message in words, with text from logs made visible."""
    return figures.line(wording.text(message))
