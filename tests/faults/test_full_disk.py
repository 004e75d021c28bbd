"""A disk that is full, at any point of any write: one line that says so, and nothing is lost.

On a disk of its own, so that every file of the case meets the same lack of room; once there is
room again, the same command does the whole of what it was asked for.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.command_line import workbench
from tests.faults.trouble import (
    Analysed,
    Disk,
    account_table,
    cases,
    complaint,
    decided,
    digests,
    filled,
    given,
    laid_out,
    small_disk,
)
from tests.services.cut_short import logical

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 4096
PLENTY = 64 << 20
#: Rooms at which something else fails each time; the rest of the cases are at random.
FIRST = (0, PAGE, 5 * PAGE, 16 * PAGE)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def rooms(rng: random.Random, most: int, full: int, first: tuple[int, ...] = FIRST) -> list[int]:
    """Bytes to leave: the fixed ones, and any up to ``most``."""
    return [*first, *(rng.randrange(most) for _ in cases(full, least=2))]


def laid_on(disk: Disk, case: Path, room: int) -> Path:
    """A copy of the case on the disk, which then has ``room`` bytes left."""
    disk.leave(PLENTY)
    path = disk.path / "a.case"
    laid_out(case, path)
    disk.leave(room)
    return path


def is_clear(line: str) -> None:
    assert "disk is full" in line.lower()
    assert "Free " in line
    assert " could not be written" in line


def test_import(
    disk: Disk, analysed: Analysed, rng: random.Random, capfd: pytest.CaptureFixture[str]
) -> None:
    failed = 0
    for room in rooms(rng, 1 << 20, 100):
        case = laid_on(disk, analysed.imported, room)
        before, entries = given(case), decided(case)
        capfd.readouterr()
        code = workbench("import", case, analysed.log, "--system", "another", "--json")
        if code:
            failed += 1
            assert code == 2, room
            is_clear(complaint(capfd))
            assert given(case) == before
            assert decided(case) == entries
            disk.leave(PLENTY)
            workbench("import", case, analysed.log, "--system", "another")
        assert given(case)["total"]["loaded"] == 2 * before["total"]["loaded"]
        assert len(decided(case)) == len(entries) + 1
    assert failed >= len(FIRST)


def test_join(
    disk: Disk,
    analysed: Analysed,
    tmp_path: Path,
    rng: random.Random,
    capfd: pytest.CaptureFixture[str],
) -> None:
    failed = 0
    table = account_table(tmp_path / "accounts.csv", analysed.imported)
    for room in rooms(rng, 512 << 10, 50):
        case = laid_on(disk, analysed.imported, room)
        before, entries = filled(case), decided(case)
        capfd.readouterr()
        code = workbench("join", case, "--accounts", table)
        assert code in {0, 2}, room
        if code:
            failed += 1
            is_clear(complaint(capfd))
            # Where the journal's line alone did not fit the table stands, and can be taken out.
            assert filled(case) == before or given(case)["added"]
            assert decided(case) == entries
            disk.leave(PLENTY)
            assert workbench("join", case, "--accounts", table) == 0
        added = filled(case)
        assert added != before
        capfd.readouterr()
        if workbench("join", case, "--remove", "1"):
            is_clear(complaint(capfd))
            assert filled(case) == added
            disk.leave(PLENTY)
            assert workbench("join", case, "--remove", "1") == 0
        assert filled(case) == before
    assert failed >= len(FIRST)


def test_import_into_a_new_case(
    disk: Disk, analysed: Analysed, rng: random.Random, capfd: pytest.CaptureFixture[str]
) -> None:
    failed = 0
    for room in rooms(rng, 2 << 20, 50):
        shutil.rmtree(disk.path / "new.case", ignore_errors=True)
        disk.leave(room)
        code = workbench("import", disk.path / "new.case", analysed.log)
        assert code in {0, 2}, room
        if code:
            failed += 1
            is_clear(complaint(capfd))
            assert disk.names() == []
        else:
            assert given(disk.path / "new.case")["total"]["loaded"] == 600
    assert failed >= len(FIRST)


def test_analyse(
    disk: Disk, analysed: Analysed, rng: random.Random, capfd: pytest.CaptureFixture[str]
) -> None:
    failed, first = 0, FIRST[::2]
    for number, room in enumerate(rooms(rng, 2 << 20, 50, first)):
        case = laid_on(disk, analysed.imported, room)
        if number % 2:  # as our own remedy for a damaged computed/ says
            shutil.rmtree(case / "computed")
            disk.leave(room)
        before = given(case)
        capfd.readouterr()
        code = workbench("analyse", case)
        assert code in {0, 2}, room
        if code:
            failed += 1
            is_clear(complaint(capfd))
            assert given(case) == before
            assert digests(case).items() <= analysed.digests.items()
            decided(case)
            disk.leave(PLENTY)
            assert workbench("analyse", case) == 0
        assert digests(case) == analysed.digests
        assert decided(case)
    assert failed >= len(first)


def test_repair(
    disk: Disk, analysed: Analysed, rng: random.Random, capfd: pytest.CaptureFixture[str]
) -> None:
    failed, rows = 0, logical(analysed.imported)
    repair = ("repair", disk.path / "a.case", "--logs", analysed.log.parent)
    for room in rooms(rng, 8 << 20, 50):
        case = laid_on(disk, analysed.imported, room)
        broken = (case / "given.duckdb").read_bytes()[:99_999]
        (case / "given.duckdb").write_bytes(broken)
        disk.leave(room)
        capfd.readouterr()
        if workbench(*repair):
            failed += 1
            is_clear(complaint(capfd))
            disk.leave(PLENTY)
            assert workbench(*repair) == 0
        assert logical(case) == rows
        assert decided(case)
    assert failed


def test_export(
    disk: Disk, analysed: Analysed, rng: random.Random, capfd: pytest.CaptureFixture[str]
) -> None:
    disk.leave(PLENTY)
    shutil.copytree(analysed.case, disk.path / "a.case")
    case, out = disk.path / "a.case", disk.path / "out"
    before, failed = decided(case), 0
    for room in rooms(rng, 256 << 10, 50):
        disk.leave(room)
        code = workbench("export", case, "--account", analysed.account, "--out", out)
        assert code in {0, 2}, room
        if code:
            failed += 1
            is_clear(complaint(capfd))
            assert disk.names() == ["a.case"]
            assert decided(case) == before
    assert failed >= len(FIRST)
    disk.leave(PLENTY)
    shutil.rmtree(out, ignore_errors=True)
    assert workbench("export", case, "--account", analysed.account, "--out", out) == 0
    assert workbench("verify", out) == 0


def test_label(disk: Disk, analysed: Analysed, capfd: pytest.CaptureFixture[str]) -> None:
    case = laid_on(disk, analysed.case, PLENTY)
    label = ("label", case, "--account", analysed.account, "--as", "suspected", "--why", "x" * 9000)
    disk.leave(0)
    before = decided(case)
    assert workbench(*label) == 2
    line = complaint(capfd)
    is_clear(line)
    assert "Nothing was decided." in line
    assert decided(case) == before
    disk.leave(PLENTY)
    assert workbench(*label) == 0
    assert len(decided(case)) == len(before) + 1
