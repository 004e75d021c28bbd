"""kill -9 at any moment of an import, an analysis, a decision, an export.

The process is killed after a step chosen at random, and a random while into what comes next.
Then the case must open, verify, and hold what had been told as committed; and the same job, begun
again, must come to the same end as one that nobody killed.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import workbench
from tests.faults import victims
from tests.faults.trouble import (
    Analysed,
    account_table,
    cases,
    decided,
    digests,
    filled,
    given,
    laid_out,
)
from tests.services.cut_short import given as tables
from tests.services.cut_short import logical
from workbench.case.casefile import CaseFile
from workbench.case.journal import Journals
from workbench.domain.label import EntryKind, Label
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

if not hasattr(os, "fork"):
    pytest.skip("the victims are forked", allow_module_level=True)

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.warmed"])
#: Longest while between the step and the kill: as long as most steps take.
_WHILE = 0.05


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config"


def told(
    job: Callable[..., None], *given: object, at: int | None = None, pause: float = 0.0
) -> tuple[list[tuple[str, Any]], bool]:
    """Run a job; kill it ``pause`` seconds after step number ``at`` (from 0), if it lives so long.

    Returns:
        All that it told, and whether it was killed.
    """
    here, there = _FORKS.Pipe(duplex=False)
    victim = _FORKS.Process(target=job, args=(there, *given))
    victim.start()
    there.close()
    heard: list[tuple[str, Any]] = []
    try:
        while at is None or len(heard) <= at:
            heard.append(here.recv())
        victim.join(pause)
        victim.kill()
        while True:  # what it told while it was waited for
            heard.append(here.recv())
    except EOFError:
        pass
    victim.join()
    here.close()
    assert victim.exitcode in {0, -signal.SIGKILL}, victim.exitcode
    return heard, victim.exitcode != 0


def moment(rng: random.Random, n_steps: int) -> dict[str, Any]:
    return {"at": rng.randrange(n_steps), "pause": rng.random() ** 2 * _WHILE}


def test_import(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    case, log = tmp_path / "a.case", analysed.log
    laid_out(analysed.imported, case, config)
    before, entries = given(case), decided(case)
    steps, _ = told(victims.import_log, config, case, log)
    after = given(case)
    assert after["total"]["loaded"] == 2 * before["total"]["loaded"]
    n_killed = 0
    for number in cases(600, least=5):
        if number == 0 or given(case) != before:
            laid_out(analysed.imported, case, config)
        heard, killed = told(victims.import_log, config, case, log, **moment(rng, len(steps)))
        n_killed += killed
        with Workspace.open(case) as workspace:
            found = workspace.importing.provenance.info().as_dict()
        committed = ("imported", None) in heard
        # Whole or not at all; whole, if it was told so.
        assert _less_time(found) in (_less_time(after), _less_time(before))
        assert not committed or _less_time(found) == _less_time(after)
        assert decided(case)[: len(entries)] == entries
    assert n_killed
    assert workbench("import", case, log, "--system", "another") == 0
    assert _less_time(given(case)) == _less_time(after)


def test_resume(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    """Killed up to three times, then gone on with to the end, or taken back."""
    case, log = tmp_path / "a.case", analysed.log
    laid_out(analysed.imported, case, config)
    before = tables(case)
    steps, _ = told(victims.import_on, config, case, log)
    whole = tables(case)
    assert whole != before
    n_left = 0
    for _ in cases(400, least=5):
        laid_out(analysed.imported, case, config)
        for _ in range(rng.randrange(1, 4)):
            told(victims.import_on, config, case, log, **moment(rng, len(steps)))
        with Workspace.open(case) as workspace:
            left = workspace.importing.interrupted()
            n_left += left is not None
            taken_back = left is not None and n_left % 3 == 2
            if taken_back:
                workspace.importing.roll_back()
        if taken_back:
            assert tables(case) == before
        _, killed = told(victims.import_on, config, case, log)
        assert not killed
        assert tables(case) == whole
    assert n_left


def test_join(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    case, table = tmp_path / "a.case", account_table(tmp_path / "accounts.csv", analysed.imported)
    laid_out(analysed.imported, case, config)
    without, entries = filled(case), decided(case)
    steps, _ = told(victims.join, config, case, table)
    assert filled(case) == without
    assert workbench("join", case, "--accounts", table) == 0
    complete = filled(case)
    assert complete != without
    n_killed = 0
    for _ in cases(100, least=5):
        laid_out(analysed.imported, case, config)
        heard, killed = told(victims.join, config, case, table, **moment(rng, len(steps)))
        n_killed += killed
        found, words = filled(case), {word for word, _ in heard}
        # Whole or not at all; there, and gone, where it was told so.
        assert found in (without, complete)
        assert "removed" not in words or found == without
        assert decided(case)[: len(entries)] == entries
        assert workbench("join", case, "--accounts", table) == 0
        assert filled(case) == complete
    assert n_killed


def test_analyse(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    case = tmp_path / "a.case"
    laid_out(analysed.imported, case, config)
    steps, _ = told(victims.analyse, config, case)
    reference = digests(case)
    assert reference == analysed.digests
    there: dict[str, str] = reference
    n_killed = 0
    for _ in cases(100, least=5):
        if there == reference:  # it came to its end
            laid_out(analysed.imported, case, config)
            there = {}
        heard, killed = told(victims.analyse, config, case, **moment(rng, len(steps)))
        n_killed += killed
        there |= dict(what for word, what in heard if word == "published")
        Workspace.open(case).close()
        found = digests(case)
        assert there.items() <= found.items() <= reference.items()
        there = found
        _only_what_is_named(case)
        # A run that was killed shows as abandoned, unless it had written its last word before.
        assert _states(case)[0] == "done" or (killed and _states(case)[0] == "abandoned")
        assert _states(case)[0] == "abandoned" or found == reference
    assert n_killed
    assert workbench("analyse", case) == 0
    assert digests(case) == reference


def test_decide(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    case = tmp_path / "a.case"
    after: list[str] = []
    for number in cases(8_000, least=20):
        if number % 40 == 0:
            laid_out(analysed.case, case, config)
            after = decided(case)
        before = after
        heard, killed = told(victims.decide, config, case, **moment(rng, 12))
        assert killed
        acknowledged = [what for word, what in heard if word == "decided"]
        Workspace.open(case).close()
        after = decided(case)
        # Every decision that was told stands; one more may have been written and not yet told.
        assert after[: len(before) + len(acknowledged)] == before + acknowledged
        assert len(after) <= len(before) + len(acknowledged) + 1


def test_merge(
    analysed: Analysed,
    tmp_path: Path,
    config: Path,
    rng: random.Random,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, copy = tmp_path / "a.case", tmp_path / "copy.case"
    for path, label in ((copy, Label.BENIGN), (case, Label.SUSPECTED)):
        # The one who merges is who decided in the case; the copy is somebody else's.
        laid_out(analysed.case, path)
        own = config if path == case else tmp_path / "other-config"
        monkeypatch.setenv("WORKBENCH_CONFIG", str(own))
        with Workspace.open(path) as workspace:
            workspace.labelling.note("looked at the hours")
            workspace.labelling.label(label, "one grid", accounts=[analysed.account])
    ours, theirs = set(decided(case)), set(decided(copy))
    shutil.copytree(case / "decided", tmp_path / "before")
    steps, _ = told(victims.merge, config, case, copy)
    assert steps[-1] == ("merged", None)
    n_killed = 0
    for _ in cases(1_500, least=15):
        shutil.rmtree(case / "decided")
        shutil.copytree(tmp_path / "before", case / "decided")
        shutil.rmtree(config / "heads")
        heard, killed = told(victims.merge, config, case, copy, **moment(rng, len(steps)))
        n_killed += killed
        Workspace.open(case).close()
        now = set(decided(case))
        # All that the copy brings or nothing of it; all of it, and who merged, where that was told.
        assert ours <= now
        assert now & theirs in (theirs, ours & theirs)
        assert ("merged", None) not in heard or len(now - ours - theirs) == 1
        assert not list((case / "decided").glob("*merging*"))
        with Workspace.open(case) as workspace:
            workspace.merging.merge(copy)
        assert theirs <= set(decided(case))
    assert n_killed


def test_export(
    analysed: Analysed,
    tmp_path: Path,
    config: Path,
    rng: random.Random,
) -> None:
    case, out = tmp_path / "a.case", tmp_path / "out" / "bundle"
    laid_out(analysed.case, case, config)
    account = analysed.account
    steps, _ = told(victims.export, config, case, account, out)
    assert workbench("verify", out) == 0
    n_killed = 0
    for _ in cases(500, least=5):
        shutil.rmtree(out.parent)
        entries = decided(case)
        heard, killed = told(victims.export, config, case, account, out, **moment(rng, len(steps)))
        n_killed += killed
        # Under its name there is a whole bundle or nothing.
        assert not out.exists() or workbench("verify", out) == 0
        assert ("exported", None) not in heard or out.exists()
        left = out.parent.iterdir() if out.parent.exists() else []
        assert all(p == out or (p.name.startswith(".") and p.suffix == ".partial") for p in left)
        Workspace.open(case).close()
        assert decided(case)[: len(entries)] == entries
        assert digests(case) == analysed.digests
        out.parent.mkdir(exist_ok=True)
    assert n_killed
    shutil.rmtree(out, ignore_errors=True)
    assert workbench("export", case, "--account", account, "--out", out) == 0
    assert workbench("verify", out) == 0


def _less_time(info: dict[str, Any]) -> str:
    """What a case was given, whenever that was."""
    return repr(_without(info, {"opened", "closed", "imported", "at", "opened_us", "closed_us"}))


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(of, names) for key, of in value.items() if key not in names}
    if isinstance(value, list | tuple):
        return [_without(item, names) for item in value]
    return value


def _states(case: Path) -> list[str]:
    with Workspace.open(case, write=False) as workspace:
        entries = workspace._held.case.journals.entries()
        assert any(entry.kind is EntryKind.RUN for entry in entries)
        return [str(state) for state in workspace.browsing.runs().column("state").to_pylist()]


def _only_what_is_named(case: Path) -> None:
    """After an open for writing no file is left that no stage published."""
    with Workspace.open(case, write=False) as workspace:
        named = {file.path for file in workspace._held.case.artifacts._files.values()}
    on_disk = {path.name for path in (case / "computed").iterdir() if path.is_file()}
    assert on_disk - named <= {"computed.duckdb", "computed.duckdb.wal"}


def test_repair(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    case, rows = tmp_path / "a.case", logical(analysed.case)

    def broken() -> None:
        laid_out(analysed.case, case, config)
        (case / "given.duckdb").unlink()
        next((case / "computed").glob("accounts.*.arrow")).unlink()

    broken()
    before = entries_of(case)
    steps, _ = told(victims.repair, config, case, analysed.log.parent)
    n_killed = 0
    for _ in cases(100, least=3):
        broken()
        place = moment(rng, len(steps))
        heard, killed = told(victims.repair, config, case, analysed.log.parent, **place)
        n_killed += killed
        # Without given, as it was before, or with a whole one.
        assert workbench("info", case) == (0 if (case / "given.duckdb").exists() else 2)
        assert ("swap", None) not in heard or (case / "given.duckdb").exists()
        assert workbench("repair", case, "--logs", analysed.log.parent) == 0
        assert logical(case) == rows
        assert digests(case) == analysed.digests
        entries = entries_of(case)
        assert entries[: len(before)] == before
        told_of = {body["aside"] for kind, body in entries if kind is EntryKind.REPAIR}
        assert told_of == {f"damaged/{path.name}" for path in (case / "damaged").iterdir()}
    assert n_killed


def test_a_repair_killed_while_it_computes_is_gone_on_with(
    analysed: Analysed, tmp_path: Path, config: Path
) -> None:
    """What it had begun to compute is not taken for an analysis that somebody else began."""
    case, logs = tmp_path / "a.case", analysed.log.parent
    laid_out(analysed.case, case, config)
    next((case / "computed").glob("accounts.*.arrow")).unlink()
    shutil.copytree(case, tmp_path / "broken.case")
    steps, _ = told(victims.repair, config, case, logs)
    laid_out(tmp_path / "broken.case", case, config)
    for _ in range(2):
        _, killed = told(
            victims.repair, config, case, logs, at=steps.index(("step", "Counting accounts"))
        )
        assert killed
    assert workbench("repair", case) == 0
    assert digests(case) == analysed.digests


def test_purge(analysed: Analysed, tmp_path: Path, config: Path, rng: random.Random) -> None:
    case, account = tmp_path / "a.case", analysed.account
    laid_out(analysed.case, case, config)
    whole = given(case)["counts"]["exchanges"]
    steps, _ = told(victims.purge, config, case, account)
    left = rows_of(case)
    n_left = given(case)["counts"]["exchanges"]
    assert n_left < whole
    n_killed = 0
    for _ in cases(100, least=4):
        laid_out(analysed.case, case, config)
        heard, killed = told(victims.purge, config, case, account, **moment(rng, len(steps)))
        n_killed += killed
        # Read as it lies: as it was, or without what was to be erased.
        assert given(case)["counts"]["exchanges"] in (whole, n_left)
        Workspace.open(case).close()
        asked = [kind for kind, _ in entries_of(case)].count(EntryKind.PURGE)
        assert given(case)["counts"]["exchanges"] == (n_left if asked else whole)
        assert asked or not {"append", "purged"} & {name for name, _ in heard}
        if asked:
            assert rows_of(case) == left
            assert not [path for path in case.rglob("*") if path.suffix in {".npy", ".arrow"}]
        assert not (case / "purging").exists()
    assert n_killed


def rows_of(case: Path) -> dict[str, str]:
    """What was given, but for the digest of the entry that erased some of it: of each run anew."""
    return {table: digest for table, digest in logical(case).items() if table != "purged"}


def entries_of(case: Path) -> list[tuple[EntryKind, dict[str, Any]]]:
    """What the journals say, also of a case that does not open."""
    journals = Journals(case / "decided", case_id=CaseFile.read(case / "case.toml").id, write=False)
    return [(entry.kind, entry.body) for entry in journals.entries()]
