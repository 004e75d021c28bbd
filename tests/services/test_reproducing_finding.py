"""A finding computed again from its log alone, on another number of cores; lies in it are named."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.bundle.keys import TestKey
from tests.bundle.signed import seal_anew
from tests.command_line import workbench
from tests.services.regrown import campaign, case_of
from tests.services.traced import lines_of, untraced
from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.label import Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.export_scope import Scope
from workbench.services.reproducing import reproduce
from workbench.services.workspace import Workspace
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.scenario import SCENARIOS, Operator
from workbench.simulate.traffic import simulate

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_what_is_false_of_a_finding_is_named_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, _ = campaign(7, Operator())
    case = case_of(tmp_path / "before", before, 71)
    bundle = tmp_path / "bundle"
    with Workspace.open(case) as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one operator", cluster_id="C-001")
        workspace.exporting.run(Scope(clusters=("C-001",)), bundle, Job())
        content = workspace.exporting.gathering.content(
            Scope(clusters=("C-001",)), marking=None, job=Job()
        )
    stages = {one["stage"] for one in content.method.stages}
    lines = lines_of(bundle)
    assert untraced(content, lines) == []
    assert {line["how"].get("stage") for line in lines} - {None} <= stages
    accounts, clusters = bundle / "data" / "accounts.csv", bundle / "data" / "clusters.csv"
    members, found = rows_of(accounts), rows_of(clusters)
    left = members.pop(3)
    said = (found[0]["q"], found[0]["verdict"])
    found[0].update(q="0.0001", verdict="triage")
    write(accounts, members)
    write(clusters, found)
    seal_anew(bundle, TestKey("stranger"))
    # The case was analysed with two threads.
    logs = tmp_path / "before"
    assert workbench("reproduce", bundle, "--logs", logs, "--jobs", "1", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [tuple(one.values()) for one in told["differences"]] == [
        ("data/accounts.csv", f"account_key {left['account_key']}", "0 rows", "1 row"),
        ("data/clusters.csv", "cluster_id C-001, q", "0.0001", said[0]),
        ("data/clusters.csv", "cluster_id C-001, verdict", "triage", said[1]),
    ]
    assert told["files_same"] > 100
    assert told["files_different"] == 2


def test_the_baseline_that_accounts_were_ranked_among_is_asked_for(tmp_path: Path) -> None:
    """It is not in the bundle: without it, or with another, nothing is computed."""
    logs, ranked = tmp_path / "logs", tmp_path / "ranked"
    settings = AnalysisSettings(seed=7, landmarks=200, cells=16)
    traffic = simulate(SCENARIOS["benign"], exchanges=5_000, accounts=300, seed=5)
    logs.mkdir()
    write_logs(traffic, logs, [LogKind.parse("canonical.parquet")], Job())
    saved, other = tmp_path / "its.baseline", tmp_path / "other.baseline"
    with Workspace.create(tmp_path / "a.case") as case:
        case.importing.run([logs], Frame(system="sim"), ReadOptions(), Job())
        case.analysing.run(replace(settings, seed=8), Job())
        case.baselines.save(other)
        case.analysing.run(settings, Job())
        case.baselines.save(saved)
        case.analysing.run(replace(settings, baseline=str(saved)), Job())
        accounts = case.browsing.accounts().column("account_id").to_pylist()
        case.exporting.run(Scope(accounts=tuple(accounts[:5])), ranked, Job())
    moved = saved.rename(tmp_path / "moved.baseline")
    for wrong, words in ((None, "which is not in the bundle"), (other, "is another baseline")):
        with pytest.raises(InputError, match=words) as refused:
            reproduce(ranked, Job(), logs=[logs], baseline=wrong)
        assert "--baseline" in refused.value.remedy
    assert reproduce(ranked, Job(), logs=[logs], baseline=moved).differences == ()
