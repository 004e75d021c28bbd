"""The line before the rows of a table that says what lies in its columns.

Written anew, it makes rows that were taken out of a file a file of their own, which is read as that
one was. Must not read rows: that is for the containers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workbench.formats.adapter import Recipe

#: A name that PostgreSQL writes without quotes.
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
#: What a name of CSV has quotes around for: any delimiter, so that no other is found in its place.
_SPECIAL: Final = frozenset(',;\t|"\r\n')


def head_of(recipe: Recipe) -> str:
    """The header of CSV and TSV, the frame of COPY text; empty where records name their fields.

    Bytes that are not UTF-8 are surrogates (``surrogateescape``).
    """
    if recipe.container == "copy":
        names = ", ".join(
            name if _PLAIN.fullmatch(name) else _quoted(name) for name in recipe.columns
        )
        return f"COPY records ({names}) FROM stdin;"
    if recipe.container != "rows":
        return ""
    if not recipe.quoted:
        return recipe.delimiter.join(recipe.columns)
    return recipe.delimiter.join(
        name if _SPECIAL.isdisjoint(name) else _quoted(name) for name in recipe.columns
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
