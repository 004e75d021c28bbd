"""``workbench import``: what a person must say before anything is loaded."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.command_line import workbench
from workbench.domain.resources import sample_path


def test_the_samples_naive_log_asks_for_its_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = sample_path() / "log-litellm.csv.gz"
    case = tmp_path / "a.case"
    assert workbench("import", case, log) == 2
    # On a machine that is busy a step may be told before it.
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("workbench: ")]
    for part in ("log-litellm.csv.gz", "without a zone", "--zone UTC", "--zone none"):
        assert part in line
    assert not case.exists()
    assert workbench("import", case, log, "--zone", "UTC", "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["coerced"] == 0


def test_none_loads_naive_times_as_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    log.write_text('{"ts":"2026-05-01 12:00:00","prompt":"p"}\n')
    assert workbench("import", tmp_path / "a.case", log, "--zone", "none") == 0
    said = capsys.readouterr()
    assert "1 loaded; 1 field could not be read, so NULL" in said.out
    assert "1 time has no zone" in said.err


def test_a_slip_in_a_mapping_is_an_error_wherever_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    log.write_text('{"prompt":"p","key_id":"k"}\n')
    profile = tmp_path / "p.toml"
    profile.write_text('[mapping]\naccount_id = "KeyID"\n')
    case = tmp_path / "a.case"
    for how in (("--map", "account_id=KeyID"), ("--profile", profile)):
        assert workbench("import", case, log, *how) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "no record of its beginning has the field KeyID" in line
        assert "its fields are prompt, key_id. Nothing was imported. Did you mean key_id?" in line
        assert not case.exists()


class _Piped:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return not self.buffer.getbuffer()


def test_what_is_piped_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", _Piped(b'{"prompt":"one"}\n{"prompt":"two"}\n'))
    assert workbench("import", tmp_path / "a.case", "-", "-") == 0
    said = capsys.readouterr().out
    assert said == "standard input: canonical: 2 records = 2 loaded\n"
    monkeypatch.setattr(sys, "stdin", _Piped(b""))
    assert workbench("import", tmp_path / "b.case", "-") == 2
    assert "Nothing is piped in. Pipe a log in" in capsys.readouterr().err
    assert not (tmp_path / "b.case").exists()


def test_a_saved_profile_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, profile = tmp_path / "log", tmp_path / "p.toml"
    log.write_text('{"prompt":"p"}\n')
    assert workbench("import", tmp_path / "a.case", log, "--save-profile", profile, "--json") == 0
    said = capsys.readouterr()
    assert f"Saved format, zone and mapping as the profile {profile}.\n" in said.err
    assert json.loads(said.out)["total"]["loaded"] == 1
    assert profile.exists()


def test_a_file_that_was_read_otherwise_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, case = tmp_path / "log", tmp_path / "a.case"
    log.write_text('{"prompt":"p","evt":{"when":"soon","epoch":1777636800}}\n')
    assert workbench("import", case, log, "--map", "ts=evt.when") == 0
    capsys.readouterr()
    assert workbench("import", case, log, "--map", "ts=evt.epoch", "--json") == 2
    said = capsys.readouterr()
    assert not said.out
    assert "by the mapping ts=evt.when: nothing changed, and the mapping ts=evt.epoch was not" in (
        said.err
    )
    assert workbench("import", case, log, "--map", "ts=evt.when") == 0


def test_whoever_sees_rejects_is_told_where_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Few are nothing to doubt, and are looked at all the same; it is said once."""
    log, case = tmp_path / "log", tmp_path / "a.case"
    for bad in (0, 1, 40):
        good = (f'{{"prompt":"p{n} of {bad}","account_id":"k"}}\n' for n in range(30))
        log.write_text("".join(good) + "torn\n" * bad)
        assert workbench("import", case, log) == 0
        said = capsys.readouterr().err
        assert said.count("See: workbench rejects") == min(bad, 1)
        assert ("warning" in said) == (bad == 40)
        if bad:
            assert said.endswith(f"See: workbench rejects {case}\n")


def test_a_mapped_field_that_no_record_of_an_unknown_shape_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No format knows the log, so nothing but the mapping reads it: the slip must be named."""
    log, case = tmp_path / "own.log", tmp_path / "a.case"
    log.write_text('{"who":{"tok":"T"},"convo":[{"r":"sys","t":"s"},{"r":"human","t":"why"}]}\n')
    slip = ("--map", "prompt=convo[9].t")
    for how in (slip, (*slip, "--map", "account_id=who.tok")):
        assert workbench("import", case, log, *how) == 2
        said = capsys.readouterr().err
        assert "no record of its beginning has the field convo[9].t that is mapped to prompt" in (
            said
        )
        assert "its fields are who.tok, convo" in said
        assert "Did you mean convo[-1].t?" in said
        assert "no format that is known" not in said
    assert workbench("import", case, log, "--map", "prompt=convo[1].t") == 0
