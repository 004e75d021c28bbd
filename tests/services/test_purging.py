"""What is purged is gone from every file of the case, stays gone, and stays accounted for."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from workbench.case.folder import Case
from workbench.domain.added import AddedKind
from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.label import EntryKind, Label
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.domain.selection import SelectionDefinition
from workbench.domain.settings import AnalysisSettings
from workbench.services.purging import purge
from workbench.services.repairing import repair
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "zirconiumcanary"
_ROWS = Statement(
    "all",
    "SELECT e.exchange_id, e.record_no, a.value, p.text, e.completion FROM exchange AS e "
    "LEFT JOIN identity AS a ON e.account_id = a.identity_id "
    "LEFT JOIN prompt AS p ON e.prompt_id = p.prompt_id ORDER BY e.exchange_id",
)


def line(i: int) -> dict[str, object]:
    secret = f" {CANARY}-{i}" if i % 5 == 3 else ""
    return {
        "request_id": f"r{i}",
        "ts": f"2026-03-{1 + i // 5:02d}T10:00:00Z",
        "account_id": f"key-{CANARY}" if secret else f"key-{i % 5}",
        "ip": f"10.9.8.{i}",
        "user_agent": f"agent/{i % 5}{secret}",
        "system": f"Be brief{secret}",
        "prompt": f"question {i // 2}{secret}",
        "completion": f"answer {i}{secret}",
        "reasoning": f"because{secret}",
        "session_id": f"s{i}{secret}",
    }


def log(path: Path, first: int = 0, n: int = 50) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps(line(i)) for i in range(first, first + n)]
    path.write_text("\n".join([*rows, f'{{"broken {CANARY}"', ""]), "utf-8")
    return path


def bring(case: Path, *logs: Path) -> None:
    with Workspace.open_or_create(case) as workspace:
        frame = Frame(system="gateway", zone="UTC")
        workspace.importing.run(list(logs), frame, ReadOptions(zone="UTC"), Job())


@pytest.fixture
def case(tmp_path: Path) -> Path:
    bring(tmp_path / "harbour.case", log(tmp_path / "logs" / "a.jsonl"))
    return tmp_path / "harbour.case"


def rows(case: Path) -> list[dict[str, object]]:
    with Workspace.open(case, write=False) as workspace, workspace._held.engine() as engine:
        found: list[dict[str, object]] = engine.table(_ROWS).to_pylist()
        return found


def holding(case: Path, *, journals: bool = False) -> list[str]:
    """Files that hold the canary; the journal names the account that was purged."""
    return [
        str(path.relative_to(case))
        for path in case.rglob("*")
        if path.is_file()
        and (journals or path.suffix != ".jsonl")
        and CANARY.encode() in path.read_bytes()
    ]


def test_by_account_its_bytes_are_gone_from_every_file(case: Path) -> None:
    before = rows(case)
    (case / "computed" / "old.npy").write_bytes(CANARY.encode())
    (case / "damaged" / "then").mkdir(parents=True)
    shutil.copy(case / "given.duckdb", case / "damaged" / "then")
    done = purge(case, Job(), "erasure request 7", accounts=[f"key-{CANARY}"])
    assert done.n_exchanges == 10
    assert holding(case) == []
    assert rows(case) == [row for row in before if row["value"] != f"key-{CANARY}"]
    with Workspace.open(case, write=False) as workspace:
        (entry,) = (e for e in workspace._held.book().entries if e.kind is EntryKind.PURGE)
        assert entry.body["why"] == "erasure request 7"
        assert entry.body["sha256"] == done.sha256
        assert workspace.labelling.history()[0].what.startswith("Purged 10 exchanges, SHA-256 ")
        info = workspace.importing.provenance.info()
        # Each record has the fate that it had; that some are gone is told beside.
        assert info.accounting.loaded == 50
        assert info.accounting.records == 51
        assert (info.counts["exchanges"], info.counts["purged"]) == (40, 10)


def test_by_date_and_again(case: Path) -> None:
    done = purge(case, Job(), "90 days", before_us=1_772_668_800_000_000)  # 2026-03-05
    assert done.n_exchanges == 20
    assert [row["exchange_id"] for row in rows(case)] == list(range(20, 50))
    again = purge(case, Job(), "90 days", before_us=1_772_755_200_000_000)
    assert again.n_exchanges == 5
    with pytest.raises(InputError, match="nothing to erase"):
        purge(case, Job(), "90 days", before_us=1_772_755_200_000_000)
    assert len(rows(case)) == 25


def test_a_copy_of_the_log_does_not_bring_it_back(case: Path, tmp_path: Path) -> None:
    purge(case, Job(), "x", accounts=[f"key-{CANARY}"])
    bring(case, log(tmp_path / "logs" / "b.jsonl", 0, 60))
    found = rows(case)
    assert [row["record_no"] for row in found if row["value"] == f"key-{CANARY}"] == [54, 59]
    assert len(found) == 50
    assert purge(case, Job(), "x", accounts=[f"key-{CANARY}"]).n_exchanges == 2


def test_a_repair_does_not_bring_it_back(case: Path, tmp_path: Path) -> None:
    purge(case, Job(), "x", accounts=[f"key-{CANARY}"])
    bring(case, log(tmp_path / "logs" / "b.jsonl", 50, 10))
    whole = rows(case)
    assert sum(row["value"] == f"key-{CANARY}" for row in whole) == 2
    (case / "given.duckdb").unlink()
    repair(case, Job(), logs=[tmp_path / "logs"])
    assert rows(case) == whole
    with Workspace.open(case, write=False) as workspace:
        assert workspace.importing.provenance.info().counts["purged"] == 10


def test_a_repair_keeps_no_file_that_may_hold_what_was_purged(case: Path, tmp_path: Path) -> None:
    given = case / "given.duckdb"
    before = given.read_bytes()
    purge(case, Job(), "x", accounts=[f"key-{CANARY}"])
    purged = given.read_bytes()
    bring(case, log(tmp_path / "logs" / "b.jsonl", 60, 3))
    whole = rows(case)
    for older, kept in ((before, False), (before[: len(before) // 2], False), (purged, True)):
        given.write_bytes(older)
        report = repair(case, Job(), logs=[tmp_path / "logs"])
        assert ("was not kept" in report.given) is not kept
        assert (case / report.aside / "given.duckdb").exists() is kept
        assert rows(case) == whole
        assert not [name for name in holding(case) if name.startswith("damaged")]


def test_what_a_kill_left_is_carried_out_at_the_next_open(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("workbench.case.folder.carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            purge(case, Job(), "x", accounts=[f"key-{CANARY}"])
    assert len(rows(case)) == 50
    Case.open(case).close()
    assert len(rows(case)) == 40
    assert holding(case) == []


def test_rows_of_added_tables_go_and_the_case_is_analysed_again(case: Path, tmp_path: Path) -> None:
    table = tmp_path / "accounts.csv"
    table.write_text(f"account_id,plan,declared_use\nkey-{CANARY},pro,{CANARY}\nkey-1,free,\n")
    with Workspace.open(case) as workspace:
        workspace.joining.add(AddedKind.ACCOUNTS, table, Job())
    purge(case, Job(), "x", accounts=[f"key-{CANARY}"])
    assert holding(case) == []
    with Workspace.open(case) as workspace:
        assert workspace.joining.tables()[0].accounting.loaded == 2
        workspace.analysing.run(AnalysisSettings(), Job())
        assert workspace.browsing.n_accounts == 4
        assert workspace.browsing.prompts(SelectionDefinition(), 0, 64).n_exchanges == 40
        assert workspace.exchanges.texts(49).prompt is not None
        with pytest.raises(InputError, match="no exchange 3"):
            workspace.exchanges.texts(3)
    assert holding(case) == []


def test_labels_stay_and_the_analysis_runs_on(harbour: Path) -> None:
    with Workspace.open(harbour) as workspace:
        workspace.labelling.label(Label.SUSPECTED, "x", accounts=["key-000", "key-001"])
    purge(harbour, Job(), "x", accounts=["key-000"])
    with Workspace.open(harbour) as workspace:
        assert not workspace.browsing.analysed
        assert len(workspace._held.labels()) == 2
        assert workspace.browsing.info().n_exchanges == 460
        assert workspace.browsing.info().n_accounts == 23


def test_what_is_refused(case: Path) -> None:
    for why, kwargs, said in (
        (" ", {"accounts": ["key-1"]}, "no reason"),
        ("x", {}, "accounts or a date"),
        ("x", {"accounts": ["nobody"]}, "no account nobody"),
        ("x", {"before_us": 0}, "nothing to erase"),
    ):
        with pytest.raises(InputError, match=said):
            purge(case, Job(), why, **kwargs)
    with Workspace.open(case) as workspace:
        workspace.policies.set({"legal_hold": True}, "order 12/26")
    with pytest.raises(InputError, match="legal hold"):
        purge(case, Job(), "x", accounts=["key-1"])
    assert len(rows(case)) == 50
