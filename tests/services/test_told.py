"""What persons have decided stands at the head of what is explained."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.domain.finding import Finding, Verdict
from workbench.services.told import Told, standing


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"label": None, "unreviewed": False}, "No person has labelled it."),
        ({"label": "benign", "unreviewed": False}, "Labelled benign by a person."),
        (
            {"label": None, "unreviewed": True},
            "Unreviewed: others of its cluster are labelled, it is not.",
        ),
        ({"label": None, "n_labelled": 0, "n_unreviewed": 7}, "No person has labelled it."),
        (
            {"label": "confirmed", "n_labelled": 7, "n_unreviewed": 0},
            "Labelled confirmed by a person: 7 of its 7 accounts.",
        ),
        (
            {"label": "mixed", "n_labelled": 1_200, "n_unreviewed": 8},
            "Labelled with different labels: 1,200 of its 1,208 accounts; 8 unreviewed, as are "
            "those who join after a label.",
        ),
        (
            {"label": "suspected", "n_labelled": 1, "n_unreviewed": 0},
            "Labelled suspected by a person: 1 of its 1 account.",
        ),
    ],
)
def test_what_persons_decided(row: dict[str, Any], said: str) -> None:
    assert standing(row) == said


def test_it_stands_at_the_head_and_what_was_lost_is_told() -> None:
    finding = Finding("C-001", Verdict.TRIAGE, 0.4, 0.2, q_nominal=True)
    told = Told(finding, {}, standing="No person has labelled it.", delivered=(("Refusals", "3"),))
    lines = told.lines()
    assert lines.index("No person has labelled it.") == 2
    assert "  Refusals: 3" in lines
    assert any("workbench loss CASE --cluster C-001" in line for line in lines)
    assert told.as_dict()["delivered"] == {"Refusals": "3"}
    assert "What was delivered" not in " ".join(Told(finding, {}).lines())
