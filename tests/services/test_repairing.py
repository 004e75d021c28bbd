"""A damaged case is mended from its journals and logs, or left as it is."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from tests.services.cut_short import logical
from workbench.case.identity import Signer
from workbench.case.records import own
from workbench.domain.added import AddedKind
from workbench.domain.errors import CancelledError, CaseError, InputError, StorageError
from workbench.domain.exchange import Frame
from workbench.domain.label import EntryKind
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job, Progress
from workbench.services import repairing
from workbench.services.door import Privacy
from workbench.services.repairing import repair
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.label import JournalEntry


def log(path: Path, first: int, n: int = 30, **names: str) -> Path:
    """Records with a time each; ``names`` renames fields."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for i in range(first, first + n):
            row = {
                "request_id": f"r{i}",
                "ts": f"2026-03-01T10:{i % 60:02d}:00",
                "account_id": f"key-{i % 5}",
                "ip": f"192.0.2.{i % 7}",
                "prompt": f"What is {i % 11}?",
                "completion": f"It is {i}.",
            }
            file.write(json.dumps({names.get(k, k): v for k, v in row.items()}) + "\n")
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def case(tmp_path: Path, logs: Path) -> Path:
    """Two imports, read in two ways, three tables of which one was taken out, a later frame."""
    path = tmp_path / "a.case"
    odd = log(logs / "odd.jsonl", 100, prompt="question")
    accounts = logs / "accounts.csv"
    accounts.write_text("who,plan\nkey-1,pro\nkey-2,free\n")
    gone = logs / "gone.csv"
    gone.write_text("account_id,plan\nkey-3,pro\n")
    events = logs / "events.csv"
    events.write_text("account_id,at,event\nkey-4,2026-03-01 11:00:00,banned\n")
    with Workspace.create(path) as workspace:
        first = [log(logs / "one.jsonl", 0), log(logs / "two.jsonl", 30)]
        workspace.importing.run(
            first, Frame(system="gateway", zone="Europe/Berlin"), ReadOptions(), Job()
        )
        workspace.joining.add(AddedKind.ACCOUNTS, gone, Job())
        workspace.joining.add(AddedKind.ACCOUNTS, accounts, Job(), mapping={"account_id": "who"})
        workspace.joining.remove(1)
        workspace.importing.run(
            [odd],
            Frame(system="other"),
            ReadOptions(zone="UTC", mapping={"prompt": "question"}),
            Job(),
        )
        workspace.importing.provenance.amend_frame({"custodian": "us"}, 1, why="now known")
        workspace.joining.add(AddedKind.EVENTS, events, Job(), zone="Asia/Tokyo")
    return path


def entries(case: Path) -> list[JournalEntry]:
    with Workspace.open(case, write=False) as workspace:
        found: list[JournalEntry] = workspace._case.journals.entries()
        return found


def told(case: Path) -> dict[str, Any]:
    with Workspace.open(case, write=False) as workspace:
        return workspace.importing.provenance.info().as_dict()


def names(case: Path) -> list[str]:
    return sorted(str(path.relative_to(case)) for path in case.rglob("*") if path.is_file())


def test_a_sound_case_is_left_alone(case: Path) -> None:
    before = names(case)
    report = repair(case, Job())
    assert report.sound
    assert report.aside == ""
    assert names(case) == before
    assert all(entry.kind is not EntryKind.REPAIR for entry in entries(case))


@pytest.mark.parametrize("how", ["deleted", "emptied", "other", "cut"])
def test_given_is_made_again_as_it_was(case: Path, how: str) -> None:
    tables, info = logical(case), told(case)
    path = case / "given.duckdb"
    if how == "deleted":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes({"emptied": b"", "other": b"no database", "cut": data[:99_999]}[how])
    report = repair(case, Job())
    assert report.restored is not None
    assert (report.restored.n_imports, report.restored.n_tables) == (2, 2)
    assert logical(case) == tables
    assert told(case) == info
    (entry,) = [entry for entry in entries(case) if entry.kind is EntryKind.REPAIR]
    assert entry.body["aside"] == report.aside
    assert (case / report.aside / "given.duckdb").exists() == (how != "deleted")
    assert not (case / "repairing").exists()
    assert repair(case, Job()).sound


def test_logs_that_moved_are_found_by_their_bytes(case: Path, logs: Path, tmp_path: Path) -> None:
    tables, info = logical(case), told(case)
    logs.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "odd.jsonl").rename(tmp_path / "elsewhere" / "renamed.txt")
    log(logs / "one.jsonl", 500)  # another one has its name
    (case / "given.duckdb").unlink()
    before = names(case)
    with pytest.raises(InputError, match=r"one\.jsonl was not found: .*SHA-256.*other files") as no:
        repair(case, Job())
    assert "--logs" in no.value.remedy
    assert names(case) == before
    assert repair(case, Job(), logs=[tmp_path / "elsewhere"]).restored
    assert logical(case) == tables
    assert told(case) == info  # also the paths under which they were given


