"""Two folders compared: what differs is named by file, row, column; hostile files are bounded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.bundle.difference import TOLD, Difference, compare, files_in

if TYPE_CHECKING:
    from pathlib import Path


class Folders:
    """A bundle's files and ours."""

    def __init__(self, path: Path) -> None:
        self.theirs, self.ours = path / "theirs", path / "ours"

    def write(self, name: str, theirs: str | bytes | None, ours: str | bytes | None) -> None:
        for folder, content in ((self.theirs, theirs), (self.ours, ours)):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def places(self) -> list[tuple[str, str, str]]:
        """Where, what theirs says, what ours says; of all files."""
        return [(one.field, one.bundle, one.recomputed) for one in self.found()]

    def found(self) -> tuple[Difference, ...]:
        names = files_in(self.theirs) | files_in(self.ours)
        found = compare(self.theirs, self.ours, names, lambda: None, passes=lambda _: True)
        assert {one.file for one in found.differences} == set(found.counted)
        return found.differences


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_the_same_is_the_same(folders: Folders) -> None:
    folders.write("data/a.json", "{}", "{}")
    folders.write("data/b.csv", "", "")
    assert folders.places() == []


def test_rows_of_accounts_go_by_their_key(folders: Folders) -> None:
    theirs = "account_key,score,more\nb,1,x\na,2,x\nc,3,x\n"
    ours = "account_key,score\na,2\nb,9\nd,4\n"
    folders.write("data/accounts.csv", theirs, ours)
    assert folders.places() == [
        ("column more", "it is there", "none"),
        ("account_key b, score", "1", "9"),
        ("account_key c", "1 row", "0 rows"),
        ("account_key d", "0 rows", "1 row"),
    ]


def test_another_order_is_a_difference(folders: Folders) -> None:
    folders.write("data/accounts.csv", "account_key\na\nb\n", "account_key\nb\na\n")
    assert folders.places() == [("order, row 1", "a", "b")]


def test_other_tables_go_by_row(folders: Folders) -> None:
    folders.write("data/figures/x.csv", "n\n1\n2\n3\n", "n\n1\n7\n")
    assert folders.places() == [("row 2, n", "2", "7"), ("rows", "3", "2")]


def test_json_is_followed_to_the_value(folders: Folders) -> None:
    theirs = '[{"stage": "a", "digest": "1"}, {"stage": "b", "digest": "2", "info": {"n": [1, 2]}}]'
    ours = '[{"stage": "b", "digest": "2", "info": {"n": [1, 3]}}]'
    folders.write("data/method/stages.json", theirs, ours)
    assert folders.places() == [
        ("a", '{"digest": "1"}', "none"),
        ("b, info, n, item 2", "2", "3"),
    ]


def test_a_number_is_neither_a_truth_nor_text(folders: Folders) -> None:
    folders.write("data/a.json", '{"x": 1, "y": "1"}', '{"x": true, "y": 1}')
    assert folders.places() == [("x", "1", "true"), ("y", "1", "1")]


def test_what_is_only_written_otherwise_is_a_difference(folders: Folders) -> None:
    folders.write("data/a.json", '{"x": 1}', '{"x":1}')
    assert folders.places() == [("bytes", "written otherwise", "written otherwise")]


def test_lines_of_json_and_of_text(folders: Folders) -> None:
    folders.write("data/labels.jsonl", '{"a": 1}\n{"b": 1}\n', '{"a": 2}\n')
    folders.write("data/x.md", "one\ntwo\n", "one\nthree\n")
    assert folders.places() == [
        ("line 1, a", "1", "2"),
        ("lines", "2", "1"),
        ("line 2", "two", "three"),
    ]


def test_exchanges_go_by_row_and_nan_is_itself(folders: Folders) -> None:
    for folder, tokens in ((folders.theirs, [1, 2, None]), (folders.ours, [1, 3, 4])):
        (folder / "data").mkdir(parents=True)
        table = pa.table({"exchange_id": [5, 6, 7], "n": tokens, "f": [math.nan, 1.0, None]})
        pq.write_table(table, folder / "data" / "evidence.parquet")
    assert folders.places() == [
        ("exchange_id 6, n", "2", "3"),
        ("exchange_id 7, n", "nothing", "4"),
    ]


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("data/a.json", "[" * 10_000),
        ("data/a.json", "no JSON"),
        ("data/a.jsonl", "no JSON\n"),
        ("data/a.csv", '"open'),
        ("data/a.csv", "x" * 200_000),
        ("data/a.parquet", "PAR1 and no more"),
        ("data/a.json", "[1, 2]" + " " * 3_000_000),
        ("data/a.pdf", "another"),
        ("data/none.md", None),
    ],
)
def test_whatever_a_stranger_wrote_is_one_difference(
    folders: Folders, name: str, theirs: str | None
) -> None:
    ours = b"[1]\n"
    if name.endswith("parquet"):
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"x": [1]}), sink)
        ours = sink.getvalue().to_pybytes()
    folders.write(name, theirs, ours)
    (one, *more) = folders.found()
    assert one.file == name
    assert len(more) <= 1
    assert all(len(str(each)) < 600 for each in (one, *more))


def test_deep_values_are_compared_without_depth(folders: Folders) -> None:
    folders.write("data/a.json", "[" * 900 + "1" + "]" * 900, "[" * 900 + "2" + "]" * 900)
    (one,) = folders.found()
    assert (one.bundle, one.recomputed) == ("1", "2")


def test_many_are_counted_and_some_are_told(folders: Folders) -> None:
    rows = range(3 * TOLD)
    theirs, ours = ("n\n" + "".join(f"{i + more}\n" for i in rows) for more in (0, 1))
    folders.write("data/x.csv", theirs, ours)
    found = compare(
        folders.theirs, folders.ours, ["data/x.csv"], lambda: None, passes=lambda _: True
    )
    assert len(found.differences) == TOLD
    assert found.counted == {"data/x.csv": 3 * TOLD}


def test_words_of_a_stranger_are_visible(folders: Folders) -> None:
    folders.write(
        "data/accounts.csv", "account_key,x\n\u202ea,\x1b[31m\n", "account_key,x\n\u202ea,1\n"
    )
    (one,) = folders.found()
    assert str(one) == (
        "data/accounts.csv, account_key <U+202E>a, x: the bundle says <U+001B>[31m, recomputed 1"
    )
