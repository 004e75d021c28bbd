"""An import that ends badly, at any moment, leaves the case as before it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.case.made_up import add_file, ask, fates, one, parsed
from workbench.case import chunks as chunks_module
from workbench.case.folder import Case
from workbench.domain.errors import StorageError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions

_ROOT = Path(__file__).resolve().parents[2]

#: Imports for ever, in small chunks that commit and checkpoint; says how many blocks it appended.
_IMPORT = """
import sys
sys.path.insert(0, {root!r})
from tests.case.made_up import parsed
from workbench.case import chunks
from workbench.case.folder import Case
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
chunks._CHUNK_ROWS = 700
with Case.open(sys.argv[1]) as case:
    source = case.given.begin(Frame(system="gateway"), ReadOptions()).source(path="log")
    for i in range(10**9):
        source.append(parsed([
            {{"request_id": f"n{{i}}-{{j}}", "prompt": f"p{{i}} {{j}}" * 20, "ip": "1.1.1.1",
              "account_id": f"k{{j}}", "embedding": [1.0, 2.0]}} for j in range(200)
        ]))
        print(i, flush=True)
"""


def _snapshot(case: Case) -> list[object]:
    views = ("exchange", "account", "prompt", "prompt_embedding", "source")
    return [ask(case, f"SELECT * FROM {view} ORDER BY ALL") for view in views] + [case.digest()]


def test_kill_in_the_middle_of_an_import(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        add_file(case, [{"request_id": str(i), "prompt": f"q{i}"} for i in range(300)])
        before = _snapshot(case)
    for _ in range(2):
        importer = subprocess.Popen(
            [sys.executable, "-c", _IMPORT.format(root=str(_ROOT)), path],
            stdout=subprocess.PIPE,
            text=True,
        )
        with importer:
            assert importer.stdout is not None
            wanted = rng.randrange(1, 40)
            for line in importer.stdout:
                if int(line) >= wanted:
                    break
            importer.send_signal(signal.SIGKILL)
        # Whoever only reads sees the case as it was, and so does whoever then writes.
        with Case.open(path, write=False) as case:
            assert _snapshot(case) == before
        with Case.open(path) as case:
            assert _snapshot(case) == before
            left = case._database.cursor("given")
            for table in ("exchanges", "prompts", "embeddings", "identities", "batches"):
                ((count,),) = left.execute(f"SELECT count(*) FROM {table}").fetchall()
                assert count <= 300, table
            left.close()
    with Case.open(path) as case:
        report = add_file(case, [{"request_id": "n0-0", "prompt": "p"}])
        assert fates(report) == {"loaded": 1}
        assert one(case, "SELECT max(prompt_id) FROM prompt") == 300


_FULL = """
import resource, sys
sys.path.insert(0, {root!r})
from tests.case.made_up import add_file
from workbench.case.folder import Case
from workbench.domain.errors import StorageError
with Case.open(sys.argv[1]) as case:
    size = (case.path / "given.duckdb").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]),) * 2)
    import random
    rng = random.Random(1)
    try:
        add_file(case, [{{"prompt": rng.randbytes(400).hex()}} for _ in range(20_000)])
    except StorageError as error:
        print(error)
        sys.exit(2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on file sizes is made up")
@pytest.mark.parametrize("room", [0, 5_000_000])
def test_a_full_disk_leaves_a_case_that_opens(tmp_path: Path, room: int) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        add_file(case, [{"request_id": str(i), "prompt": f"q{i}"} for i in range(300)])
        before = _snapshot(case)
    command = [sys.executable, "-c", _FULL.format(root=str(_ROOT)), str(path), str(room)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "disk is full" in ended.stdout
    assert "The case is as it was before the import." in ended.stdout
    assert "Free space" in ended.stdout
    with Case.open(path, write=False) as case:
        assert _snapshot(case) == before
    with Case.open(path) as case:
        assert _snapshot(case) == before
        assert fates(add_file(case, [{"prompt": "new"}])) == {"loaded": 1}


class _FailingCursor:
    """A cursor that fails as on a full disk when the last of ``left`` is taken from it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, left: list[None]) -> None:
        self._cursor = cursor
        self._left = left

    def execute(self, text: str, *more: object) -> object:
        if self._left:
            self._left.pop()
            if not self._left:
                raise duckdb.IOException("Could not write file: No space left on device")
        return self._cursor.execute(text, *more)

    def __getattr__(self, name: str) -> object:
        return getattr(self._cursor, name)


def test_a_write_that_fails_at_any_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may be full for one moment only: the process goes on, and nothing is half there."""
    monkeypatch.setattr(chunks_module, "_CHUNK_ROWS", 10)
    records = [{"request_id": f"n{i}", "prompt": f"p{i}", "ip": "1.1.1.1"} for i in range(40)]
    with Case.create(tmp_path / "a.case") as case:
        add_file(case, [{"request_id": "old", "prompt": "q"}])
        before = _snapshot(case)
        at, failed = 1, True
        while failed:
            batch = case.given.begin(Frame(system="gateway"), ReadOptions())
            left = [None] * at  # statements, whichever thread runs them
            batch._cursor = _FailingCursor(batch._cursor, left)  # type: ignore[assignment]
            writer = _FailingCursor(batch._chunks._cursor, left)
            batch._chunks._cursor = writer  # type: ignore[assignment]
            try:
                with batch:
                    source = batch.source(path="f")
                    for i in range(0, 40, 10):
                        source.append(parsed(records[i : i + 10], first=i + 1))
                    source.finish(sha256="f")
                failed = False
            except StorageError as error:
                assert "disk is full" in error.fact  # noqa: PT017
                assert _snapshot(case) == before
            at += 1
        assert at > 20
        assert case.given.accounting().loaded == 41
        assert one(case, "SELECT count(*) FROM exchange") == 41
