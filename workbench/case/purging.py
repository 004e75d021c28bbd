"""Erases exchanges from given.duckdb: a new file is written without them, and takes its place.

What was erased keeps its row in ``exchanges``, with its place in the log and its keyed mark, so
that records stay accounted for and a copy of the log brings nothing back; views show no such row.
Prompts, names and addresses that only erased exchanges had are gone, and with them all that was
computed. The journal comes first: an entry that was not carried out is carried out when the case is
next opened for writing. This room must not decide what is erased.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Final

import duckdb

from workbench.case.casefile import fsync_folder
from workbench.case.database import Database, storage_error, translated
from workbench.case.records import own
from workbench.case.restored import ASIDE
from workbench.case.statements import statement
from workbench.domain.account import IdentityKind
from workbench.domain.errors import KnownError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from workbench.domain.label import JournalEntry

#: Where the new given.duckdb is written.
PURGING: Final = "purging"
#: The fate of a row whose exchange was erased; views leave it out.
ERASED: Final = 9
#: Columns that an erased row keeps.
_PLACE: Final = (
    "exchange_id", "batch_id", "source_id", "record_no", "byte_offset", "mark_hi", "mark_lo",
)  # fmt: skip
#: Dictionary -> its id, and the columns of ``exchanges`` that hold it.
_CODED: Final = {
    "identities": ("identity_id", ("key_id", "user_id", "org_id", "fallback_id")),
    "prompts": ("prompt_id", ("prompt_id",)),
    "systems": ("system_id", ("system_id",)),
    "agents": ("agent_id", ("agent_id",)),
    "addresses": ("address_id", ("address_id",)),
}
#: Columns of identities, the finest first, as an account is looked for.
_LEVELS: Final = {
    IdentityKind.KEY: "key_id",
    IdentityKind.USER: "user_id",
    IdentityKind.ORGANISATION: "org_id",
    IdentityKind.ADDRESS: "fallback_id",
}
_TABLES: Final = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'given'"
_COLUMNS: Final = (
    "SELECT column_name FROM duckdb_columns() WHERE database_name = 'given' AND table_name = ? "
    "ORDER BY column_index"
)


def purges(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Purges of this copy of the case, in order; not those that a merge brought."""
    return own(entries, frozenset({EntryKind.PURGE}))


