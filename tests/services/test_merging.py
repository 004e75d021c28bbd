"""Two analysts, a copy each: merged in either order, cut short, conflicts and sign-offs."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workbench.case import merging as case_merging
from workbench.case.casefile import fsync_folder, replace_file
from workbench.case.folder import Case
from workbench.domain.errors import CaseError, InputError, StorageError, VerificationError
from workbench.domain.label import EntryKind, Label
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.purging import purge
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("mara", "ben")


class Copies:
    """A case in two copies; who opens one is its analyst."""

    def __init__(self, path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._folder = folder
        self.paths = {name: folder / name / "harbour.case" for name in NAMES}
        for copy in self.paths.values():
            shutil.copytree(path, copy)

    def open(self, who: str, at: Path | None = None) -> Workspace:
        self._monkeypatch.setenv("WORKBENCH_CONFIG", str(self._folder / who / "config"))
        return Workspace.open(at or self.paths[who], analyst=who.title())

    def again(self, who: str, name: str) -> Path:
        """A copy of somebody's copy, as it is now."""
        copy = self._folder / name / "harbour.case"
        shutil.copytree(self.paths[who], copy)
        return copy


@pytest.fixture
def copies(harbour_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copies:
    return Copies(harbour_once, tmp_path / "copies", monkeypatch)


def accounts(workspace: Workspace, n: int) -> list[str]:
    found: list[str] = workspace.browsing.accounts()["account_id"].to_pylist()
    return sorted(found)[:n]


def decide(copies: Copies) -> list[str]:
    """Each decides on three accounts; on one of them differently."""
    with copies.open("mara") as workspace:
        a, b, c, d = accounts(workspace, 4)
        workspace.labelling.label(Label.CONFIRMED, "one grid", accounts=[a, b, c])
        workspace.labelling.note("looked at hours")
    with copies.open("ben") as workspace:
        workspace.labelling.label(Label.BENIGN, "a firm", accounts=[c, d])
        workspace.labelling.label(Label.CONFIRMED, "the same list", accounts=[b])
    return [a, b, c, d]


def entries(workspace: Workspace) -> list[tuple[str, str]]:
    return [
        (line.entry, line.what)
        for line in workspace.labelling.history()
        if line.kind is not EntryKind.MERGE
    ]


def labels(workspace: Workspace) -> dict[str, str]:
    table = workspace.browsing.accounts().to_pylist()
    return {row["account_id"]: str(row["label"]) for row in table if row["label"]}


def test_either_way_the_same_and_again_nothing(copies: Copies) -> None:
    decide(copies)
    one, other = copies.again("mara", "m"), copies.again("ben", "b")
    with copies.open("mara") as workspace:
        merged = workspace.merging.merge(other, "weekly")
        assert (merged.journals, merged.entries) == (1, 2)
        assert merged.changes.decided
        first = entries(workspace), labels(workspace)
        line = workspace.labelling.history()[0]
        assert (line.kind, line.why) == (EntryKind.MERGE, "weekly")
        again = workspace.merging.merge(other)
        assert (again.entries, again.changes.decided) == (0, False)
        assert workspace.labelling.history()[0].entry == line.entry
        workspace.auditing.verify()
    with copies.open("ben") as workspace:
        workspace.merging.merge(one)
        assert (entries(workspace), labels(workspace)) == first


def test_a_copy_in_which_nobody_did_anything_yet_takes_the_decisions_of_another(
    copies: Copies,
) -> None:
    shutil.rmtree(copies.paths["mara"] / "decided")
    with copies.open("ben") as workspace:
        named = accounts(workspace, 1)
        workspace.labelling.label(Label.CONFIRMED, "one grid", accounts=named)
    with copies.open("mara") as workspace:
        assert workspace.merging.merge(copies.paths["ben"]).entries > 0
        assert labels(workspace) == {named[0].rpartition(":")[2]: "confirmed"}
        workspace.auditing.verify()
    with copies.open("mara") as workspace:
        workspace.labelling.label(Label.BENIGN, "looked again", accounts=named)


def test_what_was_purged_in_a_copy_is_told_and_stays_here(copies: Copies) -> None:
    with copies.open("ben") as workspace:
        (gone,) = accounts(workspace, 1)
        path, held = copies.paths["ben"], workspace.browsing.accounts().num_rows
    erased = purge(path, Job(), "its owner asked for it", accounts=[gone], analyst="ben")
    with copies.open("mara") as workspace:
        merged = workspace.merging.merge(path)
        assert merged.purged == erased.n_exchanges > 0
        assert f"{erased.n_exchanges} exchange" in merged.told()
        assert "still holds them" in merged.told()
        assert workspace.merging.merge(path).told() == "Nothing was new in the copy."
    with copies.open("mara") as workspace:
        assert workspace.browsing.accounts().num_rows == held


def test_a_conflict_stops_an_export_until_somebody_who_saw_both_decides(
    copies: Copies, tmp_path: Path
) -> None:
    _, b, c, _ = decide(copies)
    with copies.open("mara") as workspace:
        workspace.merging.merge(copies.paths["ben"])
        (found,) = workspace.reviewing.conflicts()
        assert [key.rpartition(":")[2] for key in found.accounts] == [c]
        assert [entry.body["label"] for entry in found.labels] == ["confirmed", "benign"]
        scope = Scope(accounts=(b, c))
        with pytest.raises(InputError, match="decided differently on 1 account"):
            workspace.exporting.run(scope, tmp_path / "bundle", Job())
        with pytest.raises(InputError, match="decided differently"):
            workspace.reviewing.sign_off(scope, "x")
        assert not (tmp_path / "bundle").exists()
        workspace.labelling.label(Label.SUSPECTED, "both looked", accounts=[c])
        assert workspace.reviewing.conflicts() == []
        assert workspace.exporting.run(scope, tmp_path / "bundle", Job()).n_accounts == 2


def test_a_second_analyst_signs_off_before_what_asks_for_it_leaves(
    copies: Copies, tmp_path: Path
) -> None:
    decide(copies)
    with copies.open("mara") as workspace:
        (a, *_) = accounts(workspace, 1)
        scope = Scope(accounts=(a,))
        workspace.policies.set({"sign_off_required": True}, "four eyes")
        with pytest.raises(InputError, match="nobody else signed off"):
            workspace.exporting.run(scope, tmp_path / "bundle", Job())
        with pytest.raises(InputError, match="is your own"):
            workspace.reviewing.sign_off(scope, "mine")
        (unlabelled, *_) = sorted(set(accounts(workspace, 9)) - set(labels(workspace)))
        with pytest.raises(InputError, match="have no label"):
            workspace.exporting.run(Scope(accounts=(unlabelled,)), tmp_path / "bundle", Job())
    with copies.open("ben", copies.paths["mara"]) as workspace:
        with pytest.raises(InputError, match="no label stands"):
            workspace.reviewing.sign_off(Scope(accounts=(unlabelled,)), "x")
        assert workspace.reviewing.sign_off(scope, "read it").decided
        assert workspace.labelling.history()[0].why == "read it"
        with pytest.raises(InputError, match="signed off by you already"):
            workspace.reviewing.sign_off(scope, "again")
    with copies.open("mara") as workspace:
        workspace.exporting.run(scope, tmp_path / "bundle", Job())
        workspace.labelling.label(Label.SUSPECTED, "not so sure", accounts=[a])
        with pytest.raises(InputError, match="nobody else signed off"):
            workspace.exporting.run(scope, tmp_path / "another", Job())


def test_a_key_that_decided_in_both_copies_is_named_with_the_line(copies: Copies) -> None:
    with copies.open("mara") as workspace:
        workspace.labelling.note("first")
    fork = copies.again("mara", "fork")
    with copies.open("mara", fork) as workspace:
        workspace.labelling.note("here")
    with copies.open("mara") as workspace:
        workspace.labelling.note("there")
        before = entries(workspace)
        with pytest.raises(InputError, match=r"from line 2 on"):
            workspace.merging.merge(fork)
        assert entries(workspace) == before


def test_what_is_no_copy_or_holds_other_logs_is_refused(copies: Copies, tmp_path: Path) -> None:
    with Case.create(tmp_path / "other.case"):
        pass
    log = tmp_path / "more.jsonl"
    log.write_text('{"account_id": "new", "ts": "2026-03-01T00:00:00Z", "prompt": "hello"}\n')
    with copies.open("ben") as workspace:
        from workbench.domain.exchange import Frame
        from workbench.domain.ports import ReadOptions

        workspace.importing.run([log], Frame(system="gateway"), ReadOptions("UTC"), Job())
    with copies.open("mara") as workspace:
        with pytest.raises(InputError, match="is another case"):
            workspace.merging.merge(tmp_path / "other.case")
        with pytest.raises(InputError, match=r"1 log that this case lacks: .*more\.jsonl"):
            workspace.merging.merge(copies.paths["ben"])
        with pytest.raises(CaseError):
            workspace.merging.merge(tmp_path / "absent.case")


def test_journals_that_do_not_hold_are_not_brought(copies: Copies) -> None:
    decide(copies)
    (journal,) = [
        path
        for path in (copies.paths["ben"] / "decided").glob("*.jsonl")
        if b"a firm" in path.read_bytes()
    ]
    journal.write_bytes(journal.read_bytes().replace(b"a firm", b"a farm"))
    with copies.open("mara") as workspace:
        before = entries(workspace)
        with pytest.raises((VerificationError, CaseError)):
            workspace.merging.merge(copies.paths["ben"])
        assert entries(workspace) == before


@pytest.mark.parametrize("at", range(8))
def test_cut_short_anywhere_it_is_whole_or_not_at_all(
    copies: Copies, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before the n-th thing that it does to the folder."""
    decide(copies)

    class EndedError(BaseException):
        """The process is gone: nothing tidies up after it."""

    left = [at]

    def step(then: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: object, **named: object) -> object:
            if left[0] == 0:
                raise EndedError
            left[0] -= 1
            return then(*given, **named)

        return stepped

    with copies.open("mara") as workspace:
        before = entries(workspace)
        with monkeypatch.context() as patched:
            patched.setattr(case_merging, "_tidy", lambda _: None)
            patched.setattr(case_merging, "replace_file", step(replace_file))
            patched.setattr(case_merging, "fsync_folder", step(fsync_folder))
            patched.setattr(Path, "replace", step(Path.replace))
            patched.setattr(Path, "unlink", step(Path.unlink))
            with contextlib.suppress(EndedError):
                workspace.merging.merge(copies.paths["ben"])
    with copies.open("mara") as workspace:
        now = entries(workspace)
        assert len(now) in {len(before), len(before) + 2}
        workspace.auditing.verify()
        assert not list((copies.paths["mara"] / "decided").glob("*merging*"))
        workspace.merging.merge(copies.paths["ben"])
        assert len(entries(workspace)) == len(before) + 2


def test_a_full_disk_leaves_the_journals_as_they_were(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(copies)

    def full(path: Path, data: bytes) -> None:
        path.write_bytes(data[: len(data) // 2])
        raise StorageError("The disk is full.", remedy="Free space.")

    with copies.open("mara") as workspace:
        before = entries(workspace)
        with monkeypatch.context() as patched:
            patched.setattr(case_merging, "replace_file", full)
            with pytest.raises(StorageError):
                workspace.merging.merge(copies.paths["ben"])
        assert entries(workspace) == before
        assert not list((copies.paths["mara"] / "decided").glob("*merging*"))
        assert workspace.merging.merge(copies.paths["ben"]).entries == 2


@pytest.mark.parametrize("text", ["{", "[]", '{"../../x": "0"}', '{"0123456789abcdef": "00"}'])
def test_a_list_that_is_not_ours_moves_nothing(copies: Copies, text: str) -> None:
    (copies.paths["mara"] / "decided" / "merging.json").write_text(text)
    with pytest.raises((CaseError, StorageError)):
        copies.open("mara")


def test_what_stands_says_whose_it_is_and_who_signed_it_off(copies: Copies) -> None:
    decide(copies)
    with copies.open("mara") as workspace:
        a, b, c, d = accounts(workspace, 4)
        workspace.merging.merge(copies.paths["ben"])
        every = Scope(accounts=(a, b, c, d))
        found = workspace.reviewing.standing(every)
        assert sum(one.n_accounts for one in found) == 4
        assert {one.entry.analyst.name for one in found if one.mine} == {"Mara"}
        assert all(one.wants != one.mine for one in found)
        workspace.reviewing.sign_off(Scope(accounts=(b, d)), "read")
        (one,) = workspace.reviewing.standing(Scope(accounts=(b,)))
        assert (one.signed_by, one.signed_by_me, one.wants) == (("Mara",), True, False)
    with copies.open("ben", copies.paths["mara"]) as workspace:
        (one,) = workspace.reviewing.standing(Scope(accounts=(b,)))
        assert (one.mine, one.signed_by, one.signed_by_me) == (True, ("Mara",), False)