def test_an_older_given_is_refused_and_made_again(case: Path, logs: Path) -> None:
    def given(more: Path) -> None:
        with Workspace.open(case) as workspace:
            workspace.importing.run([more], Frame(zone="UTC"), ReadOptions(), Job())

    def joined(more: Path) -> None:
        more.write_text("account_id,plan\nkey-0,pro\n")
        with Workspace.open(case) as workspace:
            workspace.joining.add(AddedKind.ACCOUNTS, more, Job())

    def amended(_: Path) -> None:
        with Workspace.open(case) as workspace:
            workspace.importing.provenance.amend_frame({"query": "all"}, 2)

    for number, change in enumerate((given, joined, amended)):
        old = (case / "given.duckdb").read_bytes()
        change(log(logs / f"more{number}.jsonl", 900 + 40 * number))
        tables = logical(case)
        (case / "given.duckdb").write_bytes(old)
        for write in (True, False):
            with pytest.raises(CaseError, match=r"given\.duckdb of the case is damaged") as no:
                Workspace.open(case, write=write)
            assert "workbench repair CASE --logs" in no.value.remedy
        assert repair(case, Job()).given
        assert logical(case) == tables


def test_names_and_texts_that_were_left_out_are_left_out_again(logs: Path, tmp_path: Path) -> None:
    case, key = tmp_path / "a.case", tmp_path / "names.key"
    with Workspace.create(case) as workspace:
        workspace.importing.run(
            [log(logs / "one.jsonl", 0)],
            Frame(zone="UTC"),
            ReadOptions(),
            Job(),
            privacy=Privacy(("account_id",), key, drop_text=True),
        )
    tables = logical(case)
    (case / "given.duckdb").unlink()
    assert repair(case, Job(), key_file=key).restored
    assert logical(case) == tables
    assert b"What is 1?" not in (case / "given.duckdb").read_bytes()


def test_records_of_older_versions_say_less(case: Path) -> None:
    """No times, and not whether a format was asked for."""
    tables = logical(case)

    def older(all_of: list[JournalEntry]) -> list[JournalEntry]:
        found = own(all_of)
        for entry in found:
            for name in ("opened_us", "closed_us", "asked_format"):
                entry.body.pop(name, None)
        return found

    (case / "given.duckdb").unlink()
    with patch.object(repairing, "own", older):
        repair(case, Job())
    again = logical(case)
    assert again.pop("batches") != tables.pop("batches")  # closed when the journal said so
    assert again == tables


@pytest.mark.parametrize("error", [CancelledError, StorageError])
def test_what_stops_it_leaves_the_case_as_it_was(case: Path, error: type[Exception]) -> None:
    data = (case / "given.duckdb").read_bytes()[:50_000]
    (case / "given.duckdb").write_bytes(data)
    before = {name: (case / name).read_bytes() for name in names(case) if name != "lock"}
    steps = ["Looking through what was given", "Reading one.jsonl", "Reading odd.jsonl"]
    for step in steps:

        def stop(progress: Progress, *, _step: str = step) -> None:
            if progress.step == _step:
                raise error("Enough.")

        with pytest.raises(error):
            repair(case, Job(stop))
        assert {n: (case / n).read_bytes() for n in names(case) if n != "lock"} == before
    assert repair(case, Job()).restored


def test_a_kill_before_the_journal_is_told_by_the_next_repair(case: Path) -> None:
    (case / "given.duckdb").unlink()
    with (
        patch.object(repairing, "_computed_again", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        repair(case, Job())
    with Workspace.open(case):
        pass  # it is whole
    (name,) = (case / "damaged").iterdir()
    assert repair(case, Job()).sound
    (entry,) = [entry for entry in entries(case) if entry.kind is EntryKind.REPAIR]
    assert entry.body["aside"] == f"damaged/{name.name}"
    assert repair(case, Job()).sound


def test_journals_that_lack_something_come_first(case: Path) -> None:
    (case / "given.duckdb").unlink()
    (journal,) = (case / "decided").glob("*.jsonl")
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    before = names(case)
    with pytest.raises(CaseError, match="missing"):
        repair(case, Job())
    assert names(case) == before


def test_records_that_a_merge_brought_are_of_another_copy(
    case: Path, logs: Path, tmp_path: Path
) -> None:
    copy = case.with_name("b.case")
    shutil.copytree(case, copy)
    more = log(logs / "more.jsonl", 900)
    for where in (case, copy):
        with Workspace.open(where) as workspace:
            if where == copy:
                workspace._own_signer = Signer.own(tmp_path / "ben", name="Ben")
            workspace.importing.run([more], Frame(zone="UTC"), ReadOptions(), Job())
    with Workspace.open(case) as workspace:
        workspace.merging.merge(copy, why="one case")
        assert len(own(workspace._case.journals.entries())) == 8
    tables = logical(case)
    (case / "given.duckdb").unlink()
    assert repair(case, Job()).restored
    assert logical(case) == tables
