"""Power cuts while people decide: lost, reordered and torn writes; and each write that fails.

1,000 schedules at full count. What was acknowledged is there afterwards, what was not is there
whole or not at all, and the journals open, take entries and hold.
"""

from __future__ import annotations

import errno
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.faults.trouble import SEED, cases
from tests.faults.writes import Disk
from workbench.case.casefile import CaseFile
from workbench.case.identity import Signer
from workbench.case.journal import Journals
from workbench.case.labels import LabelBook
from workbench.domain.errors import KnownError, StorageError
from workbench.domain.label import EntryKind, Label
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Schedules of one recording: a recording costs seconds, a schedule hundredths.
_EACH = 25
#: Steps of a recording.
_STEPS = 12


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target


def a_step(workspace: Workspace, chance: random.Random, other: Path) -> None:
    """Something that an analyst may do."""
    do = chance.choice(["label", "label", "label", "note", "undo", "redo", "set", "merge"])
    if do == "label":
        accounts = [f"key-{n:03d}" for n in chance.sample(range(4, 24), chance.randint(1, 15))]
        label = chance.choice(list(Label))
        workspace.labelling.label(label, "x" * chance.randint(0, 900), accounts=accounts)
    elif do == "note":
        workspace.labelling.note("n" * chance.randint(1, 1500))
    elif do == "undo" and workspace.labelling.can_undo:
        workspace.labelling.undo()
    elif do == "redo" and workspace.labelling.can_redo:
        workspace.labelling.redo()
    elif do == "set":
        workspace.policies.set({"retention_days": chance.randint(1, 900)}, "x")
    elif do == "merge":
        workspace.merging.merge(other)


def id_of(case: Path) -> str:
    return CaseFile.read(case / "case.toml").id


def digests(case: Path) -> list[str]:
    journals = Journals(case / "decided", case_id=id_of(case), write=False)
    return [entry.digest for entry in journals.entries()]


def recorded(
    harbour_once: Path, folder: Path, patch: pytest.MonkeyPatch, chance: random.Random
) -> tuple[Disk, Path]:
    """Two analysts decide, one of them with a copy that the other merges; on a watched disk."""
    case, other = copied(harbour_once, folder / "a.case"), copied(harbour_once, folder / "b.case")
    with patch.context() as patched:
        patched.setenv("WORKBENCH_CONFIG", str(folder / "other"))
        with Workspace.open(other) as workspace:
            for _ in range(3):
                workspace.labelling.note("elsewhere")
        patched.setenv("WORKBENCH_CONFIG", str(folder / "mine"))
        with Workspace.open(case) as workspace:
            workspace.labelling.note("before")
            disk = Disk(case / "decided")
            with disk.watching(patched):
                for _ in range(_STEPS):
                    a_step(workspace, chance, other)
                    disk.acknowledge(",".join(digests(case)))
            return disk, case


def test_what_was_acknowledged_survives_a_power_cut(
    harbour_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedules, cuts, lost, acknowledged = cases(1000, least=50), 0, 0, 0
    signer = Signer.own(tmp_path / "later", "Later")
    for recording in range(-(-len(schedules) // _EACH)):
        chance = random.Random(f"{SEED} {recording}")
        disk, case = recorded(harbour_once, tmp_path / f"r{recording}", monkeypatch, chance)
        every = digests(case)
        for schedule in range(_EACH):
            cut = chance.randint(0, len(disk.operations))
            left = tmp_path / f"r{recording}" / f"s{schedule}"
            left.mkdir()
            told = disk.after(cut, chance, left)
            known = set(told[-1].split(",")) if told else set()
            where = f"seed {SEED}, recording {recording}, schedule {schedule}, cut {cut}"
            journals = Journals(left, case_id=id_of(case), write=True)
            found = [entry.digest for entry in journals.entries()]
            assert known <= set(found), where
            assert set(found) <= set(every), where
            LabelBook.fold(journals.entries())
            journals.append(EntryKind.NOTE, {"text": "after"}, signer)
            journals.verify(every=True)
            assert not list(left.glob("merging*")), where
            cuts, acknowledged = cuts + 1, acknowledged + len(known)
            lost += len(every) - len(found)
        shutil.rmtree(tmp_path / f"r{recording}")
    assert cuts >= len(schedules)
    # The disk did forget, and not everything.
    assert lost
    assert acknowledged


def labelled(workspace: Workspace, _: Path) -> None:
    workspace.labelling.label(Label.CONFIRMED, "x", accounts=["key-005", "key-006"])


def noted(workspace: Workspace, _: Path) -> None:
    workspace.labelling.note("x")


def undone(workspace: Workspace, _: Path) -> None:
    workspace.labelling.undo()


def merged(workspace: Workspace, other: Path) -> None:
    workspace.merging.merge(other)


@pytest.mark.parametrize(
    ("does", "error", "words"),
    [
        (labelled, errno.ENOSPC, "Free space"),
        (labelled, errno.EIO, "Check the disk"),
        (noted, errno.ENOSPC, "Free space"),
        (undone, errno.EIO, "Check the disk"),
        (merged, errno.ENOSPC, "Free space"),
    ],
)
def test_each_write_that_fails_leaves_a_case_that_opens(
    harbour_once: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    does: Callable[[Workspace, Path], None],
    error: int,
    words: str,
) -> None:
    """The n-th one, for n = 0, 1, ... until none is reached."""
    other = copied(harbour_once, tmp_path / "other.case")
    with monkeypatch.context() as patched:
        patched.setenv("WORKBENCH_CONFIG", str(tmp_path / "elsewhere"))
        with Workspace.open(other) as workspace:
            workspace.labelling.note("elsewhere")
    n = told = 0
    while True:
        case = copied(harbour_once, tmp_path / f"{n}" / "harbour.case")
        with Workspace.open(case) as workspace:
            workspace.labelling.note("before")
            before = digests(case)
            disk = Disk(case / "decided", fail_at=n, error=error)
            said = ""
            with disk.watching(monkeypatch):
                try:
                    does(workspace, other)
                except StorageError as failed:
                    said = str(failed)
            assert not said or words in said, n
            told += bool(said)
        with Workspace.open(case) as workspace:
            now = digests(case)
            assert now[: len(before)] == before or set(before) <= set(now)
            workspace.labelling.note("after")
            workspace.auditing.verify()
            try:
                does(workspace, other)
            except KnownError as refused:
                raise AssertionError(n) from refused
        shutil.rmtree(case.parent)
        if not disk.failed:
            break
        n += 1
    assert n >= 4
    assert told >= 1
