"""Who holds a case: one process for writing, or several for reading.

The system's own file lock decides, so that a lock never outlives its process; the file's text
only says who it is. Where the system has no such locks (Windows), DuckDB's own lock still refuses
the second process. This room must not know what is in a case.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

from workbench.case.database import held_elsewhere, storage_error

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

#: What the system answers where a file may be read and not written.
_READ_ONLY: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


class CaseLock:
    """The file ``lock`` of a case folder, held until ``release``.

    Args:
        path: The file.
        write: Whether to hold the case alone.

    Raises:
        CaseLockedError: Another process, or this one, holds the case already.
        StorageError: The file cannot be written.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self._file: IO[bytes] | None = None
        try:
            mode = "r+b" if path.exists() else "w+b" if write else "rb"
            self._file = path.open(mode, buffering=0)
        except FileNotFoundError:
            return  # a case that was copied without its lock, read where nothing can be written
        except OSError as error:
            if write or error.errno not in _READ_ONLY:
                raise storage_error(error, "The case folder") from error
            self._file = path.open("rb", buffering=0)
        try:
            _lock(self._file, alone=write)
        except BlockingIOError as error:
            holder = _holder(self._file)
            self._file.close()
            raise held_elsewhere(f"The case {path.parent.name}", holder) from error
        except OSError:
            pass  # a file system without locks: DuckDB's own is then the only one
        if write:
            self._sign()

    def release(self) -> None:
        """Let go; the file stays, empty."""
        if self._file is not None:
            if self._file.writable():
                self._file.truncate(0)
            self._file.close()
            self._file = None

    def _sign(self) -> None:
        assert self._file is not None
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "started": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        # On a full disk the case is held all the same, without a name: it can still be read, and
        # whatever then cannot be written says so itself. Unbuffered, so that nothing is left to
        # fail at close.
        with suppress(OSError):
            self._file.truncate(0)
            self._file.write(json.dumps(holder).encode() + b"\n")


def _lock(file: IO[bytes], *, alone: bool) -> None:
    if sys.platform != "win32":
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        fcntl.flock(file, kind | fcntl.LOCK_NB)


def _holder(file: IO[bytes]) -> str:
    """Who has signed; who only reads has not, and leaves the name of one that was killed."""
    try:
        holder = json.loads(file.read())
        if holder["host"] == socket.gethostname() and not _is_running(holder["pid"]):
            return _READER
        return f"process {holder['pid']} on {holder['host']} since {holder['started']}"
    except (ValueError, KeyError, TypeError):
        return _READER


_READER: Final = "a process that reads it"


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":  # there a signal would end it, and no lock brings anybody here
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True
