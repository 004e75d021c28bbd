"""The table of what examinations say of campaigns and of benign groups."""

from __future__ import annotations

from benchmarks.examined import EXAMINED, FIRM, LIKE_MINDED, PLANTED, Count, table


def count(kind: str, fact: str, seed: int, **said: int) -> Count:
    every = {"groups": 3, "assessed": 3, "low": 0, "speaks_for": 0, "against": 0}
    return Count("hydra", seed, kind, fact, **(every | said))


def test_cases_are_added_up_and_what_was_not_assessed_is_no_zero() -> None:
    lines = table(
        [
            count(PLANTED, "depth", 1, speaks_for=2, low=2),
            count(PLANTED, "depth", 2, speaks_for=1, low=1, groups=4),
            count(LIKE_MINDED, "depth", 1, against=1),
            count(FIRM, "depth", 1, assessed=0),
        ]
    )
    assert len(lines) == 2 + len(EXAMINED)
    assert lines[3] == "| `depth` | 3, 0 of 6 (3) | 0, 1 of 3 (0) | - | - |"
    assert lines[2] == "| `coverage_curve` | - | - | - | - |"
