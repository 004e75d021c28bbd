"""Logs that somebody writes to, replaces or takes away while they are read, and disks that fail
or stall.

Whatever happens to a source, the import says which file it was and loads nothing of any.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import threading
import zipfile
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from workbench.domain.added import AddedKind
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.attendant import Wait
from workbench.formats.place import OnDisk
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.domain.progress import Progress
    from workbench.formats.place import Raw

LINES = [
    b'{"request_id":"r%d","account_id":"k","ts":"2026-05-01T12:00:00Z","prompt":"%d"}' % (i, i)
    for i in range(3_000)
]
WHOLE = b"\n".join(LINES) + b"\n"


def plain(path: Path) -> None:
    path.write_bytes(WHOLE)


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(WHOLE))


def archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("inside.jsonl", WHOLE)


def columns(path: Path) -> None:
    ids = pa.array([f"r{i}" for i in range(3_000)])
    pq.write_table(pa.table({"request_id": ids, "account_id": ids, "prompt": ids}), path)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(LINES[0].replace(b"r0", b"later") + b"\n")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """As many bytes as before: only the time of writing tells."""
    with path.open("r+b") as file:
        file.seek(40)
        file.write(b"#")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


class Meanwhile:
    """Listens to an import, and does something once it reads a file."""

    def __init__(self, act: Callable[[], None], *, name: str) -> None:
        self._act = act
        self._step = f"Reading {name}"
        self.done = False

    def __call__(self, progress: Progress) -> None:
        if progress.step == self._step and not self.done:
            self.done = True
            self._act()


@pytest.mark.parametrize("act", [append, cut, overwrite, replace, os.unlink])
@pytest.mark.parametrize("make", [plain, packed, archive, columns])
def test_a_source_that_changes_while_it_is_read_loads_nothing(
    tmp_path: Path, make: Callable[[Path], None], act: Callable[[Path], None]
) -> None:
    log = tmp_path / "log"
    make(log)
    with Workspace.create(tmp_path / "a.case") as workspace:
        before = workspace.importing.provenance.info().as_dict()
        meanwhile = Meanwhile(lambda: act(log), name="inside.jsonl" if make is archive else "log")
        with pytest.raises(InputError) as caught:
            workspace.importing.run([log], Frame(), ReadOptions(), Job(meanwhile))
        assert meanwhile.done
        assert str(log) in caught.value.fact
        assert caught.value.remedy
        assert workspace.importing.provenance.info().as_dict() == before


@pytest.mark.parametrize("act", [append, cut, overwrite, replace, os.unlink])
@pytest.mark.parametrize("packing", ["", "gzip", "parquet"])
def test_a_table_that_changes_while_it_is_added_fills_nothing(
    tmp_path: Path, packing: str, act: Callable[[Path], None]
) -> None:
    log, table = tmp_path / "log.jsonl", tmp_path / "accounts"
    plain(log)
    rows = "".join(f"key_{n},example.org\n" for n in range(9_000))
    text = f"account_id,email_domain\n{rows}".encode()
    if packing == "parquet":
        pq.write_table(csv.read_csv(io.BytesIO(text)), table)
    else:
        table.write_bytes(gzip.compress(text) if packing else text)
    with Workspace.create(tmp_path / "a.case") as workspace:
        workspace.importing.run([log], Frame(), ReadOptions(), Job())
        meanwhile = Meanwhile(lambda: act(table), name="accounts")
        with pytest.raises(InputError, match="changed or went away while it was read") as caught:
            workspace.joining.add(AddedKind.ACCOUNTS, table, Job(meanwhile))
        assert meanwhile.done
        assert str(table) in caught.value.fact
        assert "Nothing was added" in str(caught.value.safe)
        assert workspace.joining.tables() == ()


def test_files_that_were_whole_go_back_with_the_one_that_changed(tmp_path: Path) -> None:
    first, log = tmp_path / "first.jsonl", tmp_path / "log.jsonl"
    plain(first)
    log.write_bytes(WHOLE.replace(b'"r', b'"s'))
    with Workspace.create(tmp_path / "a.case") as workspace:
        importing = workspace.importing
        meanwhile = Meanwhile(lambda: append(log), name="log.jsonl")
        with pytest.raises(InputError, match=r"log\.jsonl changed or went away while it was read"):
            importing.run([first, log], Frame(), ReadOptions(), Job(meanwhile))
        assert importing.provenance.info().counts["exchanges"] == 0
        # Left alone, both load.
        report = importing.run([first, log], Frame(), ReadOptions(), Job())
        assert report.total.loaded == 2 * len(LINES) + 1


class Failing(OnDisk):
    """A file in a folder on the network, which is lost after some bytes."""

    def __init__(self, path: Path, number: int, after: int) -> None:
        super().__init__(path)
        self._number = number
        self._after = after

    def open(self) -> Raw:
        return _Lost(super().open(), self._number, self._after)


class _Lost(io.RawIOBase):
    def __init__(self, raw: Raw, number: int, after: int) -> None:
        super().__init__()
        self._raw = raw
        self._number = number
        self._left = after

    def read(self, size: int = -1, /) -> bytes | None:
        if self._left <= 0:
            raise OSError(self._number, os.strerror(self._number))
        data = self._raw.read(min(size, self._left)) or b""
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._raw.close()
        super().close()


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
@pytest.mark.parametrize("after", [2, 100, len(WHOLE) // 2, len(WHOLE)])
def test_a_folder_on_the_network_that_is_lost(tmp_path: Path, number: int, after: int) -> None:
    log = tmp_path / "log.jsonl"
    plain(log)
    with Workspace.create(tmp_path / "a.case") as workspace:
        before = workspace.importing.provenance.info().as_dict()
        with pytest.raises(InputError, match=r"log\.jsonl stopped reading at byte") as caught:
            workspace.importing.run([Failing(log, number, after)], Frame(), ReadOptions(), Job())
        assert os.strerror(number) in str(caught.value)
        assert workspace.importing.provenance.info().as_dict() == before


class Stalling(OnDisk):
    """A file in a folder on the network, which answers only now and then.

    Args:
        path: The file.
        after: It answers for so many looks at it, and then no more.
    """

    def __init__(self, path: Path, after: int = 0) -> None:
        super().__init__(path)
        self.left = after
        #: Set while it answers.
        self.answers = threading.Event()
        #: Set while somebody waits for it.
        self.asked = threading.Event()

    def open(self) -> Raw:
        self.left -= 1
        return _Stalled(super().open(), self)


class _Stalled(io.RawIOBase):
    def __init__(self, raw: Raw, place: Stalling) -> None:
        super().__init__()
        self._raw = raw
        self._place = place

    def read(self, size: int = -1, /) -> bytes | None:
        if self._place.left < 0:
            self._place.asked.set()
            self._place.answers.wait()
        return self._raw.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return cast("BinaryIO", self._raw).seek(offset, whence)

    def close(self) -> None:
        self._raw.close()
        super().close()


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.formats.attendant.TOLD_AFTER_S", 0.0)


@pytest.fixture
def answering() -> Iterator[list[Stalling]]:
    """Places that answer again when the test ends, so that the threads that wait for them end."""
    places: list[Stalling] = []
    yield places
    for place in places:
        place.answers.set()


WAITING = "Waiting for log, which has given nothing for 0 seconds"


@pytest.mark.usefixtures("told_at_once")
@pytest.mark.parametrize("workers", [False, True])
@pytest.mark.parametrize("loading", [False, True])
@pytest.mark.parametrize("make", [plain, packed, archive, columns])
def test_a_stall_is_told_and_can_be_cancelled(
    tmp_path: Path,
    answering: list[Stalling],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
    loading: bool,
    workers: bool,
) -> None:
    """The event is set when the test is over: whatever waited for the read would still wait."""
    if workers:
        monkeypatch.setattr("workbench.formats.read.SMALL", 0)
    first, log = tmp_path / "first.jsonl", tmp_path / "log"
    plain(first)
    make(log)
    stalling = Stalling(log, after=1_000 if loading else 0)
    answering.append(stalling)
    steps: list[str] = []

    def hear(progress: Progress) -> None:
        steps.append(progress.step)
        if progress.step == "Reading first.jsonl":
            stalling.left = 0
        elif stalling.asked.is_set() and progress.step.startswith("Waiting for"):
            job.cancel()

    job = Job(hear)
    with Workspace.create(tmp_path / "a.case") as workspace:
        before = workspace.importing.provenance.info().as_dict()
        with pytest.raises(CancelledError):
            workspace.importing.run([first, stalling], Frame(), ReadOptions(), job)
        assert not stalling.answers.is_set()
        assert ("Reading first.jsonl" in steps) == loading
        names = {"log", "inside.jsonl", str(log)}
        assert steps[-1] in {WAITING.replace(" log,", f" {name},") for name in names}
        assert workspace.importing.provenance.info().as_dict() == before
        # What was left behind holds nothing up: the same files load once the folder answers.
        stalling.answers.set()
        importing = workspace.importing
        report = importing.run([first, stalling], Frame(), ReadOptions(), Job())
        assert report.total.records == 2 * len(LINES)


@pytest.mark.usefixtures("told_at_once")
@pytest.mark.parametrize("after", [0, 2, 3])
def test_a_stall_that_ends_is_waited_for(
    tmp_path: Path, answering: list[Stalling], after: int
) -> None:
    """While the file is looked for, looked at, and read."""
    log = tmp_path / "log"
    plain(log)
    stalling = Stalling(log, after=after)
    answering.append(stalling)
    steps: list[str] = []

    def hear(progress: Progress) -> None:
        steps.append(progress.step)
        if stalling.asked.is_set() and progress.step.startswith("Waiting for"):
            stalling.answers.set()

    with Workspace.create(tmp_path / "a.case") as workspace:
        job = Job(hear)
        report = workspace.importing.run([stalling], Frame(), ReadOptions(), job)
        assert report.total.loaded == len(LINES)
    assert stalling.answers.is_set()
    assert WAITING.replace(" log,", f" {log},") in steps or WAITING in steps


@pytest.mark.parametrize("after", [0, 2, 3])
def test_a_stall_without_end_is_given_up(
    tmp_path: Path, answering: list[Stalling], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    log = tmp_path / "log"
    plain(log)
    stalling = Stalling(log, after=after)
    answering.append(stalling)
    with Workspace.create(tmp_path / "a.case") as workspace:
        before = workspace.importing.provenance.info().as_dict()
        monkeypatch.setattr("workbench.formats.attendant.GIVES_UP_AFTER_S", 0.0)
        with pytest.raises(InputError, match=r"log has given nothing for") as caught:
            workspace.importing.run([stalling], Frame(), ReadOptions(), Job())
        assert str(log) in caught.value.fact
        assert "copy" in caught.value.remedy
        assert workspace.importing.provenance.info().as_dict() == before


def test_a_file_of_which_some_is_read_does_not_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    now, share = [0.0], [0.0]
    monkeypatch.setattr("workbench.formats.attendant.time.monotonic", lambda: now[0])
    said: list[tuple[str, float | None]] = []
    job = Job(lambda progress: said.append((progress.step, progress.done)), interval=0)
    wait = Wait(job, "a.jsonl", "Comparing a.jsonl", lambda: share[0])
    for now[0], share[0] in [(2, 0.1), (4.5, 0.2), (8, 0.2), (17, 0.2), (18, 0.3), (143, 0.3)]:
        wait.look()
    waiting = "Waiting for a.jsonl, which has given nothing for "
    assert said == [
        ("Comparing a.jsonl", 0.1),
        ("Comparing a.jsonl", 0.2),
        (f"{waiting}3 seconds", 0.2),
        (f"{waiting}10 seconds", 0.2),
        ("Comparing a.jsonl", 0.3),
        (f"{waiting}2 minutes", 0.3),
    ]
