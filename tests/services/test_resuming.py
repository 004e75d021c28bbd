"""An import that was killed goes on, and ends with what it would have ended with."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.faults.trouble import FULL, SEED
from tests.services.cut_logs import SHAPES, lines, plain, several
from tests.services.cut_short import given, left_behind, small_steps
from workbench.domain.added import AddedKind
from workbench.domain.errors import (
    CancelledError,
    InputError,
    InterruptedImportError,
    StorageError,
)
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.place import Spooled
from workbench.services.door import Privacy
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workbench.domain.interrupted import Interrupted
    from workbench.domain.progress import Progress
    from workbench.services.importing import ImportReport


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A case that was given something before."""
    path = tmp_path / "base.case"
    (tmp_path / "known.log").write_bytes(lines(1000, 60))
    with Workspace.create(path) as workspace:
        workspace.importing.run([tmp_path / "known.log"], FRAME, ReadOptions(), Job())
    return path


FRAME = Frame(system="gateway", custodian="us")


def told(report: ImportReport) -> dict[str, Any]:
    """What an import tells; how sure a format was is known of files that are looked at now."""
    said = report.as_dict()
    for file in said["files"]:
        file.pop("confidence")
    return said


class Cut:
    """An import that was cut short at each of its steps.

    Attributes:
        paths: What was imported.
        copies: The case as a kill would have left it, by step.
        whole: What the case was given in the end.
        before: And before.
        report: What the import told in the end.
    """

    def __init__(
        self,
        base: Path,
        folder: Path,
        shape: Callable[[Path], list[Path]],
        *,
        workers: int = 1,
        privacy: Privacy | None = None,
    ) -> None:
        logs, left, case = folder / "logs", folder / "left", folder / "a.case"
        logs.mkdir()
        left.mkdir()
        self.paths = shape(logs)
        self.before = given(base)
        shutil.copytree(base, case)
        reports: list[ImportReport] = []
        self.copies = left_behind(
            case,
            left,
            lambda w: reports.append(
                w.importing.run(
                    self.paths, FRAME, ReadOptions(), Job(), workers=workers, privacy=privacy
                )
            ),
        )
        self.whole, self.report = given(case), reports[0]

    def resumable(self) -> list[Path]:
        """The copies that may go on."""
        return [copy for copy in self.copies if interrupted(copy)]


def interrupted(case: Path) -> Interrupted | None:
    with Workspace.open(case, write=False) as workspace:
        return workspace.importing.interrupted()


def resume(case: Path, job: Job | None = None, **how: Any) -> ImportReport:
    with Workspace.open(case) as workspace:
        report = workspace.importing.resume(job or Job(), **how)
        assert workspace.importing.interrupted() is None
    return report


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("workbench.formats.columnar._MOST_ROWS", 30)
    with small_steps():
        yield


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("shape", SHAPES)
def test_going_on_ends_as_if_nobody_had_killed_it(
    base: Path, tmp_path: Path, shape: Callable[[Path], list[Path]]
) -> None:
    cut = Cut(base, tmp_path, shape)
    # Any six of the steps, and the last: all of them in the suite of faults.
    tried = cut.copies if FULL else Random(SEED).sample(cut.copies[:-1], 6) + cut.copies[-1:]
    assert interrupted(cut.copies[-1])
    for copy in tried:
        if interrupted(copy):
            assert told(resume(copy)) == told(cut.report)
            assert given(copy) == cut.whole
            assert not (copy / "unfinished").exists()
        else:  # before the first milestone: taken back
            with Workspace.open(copy) as workspace:
                assert workspace.recovered
            assert given(copy) == cut.before


