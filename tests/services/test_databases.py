"""Databases as they stand: a real PostgreSQL, and SQLite files, from the command line on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import workbench
from tests.formats.database_tables import filled
from tests.formats.test_sqlite import LITELLM
from tests.postgres import PASSWORD, Server
from tests.services.test_importing import load
from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting
from workbench.domain.ports import Statement
from workbench.domain.progress import Job
from workbench.services.sources import expand
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXCHANGES = Statement(
    "exchanges",
    "SELECT request_id, ts_us, in_tok, prompt.text AS prompt, completion, account.value AS account"
    " FROM exchange JOIN prompt USING (prompt_id) JOIN account USING (account_id)"
    " ORDER BY request_id LIMIT 1",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with filled() as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def first(workspace: Workspace) -> dict[str, Any]:
    engine = workspace._held.case.engine()
    try:
        row: dict[str, Any] = engine.table(EXCHANGES).to_pylist()[0]
    finally:
        engine.close()
    return row


def test_litellms_database_as_it_stands(server: Server, workspace: Workspace) -> None:
    address = server.address(database="lite")
    report = load(workspace, address)
    (file,) = report.files
    assert file.path == f"{address}#LiteLLM_SpendLogs"
    assert (file.format, file.accounting) == ("litellm", Accounting(loaded=3000))
    assert "as lines of JSON, in the order of request_id, startTime; size and" in file.reason
    assert "of PostgreSQL 1" in file.reason
    assert first(workspace) == {
        "request_id": "r000001",
        "ts_us": 1777636801_250_000,
        "in_tok": 1,
        "prompt": "question 1 é",
        "completion": "answer",
        "account": "hash-1",
    }
    # Read again it is the same bytes; with one row more, the others are duplicates.
    (again,) = load(workspace, f"{address}#litellm_spendlogs").files
    assert again.already
    assert (again.sha256, again.size) == (file.sha256, file.size)
    server.run(
        """INSERT INTO "LiteLLM_SpendLogs" VALUES ('new', 'acompletion', 'hash-1', 0, 1, 1,
        '2026-06-01', NULL, 'gpt-4o')""",
        database="lite",
    )
    try:
        assert load(workspace, address).total == Accounting(loaded=1, duplicate=3000)
    finally:
        server.run("""DELETE FROM "LiteLLM_SpendLogs" WHERE request_id = 'new'""", database="lite")


def test_langfuses_observations_are_joined_with_their_traces(
    server: Server, workspace: Workspace
) -> None:
    report = load(workspace, server.address(database="lang"))
    assert [file.format for file in report.files] == ["langfuse", "langfuse-trace"]
    assert report.total.loaded == 40
    assert report.total.joined == 10
    assert report.total.records == 50
    row = first(workspace)
    assert (row["request_id"], row["prompt"], row["account"]) == ("o1", "q1", "user-1")


def test_without_an_address_nothing_that_could_connect_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "log").write_text('{"prompt": "p"}')
    script = (
        "import sys\n"
        "from workbench.services.log_formats import check_files\n"
        "from workbench.domain.ports import ReadOptions\n"
        "check_files([sys.argv[1]], ReadOptions())\n"
        "assert not {'pg8000', 'scramp'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path / "log"], check=True)


def test_a_table_without_the_right_to_read_it(server: Server, workspace: Workspace) -> None:
    for place in ("lite", "lang"):
        with pytest.raises(InputError, match=r"may not be read by this user \(permission denied"):
            load(workspace, server.address("guest:guest", place))
    assert workspace.importing.provenance.info().counts["files"] == 0


def test_a_connection_that_is_lost_loads_nothing(server: Server, workspace: Workspace) -> None:
    class Kill(Job):
        """Ends the server's side as soon as the first records were read."""

        def report(self, *said: Any, **more: Any) -> None:
            super().report(*said, **more)
            if more.get("count"):
                server.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'distillation-workbench'"
                )

    server.run(
        "CREATE TABLE long AS SELECT g AS request_id, repeat('long ', 2000) AS prompt "
        "FROM generate_series(1, 3000) g",
        database="other",
    )
    address = server.address(database="other") + "#long"
    with pytest.raises(InputError, match=r"#long: the connection was lost after row [\d,]+"):
        load(workspace, address, job=Kill())
    assert workspace.importing.provenance.info().counts["exchanges"] == 0
    assert load(workspace, address).total == Accounting(loaded=3000)


def test_a_password_is_nowhere(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "secret.case"
    secret = "guest-1234-word"
    server.run(f"CREATE ROLE reader LOGIN PASSWORD '{secret}'", "GRANT pg_read_all_data TO reader")
    address = server.address(f"reader:{secret}", "lite")
    assert workbench("import", case, address, "--custodian", "ann") == 0
    assert workbench("import", case, address) == 0
    assert workbench("import", case, address.replace(secret, secret + "x")) == 2
    assert workbench("import", case, address + "gone") == 2
    assert workbench(address) == 2
    assert workbench("info", case, "--json") == 0
    assert workbench("journal", case) == 0
    said = capsys.readouterr()
    assert secret not in said.out + said.err
    assert "postgresql://reader@127.0.0.1" in said.out
    held = [path for path in case.rglob("*") if path.is_file()]
    assert held
    assert not [path for path in held if secret.encode() in path.read_bytes()]


def test_sqlite_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "litellm.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(LITELLM)
        connection.execute("CREATE TABLE notes (who, said)")
        connection.execute("INSERT INTO notes VALUES ('k', 'hello')")
        connection.execute(
            """INSERT INTO "LiteLLM_SpendLogs" VALUES
            ('r', 'acompletion', 'k', '2026-05-01 12:00:00', NULL, 'gpt-4o', '{}', 1)"""
        )
    case = tmp_path / "a.case"
    assert workbench("import", case, path) == 0
    said = capsys.readouterr().out
    assert said == f"{path}#LiteLLM_SpendLogs: litellm: 1 record = 1 loaded\n"
    assert workbench("import", case, path) == 0
    assert "already in the case" in capsys.readouterr().out
    mapping = ("--map", "prompt=said", "--map", "account_id=who")
    assert workbench("import", case, f"{path}#notes", *mapping) == 0
    assert "#notes: mapped: 1 record = 1 loaded" in capsys.readouterr().out
    assert workbench("import", case, f"{path}#nots") == 2
    assert "Did you mean notes?" in capsys.readouterr().err
    # In a folder, beside logs; one without a known table is passed over, and told.
    folder = tmp_path / "logs"
    folder.mkdir()
    path.rename(folder / "litellm.db")
    with closing(sqlite3.connect(folder / "birds.db")) as connection, connection:
        connection.execute("CREATE TABLE birds (a)")
        connection.execute("CREATE TABLE nests (a)")
    assert workbench("import", tmp_path / "b.case", folder) == 0
    told = capsys.readouterr()
    assert "1 record = 1 loaded" in told.out
    assert "birds.db holds no table that is known here: its tables are birds, nests" in told.err
    names = [str(file.place) for file in expand([folder])]
    assert names == [str(folder / "birds.db"), f"{folder / 'litellm.db'}#LiteLLM_SpendLogs"]
