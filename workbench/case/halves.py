"""Halves of exchanges, held until all files of an import are read, and then joined.

Their texts wait in a file, what joins them in a database of its own that may spill: no more memory,
whatever their number. What identifies a batch is told by ``half_sets``. This room must not judge
copies, nor write to the case.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.case.columns import name_marks, valid_of
from workbench.case.copies import CONFLICT, LOADED
from workbench.case.database import scratch
from workbench.case.half_rows import HalfBlock, Spool, put_together
from workbench.case.half_sets import Candidate, Why, chosen
from workbench.case.statements import statement
from workbench.domain.exchange import Accounting, Alone, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from workbench.case.half_sets import Couple
    from workbench.domain.progress import JobContext

#: Of a record around others.
WITHOUT_EXCHANGE: Final = "no exchange: a trace, and none of its generations is in this import"
#: Memory of the halves; the more there is, the less goes to the disk.
_MEMORY: Final = "512MB"
#: Rows read back at a time: their texts are in memory.
_AT_ONCE: Final = 4096
#: A name that more sets than this have tells no batch from another.
_MOST_SETS: Final = 32
#: Whose an exchange was, which is what records around others know better.
_SAID_AROUND: Final = (
    *("account_id", "org_id", "end_user", "ip", "asn", "country", "user_agent", "ja3", "ja4"),
    *("account_created_at", "email_domain", "payment_hash"),
)
#: What is looked at before texts are: by it halves contradict each other, or fill one another.
_COMPARED: Final = (
    *("record_no", "byte_offset", "model", "max_tok", "n", "in_tok", "out_tok", "ts"),
    *_SAID_AROUND,
    "session_id",
)
#: What a model is called without its date and its aliases: "gpt-4o-2024-08-06", "-latest".
_FAMILY: Final = (
    r"regexp_replace(regexp_replace(lower(split_part({}.model, '/', -1)), '^ft:([^:]+).*$', "
    r"'\1'), '([-@](\d{{4}}-\d\d-\d\d|\d{{3,8}}|latest|preview|turbo|0))+$', '')"
)
_FAMILIES: Final = {
    "asked_family": _FAMILY.format("a"),
    "answered_family": _FAMILY.format("w"),
}
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)


def told_apart(
    marks: NDArray[np.uint64], contents: NDArray[np.uint64], halves: pa.RecordBatch, key: Any
) -> NDArray[np.int64]:
    """Mark lines of batches, and what is around others, by all that they say.

    A custom_id names nothing outside of its batch: two lines with the same one are copies where
    they say the same, and else have nothing to do with each other.

    Args:
        marks: Of all records of the block, (n, 2); changed in place.
        contents: Their ``content_marks``, (n, 2).
        halves: Rows of ``HALVES_SCHEMA``.
        key: The secret of the case, shape (2,).

    Returns:
        The rows concerned.
    """
    side = halves.column("side").to_numpy()
    lines = side != Side.WITHIN
    rows: NDArray[np.int64] = halves.column("row").to_numpy()[lines]
    batches = halves.column("batch")
    named = np.where(valid_of(batches), name_marks(batches, key), np.uint64(0))
    marks[rows, 0] = contents[rows, 0] ^ named[lines] ^ (side[lines].astype(np.uint64) * _SPREAD)
    return rows


class Halves:
    """The halves of one import.

    Args:
        spill: Folder for what does not fit into memory, beside others that are there.
        memory_limit: As DuckDB reads it.
    """

    def __init__(self, spill: Path, *, memory_limit: str = _MEMORY) -> None:
        self._spill = spill
        self._memory_limit = memory_limit
        self._spool = Spool(spill.with_name(f"{spill.name}-texts"))
        self._database: duckdb.DuckDBPyConnection | None = None
        self._undecided: dict[tuple[str, str, int], Why] = {}

    def __len__(self) -> int:
        """How many are held."""
        return len(self._spool)

    def close(self) -> None:
        """Let them go."""
        if self._database is not None:
            self._database.close()
            self._database = None
        self._spool.close()

    @property
    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if self._database is None:
            self._database = scratch(self._spill, memory_limit=self._memory_limit)
        return self._database

    # --- gathering ---------------------------------------------------------------------------
    def hold(
        self,
        records: pa.RecordBatch,
        halves: pa.RecordBatch | None,
        *,
        source_id: int,
        fates: NDArray[np.uint8],
        marks: NDArray[np.uint64],
    ) -> NDArray[np.int64]:
        """Hold what may be half of an exchange, of one block of a file.

        Args:
            records: Rows of ``RECORD_SCHEMA``.
            halves: Rows of ``HALVES_SCHEMA``, or None.
            source_id: Their file.
            fates: Fates of the records, (n,): copies and what is joined already are not held.
            marks: Marks of the records, (n, 2).

        Returns:
            The rows that are held, ascending.
        """
        if halves is None:
            return np.zeros(0, np.int64)
        rows: NDArray[np.int64] = halves.column("row").to_numpy()
        waits = np.isin(fates[rows], (LOADED, CONFLICT))
        waits &= halves.column("side").to_numpy() != Side.WHOLE
        rows = rows[waits]
        if len(rows):
            taken = pa.array(rows)
            of = halves.filter(pa.array(waits))
            records = records.take(taken)
            columns = {
                "half_id": pa.array(np.arange(len(self), len(self) + len(rows))),
                "source_id": pa.array(np.full(len(rows), source_id, np.int32)),
                "fate": pa.array(fates[rows]),
                "mark_hi": pa.array(marks[rows, 0]),
                "mark_lo": pa.array(marks[rows, 1]),
                "prompt_length": pc.utf8_length(records.column("prompt")),
                **{name: of.column(name) for name in ("kind", "side", "batch", "key")},
                **{name: records.column(name) for name in _COMPARED},
            }
            self._keep(pa.table(columns))
            self._spool.append(records, of.column("raw"))
        return rows

    def _keep(self, rows: pa.Table) -> None:
        self._cursor.register("incoming", rows)
        how = "INSERT INTO half BY NAME" if len(self) else "CREATE TEMP TABLE half AS"
        self._cursor.execute(f"{how} FROM incoming")
        self._cursor.unregister("incoming")

    def forget(self, source_id: int) -> int:
        """Let go of a file's halves; how many there were."""
        if not len(self):
            return 0
        deleted = "DELETE FROM half WHERE source_id = ?"
        ((count,),) = self._cursor.execute(deleted, [source_id]).fetchall()
        return int(count)

    def marks(self) -> Iterator[NDArray[np.uint64]]:
        """Marks of all that are held, (n, 2), a block at a time, in order."""
        if not len(self):
            return
        reader = self._cursor.sql("SELECT mark_hi, mark_lo FROM half ORDER BY half_id")
        for block in reader.to_arrow_reader(_AT_ONCE):
            yield np.column_stack([column.to_numpy() for column in block.columns])

    # --- joining -----------------------------------------------------------------------------
    def join(self, unread: Mapping[int, int]) -> None:
        """Decide which halves are one exchange; all files were read.

        Args:
            unread: How many records of a file could not be read, by its id.
        """
        self._table("named", "named")
        self._table("own", "own")
        self._drop_contradicted_own()
        self._table("apart", "apart", most=str(_MOST_SETS))
        self._decide(unread)
        self._cursor.execute(
            "CREATE TEMP TABLE pair AS SELECT least(asked, answered) AS first, "
            "greatest(asked, answered) AS second FROM own UNION ALL "
            "SELECT least(asked, answered), greatest(asked, answered) FROM across"
        )
        agreed = [
            f"CASE WHEN count(DISTINCT {name}) = 1 THEN any_value({name}) END AS {name}"
            for name in (*_SAID_AROUND, "session_id")
        ]
        self._table("around", "around", agreed=", ".join(agreed))

    def _drop_contradicted_own(self) -> None:
        """Where halves of one file contradict each other it holds more than one batch."""
        self._table("contradicted", "contradicted", pairs="own", **_FAMILIES)
        rows = self._rows("SELECT DISTINCT kind, asked_set FROM contradicted")
        for kind, of in rows:
            for side in (Side.ASKED, Side.ANSWERED):
                self._undecided[kind, of, side] = Why.CONTRADICTED
        self._cursor.execute(
            "DELETE FROM own WHERE (starts_with(asked_set, 'file ') AND (kind, asked_set) IN "
            "(SELECT (kind, asked_set) FROM contradicted)) "
            "OR asked IN (SELECT asked FROM contradicted)"
        )
        self._cursor.execute("DROP TABLE contradicted")

    def _decide(self, unread: Mapping[int, int]) -> None:
        """Match sets of requests with sets of results; leave the pairs in ``across``."""
        of_set: dict[str, int] = {}
        for name, source_id in self._rows("SELECT DISTINCT set_id, source_id FROM named"):
            of_set[name] = of_set.get(name, 0) + unread.get(source_id, 0)
        found = [
            Candidate((kind, a, w), shared, answered, of_set[a])
            for kind, a, w, shared, answered in self._rows(statement("halves/candidates"))
        ]
        self._set_candidates([each.couple for each in found if each.fits])
        self._table("across", "across")
        self._table("contradicted", "contradicted", pairs="across", **_FAMILIES)
        against = set(self._rows("SELECT DISTINCT kind, asked_set, answered_set FROM contradicted"))
        possible = [each.couple for each in found if each.fits and each.couple not in against]
        self._set_candidates(possible)
        taken, open_ = chosen(possible, self._rows(statement("halves/overlapping")))
        self._set_candidates(sorted(taken))
        self._cursor.execute(
            "DELETE FROM across WHERE (kind, asked_set, answered_set) NOT IN "
            "(SELECT (kind, asked_set, answered_set) FROM candidate)"
        )
        for why, couples in (
            (Why.LACKING, [each.couple for each in found if not each.fits]),
            (Why.CONTRADICTED, against),
            (Why.SEVERAL, open_),
        ):
            for kind, a, w in couples:
                self._undecided[kind, a, Side.ASKED] = why
                self._undecided[kind, w, Side.ANSWERED] = why
        for kind, a, w in taken:
            self._undecided.pop((kind, a, Side.ASKED), None)
            self._undecided.pop((kind, w, Side.ANSWERED), None)

    def _set_candidates(self, couples: list[Couple]) -> None:
        columns = ("kind", "asked_set", "answered_set")
        table = pa.table(
            {name: pa.array([c[i] for c in couples], pa.string()) for i, name in enumerate(columns)}
        )
        self._cursor.register("listed", table)
        self._cursor.execute("CREATE OR REPLACE TEMP TABLE candidate AS FROM listed")
        self._cursor.unregister("listed")

    # --- what comes of it --------------------------------------------------------------------
    def exchanges(self) -> Iterator[HalfBlock]:
        """The exchanges, in the order in which the first record of each was read."""
        text = Template(statement("halves/exchanges")).substitute(filled=_FILLED)
        for rows in self._cursor.sql(text).to_arrow_reader(_AT_ONCE):
            if rows.num_rows:
                yield put_together(self._spool, rows)

    def joined(self, numbered: pa.Table, batch_id: int) -> Iterator[pa.RecordBatch]:
        """Rows of ``joined``: the records that were joined.

        Args:
            numbered: half_id, exchange_id of the exchanges that were given.
            batch_id: Their batch.
        """
        self._cursor.register("exchange_of", numbered)
        yield from self._read(statement("halves/joined"), batch_id=batch_id)
        self._cursor.unregister("exchange_of")

    def rejects(self, reason: str, batch_id: int) -> Iterator[pa.RecordBatch]:
        """Rows of ``rejects``: records around others of which none was read."""
        for rows in self._read(statement("halves/rejects")):
            n = rows.num_rows
            if n:
                records = self._spool.take(rows.column("half_id").to_numpy())
                yield pa.record_batch(
                    {
                        "batch_id": pa.array(np.full(n, batch_id, np.int32)),
                        "source_id": rows.column("source_id"),
                        **{name: records.column(name) for name in ("record_no", "byte_offset")},
                        "reason": pa.repeat(reason, n),
                        "raw": records.column("raw").fill_null(b""),
                    }
                )

    def _read(self, text: str, **params: Any) -> Iterator[pa.RecordBatch]:
        yield from self._cursor.sql(text, params=params).to_arrow_reader(_AT_ONCE)

    def counts(self) -> dict[int, Accounting]:
        """Fates by file."""
        return {
            source_id: Accounting(
                loaded=loaded, conflict=conflict, joined=joined, rejected=rejected
            )
            for source_id, loaded, conflict, joined, rejected in self._rows(
                statement("halves/counts")
            )
        }

    def alone(self) -> list[Alone]:
        """Halves of batches that stayed alone, by file, and why."""
        out = []
        for source_id, kind, side, of, count, twice in self._rows(statement("halves/alone")):
            why = self._undecided.get((kind, of, side), Why.NO_OTHER)
            parts = ((twice, Why.TWICE), (count - twice, why))
            out += [Alone(source_id, Side(side), n, reason.value) for n, reason in parts if n]
        return out

    def _table(self, name: str, text: str, **parts: str) -> None:
        made = Template(statement(f"halves/{text}")).substitute(parts)
        self._cursor.execute(f"CREATE TEMP TABLE {name} AS {made}")

    def _rows(self, text: str) -> list[Any]:
        return self._cursor.execute(text).fetchall()


