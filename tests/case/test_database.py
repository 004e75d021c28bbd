"""The one DuckDB instance of a case: what it may hold in memory, and what nobody may change."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.case.made_up import add_file, one
from workbench.case.database import Database
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.case.folder import Case


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(
        Database(
            tmp_path / "given.duckdb",
            None,
            spill=tmp_path / "spill",
            write=True,
            memory_limit="1GB",
        )
    ) as database:
        yield database


def limit(database: Database) -> str:
    cursor = database.cursor("given")
    ((found,),) = cursor.execute("SELECT current_setting('memory_limit')").fetchall()
    return str(found)


def test_what_it_may_hold_is_lowered_and_put_back(database: Database) -> None:
    at_first = limit(database)
    database.limit("100MB")
    assert limit(database) == "95.3 MiB"
    database.limit()
    assert limit(database) == at_first == "953.6 MiB"


def test_a_limit_that_cannot_be_kept_is_none(database: Database) -> None:
    at_first = limit(database)
    cursor = database.cursor("given")
    # Rows of a transaction that runs are in use, and pinned in part.
    cursor.execute("CREATE TABLE memory.main.held AS SELECT range AS i FROM range(2_000_000)")
    found = cursor.sql("SELECT i FROM memory.main.held ORDER BY i DESC").to_arrow_reader(10_000)
    assert found.read_next_batch().column(0)[0].as_py() == 1_999_999
    database.limit("1KB")
    assert limit(database) == at_first
    assert found.read_next_batch().column(0)[0].as_py() == 1_989_999


@pytest.mark.parametrize("setting", ["enable_external_access = true", "threads = 8"])
def test_nothing_else_can_be_set(database: Database, setting: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        database.cursor("given").execute(f"SET {setting}")


def test_an_import_holds_less_and_gives_it_back(case: Case) -> None:
    setting = "SELECT current_setting('memory_limit')"
    at_first = one(case, setting)
    add_file(case, [{"prompt": "a"}])
    assert one(case, setting) == at_first
    with case.given.begin(Frame(), ReadOptions()):
        assert one(case, setting) == "244.1 MiB"
    assert one(case, setting) == at_first
