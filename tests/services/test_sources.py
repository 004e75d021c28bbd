"""What an import may name: members of archives, archives in folders, and what is piped in."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.services.test_importing import PLAIN, exchanges, load, record, write
from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.progress import Job
from workbench.formats.place import Spooled
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_members_of_an_archive_are_files_of_their_own(workspace: Workspace, tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", *map(record, range(10))).read_bytes()
    two = one.replace(b'"r', b'"x')
    logs = _zip(tmp_path / "logs.zip", **{"a/one.jsonl": one, "two.jsonl": two, "README": b"Hello"})
    report = load(workspace, logs)
    assert [file.path for file in report.files] == [f"{logs}/a/one.jsonl", f"{logs}/two.jsonl"]
    assert all("in a zip archive of SHA-256 " in file.reason for file in report.files)
    assert report.total == Accounting(loaded=20)
    (doubt,) = report.doubts
    assert f"Passed over, no log: {logs}/README" in doubt.typed
    # The same log, unpacked, is the same log; so is the archive as a whole.
    (again,) = load(workspace, tmp_path / "one.jsonl").files
    assert again.already
    assert [file.already for file in load(workspace, logs).files] == [True, True]
    assert exchanges(workspace) == 20


def test_an_archive_in_a_folder_that_cannot_be_read_is_passed_over_and_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "one.jsonl", *map(record, range(3)))
    whole = _zip(tmp_path / "z", a=b"x" * 999)
    (folder / "cut.zip").write_bytes(whole.read_bytes()[:-9])
    report = load(workspace, folder)
    assert report.total == Accounting(loaded=3)
    assert "whose list of members cannot be read" in report.doubts[0].typed
    with pytest.raises(InputError, match="list of members"):
        load(workspace, folder / "cut.zip")


def test_in_a_folder_what_may_be_a_log_and_was_not_read_is_told_apart(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = write(folder / "log", record(1)).read_text("utf-8")
    (folder / "README.md").write_text("About these logs.")
    (folder / "utf16.jsonl").write_bytes(log.encode("utf-16"))
    first, second = (doubt.typed for doubt in load(workspace, folder).doubts)
    assert first.startswith(f"NOT READ, and may be a log: {folder}/utf16.jsonl is UTF-16 text.")
    assert "iconv" in first
    assert second.startswith(f"Passed over, no log: {folder}/README.md")


def test_what_is_piped_in_is_named_and_hashed(workspace: Workspace, tmp_path: Path) -> None:
    data = write(tmp_path / "one.jsonl", *map(record, range(10))).read_bytes()
    spooled = Spooled("standard input", io.BytesIO(data))
    (file,) = workspace.importing.run([spooled], Frame(), PLAIN, Job()).files
    assert (file.path, file.size) == ("standard input", len(data))
    (same,) = load(workspace, tmp_path / "one.jsonl").files
    assert same.already
    assert same.sha256 == file.sha256
