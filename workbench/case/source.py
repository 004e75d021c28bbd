"""One file of an open batch, on its way into the case.

This room must not read log files, nor decide fates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.case.milestones import Underway
from workbench.case.rows import coerced_by_column
from workbench.domain.exchange import CANONICAL_SCHEMA, Accounting, SourceReport

if TYPE_CHECKING:
    from workbench.case.batch import OpenBatch
    from workbench.case.sizes import Sizes
    from workbench.domain.exchange import Alone
    from workbench.domain.interrupted import Reached
    from workbench.domain.ports import Parsed


@dataclass(frozen=True, slots=True)
class Settled:
    """What is known of an import when all of its files were read.

    Attributes:
        reports: Of the files that were stored, in order, every record with its fate.
        alone: Halves of exchanges whose other halves were not found, by the path of their file.
    """

    reports: tuple[SourceReport, ...]
    alone: tuple[tuple[str, Alone], ...]


class OpenSource:
    """One file of an open batch.

    Args:
        batch: The batch.
        source_id: Its id.
        sizes: What the case held before it.
        about: What is known of the file so far.
    """

    def __init__(
        self, batch: OpenBatch, *, source_id: int, sizes: Sizes, about: SourceReport
    ) -> None:
        self._batch = batch
        self._about = about
        self._coerced = np.zeros(len(CANONICAL_SCHEMA), np.int64)
        self.source_id = source_id
        self.sizes = sizes
        self.accounting = Accounting()

    @classmethod
    def again(cls, batch: OpenBatch, at: Underway | None) -> OpenSource | None:
        """The file in which a milestone stands, as it was there; None between two files."""
        if at is None:
            return None
        source = cls(batch, source_id=at.source_id, sizes=at.sizes, about=at.about)
        source.accounting = at.accounting
        source._coerced = np.array(at.coerced, np.int64)
        return source

    def now(self, reached: Reached) -> Underway:
        """The file as it is now, for a milestone."""
        coerced = tuple(self._coerced.tolist())
        return Underway(self.source_id, self.sizes, self._about, self.accounting, coerced, reached)

    def append(self, parsed: Parsed) -> Accounting:
        """Store a block of records; the blocks come in the order of the file.

        Returns:
            The fates of this block.

        Raises:
            StorageError: The disk is full or failing; abort the batch.
        """
        accounting = self._batch._append(parsed, self.source_id)
        self._coerced += coerced_by_column(parsed.records)
        self.accounting += accounting
        return accounting

    def finish(
        self,
        *,
        sha256: str,
        size: int | None = None,
        compression: str | None = None,
        reason: str | None = None,
    ) -> SourceReport:
        """Record the file: what became known while reading replaces what was said before.

        Returns:
            The report; ``already`` when this system's file with these bytes was imported before.
            Then nothing of it was stored, and what could be read of it are duplicates.

        Raises:
            StorageError: The disk is full or failing; abort the batch.
        """
        about = self._about
        names = CANONICAL_SCHEMA.names
        report = replace(
            about,
            sha256=sha256,
            size=about.size if size is None else size,
            compression=about.compression if compression is None else compression,
            reason=about.reason if reason is None else reason,
            accounting=self.accounting,
            coerced_columns={names[i]: int(self._coerced[i]) for i in self._coerced.nonzero()[0]},
        )
        return self._batch._finish(self, report)

    def discard(self) -> None:
        """Take back everything of this file, as if it had not been begun."""
        self._batch._discard(self)
