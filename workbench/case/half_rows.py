"""Halves of exchanges as they were read, on the disk; and how two of them are put together.

They are written one after the other and fetched by number, through the memory map of an Arrow
file: texts of any number of halves take no memory of the process. This room must not decide what
belongs together.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.exchange import RECORD_SCHEMA, Side

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

#: Rows of a record, and the bytes of what is no exchange by itself.
_SCHEMA: Final = pa.schema([*RECORD_SCHEMA, ("raw", pa.binary())])
#: Rows that are written together: as many are found by one look.
_TOGETHER: Final = 4096
#: Where a record lies is said of the half that was read first.
_PLACE: Final = frozenset({"record_no", "byte_offset", "coerced"})


class HalfBlock(NamedTuple):
    """Exchanges that were put together, or stayed halves: rows of ``RECORD_SCHEMA``.

    Attributes:
        records: The exchanges, (n,).
        half_ids: By what each is known among the halves, (n,).
        source_ids: File of the record that came first, (n,).
        fates: Stored fates, (n,).
        marks: Of that record alone, (n, 2): by it the record is recognised when it comes again.
    """

    records: pa.RecordBatch
    half_ids: NDArray[np.int64]
    source_ids: NDArray[np.int32]
    fates: NDArray[np.uint8]
    marks: NDArray[np.uint64]


class Spool:
    """Rows in a file, numbered from 0 in the order in which they come.

    Args:
        folder: For nobody else; made anew with the first row.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "halves.arrow"
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        self._whole = False
        self._ends: list[int] = []

    def __len__(self) -> int:
        """How many rows there are."""
        return self._ends[-1] if self._ends else 0

    def append(self, rows: pa.RecordBatch, raw: pa.Array) -> None:
        """Write rows of ``RECORD_SCHEMA``; none may come after the first was taken.

        Args:
            rows: The records.
            raw: Bytes of each that is no exchange by itself, else NULL.

        Raises:
            OSError: The disk is full or failing.
        """
        if self._writer is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()
            self._writer = pa.ipc.new_file(str(self._file), _SCHEMA)
        block = pa.RecordBatch.from_arrays([*rows.columns, raw], schema=_SCHEMA)
        for start in range(0, block.num_rows, _TOGETHER):
            part = block.slice(start, _TOGETHER)
            self._writer.write_batch(part)
            self._ends.append(len(self) + part.num_rows)

    def take(self, numbers: NDArray[np.int64]) -> pa.RecordBatch:
        """The rows of these numbers, in their order; at least one.

        Raises:
            OSError: The disk is failing.
        """
        assert self._writer is not None, "nothing was written"
        if not self._whole:
            self._writer.close()
            self._whole = True
        ends = np.array(self._ends, np.int64)
        within = np.searchsorted(ends, numbers, side="right")
        order = np.argsort(within, kind="stable")
        parts = []
        # Opened each time: what a map that is closed has touched no longer counts as memory.
        with pa.memory_map(str(self._file)) as file:
            reader = pa.ipc.open_file(file)
            for at in np.split(order, np.flatnonzero(np.diff(within[order])) + 1):
                which = int(within[at[0]])
                begin = 0 if which == 0 else int(ends[which - 1])
                parts.append(reader.get_batch(which).take(pa.array(numbers[at] - begin)))
            del reader
        back = np.empty(len(numbers), np.int64)
        back[order] = np.arange(len(numbers))
        return pa.concat_batches(parts).take(pa.array(back))

    def close(self) -> None:
        """Delete the file."""
        if self._writer is not None:
            with suppress(OSError):  # a full disk has been told of already
                self._writer.close()
            self._writer = None
            shutil.rmtree(self._folder, ignore_errors=True)


def put_together(spool: Spool, rows: pa.RecordBatch) -> HalfBlock:
    """Exchanges from halves.

    Args:
        spool: The halves.
        rows: half_id and, where there is one, other_id; source_id, side, fate, mark_hi, mark_lo of
            the first; and columns that what is around it fills, NULL where it fills nothing.
    """
    one = spool.take(rows.column("half_id").to_numpy())
    columns = {name: one.column(name) for name in RECORD_SCHEMA.names}
    others = rows.column("other_id")
    with_other = np.flatnonzero(others.is_valid().to_numpy(zero_copy_only=False))
    if len(with_other):
        two = spool.take(others.drop_null().to_numpy())
        where = np.full(rows.num_rows, -1, np.int64)
        where[with_other] = np.arange(len(with_other))
        two = two.take(pa.array(where, mask=where < 0))
        columns = _merged(columns, two, pc.equal(rows.column("side"), int(Side.ANSWERED)))
    for name in set(rows.schema.names) & columns.keys():
        columns[name] = _filled(name, columns[name], rows.column(name), rows)
    arrays = [columns[field.name].cast(field.type) for field in RECORD_SCHEMA]
    return HalfBlock(
        pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA),
        rows.column("half_id").to_numpy(),
        rows.column("source_id").to_numpy(),
        rows.column("fate").to_numpy(),
        np.column_stack([rows.column("mark_hi").to_numpy(), rows.column("mark_lo").to_numpy()]),
    )


def _merged(
    columns: dict[str, pa.Array], two: pa.RecordBatch, answered: pa.Array
) -> dict[str, pa.Array]:
    """What both halves say: what was asked before what was answered, but for the model."""
    merged = {}
    for name, mine in columns.items():
        if name in _PLACE:
            merged[name] = mine
            continue
        other = two.column(name)
        asked, came = pc.if_else(answered, other, mine), pc.if_else(answered, mine, other)
        if name == "dialogue":  # each side says its own
            merged[name] = pc.coalesce(_behind(asked, came), asked, came)
            continue
        merged[name] = pc.coalesce(*((came, asked) if name == "model" else (asked, came)))
    # The text of a time that could not be read says nothing beside one that could.
    merged["ts_text"] = pc.if_else(merged["ts"].is_valid(), None, merged["ts_text"])
    return merged


def _behind(one: pa.Array, other: pa.Array) -> pa.Array:
    """Lists in JSON, one behind the other; NULL where either is."""
    first = pc.utf8_slice_codeunits(one, 0, -1)
    return pc.binary_join_element_wise(first, pc.utf8_slice_codeunits(other, 1), ",")


def _filled(name: str, own: pa.Array, around: pa.Array, rows: pa.RecordBatch) -> pa.Array:
    """The record's own word first; a trace stands for the session that nobody names."""
    if name != "session_id":
        return pc.coalesce(own, around)
    stands = pc.fill_null(pc.equal(own, rows.column("key")), False)
    named = pc.if_else(stands, pa.scalar(None, own.type), own)
    return pc.coalesce(named, around, own)
