"""``workbench reveal`` and ``quarantine`` as a person types them."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench


def test_hide_reveal_quarantine_undo(harbour: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("reveal", harbour, "--exchange", "0", "--why", "x") == 2
    assert "asks for no reveal" in capsys.readouterr().err
    assert workbench("settings", harbour, "--hide-prompts", "yes", "--why", "shared") == 0
    capsys.readouterr()
    assert workbench("explain", harbour, "--cluster", "C-001") == 0
    assert "step by step" not in capsys.readouterr().out
    assert workbench("reveal", harbour, "--cluster", "C-001", "--why", "ticket 12") == 0
    assert capsys.readouterr().out == "160 exchanges revealed to you; the journal says so.\n"
    assert workbench("quarantine", harbour, "--exchange", "0", "--why", "counsel", "--json") == 0
    put = json.loads(capsys.readouterr().out)
    assert put["quarantined"] == 1
    assert workbench("info", harbour) == 0
    said = capsys.readouterr().out
    assert f"(160 revealed to you), {put['in_quarantine']} in quarantine" in said
    assert workbench("info", harbour, "--json") == 0
    assert json.loads(capsys.readouterr().out)["texts"]["hidden"]
    assert workbench("rejects", harbour) == 0
    assert "none can name a reject" in capsys.readouterr().out
    assert workbench("undo", harbour) == 0
    assert workbench("info", harbour) == 0
    assert "in quarantine" not in capsys.readouterr().out


@pytest.mark.parametrize("command", ["reveal", "quarantine"])
def test_what_is_refused(harbour: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert workbench(command, harbour, "--why", "x") == 2
    assert "Nothing was named" in capsys.readouterr().err
    assert workbench(command, harbour, "--exchange", "0", "--why", " ") == 2
