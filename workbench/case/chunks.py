"""Rows on their way into given: gathered until a chunk is full, then written by a thread.

While one chunk is written the next one gathers. At most one is under way, so memory stays flat.
This room must not know what the rows mean, nor make them visible.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable
    from concurrent.futures import Future

    from workbench.case.encode import Rows

#: A table is written when so many of its rows wait, or all are when so many bytes do: memory stays
#: flat. The rows are a row group of DuckDB, which it writes straight to its place, compressed;
#: row groups that grow in steps are written again by each checkpoint.
_CHUNK_ROWS: Final = 122_880
_CHUNK_BYTES: Final = 192 << 20


class Chunks:
    """Writes rows, in the order in which they are given, in transactions of its own.

    Args:
        cursor: On given, for this alone; closed with it.
        settling: Held while a checkpoint runs.

    Whatever DuckDB raises while a chunk is written is raised by the call that next meets it.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, settling: threading.RLock) -> None:
        self._cursor = cursor
        self._settling = settling
        self._pending: dict[str, list[pa.Table]] = {}
        self._rows: Counter[str] = Counter()
        self._bytes = 0
        #: Rows given so far, by table.
        self.given: Counter[str] = Counter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="import-writer")
        self._underway: Future[None] | None = None

    def keep(self, rows: Iterable[Rows]) -> None:
        """Gather rows; does not write."""
        for name, block in rows:
            self.given[name] += block.num_rows
            self._gather(name, block)

    def _gather(self, name: str, block: pa.Table) -> None:
        self._pending.setdefault(name, []).append(block)
        self._rows[name] += block.num_rows
        self._bytes += block.nbytes

    def write_full(self) -> None:
        """Begin to write what is full, once the chunk before is written."""
        full = max(self._rows.values(), default=0) >= _CHUNK_ROWS
        if full or self._bytes >= _CHUNK_BYTES:
            self._write(whole=not full)

    def begin_all(self) -> None:
        """Begin to write whatever waits, in one transaction."""
        self._write(whole=True)

    def write_all(self) -> None:
        """Write whatever waits, and wait for it."""
        self._write(whole=True)
        self._wait()

    def drop(self) -> None:
        """Forget what waits; what is being written ends as it will."""
        with suppress(duckdb.Error):
            self._wait()
        self._forget()

    def close(self) -> None:
        """Wait for the thread, and let it go."""
        self._thread.shutdown()
        self._forget()
        self._cursor.close()

    def _forget(self) -> None:
        self._pending, self._bytes = {}, 0
        self._rows.clear()

    def _wait(self) -> None:
        underway, self._underway = self._underway, None
        if underway is not None:
            underway.result()

    def _write(self, *, whole: bool) -> None:
        """All of it, or of each table as many full chunks as there are."""
        self._wait()
        taken: list[Rows] = []
        left: list[Rows] = []
        for name in sorted(self._pending):
            rows = pa.concat_tables(self._pending[name])
            size = rows.num_rows if whole else rows.num_rows // _CHUNK_ROWS * _CHUNK_ROWS
            taken.append((name, rows.slice(0, size)))
            left.append((name, rows.slice(size)))
        self._forget()
        for name, rows in left:
            if rows.num_rows:
                self._gather(name, rows)
        self._underway = self._thread.submit(self._commit, taken)

    def _commit(self, chunk: list[Rows]) -> None:
        self._cursor.execute("BEGIN")
        try:
            while chunk:
                name, rows = chunk.pop(0)
                pieces = [
                    # One piece, so that one thread reads it: several would fill several row
                    # groups in part. The rows it is copied from are let go before it is written.
                    rows.slice(start, _CHUNK_ROWS).combine_chunks()
                    for start in range(0, rows.num_rows, _CHUNK_ROWS)
                ]
                del rows
                while pieces:
                    self._insert(name, pieces.pop(0))
            self._cursor.execute("COMMIT")
        except duckdb.Error:
            with suppress(duckdb.Error):
                self._cursor.execute("ROLLBACK")
            raise
        with self._settling:
            self._cursor.execute("CHECKPOINT given")

    def _insert(self, name: str, piece: pa.Table) -> None:
        self._cursor.register("chunk", piece)
        text = f"INSERT INTO {name} BY NAME SELECT * FROM chunk"  # noqa: S608 (name is ours)
        self._cursor.execute(text)
        self._cursor.unregister("chunk")
