"""Rows of added tables in the database: their fates, how they are written, taken back and counted.

Functions on a cursor, inside the caller's transaction. ``added`` says when; this room must not
decide that.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.added import ADDED_KEYS, ADDED_SCHEMAS, AddedKind, AddedTable, said_columns
from workbench.domain.exchange import Accounting, Fate

if TYPE_CHECKING:
    import duckdb

    from workbench.case.sizes import Sizes
    from workbench.domain.account import IdentityKind

#: Columns of ``added`` that count records, in order.
_COUNTS: Final = tuple(Accounting().as_dict())
#: Columns of ``added``.
SOURCE: Final = (
    "added_id", "kind", "path", "size", "sha256", "format", "at_us", "zone", "columns", *_COUNTS,
    "coerced_columns", "reach",
)  # fmt: skip
_TABLES: Final = (*(f"added_{kind.value}" for kind in AddedKind), "added_rejects")


def settling(kind: AddedKind) -> str:
    """SQL: the rows gathered, each with its fate.

    The first row of an account (event, model) is loaded, and so is a later one that completes it.
    One that says nothing new is a duplicate, one that says otherwise a conflict.
    """
    said = said_columns(kind)
    before = [f"first_value({name} IGNORE NULLS) OVER earlier" for name in said]
    differs = [f"coalesce({n} <> {b}, false)" for n, b in zip(said, before, strict=True)]
    adds = [f"({n} IS NOT NULL AND {b} IS NULL)" for n, b in zip(said, before, strict=True)]
    keys = ", ".join(ADDED_KEYS[kind])
    order = "record_no" if "record_no" in ADDED_SCHEMAS[kind].names else keys
    return (
        "SELECT * EXCLUDE (nth, differs, adds), CASE WHEN nth = 1 THEN 'loaded' "  # noqa: S608
        "WHEN differs THEN 'conflict' WHEN adds THEN 'loaded' ELSE 'duplicate' END AS fate FROM ("
        f"SELECT *, row_number() OVER every AS nth, {' OR '.join(differs) or 'false'} AS differs, "
        f"{' OR '.join(adds) or 'false'} AS adds FROM incoming WINDOW "
        f"every AS (PARTITION BY {keys} ORDER BY {order}), "
        f"earlier AS (PARTITION BY {keys} ORDER BY {order} "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) ORDER BY "
        f"{order}"
    )


def insert(cursor: duckdb.DuckDBPyConnection, about: AddedTable) -> None:
    """The table's line, its rows and its rejects; inside the caller's transaction."""
    run(cursor, "DELETE FROM added WHERE added_id = ?", about.added_id)
    _line(cursor, about)
    columns = ADDED_SCHEMAS[about.kind].names
    named = ", ".join(columns)
    fate = (
        f"CAST(fate = '{Fate.CONFLICT.value}' AS UTINYINT) AS fate, "  # as StoredFate numbers them
    )
    cursor.execute(
        f"INSERT INTO added_{about.kind.value} BY NAME "  # noqa: S608 (names are ours)
        f"SELECT {about.added_id} AS added_id, {fate if 'record_no' in columns else ''}{named} "
        f"FROM settled WHERE fate <> '{Fate.DUPLICATE.value}'"
    )
    cursor.execute(
        "INSERT INTO added_rejects BY NAME SELECT ? AS added_id, record_no, byte_offset, reason, "
        "coalesce(raw, ''::BLOB) AS raw FROM refused",
        [about.added_id],
    )


def _line(cursor: duckdb.DuckDBPyConnection, about: AddedTable) -> None:
    row = {
        "added_id": about.added_id,
        "kind": about.kind.value,
        # A file name need not be text; what is not is written as escapes.
        "path": about.path.encode("utf-8", "backslashreplace").decode("utf-8"),
        "size": about.size,
        "sha256": about.sha256,
        "format": about.format,
        "at_us": about.at_us,
        "zone": about.zone,
        "columns": json.dumps(about.columns, sort_keys=True),
        **about.accounting.as_dict(),
        "coerced_columns": json.dumps(about.coerced_columns, sort_keys=True),
        "reach": about.reach,
    }
    marks = ", ".join("?" * len(SOURCE))
    cursor.execute(
        f"INSERT INTO added ({', '.join(SOURCE)}) VALUES ({marks})",  # noqa: S608 (names are ours)
        [row[name] for name in SOURCE],
    )


def forget(cursor: duckdb.DuckDBPyConnection, about: AddedTable, before: AddedTable | None) -> None:
    """Undo ``insert`` in memory."""
    reach = 0 if before is None else before.reach
    run(cursor, "DELETE FROM added WHERE added_id = ?", about.added_id)
    for table in _TABLES:
        if before is None:
            run(cursor, f"DELETE FROM {table} WHERE added_id = ?", about.added_id)  # noqa: S608
    if before is not None:
        _line(cursor, before)
        run(
            cursor,
            "DELETE FROM added_addresses WHERE added_id = ? AND address_id >= ?",
            about.added_id,
            reach,
        )
        run(
            cursor,
            "DELETE FROM added_rejects WHERE added_id = ? AND record_no > ?",
            about.added_id,
            reach,
        )


def sweep(cursor: duckdb.DuckDBPyConnection) -> None:
    """Delete the rows of tables that were taken out."""
    if cursor.execute("SELECT 1 FROM added_removed LIMIT 1").fetchall():
        for table in _TABLES:
            cursor.execute(
                f"DELETE FROM {table} WHERE added_id IN "  # noqa: S608 (names are ours)
                "(SELECT added_id FROM added_removed)"
            )


def run(cursor: duckdb.DuckDBPyConnection, text: str, *values: object) -> None:
    """One statement with its parameters in order."""
    cursor.execute(text, list(values))


def table_of(row: tuple[Any, ...]) -> AddedTable:
    """A row of ``added`` with the columns of ``SOURCE``."""
    told = dict(zip(SOURCE, row, strict=True))
    counts = {name: told.pop(name) for name in _COUNTS if name != "records"}
    told.pop("records")
    return AddedTable(
        **told
        | {
            "kind": AddedKind(told["kind"]),
            "columns": json.loads(str(told["columns"])),
            "coerced_columns": json.loads(str(told["coerced_columns"])),
            "accounting": Accounting(**counts),
        }
    )


def with_matches(
    cursor: duckdb.DuckDBPyConnection, about: AddedTable, sizes: Sizes, level: IdentityKind
) -> AddedTable:
    """The table, with how many of its rows are about something that the case holds."""
    if about.kind is AddedKind.ADDRESSES:
        text = (
            "SELECT count(*) FROM added_addresses WHERE added_id = $id AND address_id < $addresses"
        )
        matched = _one(cursor, text, id=about.added_id, addresses=sizes.addresses)
        return replace(about, matched=matched, unmatched=sizes.addresses - matched)
    if about.kind is AddedKind.RELEASES:
        known: tuple[str, dict[str, int | str]] = (
            "lower(r.model) IN (SELECT lower(value) FROM models WHERE model_id < $held)",
            {"held": sizes.models},
        )
    else:
        known = (
            "EXISTS (SELECT 1 FROM identities i WHERE i.identity_id < $held AND i.value = r.value "
            "AND i.kind = CASE WHEN r.kind = '' THEN $level ELSE r.kind END "
            "AND (r.namespace IS NULL OR r.namespace = i.namespace))",
            {"held": sizes.identities, "level": level.value},
        )
    test, values = known
    rows = f"FROM added_{about.kind.value} r WHERE r.added_id = $id"
    matched = _one(cursor, f"SELECT count(*) {rows} AND {test}", id=about.added_id, **values)
    return replace(
        about,
        matched=matched,
        unmatched=_one(cursor, f"SELECT count(*) {rows}", id=about.added_id) - matched,
    )


def _one(cursor: duckdb.DuckDBPyConnection, text: str, **values: int | str) -> int:
    ((value,),) = cursor.execute(text, values).fetchall()
    return int(value)
