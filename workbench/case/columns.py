"""Arrow columns as plain arrays, and the marks of records.

This room knows the buffers of an Arrow array; it must not open a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.kernels.hashing import blake2b_128, sip_bytes, sip_finish, sip_start, sip_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: ``ts_text`` belongs to the content: without it two records whose times could not be read would
#: be copies of each other.
#: ``dialogue`` came later and stands last: what cases held before keeps its marks.
_CONTENT: Final = (
    "ts_text",
    *(name for name in CANONICAL_SCHEMA.names if name != "dialogue"),
    "dialogue",
)


class Strings(NamedTuple):
    """A string or binary column: string i is ``data[offsets[i]:offsets[i + 1]]``."""

    offsets: NDArray[np.int32]
    data: NDArray[np.uint8]


def strings_of(column: pa.Array) -> Strings:
    """Offsets (n + 1,) and bytes of a string or binary array, without copying."""
    _, offsets, data = column.buffers()
    if len(column) == 0:
        return Strings(np.zeros(1, np.int32), np.zeros(0, np.uint8))
    return Strings(
        np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1],
        np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8),
    )


def valid_of(column: pa.Array) -> NDArray[np.bool_]:
    """Where the column is not NULL, shape (n,)."""
    if column.null_count == 0:
        return np.ones(len(column), np.bool_)
    valid: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return valid


def digests_of(column: pa.Array) -> NDArray[np.uint64]:
    """BLAKE2b-128 of the exact bytes of each string, shape (n, 2); of NULLs, of nothing."""
    digests: NDArray[np.uint64] = blake2b_128(*strings_of(column))
    return digests


def as_blobs(digests: NDArray[np.uint64]) -> pa.Array:
    """Digests (n, 2) as an Arrow binary column of 16 bytes each."""
    n = len(digests)
    offsets = np.arange(n + 1, dtype=np.int32) * 16
    return pa.Array.from_buffers(
        pa.binary(),
        n,
        [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(digests))],
    )


def from_blobs(column: pa.Array) -> NDArray[np.uint64]:
    """The reverse of ``as_blobs``."""
    offsets, data = strings_of(column)
    whole = data[offsets[0] : offsets[-1]]
    return np.frombuffer(whole.tobytes(), np.uint64).reshape(len(column), 2)


def content_marks(records: pa.RecordBatch, key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keyed 128-bit hashes of the contents of records, shape (n, 2).

    The content is every canonical column: which are NULL, then the values, each text with its
    length, so that no two different records absorb the same words.

    Args:
        records: Rows of ``RECORD_SCHEMA``.
        key: The secret of the case, shape (2,).
    """
    n = records.num_rows
    states = sip_start(n, key)
    present = [(name, records.column(name)) for name in _CONTENT]
    filled = [(name, column, valid_of(column)) for name, column in present if not _empty(column)]
    which = np.zeros(n, np.uint64)
    for name, _, valid in filled:
        which |= valid.astype(np.uint64) << np.uint64(_CONTENT.index(name))
    sip_words(states, which, np.ones(n, np.bool_))
    for _, column, valid in filled:
        _absorb(states, column, valid)
    marks: NDArray[np.uint64] = sip_finish(states)
    return marks


def marks_of(
    records: pa.RecordBatch, contents: NDArray[np.uint64], key: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Keyed 128-bit marks by which copies of a record are recognised, shape (n, 2).

    A record with a request id has the keyed hash of that id and 64 bits of the keyed hash of its
    content; one without has 128 bits of the content's.

    Args:
        records: Rows of ``RECORD_SCHEMA``.
        contents: Their ``content_marks``.
        key: The secret of the case, shape (2,).
    """
    marks = contents.copy()
    requests = records.column("request_id")
    if not _empty(requests):
        valid = valid_of(requests)
        of_request = name_marks(requests, key)
        marks[valid, 0] = of_request[valid]
    return marks


def name_marks(names: pa.Array, key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The keyed hash of each name, shape (n,); of a NULL, of nothing."""
    states = sip_start(len(names), key)
    _absorb(states, names, valid_of(names))
    marks: NDArray[np.uint64] = sip_finish(states)
    return marks[:, 0]


def _empty(column: pa.Array) -> bool:
    return bool(column.null_count == len(column))


def _absorb(states: NDArray[np.uint64], column: pa.Array, valid: NDArray[np.bool_]) -> None:
    kind = column.type
    if pa.types.is_string(kind):
        sip_bytes(states, *strings_of(column), valid)
    elif pa.types.is_list(kind):
        offsets = np.asarray(column.offsets) * np.int32(kind.value_type.bit_width // 8)
        values = np.asarray(column.values)
        sip_bytes(states, offsets.astype(np.int32), values.view(np.uint8), valid)
    else:
        if pa.types.is_timestamp(kind):
            column = column.cast(pa.int64())
        filled = column.fill_null(False if pa.types.is_boolean(kind) else 0)
        values = filled.to_numpy(zero_copy_only=False)
        words = values.view(np.uint64) if values.dtype == np.float64 else values.astype(np.int64)
        sip_words(states, words.view(np.uint64), valid)
