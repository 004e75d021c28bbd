"""``workbench label`` as a person types it."""

from pathlib import Path

import pytest

from tests.command_line import workbench


@pytest.mark.parametrize("why", ["", " \t"])
def test_a_decision_without_a_reason_is_refused(
    why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--account", "a", "--as", "benign", "--why", why)
    assert workbench("label", tmp_path / "no.case", *asked) == 2
    assert "no reason" in capsys.readouterr().err
