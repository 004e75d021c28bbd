"""Everything that a case folder holds, for looking whether something is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path


def everything(folder: Path) -> bytes:
    """The bytes of all files, temporary ones too."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def every_value(folder: Path) -> str:
    """Every value of every table: compressed, a text is not to be seen in the bytes."""
    found: list[str] = []
    for path in sorted(folder.rglob("*.duckdb")):
        with duckdb.connect(path, read_only=True) as connection:
            tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            for (table,) in tables:
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
                found += [repr(value) for row in rows for value in row]
    return "\n".join(found)
