"""The truth about a log, as ``truth.csv`` holds it: account_id, campaign_id, lookalike."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

#: Columns of a truth table: campaign_id is empty when benign, lookalike is empty or its kind.
TRUTH_COLUMNS: Final = ("account_id", "campaign_id", "lookalike")


def read_truth(path: Path) -> pa.Table:
    """Read truth.csv.

    Returns:
        The three columns as strings, one row an account, in the file's order.

    Raises:
        InputError: No such file, not UTF-8, a column is missing, a row is short or long, an
            account appears twice, or there is no account.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", remedy="Name a truth.csv."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} is no CSV in UTF-8: {error}.", remedy="Name a truth.csv."
        ) from error
    header = rows[0] if rows else []
    missing = [name for name in TRUTH_COLUMNS if name not in header]
    if missing:
        raise InputError(
            f"{path} has no column {', '.join(missing)}.",
            remedy=f"Give a CSV with the columns {', '.join(TRUTH_COLUMNS)}.",
        )
    columns: dict[str, list[str]] = {name: [] for name in TRUTH_COLUMNS}
    places = [header.index(name) for name in TRUTH_COLUMNS]
    seen: set[str] = set()
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise InputError(
                f"{path}, line {number}: {len(row)} fields instead of {len(header)}.",
                remedy="Mend the line.",
            )
        values = [row[place] for place in places]
        if values[0] in seen:
            raise InputError(
                f"{path}, line {number}: account {values[0]} appears a second time.",
                remedy="Keep one row for each account.",
            )
        seen.add(values[0])
        for name, value in zip(TRUTH_COLUMNS, values, strict=True):
            columns[name].append(value)
    if not seen:
        raise InputError(f"{path} names no account.", remedy="Name a truth.csv with rows.")
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
