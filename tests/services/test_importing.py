"""The use case import, on a real case: reports, copies, what stops it, and what is recorded."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.changes import Changes
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.label import EntryKind
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.services.provenance import said_and_not
from workbench.services.sources import expand
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.domain.progress import Progress
    from workbench.services.importing import ImportReport

PLAIN = ReadOptions()


def record(number: int, **more: Any) -> dict[str, Any]:
    return {
        "request_id": f"r{number}",
        "ts": f"2026-05-01T12:00:{number % 60:02d}Z",
        "account_id": f"k{number % 3}",
        "prompt": f"question {number % 5}",
    } | more


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def load(workspace: Workspace, *paths: Path | str, **settings: Any) -> ImportReport:
    frame = settings.pop("frame", Frame())
    options = settings.pop("options", PLAIN)
    job = settings.pop("job", Job())
    return workspace.importing.run(paths, frame, options, job, **settings)


def exchanges(workspace: Workspace) -> int:
    return workspace.importing.provenance.info().counts["exchanges"]


def test_files_their_fates_and_the_total(workspace: Workspace, tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", *map(record, range(10)))
    two = tmp_path / "two.jsonl.gz"
    two.write_bytes(gzip.compress(b"\n{\n" + one.read_bytes().replace(b'"r', b'"x')))
    report = load(workspace, one, two, frame=Frame(system="gateway"))
    assert [(Path(f.path).name, f.format, f.compression) for f in report.files] == [
        ("one.jsonl", "canonical", ""),
        ("two.jsonl.gz", "canonical", "gzip"),
    ]
    assert report.files[1].accounting == Accounting(loaded=10, rejected=1, blank=1)
    assert report.total == Accounting(loaded=20, rejected=1, blank=1)
    assert report.changes == Changes(given=True)
    as_dict = report.as_dict()
    assert list(as_dict["total"]) == [
        *("records", "loaded", "joined", "rejected", "blank"),
        *("duplicate", "conflict", "header", "coerced"),
    ]
    assert as_dict["files"][0]["sha256"] == report.files[0].sha256
    info = workspace.importing.provenance.info()
    assert info.accounting == report.total
    assert info.counts == {"exchanges": 20, "prompts": 5, "identities": 3, "files": 2, "purged": 0}
    rejects = workspace.importing.provenance.rejects().to_pylist()
    assert [(r["record_no"], r["byte_offset"], r["raw"]) for r in rejects] == [(2, 1, b"{")]


def test_the_same_file_again_changes_nothing_and_says_so(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text(json.dumps(record(1)) + "\n\n{\n")
    load(workspace, log)
    before = workspace.importing.provenance.info()
    entries = len(workspace.labelling.history())
    copy = tmp_path / "another name"
    copy.write_bytes(log.read_bytes())
    for path in (log, copy):
        report = load(workspace, path)
        assert report.files[0].already
        assert report.total == Accounting(duplicate=1, rejected=1, blank=1)
        assert report.changes == Changes()
        assert report.as_dict()["warnings"] == [f"{path} was imported before: nothing changed."]
    assert workspace.importing.provenance.info() == before
    assert len(workspace.labelling.history()) == entries


def test_a_file_that_only_has_the_size_of_another_is_read(
    workspace: Workspace, tmp_path: Path
) -> None:
    load(workspace, write(tmp_path / "a", record(1)))
    report = load(workspace, write(tmp_path / "b", record(2)))
    assert report.total == Accounting(loaded=1)


def test_the_same_file_of_another_system_is_another_witness(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = write(tmp_path / "log", record(1))
    load(workspace, log, frame=Frame(system="gateway"))
    report = load(workspace, log, frame=Frame(system="billing"))
    assert report.total == Accounting(joined=1)
    assert not report.files[0].already


def test_a_new_file_beside_an_old_one(workspace: Workspace, tmp_path: Path) -> None:
    old = write(tmp_path / "old", record(1))
    load(workspace, old)
    report = load(workspace, old, write(tmp_path / "new", record(1), record(2)))
    assert [file.already for file in report.files] == [True, False]
    assert report.total == Accounting(loaded=1, duplicate=2)
    assert exchanges(workspace) == 2


# --- which files ------------------------------------------------------------------------------
def test_globs_folders_and_names_each_file_once(tmp_path: Path) -> None:
    inner = tmp_path / "logs" / "inner"
    inner.mkdir(parents=True)
    names = ["a.jsonl", "b.jsonl", "inner/c.gz", ".hidden", "inner/.git"]
    for name in names:
        (tmp_path / "logs" / name).touch()
    (tmp_path / "odd[1].jsonl").touch()
    logs = tmp_path / "logs"

    def found(*given: str | Path) -> list[str]:
        return [named.place.short for named in expand(given)]

    assert found(logs) == ["a.jsonl", "b.jsonl", "c.gz"]
    assert found(f"{logs}/*.jsonl", logs / "a.jsonl", logs) == ["a.jsonl", "b.jsonl", "c.gz"]
    assert found(f"{logs}/**/*.gz") == ["c.gz"]
    assert found(tmp_path / "odd[1].jsonl") == ["odd[1].jsonl"]
    (logs / "same.jsonl").symlink_to(logs / "a.jsonl")
    assert found(logs / "same.jsonl", logs / "a.jsonl") == ["same.jsonl"]
    for nothing, words in (
        ([f"{logs}/*.csv"], "matches no file"),
        ([], "No file was named"),
        ([tmp_path / "empty"], "folder without files"),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(InputError, match=words):
            expand(nothing)


def test_in_a_folder_what_is_no_log_is_passed_over_and_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "log", record(1))
    (folder / "README.md").write_text("About these logs.")
    report = load(workspace, folder)
    assert [Path(f.path).name for f in report.files] == ["log"]
    assert "README.md" in report.doubts[0].fact
    assert "Passed over" in report.doubts[0].fact
    (folder / "log").unlink()
    with pytest.raises(InputError, match=r"README\.md"):
        load(workspace, folder)


def test_one_unusable_file_among_good_ones_stops_before_anything_is_loaded(
    workspace: Workspace, tmp_path: Path
) -> None:
    good = write(tmp_path / "good", record(1))
    bad = tmp_path / "bad"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    with pytest.raises(InputError, match=r"bad is a binary file.*Nothing was imported") as caught:
        load(workspace, good, bad)
    assert caught.value.remedy
    assert exchanges(workspace) == 0
    assert load(workspace, good).total.loaded == 1


# --- what a person should look at -------------------------------------------------------------
def test_warnings_name_what_looks_wrong(workspace: Workspace, tmp_path: Path) -> None:
    log = write(
        tmp_path / "log",
        record(1, ts="1970-01-01T00:00:12Z"),
        record(2, ts="2099-01-01T00:00:00Z"),
        record(3, ts="2026-05-01 12:00:00"),
        record(4, in_tok="many", account_created_at="once"),
        {"nothing": 1},
    )
    report = load(workspace, log, options=ReadOptions(zone="none"))
    assert report.total == Accounting(loaded=4, rejected=1, coerced=3)
    assert report.files[0].coerced_columns == {"ts": 1, "in_tok": 1, "account_created_at": 1}
    text = "\n".join(report.as_dict()["warnings"])
    assert 'NULL: account_created_at 1 (record 4: "once"); in_tok 1 (record 4: "many").' in text
    assert "1 time has no zone, for example '2026-05-01 12:00:00'; it is NULL, as was" in text
    assert "--zone" not in text
    assert "2 records lie before 2015 or after tomorrow, for example 1970-01-01" in text
    assert "1 of 5 records rejected, as 'no exchange'" in text
    assert "workbench rejects CASE" in text
    zoned = load(workspace, log, options=ReadOptions(zone="UTC"), frame=Frame(system="other"))
    assert zoned.files[0].coerced_columns.get("ts") is None


def test_a_torn_file_gives_what_came_before_the_tear(workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "log.gz"
    whole = gzip.compress(write(tmp_path / "plain", *map(record, range(500))).read_bytes())
    log.write_bytes(whole[: len(whole) // 2])
    report = load(workspace, log)
    total = report.total
    assert 100 < total.loaded < 500
    assert (total.rejected, total.records) == (1, total.loaded + 1)
    assert (
        f"cut off at byte {len(whole) // 2:,} of the file. It was loaded up to there."
        in report.doubts[0].fact
    )
    (reject,) = workspace.importing.provenance.rejects().to_pylist()
    assert reject["reason"].startswith("damaged file: the gzip data is cut off")
    assert reject["record_no"] == total.records


# --- what stops an import ---------------------------------------------------------------------
def test_nothing_that_could_be_loaded_is_an_error(workspace: Workspace, tmp_path: Path) -> None:
    for text, words in (
        ('{"nothing": 1}\n{"nothing": 2}\n', "2 records were rejected"),
        ("prompt,account_id\n", "holds no records"),
    ):
        log = tmp_path / "log"
        log.write_text(text)
        with pytest.raises(InputError, match=words):
            load(workspace, log, format_name="canonical")
        assert workspace.importing.provenance.info().counts["files"] == 0


class CancelAfter(Job):
    """Cancels itself at a report of a step."""

    def __init__(self, step: str) -> None:
        super().__init__(self._look, interval=0)
        self._step = step

    def _look(self, progress: Progress) -> None:
        if progress.step.startswith(self._step):
            self.cancel()


@pytest.mark.parametrize("step", ["Reading", "Making it durable"])
def test_cancel_leaves_the_case_as_it_was(workspace: Workspace, tmp_path: Path, step: str) -> None:
    load(workspace, write(tmp_path / "a", record(1)))
    before = workspace.importing.provenance.info()
    log = write(tmp_path / "b", *map(record, range(2, 2000)))
    with pytest.raises(CancelledError):
        load(workspace, log, job=CancelAfter(step))
    assert workspace.importing.provenance.info() == before
    assert load(workspace, log).total.loaded == 1998


def test_an_unknown_zone_or_column_stops_it_first(workspace: Workspace, tmp_path: Path) -> None:
    log = write(tmp_path / "a", record(1))
    with pytest.raises(InputError, match="Mars"):
        load(workspace, log, options=ReadOptions(zone="Mars"))
    with pytest.raises(InputError, match="no canonical column"):
        load(workspace, log, options=ReadOptions(mapping={"prompts": "x"}))
    with pytest.raises(InputError, match="needs a mapping"):
        load(workspace, log, format_name="mapped")


KILLED = """
import os, signal, sys
from workbench.case.source import OpenSource
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

