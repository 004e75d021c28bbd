"""Rows of added tables in the database: their fates, how they are written, taken back and counted.

Functions on a cursor, inside the caller's transaction. ``added`` says when; this room must not
decide that.
"""

from __future__ import annotations

import json
from dataclasses import replace
from string import Template
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.case.statements import statement
from workbench.domain.added import ADDED_KEYS, ADDED_SCHEMAS, AddedKind, AddedTable, said_columns
from workbench.domain.exchange import Accounting, Fate

if TYPE_CHECKING:
    import duckdb

    from workbench.case.sizes import Sizes
    from workbench.domain.account import IdentityKind

#: Columns of ``added`` that count records, in order.
_COUNTS: Final = tuple(Accounting().as_dict())


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
    return Template(statement("added_settled")).substitute(
        differs=" OR ".join(differs) or "false",
        adds=" OR ".join(adds) or "false",
        keys=keys,
        order="record_no" if "record_no" in ADDED_SCHEMAS[kind].names else keys,
    )


def insert(cursor: duckdb.DuckDBPyConnection, about: AddedTable) -> None:
    """The table's line, its rows and its rejects; inside the caller's transaction."""
    run(cursor, "DELETE FROM added WHERE added_id = ?", about.added_id)
    _line(cursor, about)
    columns = list(ADDED_SCHEMAS[about.kind].names)
    if "record_no" in columns:
        # As StoredFate numbers them.
        columns.append(f"CAST(fate = '{Fate.CONFLICT.value}' AS UTINYINT) AS fate")
    named = {"kind": about.kind.value, "added_id": about.added_id, "columns": ", ".join(columns)}
    cursor.execute(Template(statement("added_insert")).substitute(named))
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
    cursor.register("line", pa.Table.from_pylist([row]))
    cursor.execute("INSERT INTO added BY NAME FROM line")
    cursor.unregister("line")


def forget(cursor: duckdb.DuckDBPyConnection, about: AddedTable, before: AddedTable | None) -> None:
    """Undo ``insert`` in memory."""
    reach = 0 if before is None else before.reach
    run(cursor, "DELETE FROM added WHERE added_id = ?", about.added_id)
    if before is None:
        cursor.execute(statement("added_sweep"))
    else:
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
        cursor.execute(statement("added_sweep"))


def run(cursor: duckdb.DuckDBPyConnection, text: str, *values: object) -> None:
    """One statement with its parameters in order."""
    cursor.execute(text, list(values))


def table_of(row: dict[str, Any]) -> AddedTable:
    """A row of ``added``, column by column."""
    told = dict(row)
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