def carried_out(cursor: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Digests of the entries that given.duckdb carries out."""
    if ("purged",) not in cursor.execute(_TABLES).fetchall():
        return frozenset()
    return frozenset(row[0] for row in cursor.execute("SELECT entry FROM purged").fetchall())


def known_to_be_carried_out(given: Path, spill: Path, entries: Sequence[JournalEntry]) -> bool:
    """Whether a given.duckdb says that nothing of what entries purge is in it.

    Args:
        given: Perhaps damaged, older than the journals, or not there: then nobody knows.
        spill: For the engine.
        entries: Of kind purge.
    """
    try:
        with (
            closing(Database(given, None, spill=spill, write=False)) as database,
            closing(database.cursor("given")) as cursor,
        ):
            return {entry.digest for entry in entries} <= carried_out(cursor)
    except (OSError, KnownError, duckdb.Error):
        return False


def carry_out(folder: Path, entries: Sequence[JournalEntry]) -> None:
    """Erase what entries name; the case is held, and nobody has its databases open.

    Killed at any moment it leaves the case as it was, or purged.

    Args:
        folder: The case folder.
        entries: Of kind purge, in order.

    Raises:
        StorageError: The disk is full or failing; given.duckdb is as it was.
    """
    work = folder / PURGING
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(mode=0o700)
        made = work / "given.duckdb"
        # The new one is attached under the other's name: a database knows two.
        old = folder / "given.duckdb"
        with (
            closing(Database(old, made, spill=work / "spill", write=True)) as database,
            translated("given.duckdb without what is purged", safe="The case is as it was."),
        ):
            _Writer(database.cursor("computed")).write(entries)
        made.chmod(0o600)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        # First all that was computed from it or put aside: the new file says that it is done.
        for name in ("computed", ASIDE):
            shutil.rmtree(folder / name, ignore_errors=not (folder / name).exists())
        fsync_folder(folder)
        (folder / "given.duckdb.wal").unlink(missing_ok=True)
        made.replace(old)
        fsync_folder(folder)
    except OSError as error:
        raise storage_error(error, "The purged given.duckdb") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Writer:
    """Writes the new file, which is ``computed`` here; the old one is ``given``."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._tables = {row[0] for row in cursor.execute(_TABLES).fetchall()}

    def write(self, entries: Sequence[JournalEntry]) -> None:
        run = self._cursor.execute
        for name in ("given", "added", "kept", "milestones", "purged"):
            run(statement(f"{name}_schema"))
        run("CREATE TEMP TABLE gone (entry VARCHAR, exchange_id BIGINT, source_id INTEGER)")
        run("CREATE TEMP TABLE accounts (account_key VARCHAR)")
        for entry in entries:
            self._choose(entry)
        run("CREATE TEMP TABLE erased AS SELECT DISTINCT exchange_id, source_id FROM gone")
        for table, (key, columns) in _CODED.items():
            self._renumber(table, key, columns)
        copied = {"exchanges": self._exchanges, "batches": self._batches, "rejects": self._rejects}
        for table in sorted(self._tables):
            if table in copied:
                copied[table]()
            elif table in _CODED:
                key = _CODED[table][0]
                self._copy(table, f"d.* REPLACE (m.now AS {key})", _joined(table, key), "m.now")
            else:
                self._copy(table, *_REST.get(table, ("d.*", "", "")))
        run(
            "INSERT INTO computed.main.purged SELECT entry, coalesce(source_id, -1), count(*) "
            "FROM gone GROUP BY ALL ORDER BY ALL"
        )
        for entry in entries:  # also one that names nothing that is there any more
            run(
                "INSERT INTO computed.main.purged SELECT $entry, -1, 0 WHERE $entry NOT IN "
                "(SELECT entry FROM computed.main.purged)",
                {"entry": entry.digest},
            )
        run("CHECKPOINT computed")

    def _choose(self, entry: JournalEntry) -> None:
        body = entry.body
        level = IdentityKind(body["level"])
        order = [level, *(kind for kind in _LEVELS if kind is not level)]
        account = f"coalesce({', '.join(f'e.{_LEVELS[kind]}' for kind in order)})"
        self._cursor.execute("DELETE FROM accounts")
        for key in body.get("accounts", ()):
            self._cursor.execute("INSERT INTO accounts VALUES (?)", [key])
        self._cursor.execute(
            "INSERT INTO gone SELECT $entry, e.exchange_id, e.source_id "  # noqa: S608 (ours)
            "FROM given.main.exchanges AS e WHERE e.fate <> $erased AND e.exchange_id < $below "
            f"AND ({account} IN (SELECT identity_id FROM given.main.identities WHERE "
            "kind || ':' || namespace || ':' || value IN (FROM accounts)) "
            "OR epoch_us(e.ts) < $before)",
            {
                "entry": entry.digest,
                "erased": ERASED,
                "below": int(body["below"]),
                "before": body.get("before_us"),
            },
        )
        for table in ("added_accounts", "added_events"):
            self._cursor.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS of_{table} (added_id INTEGER, record_no BIGINT)"
            )
            self._cursor.execute(
                f"INSERT INTO of_{table} SELECT added_id, record_no "  # noqa: S608 (ours)
                # Without a kind it is whatever the case takes as account.
                f"FROM given.main.{table} AS d WHERE EXISTS (FROM accounts AS a WHERE d.kind IN "
                "('', split_part(a.account_key, ':', 1)) AND d.value = array_to_string("
                "string_split(a.account_key, ':')[3:], ':'))"
            )

    def _renumber(self, table: str, key: str, columns: Sequence[str]) -> None:
        """Numbers stay dense: those that only erased exchanges had are left out."""

        def used(word: str) -> str:
            return " UNION ".join(
                f"SELECT {column} AS id FROM given.main.exchanges WHERE exchange_id {word} IN "  # noqa: S608
                "(SELECT exchange_id FROM erased)"
                for column in columns
            )

        self._cursor.execute(
            f"CREATE TEMP TABLE of_{table} AS SELECT {key} AS was, "  # noqa: S608 (names are ours)
            f"CAST(row_number() OVER (ORDER BY {key}) - 1 AS INTEGER) AS now "
            f"FROM given.main.{table} WHERE {key} NOT IN (SELECT id FROM (({used('')}) EXCEPT "
            f"({used('NOT')})) WHERE id IS NOT NULL) ORDER BY {key}"
        )

    def _exchanges(self) -> None:
        columns = [row[0] for row in self._cursor.execute(_COLUMNS, ["exchanges"]).fetchall()]
        code_of = {name: table for table, (_, names) in _CODED.items() for name in names}
        shown, joins = [], ["LEFT JOIN erased AS g ON g.exchange_id = d.exchange_id"]
        for name in columns:
            if name in _PLACE:
                shown.append(f"d.{name}")
                continue
            value, erased = f"d.{name}", "NULL"
            if name in code_of:
                joins.append(f"LEFT JOIN of_{code_of[name]} AS m_{name} ON m_{name}.was = d.{name}")
                value = f"m_{name}.now"
            if name == "fate":
                erased = str(ERASED)
            elif name == "request_id":  # a copy of the record is known by the mark of its request
                erased = "CASE WHEN d.request_id IS NOT NULL THEN '' END"
            shown.append(
                f"CASE WHEN g.exchange_id IS NULL THEN {value} ELSE {erased} END AS {name}"
            )
        self._copy("exchanges", ", ".join(shown), "\n".join(joins), "d.exchange_id")

    def _batches(self) -> None:
        sizes = ", ".join(
            f"CASE WHEN d.{table} IS NOT NULL THEN (SELECT CAST(count(*) AS INTEGER) FROM "  # noqa: S608
            f"of_{table} WHERE was < d.{table}) END AS {table}"
            for table in _CODED
        )
        self._copy("batches", f"d.* REPLACE ({sizes})", "", "d.batch_id")

    def _rejects(self) -> None:
        """Bytes of records that could not be read are of nobody known: those beside it go, too."""
        raw = "CASE WHEN source_id IN (SELECT source_id FROM erased) THEN ''::BLOB ELSE raw END"
        self._copy("rejects", f"d.* REPLACE ({raw} AS raw)", "", "")

    def _copy(self, table: str, columns: str, joins: str, order: str) -> None:
        ordered = f"ORDER BY {order}" if order else ""
        self._cursor.execute(
            f"INSERT INTO computed.main.{table} BY NAME SELECT {columns} "  # noqa: S608 (ours)
            f"FROM given.main.{table} AS d {joins} {ordered}"
        )


