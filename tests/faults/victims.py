"""What is killed: each job as a process of its own that tells every step it has taken.

Forked from a server that has imported everything, so that hundreds of them cost seconds. A step
is told after it was taken: what is told as committed must be there after the kill.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any, Protocol
from unittest.mock import patch

from tests.faults.trouble import FEW
from tests.services.cut_short import small_steps
from workbench.bundle import bag
from workbench.case import merging as case_merging
from workbench.case import purging as erasing
from workbench.case.added import OpenTable
from workbench.case.batch import OpenBatch
from workbench.case.chunks import Chunks
from workbench.case.computed import ArtifactStore
from workbench.case.journal import Journals
from workbench.domain.added import AddedKind
from workbench.domain.exchange import Frame
from workbench.domain.label import Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.formats import blocks, read
from workbench.services import purging, repairing
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from workbench.case.encode import Rows
    from workbench.domain.added import AddedRows
    from workbench.domain.exchange import Accounting
    from workbench.domain.ports import Parsed


class Listener(Protocol):
    """Who is told: the writing end of a pipe."""

    def send(self, told: tuple[str, Any]) -> None:
        """Told when a step was taken: a word, and what was committed by it."""


def begin(config: Path) -> None:
    """Before anything of the workbench is asked."""
    os.environ["WORKBENCH_CONFIG"] = str(config)
    patch(*FEW).start()  # until it is killed


def import_log(tell: Listener, config: Path, case: Path, log: Path) -> None:
    """Import a log in many small chunks, each committed by itself."""
    begin(config)
    read.cut_blocks = partial(blocks.cut_blocks, size=32 << 10)  # type: ignore[attr-defined]
    write_all = Chunks.write_all

    def written(self: Chunks) -> None:
        write_all(self)
        tell.send(("chunk", None))

    append = OpenBatch._append

    def appended(self: OpenBatch, parsed: Parsed, source_id: int) -> Accounting:
        counts = append(self, parsed, source_id)
        self._chunks.write_all()
        return counts

    Chunks.write_all = written  # type: ignore[method-assign]
    OpenBatch._append = appended  # type: ignore[method-assign]
    with Workspace.open(case) as workspace:
        tell.send(("opened", None))
        job = _telling(tell)
        workspace.importing.run([log], Frame(system="another"), ReadOptions(), job)
        tell.send(("imported", None))


def import_on(tell: Listener, config: Path, case: Path, log: Path) -> None:
    """Import a log, or go on with that where another was killed, with many milestones."""
    begin(config)
    commit = Chunks._commit

    def committed(self: Chunks, chunk: list[Rows]) -> None:
        commit(self, chunk)
        tell.send(("chunk", None))

    step = small_steps(every=30, block=20_000, rows=50)
    with step, patch.object(Chunks, "_commit", committed), Workspace.open(case) as workspace:
        tell.send(("opened", None))
        importing, job = workspace.importing, _telling(tell)
        if importing.interrupted():
            importing.resume(job, workers=1)
        else:
            importing.run([log], Frame(system="another"), ReadOptions(), job, workers=1)
        tell.send(("imported", None))


def analyse(tell: Listener, config: Path, case: Path) -> None:
    """Analyse, or go on with an analysis that was killed."""
    begin(config)
    publish = ArtifactStore.publish

    def published(self: ArtifactStore, stage: str, *given: Any, **more: Any) -> Any:
        result = publish(self, stage, *given, **more)
        tell.send(("published", (stage, result.digest)))
        return result

    ArtifactStore.publish = published  # type: ignore[method-assign]
    with Workspace.open(case) as workspace:
        workspace.analysing.run(AnalysisSettings(), _telling(tell))


def decide(tell: Listener, config: Path, case: Path) -> None:
    """Label, note, undo and redo for ever."""
    begin(config)
    with Workspace.open(case) as workspace:
        key = workspace.browsing.accounts().column("account_id")[0].as_py()
        labelling, journals = workspace.labelling, workspace._held.case.journals
        turns: tuple[Callable[[], object], ...] = (
            lambda: labelling.label(Label.SUSPECTED, "x" * 3000, accounts=[key]),
            labelling.undo,
            labelling.redo,
            lambda: labelling.note("still the same pattern"),
        )
        for decide_once in cycle(turns):
            decide_once()
            tell.send(("decided", journals.entries()[-1].digest))


def export(tell: Listener, config: Path, case: Path, account: str, out: Path) -> None:
    """Write a bundle."""
    begin(config)
    sync = bag._sync_file

    def synced(path: Path) -> None:
        sync(path)
        tell.send(("file", None))

    bag._sync_file = synced
    with Workspace.open(case) as workspace:
        workspace.exporting.run(Scope(accounts=(account,)), out, _telling(tell))
        tell.send(("exported", None))


def repair(tell: Listener, config: Path, case: Path, logs: Path) -> None:
    """Mend a damaged case."""
    begin(config)
    with _all(_after(tell, repairing, name) for name in ("new_aside", "swap", "set_aside")):
        repairing.repair(case, _telling(tell), logs=[logs])
    tell.send(("repaired", None))


def purge(tell: Listener, config: Path, case: Path, account: str) -> None:
    """Erase an account's exchanges."""
    begin(config)
    copying = (_after(tell, erasing._Writer, name) for name in ("_copy", "write"))
    with (
        _all(copying),
        _after(tell, Journals, "append"),
        _after(tell, erasing, "fsync_folder"),
    ):
        purging.purge(case, _telling(tell), "erasure request 7", accounts=[account])
    tell.send(("purged", None))


def merge(tell: Listener, config: Path, case: Path, other: Path) -> None:
    """Bring what a copy decided."""
    begin(config)
    bringing = ("replace_file", "fsync_folder", "finish", "_tidy")
    with (
        _all(_after(tell, case_merging, name) for name in bringing),
        _after(tell, Journals, "append"),
        Workspace.open(case) as workspace,
    ):
        workspace.merging.merge(other)
        tell.send(("merged", None))


def join(tell: Listener, config: Path, case: Path, table: Path) -> None:
    """Add a table, then take it out again."""
    begin(config)
    append = OpenTable.append

    def appended(self: OpenTable, block: AddedRows) -> None:
        append(self, block)
        tell.send(("block", None))

    with patch.object(OpenTable, "append", appended), Workspace.open(case) as workspace:
        report = workspace.joining.add(AddedKind.ACCOUNTS, table, _telling(tell))
        tell.send(("added", report.table.added_id))
        workspace.joining.remove(report.table.added_id)
        tell.send(("removed", report.table.added_id))


def _after(tell: Listener, owner: Any, name: str) -> Any:
    """While it holds, each call of a function is told when it is done."""
    real = getattr(owner, name)

    def done(*given: Any, **more: Any) -> Any:
        made = real(*given, **more)
        tell.send((name, None))
        return made

    return patch.object(owner, name, done)


@contextmanager
def _all(several: Iterable[AbstractContextManager[Any]]) -> Iterator[None]:
    with ExitStack() as stack:
        for one in several:
            stack.enter_context(one)
        yield


def _telling(tell: Listener) -> Job:
    return Job(lambda progress: tell.send(("step", progress.step)), interval=0.0)
