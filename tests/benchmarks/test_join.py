"""The benchmark of added tables on a case of a few exchanges: every figure, and nothing left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.join import measured
from tests.case.adding import LOG
from tests.case.made_up import add_file
from workbench.case.folder import Case

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_without_with_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    with Case.create(tmp_path / "a.case") as case:
        add_file(case, LOG)
    found = measured(tmp_path / "a.case", tmp_path, 1)
    assert found["without"].keys() == found["with"].keys() == found["after"].keys()
    assert {kind: one["matched"] for kind, one in found["added"].items()} == {
        "accounts": 3, "addresses": 3, "events": 1,
    }  # fmt: skip
    with Case.open(tmp_path / "a.case") as case:
        assert case.added.tables() == []
