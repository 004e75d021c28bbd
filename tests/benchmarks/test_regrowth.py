"""The table of docs/fingerprints.md says what was found, and of whom."""

from __future__ import annotations

import pytest

from benchmarks.regrowth import CAMPAIGNS, DOCUMENT, Trial, alike, table

SETS = {"61": {"code": 0.6, "maths": 0.2}, "62": {"code": 0.1, "maths": 0.7}}


def trial(log: str, *, named: int, right: int, chance: float) -> Trial:
    return Trial(
        fingerprint="61", log=log, accounts=100, there=10, named=named, right=right, home=1.25,
        here=0.5, chance=chance, clusters=1, surer=2, surer_right=1,
    )  # fmt: skip


def test_what_two_campaigns_have_in_common() -> None:
    assert alike("61", "62", SETS) == pytest.approx(0.3)
    assert alike("61", "61", SETS) == pytest.approx(0.8)


def test_a_line_tells_its_own_from_others() -> None:
    lines = table(
        [
            trial("after 61", named=9, right=8, chance=1e-9),
            trial("few 62", named=2, right=1, chance=0.25),
            trial("benign 7", named=1, right=0, chance=0.5),
        ],
        SETS,
    )[2:]
    assert lines == [
        "| 61 | **regrowth of 61** | 80 % | 10 | 8 | 1 | 1.2 | 0.5 | < .0001 | 1 | 1 | 1 |",
        "| 61 | regrowth of 62, 10 accounts | 30 % | 10 | 1 | 1 | 1.2 | 0.5 | .2500 | 1 | 1 | 1 |",
        "| 61 | no campaign | 0 % | 10 | 0 | 1 | 1.2 | 0.5 | .5000 | 1 | 1 | 1 |",
    ]


def test_the_document_has_a_line_for_every_campaign() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert all(f"\n| {name} | **regrowth of {name}** |" in text for name in CAMPAIGNS)
