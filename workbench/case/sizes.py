"""How far a case reaches: the next free id of each table that has ids.

One writer hands ids out in order, so taking something back is cutting off: everything at or above
the sizes of a moment came after it. An unfinished import, an aborted one and a file that was
there already all disappear in this way, and readers see nothing beyond the last closed batch.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Final

import duckdb

#: Table, its id column, and the size that bounds the id.
_BOUNDED: Final = (
    ("exchanges", "exchange_id", "exchanges"),
    ("joined", "source_id", "sources"),
    ("rejects", "source_id", "sources"),
    ("embeddings", "source_id", "sources"),
    ("sources", "source_id", "sources"),
    ("identities", "identity_id", "identities"),
    ("prompts", "prompt_id", "prompts"),
    ("shared_words", "prompt_id", "prompts"),
    ("systems", "system_id", "systems"),
    ("models", "model_id", "models"),
    ("agents", "agent_id", "agents"),
    ("addresses", "address_id", "addresses"),
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Next free ids, which are also counts: ids are dense from 0."""

    exchanges: int = 0
    sources: int = 0
    identities: int = 0
    prompts: int = 0
    systems: int = 0
    models: int = 0
    agents: int = 0
    addresses: int = 0

    @classmethod
    def closed(cls, cursor: duckdb.DuckDBPyConnection) -> Sizes:
        """As of the last closed batch."""
        names = ", ".join(field.name for field in fields(cls))
        rows = cursor.execute(
            f"SELECT {names} FROM batches WHERE state = 'closed' "  # noqa: S608 (names are ours)
            "ORDER BY batch_id DESC LIMIT 1"
        ).fetchall()
        return cls(*rows[0]) if rows else cls()


def cut_off(cursor: duckdb.DuckDBPyConnection, sizes: Sizes) -> None:
    """Delete everything at or above ``sizes``; inside the caller's transaction."""
    for table, column, size in _BOUNDED:
        text = f"DELETE FROM {table} WHERE {column} >= ?"  # noqa: S608 (names are ours)
        cursor.execute(text, [getattr(sizes, size)])


def take_back(cursor: duckdb.DuckDBPyConnection, sizes: Sizes, batches: list[int]) -> None:
    """Delete everything at or above ``sizes``, and the named batches."""
    with suppress(duckdb.Error):  # a statement that failed may have left its transaction open
        cursor.execute("ROLLBACK")
    cursor.execute("BEGIN")
    cut_off(cursor, sizes)
    cursor.execute("DELETE FROM milestones WHERE batch_id IN (SELECT unnest(?))", [batches])
    cursor.execute("DELETE FROM batches WHERE batch_id IN (SELECT unnest(?))", [batches])
    cursor.execute("COMMIT")
    # On a full disk this may fail. What then stays in the file is hidden, and deleted when the
    # case is opened next.
    with suppress(duckdb.Error):
        cursor.execute("CHECKPOINT given")
