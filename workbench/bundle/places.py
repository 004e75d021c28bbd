"""Where two files of one name differ: rows and columns of tables, fields of JSON, lines of text.

One of them may come from somebody who means harm, and is no larger than twice ours and a megabyte.
This room must not know what the files are for.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TextIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.bundle.payload import even
from workbench.bundle.walk import open_plain
from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BLOCK: Final = 1 << 20
_ROWS: Final = 8_192
#: Column that names a row of a table, by the table's file; rows of others are numbered.
_NAMED: Final = {
    "accounts.csv": "account_key",
    "clusters.csv": "cluster_id",
    "sources.csv": "sha256",
    "method/signals.csv": "name",
}
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files of one name: a bundle's, and ours."""

    theirs: Path
    ours: Path
    name: str
    check: Callable[[], None]


#: Where, what the bundle says, what was computed now, whether one of them lacks it altogether.
Place = tuple[str, Any, Any, bool]


def _table(pair: Pair) -> Iterator[Place]:
    """CSV, row by row; where rows have names, by these."""
    with _opened(pair.theirs) as one, _opened(pair.ours) as other:
        a, b = csv.reader(one, strict=True), csv.reader(other, strict=True)
        heads = next(a, []), next(b, [])
        yield from _names(*heads)
        within = pair.name.removeprefix("data/")
        key = _NAMED.get(within, "")
        if all(head.count(key) == 1 for head in heads):
            yield from _by_name(a, b, heads, key)
            return
        first = "exchange_id" if within == "exchanges.csv" else ""
        for number, (x, y) in enumerate(zip_longest(a, b), 1):
            if number % _ROWS == 0:
                pair.check()
            if x is None or y is None:
                yield "rows", *_lengths(number, (x, a), (y, b)), False
                return
            if x != y or heads[0] != heads[1]:
                row = f"{first} {x[0]}" if first and x else f"row {number}"
                yield from _cells(row, heads, x, y)


def _by_name(
    a: Iterator[list[str]],
    b: Iterator[list[str]],
    heads: tuple[list[str], list[str]],
    key: str,
) -> Iterator[Place]:
    at, order = [head.index(key) for head in heads], []
    rows: list[dict[str, list[list[str]]]] = [{}, {}]
    for side, lines in enumerate((a, b)):
        for row in lines:
            name = row[at[side]] if len(row) > at[side] else ""
            rows[side].setdefault(name, []).append(row)
        order.append(list(rows[side]))
    for name in [*order[0], *(n for n in order[1] if n not in rows[0])]:
        x, y = rows[0].get(name, []), rows[1].get(name, [])
        if len(x) != len(y):
            yield f"{key} {name}", _rows(len(x)), _rows(len(y)), False
        for p, q in zip(x, y, strict=False):
            if p != q or heads[0] != heads[1]:
                yield from _cells(f"{key} {name}", heads, p, q)
    if order[0] != order[1] and set(order[0]) == set(order[1]):
        place = next(i for i, (p, q) in enumerate(zip(*order, strict=True)) if p != q)
        yield f"order, row {place + 1}", order[0][place], order[1][place], False


def _lengths(number: int, *sides: tuple[Any, Iterator[Any]]) -> tuple[int, int]:
    """How many each side has, where one has ended at this number."""
    first, second = (
        number - 1 if last is None else number + sum(1 for _ in rest) for last, rest in sides
    )
    return first, second


def _cells(
    row: str, heads: tuple[list[str], list[str]], theirs: list[str], ours: list[str]
) -> Iterator[Place]:
    x = dict(zip(heads[0], theirs, strict=False))
    y = dict(zip(heads[1], ours, strict=False))
    for column in x:
        if column in y and x[column] != y[column]:
            yield f"{row}, {column}", x[column], y[column], False


def _names(theirs: list[str], ours: list[str]) -> Iterator[Place]:
    for column in theirs:
        if column not in ours:
            yield f"column {column}", "it is there", _NONE, True
    for column in ours:
        if column not in theirs:
            yield f"column {column}", _NONE, "it is there", True


def _json(pair: Pair) -> Iterator[Place]:
    a, b = (orjson.loads(path.read_bytes()) for path in (pair.theirs, pair.ours))
    yield from _values("", _keyed(a), _keyed(b))


def _lines_of_json(pair: Pair) -> Iterator[Place]:
    with open_plain(pair.theirs) as one, open_plain(pair.ours) as other:
        for number, (x, y) in enumerate(zip_longest(one, other), 1):
            if number % _ROWS == 0:
                pair.check()
            if x is None or y is None:
                yield "lines", *_lengths(number, (x, one), (y, other)), False
                return
            if x != y:
                yield from _values(f"line {number}", orjson.loads(x), orjson.loads(y))


