"""What is kept of texts that were left out of a case: fixed-width numbers a text, as bytes.

Knows how they lie in the case, not how they come about (``analysis.kept``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


def packed(rows: NDArray[Any]) -> pa.Array:
    """Rows of numbers, shape (n, k), as a binary array of length n."""
    rows = np.ascontiguousarray(rows)
    width = rows.shape[1] * rows.itemsize
    offsets = (np.arange(len(rows) + 1, dtype=np.int64) * width).astype(np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(rows)]
    return pa.Array.from_buffers(pa.large_binary(), len(rows), buffers).cast(pa.binary())


def unpacked(column: pa.Array, kind: DTypeLike, width: int) -> NDArray[Any]:
    """The numbers of the values that are not NULL, shape (m, width).

    Args:
        column: Binary array from ``packed``.
        kind: Their type.
        width: Numbers a row.

    Raises:
        ValueError: Values of another width: they were kept by another version.
    """
    values = column.drop_null().cast(pa.large_binary())
    _, places, content = values.buffers()
    if len(values) == 0 or content is None:
        return np.empty((0, width), kind)
    offsets = np.frombuffer(places, np.int64)[values.offset : values.offset + len(values) + 1]
    whole = np.frombuffer(content, np.uint8)[offsets[0] : offsets[-1]]
    return whole.view(kind).reshape(len(values), width)


def is_kept(column: pa.Array) -> NDArray[np.bool_]:
    """bool[n]: where something is kept in place of the text."""
    kept: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return kept
