"""``workbench export --share``: what it says, what it refuses, and that it says nothing more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_for_whom_and_what_to_read_before_it_leaves(
    harbour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "share"
    chosen = ("--cluster", "C-001")
    assert workbench("export", harbour, *chosen, "--share", "Partner", "--out", out) == 0
    ran = capsys.readouterr()
    assert f"Share edition: {out}" in ran.out
    assert "for Partner, key " in ran.out
    assert "DRAFT" in ran.out
    assert "key-00" not in ran.out + ran.err
    assert workbench("journal", harbour) == 0
    assert "share edition for Partner" in " ".join(capsys.readouterr().out.split())
    assert workbench("verify", out) == 0


def test_json_has_recipient_and_key(
    harbour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "share"
    options = ("--cluster", "C-001", "--share", "Partner", "--out", out, "--json")
    assert workbench("export", harbour, *options) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["recipient"] == "Partner"
    assert json.loads((out / "data/redactions.json").read_text())["key_id"] == told["key_id"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--share", "Partner", "--raw"), "--raw and --share exclude each other"),
        (("--share", ""), "A recipient has a name"),
        (("--name-analysts",), "--name-analysts is for --share"),
    ],
)
def test_what_does_not_fit_is_refused(
    harbour: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    said: str,
) -> None:
    out = tmp_path / "share"
    assert workbench("export", harbour, "--cluster", "C-001", "--out", out, *options) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not out.exists()
