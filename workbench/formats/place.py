"""Where a log lies: a file on disk, a member of an archive, or what was piped in.

Everything that reads a log opens its place anew, from the first byte, as often as it must. Must
not look at what the bytes mean.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tempfile
import threading
import weakref
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from workbench.domain.progress import JobContext

_CHUNK: Final = 1 << 20
_READ_ON: Final = "Check the path and your rights to the file."


class Raw(Protocol):
    """The bytes of a place, read once from the first."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many bytes; empty at the end.

        Raises:
            OSError: The disk failed.
            DamageError: What holds it is damaged, after everything before the damage.
        """
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


class Place(Protocol):
    """Where a log lies. As text: its full name, for messages and the case."""

    @property
    def short(self) -> str:
        """The last part of the name, for progress."""
        ...

    @property
    def size(self) -> int:
        """Bytes, as far as the place knows before it is read."""
        ...

    @property
    def identity(self) -> object:
        """Equal for two names of one place."""
        ...

    @property
    def state(self) -> object:
        """Equal for as long as nobody writes to it, or puts another in its place.

        Raises:
            InputError: It is gone.
        """
        ...

    def open(self) -> Raw:
        """The bytes from the first.

        Raises:
            InputError: Missing, a folder, no regular file, empty, or not readable.
        """
        ...

    def seekable(self) -> Path | BinaryIO:
        """What a reader that jumps to and fro can take: a path, or a file of its own.

        Raises:
            InputError: It cannot be had.
        """
        ...


class OnDisk:
    """A file by its path.

    Args:
        path: The file, which need not be there yet.
        name: As it was named, for messages and the case; the path itself where empty.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        self._path = path
        self._name = name or str(path)

    def __str__(self) -> str:
        return self._name

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def short(self) -> str:
        """Its name without folders."""
        return self._path.name

    @property
    def size(self) -> int:
        """Bytes on disk.

        Raises:
            InputError: The file is gone.
        """
        try:
            return self._path.stat().st_size
        except (OSError, ValueError) as error:
            raise _unreadable(self, error) from error

    @property
    def identity(self) -> object:
        """Two names of one file are one file; one that is missing is told later, by its name."""
        try:
            return self._path.resolve()
        except (OSError, RuntimeError):
            return self._path

    @property
    def state(self) -> object:
        """Which file it is, its size and when it was last written."""
        try:
            of = self._path.stat()
        except (OSError, ValueError) as error:
            raise _unreadable(self, error) from error
        return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns

    def open(self) -> Raw:
        """The file, unbuffered."""
        try:
            mode = self._path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise InputError(f"{self} is a folder, not a file.", remedy="Name the files in it.")
            if not stat.S_ISREG(mode):
                raise InputError(
                    f"{self} is not a regular file.",
                    remedy="Save the data to a file first, or pipe it in: import CASE -",
                )
            if self._path.stat().st_size == 0:
                raise empty(self)
            return self._path.open("rb", buffering=0)
        except (OSError, ValueError) as error:
            raise _unreadable(self, error) from error

    def seekable(self) -> Path:
        """The path itself."""
        return self._path


class Spooled:
    """Bytes that can be had only once, kept in a file without a name while they are needed.

    Reading a log takes several looks at it. The file goes when this object goes, or with the
    process, however that ends.

    Args:
        name: For messages and the case.
        source: Read to its end, at once.

    Raises:
        InputError: The folder for temporary files is full, or the source failed.
    """

    def __init__(self, name: str, source: Raw) -> None:
        self._name = name
        self._lock = threading.Lock()
        with ExitStack() as until_whole:
            self._file = until_whole.enter_context(tempfile.TemporaryFile(prefix="workbench-"))
            self._take(source)
            weakref.finalize(self, until_whole.pop_all().close)

    def _take(self, source: Raw) -> None:
        self.size = 0
        try:
            while chunk := source.read(_CHUNK):
                self._file.write(chunk)
                self.size += len(chunk)
            self._file.flush()
        except OSError as error:
            raise InputError(
                f"{self._name} could not be kept beyond byte {self.size:,} in "
                f"{tempfile.gettempdir()}: {error.strerror}.",
                remedy="Free space there, point TMPDIR at a larger disk, or save it to a file.",
            ) from error

    def __str__(self) -> str:
        return self._name

    @property
    def short(self) -> str:
        """The name."""
        return self._name

    @property
    def identity(self) -> object:
        """Only itself."""
        return id(self)

    @property
    def state(self) -> object:
        """Always the same: nobody else can write to it."""
        return self.size

    def open(self) -> Raw:
        """The bytes from the first."""
        if not self.size:
            raise empty(self)
        return self._reader()

    def seekable(self) -> Path | BinaryIO:
        """A file with a position of its own."""
        return io.BufferedReader(self._reader())

    def _reader(self) -> _Reader:
        return _Reader(self)

    def read_at(self, position: int, size: int) -> bytes:
        """Some bytes; from any thread."""
        with self._lock:
            self._file.seek(position)
            return self._file.read(size)


class _Reader(io.RawIOBase):
    """One look at spooled bytes: many may be open, each with its own position."""

    def __init__(self, spool: Spooled) -> None:
        super().__init__()
        self._spool = spool
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._spool.read_at(self._position, len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._spool.size}
        self._position = max(0, base[whence] + offset)
        return self._position


def placed(where: Path | Place) -> Place:
    """A path as a place; a place as it is."""
    return OnDisk(where) if isinstance(where, Path) else where


def digest_of(place: Place, job: JobContext) -> str:
    """SHA-256 of a place as it lies there, in hex.

    Raises:
        InputError: It cannot be read, or the disk failed.
        CancelledError: The user cancelled.
    """
    digest, done = hashlib.sha256(), 0
    raw = place.open()
    try:
        while chunk := raw.read(_CHUNK):
            job.check()
            digest.update(chunk)
            done += len(chunk)
    except OSError as error:
        raise InputError(
            f"{place} stopped reading at byte {done:,}: {error.strerror}.",
            remedy="Copy the file to a healthy disk and import it again.",
        ) from error
    finally:
        raw.close()
    return digest.hexdigest()


def check_same(place: Place, state: object, remedy: str, safe: str) -> None:
    """Whether what was read is what was looked at, from its first byte to its last.

    Args:
        place: As it is now.
        state: Its state before.
        remedy: What to do otherwise.
        safe: What became of what was read.

    Raises:
        InputError: Somebody wrote to it, put another in its place, or took it away.
    """
    try:
        same = place.state == state
    except InputError:
        same = False
    if not same:
        raise InputError(
            f"{place} changed or went away while it was read.", remedy=remedy, safe=safe
        )


def empty(place: Place) -> InputError:
    """The error of a place without bytes."""
    return InputError(f"{place} is empty.", remedy="Leave it out, or export it again.")


def _unreadable(place: Place, error: OSError | ValueError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"{place} does not exist.", remedy="Check the path.")
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(f"{place} cannot be read: {reason}.", remedy=_READ_ON)
