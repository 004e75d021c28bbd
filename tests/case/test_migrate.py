"""Older cases are brought up to date step by step, and every step has a test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from workbench.case.casefile import CaseFile
from workbench.case.migrate import MIGRATIONS, Migration, bring_up_to_date
from workbench.case.statements import statement
from workbench.domain.errors import CaseError, VersionError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

NOW = {"given": 3, "computed": 1, "decided": 2}


def _steps(done: list[str]) -> list[Migration]:
    def step(part: str, number: int) -> Migration:
        return Migration(part, number, lambda folder: done.append(f"{part} {number}"))

    return [step("decided", 1), step("given", 2), step("given", 1)]


def _file(tmp_path: Path, **versions: int) -> CaseFile:
    file = CaseFile("id", "name", "now", {"given": 1, "computed": 1, "decided": 1} | versions)
    file.write(tmp_path / "case.toml")
    return file


def test_missing_steps_run_in_order_and_are_recorded(tmp_path: Path) -> None:
    done: list[str] = []
    file = bring_up_to_date(
        tmp_path, _file(tmp_path), write=True, migrations=_steps(done), versions=NOW
    )
    assert done == ["decided 1", "given 1", "given 2"]
    assert file.versions == NOW
    assert CaseFile.read(tmp_path / "case.toml") == file
    again = bring_up_to_date(tmp_path, file, write=True, migrations=_steps(done), versions=NOW)
    assert again == file
    assert len(done) == 3


def test_a_step_that_fails_is_run_again_at_the_next_open(tmp_path: Path) -> None:
    done: list[str] = []
    steps = _steps(done)

    def fail(_: Path) -> None:
        raise RuntimeError("power cut")

    broken = [step if step.number != 2 else Migration("given", 2, fail) for step in steps]
    with pytest.raises(RuntimeError):
        bring_up_to_date(tmp_path, _file(tmp_path), write=True, migrations=broken, versions=NOW)
    file = CaseFile.read(tmp_path / "case.toml")
    assert file.versions == {"given": 2, "computed": 1, "decided": 2}
    bring_up_to_date(tmp_path, file, write=True, migrations=steps, versions=NOW)
    assert done == ["decided 1", "given 1", "given 2"]


def test_reading_only_asks_to_open_for_writing_once(tmp_path: Path) -> None:
    done: list[str] = []
    with pytest.raises(CaseError, match="Open it for writing once"):
        bring_up_to_date(
            tmp_path, _file(tmp_path), write=False, migrations=_steps(done), versions=NOW
        )
    assert done == []


def test_too_old_and_too_new_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VersionError, match="too old: part 'given' has version 0"):
        bring_up_to_date(
            tmp_path, _file(tmp_path, given=0), write=True, migrations=_steps([]), versions=NOW
        )
    # One part too new: no other part is touched.
    done: list[str] = []
    with pytest.raises(VersionError, match="newer workbench"):
        bring_up_to_date(
            tmp_path, _file(tmp_path, computed=2), write=True, migrations=_steps(done), versions=NOW
        )
    assert done == []


def test_what_can_be_read_without_a_step_is_read(tmp_path: Path) -> None:
    done: list[str] = []
    steps = [replace(step, readable=step.part == "decided") for step in _steps(done)]
    file = bring_up_to_date(
        tmp_path, _file(tmp_path, given=3), write=False, migrations=steps, versions=NOW
    )
    assert file.versions == {"given": 3, "computed": 1, "decided": 1}
    assert done == []


def test_migration_given_1(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        connection.execute(statement("given_schema"))
        connection.execute("INSERT INTO models VALUES (0, 'atlas')")
    (step,) = (s for s in MIGRATIONS if (s.part, s.number) == ("given", 1))
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        connection.execute("INSERT INTO added_removed VALUES (1, 2)")
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == [(0, "atlas")]
        assert connection.execute("SELECT * FROM added_removed").fetchall() == [(1, 2)]
        tables = {
            row[0]
            for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        }
    assert {"added", "added_accounts", "added_events", "added_releases", "added_rejects"} <= tables


def test_migration_given_2(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        for name in ("given_schema", "added_schema"):
            connection.execute(statement(name))
        connection.execute("INSERT INTO prompts VALUES (0, 'd'::BLOB, 'why')")
    (step,) = (s for s in MIGRATIONS if (s.part, s.number) == ("given", 2))
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        connection.execute(
            "INSERT INTO prompts BY NAME SELECT 1 AS prompt_id, 'e'::BLOB AS digest, "
            "NULL AS text, 'f'::BLOB AS form, 3 AS asks"
        )
        connection.execute("INSERT INTO shared_words VALUES (1, 5, 'why')")
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        rows = connection.execute("SELECT prompt_id, text, asks FROM prompts").fetchall()
        assert rows == [(0, "why", None), (1, None, 3)]
        assert connection.execute("SELECT word FROM shared_words").fetchall() == [("why",)]
        connection.execute("SELECT completion_form, reasoning_length FROM exchanges")


def test_migration_given_3(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        for name in ("given_schema", "added_schema", "kept_schema"):
            connection.execute(statement(name))
        connection.execute("INSERT INTO models VALUES (0, 'atlas')")
    (step,) = (s for s in MIGRATIONS if (s.part, s.number) == ("given", 3))
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        connection.execute("INSERT INTO milestones VALUES (1, 0, NULL, '{}', ''::BLOB, ''::BLOB)")
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == [(0, "atlas")]
        assert connection.execute("SELECT number FROM milestones").fetchall() == [(0,)]


def test_migration_given_4(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        for name in ("given_schema", "added_schema", "kept_schema", "milestones_schema"):
            connection.execute(statement(name))
        connection.execute("ALTER TABLE exchanges DROP COLUMN dialogue")
        connection.execute("INSERT INTO models VALUES (0, 'atlas')")
    (step,) = (s for s in MIGRATIONS if (s.part, s.number) == ("given", 4))
    step.apply(tmp_path)
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == [(0, "atlas")]
        assert connection.execute("SELECT dialogue FROM exchanges").fetchall() == []


def test_migration_given_5(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        for name in ("given_schema", "added_schema", "kept_schema", "milestones_schema"):
            connection.execute(statement(name))
        connection.execute("INSERT INTO models VALUES (0, 'atlas')")
    (step,) = (s for s in MIGRATIONS if (s.part, s.number) == ("given", 5))
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        connection.execute("INSERT INTO purged VALUES ('e', 0, 3)")
    step.apply(tmp_path)
    with duckdb.connect(tmp_path / "given.duckdb") as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == [(0, "atlas")]
        assert connection.execute("SELECT exchanges FROM purged").fetchall() == [(3,)]


def test_migration_decided_1(tmp_path: Path, written: Path) -> None:
    heads = written.parent / "heads.json"
    pinned = heads.read_bytes()
    (step,) = (s for s in MIGRATIONS if (s.part, s.number) == ("decided", 1))
    heads.unlink()
    written.write_bytes(written.read_bytes() + b'{"torn')
    step.apply(tmp_path)
    assert heads.read_bytes() == pinned
    heads.write_text("{}")
    step.apply(tmp_path)
    assert heads.read_text() == "{}"  # what pins say is never changed


def test_a_case_whose_journals_are_of_version_1_is_read_and_then_written(tmp_path: Path) -> None:
    path = tmp_path / "old.case"
    with Workspace.create(path) as workspace:
        workspace.labelling.note("before")
    marker = path / "case.toml"
    marker.write_text(marker.read_text().replace("decided = 2", "decided = 1"))
    (path / "decided" / "heads.json").unlink()
    with Workspace.open(path, write=False) as workspace:
        assert [line.why for line in workspace.labelling.history()] == ["before"]
    assert not (path / "decided" / "heads.json").exists()
    with Workspace.open(path) as workspace:
        assert (path / "decided" / "heads.json").is_file()
        workspace.labelling.note("after")
        assert workspace.auditing.verify()["entries"] == 2
    assert "decided = 2" in marker.read_text()


def test_a_case_without_dialogues_is_read_and_then_gets_them(tmp_path: Path) -> None:
    path, log = tmp_path / "old.case", tmp_path / "log.jsonl"
    log.write_text('{"request_id":"a","prompt":"one"}\n')
    with Workspace.create(path) as workspace:
        workspace.importing.run([log], Frame(), ReadOptions(), Job())
    with duckdb.connect(path / "given.duckdb") as connection:
        connection.execute("ALTER TABLE exchanges DROP COLUMN dialogue")
    marker = path / "case.toml"
    marker.write_text(marker.read_text().replace("given = 6", "given = 4"))
    with Workspace.open(path, write=False) as workspace:
        assert workspace.exchanges.texts(0).dialogue is None
    log.write_text('{"request_id":"b","prompt":"two","dialogue":"said"}\n')
    with Workspace.open(path) as workspace:
        workspace.importing.run([log], Frame(), ReadOptions(), Job())
        texts = [workspace.exchanges.texts(number).dialogue for number in (0, 1)]
        assert [said and said.text for said in texts] == [None, "said"]


def _without_test(migrations: tuple[Migration, ...], names: set[str]) -> list[str]:
    wanted = [f"test_migration_{step.part}_{step.number}" for step in migrations]
    return [name for name in wanted if name not in names]


def test_every_migration_has_a_test() -> None:
    """Named test_migration_PART_NUMBER, here: it runs the step twice on a case of that version."""
    assert _without_test(MIGRATIONS, set(globals())) == []
    assert _without_test((Migration("given", 9, print),), set(globals())) == [
        "test_migration_given_9"
    ]