def _values(where: str, theirs: Any, ours: Any) -> Iterator[Place]:
    """Two JSON values, from the outside inwards; without recursion, since depth is theirs."""
    todo = [(where, theirs, ours)]
    while todo:
        at, a, b = todo.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            deeper = []
            for key in [*a, *(k for k in b if k not in a)]:
                inner = f"{at}, {key}" if at else str(key)
                if key in a and key in b:
                    deeper.append((inner, a[key], b[key]))
                else:
                    yield inner, a.get(key, _NONE), b.get(key, _NONE), True
            todo += reversed(deeper)
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            begin = f"{at}, " if at else ""
            numbered = [
                (f"{begin}item {i}", x, y) for i, (x, y) in enumerate(zip(a, b, strict=True), 1)
            ]
            todo += reversed(numbered)
        elif isinstance(a, list) and isinstance(b, list):
            yield at, plural(len(a), "item", "items"), plural(len(b), "item", "items"), False
        elif type(a) is not type(b) or a != b:
            yield at, a, b, False


def _keyed(value: Any) -> Any:
    """Stages by their names: one more or less is then no difference of all that follow."""
    if (
        isinstance(value, list)
        and value
        and all(isinstance(v, dict) and "stage" in v for v in value)
    ):
        return {str(v["stage"]): {k: w for k, w in v.items() if k != "stage"} for v in value}
    return value


def _parquet(pair: Pair) -> Iterator[Place]:
    with pq.ParquetFile(pair.theirs) as one, pq.ParquetFile(pair.ours) as other:
        schemas = one.schema_arrow, other.schema_arrow
        yield from _names(schemas[0].names, schemas[1].names)
        columns = [n for n in schemas[1].names if n in set(schemas[0].names)]
        for column in columns:
            kinds = [schema.field(column).type for schema in schemas]
            if kinds[0] != kinds[1]:
                yield f"column {column}", str(kinds[0]), str(kinds[1]), False
                return
        counts = one.metadata.num_rows, other.metadata.num_rows
        if counts[0] != counts[1]:
            yield "rows", counts[0], counts[1], False
            return
        streams = (even(file.iter_batches(_ROWS, columns=columns), _ROWS) for file in (one, other))
        for x, y in zip(*streams, strict=True):
            pair.check()
            rows = x.column(columns[0]).to_pylist() if columns else []
            for column in columns:
                if not x.column(column).equals(y.column(column)):
                    yield from _rows_of(column, columns[0], rows, x, y)


def _rows_of(
    column: str, first: str, rows: list[Any], x: pa.RecordBatch, y: pa.RecordBatch
) -> Iterator[Place]:
    pairs = zip(x.column(column).to_pylist(), y.column(column).to_pylist(), strict=True)
    for name, (a, b) in zip(rows, pairs, strict=True):
        both_nan = isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b)
        if a != b and not both_nan:
            yield f"{first} {name}, {column}", a, b, False


def _text(pair: Pair) -> Iterator[Place]:
    """The first line that differs: what follows it is often the same, moved."""
    with _opened(pair.theirs) as one, _opened(pair.ours) as other:
        for number, (x, y) in enumerate(zip_longest(one, other), 1):
            if x != y:
                yield f"line {number}", _NONE if x is None else x, _NONE if y is None else y, False
                return


def _bytes(pair: Pair) -> Iterator[Place]:
    with open_plain(pair.theirs) as one, open_plain(pair.ours) as other:
        place = 0
        while True:
            pair.check()
            x, y = one.read(_BLOCK), other.read(_BLOCK)
            if x != y or not x:
                near = (i for i, (p, q) in enumerate(zip(x, y, strict=False)) if p != q)
                place += next(near, min(len(x), len(y)))
                break
            place += len(x)
    sizes = [f"{path.stat().st_size:,} bytes" for path in (pair.theirs, pair.ours)]
    yield f"from byte {place:,}", sizes[0], sizes[1], False


def places(pair: Pair) -> Iterator[Place]:
    """Where two files differ that are not the same; nothing where only the writing differs.

    Raises:
        ValueError, csv.Error, pyarrow.ArrowException, OSError: One cannot be read as what it is.
    """
    return _KINDS.get(pair.name.rpartition(".")[2], _bytes)(pair)


_KINDS: Final = {
    "csv": _table,
    "json": _json,
    "jsonl": _lines_of_json,
    "parquet": _parquet,
    "txt": _text,
    "md": _text,
    "sql": _text,
    "svg": _text,
    "toml": _text,
}


def _opened(path: Path) -> TextIO:
    return io.TextIOWrapper(open_plain(path), "utf-8", "replace", newline="")


def _rows(count: int) -> str:
    return plural(count, "row", "rows")
