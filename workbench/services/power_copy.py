"""A copy of the case in which a campaign is planted: made for it, analysed, and gone.

The copy lies in a folder beside the case, where the log may lie, or in the temporary folder where
nothing can be written there. It holds what was given and one import more; of what was computed it
takes over the landmarks, which an import leaves where they are. Accounts that the planted ones
follow are drawn among those without a finding.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.account import AccountKey
from workbench.domain.errors import NotAssessedError, StorageError
from workbench.domain.exchange import CANONICAL_SCHEMA, RECORD_SCHEMA, REJECT_SCHEMA, Frame
from workbench.domain.finding import Verdict
from workbench.domain.ports import Parsed, ReadOptions
from workbench.domain.progress import ScaledJob
from workbench.evaluate.power import FLAGGED, Standing
from workbench.services.evidence import Evidence
from workbench.services.results import Results
from workbench.services.whole_files import NAMELESS, NAMELESS_REMEDY
from workbench.simulate.chance import generator
from workbench.simulate.clock import DAY_US
from workbench.simulate.graft import Ordinary, donors_needed, graft
from workbench.simulate.plant import plant
from workbench.simulate.scenario import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from workbench.case.folder import Case
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings
    from workbench.services.open_case import OpenCase
    from workbench.simulate.library import Library
    from workbench.simulate.plant import Planted

#: The campaign that is planted: that of the scenario ``hydra``, diluted.
_OPERATOR: Final = SCENARIOS["hydra"].operators[0]
#: Accounts without a finding that a log must hold to lend a campaign their looks.
_LEAST: Final = 20
#: Most of them that are read for one campaign, and most exchanges of one of them.
_MOST_DONORS, _MOST_ROWS = 1_500, 400
#: Days that are planted where the log has no times.
_DAYS: Final = 42
#: From this many days on a campaign begins at midnight, so that hours are hours.
_WHOLE_DAYS: Final = 3
_LANDMARKS: Final = ("space.landmarks", ("prompt", "vector", "xy"))
#: A copy takes so many times the bytes of what was given, its analysis included.
_ROOM: Final = 3


def standing(results: Results) -> dict[str, Standing]:
    """Where each account of a reading stands, by its key."""
    if results.clusters is None:
        return {}
    table = results.clusters.table
    ids = table.column("cluster_id").to_pylist()
    verdicts = table.column("verdict").to_pylist()
    bound = results.clusters.bound.tolist()
    loose = Standing(Verdict.NO_FINDING.value)
    return {
        key: loose if row < 0 else Standing(verdicts[row], ids[row])
        for key, row in zip(results.keys, bound, strict=True)
    }


class Copies:
    """Makes copies of an open case, one at a time; a context manager that leaves none.

    Args:
        held: The open case, for writing; only read.
        before: Where its accounts stand.
        settings: Parameters of its analysis.

    Raises:
        NotAssessedError: Too few accounts, or a log of less than a day.
        StorageError: There is no room.
    """

    def __init__(
        self, held: OpenCase, before: Mapping[str, Standing], settings: AnalysisSettings
    ) -> None:
        self._held = held
        self._settings = settings
        self._resources = ExitStack()
        accounts = held.results().accounts
        assert accounts is not None
        self._accounts = accounts
        self._taken = frozenset(accounts.column("value").to_pylist())
        self._namespace, self._kind, self._donors = _donors(accounts, before)
        self._begin_us, self._days = _span(accounts)
        self._mean = float(np.mean(accounts.column("n_exchanges").to_numpy()))
        self._frame = self._frame_of(self._namespace)

    def __enter__(self) -> Self:
        given = self._held.case.path / "given.duckdb"
        self._folder = self._resources.enter_context(_room(self._held.case.path, given))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.close()

    # --- what is planted -----------------------------------------------------------------------
    def campaign(
        self, library: Library, accounts: int, share: float, seed: int, job: JobContext
    ) -> Planted:
        """A campaign of so many accounts, as busy beside the case's as ``hydra``'s are."""
        job.report("Casting", done=0.0)
        exchanges = max(accounts, round(_OPERATOR.volume * self._mean * accounts))
        return plant(
            replace(_OPERATOR, dilution=1.0 - share),
            accounts=accounts,
            exchanges=exchanges,
            days=self._days,
            seed=seed,
            library=library,
            job=job,
        )

    def plant(
        self, campaign: Planted, seed: int, job: JobContext
    ) -> tuple[frozenset[str], dict[str, Standing]]:
        """Plant a campaign in a new copy and analyse that.

        Returns:
            Keys of the planted accounts, and where every account of the copy stands.

        Raises:
            StorageError: The disk is full or failing.
            CancelledError: The job was cancelled.
        """
        rows, names = graft(campaign, self._ordinary(campaign, seed, job), seed=seed)
        job.check()
        keys = frozenset(str(AccountKey(self._kind, self._namespace, name)) for name in names)
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            after = self._analysed(Path(name) / "copy.case", rows, job)
        if not keys <= after.keys():
            # Else a campaign that never was in the copy would read as one that was not found.
            raise AssertionError(f"{len(keys - after.keys())} planted accounts are not in the copy")
        return keys, after

    def _ordinary(self, campaign: Planted, seed: int, job: JobContext) -> Ordinary:
        """Accounts drawn among those without a finding, with their exchanges."""
        rng = generator(seed, "donors")
        count = min(donors_needed(campaign), len(self._donors), _MOST_DONORS)
        chosen = rng.permutation(self._donors)[:count]
        codes = self._accounts.column("code").to_numpy()[chosen]
        keys = self._accounts.column("account_key").take(chosen)
        table = pa.table(
            {
                "account_id": pa.array(codes, pa.int32()),
                "account_key": keys,
                "cluster_id": pa.nulls(count, pa.string()),
                "subject": pa.array(np.zeros(count), pa.int32()),
            }
        )
        order = {key: place for place, key in enumerate(keys.to_pylist())}
        batches = []
        # With what added tables say of them: planted accounts must not stand out by saying less.
        for batch in Evidence(self._held, table.sort_by("account_id")).stream(filled=True):
            job.check()
            place = [order[key] for key in batch.column("account_key").to_pylist()]
            part = batch.select(CANONICAL_SCHEMA.names)
            batches.append(part.append_column("place", pa.array(place, pa.int64())))
        rows = pa.Table.from_batches(batches)
        rows = rows.sort_by([("place", "ascending"), ("ts", "ascending")])
        place = rows.column("place").to_numpy()
        first = np.searchsorted(place, np.arange(count + 1))
        # A few accounts hold most of a log: of each the earliest ones do.
        rank = np.arange(len(place)) - first[place]
        kept = np.flatnonzero(rank < _MOST_ROWS)
        offsets = np.searchsorted(place[kept], np.arange(count + 1))
        rows = rows.drop_columns(["place"]).take(kept).combine_chunks()
        return Ordinary(rows, offsets, self._kind, self._taken, self._begin_us)

    # --- the copy ------------------------------------------------------------------------------
    def _analysed(self, path: Path, rows: pa.Table, job: JobContext) -> dict[str, Standing]:
        # Imported here: the analysis brings numba with it.
        from workbench.analysis.run import analyse, plan_for
        from workbench.case.folder import Case

        job.report("Copying", done=0.05)
        self._held.case.copy_given(path, job.check)
        with Case.open(path) as case:
            self._import(case, rows)
            job.check()
            self._take_over(case)
            analyse(
                case.engine,
                case.artifacts,
                self._settings,
                ScaledJob(job, 0.1, 1.0),
                plan=plan_for("clusters"),
            )
            return standing(Results.read(case.artifacts))

    def _import(self, case: Case, rows: pa.Table) -> None:
        """The campaign as one more import, from the system that its accounts belong to."""
        count = rows.num_rows
        record = {
            "record_no": pa.array(np.arange(1, count + 1)),
            "byte_offset": pa.array(np.full(count, -1)),
            "ts_text": pa.nulls(count, pa.string()),
            "coerced": pa.array(np.zeros(count, np.uint64)),
        }
        columns = [*record.values(), *(rows.column(n) for n in CANONICAL_SCHEMA.names)]
        whole = pa.Table.from_arrays(columns, schema=RECORD_SCHEMA).combine_chunks()
        rejects = pa.RecordBatch.from_pylist([], schema=REJECT_SCHEMA)
        with case.given.begin(self._frame, ReadOptions(zone="UTC")) as batch:
            source = batch.source(path="planted", format="planted")
            for block in whole.to_batches(max_chunksize=16_384):
                source.append(Parsed(block, rejects))
            report = source.finish(sha256="")
        if report.accounting.loaded != count:
            raise AssertionError(f"of {count} planted exchanges {report.accounting} became")

    def _take_over(self, case: Case) -> None:
        stage, names = _LANDMARKS
        mine = self._held.artifacts
        published = mine.current(stage)
        assert published is not None
        arrays = {name: mine.array(stage, name) for name in names}
        case.artifacts.publish(stage, published.key, arrays=arrays, tables={}, info=published.info)

    def _frame_of(self, system: str) -> Frame:
        """The frame of the last import from a system."""
        frames = [batch.frame for batch in self._held.case.given.batches()]
        return next((f for f in reversed(frames) if f.system == system), Frame(system=system))


def _donors(
    accounts: pa.Table, before: Mapping[str, Standing]
) -> tuple[str, Any, np.ndarray[Any, np.dtype[np.int64]]]:
    """Namespace and kind of most accounts without a finding, and which these are."""
    keys = [AccountKey.parse(key) for key in accounts.column("account_key").to_pylist()]
    if not keys:
        raise NotAssessedError(NAMELESS, remedy=NAMELESS_REMEDY)
    free = [
        index
        for index, key in enumerate(keys)
        if before.get(str(key), Standing("")).verdict not in FLAGGED
    ]
    groups: dict[tuple[str, Any], list[int]] = {}
    for index in free:
        groups.setdefault((keys[index].namespace, keys[index].kind), []).append(index)
    name = max(groups, key=lambda of: (len(groups[of]), of), default=None)
    if name is None or len(groups[name]) < _LEAST:
        raise NotAssessedError(
            f"The case holds fewer than {_LEAST} accounts of one kind without a finding: too few "
            "to place a campaign among them.",
            remedy="Import more of the log, then analyse it.",
        )
    return *name, np.array(groups[name], dtype=np.int64)


def _span(accounts: pa.Table) -> tuple[int, int]:
    """When a campaign may begin, UTC microseconds, and for how many whole days it may last."""
    first, last = pc.min(accounts.column("first_us")), pc.max(accounts.column("last_us"))
    if not first.is_valid:
        return 0, _DAYS
    begin, end = first.cast(pa.int64()).as_py(), last.cast(pa.int64()).as_py()
    if end - begin >= _WHOLE_DAYS * DAY_US:
        begin = -(-begin // DAY_US) * DAY_US
    days = (end - begin) // DAY_US
    if days < 1:
        raise NotAssessedError(
            "The log spans less than a day: too short to place a campaign in.",
            remedy="Import more of the log, then analyse it.",
        )
    return begin, days


def _room(case: Path, given: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder for copies with room enough; what a killed run left there is removed.

    Raises:
        StorageError: There is no room.
    """
    prefix = f".{case.name}.power-"
    # Only one process holds the case for writing: whatever is there is of one that ended.
    with suppress(OSError):
        for left in case.parent.iterdir():
            if left.name.startswith(prefix):
                shutil.rmtree(left, ignore_errors=True)
    try:
        folder = tempfile.TemporaryDirectory(prefix=prefix, dir=case.parent)
    except OSError:
        folder = tempfile.TemporaryDirectory(prefix="workbench-power-")
    needed, free = _ROOM * given.stat().st_size, shutil.disk_usage(folder.name).free
    if free < needed:
        folder.cleanup()
        raise StorageError(
            f"A copy of the case needs {needed / 1e9:.1f} GB beside it, and {free / 1e9:.1f} GB "
            f"are free ({Path(folder.name).parent}).",
            remedy="Free space there, then run it again.",
            safe="The case is as it was.",
        )
    return folder
