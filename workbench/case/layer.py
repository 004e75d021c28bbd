"""What added tables say, brought to the grain at which views are filled: identity, address, model.

The rows that were added are given; this is what follows from them for the case as it now is. It is
made in memory, once for each state of case and tables, and shared by all engines; an engine keeps
what it began with. Where no table was added nothing is made and the views join nothing.
This room must not write to the case.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from workbench.case.statements import statement
from workbench.domain.account import IdentityKind
from workbench.domain.added import AddedKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from workbench.case.database import Database
    from workbench.case.sizes import Sizes

#: Tables of the layer that follow from tables of each kind, in the order in which they are made.
_MADE: Final = {
    AddedKind.ACCOUNTS: ("said", "organisation", "fill"),
    AddedKind.ADDRESSES: ("network",),
    AddedKind.EVENTS: ("event",),
    AddedKind.RELEASES: ("release",),
}
_VIEWED: Final = ("organisation", "fill", "network", "event", "release", "added")
#: The finest identity first: what is said of it fills before what is said of a coarser one.
_BY: Final = {
    IdentityKind.KEY: "key_id",
    IdentityKind.USER: "user_id",
    IdentityKind.ORGANISATION: "org_id",
    IdentityKind.ADDRESS: "fallback_id",
}
#: What the view ``exchange`` fills: name in the view, its own column there (or None), column and
#: number in ``fill``.
_OF_IDENTITY: Final = (
    ("org", "l.org_id", "org_id", "org_by"),
    ("created", "l.account_created_us", "created_at", "created_by"),
    ("email_domain", "l.email_domain", "email_domain", "email_domain_by"),
    ("payment_hash", "l.payment_hash", "payment_hash", "payment_hash_by"),
    ("signup_address", None, "signup_address", "signup_address_by"),
    ("plan", None, "plan", "plan_by"),
    ("declared_use", None, "declared_use", "declared_use_by"),
)
#: The same of ``network``.
_OF_ADDRESS: Final = (
    ("asn", "l.asn", "asn", "asn_by"),
    ("country", "l.country", "country", "country_by"),
    ("network_name", None, "network_name", "network_name_by"),
)
_NUMBER_OF_NOTHING: Final = "CAST(NULL AS INTEGER)"
_TEXT_OF_NOTHING: Final = "CAST(NULL AS VARCHAR)"


class Layer:
    """The layer of one open case. Safe from any thread.

    Args:
        database: The open databases.
        there: Whether the case has the tables of the layer: one of an older version that is only
            read has not, and nothing was added to it.
    """

    def __init__(self, database: Database, *, there: bool) -> None:
        self._database = database
        self._there = there
        self._lock = threading.Lock()
        self._live: tuple[tuple[int, AddedKind, int], ...] | None = None
        self._made: dict[tuple[object, ...], dict[str, str]] = {}

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While tables are added or taken out: nobody looks meanwhile, and then looks anew."""
        with self._lock:
            try:
                yield
            finally:
                self._live = None

    def standing(self) -> tuple[tuple[int, AddedKind, int], ...]:
        """Number, kind and reach of each table that stands: another value after each change."""
        with self._lock:
            return self._looked()

    def values(
        self, cursor: duckdb.DuckDBPyConnection, sizes: Sizes, level: IdentityKind, account: str
    ) -> Mapping[str, str]:
        """What the statements of the views name: tables, joins and filled columns.

        Args:
            cursor: On given.
            sizes: What the case holds.
            level: The level that is "account".
            account: SQL for the account of a row of ``exchanges``.
        """
        with self._lock:
            live = self._looked()
            key = (live, sizes, level) if live else ()
            if key not in self._made:
                parts = {name: str(size) for name, size in asdict(sizes).items()}
                parts |= {"level": level.value, "account": account}
                with self._database.settling:
                    self._made[key] = self._make(cursor, parts)
            return self._made[key]

    def _looked(self) -> tuple[tuple[int, AddedKind, int], ...]:
        if self._live is None:
            self._live = self._read() if self._there else ()
        return self._live

    def _read(self) -> tuple[tuple[int, AddedKind, int], ...]:
        cursor = self._database.cursor("given")
        try:
            with self._database.settling:
                rows = cursor.execute(
                    "SELECT added_id, kind, reach FROM added WHERE added_id NOT IN "
                    "(SELECT added_id FROM added_removed) ORDER BY added_id"
                ).fetchall()
        finally:
            cursor.close()
        return tuple((added_id, AddedKind(kind), reach) for added_id, kind, reach in rows)

    def _make(self, cursor: duckdb.DuckDBPyConnection, parts: dict[str, str]) -> dict[str, str]:
        for text in statement(str(Path("layer") / "empty")).split(";\n"):
            cursor.execute(text)
        number = str(len(self._made) + 1)
        tables = dict.fromkeys(_VIEWED, "0")
        kinds = {kind for _, kind, _ in self._live or ()}
        for kind in sorted(kinds):
            named = ", ".join(str(one) for one, of, _ in self._live or () if of is kind)
            for name in _MADE[kind]:
                _made(cursor, name, number, parts | {"live": named})
                tables[name] = number
        if kinds:
            named = ", ".join(str(one) for one, _, _ in self._live or ())
            _made(cursor, "added", number, parts | {"live": named})
            tables["added"] = number
        filled = _identities_filled(cursor, tables["fill"])
        joins = [
            f"LEFT JOIN memory.main.fill_{number} AS {_alias(kind)} "
            f"ON {_alias(kind)}.identity_id = l.{_BY[kind]}"
            for kind in filled
        ]
        networks = []
        if tables["network"] != "0":
            networks = ["n"]
            joins.append(
                f"LEFT JOIN memory.main.network_{number} AS n ON n.address_id = l.address_id"
            )
        values = {f"{name}_table": f"{name}_{at}" for name, at in tables.items()}
        values["joins"] = "\n".join(joins)
        aliases = [_alias(kind) for kind in filled]
        for columns, of in ((_OF_IDENTITY, aliases), (_OF_ADDRESS, networks)):
            for name, own, column, by in columns:
                values[name] = _first(own, column, of)
                values[_by(name)] = _source(column, by, of)
        return values


