"""Viewing copies: CSV files that a spreadsheet opens without running, hiding or reordering text.

The canonical evidence is ``evidence.parquet``; a CSV is for reading. Text in it is one line, with
invisible characters written out; a cell that a spreadsheet would take for a formula gets a leading
apostrophe. Numbers stay numbers, times are RFC 3339 in UTC, NULL is an empty cell without quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from workbench.domain.text import visible_text

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_SIGNS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20\u2212"
#: What makes a spreadsheet calculate, also behind white space, and in its full-width forms.
_FORMULA: Final = f"^[\\s\u3000]*[{_SIGNS}]"
#: The same after a separator inside a text: where the list separator is not the comma, a
#: spreadsheet splits quoted cells too, and the rest of the text would begin a cell of its own.
_FORMULA_INSIDE: Final = f"([,;\"'|])([\\s\u3000\"']*)([{_SIGNS}])"
_LINES: Final = r"[\r\n\t]+"
#: Not plain to the eye: everything but printable ASCII, Latin, Greek, Cyrillic and CJK. Texts that
#: match go through ``visible_text`` one by one; the others are known to pass it unchanged.
_MAYBE_HIDDEN: Final = (
    "[^\\x20-\\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u052f\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)


def safe_text(values: pa.Array, *, longest: int | None = None) -> pa.Array:
    """Strings made safe to open in a spreadsheet.

    Args:
        values: String array, shape (n,).
        longest: Cut to this many characters, with an ellipsis; None keeps all.

    Returns:
        String array, shape (n,): one line each, nothing invisible, no formula. NULL stays NULL.
    """
    values = values.cast(pa.string())
    unique = values.dictionary_encode()
    if len(unique.dictionary) * 4 < len(values):
        safe = safe_text(unique.dictionary, longest=longest)
        return pc.take(safe, unique.indices)
    if longest is not None:
        cut = pc.utf8_slice_codeunits(values, 0, longest - 1)
        too_long = pc.greater(pc.utf8_length(values), longest)
        values = pc.if_else(too_long, pc.binary_join_element_wise(cut, "…", ""), values)
    values = pc.replace_substring_regex(values, pattern=_LINES, replacement=" ")
    hidden = pc.fill_null(pc.match_substring_regex(values, pattern=_MAYBE_HIDDEN), False)
    if pc.any(hidden).as_py():
        rows = [visible_text(text) for text in values.filter(hidden).to_pylist()]
        values = pc.replace_with_mask(values, hidden, pa.array(rows, pa.string()))
    values = pc.replace_substring_regex(values, pattern=_FORMULA_INSIDE, replacement=r"\1\2'\3")
    formula = pc.match_substring_regex(values, pattern=_FORMULA)
    return pc.if_else(formula, pc.binary_join_element_wise("'", values, ""), values)


def viewable(
    batch: pa.RecordBatch | pa.Table, *, longest: dict[str, int] | None = None
) -> pa.RecordBatch | pa.Table:
    """The rows as they stand in a viewing copy.

    Args:
        batch: Any rows; columns of strings, numbers, booleans or UTC timestamps.
        longest: Most characters of a column, by name.

    Returns:
        The same columns: strings made safe, times as RFC 3339 text, the rest unchanged.
    """
    cut = longest or {}
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if pa.types.is_timestamp(field.type):
            flat = pc.strftime(flat, format="%Y-%m-%dT%H:%M:%SZ")
        elif pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            flat = safe_text(flat, longest=cut.get(field.name))
        columns.append(flat)
    return type(batch).from_arrays(columns, names=batch.schema.names)


class ViewingCopy:
    """Writes batches to one CSV file; use as a context manager.

    Args:
        path: The new file.
        schema: Of the batches to come, before they are made viewable.
        longest: Most characters of a column, by name.
    """

    def __init__(
        self, path: Path, schema: pa.Schema, *, longest: dict[str, int] | None = None
    ) -> None:
        self._longest = longest
        empty = viewable(_empty(schema))
        self._writer = pacsv.CSVWriter(
            str(path),
            empty.schema,
            write_options=pacsv.WriteOptions(include_header=True, quoting_style="needed"),
        )

    def __enter__(self) -> ViewingCopy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Append the rows."""
        self._writer.write_batch(viewable(batch, longest=self._longest))


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)


def write_viewing_copy(table: pa.Table, path: Path) -> None:
    """Write a whole table as one viewing copy."""
    with ViewingCopy(path, table.schema) as copy:
        for batch in table.to_batches(max_chunksize=65_536):
            copy.write(batch)
