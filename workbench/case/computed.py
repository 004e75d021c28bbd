"""What was computed: the port ``Artifacts`` over computed/.

Publishing writes each array or table to a temporary name, fsyncs, renames it to a name that holds
its digest, fsyncs the folder, and then commits path, digest and shape in one transaction. Readers
follow only that manifest. Digests are logical: of shape, type and values, not of a file.
This room must not know what a stage means.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.case.casefile import fsync_folder
from workbench.case.database import storage_error, translated
from workbench.case.statements import statement
from workbench.domain.errors import CaseError
from workbench.domain.ports import Published

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb
    from numpy.typing import NDArray

    from workbench.case.database import Database
    from workbench.domain.ports import Arrays, Tables

_NAME: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_FILE: Final = re.compile(r"[a-z0-9_.]+\.[0-9a-f]{32}\.(npy|arrow)")
#: What numpy raises of a header that was changed: it reads it as Python's own literals.
_UNREAD: Final = (OSError, ValueError, EOFError, TypeError, SyntaxError, TokenError)
_SAFE: Final = "What was computed before is as it was."
REMEDY: Final = "Close the case and have it computed again: workbench repair CASE."


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    kind: str
    path: str
    digest: str
    dtype: str
    shape: str
    size: int


class ArtifactStore:
    """computed/ of a case. Safe from any thread.

    Args:
        folder: The folder.
        database: With ``computed`` attached; None reads as empty.
        write: Whether stages may be published.

    Attributes:
        lost: Stages that the manifest named at open and whose files are gone or cut short.
    """

    def __init__(self, folder: Path, database: Database | None, *, write: bool) -> None:
        self.lost: set[str] = set()
        self._folder = folder
        self._database = database
        self._write = write
        self._lock = threading.RLock()
        self._stages: dict[str, Published] = {}
        self._files: dict[tuple[str, str, str], _File] = {}
        if database is not None:
            self._load(database)

    # --- reading -----------------------------------------------------------------------------
    def current(self, stage: str) -> Published | None:
        """The manifest's entry, or None when the stage never ran."""
        with self._lock:
            return self._stages.get(stage)

    def stages(self) -> list[Published]:
        """Every entry of the manifest, by name."""
        with self._lock:
            return [self._stages[name] for name in sorted(self._stages)]

    def array(self, stage: str, name: str) -> NDArray[Any]:
        """A read-only memory map.

        Raises:
            KeyError: The stage has not been published or has no such array.
            CaseError: The file is missing or damaged.
        """
        with self._lock:  # the file of an entry is there until the entry is replaced
            file = self._file(stage, "npy", name)
            path = self._folder / file.path
            try:
                found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
            except _UNREAD as error:
                raise _damaged(path) from error
        if found.dtype.str != file.dtype or list(found.shape) != json.loads(file.shape):
            raise _damaged(path)
        return found

    def table(self, stage: str, name: str) -> pa.Table:
        """A published table.

        Raises:
            KeyError: The stage has not been published or has no such table.
            CaseError: The file is missing or damaged.
        """
        with self._lock:
            file = self._file(stage, "arrow", name)
            path = self._folder / file.path
            try:
                with pa.memory_map(str(path)) as source:
                    return pa.ipc.open_file(source).read_all()
            except (OSError, pa.ArrowException) as error:
                raise _damaged(path) from error

    def verify(self) -> list[str]:
        """Names of published files whose values are not those that were published."""
        with self._lock:
            files = sorted(self._files.items())
        bad = []
        for (stage, kind, name), file in files:
            try:
                if kind == "npy":
                    found = array_digest(self.array(stage, name))
                else:
                    table = self.table(stage, name)
                    table.validate(full=True)  # offsets that lead outside are not followed
                    found = table_digest(table)
            except (CaseError, pa.ArrowException, ArithmeticError, MemoryError, TypeError):
                found = ""
            if found != file.digest:
                bad.append(file.path)
        return bad

    # --- publishing --------------------------------------------------------------------------
    def publish(
        self, stage: str, key: str, *, arrays: Arrays, tables: Tables, info: Mapping[str, Any]
    ) -> Published:
        """Write, fsync, rename, then commit in one transaction; replaces the stage's entry.

        Raises:
            ValueError: A name is not of lower-case letters, digits, dots and underscores, or an
                array holds Python objects.
            CaseError: The case is open for reading only.
            StorageError: The disk is full or failing; the manifest is as it was.
        """
        for name in (stage, *arrays, *tables):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot name a stage, an array or a table")
        if not self._write or self._database is None:
            raise CaseError(
                "The case is open for reading only, so nothing can be computed.",
                remedy="Open it for writing.",
            )
        with self._lock:
            files: list[_File] = []
            try:
                # Item by item: when one fails, the list holds those before it.
                files.extend(self._write_array(stage, *item) for item in sorted(arrays.items()))
                files.extend(self._write_table(stage, *item) for item in sorted(tables.items()))
                fsync_folder(self._folder)
                published = Published(stage, key, _together(files), json.loads(_dump(info)))
                self._commit(self._database, published, files)
            except BaseException as error:
                self._remove(files)
                if isinstance(error, OSError):
                    raise storage_error(error, f"computed/{stage}", _SAFE) from error
                raise
            replaced = [file for of, file in self._files.items() if of[0] == stage]
            self._stages[stage] = published
            self._files = {of: file for of, file in self._files.items() if of[0] != stage}
            self._files |= {(stage, file.kind, file.name): file for file in files}
            self._remove(replaced)
            return published

    def _commit(self, database: Database, published: Published, files: list[_File]) -> None:
        cursor = database.cursor("computed")
        try:
            with translated("computed.duckdb of the case", safe=_SAFE):
                cursor.execute("BEGIN")
                _forget(cursor, published.stage)
                cursor.execute(
                    "INSERT INTO stages VALUES (?, ?, ?, ?)",
                    [published.stage, published.key, published.digest, _dump(published.info)],
                )
                for file in files:
                    cursor.execute(
                        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        [published.stage, *astuple(file)],
                    )
                cursor.execute("COMMIT")
        finally:
            cursor.close()

    def _write_array(self, stage: str, name: str, array: NDArray[Any]) -> _File:
        array = np.ascontiguousarray(array)
        if array.dtype.hasobject:
            raise ValueError(f"array {name} of {stage} holds Python objects")
        digest = array_digest(array)
        path = f"{stage}.{name}.{digest[:32]}.npy"

        def write(file: BinaryIO) -> None:
            # Not write_array: of a full disk it says how much it wrote, but not that it was full.
            np.lib.format.write_array_header_1_0(
                file, np.lib.format.header_data_from_array_1_0(array)
            )
            file.write(array.reshape(-1).view(np.uint8).data)

        size = self._place(path, write)
        return _File(name, "npy", path, digest, array.dtype.str, json.dumps(array.shape), size)

    def _write_table(self, stage: str, name: str, table: pa.Table) -> _File:
        table = table.combine_chunks()
        digest = table_digest(table)
        path = f"{stage}.{name}.{digest[:32]}.arrow"

        def write(file: Any) -> None:
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)

        size = self._place(path, write)
        return _File(name, "arrow", path, digest, "", json.dumps(table.shape), size)

    def _place(self, path: str, write: Callable[[BinaryIO], None]) -> int:
        """Write a file under a temporary name, fsync it, rename it. Returns its size."""
        handle, temporary = tempfile.mkstemp(prefix="writing.", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            Path(temporary).replace(self._folder / path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return size

    # --- the manifest ------------------------------------------------------------------------
    def _file(self, stage: str, kind: str, name: str) -> _File:
        try:
            return self._files[stage, kind, name]
        except KeyError:
            what = "array" if kind == "npy" else "table"
            raise KeyError(f"{what} {name} of {stage} has not been published") from None

    def _load(self, database: Database) -> None:
        cursor = database.cursor("computed")
        try:
            with translated("computed.duckdb of the case", remedy=REMEDY):
                tables = cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()
                if ("files",) not in tables:
                    if self._write:
                        cursor.execute(statement("computed_schema"))
                    return
                stages = cursor.execute("SELECT stage, key, digest, info FROM stages").fetchall()
                files = cursor.execute(
                    "SELECT stage, name, kind, path, digest, dtype, shape, size FROM files"
                ).fetchall()
                for stage, *columns in files:
                    file = _File(*columns)
                    self._files[stage, file.kind, file.name] = file
                for stage, key, digest, info in stages:
                    self._stages[stage] = Published(stage, key, digest, json.loads(info))
                self._drop_incomplete(cursor)
        finally:
            cursor.close()
        if self._write:
            self._sweep()

    def _drop_incomplete(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """A stage whose files are gone or cut short was not published: it will be run again.

        Likewise one whose manifest names what no stage is called: it may lie outside the case, and
        what is replaced is deleted.
        """
        self.lost = lost = {
            of[0]
            for of, file in self._files.items()
            if not _FILE.fullmatch(file.path) or self._size(file.path) != file.size
        }
        self._stages = {name: of for name, of in self._stages.items() if name not in lost}
        self._files = {of: file for of, file in self._files.items() if of[0] not in lost}
        if self._write:
            for stage in sorted(lost):
                _forget(cursor, stage)

    def _sweep(self) -> None:
        """Delete what no row names: left by a publish that did not reach its commit."""
        named = {file.path for file in self._files.values()}
        for path in self._folder.iterdir():
            ours = path.suffix in {".npy", ".arrow"} or path.name.startswith("writing.")
            if ours and path.name not in named:
                path.unlink(missing_ok=True)

    def _remove(self, files: list[_File]) -> None:
        """Delete those files that the manifest does not name."""
        named = {file.path for file in self._files.values()}
        for file in files:
            if file.path not in named:
                # Where an open file cannot be deleted (Windows), the sweep at open does it.
                with suppress(OSError):
                    (self._folder / file.path).unlink()

    def _size(self, path: str) -> int:
        try:
            return (self._folder / path).stat().st_size
        except OSError:
            return -1


def _forget(cursor: duckdb.DuckDBPyConnection, stage: str) -> None:
    cursor.execute("DELETE FROM stages WHERE stage = ?", [stage])
    cursor.execute("DELETE FROM files WHERE stage = ?", [stage])


# --- logical digests -------------------------------------------------------------------------
def array_digest(array: NDArray[Any]) -> str:
    """SHA-256 (hex) of dtype, shape and values in C order."""
    array = np.ascontiguousarray(array)
    digest = hashlib.sha256(f"{array.dtype.str} {list(array.shape)}\n".encode())
    digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def table_digest(table: pa.Table) -> str:
    """SHA-256 (hex) of column names, types, NULLs and values; not of chunks or padding.

    Raises:
        TypeError: A column has a type that no stage publishes.
    """
    digest = hashlib.sha256(f"{table.num_rows} rows\n".encode())
    for field, column in zip(table.schema, table.columns, strict=True):
        digest.update(json.dumps([field.name, str(field.type)]).encode())
        _digest_column(digest, pa.concat_arrays(column.chunks) if column.num_chunks else None)
    return digest.hexdigest()


def _digest_column(digest: hashlib._Hash, column: pa.Array | None) -> None:
    if column is None or pa.types.is_null(column.type):
        return
    kind = column.type
    digest.update(column.is_valid().to_numpy(zero_copy_only=False).tobytes())
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind):
        values = column.cast(pa.large_binary()).fill_null(b"")
        digest.update(pc.binary_length(values).to_numpy().tobytes())
        digest.update(b"".join(values.to_pylist()))
    elif pa.types.is_list(kind):
        lengths = pc.list_value_length(column).fill_null(0)
        digest.update(lengths.to_numpy().astype(np.int64).tobytes())
        _digest_column(digest, column.flatten())
    elif pa.types.is_timestamp(kind):
        _digest_column(digest, column.cast(pa.int64()))
    elif pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        filled = column.fill_null(False if pa.types.is_boolean(kind) else 0)
        digest.update(filled.to_numpy(zero_copy_only=False).tobytes())
    else:
        raise TypeError(f"a published table cannot hold {kind}")


def _together(files: list[_File]) -> str:
    """The stage's digest: of the digests of everything it published, by name."""
    lines = sorted(f"{file.kind} {file.name} {file.digest}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _damaged(path: Path) -> CaseError:
    return CaseError(
        f"{path} is missing or damaged.",
        remedy=REMEDY,
        safe="What was given and what was decided is unharmed.",
    )


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), sort_keys=True)
