"""Profiles at the command line: kept by name, found again, never used unasked."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench
from workbench.services import log_formats
from workbench.services.log_formats import Profile


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "odd.jsonl"
    path.write_text('{"who":"a","asked":"q"}\n')
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "a.case"


def keep(name: str, **mapping: str) -> Path:
    path = log_formats.profile_to_save(Path(name))
    log_formats.save_profile(Profile(name, "", "", mapping), path)
    return path


def test_a_refusal_names_the_saved_profiles_that_fit(
    case: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("import", case, log) == 2
    assert "profile" not in capsys.readouterr().err
    keep("our gateway", prompt="asked", account_id="who")
    keep("other", prompt="no.such")
    (log_formats.profiles_folder() / "spoilt.toml").write_text("no = ")
    assert workbench("import", case, log) == 2
    said = capsys.readouterr().err
    assert said.rstrip().endswith("A saved profile fits: --profile 'our gateway'.")
    assert "Nothing was imported." in said
    assert not case.exists(), "not used unasked"
    keep("second", prompt="asked")
    assert workbench("import", case, log, "--preview", "--json") == 0
    stops = json.loads(capsys.readouterr().out)["stops"]
    assert stops.endswith("Saved profiles fit: --profile 'our gateway', --profile second.")
    assert workbench("import", case, log, "--profile", "our gateway", "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["loaded"] == 1


def test_a_name_alone_is_kept_where_it_is_found_again(
    case: Path,
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    mapping = ("--map", "prompt=asked")
    assert workbench("import", case, log, *mapping, "--save-profile", "gateway") == 0
    kept = log_formats.profiles_folder() / "gateway.toml"
    assert f"as the profile {kept}." in capsys.readouterr().err
    assert log_formats.load_profile(kept).mapping == {"prompt": "asked"}
    assert log_formats.profile_at(Path("gateway")) == kept
    Path("gateway").write_text("")
    assert log_formats.profile_at(Path("gateway")) == Path("gateway"), "a file that is there"
    for path in ("p.toml", "./gateway2", "folder/p"):
        assert log_formats.profile_to_save(Path(path)) == Path(path) or path.startswith("./")
    assert log_formats.profile_at(Path("none")) == Path("none")
    assert workbench("import", case, log, "--profile", tmp_path / "none") == 2
    assert "none cannot be read" in capsys.readouterr().err


def test_a_name_that_none_has_is_answered_with_those_that_are_kept(
    case: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("import", case, log, "--profile", "nosuch") == 2
    said = capsys.readouterr().err
    assert "nosuch is neither a file here nor a profile that is kept." in said
    assert said.endswith("None is kept yet: --save-profile NAME keeps one.\n")
    keep("our gateway", prompt="asked")
    keep("edge", prompt="asked")
    assert workbench("import", case, log, "--profile", "nosuch", "--preview") == 2
    assert capsys.readouterr().err.endswith("Profiles that are kept: edge, 'our gateway'.\n")


def test_in_a_folder_the_warning_names_them(
    case: Path, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep("gateway", prompt="asked")
    folder = tmp_path / "logs"
    folder.mkdir()
    log.rename(folder / "odd")
    (folder / "good").write_text('{"prompt":"p","account_id":"k"}\n')
    assert workbench("import", case, folder) == 0
    said = capsys.readouterr().err
    assert "NOT READ, and may be a log" in said
    assert "A saved profile fits: --profile gateway." in said
