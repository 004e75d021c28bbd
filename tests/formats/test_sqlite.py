"""SQLite files: rows as an export has them, nothing written beside them, errors with a remedy."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.databases import Table, chosen
from workbench.formats.place import OnDisk
from workbench.formats.preview import preview
from workbench.formats.read import open_source
from workbench.formats.sqlite import SqliteFile, sqlite_at

if TYPE_CHECKING:
    from pathlib import Path

LITELLM = (
    'CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT PRIMARY KEY, call_type TEXT, api_key TEXT, '
    '"startTime" TIMESTAMP, "endTime" DATETIME, model TEXT, messages TEXT, prompt_tokens INTEGER)'
)


def made(path: Path, *statements: str, rows: list[tuple[Any, ...]] | None = None) -> Path:
    """A database; the rows go into the table of the first statement."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
        for row in rows or []:
            table = statements[0].split(" (")[0].removeprefix("CREATE TABLE ")
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    return path


def table_of(path: Path, name: str = "") -> Table:
    database = SqliteFile(OnDisk(path))
    return chosen(database, database.tables(), name)[0]


def lines_of(table: Table) -> list[bytes]:
    raw = table.open()
    data = b""
    while part := raw.read(1000):
        data += part
    raw.close()
    return data.split(b"\n")[:-1]


def test_a_table_of_litellm_is_read_as_its_export_is(tmp_path: Path) -> None:
    asked = json.dumps([{"role": "user", "content": "Wie geht's?"}])
    rows = [
        ("r2", "acompletion", "k", "2026-05-01 12:00:01", None, "gpt-4o", asked, 7),
        ("r1", "acompletion", "k", "2026-05-01T12:00:00.5", None, "gpt-4o", "{}", None),
    ]
    table = table_of(made(tmp_path / "litellm.db", LITELLM, "CREATE TABLE other (a)", rows=rows))
    first = json.loads(lines_of(table)[0])
    assert first["startTime"] == "2026-05-01 12:00:01+00:00"
    assert first["endTime"] is None
    source = open_source(table, ReadOptions())
    (parsed,) = source.blocks(Job())
    found = parsed.records.select(["request_id", "prompt", "in_tok"]).to_pylist()
    assert found == [
        {"request_id": "r2", "prompt": "Wie geht's?", "in_tok": 7},
        {"request_id": "r1", "prompt": None, "in_tok": None},
    ]
    assert source.detection.format == "litellm"
    # Number, offset, size and digest are those of the lines.
    data = b"".join(line + b"\n" for line in lines_of(table))
    assert parsed.records["byte_offset"].to_pylist() == [0, data.index(b"\n") + 1]
    assert (source.sha256, source.read_size) == (hashlib.sha256(data).hexdigest(), len(data))
    reason = source.reason(Job())
    file = hashlib.sha256((tmp_path / "litellm.db").read_bytes()).hexdigest()
    assert f"table LiteLLM_SpendLogs of an SQLite database of SHA-256 {file}" in reason
    assert "in the order of rowid; size and SHA-256 are of these lines" in reason
    assert [path.name for path in tmp_path.iterdir()] == ["litellm.db"]


def test_every_kind_of_value(tmp_path: Path) -> None:
    rows = [
        (1, 2**62, 0.1, "line\nfeed \0 \u202e", b"\x00\xff", None),
        (2, -1, float("inf"), "", b"", None),
    ]
    path = made(
        tmp_path / "db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, s TEXT, b BLOB, n)",
        "INSERT INTO t (id, s) VALUES (0, CAST(x'48ff21' AS TEXT))",
        rows=rows,
    )
    spoilt, one, two = lines_of(table_of(path))
    assert json.loads(one) == {
        "id": 1, "i": 2**62, "r": 0.1, "s": "line\nfeed \0 \u202e", "b": {"base64": "AP8="},
        "n": None,
    }  # fmt: skip
    assert json.loads(two) | {"i": 0} == {
        "id": 2, "i": 0, "r": "inf", "s": "", "b": {"base64": ""}, "n": None,
    }  # fmt: skip
    # Text that is no UTF-8 keeps its bytes, so that the record is rejected with them.
    assert b'"s":"H\xff!"' in spoilt


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("CREATE TABLE t (a TEXT PRIMARY KEY, b)", ("rowid",)),
        ("CREATE TABLE t (rowid TEXT, b)", ("_rowid_",)),
        ("CREATE TABLE t (b, a, PRIMARY KEY (a, b)) WITHOUT ROWID", ("a", "b")),
    ],
)
def test_rows_come_in_the_order_of_their_key(
    tmp_path: Path, statement: str, key: tuple[str, ...]
) -> None:
    path = made(tmp_path / "db", statement, rows=[("z", "1"), ("y", "2"), ("x", "0")])
    table = table_of(path)
    assert table.key == key
    firsts = [next(iter(json.loads(line).values())) for line in lines_of(table)]
    by_key = {"a": ["x", "z", "y"]}.get(key[0], ["z", "y", "x"])
    assert firsts == by_key


