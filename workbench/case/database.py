"""The one DuckDB instance of an open case, with both of its databases attached.

Closed to the outside: no file but the two attached ones, no extension, no variable of the
program is reachable from a statement. This room must not know what the tables mean.
"""

from __future__ import annotations

import errno
import re
import shutil
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

import duckdb

from workbench.domain.errors import CancelledError, CaseError, CaseLockedError, StorageError
from workbench.domain.text import visible_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Files are written in this format whatever the DuckDB that writes them, so that a case stays
#: readable by every program that says it reads this version.
STORAGE_VERSION: Final = "v2.0.0"

#: Bytes of the three headers that DuckDB writes when it makes a file.
_HEADERS: Final = 3 * 4096

#: What to do about a given.duckdb that is gone or damaged.
RESTORE: Final = (
    "Have it made again from the logs: workbench repair CASE --logs FOLDER. Or restore the case "
    "folder from a copy."
)
_RECOMPUTE: Final = "Have it computed again: workbench repair CASE."

#: What this program never puts into a database, and a statement would run: views and macros.
_CODE: Final = """
SELECT database_name, view_name FROM duckdb_views() WHERE NOT internal
UNION ALL
SELECT database_name, function_name FROM duckdb_functions() WHERE NOT internal
ORDER BY ALL
"""

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 2,
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    # Checkpoints are ours to time: by itself DuckDB would write each row group several times.
    "wal_autocheckpoint": "1TB",
    # Rows come out as they went in; results do not depend on which thread was faster.
    "preserve_insertion_order": "true",
}


def scratch(spill: Path, *, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, for rows on their way; what is too much goes to ``spill``.

    Args:
        spill: Folder for nobody else; what a process that was killed left there goes.
        memory_limit: As DuckDB reads it ("512MB").
    """
    shutil.rmtree(spill, ignore_errors=True)
    own = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
        "preserve_insertion_order": "false",  # what wants an order, asks for it
    }
    connection = duckdb.connect(":memory:", config=_CONFIG | own)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class Database:
    """``given`` and ``computed`` behind one connection; hand out a cursor to each thread.

    Args:
        given: Path of given.duckdb; made when absent and ``write``.
        computed: Path of computed.duckdb; likewise. None attaches none.
        spill: Folder for what does not fit into memory; made when first needed.
        write: Whether anything may be written.
        memory_limit: As DuckDB reads it ("2GB").

    Raises:
        CaseLockedError: Another process holds a file.
        CaseError: A file is damaged, or written by a newer DuckDB.
        StorageError: A file cannot be made or read.
    """

    def __init__(
        self,
        given: Path,
        computed: Path | None,
        *,
        spill: Path,
        write: bool,
        memory_limit: str = "2GB",
    ) -> None:
        #: Held while ``given`` is checkpointed, and while anybody reads which batches are closed.
        #: A checkpoint that drops deleted rows lets who begins to read just then see a table
        #: empty (DuckDB 2.0): to a reader the case would for a moment hold nothing.
        self.settling = threading.RLock()
        #: Folder for what does not fit into memory.
        self.spill = spill
        self._root = duckdb.connect(
            ":memory:",
            config=_CONFIG | {"memory_limit": memory_limit, "temp_directory": str(spill)},
        )
        try:
            # Of given, what is durable is decided by checkpoints alone: an import commits chunk by
            # chunk into a batch that stays hidden, and one checkpoint makes it durable whole. A
            # log of the writes would cost a second copy of every byte and bring nothing.
            self._attach("given", given, write, extra="RECOVERY_MODE no_wal_writes")
            if computed is not None:
                self._attach(
                    "computed",
                    computed,
                    write,
                    remedy=_RECOMPUTE,
                )
            self._root.execute("SET enable_external_access = false")
            self._root.execute("SET allowed_configs = ['memory_limit']")
            self._root.execute("SET lock_configuration = true")
            # Only now: looking at what somebody else made must not run it.
            self._refuse_code()
        except BaseException:
            self._root.close()
            raise
        self._memory_limit = memory_limit

    def _attach(
        self, name: str, path: Path, write: bool, *, extra: str = "", remedy: str = RESTORE
    ) -> None:
        quoted = str(path).replace("'", "''")
        options = [f"STORAGE_VERSION '{STORAGE_VERSION}'", extra] if write else ["READ_ONLY"]
        try:
            with translated(f"{path.name} of the case", remedy=remedy):
                self._root.execute(
                    f"ATTACH '{quoted}' AS {name} ({', '.join(o for o in options if o)})"
                )
                ((blocks, block_size),) = self._root.execute(
                    "SELECT used_blocks, block_size FROM pragma_database_size() "
                    "WHERE database_name = ?",
                    [name],
                ).fetchall()
        except duckdb.Error as error:  # what a header says that is none: encrypted, of odd size
            raise CaseError(
                f"{path.name} of the case is damaged ({_first_line(error)}).",
                remedy=remedy,
                safe="Nothing was changed.",
            ) from error
        # DuckDB reads blocks when it needs them, and would write behind the end of a file that
        # was cut short. (Free blocks at the end may really be missing: it cuts them off.)
        if path.exists() and path.stat().st_size < blocks * block_size:
            raise CaseError(
                f"{path.name} of the case is damaged: its end is missing.",
                remedy=remedy,
                safe="Nothing was changed.",
            )

    def _refuse_code(self) -> None:
        # Of both at once: DuckDB lists all its own functions each time.
        found = self._root.execute(_CODE).fetchone()
        if found is not None:
            database, name = found
            remedy = _RECOMPUTE if database == "computed" else RESTORE
            raise CaseError(
                f"{database}.duckdb of the case holds {visible_text(str(name))!r}, a view or "
                "macro: code that this program did not put there.",
                remedy=f"Do not trust this case. {remedy}",
                safe="It was not run.",
            )

    def cursor(self, name: str) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread, with ``name`` as its database."""
        cursor = self._root.cursor()
        cursor.execute(f"USE {name}")
        return cursor

    def limit(self, memory: str = "") -> None:
        """Hold so much at most from now on, as DuckDB reads it ("256MB"); "" for as at first."""
        with closing(self._root.cursor()) as cursor, suppress(duckdb.OutOfMemoryException):
            # Where more is in use than that, the limit that there was stays.
            cursor.execute(f"SET memory_limit = '{memory or self._memory_limit}'")

    def close(self) -> None:
        """Close every cursor and both files. Closing twice is fine."""
        self._root.close()


def is_made(path: Path) -> bool:
    """Whether a database is there: one whose making was cut short has not all of its headers."""
    return path.exists() and path.stat().st_size >= _HEADERS


@contextmanager
def translated(what: str, *, safe: str = "", remedy: str = RESTORE) -> Iterator[None]:
    """Turn DuckDB's and the system's complaints about files into known errors.

    Args:
        what: What was being read or written, as in "given.duckdb of the case".
        safe: What is unharmed, one sentence.
        remedy: What to do when it is damaged.

    Raises:
        CaseLockedError: Another process holds the file.
        CaseError: The file is damaged or newer.
        StorageError: Disk full, read-only or failing.
        CancelledError: The statement was interrupted.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, what, safe) from error
    except duckdb.InterruptException as error:
        raise CancelledError from error
    except (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException) as error:
        raise _known(str(error), what, safe, remedy) from error
    except duckdb.OutOfMemoryException as error:
        raise StorageError(
            f"{what} needs more memory or disk than there is ({_first_line(error)}).",
            remedy="Free space on the disk that holds the case, then try again.",
            safe=safe,
        ) from error
    except duckdb.Error as error:
        # A damaged file comes as the bare base class, a full disk at COMMIT as a failed
        # transaction; anything else is a bug of ours.
        if type(error) is duckdb.Error or "orrupt" in str(error) or _is_full(str(error)):
            raise _known(str(error), what, safe, remedy) from error
        raise


def storage_error(error: OSError, what: str, safe: str = "") -> StorageError:
    """The known error for a failed read or write of a file."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StorageError(
            f"The disk is full: {what} could not be written.",
            remedy="Free space on the disk that holds the case, then try again.",
            safe=safe,
        )
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return StorageError(
            f"{what} may not be written: the folder or disk is read-only.",
            remedy="Give yourself the right to write there, or copy the case to another place.",
            safe=safe,
        )
    return StorageError(
        f"{what} could not be read or written ({error.strerror or error}).",
        remedy="Check the disk that holds the case.",
        safe=safe,
    )


