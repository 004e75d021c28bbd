"""Databases as they stand: a real PostgreSQL, and SQLite files, from the command line on."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import workbench
from tests.formats.test_sqlite import LITELLM, lines_of
from tests.postgres import ADMIN, PASSWORD, Server, served
from tests.services.test_importing import load
from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.formats.postgres import tables_at
from workbench.formats.read import open_source
from workbench.services.sources import expand
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEND_LOGS = """
CREATE TABLE "LiteLLM_SpendLogs" (
    request_id text, call_type text NOT NULL, api_key text NOT NULL DEFAULT '',
    spend double precision, prompt_tokens integer, completion_tokens integer,
    "startTime" timestamp(3) NOT NULL, "endTime" timestamp(3), model text, "user" text,
    metadata jsonb, messages json, response jsonb, request_tags jsonb, status text,
    PRIMARY KEY (request_id, "startTime")
) PARTITION BY RANGE ("startTime")
"""
ROWS = """
INSERT INTO "LiteLLM_SpendLogs"
SELECT 'r' || lpad(g::text, 6, '0'), 'acompletion', 'hash-' || g % 5, 0.1, g, 2,
    timestamp '2026-05-01 12:00:00.250' + g * interval '1 second',
    timestamp '2026-05-01 12:00:01.250' + g * interval '1 second', 'gpt-4o', 'ann',
    '{"user_api_key_org_id": "o"}',
    (E'[{"role": "user",\\n  "content": "question ' || g || E' \\\\u00e9"}]')::json,
    '{"choices": [{"message": {"content": "answer"}}]}', '[]', 'success'
FROM generate_series(1, 3000) g
"""
LANGFUSE = (
    """CREATE TABLE observations (
        id text PRIMARY KEY, trace_id text, project_id text NOT NULL, type text,
        start_time timestamp(3), end_time timestamp(3), parent_observation_id text, level text,
        status_message text, model text, "modelParameters" jsonb, input jsonb, output jsonb,
        prompt_tokens integer, completion_tokens integer, completion_start_time timestamp(3))""",
    """CREATE TABLE traces (
        id text PRIMARY KEY, timestamp timestamp(3), name text, user_id text, metadata jsonb,
        project_id text NOT NULL, public boolean NOT NULL, bookmarked boolean NOT NULL,
        tags text[], session_id text, input jsonb, output jsonb)""",
    """INSERT INTO observations SELECT 'o' || g, 't' || g % 10, 'p', 'GENERATION',
        timestamp '2026-05-01 12:00' + g * interval '1 s', NULL, NULL, 'DEFAULT', NULL, 'm', '{}',
        json_build_array(json_build_object('role', 'user', 'content', 'q' || g)), '"a"', 3, 4
        FROM generate_series(1, 40) g""",
    """INSERT INTO traces SELECT 't' || g, timestamp '2026-05-01 12:00', 'chat', 'user-' || g,
        '{}', 'p', false, false, '{a,b}', 's' || g FROM generate_series(0, 9) g""",
)
VALUES = """
CREATE TABLE shapes (
    id uuid PRIMARY KEY, prompt text, happened timestamptz, naive timestamp, n numeric, b bytea,
    f double precision, list text[], nothing text, flag boolean, day date)
