"""``workbench clusters`` and ``workbench accounts`` as a person types them."""

from pathlib import Path

import pytest

from tests.command_line import workbench
from tests.services.planted import plant
from workbench.services.workspace import Workspace


def test_where_none_was_found_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = plant(n_clusters=0).fill(tmp_path / "quiet.case")
    assert workbench("clusters", case) == 0
    assert capsys.readouterr().out.strip() == "No clusters: the analysis found none."


@pytest.mark.parametrize("command", ["clusters", "accounts"])
def test_before_the_analysis_it_says_what_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Workspace.create(tmp_path / "raw.case").close()
    assert workbench(command, tmp_path / "raw.case") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"No {command}. Import logs, then run: workbench analyse")
