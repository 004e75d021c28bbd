"""Use case: the log of a case replayed day by day, to know when a campaign would have been seen.

Each replay is a case of its own in a temporary folder: the exchanges before an instant, taken out
of the case, imported and analysed anew with the same parameters. The case itself is only read.
Accounts keep their values; source systems are not told apart, as in the truth.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.domain.errors import NotAssessedError
from workbench.domain.exchange import CANONICAL_SCHEMA, Frame
from workbench.domain.ports import ReadOptions
from workbench.evaluate.alerts import first_alert
from workbench.evaluate.report import evaluate
from workbench.evaluate.truth import read_truth
from workbench.services.analysing import Analysing
from workbench.services.browsing import Browsing
from workbench.services.evidence import Evidence
from workbench.services.open_case import OpenCase
from workbench.services.selecting import Selecting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from workbench.case.identity import Signer
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings
    from workbench.evaluate.alerts import FirstAlert

#: Rows of the log held in memory at a time.
_ROWS: Final = 65_536
#: Replays that bisecting a few weeks takes; for the progress bar only.
_REPLAYS: Final = 7


@dataclass(frozen=True, slots=True)
class _Log:
    """The log outside the case: its file, and when which planted account was there."""

    path: Path
    ts_us: NDArray[np.int64]
    planted: NDArray[np.bool_]


class Replaying:
    """Replays the log of an open case in copies.

    Args:
        held: The open case; only read.
        signer: Gives the analyst's key, which signs the journals of the copies.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def first_alert(self, truth: Path, settings: AnalysisSettings, job: JobContext) -> FirstAlert:
        """When the log, replayed day by day, first reaches multi-axis for a campaign.

        Args:
            truth: A truth.csv.
            settings: Parameters of each replay.
            job: Progress and cancellation.

        Raises:
            InputError: The truth cannot be used.
            NotAssessedError: The case was not analysed, or has no texts.
            StorageError: The copies cannot be written.
            CancelledError: The job was cancelled; nothing remains of the copies.
        """
        known = read_truth(truth)
        self._held.need_texts("the log cannot be replayed")
        with tempfile.TemporaryDirectory(prefix="workbench-replay-") as name:
            folder = Path(name)
            job.report("Copying the log", done=0.0)
            log = self._copied(folder / "whole.parquet", known, job)
            replays = 0

            def raised(until_us: int) -> bool:
                nonlocal replays
                replays += 1
                job.report(f"Replay {replays}", done=min(0.95, replays / (_REPLAYS + 1)))
                accounts = self._replay(log.path, until_us, folder, settings, job)
                return evaluate(accounts, known).discovery.found

            return first_alert(log.ts_us, log.planted, raised)

    def _copied(self, path: Path, known: pa.Table, job: JobContext) -> _Log:
        """The log written to a file; exchanges without a time or an account stay behind."""
        campaigns = known.filter(pc.not_equal(known["campaign_id"], ""))["account_id"]
        times, planted = [], []
        with pq.ParquetWriter(path, CANONICAL_SCHEMA) as file:
            for account, batch in self._exchanges():
                job.check()
                timed = pc.is_valid(batch.column("ts"))
                file.write_batch(batch.filter(timed))
                times.append(np.asarray(batch.column("ts").filter(timed).cast(pa.int64())))
                mine = pc.is_in(account.filter(timed), campaigns.combine_chunks())
                planted.append(np.asarray(mine))
        return _Log(path, np.concatenate(times), np.concatenate(planted))

    def _exchanges(self) -> Iterator[tuple[pa.StringArray, pa.RecordBatch]]:
        """Value of the account of each exchange, and its canonical columns, in order of id."""
        accounts = self._held.results().accounts
        if accounts is None or not accounts.num_rows:
            raise NotAssessedError(
                "This case holds no analysed accounts.", remedy="Run workbench analyse first."
            )
        keys = accounts.column("account_key").combine_chunks()
        values = accounts.column("value").combine_chunks()
        everybody = pa.table(
            {
                "account_id": accounts.column("code"),
                "account_key": keys,
                "cluster_id": pa.nulls(len(keys), pa.string()),
                "subject": pa.array(np.zeros(len(keys)), pa.int32()),
            }
        )
        for batch in Evidence(self._held, everybody).stream(filled=True):
            account = values.take(pc.index_in(batch.column("account_key"), keys))
            yield account, batch.select(CANONICAL_SCHEMA.names)

    def _replay(
        self,
        log: Path,
        until_us: int,
        folder: Path,
        settings: AnalysisSettings,
        job: JobContext,
    ) -> pa.Table:
        """The accounts table of a case that holds the log before an instant."""
        # Imported here: formats are many, and only a replay imports.
        from workbench.case.folder import Case
        from workbench.services.importing import Importing

        with tempfile.TemporaryDirectory(dir=folder) as name:
            part = Path(name) / "log.parquet"
            instant = pa.scalar(until_us, pa.int64()).cast(pa.timestamp("us"))
            with pq.ParquetWriter(part, CANONICAL_SCHEMA) as file:
                for batch in pq.ParquetFile(log).iter_batches(_ROWS):
                    file.write_batch(batch.filter(pc.less(batch.column("ts"), instant)))
            with Case.create(Path(name) / "replay.case") as case:
                held = OpenCase(case)
                options = ReadOptions(zone="UTC")
                Importing(held, self._signer).run([part], Frame(zone="UTC"), options, job)
                Analysing(held, self._signer).run(settings, job)
                return Browsing(held, Selecting(held.results)).accounts()
