"""Arrow strings as the plain arrays that kernels read; no text becomes a Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray


def text_buffers(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The UTF-8 bytes of a string array, and where each text begins in them.

    Args:
        texts: A ``string``, ``large_string`` or ``string_view`` array; NULL reads as empty.

    Returns:
        u8 bytes (a view of the array's own buffer), i64[len(texts) + 1] offsets into them.
    """
    if texts.null_count:
        texts = texts.fill_null("")
    if not pa.types.is_large_string(texts.type):
        texts = texts.cast(pa.large_string())
    _, places, content = texts.buffers()
    first = texts.offset
    if places is None or len(texts) == 0:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    offsets = np.frombuffer(places, np.int64)[first : first + len(texts) + 1]
    data = np.zeros(0, np.uint8) if content is None else np.frombuffer(content, np.uint8)
    return data, offsets
