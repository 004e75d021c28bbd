"""The logical schema of a case in one of its states, and in it what added tables say.

The rows that were added are given; what follows from them, at the grain of identities, addresses
and models, is made in memory beside the views that it fills: once for each state of case and
tables, shared by all engines. An engine keeps the schema that it began with. Where no table was
added the views join nothing. This room must not write to the case.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

import duckdb

from workbench.case.statements import statement
from workbench.domain.account import IdentityKind
from workbench.domain.added import AddedKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.case.database import Database
    from workbench.case.sizes import Sizes

#: In the order in which they refer to each other.
_VIEWS: Final = (
    "logged_exchange",
    "exchange",
    "account",
    "identity",
    "prompt",
    "prompt_embedding",
    "shared_word",
    "system",
    "model",
    "agent",
    "address",
    "source",
    "joined_exchange",
)
#: Tables that follow from added tables of each kind, in the order in which they are made.
_MADE: Final = {
    AddedKind.ACCOUNTS: ("said", "organisation", "fill", "filled"),
    AddedKind.ADDRESSES: ("network",),
    AddedKind.EVENTS: ("event",),
    AddedKind.RELEASES: ("release",),
}
#: What statements may read: the views, and what is known of added tables.
RELATIONS: Final = (*_VIEWS, "added", "filled", "event", "release")
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
#: What is kept of texts that were left out -> what stands in its place in an older case.
_KEPT: Final = {
    **dict.fromkeys(("form", "ends", "embedded"), "CAST(NULL AS BLOB)"),
    **dict.fromkeys(
        ("asks", "n_characters", "completion_length", "reasoning_length"), "CAST(NULL AS INTEGER)"
    ),
    "completion_form": "CAST(NULL AS UBIGINT)",
    "completion_refuses": "CAST(NULL AS BOOLEAN)",
    "shared_words": "(SELECT 0 AS prompt_id, 0::UBIGINT AS token, '' AS word WHERE false)",
}
_NUMBER_OF_NOTHING: Final = "CAST(NULL AS INTEGER)"
_TEXT_OF_NOTHING: Final = "CAST(NULL AS VARCHAR)"


class Layer:
    """The layer of one open case. Safe from any thread.

    Args:
        database: The open databases.
        there: Whether the case has the tables of the layer: one of an older version that is only
            read has not, and nothing was added to it.
        kept: Whether it has the columns of what is kept of texts; without, no text was left out.
        dialogue: Whether it has the column of whole conversations.
    """

    def __init__(self, database: Database, *, there: bool, kept: bool, dialogue: bool) -> None:
        self._database = database
        self._there = there
        self._later = {name: name if kept else of for name, of in _KEPT.items()}
        self._later["dialogue"] = "dialogue" if dialogue else _TEXT_OF_NOTHING
        self._lock = threading.Lock()
        self._live: tuple[tuple[int, AddedKind, int], ...] | None = None
        self._schemas: dict[tuple[object, ...], str] = {}
        self._users: Counter[str] = Counter()
        self._n_made = 0
        self._now = ""

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

    def enter(self, sizes: Sizes, level: IdentityKind, account: str) -> str:
        """Name of the schema in memory that shows the case as it now is; ``leave`` it after use.

        Args:
            sizes: What the case holds.
            level: The level that is "account".
            account: SQL for the account of a row of ``exchanges``.
        """
        with self._lock:
            key = (self._looked(), sizes, level)
            if key not in self._schemas:
                parts = {name: str(size) for name, size in asdict(sizes).items()}
                parts |= {"level": level.value, "account": account}
                self._n_made += 1
                name = f"state_{self._n_made}"
                self._make(name, parts)
                self._schemas[key] = name
            self._now = self._schemas[key]
            self._users[self._now] += 1
            return self._now

    def leave(self, name: str) -> None:
        """Give a schema back; one that nobody uses any more goes, but for that of the case now."""
        with self._lock:
            self._users[name] -= 1
            for key, one in list(self._schemas.items()):
                if self._users[one] == 0 and one != self._now:
                    del self._schemas[key], self._users[one]
                    self._drop(one)

    def _drop(self, name: str) -> None:
        # The case may be closed before the last engine is, and then it is gone already.
        with suppress(duckdb.Error):
            cursor = self._database.cursor("given")
            try:
                cursor.execute(f"DROP SCHEMA memory.{name} CASCADE")
            finally:
                cursor.close()

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

    def _make(self, name: str, parts: dict[str, str]) -> None:
        cursor = self._database.cursor("given")
        try:
            cursor.execute(f"CREATE OR REPLACE SCHEMA memory.{name}")
            look_into(cursor, name)
            cursor.execute(statement(str(Path("layer") / "empty")))
            with self._database.settling:
                networks = self._fill(cursor, parts)
            values = parts | self._later | _filling(_identities_filled(cursor), networks)
            for view in _VIEWS:
                text = Template(statement(str(Path("views") / view))).substitute(values)
                cursor.execute(f"CREATE VIEW {view} AS {text}")
        finally:
            cursor.close()

    def _fill(self, cursor: duckdb.DuckDBPyConnection, parts: dict[str, str]) -> bool:
        """Make the tables of the layer; whether any says something of addresses."""
        live: dict[AddedKind, list[str]] = {}
        for added_id, kind, _ in self._looked():
            live.setdefault(kind, []).append(str(added_id))
        for kind, numbers in sorted(live.items()):
            for name in _MADE[kind]:
                _made(cursor, name, parts | {"live": ", ".join(numbers)})
        if live:
            every = ", ".join(str(added_id) for added_id, _, _ in self._looked())
            _made(cursor, "added", parts | {"live": every})
        return AddedKind.ADDRESSES in live


def look_into(cursor: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Let the cursor's statements see the schema, and below it the tables of given."""
    cursor.execute(f"SET search_path = 'memory.{schema},given.main'")


def _made(cursor: duckdb.DuckDBPyConnection, name: str, parts: dict[str, str]) -> None:
    text = Template(statement(str(Path("layer") / name))).substitute(parts)
    cursor.execute(f"CREATE OR REPLACE TABLE {name} AS {text}")


def _filling(kinds: list[IdentityKind], networks: bool) -> dict[str, str]:
    """What the view ``exchange`` joins, and what fills each of its columns."""
    joins = [
        f"LEFT JOIN fill AS {_alias(kind)} ON {_alias(kind)}.identity_id = l.{_BY[kind]}"
        for kind in kinds
    ]
    if networks:
        joins.append("LEFT JOIN network AS n ON n.address_id = l.address_id")
    values = {"joins": "\n".join(joins)}
    for columns, of in (
        (_OF_IDENTITY, [_alias(kind) for kind in kinds]),
        (_OF_ADDRESS, ["n"] if networks else []),
    ):
        for name, own, column, by in columns:
            values[name] = _first(own, column, of)
            values[f"{name}_by"] = _source(column, by, of)
    return values


def _identities_filled(cursor: duckdb.DuckDBPyConnection) -> list[IdentityKind]:
    """Kinds of identities of which anything is said, the finest first."""
    found = {row[0] for row in cursor.execute("SELECT DISTINCT kind FROM fill").fetchall()}
    return [kind for kind in _BY if kind.value in found]


def _alias(kind: IdentityKind) -> str:
    return f"of_{kind.value}"


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
