"""Pictures of every view in both themes, from the sample case: ``make screenshots``.

    python -m benchmarks.screenshots FOLDER [--case CASE]

Without ``--case`` the sample logs are imported and analysed first. Off-screen, 1600 x 1000.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QDialog

from workbench.domain.label import Analyst, EntryKind, JournalEntry, Label
from workbench.services.reviewing import Conflict
from workbench.ui import app
from workbench.ui.dialogs.conflicts import ConflictsDialog
from workbench.ui.dialogs.import_logs import ImportDialog
from workbench.ui.dialogs.label_reason import LabelDialog
from workbench.ui.dialogs.match import MatchDialog
from workbench.ui.memory import Memory
from workbench.ui.theme import Theme, ThemeChoice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.services.matches import Taken
    from workbench.ui.main_window import MainWindow

THEMES = (ThemeChoice.DARK, ThemeChoice.LIGHT)
BELOW = ("timeline", "accounts", "prompts", "journal", "jobs")


def make_case(folder: Path) -> Path:
    """The sample case, imported and analysed."""
    from workbench.cli.demo import prepare

    case = folder / "sample.case"
    prepare(case)
    return case


def views(window: MainWindow, case: Path) -> Iterator[str]:
    """Bring each view up and give its name."""
    yield "start"
    window.cases.open(case)
    settle(window)
    yield "map"
    window.clusters.choose_first()
    settle(window)
    yield "explore"
    for name in BELOW[1:]:
        window.docks.go_to(name)
        settle(window)
        if name == "prompts":
            read_an_answer(window)
        yield name
    window.docks.go_to(BELOW[0])
    window.map.view.zoom_to_selection()
    settle(window)
    yield "zoomed"


def read_an_answer(window: MainWindow) -> None:
    """Choose a prompt, and one of the exchanges that carry it."""
    panel = window.prompts
    panel.search.setText("reasoning")
    app.wait_until(lambda: " found in " in panel.note.text() and window.is_settled)
    panel.table.selectRow(0)
    app.wait_until(lambda: panel.exchanges.model().rowCount() > 0 and window.is_settled)
    panel.exchanges.selectRow(0)
    app.wait_until(panel.account_button.isEnabled)
    settle(window)
    if not window.exporting.exhibits.chosen:
        window.exporting.toggle()


def dialogs(window: MainWindow, theme: Theme) -> Iterator[tuple[str, QDialog]]:
    """Open each dialog and give its name."""
    act = window.actions_
    for name in (
        "import",
        "tables",
        "analyse",
        "export",
        "merge",
        "sign-off",
        "quarantine",
        "fingerprint",
        "purge",
        "settings",
        "stamps",
        "shortcuts",
    ):
        act[name].trigger()
        app.wait_until(lambda: opened(window) is not None)
        settle(window)
        dialog = opened(window)
        assert dialog is not None
        yield name, dialog
        if isinstance(dialog, ImportDialog):
            yield from importing(window, dialog)
        dialog.reject()
        app.wait_until(lambda: opened(window) is None)
    bound = "Binds the 116 accounts that belong to it now. Who joins later stays unreviewed."
    label = LabelDialog(theme, "C-001", bound, Label.CONFIRMED, window)
    label.reason.setPlainText("One list of questions, pairs of payers; billing checked.")
    label.open()
    yield "label", label
    label.reject()
    yield from matching(window)
    conflicts = ConflictsDialog(theme, [made_up_conflict()], window)
    conflicts.why.setText("The contract is signed, and the cards are theirs.")
    conflicts.open()
    yield "conflicts", conflicts
    conflicts.reject()


def matching(window: MainWindow) -> Iterator[tuple[str, QDialog]]:
    """The fingerprint of the first cluster, looked for where it was taken."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        file = Path(name) / "harbour.fingerprint.json"
        taken: list[Taken] = []
        window.session.run(
            "Taking a fingerprint",
            lambda workspace, job: workspace.fingerprinting.take("C-001", file, job),
            taken.append,
        )
        app.wait_until(lambda: bool(taken))
        window.matching.ask()
        dialog = opened(window)
        assert isinstance(dialog, MatchDialog)
        dialog.take([file])
        dialog.act()
        app.wait_until(lambda: dialog.model.rowCount() > 0)
        settle(window)
        yield "match", dialog
        dialog.reject()


