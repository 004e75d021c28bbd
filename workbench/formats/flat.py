"""Canonical JSON lines, a block at a time: a kernel finds the values, columns are made of them.

It takes a line only where there is nothing to decide. The others it refuses, good or bad;
``adapter`` reads them by another path. Must not reject a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.block_columns import (
    BlockColumns,
    Lines,
    allowed_kinds,
    closed,
    no_lines,
)
from workbench.formats.canonical import TELLTALES
from workbench.formats.owners import NEVER_FLAT
from workbench.kernels.json_lines import scan
from workbench.kernels.json_tokens import key_table

if TYPE_CHECKING:
    import datetime as dt

    from workbench.formats.batch import BatchBuilder

_FOREIGN: Final = [name for name in TELLTALES if name not in NEVER_FLAT]
#: The canonical columns, then the keys of other formats, which may be null and nothing else.
_TABLE: Final = key_table(
    [*CANONICAL_SCHEMA.names, *_FOREIGN],
    [*map(allowed_kinds, CANONICAL_SCHEMA), *(0 for _ in _FOREIGN)],
)


class FlatLines:
    """Reads blocks of canonical JSON lines.

    Args:
        zone: Of naive times.
    """

    def __init__(self, zone: dt.tzinfo | None) -> None:
        self._zone = zone

    def read(self, data: bytes | memoryview, builder: BatchBuilder) -> Lines:
        """Give the builder what can be read here.

        Args:
            data: Whole lines of UTF-8.
            builder: Takes the rows.
        """
        if not data:
            return no_lines(data)
        array = np.frombuffer(closed(data), np.uint8)
        spans = scan(array, _TABLE)
        block = BlockColumns(array, spans, self._zone)
        builder.extend_columns((block.rows + 1).tolist(), block.columns())
        refused = (np.flatnonzero(~spans.accepted) + 1).tolist()
        return Lines(spans.starts, spans.ends, refused, data)
