"""The table of signals in docs/detection.md is what the code measures.

    python -m tests.architecture.test_signals_documented

writes it anew, from each signal's SPEC.
"""

from __future__ import annotations

import re
from pathlib import Path

from workbench.analysis.signals.stage import SIGNALS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "detection.md"
BETWEEN = re.compile(r"(<!-- signals: begin -->\n)(.*?)(<!-- signals: end -->)", re.DOTALL)
HEAD = "| signal | axis | value | unit | needs | source | evaded by | in the test |\n"


def table() -> str:
    """One row a signal, in the order in which they are measured."""
    rows = [HEAD, "|---|---|---|---|---|---|---|---|\n"]
    for signal in SIGNALS:
        spec = signal.SPEC
        needs = (", " if spec.needs_all else " or ").join(spec.needs)
        cells = (
            f"{spec.title} (`{spec.name}`)",
            spec.axis.value,
            spec.formula.rstrip("."),
            spec.unit or "number",
            needs,
            spec.source,
            spec.evades.rstrip("."),
            "yes" if spec.tested else "context",
        )
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(rows)


def test_the_page_says_what_the_code_measures() -> None:
    found = BETWEEN.search(PAGE.read_text("utf-8"))
    assert found
    assert found[2] == table(), "run python -m tests.architecture.test_signals_documented"


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    PAGE.write_text(BETWEEN.sub(lambda found: found[1] + table() + found[3], text), "utf-8")
