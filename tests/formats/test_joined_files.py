"""Files that somebody joined: each brought its byte order mark, and tables their header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.domain.added import AddedKind
from workbench.domain.errors import UnreadLogError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.added_tables import open_table
from workbench.formats.detect import detect
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"\xef\xbb\xbf"


A, B = b'{"request_id":"a","prompt":"p"}', b'{"request_id":"b","prompt":"p"}'
HEADER = b"request_id,prompt\r\n"


@pytest.mark.parametrize(
    ("data", "rejected", "header"),
    [
        (MARK + A + b"\n" + MARK + B + b"\n", [], 0),
        (A + b"\n" + MARK * 2 + B[:-1] + b',"n":1,"n":2}\n', [], 0),
        (A + b"\n" + MARK + b'{"data":[' + B + b"]}\n", [], 0),
        (A + b"\n" + MARK + b"oops\n" + B, [MARK + b"oops"], 0),
        (A + b"\n" + B + b"\n" + MARK, [], 0),
        (MARK + HEADER + b"a,p\r\n" + MARK + HEADER + b"b,p\r\n", [], 2),
        (HEADER + b"a,p\r\n" + HEADER + b"b,p\r\n", [], 2),
    ],
)
def test_logs(tmp_path: Path, data: bytes, rejected: list[bytes], header: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    source = open_source(path, ReadOptions())
    parts = list(source.blocks(Job()))
    found = [each for part in parts for each in part.records["request_id"].to_pylist()]
    assert found == ["a", "b"]
    rejects = [row for part in parts for row in part.rejects.to_pylist()]
    assert [row["raw"] for row in rejects] == rejected
    for row in rejects:
        assert data[row["byte_offset"] :].startswith(row["raw"])
    assert sum(part.header for part in parts) == header


@pytest.mark.parametrize(
    "data",
    [
        b'{"account_id":"a","plan":"x"}\n' + MARK + b'{"account_id":"b","plan":"y"}\n',
        MARK + b"account_id,plan\na,x\n" + MARK + b"account_id,plan\nb,y\n",
    ],
)
def test_tables_beside_the_logs(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "accounts"
    path.write_bytes(data)
    parts = list(open_table(path, AddedKind.ACCOUNTS).blocks(Job()))
    assert [each for part in parts for each in part.rows["value"].to_pylist()] == ["a", "b"]
    assert sum(part.rejects.num_rows for part in parts) == 0
    assert sum(part.header for part in parts) == (
        2 if b"," in data[:20] and data[:1] != b"{" else 0
    )


def test_a_value_that_is_called_as_its_only_column_is_a_value(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"prompt\nprompt\nhello\n")
    source = open_source(path, ReadOptions(), "canonical")
    (part,) = source.blocks(Job())
    assert part.records["prompt"].to_pylist() == ["prompt", "hello"]


def test_lines_that_end_in_cr_alone_are_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"request_id,prompt\rr1,hello\rr2,there\r")
    with pytest.raises(UnreadLogError, match=r"lines end in CR alone.*tr '\\r' '\\n'"):
        detect(path, ReadOptions())