def _made(cursor: duckdb.DuckDBPyConnection, name: str, number: str, parts: dict[str, str]) -> None:
    text = Template(statement(str(Path("layer") / name))).substitute(parts, set=number)
    cursor.execute(f"CREATE OR REPLACE TABLE memory.main.{name}_{number} AS {text}")


def _identities_filled(cursor: duckdb.DuckDBPyConnection, number: str) -> list[IdentityKind]:
    """Kinds of identities of which anything is said, the finest first."""
    rows = cursor.execute(
        f"SELECT DISTINCT kind FROM memory.main.fill_{number}"  # noqa: S608 (a number of ours)
    ).fetchall()
    found = {row[0] for row in rows}
    return [kind for kind in _BY if kind.value in found]


def _alias(kind: IdentityKind) -> str:
    return f"of_{kind.value}"


def _by(name: str) -> str:
    return f"{name}_by"


def _first(own: str | None, column: str, aliases: list[str]) -> str:
    """The log's own value, else the first that is said."""
    said = [_said(column, alias) for alias in aliases]
    known = ([own] if own else []) + said
    if not known:
        return _TEXT_OF_NOTHING
    return known[0] if len(known) == 1 else f"coalesce({', '.join(known)})"


def _said(column: str, alias: str) -> str:
    return f"epoch_us({alias}.{column})" if column == "created_at" else f"{alias}.{column}"


def _source(column: str, by: str, aliases: list[str]) -> str:
    """The number of the table that says the first value."""
    if not aliases:
        return _NUMBER_OF_NOTHING
    cases = " ".join(f"WHEN {a}.{column} IS NOT NULL THEN {a}.{by}" for a in aliases)
    return f"CASE {cases} END"
