"""The dossier's parts on how sure a finding is, and on what no log can show: plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.services import wording
from workbench.services.assurance import LIMITS, sure
from workbench.ui import figures
from workbench.ui.panels.page import begin, bullet, listed, opening
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout

    from workbench.domain.finding import Finding
    from workbench.ui.theme import Theme


def add_sure(theme: Theme, layout: QVBoxLayout, finding: Finding) -> None:
    """How sure, and compared with whom; nothing for an account."""
    said = sure(finding)
    if said:
        begin(theme, layout, "How sure, and compared with whom")
        layout.addWidget(listed(theme, said, "t3"))


def add_lookalike(
    theme: Theme, layout: QVBoxLayout, finding: Finding, distance: float | None
) -> None:
    """The nearest benign look-alike, and at a click every other that it was held against."""
    near = distance is not None and distance == distance
    note = Text(theme, f"distance {distance:.2f}", "second", "t2") if near else None
    begin(theme, layout, "Nearest look-alike", note)
    name = wording.lookalike(finding.nearest_lookalike)
    layout.addWidget(Text(theme, name[:1].upper() + name[1:], "strong"))
    if finding.lookalikes:
        said = [figures.line(wording.text(message)) for message in finding.lookalikes]
        every = listed(theme, said, "t3")
        opening(theme, layout, every, "Show every benign explanation", "Hide benign explanations")


def add_limits(theme: Theme, layout: QVBoxLayout) -> None:
    """What no log can show."""
    begin(theme, layout, "What logs cannot show")
    for said in LIMITS:
        layout.addWidget(bullet(theme, said, "t3"))
