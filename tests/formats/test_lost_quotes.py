"""A quote that is lost in CSV: the line it is lost in is rejected, and all other rows are read."""

from __future__ import annotations

import bz2
import gzip
import multiprocessing
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.added import AddedKind
from workbench.domain.ports import Parsed, ReadOptions
from workbench.domain.progress import Job
from workbench.formats import adapter, blocks, containers, read
from workbench.formats.added_tables import open_table
from workbench.formats.read import open_source
from workbench.formats.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.formats.blocks import Block

HEADER = "request_id,account_id,prompt\n"
NEVER_CLOSED = "not CSV: a quote is opened and never closed"
TEXT_AFTER = "not CSV: text stands behind a closing quote"


def rows(count: int, **instead: str) -> str:
    """Rows of which every third has a quoted field; ``r11="..."`` puts another line for one."""
    return "".join(
        instead.get(f"r{i}", f'r{i},k{i % 7},"What, is\n{i}?"' if i % 3 == 2 else f"r{i},k,What is")
        + "\n"
        for i in range(count)
    )


def read_all(path: Path, pool: WorkerPool | None = None) -> list[Parsed]:
    return list(open_source(path, ReadOptions(), pool=pool).blocks(Job()))


def told(parts: list[Parsed]) -> tuple[list[str], list[tuple[int, str, bytes]]]:
    """Request ids of what was loaded, in order; offset, reason and bytes of every reject."""
    ids = [each for part in parts for each in part.records["request_id"].to_pylist()]
    rejects = [row for part in parts for row in part.rejects.to_pylist()]
    return ids, [(row["byte_offset"], row["reason"], row["raw"]) for row in rejects]


def ids(count: int, *without: int) -> list[str]:
    return [f"r{i}" for i in range(count) if i not in without]


@pytest.mark.parametrize("shell", [bytes, gzip.compress, bz2.compress])
def test_all_rows_but_the_one_are_loaded(tmp_path: Path, shell: type[bytes]) -> None:
    bad = 'r10,k3,"What is lost'
    plain = HEADER + "".join(
        f"r{i},k,What is {i}\n" if i != 10 else bad + "\n" for i in range(30_000)
    )
    path = tmp_path / "lq.csv"
    path.write_bytes(shell(plain.encode()))
    source = open_source(path, ReadOptions())
    loaded, rejects = told(list(source.blocks(Job())))
    assert loaded == ids(30_000, 10)
    assert rejects == [(plain.index(bad), NEVER_CLOSED, bad.encode())]
    assert source.records == 30_001


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('r10,k3,"What is lost', NEVER_CLOSED),
        ('"r10,k3,What is lost', NEVER_CLOSED),
        ('r10,"k3,"What is lost"', TEXT_AFTER),
        ('r10,k3,"said "so" to me"', TEXT_AFTER),
        ('r10,k3,"said \\"so\\" to me"', TEXT_AFTER),
        ('r10,"k3\nof two lines","What is lost', NEVER_CLOSED),
    ],
)
def test_where_later_fields_are_quoted(tmp_path: Path, bad: str, reason: str) -> None:
    plain = HEADER + rows(100, r10=bad)
    path = tmp_path / "log"
    path.write_text(plain)
    loaded, rejects = told(read_all(path))
    assert loaded == ids(100, 10)
    assert rejects == [(plain.index(bad), reason, bad.encode())]


def test_a_record_that_the_file_ends_in_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(HEADER + 'r0,k,What\nr1,k,"What is\nthe rest of')
    loaded, rejects = told(read_all(path))
    assert loaded == ["r0"]
    assert [reason for _, reason, _ in rejects] == [
        NEVER_CLOSED,
        "wrong number of fields: 1 fields where the header has 3",
    ]


def test_a_tab_separated_log(tmp_path: Path) -> None:
    """Its quotes enclose fields as far as detection looks; one is lost behind that."""
    path = tmp_path / "log"
    lines = (HEADER + rows(90_000, r80000='r80000,k,"What')).replace(",", "\t")
    path.write_text(lines)
    loaded, rejects = told(read_all(path))
    assert loaded == ids(90_000, 80_000)
    assert [reason for _, reason, _ in rejects] == [NEVER_CLOSED]


