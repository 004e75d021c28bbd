"""What a report says of its subjects, held against the lines that give the exact values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from workbench.bundle.report_data import report_data
from workbench.domain.text import probability_text

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from workbench.bundle.content import BundleContent

#: Fields of a subject whose sentences come from a finding.
SENTENCES = (
    "story", "sentences", "against", "looked", "sure", "lookalikes", "check_next",
)  # fmt: skip
_DIGIT = re.compile(r"\d")


def lines_of(bundle: Path) -> list[dict[str, Any]]:
    path = bundle / "data" / "statements.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def untraced(content: BundleContent, lines: list[dict[str, Any]]) -> list[str]:
    """Numbers that a report prints of its subjects and no line has; empty where all are traced."""
    found = []
    for subject, printed in zip(
        content.subjects, report_data(content, ())["subjects"], strict=True
    ):
        own = [line for line in lines if line["subject"] == subject.id]
        texts = {line["text"]: line for line in own if line["text"]}
        for field in SENTENCES:
            found += [
                f"{field}: {text}"
                for text in printed[field]
                if _DIGIT.search(text) and not texts.get(text, {}).get("values")
            ]
        rows = {(line["part"], line["of"]): line["values"] for line in own if not line["text"]}
        for axis in printed["axes"]:
            exact = rows.get(("axes", axis["name"]), {}).get("p")
            said = "not assessed" if exact is None else probability_text(exact)
            if said != axis["p"]:
                found.append(f"axis {axis['name']}: {axis['p']}, exactly {exact}")
        for signal in printed["signals"]:
            part = "measures" if subject.is_cluster else "signals"
            exact = rows.get((part, signal["title"]))
            if signal["value"] and (exact is None or exact["percentile"] != signal["percentile"]):
                found.append(f"{part} {signal['title']}: {signal['value']}, exactly {exact}")
        for fact in printed["facts"]:
            exact = rows.get(("looked at more closely", fact["title"]))
            p = "-" if not exact or exact.get("p") is None else probability_text(exact["p"])
            if exact is None or p != fact["p"]:
                found.append(f"{fact['title']}: p {fact['p']}, exactly {exact}")
        standing = rows[("standing", subject.id if subject.is_cluster else own[0]["of"])]
        if standing["n_exchanges"] != subject.n_exchanges:
            found.append(f"exchanges: {subject.n_exchanges}, exactly {standing['n_exchanges']}")
    return found
