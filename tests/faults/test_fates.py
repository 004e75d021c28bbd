"""Mutated logs imported into a case: the fates that are told are those that its tables hold.

The logs have what an import decides about beyond reading: copies, the same request with other
content, halves of exchanges, blank lines. The seed is printed.
"""

from __future__ import annotations

import gzip
import random
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.faults.mutations import changed, spoilt
from tests.faults.small_logs import HOLDERS, SHAPES, Record, as_csv, line_of
from tests.faults.trouble import SEED, cases
from tests.formats.batch_records import (
    anthropic_answered,
    anthropic_asked,
    generation,
    openai_answered,
    openai_asked,
    openai_expired,
    trace,
)
from workbench.domain.errors import InputError
from workbench.domain.exchange import Fate, Frame, SourceReport, StoredFate
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Two halves of one exchange, by what both are called.
HALVES: list[tuple[Callable[[int], Record], Callable[[int], Record]]] = [
    (openai_asked, openai_answered),
    (openai_asked, openai_expired),
    (anthropic_asked, anthropic_answered),
    (trace, lambda number: generation(number, of=number)),
]
#: Imports into one case, so that what it holds already plays a part.
_IN_ONE_CASE = 20
#: What records are stored as, and where: record number, byte offset.
_STORED = "SELECT record_no, byte_offset FROM exchanges WHERE source_id = ? AND fate = ?"
#: A trace is joined to each exchange in it.
_JOINED = "SELECT DISTINCT record_no, byte_offset FROM joined WHERE source_id = ?"
_REJECTS = "SELECT record_no, byte_offset, raw FROM rejects WHERE source_id = ?"


def made(rng: random.Random, number: int, shape: str) -> list[Record]:
    """Records of a shape, some of them twice, some with the same name and other content."""
    start = SHAPES[shape]
    records = [
        start | ({} if shape in HOLDERS else {"request_id": f"r{number}-{i}"})
        for i in range(rng.randrange(1, 20))
    ]
    if rng.random() < 0.4:
        one, other = rng.choice(HALVES)
        for i in range(rng.randrange(1, 6)):
            records += [half(1000 * number + i) for half in (one, other) if rng.random() < 0.9]
    for _ in range(rng.randrange(6)):
        again = rng.choice([each for each in records if isinstance(each, dict)])
        if rng.random() < 0.5:
            again = again | {"prompt": f"another {rng.randrange(3)}"}
        elif rng.random() < 0.3:
            again = changed(rng, again)
        records.insert(rng.randrange(len(records) + 1), again)
    rng.shuffle(records)
    return [each if isinstance(each, dict) else {"prompt": "x"} for each in records]


def written(rng: random.Random, records: list[Record]) -> bytes:
    """Lines, with blank ones between; or CSV."""
    if rng.random() < 0.15:
        return as_csv(records)
    lines = [line_of(record) for record in records]
    for _ in range(rng.randrange(4)):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice([b"", b"  ", b"\r"]))
    return b"\n".join(lines) + rng.choice([b"", b"\n"])


class Told:
    """One import into a case, and what the case's own tables say of it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._cursor = workspace._held.case._database.cursor("given")

    def close(self) -> None:
        self._cursor.close()

    def rows(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._cursor.execute(text, list(values)).fetchall()

    def counts(self) -> list[int]:
        """Rows of every table that an import fills."""
        tables = ("sources", "exchanges", "joined", "rejects", "prompts", "identities", "batches")
        return [self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]

    def load(self, path: Path) -> SourceReport:
        """Import one file; what is told of it."""
        done = self._workspace.importing.run([path], Frame(system="g"), ReadOptions(), Job())
        (one,) = done.files
        assert done.total == one.accounting
        return one

    def check(self, report: SourceReport, plain: bytes) -> None:
        """Each record of the file has one fate, and the tables hold what the report counts."""
        fates = report.accounting
        ((source, *counts),) = self.rows(
            "SELECT source_id, records, loaded, joined, rejected, blank, duplicate, conflict, "
            "header FROM sources ORDER BY source_id DESC LIMIT 1"
        )
        assert counts == [fates.records, *(getattr(fates, fate.value) for fate in Fate)]
        loaded = self.rows(_STORED, source, StoredFate.LOADED)
        conflicts = self.rows(_STORED, source, StoredFate.CONFLICT)
        joined = self.rows(_JOINED, source)
        rejects = self.rows(_REJECTS, source)
        kept = [len(loaded), len(conflicts), len(joined), len(rejects)]
        assert kept == [fates.loaded, fates.conflict, fates.joined, fates.rejected]
        numbers = Counter(row[0] for row in (*loaded, *conflicts, *joined, *rejects))
        assert all(count == 1 for count in numbers.values())
        assert not numbers or 1 <= min(numbers) <= max(numbers) <= fates.records
        # What keeps no row of its own.
        assert fates.records - len(numbers) == fates.duplicate + fates.blank + fates.header
        for _, offset, raw in rejects:
            assert plain[offset : offset + len(raw)] == raw


def test_fates_of_mutated_logs(tmp_path: Path) -> None:
    numbers = cases(1000, least=20)
    n_loaded = n_again = 0
    for low in range(0, len(numbers), _IN_ONE_CASE):
        with Workspace.create(tmp_path / f"{low}.case") as workspace:
            told = Told(workspace)
            for number in numbers[low : low + _IN_ONE_CASE]:
                one, other = _import_twice(told, tmp_path, number)
                n_loaded, n_again = n_loaded + one, n_again + other
            told.close()
    assert n_loaded > len(numbers)
    assert n_again > len(numbers)


def _import_twice(told: Told, folder: Path, number: int) -> tuple[int, int]:
    """How many records were loaded, and how many were told as copies the second time."""
    seed = f"{SEED}/fates/{number}"
    rng = random.Random(seed)
    shape = rng.choice(list(SHAPES))
    plain, kinds = spoilt(rng, written(rng, made(rng, number, shape)))
    sys.stdout.write(f"seed {seed}: {shape} {kinds}\n")  # pytest shows it with a failure
    path = folder / f"log-{number}"
    path.write_bytes(gzip.compress(plain) if rng.random() < 0.2 else plain)
    before, refusal = told.counts(), ""
    try:
        report = told.load(path)
    except InputError as error:
        refusal = str(error)
    if refusal:
        assert str(path) in refusal
        assert told.counts() == before
        return 0, 0
    told.check(report, plain)
    # The same file once more: nothing of it is new, and nothing changes.
    before = told.counts()
    again = told.load(path)
    assert again.already
    assert again.accounting.loaded == 0
    assert again.accounting.records == report.accounting.records
    assert told.counts() == before
    # The same records in another file: none is loaded.
    path.write_bytes(plain + b"\n\n")
    other = told.load(path)
    assert not other.already
    told.check(other, plain + b"\n\n")
    assert other.accounting.loaded == 0
    return report.accounting.loaded, other.accounting.duplicate
