"""The document of threats names tests that are there, and every test of threats is named."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)


def test_every_test_that_is_named_is_there() -> None:
    assert len(NAMED) > 20
    for path, name in NAMED:
        assert (ROOT / path).is_file(), path
        source = (ROOT / path).read_text("utf-8")
        assert not name or f"def {name}(" in source, f"{path}::{name}"


def test_every_threat_has_its_test() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and "| test |" not in line]
    without = [row for row in rows if "`tests/" not in row]
    assert [row.split("|")[1].strip() for row in without] == ["known weaknesses of a package"]


def test_every_file_of_threats_is_named() -> None:
    here = {f"tests/threats/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert here - {"tests/threats/test_documented.py"} <= {path for path, _ in NAMED}
