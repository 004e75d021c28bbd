"""Where a log lies: on disk, or piped in and kept while it is needed."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.place import OnDisk, Spooled, placed
from workbench.formats.read import open_source
from workbench.formats.stream import ByteStream

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = b"".join(b'{"prompt":"number %d"}\n' % i for i in range(100_000))


class Dribble:
    """Gives a few bytes at a time, as a pipe does."""

    def __init__(self, data: bytes, error: OSError | None = None) -> None:
        self._data = io.BytesIO(data)
        self._error = error

    def read(self, size: int, /) -> bytes:
        data = self._data.read(min(size, 4000))
        if not data and self._error:
            raise self._error
        return data

    def close(self) -> None: ...


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_piped_in_is_read_as_a_file(pack: Callable[[bytes], bytes]) -> None:
    data = pack(LINES)
    source = open_source(Spooled("standard input", Dribble(data)), ReadOptions())
    prompts = [p for part in source.blocks(Job()) for p in part.records["prompt"].to_pylist()]
    assert (len(prompts), prompts[-1]) == (100_000, "number 99999")
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert source.read_size == len(data)


def test_many_looks_at_a_spool_have_each_their_own_position() -> None:
    spool = Spooled("piped", Dribble(LINES))
    with ByteStream(spool) as one, ByteStream(spool) as other:
        assert one.read(10) == other.read(10) == LINES[:10]
        assert one.read(5) == LINES[10:15]
    file = spool.seekable()
    assert not isinstance(file, Path)
    with file:
        file.seek(-7, io.SEEK_END)
        assert file.read() == LINES[-7:]
        file.seek(3)
        file.seek(4, io.SEEK_CUR)
        assert file.read(2) == LINES[7:9]


def test_a_pipe_without_bytes_and_one_that_breaks() -> None:
    with pytest.raises(InputError, match="standard input is empty"):
        open_source(Spooled("standard input", Dribble(b"")), ReadOptions())
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(InputError, match=r"beyond byte 2,.*No space left.*TMPDIR"):
        Spooled("standard input", Dribble(LINES, full))


def test_two_names_of_one_file_are_one_place(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(LINES)
    (tmp_path / "link").symlink_to("log")
    assert placed(tmp_path / "log").identity == OnDisk(tmp_path / "link").identity
    assert OnDisk(tmp_path / "gone").identity != OnDisk(tmp_path / "log").identity
    with pytest.raises(InputError, match="gone does not exist"):
        _ = OnDisk(tmp_path / "gone").size