@pytest.mark.usefixtures("steps")
def test_workers_do_not_matter(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.formats.read.SMALL", 0)
    cut = Cut(base, tmp_path, plain, workers=2)
    for number, copy in enumerate(cut.resumable()[::4]):
        assert told(resume(copy, workers=1 + number % 3)) == told(cut.report)
        assert given(copy) == cut.whole


@pytest.mark.usefixtures("steps")
def test_killed_again_while_it_goes_on(base: Path, tmp_path: Path) -> None:
    cut = Cut(base, tmp_path, several)
    first = cut.resumable()[2]
    (tmp_path / "again").mkdir()
    again = left_behind(first, tmp_path / "again", lambda w: w.importing.resume(Job()))
    assert given(first) == cut.whole
    assert len(again) > 3
    for number, copy in enumerate(again[::4]):
        if number == 1:
            (tmp_path / "thrice").mkdir()
            thrice = left_behind(copy, tmp_path / "thrice", lambda w: w.importing.resume(Job()))
            resume(thrice[-1])
            assert given(thrice[-1]) == cut.whole
        else:
            resume(copy)
        assert given(copy) == cut.whole


@pytest.mark.usefixtures("steps")
def test_members_of_an_archive_and_names_without_folders(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def archive(folder: Path) -> list[Path]:
        monkeypatch.chdir(folder)
        with zipfile.ZipFile("logs.zip", "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("one.jsonl", lines(0, 150))
            file.writestr("two.jsonl", lines(200, 150))
        return [Path("logs.zip")]

    cut = Cut(base, tmp_path, archive)
    monkeypatch.chdir(tmp_path)
    for copy in cut.resumable()[::4]:
        assert told(resume(copy)) == told(cut.report)
        assert given(copy) == cut.whole


@pytest.mark.usefixtures("steps")
def test_what_was_left_out_at_the_door(tmp_path: Path) -> None:
    """Which words prompts share depends on how many were met before, also before the kill."""
    base = tmp_path / "base.case"
    Workspace.create(base).close()
    privacy = Privacy(("account_id", "ip"), tmp_path / "key", drop_text=True)
    cut = Cut(base, tmp_path, plain, privacy=privacy)
    assert not cut.whole["shared_words"].startswith("0 ")
    for copy in cut.resumable()[::3]:
        resume(copy, key_file=tmp_path / "key")
        assert given(copy) == cut.whole


@pytest.mark.usefixtures("steps")
def test_taken_back_nothing_remains(base: Path, tmp_path: Path) -> None:
    cut = Cut(base, tmp_path, several)
    for copy in cut.resumable()[::4]:
        with Workspace.open(copy) as workspace:
            left = workspace.importing.roll_back()
            assert left.records
            assert workspace.importing.interrupted() is None
        assert given(copy) == cut.before
        assert not (copy / "unfinished").exists()


@pytest.mark.usefixtures("steps")
def test_until_a_person_chose_the_case_is_as_it_was(base: Path, tmp_path: Path) -> None:
    cut = Cut(base, tmp_path, plain)
    copy = cut.resumable()[-1]
    left = interrupted(copy)
    assert left is not None
    path = cut.paths[0]
    assert f"(file 1, {path}, up to record {left.record_no:,})" in left.fact
    with Workspace.open(base, write=False) as workspace:
        total = workspace.browsing.info()
    with Workspace.open(copy) as workspace:
        assert not workspace.recovered
        assert workspace.browsing.info() == total
        workspace.labelling.note("seen")
        for write in (
            lambda: workspace.importing.run(cut.paths, FRAME, ReadOptions(), Job()),
            lambda: workspace.importing.provenance.amend_frame({"gaps": "none"}),
            lambda: workspace.joining.add(AddedKind.ACCOUNTS, accounts(tmp_path), Job()),
        ):
            with pytest.raises(InterruptedImportError) as refused:
                write()
            assert refused.value.fact == left.fact
            for part in ("--resume", "--roll-back"):
                assert part in refused.value.remedy
        # A copy for planting campaigns has nothing of it.
        workspace._held.case.copy_given(tmp_path / "copy.case", lambda: None)
        with Workspace.open(tmp_path / "copy.case") as other:
            assert other.importing.interrupted() is None
            assert other.browsing.info().n_exchanges == total.n_exchanges
    resume(copy)
    assert given(copy) == cut.whole


def accounts(folder: Path) -> Path:
    (folder / "accounts.csv").write_text("account_id,plan\nk1,pro\n")
    return folder / "accounts.csv"


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("which", [0, 1])
def test_another_file_in_the_place_of_one(base: Path, tmp_path: Path, which: int) -> None:
    """Of those that were read whole, and of the one in between."""
    cut = Cut(base, tmp_path, several)
    copy = next(c for c in cut.resumable() if (left := interrupted(c)) and left.n_read == 1)
    left = interrupted(copy)
    assert left is not None
    assert left.file
    path = cut.paths[which]
    right = path.read_bytes()
    at = right.index(b"It is") + 4
    for wrong, words in (
        (right[:at] + b"?" + right[at + 1 :], "is not the file any more that was read"),
        (right + b"\n", "is not the file any more that it was when the import began"),
        (None, "does not exist"),
    ):
        if wrong is None:
            path.unlink()
        else:
            path.write_bytes(wrong)
        with pytest.raises(InputError) as refused:
            resume(copy)
        assert str(path) in refused.value.fact
        assert words in refused.value.fact
        assert "Nothing was loaded, and the import can still go on." in refused.value.safe
        assert "--roll-back" in refused.value.remedy
        assert interrupted(copy) == left
    path.write_bytes(right)
    resume(copy)
    assert given(copy) == cut.whole


@pytest.mark.usefixtures("steps")
def test_another_program_does_not_go_on(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Cut(base, tmp_path, plain)
    copy = cut.resumable()[0]
    with monkeypatch.context() as patch:
        patch.setattr("workbench.services.going_on.__version__", "9.9")
        with pytest.raises(InputError, match=r"and this is workbench 9\.9, which may read"):
            resume(copy)
    resume(copy)
    assert given(copy) == cut.whole


@pytest.mark.usefixtures("steps")
def test_cancelled_once_it_has_gone_on_all_of_it_is_taken_back(base: Path, tmp_path: Path) -> None:
    cut = Cut(base, tmp_path, plain)
    copy = cut.resumable()[0]

    def cancel(progress: Progress) -> None:
        if progress.step.startswith("Reading") and (progress.count or 0) > 200:
            job.cancel()

    job = Job(cancel, interval=0.0)
    with pytest.raises(CancelledError):
        resume(copy, job)
    assert interrupted(copy) is None
    with Workspace.open(copy) as workspace:
        newest = workspace.browsing.journal().to_pylist()[0]
    assert newest["what"].startswith("Took back an import of 1 file that was cut short (begun ")
    assert "gone on once" in newest["what"]
    assert given(copy) == cut.before


@pytest.mark.usefixtures("steps")
def test_what_was_piped_in_does_not_go_on(base: Path, tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    piped = Spooled("standard input", io.BytesIO(lines(0, 400)))
    copies = left_behind(
        base, tmp_path / "left", lambda w: w.importing.run([piped], FRAME, ReadOptions(), Job())
    )
    assert len(copies) > 3
    assert not [copy for copy in copies if interrupted(copy)]


@pytest.mark.usefixtures("steps")
def test_halves_are_read_anew(base: Path, tmp_path: Path) -> None:
    """A milestone holds no halves: an import goes on before the first file that gave one."""

    def batches(folder: Path) -> list[Path]:
        (folder / "a.jsonl").write_bytes(lines(0, 150))
        asked, answered = [], []
        for i in range(120):
            body = {"model": "m", "messages": [{"role": "user", "content": f"asked {i}"}]}
            asked.append({"custom_id": f"c{i}", "method": "POST", "url": "/v1/x", "body": body})
            answer = {"id": f"x{i}", "model": "m", "choices": [{"message": {"content": f"so {i}"}}]}
            said = {"status_code": 200, "request_id": f"q{i}", "body": answer}
            answered.append({"id": f"b{i}", "custom_id": f"c{i}", "response": said, "error": None})
        for name, records in (("asked", asked), ("answered", answered)):
            text = "".join(json.dumps(record) + "\n" for record in records)
            (folder / f"{name}.jsonl").write_text(text)
        return [folder / f"{name}.jsonl" for name in ("a", "asked", "answered")]

    cut = Cut(base, tmp_path, batches)
    assert sum(report.accounting.joined for report in cut.report.files) == 120
    went_on = cut.resumable()
    assert went_on[-1] == cut.copies[-1]
    for copy in went_on:
        left = interrupted(copy)
        assert left is not None
        assert left.records <= 150
        assert told(resume(copy)) == told(cut.report)
        assert given(copy) == cut.whole


def test_nothing_was_interrupted(base: Path) -> None:
    with Workspace.open(base) as workspace:
        for end in (lambda: workspace.importing.resume(Job()), workspace.importing.roll_back):
            with pytest.raises(InputError, match="No import into this case waits to go on"):
                end()


@pytest.mark.usefixtures("steps")
def test_taken_back_on_a_full_disk_it_does_not_come_again(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows may have to stay in the file; that nobody goes on with them does not need room."""
    cut = Cut(base, tmp_path, plain)
    copy = cut.resumable()[-1]

    def full(*_: object) -> None:
        raise duckdb.IOException("Could not write file: No space left on device")

    with Workspace.open(copy) as workspace, monkeypatch.context() as patch:
        patch.setattr("workbench.case.given.take_back", full)
        with pytest.raises(StorageError):
            workspace.importing.roll_back()
        assert workspace.importing.interrupted() is None
    with Workspace.open(copy) as workspace:
        assert workspace.recovered
    assert given(copy) == cut.before
