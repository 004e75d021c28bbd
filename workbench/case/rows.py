"""Rows of the smaller tables of given, and what an import reads back before it begins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from workbench.case.copies import JOINED, LOADED, positions
from workbench.domain.exchange import CANONICAL_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from numpy.typing import NDArray

    from workbench.case.copies import Copies
    from workbench.case.encode import Rows
    from workbench.domain.exchange import SourceReport

_READ_ROWS = 122_880
#: Above the number of any file.
_NO_FILE = 2**31 - 1
_MARKS = (
    "SELECT mark_hi, mark_lo, request_id IS NOT NULL FROM exchanges "
    "WHERE batch_id IN (SELECT unnest($of)) AND source_id >= $first AND source_id < $last"
)
_MARKS_JOINED = (
    "SELECT mark_hi, mark_lo, true FROM joined "
    "WHERE batch_id IN (SELECT unnest($of)) AND source_id >= $first AND source_id < $last"
)


def conformed(block: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The block in the contract's columns and types.

    Raises:
        KeyError, pa.ArrowInvalid: It is not what the contract says: a bug of the reader.
    """
    if block.schema.equals(schema):
        return block
    columns = [block.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def coerced_by_column(records: pa.RecordBatch) -> NDArray[np.int64]:
    """How often each canonical column was given but unreadable, shape (columns,)."""
    bits = records.column("coerced").to_numpy(zero_copy_only=False).astype(np.uint64)
    bits = bits[bits != 0]
    columns = np.arange(len(CANONICAL_SCHEMA), dtype=np.uint64)
    counts: NDArray[np.int64] = ((bits[:, None] >> columns) & np.uint64(1)).sum(0, dtype=np.int64)
    return counts


def reject_rows(rejects: pa.RecordBatch, batch_id: int, source_id: int) -> list[Rows]:
    """Rows of ``rejects``; none for an empty block."""
    n = rejects.num_rows
    if not n:
        return []
    columns = {
        "batch_id": pa.array(np.full(n, batch_id, np.int32)),
        "source_id": pa.array(np.full(n, source_id, np.int32)),
        "record_no": rejects.column("record_no"),
        "byte_offset": rejects.column("byte_offset"),
        "reason": rejects.column("reason"),
        "raw": rejects.column("raw").fill_null(b""),
    }
    return [("rejects", pa.table(columns))]


def joined_rows(
    records: pa.RecordBatch,
    fates: NDArray[np.uint8],
    partners: NDArray[np.int64],
    marks: NDArray[np.uint64],
    batch_id: int,
    source_id: int,
) -> list[Rows]:
    """Rows of ``joined`` for the records with that fate."""
    at = positions(fates, JOINED)
    if not len(at):
        return []
    taken = pa.array(at)
    columns = {
        "exchange_id": pa.array(partners[at]),
        "batch_id": pa.array(np.full(len(at), batch_id, np.int32)),
        "source_id": pa.array(np.full(len(at), source_id, np.int32)),
        "record_no": records.column("record_no").take(taken),
        "byte_offset": records.column("byte_offset").take(taken),
        "mark_hi": pa.array(marks[at, 0]),
        "mark_lo": pa.array(marks[at, 1]),
    }
    return [("joined", pa.table(columns))]


def confirm_joined(
    cursor: duckdb.DuckDBPyConnection,
    records: pa.RecordBatch,
    fates: NDArray[np.uint8],
    partners: NDArray[np.int64],
) -> None:
    """Keep those joins whose request ids are equal, byte for byte; load the others.

    Args:
        cursor: On given.
        records: Rows of ``RECORD_SCHEMA``.
        fates: Their fates, (n,); changed in place.
        partners: The exchanges that they would be joined to, (n,); changed in place.
    """
    rows = positions(fates, JOINED)
    if not len(rows):
        return
    asked = pa.table(
        {
            "row": pa.array(rows),
            "exchange_id": pa.array(partners[rows]),
            "request_id": records.column("request_id").take(pa.array(rows)),
        }
    )
    cursor.register("asked", asked)
    found = cursor.execute(
        'SELECT "row" FROM asked JOIN exchanges USING (exchange_id, request_id)'
    ).fetchnumpy()["row"]
    cursor.unregister("asked")
    mistaken = np.setdiff1d(rows, found)
    fates[mistaken] = LOADED
    partners[mistaken] = -1


def source_row(report: SourceReport, source_id: int, batch_id: int) -> pa.Table:
    """The row of ``sources`` for a file."""
    row = {
        "source_id": source_id,
        "batch_id": batch_id,
        # A file name need not be text; what is not is written as escapes.
        "path": report.path.encode("utf-8", "backslashreplace").decode("utf-8"),
        "size": report.size,
        "sha256": report.sha256,
        "format": report.format,
        "compression": report.compression,
        "reason": report.reason.encode("utf-8", "backslashreplace").decode("utf-8"),
        **report.accounting.as_dict(),
        "coerced_columns": json.dumps(report.coerced_columns, sort_keys=True),
    }
    return pa.Table.from_pylist([row])


def load_copies(
    copies: Copies, cursor: duckdb.DuckDBPyConnection, system: str, underway: int | None = None
) -> set[str]:
    """Take in the marks of all exchanges, and return the SHA-256 of all files, of one system.

    Args:
        copies: An empty memory.
        cursor: On given.
        system: The source system; "" (not said) is one of its own, which joins nothing.
        underway: The file that is being read, the last one; None between two files.
    """
    rows = cursor.execute("SELECT batch_id, frame FROM batches").fetchall()
    systems = {batch_id: json.loads(frame)["system"] for batch_id, frame in rows}
    own = [batch_id for batch_id, of in systems.items() if of == system]
    others = [batch_id for batch_id, of in systems.items() if of and system and of != system]
    until = _NO_FILE if underway is None else underway
    for load, first, last in ((copies.load, 0, until), (copies.load_of_file, until, _NO_FILE)):
        for text in (_MARKS, _MARKS_JOINED):
            for hi, lo, named in _columns(cursor, text, own, first=first, last=last):
                load(np.column_stack([hi, lo]), named)
    for hi, exchange_id in _columns(
        cursor,
        "SELECT mark_hi, exchange_id FROM exchanges WHERE fate = 0 AND request_id IS NOT NULL "
        "AND batch_id IN (SELECT unnest($of))",
        others,
    ):
        copies.load_elsewhere(hi, exchange_id)
    known = cursor.execute(
        "SELECT sha256 FROM sources WHERE batch_id IN (SELECT unnest($of))", {"of": own}
    ).fetchall()
    return {row[0] for row in known}


def _columns(
    cursor: duckdb.DuckDBPyConnection, text: str, batches: list[int], **params: int
) -> Iterator[list[Any]]:
    """The result's columns as arrays, a block of rows at a time."""
    if not batches:
        return
    reader = cursor.sql(text, params={"of": batches, **params}).to_arrow_reader(_READ_ROWS)
    for block in reader:
        yield [column.to_numpy(zero_copy_only=False) for column in block.columns]