"""
EXCHANGES = Statement(
    "exchanges",
    "SELECT request_id, ts_us, in_tok, prompt.text AS prompt, completion, account.value AS account"
    " FROM exchange JOIN prompt USING (prompt_id) JOIN account USING (account_id)"
    " ORDER BY request_id LIMIT 1",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served() as running:
        running.run(
            *("CREATE DATABASE lite", "CREATE DATABASE lang", "CREATE DATABASE other"),
            "CREATE ROLE guest LOGIN PASSWORD 'guest'",
        )
        parts = 'CREATE TABLE part PARTITION OF "LiteLLM_SpendLogs" DEFAULT'
        running.run(SPEND_LOGS, parts, ROWS, database="lite")
        running.run(*LANGFUSE, database="lang")
        deep = ("CREATE SCHEMA deep", "CREATE TABLE deep.calls (a int)")
        running.run(VALUES, *deep, database="other")
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


def test_a_row_is_written_as_the_server_writes_json(server: Server) -> None:
    server.run(
        "DELETE FROM shapes",
        """INSERT INTO shapes VALUES
        ('00000000-0000-0000-0000-000000000002', E'two\\nlines \\u202e', '2026-05-01 12:00+02',
         '2026-05-01 12:00', 12345678901234567890.10, '\\x00ff', 0.1, '{a,NULL}', NULL, true,
         '2026-05-01'),
        ('00000000-0000-0000-0000-000000000001', '', NULL, NULL, 'NaN', NULL, 'infinity', '{}',
         NULL, NULL, NULL)""",
        database="other",
    )
    (table,) = tables_at(server.address(database="other") + "#shapes")
    empty, full = lines_of(table)
    assert b'"n":12345678901234567890.10,' in full
    assert json.loads(full) | {"n": 0} == {
        "id": "00000000-0000-0000-0000-000000000002", "prompt": "two\nlines \u202e",
        "happened": "2026-05-01T10:00:00+00:00", "naive": "2026-05-01T12:00:00", "n": 0,
        "b": {"base64": "AP8="}, "f": 0.1, "list": ["a", None], "nothing": None, "flag": True,
        "day": "2026-05-01",
    }  # fmt: skip
    assert json.loads(empty)["f"] == "Infinity"
    # A table that nobody knows needs a zone for what names none, and a mapping where names differ.
    options = ReadOptions("Europe/Berlin", {"prompt": "prompt", "ts": "naive"})
    (parsed,) = open_source(table, options).blocks(Job())
    assert str(parsed.records["ts"][1]) == "2026-05-01 10:00:00"


def test_columns_that_are_called_as_our_statement_calls_things(server: Server) -> None:
    server.run(
        'CREATE TABLE names (r int, t int, "{order}" int, "quo""te" int)',
        "INSERT INTO names VALUES (1, 2, 3, 4)",
        database="other",
    )
    (table,) = tables_at(server.address(database="other") + "#names")
    assert lines_of(table) == [b'{"r":1,"t":2,"{order}":3,"quo\\"te":4}']


def test_a_table_that_is_not_there_and_ones_nobody_knows(server: Server) -> None:
    address = server.address(database="other")
    with pytest.raises(InputError, match=r"no table that is known here: its tables are deep.calls"):
        tables_at(address)
    assert tables_at(f"{address}#calls")[0].name == "deep.calls"
    assert tables_at(f"{address}?schema=deep")[0].relation == '"deep"."calls"'
    with pytest.raises(InputError, match=r"no table called shape:.*Did you mean shapes"):
        tables_at(f"{address}#shape")
    with pytest.raises(InputError, match=r"#deep\.calls is empty"):
        tables_at(f"{address}#deep.calls")[0].open()


def test_who_is_not_let_in_and_what_may_not_be_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="refuses this user or password"):
        tables_at(server.address("guest", "lite"))
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", "/nowhere")
    with pytest.raises(InputError, match=r"asks for a password.*PGPASSWORD"):
        tables_at(server.address(database="lite"))
    (table,) = tables_at(server.address("guest:guest", "lite"))
    with pytest.raises(InputError, match=r"SpendLogs may not be read.*right to SELECT"):
        table.open()
    with pytest.raises(InputError, match='cannot be reached: database "gone" does not exist'):
        tables_at(server.address("guest:guest", "gone"))
    with pytest.raises(InputError, match=r"cannot be reached: .*refused"):
        tables_at(f"postgresql://u@127.0.0.1:{_free_port()}/d")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("answer", "mode", "words"),
    [
        (b"N", "require", "Server refuses SSL"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "disable", "network error"),
        (b"\0" * 64, "disable", "what answers there is no PostgreSQL"),
        (b"R\0\0\0\x08\0\0\0\x07", "disable", "Authentication method 7 not supported"),
        (b"", "disable", "network error"),
    ],
)
def test_who_speaks_another_language(answer: bytes, mode: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def reply() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(1000)
                line.sendall(answer)

        other = threading.Thread(target=reply)
        other.start()
        port = listening.getsockname()[1]
        try:
            with pytest.raises(InputError, match=words):
                tables_at(f"postgresql://u@127.0.0.1:{port}/d?sslmode={mode}")
        finally:
            other.join()


def test_over_tls_as_far_as_is_asked(server: Server) -> None:
    address = server.address(database="lite")
    for how in ("", "?sslmode=require", f"?sslmode=verify-full&sslrootcert={server.certificate}"):
        (table,) = tables_at(address + how)
        assert _is_encrypted(table)
    (table,) = tables_at(f"{address}?sslmode=disable")
    assert not _is_encrypted(table)
    with pytest.raises(InputError, match=r"cannot be reached: .*certificate verify failed"):
        tables_at(f"{address}?sslmode=verify-full")
    other = address.replace("127.0.0.1", "localhost")
    with pytest.raises(InputError, match=r"cannot be reached: .*certificate verify failed"):
        tables_at(f"{other}?sslmode=verify-full&sslrootcert={server.certificate}")
    assert tables_at(f"{other}?sslmode=verify-ca&sslrootcert={server.certificate}")


def _is_encrypted(table: Any) -> bool:
    ((encrypted,),) = table.database._asked(
        table, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    )
    return bool(encrypted)


def test_through_its_socket(server: Server) -> None:
    address = f"postgresql://{ADMIN}@/lite?host={server.folder}&port={server.port}"
    (table,) = tables_at(address)
    raw = table.open()
    assert raw.read(10) == b'{"request_'
    raw.close()


def test_nothing_is_written_and_every_look_is_of_one_moment(server: Server) -> None:
    (table,) = tables_at(server.address(database="lite"))
    before = _digest(table)
    server.run("""UPDATE "LiteLLM_SpendLogs" SET model = 'changed'""", database="lite")
    try:
        assert _digest(table) == before
        with pytest.raises(InputError, match="read-only transaction"):
            table.database._asked(table, "CREATE TABLE x ()")  # type: ignore[attr-defined]
    finally:
        server.run("""UPDATE "LiteLLM_SpendLogs" SET model = 'gpt-4o'""", database="lite")


def _digest(table: Any) -> str:
    source = open_source(table, ReadOptions())
    for _ in source.blocks(Job()):
        pass
    return source.sha256


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


def test_memory_stays_flat_and_sockets_are_closed(server: Server, tmp_path: Path) -> None:
    server.run(
        "CREATE TABLE wide AS SELECT g AS request_id, repeat(md5(g::text), 6000) AS prompt "
        "FROM generate_series(1, 400) g",
        database="other",
    )
    script = (
        "import resource, sys\n"
        "from workbench.formats.postgres import tables_at\n"
        "(table,) = tables_at(sys.argv[1])\n"
        "raw = table.open(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "size = sum(len(data) for data in iter(lambda: raw.read(1 << 20), b''))\n"
        "print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, server.address(database="other") + "#wide"],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    size, grown_kb = map(int, done.stdout.split())
    assert size > 70_000_000
    assert grown_kb < 60_000


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
