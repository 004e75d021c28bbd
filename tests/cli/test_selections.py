"""``workbench select`` and ``workbench selections`` as a person types them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command_line import workbench
from tests.services.planted import plant


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant().fill(tmp_path_factory.mktemp("planted") / "harbour.case")


@pytest.fixture
def case(planted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(planted, tmp_path / "harbour.case"))


def test_select_list_forget(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workbench("selections", case) == 0
    assert "No selection was saved" in capsys.readouterr().out
    asked = ("--cluster", "C-001", "--account", "key-00020", "--account", "key-0001f")
    assert workbench("select", case, "--name", "first wave", *asked) == 0
    assert "first wave: 9 accounts" in capsys.readouterr().out
    assert workbench("selections", case, "--json") == 0
    (kept,) = json.loads(capsys.readouterr().out)["selections"]
    assert kept["name"] == "first wave"
    assert len(kept["accounts"]) == kept["n_accounts"] == 9
    assert "key:gateway:key-00020" in kept["accounts"]
    assert workbench("selections", case) == 0
    assert "first wave" in capsys.readouterr().out
    assert workbench("selections", case, "--forget", "first wave", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"selections": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("select", "--name", "x"), "takes accounts or clusters"),
        (("select", "--name", "x", "--cluster", "C-404"), "no cluster C-404"),
        (("select", "--name", "x", "--account", "nobody"), "no account nobody"),
        (("select", "--name", " ", "--cluster", "C-001"), "no name"),
        (("selections", "--forget", "none"), "no saved selection none"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(
    case: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    command, *rest = arguments
    assert workbench(command, case, *rest) == 2
    assert said in capsys.readouterr().err


def test_a_name_given_twice_means_the_newer_and_says_so(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for cluster in ("C-001", "C-002"):
        assert workbench("select", case, "--name", "team", "--cluster", cluster) == 0
    first, second = capsys.readouterr().out.split("Saved")[1:]
    assert "older" not in first
    assert "An older one has the same name" in second
