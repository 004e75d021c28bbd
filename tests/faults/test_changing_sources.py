"""Logs that somebody writes to, replaces or takes away while they are read, and disks that fail.

Whatever happens to a source, the import says which file it was and loads nothing of any.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.place import OnDisk
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
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
