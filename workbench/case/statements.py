"""The SQL of this layer: one statement a file in ``sql/``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """Text of ``sql/NAME.sql``."""
    return (_FOLDER / f"{name}.sql").read_text("utf-8")
