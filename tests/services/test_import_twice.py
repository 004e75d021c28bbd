"""The same log once more: what is recognised, and what is told where it cannot be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def test_a_file_of_another_system_that_is_loaded_again_is_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Whose logs they are was left out once: the same exchanges stand in the case twice."""
    log = tmp_path / "a.jsonl"
    log.write_text("".join(f'{{"request_id": "r{n}", "prompt": "q{n}"}}\n' for n in range(3)))
    first = workspace.importing.run([log], Frame(system="gateway"), ReadOptions(), Job())
    again = workspace.importing.run([log], Frame(), ReadOptions(), Job())
    assert again.total.loaded == 3
    assert not [doubt for doubt in first.doubts if "another system" in doubt.fact]
    (told,) = (doubt for doubt in again.doubts if "another system" in doubt.fact)
    assert told.fact.endswith("as a log of another system, and 3 records were loaded again.")
    assert "--system" in told.command
    third = workspace.importing.run([log], Frame(), ReadOptions(), Job())
    assert third.total.loaded == 0
    assert not [doubt for doubt in third.doubts if "another system" in doubt.fact]


def test_two_tables_that_hold_the_same_rows(workspace: Workspace, tmp_path: Path) -> None:
    """Told by its bytes only when it was read: what that reading would have loaded is not told."""
    database = tmp_path / "logs.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        for name in "ab":
            connection.execute(f"CREATE TABLE {name} (prompt TEXT, key TEXT)")
            rows = [(f"q{n}", f"k{n % 2}") for n in range(5)]
            connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    first = workspace.importing.run([f"{database}#a"], Frame(), ReadOptions(), Job())
    assert first.total == Accounting(loaded=5)
    # Read in another way each record is another one.
    mapped = ReadOptions(mapping={"account_id": "key"})
    again = workspace.importing.run([f"{database}#b"], Frame(), mapped, Job())
    (file,) = again.files
    assert file.already
    assert file.accounting == again.total == Accounting(duplicate=5)
