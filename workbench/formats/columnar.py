"""Tables that are kept by column: Parquet, and Arrow IPC as a file or as a stream.

Gives their rows in the order of the file, some megabytes at a time, and nothing that could not be
trusted to be within its own bytes. Must not know what the columns mean.

Sources: the Arrow columnar format ("IPC Streaming Format", "IPC File Format"), the Parquet format.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.domain.errors import InputError
from workbench.domain.text import elide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.formats.place import Place

Kind = Literal["parquet", "arrow", "arrow-stream"]

_PARQUET: Final = b"PAR1"
_ARROW: Final = b"ARROW1"
_CONTINUATION: Final = b"\xff\xff\xff\xff"
#: The schema of a stream comes first; a longer one is none.
_LONGEST_SCHEMA: Final = 16 << 20
#: What Arrow raises on files that were cut off, overwritten or made up.
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError)
_BATCH_BYTES: Final = 16 << 20
_MOST_ROWS: Final = 8192
_NAMES: Final[dict[Kind, str]] = {
    "parquet": "Parquet file",
    "arrow": "Arrow file",
    "arrow-stream": "Arrow stream",
}


def kind_of(head: bytes) -> Kind | None:
    """By the first bytes of a file."""
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(_ARROW):
        return "arrow"
    length = int.from_bytes(head[4:8], "little", signed=True)
    if head.startswith(_CONTINUATION) and 0 < length <= _LONGEST_SCHEMA:
        return "arrow-stream"
    return None


class Columns(Protocol):
    """An open file."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        ...

    def batches(
        self, rows: int = 0, names: Sequence[str] | None = None
    ) -> Iterator[tuple[float, pa.RecordBatch]]:
        """Share of the file that is read with a batch, in [0, 1], and the batch.

        Args:
            rows: At most so many rows at once; 0 for about sixteen megabytes of them.
            names: The columns wanted; None for all.

        Raises:
            InputError: The file is damaged.
        """
        ...


@contextmanager
def opened(place: Place, kind: Kind) -> Iterator[Columns]:
    """Open a file, and close it.

    Raises:
        InputError: The file is damaged, or has two columns of one name.
    """
    source = place.seekable()
    try:
        file = _Parquet(place, source) if kind == "parquet" else _Arrow(place, source, kind)
        twice = [name for name, count in Counter(file.schema.names).items() if count > 1]
    except _DAMAGE as error:
        raise _damaged(place, kind, 0, error) from error
    if twice:
        raise InputError(
            f"{place} has two columns that are named {elide(twice[0], 60)}.",
            remedy="Export it again with a name for each column.",
        )
    try:
        yield file
    finally:
        file.close()


class _Parquet:
    def __init__(self, place: Place, source: object) -> None:
        self._place = place
        self._file = pq.ParquetFile(source)
        self.schema: pa.Schema = self._file.schema_arrow

    def batches(
        self, rows: int = 0, names: Sequence[str] | None = None
    ) -> Iterator[tuple[float, pa.RecordBatch]]:
        about = self._file.metadata
        size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        at_once = rows or _rows_at_once(about.num_rows, size)
        total, done = about.num_rows, 0
        found = self._file.iter_batches(batch_size=at_once, columns=names)
        while True:
            try:
                batch = next(found, None)
            except _DAMAGE as error:
                raise _damaged(self._place, "parquet", done, error) from error
            if batch is None:
                return
            done += batch.num_rows
            yield done / max(total, 1), batch

    def close(self) -> None:
        self._file.close()


class _Arrow:
    """A file or a stream.

    A batch is held whole, and checked before anything looks into it: what lies in the file is what
    lies in memory, and its offsets may lead anywhere.
    """

    def __init__(self, place: Place, source: object, kind: Kind) -> None:
        self._place = place
        self._kind: Kind = kind
        self._number = 0
        self._source = (
            pa.PythonFile(source, mode="r") if hasattr(source, "read") else pa.OSFile(str(source))
        )
        reader = pa.ipc.open_file if kind == "arrow" else pa.ipc.open_stream
        self._reader = reader(self._source)
        self.schema: pa.Schema = self._reader.schema

    def batches(
        self, rows: int = 0, names: Sequence[str] | None = None
    ) -> Iterator[tuple[float, pa.RecordBatch]]:
        done = 0
        while (whole := self._next(done)) is not None:
            share = self._source.tell() / max(self._source.size(), 1)
            batch = whole if names is None else whole.select(names)
            at_once = rows or _rows_at_once(batch.num_rows, batch.nbytes)
            for low in range(0, batch.num_rows, at_once):
                part = batch.slice(low, at_once)
                done += part.num_rows
                yield share, part

    def _next(self, done: int) -> pa.RecordBatch | None:
        try:
            if self._kind == "arrow-stream":
                batch = next(self._reader, None)
            elif self._number < self._reader.num_record_batches:
                batch = self._reader.get_batch(self._number)
                self._number += 1
            else:
                return None
            if batch is not None:
                _check(batch)
            elif self._source.tell() < self._source.size():
                raise ValueError(f"more follows its end at byte {self._source.tell():,}")
        except _DAMAGE as error:
            raise _damaged(self._place, self._kind, done, error) from error
        return batch

    def close(self) -> None:
        self._source.close()


def _check(batch: pa.RecordBatch) -> None:
    """That nothing leads out of the batch; text need not be UTF-8, which is judged by value.

    Raises:
        pa.ArrowInvalid: Something does.
    """
    batch.validate()
    for column in batch.columns:
        column.validate()
        if pa.types.is_string(column.type):
            column = column.view(pa.binary())
        elif pa.types.is_large_string(column.type):
            column = column.view(pa.large_binary())
        column.validate(full=True)


def _rows_at_once(rows: int, size: int) -> int:
    """Rows that are about sixteen megabytes, where all of them are ``size`` bytes."""
    return int(max(1, min(_MOST_ROWS, _BATCH_BYTES * rows // max(size, 1))))


def _damaged(place: Place, kind: Kind, done: int, error: Exception) -> InputError:
    what = elide(str(error), 200).rstrip(".")
    return InputError(
        f"{place} is a damaged {_NAMES[kind]} after record {done:,}: {what}.",
        remedy="Fetch the file again from its source.",
    )
