"""The dossier's part on what was looked at more closely: the curve, what speaks, what does not.

What speaks for coordinated harvesting stands in full; the rest is named and opens at a click.
What speaks against is not here: it stands with what else does, above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.services import wording
from workbench.services.examined import curve_of, looked
from workbench.ui import figures
from workbench.ui.panels.coverage_chart import CoverageChart, can_draw
from workbench.ui.panels.page import begin, listed, opening
from workbench.ui.widgets import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout

    from workbench.domain.finding import Finding
    from workbench.domain.signal import Message
    from workbench.ui.desk import Desk

_SHOW, _HIDE = "Show what was measured", "Hide what was measured"


def add_looked(desk: Desk, layout: QVBoxLayout, finding: Finding, cluster_id: str | None) -> None:
    """Add the part; nothing where nothing was looked at.

    Args:
        desk: What views share.
        layout: Of the page.
        finding: Whose facts.
        cluster_id: For the colour of the curve.
    """
    theme, told = desk.theme, looked(finding)
    if not finding.examined:
        return
    begin(theme, layout, "Looked at more closely")
    curve = curve_of(finding)
    if can_draw(curve):
        layout.addWidget(Text(theme, "Different prompts, by prompts sent", "group", "t3"))
        layout.addWidget(CoverageChart(theme, curve, desk.colours.rank(cluster_id)))
        note = "Grey: 5 to 95 % of groups of other accounts; dashed: their median."
        layout.addWidget(Text(theme, note, "axis", "t3", wrap=True))
    if told.speaking:
        layout.addWidget(listed(theme, map(_said, told.speaking), "red"))
    for message in told.named:
        layout.addWidget(Text(theme, _said(message), "second", "t2", wrap=True))
    if told.quiet:
        opening(theme, layout, listed(theme, map(_said, told.quiet), "t3"), _SHOW, _HIDE)


def _said(message: Message) -> str:
    return figures.line(wording.text(message))
