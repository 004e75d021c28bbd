"""What an import remembers of the case and of what it has given so far, to judge and name the next.

This room must not write to the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.case.copies import Copies
from workbench.case.encode import Encoder
from workbench.case.rows import load_copies
from workbench.case.sizes import Sizes

if TYPE_CHECKING:
    import duckdb

    from workbench.case.milestones import Milestone
    from workbench.domain.ports import TextKeeper


class Memory:
    """The case as it is at a moment: dictionaries, marks of copies, and the next free ids.

    Args:
        cursor: On given, which holds nothing beyond that moment.
        system: The source system of the import.
        sizes: What the case holds at that moment.
        keeper: Says what is kept of texts, where these are left out.
        start: The milestone that it is; None where it is none.

    Attributes:
        exchanges: Id of the next exchange.
        sources: Id of the next file.
        encoder: The dictionaries.
        copies: The marks.
        files: SHA-256 of the files of the system.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        system: str,
        sizes: Sizes,
        keeper: TextKeeper | None,
        start: Milestone | None = None,
    ) -> None:
        self.exchanges = sizes.exchanges
        self.sources = sizes.sources
        self.encoder = Encoder(system, sizes, keeper)
        self.encoder.load(cursor, start.counted if start else b"")
        self.copies = Copies()
        underway = start.underway if start else None
        file = underway.source_id if underway else None
        self.files = load_copies(self.copies, cursor, system, file)
        if start:
            self.copies.load_of_file(start.again, np.zeros(len(start.again), np.bool_))

    def sizes(self) -> Sizes:
        """What the case holds now."""
        return Sizes(exchanges=self.exchanges, sources=self.sources, **self.encoder.counts())