after, append = int(sys.argv[3]), OpenSource.append
def dying(self, parsed):
    global after
    done = append(self, parsed)
    self._batch._chunks.write_all()
    after -= 1
    if after == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
OpenSource.append = dying
with Workspace.open(sys.argv[1]) as workspace:
    workspace.importing.run([sys.argv[2]], Frame(), ReadOptions(), Job())
"""


def test_kill_in_the_middle_leaves_the_case_as_it_was(tmp_path: Path) -> None:
    case, root = tmp_path / "a.case", Path(__file__).resolve().parents[2]
    small = write(tmp_path / "a", record(1))
    log = write(tmp_path / "b", *(record(i, completion="x" * 4000) for i in range(2, 5000)))
    with Workspace.create(case) as workspace:
        load(workspace, small)
        before = workspace.importing.provenance.info()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(case), str(log), "2"],
        cwd=root, check=False, capture_output=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with Workspace.open(case) as workspace:
        assert workspace.importing.provenance.info() == before
        assert load(workspace, log).total.loaded == 4998


# --- what is recorded -------------------------------------------------------------------------
def test_the_journal_has_one_signed_record_of_an_import(
    workspace: Workspace, tmp_path: Path
) -> None:
    name = os.fsdecode(b"odd \xff name.jsonl")
    log = write(tmp_path / name, record(1))
    load(
        workspace, log, frame=Frame(system="gateway", query="SELECT 1"),
        options=ReadOptions(zone="UTC", mapping={"session_id": "request_id"}),
    )  # fmt: skip
    (entry,) = workspace._held.case.journals.entries()
    assert entry.kind is EntryKind.IMPORT
    body = entry.body
    assert body["batch"] == 1
    assert body["frame"]["query"] == "SELECT 1"
    assert body["frame"]["zone"] == "UTC"
    assert body["mapping"] == {"session_id": "request_id"}
    assert body["total"]["loaded"] == 1
    assert body["files"][0]["path"].endswith("odd \\udcff name.jsonl")
    assert len(body["files"][0]["sha256"]) == 64


def test_frames_are_shown_and_completed(workspace: Workspace, tmp_path: Path) -> None:
    provenance = workspace.importing.provenance
    with pytest.raises(InputError, match="no import yet"):
        provenance.amend_frame({"gaps": "none"})
    load(workspace, write(tmp_path / "a", record(1)), frame=Frame(system="gateway"))
    load(workspace, write(tmp_path / "b", record(2)), frame=Frame(system="gateway"))
    shown = said_and_not(provenance.frames()[1])
    assert shown["system"] == "gateway"
    assert shown["custodian"] == "not said"
    assert provenance.amend_frame({"gaps": "2 June"}, 1) == Changes(frame=True)
    assert provenance.amend_frame({"benign": True}) == Changes(frame=True)
    assert [(f.gaps, f.benign) for f in provenance.frames().values()] == [
        ("2 June", False),
        ("", True),
    ]
    with pytest.raises(InputError, match="no import 9"):
        provenance.amend_frame({"gaps": "x"}, 9)


def test_a_preview_loads_nothing(workspace: Workspace, tmp_path: Path) -> None:
    log = write(tmp_path / "a", *map(record, range(200)))
    (seen,) = workspace.importing.preview([log], PLAIN, rows=20)
    assert seen.rows.num_rows == 20
    assert seen.accounting == Accounting(loaded=200)
    assert exchanges(workspace) == 0
    with pytest.raises(InputError, match="does not exist"):
        workspace.importing.preview([tmp_path / "none"], PLAIN)


EVERYTHING = Statement(
    "everything",
    "SELECT exchange_id, request_id, prompt_id, ts_us, completion FROM exchange "
    "ORDER BY exchange_id",
)


def test_workers_give_the_same_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.formats.read.SMALL", 0)
    log = write(tmp_path / "log", *(record(i, completion="x" * 900) for i in range(20_000)))
    rows = []
    for number, workers in enumerate((1, 2)):
        with Workspace.create(tmp_path / f"{number}.case") as workspace:
            load(workspace, log, workers=workers)
            with workspace._held.engine() as engine:
                rows.append(engine.table(EVERYTHING))
    assert rows[0].equals(rows[1])
    assert rows[0].num_rows == 20_000


def test_the_history_says_how_many_files_came_in(tmp_path: Path) -> None:
    log = write(tmp_path / "a", record(1))
    with Workspace.create(tmp_path / "a.case") as workspace:
        load(workspace, log)
        (line,) = workspace.browsing.journal().to_pylist()
    assert line["what"] == "Imported 1 file"
