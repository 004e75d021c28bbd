"""``workbench export`` and ``workbench verify`` as a person types them."""

import json
from pathlib import Path

import pytest

from tests.command_line import workbench


def test_export_then_verify(
    harbour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bundle"
    assert workbench("export", harbour, "--cluster", "C-001", "--out", out, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["accounts"] == 8
    assert report["verified"] == "intact, signer trusted"
    assert report["drafts"] == ["C-001"]

    assert workbench("verify", out) == 0
    said = capsys.readouterr().out
    assert "intact, signer unknown" in said
    assert report["signer"] in said
    assert "by another way" in said

    assert workbench("verify", out, "--trust", report["signer"], "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "intact, signer trusted"
    assert found["case_digest"] == report["case_digest"]

    with (out / "data" / "labels.jsonl").open("ab") as file:
        file.write(b"{}\n")
    assert workbench("verify", out) == 1
    said = capsys.readouterr().out
    assert said.startswith("data/labels.jsonl: changed\n")
    assert "not intact" in said

    assert workbench("verify", out, "--json") == 1
    assert json.loads(capsys.readouterr().out)["problems"][0] == {
        "item": "data/labels.jsonl",
        "trouble": "changed",
        "detail": "",
    }


def test_export_says_what_it_wrote(
    harbour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("export", harbour, "--account", "key-013", "--out", tmp_path / "b") == 0
    said = capsys.readouterr().out
    assert "1 account, 20 exchanges" in said
    # Nothing is claimed of accounts in no cluster: there is nothing to confirm.
    assert "DRAFT" not in said
    assert workbench("export", harbour, "--cluster", "C-001", "--out", tmp_path / "c") == 0
    assert "DRAFT: nobody has confirmed C-001." in capsys.readouterr().out
    assert workbench("journal", harbour, "--json") == 0
    journal = capsys.readouterr().out
    assert f"Exported 1 account to {tmp_path / 'b'}" in journal
    assert f"Exported C-001, 8 accounts to {tmp_path / 'c'}" in journal


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "export takes clusters, one label, or accounts"),
        (("--cluster", "C-001", "--label", "benign"), "export takes clusters"),
        (("--cluster", "C-404"), "no cluster C-404"),
        (("--cluster", "C-001", "--tlp", "secret"), "no TLP mark"),
        (("--cluster", "C-001", "--sign-with", "nokey"), "nokey"),
        (("--label", "nonsense"), "nonsense"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    harbour: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    assert workbench("export", harbour, *arguments, "--out", tmp_path / "b") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not (tmp_path / "b").exists()


def test_an_existing_folder_is_not_touched(
    harbour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b").mkdir()
    assert workbench("export", harbour, "--cluster", "C-001", "--out", tmp_path / "b") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "exists already" in line
    assert not list((tmp_path / "b").iterdir())


def test_a_label_that_stands_nowhere_is_a_no(
    harbour: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench("export", harbour, "--label", "benign", "--out", tmp_path / "b") == 1
    assert "stands on no account" in capsys.readouterr().err


def test_what_is_no_bundle_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        assert workbench("verify", path) == 2
    assert "not a bundle" in capsys.readouterr().err
    assert workbench("verify", tmp_path, "--trust", "me") == 2
    assert "not a fingerprint" in capsys.readouterr().err
