"""Tables beside the logs as a use case: what they change in results, words and the journal."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.formats.mmdb import mmdb
from tests.services.planted import BEGIN_US, DAY_US, Planted, plant
from workbench.analysis.run import stages
from workbench.domain.account import AccountKey
from workbench.domain.added import AddedKind
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import Frame
from workbench.domain.label import EntryKind
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.services.evidence import Evidence
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = "SELECT account_id AS code FROM account WHERE value = 'key-00000'"
SMALL = AnalysisSettings(landmarks=200, cells=16)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Workspace]:
    """A case whose log says nothing of sign-ups and suspensions, with a reading."""
    with Workspace.open(plant().fill(tmp_path / "silent.case"), analyst="Mara") as workspace:
        yield workspace


def table(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def day(number: int) -> str:
    moment = dt.datetime.fromtimestamp((BEGIN_US + number * DAY_US) // 1_000_000, dt.UTC)
    return moment.isoformat()


def rows(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    with workspace._held.engine() as engine:
        found: list[dict[str, Any]] = engine.table(Statement("asked", text)).to_pylist()
    return found


def key(number: int) -> str:
    return f"key-{number:05x}"


def test_sign_ups_and_bans_of_tables_are_moments(silent: Workspace, tmp_path: Path) -> None:
    chosen = [AccountKey.parse(f"key:gateway:{key(n)}") for n in (0, 1)]
    assert silent.browsing.timeline(chosen, 60).signed_up.size == 0
    accounts = table(tmp_path / "a.csv", f"account_id,created_at\n{key(0)},{day(-1)}\n")
    events = table(tmp_path / "e.csv", f"account_id,at,event\n{key(1)},{day(2)},banned\n")
    silent.joining.add(AddedKind.ACCOUNTS, accounts, Job())
    report = silent.joining.add(AddedKind.EVENTS, events, Job())
    assert report.changes.given
    found = silent.browsing.timeline(chosen, 60)
    assert found.signed_up.tolist() == [BEGIN_US - DAY_US]
    assert found.suspended.tolist() == [BEGIN_US + 2 * DAY_US]
    silent.joining.remove(1)
    silent.joining.remove(2)
    found = silent.browsing.timeline(chosen, 60)
    assert found.signed_up.size == found.suspended.size == 0


def test_an_account_is_told_what_is_known_and_from_where(silent: Workspace, tmp_path: Path) -> None:
    assert silent.browsing.explain(account=key(0)).beside == ()
    text = f"account_id,plan,signup_address,parent\n{key(0)},pro <b>\u202e,192.0.2.1,Acme\n"
    path = table(tmp_path / "a.csv", text)
    report = silent.joining.add(AddedKind.ACCOUNTS, path, Job(), mapping={"parent_org": "parent"})
    bans = table(tmp_path / "e.csv", f"account_id,at,event,reason\n{key(0)},{day(0)},ban,abuse\n")
    silent.joining.add(AddedKind.EVENTS, bans, Job())
    told = silent.browsing.explain(account=key(0))
    assert [(one.field, one.value, one.added_id) for one in told.beside] == [
        ("parent_org", "Acme", 1),
        ("plan", "pro <b>\u202e", 1),
        ("signup_address", "192.0.2.1", 1),
        ("ban", "2026-05-01 00:00:00 UTC, abuse", 2),
    ]
    assert {one.sha256 for one in told.beside[:3]} == {report.table.sha256}
    lines = told.lines()
    assert f"  Plan: pro <b><U+202E>, {path} (table 1)" in lines
    assert told.as_dict()["beside"][0]["path"] == str(path)
    assert silent.browsing.explain(account=key(1)).beside == ()


def test_what_the_logs_say_themselves_is_told_as_not_used(tmp_path: Path) -> None:
    text = f"account_id,created_at,payment_hash\n{key(3)},{day(9)},p\n"
    with Workspace.open(plant(moments=True).fill(tmp_path / "m.case")) as workspace:
        path = table(tmp_path / "a.csv", text)
        workspace.joining.add(AddedKind.ACCOUNTS, path, Job())
        told = workspace.browsing.explain(account=key(3))
    assert [(one.field, one.used) for one in told.beside] == [
        ("created_at", False), ("payment_hash", True),
    ]  # fmt: skip
    (line,) = [line for line in told.lines() if "Signed up: 2026-05-10" in line]
    assert line.endswith("not used, the logs say it themselves")


def test_the_journal_records_what_was_added_and_taken_out(
    silent: Workspace, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", f"account_id,plan\n{key(0)},pro\nnobody,pro\n")
    silent.joining.add(AddedKind.ACCOUNTS, path, Job())
    again = silent.joining.add(AddedKind.ACCOUNTS, path, Job())
    assert again.already
    assert not again.changes.given
    silent.joining.remove(1)
    out, into = [
        entry
        for entry in reversed(silent._held.case.journals.entries())
        if entry.kind is EntryKind.JOIN
    ]
    assert (into.body["action"], out.body["action"]) == ("added", "removed")
    assert (into.body["loaded"], into.body["matched"], into.body["unmatched"]) == (2, 1, 1)
    assert into.body["sha256"] == out.body["sha256"]
    what = silent.browsing.journal().column("what").to_pylist()
    assert f"Took out the table of accounts {path}" in what
    assert f"Added the table of accounts {path}" in what
    # A record, no decision: there is nothing to undo.
    assert not silent.labelling.can_undo
    # The same file read in another way is another table.
    silent.joining.add(AddedKind.ACCOUNTS, path, Job(), mapping={"declared_use": "plan"})
    assert [one.added_id for one in silent.joining.tables()] == [2]


def test_what_cannot_be_used_changes_nothing(silent: Workspace, tmp_path: Path) -> None:
    before = silent._held.case.digest()
    entries = len(silent._held.case.journals.entries())
    for text, part in [
        ("account_id,plan\n", "has no rows"),
        ("account_id,plan\n,a\n,b\n", r"2 records were rejected \(record 2: no account"),
        ("account_id\n", "no column"),
    ]:
        path = table(tmp_path / "a.csv", text)
        with pytest.raises(InputError, match=part) as caught:
            silent.joining.add(AddedKind.ACCOUNTS, path, Job())
        assert str(path) in caught.value.fact
    with pytest.raises(InputError, match="does not exist"):
        silent.joining.add(AddedKind.ACCOUNTS, tmp_path / "none.csv", Job())
    job = Job()
    job.cancel()
    path = table(tmp_path / "a.csv", f"account_id,plan\n{key(0)},pro\n")
    with pytest.raises(CancelledError):
        silent.joining.add(AddedKind.ACCOUNTS, path, job)
    with pytest.raises(InputError, match="no added table 1"):
        silent.joining.remove(1)
    assert silent.joining.tables() == ()
    assert silent._held.case.digest() == before
    assert len(silent._held.case.journals.entries()) == entries


def test_doubts_name_conflicts_rejects_strangers_and_columns(
    silent: Workspace, tmp_path: Path
) -> None:
    text = "account_id,plan,colour\na,x,red\na,y,red\n,z,red\n"
    report = silent.joining.add(AddedKind.ACCOUNTS, table(tmp_path / "a.csv", text), Job())
    said = " ".join(doubt.typed for doubt in report.doubts)
    for part in (
        "1 record (the first: 3)",
        "workbench rejects CASE",
        "None of the accounts",
        "colour",
    ):
        assert part in said
    (reject,) = silent.importing.provenance.added_rejects().to_pylist()
    assert (reject["record_no"], reject["raw"]) == (4, b",z,red")


def test_addresses_of_a_later_import_are_told_and_then_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "geo.mmdb"
    path.write_bytes(
        mmdb({"192.0.2.0/24": {"country": {"iso_code": "NL"}, "asn": 64500}, "203.0.113.0/24": {}})
    )
    log = table(
        tmp_path / "a.jsonl",
        '{"account_id":"a","prompt":"x","ip":"192.0.2.1","country":"DE"}\n'
        '{"account_id":"b","prompt":"y","ip":"198.51.100.1"}\n{"account_id":"c","prompt":"z"}\n',
    )
    later = table(tmp_path / "b.jsonl", '{"account_id":"d","prompt":"w","ip":"192.0.2.9"}\n')
    with Workspace.create(tmp_path / "a.case") as workspace:
        with pytest.raises(InputError, match="Import logs with addresses first"):
            workspace.joining.add(AddedKind.ADDRESSES, path, Job())
        workspace.importing.run([log], Frame(), ReadOptions(), Job())
        first = workspace.joining.add(AddedKind.ADDRESSES, path, Job())
        assert first.table.accounting.as_dict()["records"] == 2
        assert (first.table.matched, first.table.unmatched) == (1, 1)
        assert rows(
            workspace, "SELECT country, asn, asn_by FROM exchange ORDER BY exchange_id"
        ) == [
            {"country": "DE", "asn": 64500, "asn_by": 1},
            {"country": None, "asn": None, "asn_by": None},
            {"country": None, "asn": None, "asn_by": None},
        ]
        assert workspace.joining.add(AddedKind.ADDRESSES, path, Job()).already
        told = workspace.importing.run([later], Frame(), ReadOptions(), Job()).doubts
        assert any(f"1 address came after {path}" in doubt.fact for doubt in told)
        more = workspace.joining.add(AddedKind.ADDRESSES, path, Job())
        assert (more.table.added_id, more.table.accounting.records) == (1, 3)
        assert rows(workspace, "SELECT country FROM exchange")[-1] == {"country": "NL"}
        nothing = tmp_path / "other.mmdb"
        nothing.write_bytes(mmdb({"10.0.0.0/8": {"country": {"iso_code": "US"}}}))
        with pytest.raises(InputError, match="neither country nor network of any of the 3"):
            workspace.joining.add(AddedKind.ADDRESSES, nothing, Job())


def published(workspace: Workspace) -> dict[str, str]:
    return {stage.stage: stage.digest for stage in workspace._held.case.artifacts.stages()}


def test_the_analysis_follows_what_is_added(planted: Planted, tmp_path: Path) -> None:
    """Stages that read what a table fills are computed anew, the others are current."""
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in planted.rows))
    lines = [f"{key(n)},{day(-n % 5)},p{n % 3}\n" for n in range(40)]
    path = table(tmp_path / "a.csv", "account_id,created_at,payment_hash\n" + "".join(lines))
    with Workspace.create(tmp_path / "a.case") as workspace:
        workspace.importing.run([log], Frame(), ReadOptions(), Job())
        workspace.analysing.run(SMALL, Job())
        before = published(workspace)
        assert all(stage.skipped for stage in workspace.analysing.run(SMALL, Job()).stages)
        workspace.joining.add(AddedKind.ACCOUNTS, path, Job())
        ran = {s.stage for s in workspace.analysing.run(SMALL, Job()).stages if not s.skipped}
        assert {"signals", "entities", "clusters", "examine"} <= ran
        assert ran <= {stage.name for stage in stages() if stage.added}
        assert published(workspace)["signals"] != before["signals"]
        specs = workspace._held.artifacts.table("signals", "specs").to_pylist()
        lacking = {s["name"] for s in specs if "account_created_at" in (s["not_assessed"] or "")}
        assert not lacking
        workspace.joining.remove(1)
        workspace.analysing.run(SMALL, Job())
        assert published(workspace) == before


def test_the_report_names_the_tables(planted: Planted, tmp_path: Path) -> None:
    from workbench.services import custody

    with Workspace.open(planted.fill(tmp_path / "a.case")) as workspace:
        path = table(tmp_path / "a.csv", f"account_id,plan\n{key(0)},pro\n")
        sha256 = workspace.joining.add(AddedKind.ACCOUNTS, path, Job()).table.sha256
        case, facts = workspace._held.case, {
            "q_nominal": True, "not_assessed": (), "too_little": (), "n_undated": 0, "gaps": [],
            "n_null": 0, "measures": (), "power": None,
        }  # fmt: skip
        limits = custody.method(case, workspace._held.results(), (), facts).limits
    assert [line for line in limits if sha256 in line and str(path) in line]


def test_rows_of_a_bundle_are_as_the_logs_have_them(silent: Workspace, tmp_path: Path) -> None:
    """Copies for replays and planted campaigns read them with what is filled."""
    path = table(tmp_path / "a.csv", f"account_id,payment_hash,organisation\n{key(0)},p,Acme\n")
    silent.joining.add(AddedKind.ACCOUNTS, path, Job())
    chosen = pa.table(
        {
            "account_id": pa.array([row["code"] for row in rows(silent, FIRST)], pa.int32()),
            "account_key": [f"key:gateway:{key(0)}"],
            "cluster_id": pa.array([None], pa.string()),
            "subject": pa.array([0], pa.int32()),
        }
    )
    evidence = Evidence(silent._held, chosen)
    for filled, expected in ((False, {None}), (True, {"p"})):
        found = pa.Table.from_batches(evidence.stream(filled=filled))
        assert found.num_rows > 1
        assert set(found.column("payment_hash").to_pylist()) == expected
