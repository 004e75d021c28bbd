"""PostgreSQL, on a real server: what a row becomes, who is let in, and what is of one moment."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.database_tables import filled
from tests.formats.test_sqlite import lines_of
from tests.postgres import ADMIN, PASSWORD, Server
from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.postgres import Postgres, tables_at
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with filled() as running:
        yield running


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


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


def test_text_that_is_no_utf8(server: Server) -> None:
    server.run("CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0")
    server.run(
        "CREATE TABLE t (id int PRIMARY KEY, prompt text)",
        "INSERT INTO t SELECT g, 'p' FROM generate_series(1, 100) g",
        "INSERT INTO t VALUES (200, E'caf\\xe9')",
        database="raw",
    )
    (table,) = tables_at(server.address(database="raw"))
    with pytest.raises(InputError, match="holds text that is not UTF-8 after row 64"):
        lines_of(table)


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
    assert isinstance(table.database, Postgres)
    before = _digest(table)
    server.run("""UPDATE "LiteLLM_SpendLogs" SET model = 'changed'""", database="lite")
    try:
        assert _digest(table) == before
        with pytest.raises(InputError, match="read-only transaction"):
            table.database._asked(table, "CREATE TABLE x ()")
    finally:
        server.run("""UPDATE "LiteLLM_SpendLogs" SET model = 'gpt-4o'""", database="lite")


def _digest(table: Any) -> str:
    source = open_source(table, ReadOptions())
    for _ in source.blocks(Job()):
        pass
    return source.sha256


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