def _joined(table: str, column: str) -> str:
    return f"INNER JOIN of_{table} AS m ON m.was = d.{column}"


#: Table -> what is copied of it, what it is joined with, and its order; all others as they are.
_REST: Final[dict[str, tuple[str, str, str]]] = {
    "embeddings": ("d.* REPLACE (m.now AS prompt_id)", _joined("prompts", "prompt_id"), ""),
    "shared_words": ("d.* REPLACE (m.now AS prompt_id)", _joined("prompts", "prompt_id"), ""),
    "added_addresses": (
        "d.* REPLACE (m.now AS address_id)", _joined("addresses", "address_id"), "",
    ),
    "added": (
        "d.* REPLACE (CASE WHEN d.kind = 'addresses' THEN (SELECT CAST(count(*) AS INTEGER) FROM "
        "of_addresses WHERE was < d.reach) ELSE d.reach END AS reach)", "", "",
    ),
    "added_accounts": ("d.*", "ANTI JOIN of_added_accounts AS o USING (added_id, record_no)", ""),
    "added_events": ("d.*", "ANTI JOIN of_added_events AS o USING (added_id, record_no)", ""),
    "added_rejects": (
        "d.* REPLACE (CASE WHEN EXISTS (FROM of_added_accounts) OR EXISTS (FROM of_added_events) "
        "THEN ''::BLOB ELSE raw END AS raw)", "", "",
    ),
}  # fmt: skip
