"""The front door: exit codes, worded errors, and `workbench CASE`."""

import re
from pathlib import Path

import pytest

from workbench.cli import output
from workbench.cli.display import has_screen
from workbench.cli.main import run
from workbench.domain.errors import (
    CancelledError,
    CaseError,
    InputError,
    NotAssessedError,
    VerificationError,
)


class _Window:
    """Records what was asked of it, or raises."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.opened: list[Path | None] = []

    def open(self, case: Path | None) -> int:
        if self.error is not None:
            raise self.error
        self.opened.append(case)
        return 0

    def grab(self, case: Path, picture: Path) -> None:
        raise AssertionError


def test_a_case_alone_opens_the_window(tmp_path: Path) -> None:
    window = _Window()
    assert run([str(tmp_path)], window) == 0
    assert run([], window) == 0
    assert window.opened == [tmp_path, None]


def test_the_list_of_commands_cuts_no_sentence_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"], _Window()) == 0
    said = capsys.readouterr().out
    listed = said[said.index("Commands:") :]
    assert "  import " in listed
    assert "..." not in listed
    # A name and a sentence, which may go on in the next lines.
    for entry in re.split(r"\n  (?=\S)", listed)[1:]:
        assert entry.rstrip().endswith("."), entry


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["improt", "a.case", "x"], "improt is no command and no case: did you mean import?"),
        (["qqqq"], "qqqq is no command and no case: workbench --help lists the commands."),
    ],
)
def test_a_first_word_that_is_neither_command_nor_case_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    window = _Window()
    assert run(arguments, window) == 2
    assert capsys.readouterr().err == f"workbench: {said}\n"
    assert window.opened == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyse", "a", "--q", "7"], "--q must be 1 at most. See: workbench analyse --help"),
        (["analyse", "a", "--q", "-1"], "--q must be 0 at least. See: workbench analyse --help"),
        (["analyse", "a", "--q", "x"], "--q must be a number. See: workbench analyse --help"),
        (
            ["analyse", "a", "--seed", "x"],
            "--seed must be a whole number. See: workbench analyse --help",
        ),
        (
            ["label", "a", "--as", "guilty", "--why", "x"],
            "--as: 'guilty' is not one of 'confirmed', 'suspected', 'benign', 'needs-review'. "
            "See: workbench label --help",
        ),
    ],
)
def test_a_wrong_value_is_said_in_our_words(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments, _Window()) == 2
    assert capsys.readouterr().err == f"workbench: {said}\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("No such file."), 2),
        (CaseError("Not a case."), 2),
        (NotAssessedError("No column ip."), 1),
        (VerificationError("data/report.pdf was changed."), 1),
        (CancelledError(), 130),
    ],
)
def test_each_kind_of_error_has_its_exit_code_and_one_line(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["window"], _Window(error)) == code
    said = capsys.readouterr().err
    assert said.startswith("workbench: ")
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_a_bug_writes_a_report_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["window"], _Window(ZeroDivisionError("ours"))) == 70
    (report,) = tmp_path.glob("workbench-bug-*.txt")
    assert "ZeroDivisionError: ours" in report.read_text("utf-8")
    assert str(report) in capsys.readouterr().err


def test_a_report_of_a_bug_holds_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(address: str) -> None:
        raise ZeroDivisionError(address)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.formats.postgres.tables_at", stumble)
    address = "postgresql://ann:x77 'y88@h/d"
    assert run(["import", "a.case", address], _Window(AssertionError())) == 70
    text = next(tmp_path.glob("workbench-bug-*.txt")).read_text("utf-8")
    assert "ZeroDivisionError: postgresql://ann:***@h/d" in text
    assert "x77" not in text
    assert "y88" not in text


def test_hostile_text_in_an_error_drives_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    run(["window"], _Window(InputError("\x1b[31mred\u202e.jsonl is empty.")))
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "<U+202E>" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["label", "x.case"],
        ["label", "x.case", "--cluster", "C-001", "--as", "guilty", "--why", "x"],
        ["clusters", "--what"],
        ["analyse", "x.case", "--q", "7"],
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments, _Window()) == 2
    said = capsys.readouterr().err
    assert said.startswith("workbench: ")
    assert said.count("\n") == 1, "one line"
    assert said.endswith(f"See: workbench {arguments[0]} --help\n")


def test_a_folder_that_is_no_case_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["clusters", str(tmp_path)], _Window()) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"], _Window()) == 0
    assert capsys.readouterr().out.startswith("workbench ")


def test_without_a_display_the_remedy_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert run(["window"], _Window()) == 2
    assert "make demo" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "seen"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "minimal:enable_fonts"}, False),
        ({"QT_QPA_PLATFORM": "xcb"}, True),
    ],
)
def test_the_demo_opens_a_window_only_where_somebody_sees_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], seen: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_screen() is seen


def test_commands_in_messages_name_the_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a shell takes it, and not that of another run."""
    log = tmp_path / "log.jsonl"
    log.write_text('{"account_id": "k", "prompt": "p"}\n{"x": 1}\n')
    for name, typed in (("a.case", "{}/a.case"), ("a b.case", "'{}/a b.case'")):
        case = str(tmp_path / name)
        assert run(["import", case, str(log)], _Window()) == 0
        told = typed.format(tmp_path)
        assert f"See: workbench rejects {told}\n" in capsys.readouterr().err
        assert run(["explain", case, "--account", "k"], _Window()) == 1
        assert f"Run: workbench analyse {told}\n" in capsys.readouterr().err
        assert run(["accounts", case], _Window()) == 0
        assert f"Run: workbench analyse {told}\n" in capsys.readouterr().out
    assert output.with_case("Run: workbench analyse CASE") == "Run: workbench analyse CASE"