def test_a_table_is_named_or_known_or_the_only_one(tmp_path: Path) -> None:
    both = made(tmp_path / "both", "CREATE TABLE calls (a)", 'CREATE TABLE "Wei""rd #2" (a)')
    with pytest.raises(InputError) as caught:
        table_of(both)
    assert 'holds no table that is known here: its tables are Wei"rd #2, calls' in str(caught.value)
    assert "as in" in caught.value.remedy
    assert table_of(both, 'Wei"rd #2').name == 'Wei"rd #2'
    assert table_of(both, "CALLS").name == "calls"
    with pytest.raises(InputError, match=r"no table called cals.*Did you mean calls"):
        table_of(both, "cals")
    assert table_of(made(tmp_path / "one", "CREATE TABLE calls (a)")).name == "calls"
    none = made(tmp_path / "none", "CREATE TABLE gone (a)", "DROP TABLE gone")
    with pytest.raises(InputError, match="holds no tables"):
        table_of(none)
    # A table of that name that is somebody else's.
    made(tmp_path / "birds", "CREATE TABLE observations (id, species)", "CREATE TABLE nests (a)")
    with pytest.raises(InputError, match="no table that is known"):
        table_of(tmp_path / "birds")


def test_an_empty_table_and_a_view(tmp_path: Path) -> None:
    path = made(
        tmp_path / "db",
        "CREATE TABLE t (a)",
        "CREATE VIEW v AS SELECT a, 'p' AS prompt FROM t",
        "CREATE VIEW broken AS SELECT * FROM nowhere",
    )
    with pytest.raises(InputError, match="#t is empty"):
        table_of(path, "t").open()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO t VALUES (1)")
    view = table_of(path, "v")
    assert view.key == ()
    assert lines_of(view) == [b'{"a":1,"prompt":"p"}']
    assert "which have no order" in open_source(view, ReadOptions()).reason(Job())


def test_a_mapping_reads_any_table(tmp_path: Path) -> None:
    path = made(
        tmp_path / "db", "CREATE TABLE calls (who, said, body)", rows=[("k", "hi", '{"n": 3}')]
    )
    mapping = {"account_id": "who", "prompt": "said", "n": "body.n"}
    shown = preview(table_of(path), ReadOptions("", mapping))
    row = shown.rows.select(["account_id", "prompt", "n"]).to_pylist()
    assert row == [{"account_id": "k", "prompt": "hi", "n": 3}]
    assert shown.path == f"{path}#calls"


def test_what_waits_in_a_write_ahead_log_is_read(tmp_path: Path) -> None:
    path = made(tmp_path / "db", "CREATE TABLE t (prompt)")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO t VALUES ('waits')")
        table = table_of(path)
        assert lines_of(table) == [b'{"prompt":"waits"}']
        assert "with db-wal of " in open_source(table, ReadOptions()).reason(Job())


def test_a_locked_file_and_a_journal_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.formats.sqlite._PATIENCE_S", 0.01)
    path = made(tmp_path / "db", "CREATE TABLE t (prompt)", rows=[("p",)])
    table = table_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("INSERT INTO t VALUES ('q')")
        with pytest.raises(InputError, match="#t is locked by another program"):
            table.open()
        writer.execute("ROLLBACK")
    assert len(lines_of(table)) == 1


def test_a_damaged_file_names_the_row_and_loads_nothing(tmp_path: Path) -> None:
    rows = [(f"prompt {number} " + "x" * 500,) for number in range(20_000)]
    path = made(tmp_path / "db", "CREATE TABLE t (prompt)", rows=rows)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"#t is damaged after row \d[\d,]+: .*malformed"):
        lines_of(table_of(path))
    path.write_bytes(bytes(data[:100]) + bytes(5000))
    with pytest.raises(InputError, match="is damaged"):
        table_of(path)


def test_whatever_is_overwritten_it_is_read_or_refused(tmp_path: Path) -> None:
    values = [(f"r{n}", "acompletion", "k", None, None, "m", "x" * (n % 99), n) for n in range(200)]
    whole = made(tmp_path / "whole", LITELLM, rows=values).read_bytes()
    rng = random.Random(7)
    read = refused = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 5, 50))):
            # The list of tables is on the first page.
            data[rng.choice((rng.randrange(16, 4096), rng.randrange(len(data))))] = rng.randrange(
                256
            )
        (tmp_path / "db").write_bytes(data)
        try:
            assert len(lines_of(table_of(tmp_path / "db"))) == len(values)
            read += 1
        except InputError:
            refused += 1
    assert read > 20
    assert refused > 20


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    rows = [("x" * 500,)] * 20_000
    path = made(tmp_path / "db", "CREATE TABLE t (prompt)", rows=rows)
    raw = table_of(path).open()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO t VALUES ('more')")
    with pytest.raises(InputError, match="was changed while it was read"):
        list(iter(lambda: raw.read(1 << 20), b""))
    raw.close()


def test_memory_stays_flat(tmp_path: Path) -> None:
    rows = [("x" * 100_000,)] * 1000
    table = table_of(made(tmp_path / "db", "CREATE TABLE t (prompt)", rows=rows))
    rows.clear()
    tracemalloc.start()
    try:
        raw, size = table.open(), 0
        while data := raw.read(1 << 20):
            size += len(data)
        raw.close()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 100_000_000
    assert peak < 30_000_000


def test_other_files_are_none(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("{}")
    assert sqlite_at(OnDisk(tmp_path / "log")) is None
    assert sqlite_at(OnDisk(tmp_path / "nowhere")) is None
