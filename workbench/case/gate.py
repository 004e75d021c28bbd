"""Views in which texts that are kept back are NULL, laid over those of an engine.

A gate is laid over the views of one cursor, so that a statement reads through it whatever it asks
for. This room must not know who may read what, or why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from workbench.domain.withheld import Withheld

if TYPE_CHECKING:
    import duckdb

#: Views with texts -> its id, and the columns that are texts with the column that says how long
#: each is (None: nowhere).
_TEXTS: Final[dict[str, tuple[str, dict[str, str | None]]]] = {
    "prompt": ("prompt_id", {"text": "n_characters"}),
    "system": ("system_id", {"value": "n_characters"}),
    "logged_exchange": (
        "exchange_id",
        {"completion": "completion_length", "reasoning": "reasoning_length", "dialogue": None},
    ),
    "exchange": (
        "exchange_id",
        {"completion": "completion_length", "reasoning": "reasoning_length", "dialogue": None},
    ),
}
#: What is as good as a text: vectors of prompts, and words that prompts share.
_NEAR: Final = {
    "prompt_embedding": "SELECT prompt_id, vector FROM {view} WHERE prompt_id IN "
    "(SELECT prompt_id FROM prompt WHERE withheld IS NULL)",
    "shared_word": "SELECT token, word FROM {view} WHERE false",
}


@dataclass(frozen=True, slots=True)
class Ids:
    """What is named: exchanges, and the prompts and system prompts that they carry.

    Attributes:
        exchanges: i64.
        prompts: i32.
        systems: i32.
        accounts: i32, codes of the accounts that sent them.
    """

    exchanges: pa.Array
    prompts: pa.Array
    systems: pa.Array
    accounts: pa.Array

    @classmethod
    def none(cls) -> Ids:
        """Nothing."""
        no = pa.array([], pa.int32())
        return cls(pa.array([], pa.int64()), no, no, no)

    def tables(self, prefix: str) -> dict[str, pa.Table]:
        """A table each, as the views ask for them."""
        return {
            f"{prefix}_exchange": pa.table({"exchange_id": self.exchanges}),
            f"{prefix}_prompt": pa.table({"prompt_id": self.prompts}),
            f"{prefix}_system": pa.table({"system_id": self.systems}),
            f"{prefix}_account": pa.table({"account_id": self.accounts}),
        }


@dataclass(frozen=True, eq=False, slots=True)
class Gate:
    """Which texts an engine shows. Two gates are equal where they are one.

    Attributes:
        hidden: Only what ``revealed`` names is shown.
        revealed: What may be read.
        quarantined: What nobody reads, named or not. Whole conversations of the accounts that
            sent it are kept back with it: each exchange repeats in them what was said before.
    """

    hidden: bool = False
    revealed: Ids | None = None
    quarantined: Ids | None = None

    def close_to(self, cursor: duckdb.DuckDBPyConnection, schema: str) -> None:
        """Lay the views over those of ``schema``, for this cursor alone."""
        ids = (self.revealed or Ids.none()).tables("revealed")
        ids |= (self.quarantined or Ids.none()).tables("quarantined")
        for name, table in ids.items():
            cursor.register(name, table)
        for view, (key, texts) in _TEXTS.items():
            cursor.execute(self._view(view, key, texts, f"{schema}.{view}"))
        for view, text in _NEAR.items():
            cursor.execute(f"CREATE TEMP VIEW {view} AS {text.format(view=f'{schema}.{view}')}")

    def _view(self, view: str, key: str, texts: dict[str, str | None], of: str) -> str:
        noun = key.removesuffix("_id")
        named = "{} IN (FROM {}_{})".format
        kept = f"WHEN {named(key, 'quarantined', noun)} THEN {Withheld.QUARANTINE:d}"
        if self.hidden:
            kept += f" WHEN NOT {named(key, 'revealed', noun)} THEN {Withheld.HIDDEN:d}"
        columns = ["why AS withheld"]
        for text, length in texts.items():
            shown = "why IS NULL"
            if text == "dialogue":
                shown += " AND coalesce(account_id NOT IN (SELECT account_id FROM "
                shown += "quarantined_account), true)"
            columns.append(f"CASE WHEN {shown} THEN {text} END AS {text}")
            if length is not None:
                columns.append(f"coalesce({length}, length({text})) AS {length}")
        return (
            f"CREATE TEMP VIEW {view} AS "  # noqa: S608 (names are ours)
            f"SELECT * EXCLUDE (why) REPLACE ({', '.join(columns)}) "
            f"FROM (SELECT *, CAST(CASE {kept} END AS UTINYINT) AS why FROM {of})"
        )