def held_elsewhere(what: str, holder: str) -> CaseLockedError:
    """The known error for a case that another process holds.

    Args:
        what: The case, or the file of it.
        holder: As far as it is known.
    """
    return CaseLockedError(
        f"{what} is open in another process ({holder}).",
        remedy="Close it there first. A command that runs there, such as an import, closes it "
        "when it ends.",
        safe="Nothing was changed.",
    )


#: DuckDB's words for a file that another process holds; the last two are Windows'.
_HELD: Final = (
    *("conflicting lock", "could not set lock"),
    *("being used by another process", "file is already open in"),
)
_FILE: Final = re.compile(r'file "([^"]+)"')


def _known(text: str, what: str, safe: str, remedy: str) -> CaseError | StorageError:
    lowered = text.lower()
    if any(sign in lowered for sign in _HELD):
        named = _FILE.search(text)
        return held_elsewhere(named[1] if named else what, _holder(text))
    if _is_full(text):
        return storage_error(OSError(errno.ENOSPC, text), what, safe)
    if "read-only" in lowered or "permission denied" in lowered:
        return storage_error(OSError(errno.EROFS, text), what, safe)
    if "version number" in lowered or "storage version" in lowered:
        return CaseError(
            f"{what} was written by a newer version of DuckDB.",
            remedy="Update the workbench.",
            safe="Nothing was changed.",
        )
    if any(sign in lowered for sign in ("not a valid", "corrupt", "enough bytes", "checksum")):
        return CaseError(
            f"{what} is damaged ({_first_line(text)}).",
            remedy=remedy,
            safe="Nothing was changed.",
        )
    return StorageError(
        f"{what} could not be read or written ({_first_line(text)}).",
        remedy="Check the disk that holds the case, then open the case again.",
        safe=safe,
    )


def _is_full(text: str) -> bool:
    lowered = text.lower()
    return any(sign in lowered for sign in ("no space left", "file too large", "disk quota"))


def _holder(text: str) -> str:
    _, found, rest = text.partition("(PID ")
    return f"process {rest.split(')')[0]}" if found else "unknown process"


def _first_line(error: object) -> str:
    return str(error).splitlines()[0] if str(error) else "no further message"