def joined_halves(
    halves: Halves,
    unread: Mapping[int, int],
    batch_id: int,
    store: Callable[[HalfBlock], NDArray[np.int64]],
    job: JobContext,
) -> Iterator[tuple[str, pa.Table]]:
    """Join the halves of an import, and give what else than exchanges comes of them.

    Args:
        halves: All of them.
        unread: How many records of a file could not be read, by its id.
        batch_id: Their batch.
        store: Stores a block of exchanges and gives their ids, (n,).
        job: Progress and cancellation.

    Yields:
        Table and rows, of ``joined`` and ``rejects``.

    Raises:
        CancelledError: The job was.
    """
    halves.join(unread)
    numbered: list[pa.Table] = []
    done = 0
    for block in halves.exchanges():
        job.check()
        done += block.records.num_rows
        job.report("Joining halves", count=done, unit="exchanges")
        ids = store(block)
        numbered.append(pa.table({"half_id": block.half_ids, "exchange_id": ids}))
    if numbered:
        for rows in halves.joined(pa.concat_tables(numbered), batch_id):
            yield "joined", pa.Table.from_batches([rows])
    for rows in halves.rejects(WITHOUT_EXCHANGE, batch_id):
        yield "rejects", pa.Table.from_batches([rows])


#: What a record around others fills.
_FILLED: Final = ", ".join(f"t.{name}" for name in (*_SAID_AROUND, "session_id")) + ", h.key"
