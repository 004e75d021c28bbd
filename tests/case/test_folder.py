"""The case folder: made whole or not at all, held by one process, clear when it is not a case."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.case.made_up import add_file, one, set_settings
from workbench.case.casefile import VERSIONS, CaseFile
from workbench.case.database import translated
from workbench.case.folder import Case
from workbench.case.identity import Signer
from workbench.domain.account import IdentityLevel
from workbench.domain.errors import CaseError, CaseLockedError, StorageError, VersionError
from workbench.domain.label import EntryKind
from workbench.domain.settings import CaseSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_a_new_case_holds_what_the_contract_names(tmp_path: Path) -> None:
    with Case.create(tmp_path / "deep" / "harbour.case") as case:
        assert case.name == "harbour"
        assert case.path == tmp_path / "deep" / "harbour.case"
        names = {p.name for p in case.path.iterdir()}
        assert names == {"case.toml", "given.duckdb", "computed", "decided", "lock"}
        assert not case.recovered
    text = tomllib.loads((case.path / "case.toml").read_text())
    assert text["versions"] == {"given": 6, "computed": 1, "decided": 2}
    assert text["settings"] == {"identity": "auto", "marking": "TLP:AMBER+STRICT"}
    assert len(text["id"]) == 32
    assert list((tmp_path / "deep").iterdir()) == [case.path]


def test_the_storage_version_of_duckdb_is_pinned(tmp_path: Path) -> None:
    with Case.create(tmp_path / "a.case"):
        pass
    connection = duckdb.connect(tmp_path / "a.case" / "given.duckdb", read_only=True)
    ((tags,), *_) = connection.execute("SELECT tags FROM duckdb_databases()").fetchall()
    connection.close()
    assert tags["storage_version"].startswith("v2.0.0")


@pytest.mark.parametrize(
    "name", ["plain", 'quo"te \\ \n \x7f \t', "bidi \u202e", "\U0001f600", "\udcff"]
)
def test_names_and_settings_are_read_back(tmp_path: Path, name: str) -> None:
    settings = CaseSettings(identity=IdentityLevel.USER, marking=name)
    with Case.create(tmp_path / "a.case", name=name) as case:
        assert case.settings == CaseSettings()
        identity = case.id, case.created
    set_settings(tmp_path / "a.case", settings)
    readable = name.replace("\udcff", "?")
    with Case.open(tmp_path / "a.case", write=False) as case:
        assert case.name == readable
        assert case.settings == CaseSettings(identity=IdentityLevel.USER, marking=readable)
        assert (case.id, case.created) == identity


def test_an_empty_folder_may_become_a_case_and_nothing_else_may(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    Case.create(tmp_path / "empty").close()
    (tmp_path / "file").write_text("x")
    for taken in ("empty", "file", "."):
        with pytest.raises(CaseError, match="exists already"):
            Case.create(tmp_path / taken)
    assert (tmp_path / "file").read_text() == "x"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        Case.create(tmp_path / "file" / "a.case")


def test_a_creation_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        Case.create(tmp_path / "a.case")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "not a case folder"),
        (lambda path: path.write_text("x"), "is no folder"),
    ],
)
def test_what_is_no_case_is_refused(
    tmp_path: Path, make: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "thing"
    make(path)
    for write in (True, False):
        with pytest.raises(CaseError, match=says) as caught:
            Case.open(path, write=write)
        assert str(path) in caught.value.fact
        assert caught.value.remedy


# --- one process -----------------------------------------------------------------------------
_HOLD = """
import sys
from workbench.case.database import translated
from workbench.case.folder import Case
with Case.open(sys.argv[1], write=sys.argv[2] == "write"):
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(path: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """A second process that holds a case open, to write or to read, while the block runs."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, path, mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield holder


@pytest.mark.parametrize("mode", ["write", "read"])
def test_a_second_process_is_told_who_holds_the_case(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.case"
    Case.create(path).close()
    with held_by_another(path, mode) as holder:
        with pytest.raises(CaseLockedError) as caught:
            Case.open(path)
        if mode == "write":
            assert f"process {holder.pid} on " in caught.value.fact
            assert " since 20" in caught.value.fact
            with pytest.raises(CaseLockedError):
                Case.open(path, write=False)
        else:
            Case.open(path, write=False).close()  # several may read
    Case.open(path).close()


def test_a_lock_whose_process_died_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    Case.create(path).close()
    with held_by_another(path, "write") as holder:
        holder.kill()
    assert json.loads((path / "lock").read_text())["pid"] == holder.pid
    with Case.open(path):
        assert json.loads((path / "lock").read_text())["pid"] == os.getpid()
    assert (path / "lock").read_text() == ""


def test_a_process_that_died_is_not_named_for_one_that_reads(tmp_path: Path) -> None:
    """Whoever only reads signs nothing, and leaves what stands in the file."""
    path = tmp_path / "a.case"
    Case.create(path).close()
    with held_by_another(path, "write") as holder:
        holder.kill()
    with held_by_another(path, "read"):
        assert json.loads((path / "lock").read_text())["pid"] == holder.pid
        with pytest.raises(CaseLockedError, match=r"process \(a process that reads it\)"):
            Case.open(path)


@pytest.mark.parametrize("text", ["{", "[]", '{"pid": "x", "host": 1}', '{"pid": 1e400}', "\xff"])
def test_whatever_stands_in_the_lock_is_no_reason_to_fail(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.case"
    Case.create(path).close()
    with held_by_another(path, "read"):
        (path / "lock").write_text(text, "latin-1")
        with pytest.raises(CaseLockedError, match="a process that reads it"):
            Case.open(path)


def test_the_same_process_cannot_open_a_case_twice(tmp_path: Path) -> None:
    with Case.create(tmp_path / "a.case") as case:
        with pytest.raises(CaseLockedError, match=f"process {os.getpid()}"):
            Case.open(case.path)
        case.close()
        Case.open(case.path).close()


def test_duckdbs_own_lock_is_told_as_clearly(tmp_path: Path) -> None:
    """Where the system has no file locks, or the lock file was deleted."""
    path = tmp_path / "a.case"
    Case.create(path).close()
    with held_by_another(path, "write") as holder:
        (path / "lock").unlink()
        with pytest.raises(CaseLockedError, match=f"process {holder.pid}") as caught:
            Case.open(path)
        assert f"{path / 'given.duckdb'} is open in another process" in caught.value.fact
        assert "Close it there first." in caught.value.remedy


def test_windows_words_for_a_file_that_is_held() -> None:
    """There DuckDB's own lock is the only one."""
    text = (
        'IO Error: Cannot open file "C:\\a.case\\given.duckdb": The process cannot access the file '
        "because it is being used by another process.\r\n\n"
        "File is already open in \nC:\\workbench.exe (PID 77)"
    )
    with (
        pytest.raises(CaseLockedError, match=r"given\.duckdb is open .* \(process 77\)"),
        translated("given.duckdb of the case"),
    ):
        raise duckdb.IOException(text)


# --- versions and damage ---------------------------------------------------------------------
@pytest.mark.parametrize("part", ["given", "computed", "decided"])
def test_a_newer_version_is_refused(tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.case"
    Case.create(path).close()
    file = CaseFile.read(path / "case.toml")
    known = VERSIONS[part]
    file.versions[part] = known + 1
    file.write(path / "case.toml")
    before = {p: p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}
    for write in (True, False):
        with pytest.raises(
            VersionError, match=f"'{part}' has version {known + 1}, .* knows {known}"
        ):
            Case.open(path, write=write)
    assert {p: p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()} == before


@pytest.mark.parametrize(
    "text",
    ["", "not toml =", "id = 'x'", "\xff", "id='x'\nname='y'\ncreated='z'\n[versions]\n[settings]"],
)
def test_a_damaged_case_toml_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.case"
    Case.create(path).close()
    (path / "case.toml").write_text(text, "latin-1")
    with pytest.raises(CaseError, match=r"case\.toml is damaged"):
        Case.open(path)


@pytest.mark.parametrize("damage", ["rubbish", "cut", "missing"])
@pytest.mark.parametrize("write", [True, False])
def test_a_damaged_database_is_named(tmp_path: Path, damage: str, write: bool) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        add_file(case, [{"prompt": str(i) * 100} for i in range(2000)])
    given = path / "given.duckdb"
    data = given.read_bytes()
    if damage == "missing":
        given.unlink()
    else:
        given.write_bytes(b"\x01" * len(data) if damage == "rubbish" else data[: len(data) // 3])
    with pytest.raises((CaseError, StorageError), match=r"given\.duckdb") as caught:
        Case.open(path, write=write).close()
    assert caught.value.remedy
    if damage == "missing":
        assert not given.exists()


def test_damage_inside_the_database_is_named_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        rng = random.Random(1)
        add_file(case, [{"completion": rng.randbytes(300).hex()} for _ in range(5000)])
    data = bytearray((path / "given.duckdb").read_bytes())
    # Every block but the first ones, which hold the catalogue: their checksums no longer fit.
    for start in range(12_288 + 4 * 262_144, len(data), 262_144):
        data[start + 100_000 : start + 100_016] = b"\x55" * 16
    (path / "given.duckdb").write_bytes(data)
    with (
        pytest.raises(CaseError, match=r"given\.duckdb of the case is damaged"),
        Case.open(path, write=False) as case,
    ):
        one(case, "SELECT max(completion) FROM exchange")


def test_a_damaged_manifest_tells_to_delete_computed(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        add_file(case, [{"prompt": "x"}])
    (path / "computed" / "computed.duckdb").write_bytes(b"\x01" * 20_000)
    with pytest.raises(CaseError, match="workbench repair CASE"):
        Case.open(path)
    (path / "computed" / "computed.duckdb").unlink()
    with Case.open(path) as case:
        assert one(case, "SELECT count(*) FROM exchange") == 1


def test_a_read_only_folder_is_read_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the system's answer is made up."""
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        add_file(case, [{"prompt": "x"}])
    real_open = Path.open

    def open_read_only(self: Path, mode: str = "r", *more: object, **named: object) -> object:
        if path in self.parents and mode not in {"r", "rb"}:
            raise PermissionError(13, "Permission denied")
        return real_open(self, mode, *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_read_only)
    with pytest.raises(StorageError, match="read-only"):
        Case.open(path)
    with Case.open(path, write=False) as case:
        assert one(case, "SELECT count(*) FROM exchange") == 1
    (path / "lock").unlink()
    with Case.open(path, write=False) as case:
        assert one(case, "SELECT count(*) FROM exchange") == 1


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "a.case")
    case.close()
    case.close()


# --- the case digest -------------------------------------------------------------------------
def test_the_digest_follows_what_findings_rest_on(tmp_path: Path) -> None:
    import numpy as np

    with Case.create(tmp_path / "a.case") as case:
        signer = Signer.own()
        seen = [case.digest()]

        def changed() -> bool:
            seen.append(case.digest())
            return seen[-1] not in seen[:-1]

        add_file(case, [{"prompt": "x"}])
        assert changed()
        case.artifacts.publish("s", "key", arrays={"a": np.zeros(1)}, tables={}, info={})
        assert changed()
        case.journals.append(EntryKind.NOTE, {"text": "a"}, signer)
        assert changed()
        for kind in (EntryKind.IMPORT, EntryKind.RUN, EntryKind.EXPORT, EntryKind.REVEAL):
            case.journals.append(kind, {}, signer)
            assert not changed()
        last = case.digest()
    with Case.open(tmp_path / "a.case", write=False) as case:
        assert case.digest() == last
    set_settings(tmp_path / "a.case", CaseSettings(marking="TLP:RED"))
    with Case.open(tmp_path / "a.case", write=False) as case:
        assert case.digest() != last


def test_a_copy_was_given_the_same_and_nothing_else(tmp_path: Path) -> None:
    with Case.create(tmp_path / "a.case", name="Harbour") as case:
        add_file(
            case, [{"request_id": "r1", "prompt": "Why?"}, {"request_id": "r2", "prompt": "Why?"}]
        )
        case.journals.append(EntryKind.NOTE, {"text": "x"}, Signer.own())
        before = (tmp_path / "a.case" / "given.duckdb").read_bytes()
        parts: list[int] = []
        case.copy_given(tmp_path / "there" / "b.case", lambda: parts.append(1))
        assert len(parts) == 2
        with Case.open(tmp_path / "there" / "b.case") as copy:
            assert (copy.id, copy.name) == (case.id, "Harbour")
            assert copy.given.accounting() == case.given.accounting()
            assert copy.given.sources().equals(case.given.sources())
            assert copy.artifacts.stages() == []
            assert copy.journals.entries() == []
            add_file(copy, [{"request_id": "r3", "prompt": "Why?"}], path="more.jsonl")
            assert copy.given.accounting().loaded == 3
        assert case.given.accounting().loaded == 2
    assert (tmp_path / "a.case" / "given.duckdb").read_bytes() == before


def test_a_copy_that_does_not_fit_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    with (
        Case.create(tmp_path / "a.case") as case,
        pytest.raises(StorageError, match="disk is full"),
    ):
        case.copy_given(tmp_path / "b.case", full)