def made_up_conflict() -> Conflict:
    """Two analysts on 44 accounts: the sample case has one."""
    at_us = 1_779_876_000_000_000  # 2026-05-27 10:00 UTC
    said = (
        ("Ben Ode", Label.SUSPECTED, "One list of questions, pairs of payers; billing is open."),
        ("Mara Quint", Label.BENIGN, "A reseller of ours: contract 2025-118, asked sales."),
    )
    entries = tuple(
        JournalEntry(
            digest=f"{number:064x}",
            previous="0" * 64,
            number=number,
            kind=EntryKind.LABEL,
            at_us=at_us + number * 3_600_000_000,
            analyst=Analyst(f"SHA256:{'q8ZtT3nG2yYv1WqS'[number:]}", name),
            body={"label": label.value, "why": why},
        )
        for number, (name, label, why) in enumerate(said, 1)
    )
    return Conflict(tuple(f"key::key_{number:04x}7c2a5d1e" for number in range(44)), entries)


def importing(window: MainWindow, dialog: ImportDialog) -> Iterator[tuple[str, QDialog]]:
    """A log of a shape that no format knows."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        log = Path(name) / "gateway.jsonl"
        log.write_text("\n".join(json.dumps(unknown_record(n)) for n in range(40)))
        dialog.add_files((log,))
        app.wait_until(lambda: "prompt" in dialog.fields.mapping and dialog.primary.isEnabled())
        dialog.act()
        settle(window)
        yield "fields", dialog


def unknown_record(number: int) -> dict[str, object]:
    """An exchange as no provider and no gateway writes it; the third one's time is no time."""
    return {
        "key": {"alias": f"team-{number % 4}", "created": "2026-04-02T08:00:00Z"},
        "timestamp": "yesterday" if number == 2 else f"2026-05-01T12:{number:02d}:15Z",
        "client": {"ip": f"198.51.100.{number}", "agent": "sdk/1.2"},
        "asked": [{"prompt": f"Grade answer {number} by the rubric, step by step."}],
        "reply": {"text": "First, the claim is restated.", "tokens": 211 + number},
    }


def opened(window: MainWindow) -> QDialog | None:
    """The dialog that is open, or None."""
    found = [d for d in window.findChildren(QDialog) if d.isVisible()]
    return found[0] if found else None


def settle(window: MainWindow) -> None:
    """Wait until nothing that a person sees is on its way."""
    app.wait_until(lambda: window.is_settled)
    for _ in range(3):
        QApplication.processEvents()


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--case", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        os.environ.setdefault("WORKBENCH_CONFIG", f"{name}/config")
        case = asked.case or make_case(Path(name))
        application = app.make_application()
        for choice in THEMES:
            theme = Theme(application, choice=choice, reduced_motion=True)
            window = app.build(theme, Memory(Path(name) / choice.value))
            window.resize(1600, 1000)
            window.show()
            for view in views(window, case):
                save(window.grab(), asked.folder, view, choice)
            for view, dialog in dialogs(window, theme):
                save(dialog.grab(), asked.folder, f"dialog-{view}", choice)
            window.close()
    return 0


def save(picture: object, folder: Path, view: str, choice: ThemeChoice) -> None:
    """Keep a picture as ``VIEW-THEME.png``."""
    path = folder / f"{view}-{choice.value}.png"
    picture.save(str(path))  # type: ignore[attr-defined]
    print(path, flush=True)


if __name__ == "__main__":
    sys.exit(main())