@pytest.mark.parametrize("bad", ['r10,k3,"What is lost', 'r10,k3,""What'])
def test_the_same_however_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    path = tmp_path / "log"
    path.write_text(HEADER + rows(60_000, r10=bad, r40001=bad.replace("r10", "r40001")))
    expected = told(read_all(path))
    assert expected[0] == ids(60_000, 10, 40_001)
    cut = blocks.cut_blocks
    for size in (1 << 14, 1 << 20):
        monkeypatch.setattr(
            read, "cut_blocks", lambda *a, size=size, **k: cut(*a, **{**k, "size": size})
        )
        assert told(read_all(path)) == expected


def _limited(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    for module in (blocks, adapter, containers):
        monkeypatch.setattr(module, "LONGEST_RECORD", limit)


def test_a_quote_that_is_open_longer_than_a_record_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limit at 2 MB instead of 100: reading goes on before the file has ended."""
    _limited(monkeypatch, 2 << 20)
    monkeypatch.setattr(blocks, "BLOCK", 1 << 20)
    cut = blocks.cut_blocks
    largest = 0

    def watched(*args: Any, **named: Any) -> Iterator[Block]:
        nonlocal largest
        for block in cut(*args, **{**named, "size": 1 << 20}):
            largest = max(largest, len(block.data))
            yield block

    monkeypatch.setattr(read, "cut_blocks", watched)
    bad = 'r10,k3,"What is lost'
    lines = [f"r{i},k,What is\n" for i in range(600_000)]
    lines[10] = bad + "\n"
    path = tmp_path / "log"
    path.write_text(HEADER + "".join(lines))
    assert path.stat().st_size > 8 << 20
    loaded, rejects = told(read_all(path))
    assert loaded == ids(600_000, 10)
    assert rejects == [(len(HEADER) + sum(map(len, lines[:10])), NEVER_CLOSED, bad.encode())]
    assert largest < 4 << 20


def test_a_line_that_is_too_long_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limited(monkeypatch, 2 << 20)
    path = tmp_path / "log"
    for quote in ("", '"'):
        endless = f"r1,k,{quote}" + "y" * (6 << 20)
        path.write_text(HEADER + f"r0,k,What\n{endless}\nr2,k,What\n")
        loaded, ((offset, reason, raw),) = told(read_all(path))
        assert loaded == ["r0", "r2"]
        assert offset == len(HEADER) + len("r0,k,What\n")
        assert raw.startswith(b"r1,k,")
        assert len(raw) <= 1 << 20
        assert "longer than 100 MB" in reason or reason == NEVER_CLOSED


def test_a_damaged_file(tmp_path: Path) -> None:
    """What is before the damage is read, although a quote is open from its beginning."""
    plain = HEADER + rows(30_000, r10='r10,k3,"What is lost')
    plain = plain.replace('"What, is\n', "What is ").replace('?"', "")
    packed = gzip.compress(plain.encode())
    path = tmp_path / "log"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    loaded, rejects = told(read_all(path))
    assert loaded == ids(len(loaded) + 1, 10)
    assert len(loaded) > 10_000
    assert rejects[0][1] == NEVER_CLOSED
    assert "damaged file" in rejects[-1][1]
    assert len(rejects) == 2


def test_workers_read_it_alike(tmp_path: Path) -> None:
    path = tmp_path / "log"
    bad = 'r10,k3,"What is lost'
    filler = "x" * 300
    path.write_text(
        HEADER + "".join(f"r{i},k,{filler}\n" if i != 10 else bad + "\n" for i in range(60_000))
    )
    with WorkerPool(2) as pool:
        loaded, rejects = told(read_all(path, pool))
    assert not multiprocessing.active_children()
    assert loaded == ids(60_000, 10)
    assert [reject[1:] for reject in rejects] == [(NEVER_CLOSED, bad.encode())]


def test_a_table_beside_the_logs(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text('account_id,plan\na,"free\nb,team\n')
    (block,) = open_table(path, AddedKind.ACCOUNTS).blocks(Job())
    assert block.rows["value"].to_pylist() == ["b"]
    assert block.rejects["reason"].to_pylist() == [NEVER_CLOSED]
