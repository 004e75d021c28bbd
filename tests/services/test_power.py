"""What would have been found: planted in copies, kept trial by trial, the case itself untouched."""

from __future__ import annotations

import hashlib
import shutil
from collections import namedtuple
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pytest

from tests.command_line import workbench
from workbench.case.database import storage_error
from workbench.case.folder import Case
from workbench.domain.errors import (
    CancelledError,
    CaseError,
    InputError,
    NotAssessedError,
    StorageError,
)
from workbench.domain.exchange import CANONICAL_SCHEMA, Frame
from workbench.domain.finding import Verdict
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job, Progress
from workbench.domain.settings import AnalysisSettings
from workbench.evaluate.power import Trial, cells
from workbench.services import power_words
from workbench.services.export_scope import Scope
from workbench.services.open_case import OpenCase
from workbench.services.power import Plan, Power, unfound
from workbench.services.power_copy import Copies
from workbench.services.workspace import Workspace
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SETTINGS = AnalysisSettings(landmarks=100, cells=16)
ONE = Plan(sizes=(12,), shares=(1.0,))
#: Exchanges and accounts of the log.
LOG, ACCOUNTS = 560, 80
TWO = Plan(sizes=(12,), shares=(1.0, 0.5))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two logs that say of nobody who pays; the first lies in a case that was analysed."""
    folder = tmp_path_factory.mktemp("power")
    for name, seed, exchanges in (("log", 41, LOG), ("later", 42, 300)):
        traffic = simulate(
            replace(SCENARIOS["benign"], days=5), exchanges=exchanges, accounts=ACCOUNTS, seed=seed
        )
        place = CANONICAL_SCHEMA.get_field_index("payment_hash")
        payers = pa.nulls(traffic.exchanges.num_rows, pa.string())
        bare = traffic.exchanges.set_column(place, CANONICAL_SCHEMA.field(place), payers)
        kinds = [LogKind.parse("canonical.parquet")]
        write_logs(replace(traffic, exchanges=bare), folder / name, kinds, Job())
    with Workspace.create(folder / "log.case") as workspace:
        _import(workspace, folder / "log")
        workspace.analysing.run(SETTINGS, Job())
    return folder


@pytest.fixture
def case(folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(folder / "log.case", tmp_path / "here" / "log.case")


def _import(workspace: Workspace, logs: Path) -> None:
    frame = Frame(system="gateway", zone="UTC")
    workspace.importing.run([logs / "log-canonical.parquet"], frame, ReadOptions("UTC"), Job())


def _run(case: Path, plan: Plan, job: Job | None = None) -> Power:
    with Workspace.open(case) as workspace:
        workspace.detectability.run(plan, SETTINGS, job or Job())
        found = workspace.detectability.shown()
        assert found is not None
        return found


def _bytes(case: Path) -> dict[str, str]:
    return {
        str(path.relative_to(case)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(case.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def _counted(
    monkeypatch: pytest.MonkeyPatch, after: Callable[[int], None] | None = None
) -> list[int]:
    """How many accounts each campaign has that is really planted."""
    seen: list[int] = []
    plant = Copies.plant

    def counted(self: Copies, campaign: Any, seed: int, job: Any) -> Any:
        seen.append(campaign.n_accounts)
        found = plant(self, campaign, seed, job)
        if after is not None:
            after(len(seen))
        return found

    monkeypatch.setattr(Copies, "plant", counted)
    return seen


def test_only_the_table_is_added_to_the_case(case: Path) -> None:
    before = _bytes(case)
    found = _run(case, ONE)
    after = _bytes(case)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    published = {name for name in changed if name.startswith("computed/power.trials.")}
    assert len(published) == 1
    assert changed - published == {"computed/computed.duckdb"}
    assert [p.name for p in case.parent.iterdir()] == ["log.case"]
    (cell,) = found.cells
    assert (cell.accounts, cell.share, cell.prompts) == (12, 1.0, "grammar")
    (trial,) = cell.trials
    # As busy beside the case's accounts as hydra's are: 2.9 times the mean one.
    assert trial.exchanges == round(2.9 * 12 * LOG / ACCOUNTS)
    assert trial.harvested > 0.95 * trial.exchanges
    assert (found.stale, found.left, found.log_accounts) == (False, 0, ACCOUNTS)


def test_what_was_planted_is_what_is_analysed_and_lacks_what_the_log_lacks(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: dict[str, int] = {}
    take_over = Copies._take_over

    def look(self: Copies, copy: Any) -> None:
        engine = copy.engine()
        from workbench.analysis.signals.loading import _FILLED

        filled.update(engine.table(_FILLED).to_pylist()[0])
        engine.close()
        take_over(self, copy)

    monkeypatch.setattr(Copies, "_take_over", look)
    (cell,) = _run(case, ONE).cells
    planted = cell.trials[0].exchanges
    assert filled["exchanges"] == LOG + planted
    assert filled["prompt"] == LOG + planted
    assert filled["payment_hash"] == 0
    assert filled["ja3"] == LOG + planted


def test_what_is_done_is_not_done_again(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _counted(monkeypatch)
    first = _run(case, ONE)
    again = _run(case, ONE)
    assert seen == [12]
    assert again == first
    more = _run(case, replace(TWO, sizes=(12, 5)))
    # The new ones only; what was there stays in the table.
    assert sorted(seen[1:]) == [5, 5, 12]
    assert [(c.accounts, c.share) for c in more.cells] == [
        (5, 1.0), (5, 0.5), (12, 1.0), (12, 0.5),
    ]  # fmt: skip
    assert more.cells[2].trials == first.cells[0].trials


def test_a_cancelled_run_leaves_what_was_done_and_nothing_else(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job()
    seen = _counted(monkeypatch, lambda count: job.cancel() if count == 1 else None)
    with pytest.raises(CancelledError):
        _run(case, TWO, job)
    assert [p.name for p in case.parent.iterdir()] == ["log.case"]
    with Workspace.open(case, write=False) as workspace:
        found = workspace.detectability.shown()
    assert found is not None
    assert (len(found.trials), found.left) == (1, 1)
    assert any("1 campaign was not come to" in line for line in power_words.notes(found))
    # What is asked for is all there, though the run before did not come to all of its own.
    assert _run(case, ONE).left == 0
    assert len(seen) == 1
    assert _run(case, TWO).left == 0
    assert len(seen) == 2


def test_a_cancelled_analysis_leaves_nothing(case: Path) -> None:
    job = Job(interval=0.0)

    def stop(progress: Progress) -> None:
        if (progress.done or 0.0) > 0.3:
            job.cancel()

    job._listener = stop
    before = _bytes(case)
    with pytest.raises(CancelledError):
        _run(case, ONE, job)
    assert _bytes(case) == before
    assert [p.name for p in case.parent.iterdir()] == ["log.case"]


def test_what_a_killed_run_left_is_swept_and_the_case_opens(case: Path) -> None:
    # Beside a name that a pattern would read as another one.
    case = case.rename(case.parent / "a[1].case")
    left = case.parent / ".a[1].case.power-gone"
    (left / "copy.case").mkdir(parents=True)
    (left / "copy.case" / "given.duckdb").write_bytes(b"half")
    assert len(_run(case, ONE).trials) == 1
    assert [p.name for p in case.parent.iterdir()] == ["a[1].case"]


def test_a_failure_leaves_nothing_and_is_told(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_given = Case.copy_given

    def full(self: Case, path: Path, check: Callable[[], None]) -> None:
        copy_given(self, path, check)
        raise storage_error(OSError(28, "No space left on device"), f"The copy {path}")

    monkeypatch.setattr(Case, "copy_given", full)
    before = _bytes(case)
    with pytest.raises(StorageError, match="disk is full"):
        _run(case, ONE)
    assert _bytes(case) == before
    assert [p.name for p in case.parent.iterdir()] == ["log.case"]


def test_a_short_disk_is_told_before_anything_is_copied(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 10))
    before = _bytes(case)
    with pytest.raises(StorageError, match="GB beside it"):
        _run(case, ONE)
    assert _bytes(case) == before
    assert [p.name for p in case.parent.iterdir()] == ["log.case"]


def test_a_case_that_changed_since_says_so(case: Path, folder: Path) -> None:
    _run(case, ONE)
    with Workspace.open(case) as workspace:
        workspace.labelling.note("A decision changes nothing of what was found.")
        noted = workspace.detectability.shown()
        assert noted is not None
        assert not noted.stale
        _import(workspace, folder / "later")
        found = workspace.detectability.shown()
        assert found is not None
        assert found.stale
        assert power_words.notes(found)[0] == power_words.STALE
        with pytest.raises(NotAssessedError, match="changed since"):
            workspace.detectability.run(ONE, SETTINGS, Job())
        workspace.analysing.run(SETTINGS, Job())
        workspace.detectability.run(TWO, SETTINGS, Job())
        again = workspace.detectability.shown()
    assert again is not None
    assert not again.stale
    # What was planted in another log is in no table about this one.
    assert len(again.trials) == 2
    assert again.trials[0].exchanges != found.trials[0].exchanges


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (replace(ONE, sizes=()), "Nothing is planted"),
        (replace(ONE, sizes=(1,)), "fewer than two accounts"),
        (replace(ONE, shares=(0.0,)), "share is more than 0"),
        (replace(ONE, shares=(1.5,)), "share is more than 0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(case: Path, plan: Plan, said: str) -> None:
    with pytest.raises(InputError, match=said):
        _run(case, plan)


def test_a_case_that_cannot_be_written_is_refused_before_anything_is_planted(case: Path) -> None:
    with Workspace.open(case, write=False) as workspace, pytest.raises(CaseError, match="reading"):
        workspace.detectability.run(ONE, SETTINGS, Job())


def test_vectors_of_the_log_are_refused(case: Path) -> None:
    vectors = replace(SETTINGS, embedder="column:embedding")
    with Workspace.open(case) as workspace, pytest.raises(InputError, match="static"):
        workspace.detectability.run(ONE, vectors, Job())


def test_a_log_that_lends_nothing_says_so(folder: Path, tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "new.case") as workspace:
        with pytest.raises(NotAssessedError, match="not been analysed"):
            workspace.detectability.run(ONE, SETTINGS, Job())
        assert workspace.detectability.shown() is None


def test_nothing_found_is_told_with_what_would_have_been(case: Path) -> None:
    with Workspace.open(case) as workspace:
        quiet = workspace.browsing.accounts().to_pylist()[-1]["account_key"]
        before = workspace.browsing.explain(account=quiet)
        assert before.unfound == power_words.NOT_RUN
        assert power_words.TITLE in before.lines()
        workspace.detectability.run(ONE, SETTINGS, Job())
        found = workspace.detectability.shown()
        told = power_words.told_of_nothing(found)
        assert workspace.browsing.explain(account=quiet).as_dict()["unfound"] == told
        gathering = workspace.exporting.gathering
        content = gathering.content(Scope(accounts=(quiet,)), marking=None, job=Job())
    assert found is not None
    planted = content.method.planted
    assert planted is not None
    assert planted.rows == tuple(power_words.rows(found))
    assert planted.notes == power_words.notes(found)
    assert told.split(". ")[0] in " ".join(content.method.limits)


@pytest.mark.parametrize("verdict", [Verdict.MULTI_AXIS, Verdict.TRIAGE])
def test_where_something_was_found_nothing_is_added(case: Path, verdict: Verdict) -> None:
    with Case.open(case, write=False) as held:
        assert unfound(OpenCase(held), verdict) == ""
        assert unfound(OpenCase(held), Verdict.NO_FINDING)


def test_the_smallest_campaign_that_is_always_found_is_named() -> None:
    def trial(size: int, share: float, found: bool, repeat: int = 0) -> Trial:
        cluster = ("multi-axis", 2, 2) if found else ("", 0, 0)
        harvested = int(10 * size * share)
        return Trial("grammar", size, share, 0, repeat, 10 * size, harvested, 0, 0, 0, 0, *cluster)

    trials = [trial(20, 1.0, False), trial(60, 0.2, True), trial(60, 1.0, True)]
    trials += [trial(20, 0.6, True), trial(20, 0.6, False, 1)]
    told = power_words.told_of_nothing(Power(cells(trials), 0, False, 0))
    assert "60 accounts and harvested 120 exchanges" in told
    assert "found in 1 of 1 (95 % interval 0.03 to 1.00). " in told
    often = [trial(20, 1.0, True, repeat) for repeat in range(3)]
    again = power_words.told_of_nothing(Power(cells(often), 0, False, 0))
    # Clopper and Pearson by hand: all of three leave no less than .025 ** (1 / 3).
    assert f"found in 3 of 3 (95 % interval {0.025 ** (1 / 3):.2f} to 1.00)." in again
    none = power_words.told_of_nothing(Power(cells(trials[:1]), 0, False, 0))
    assert none.startswith("None of the planted campaigns was found")
    stale = power_words.told_of_nothing(Power(cells(trials), 0, True, 0))
    assert "60 accounts" not in stale
    assert "has changed since" in stale


def test_others_that_are_named_and_campaigns_too_large_for_the_log_are_told() -> None:
    def table(*named: int, accounts: int | None = None) -> Power:
        trials = [
            Trial("grammar", 20, 1.0, 0, k, 200, 200, 20, 20, n, n, "multi-axis", 20 + n, 20)
            for k, n in enumerate(named)
        ]
        return Power(cells(trials), 0, False, 0, accounts)

    column = power_words.HEAD.index("Others named")
    assert [row[column] for row in power_words.rows(table(3, 0, 1))] == ["4"]
    said = " ".join(power_words.notes(table(3, 0, 1)))
    assert "4 other accounts are named multi-axis only beside a planted campaign, in 2 of 3" in said
    assert "1 other account is named" in " ".join(power_words.notes(table(1)))
    assert "bystanders" not in " ".join(power_words.notes(table(0)))
    large = " ".join(power_words.notes(table(0, accounts=199)))
    assert "Campaigns of 20 accounts are more than a tenth of the log's 199 accounts" in large
    assert "a tenth" not in " ".join(power_words.notes(table(0, accounts=200)))
    assert "a tenth" not in " ".join(power_words.notes(table(0)))


def test_the_command_line_plants_and_shows(
    case: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert workbench("power", case, "--show") == 1
    assert f"Run: workbench power {case}" in capsys.readouterr().err
    prompts = tmp_path / "prompts"
    for side in ("campaign", "benign"):
        (prompts / side).mkdir(parents=True)
        lines = [{"prompt": f"{side} asks for number {i} of many things"} for i in range(90)]
        text = b"\n".join(map(orjson.dumps, lines))
        (prompts / side / "set.jsonl").write_bytes(text)
    asked = ("power", case, "--sizes", "5", "--shares", "1.0", "--repeats", "2")
    assert workbench(*asked, "--prompts", prompts, "--json") == 0
    captured = capsys.readouterr()
    told = orjson.loads(captured.out)
    assert "a tenth of the log" not in captured.err
    (cell,) = told["cells"]
    assert (cell["accounts"], cell["share"], cell["trials"]) == (5, 1.0, 2)
    assert cell["prompts"].startswith("prompts ")
    assert 0 <= cell["found_low"] <= cell["found"] / 2 <= cell["found_high"] <= 1
    assert workbench("power", case, "--show") == 0
    said = capsys.readouterr().out
    assert "exact 95 % interval" in said
    assert power_words.NOTES[2] in said
    assert "of 2 [" in said
    assert workbench("power", case, "--sizes", "5,9", "--shares", "2") == 2
    assert (
        "Campaigns of 9 accounts are more than a tenth of the log's 80" in capsys.readouterr().err
    )
    assert workbench("power", case, "--sizes", "many") == 2
    assert "--sizes takes numbers" in capsys.readouterr().err
