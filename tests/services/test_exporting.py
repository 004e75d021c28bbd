import csv
import datetime as dt
import filecmp
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pypdf
import pytest

from tests.bundle.made_up import MENAGERIE, bounded
from tests.services import exported
from workbench.domain.errors import CancelledError, InputError, NotAssessedError
from workbench.domain.label import EntryKind, Label
from workbench.domain.progress import Job
from workbench.services.export_scope import MARKINGS, Scope, tlp_mark
from workbench.services.workspace import Workspace


@pytest.fixture
def workspace(harbour: Path) -> Iterator[Workspace]:
    with Workspace.open(harbour, analyst="M. Keller") as workspace:
        yield workspace


def text_of(bundle: Path) -> str:
    reader = pypdf.PdfReader(bundle / "data" / "report.pdf")
    pages = (" ".join(page.extract_text().split()) for page in reader.pages)
    return "\n".join(pages).replace("\u200b", "")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_cluster_becomes_a_verified_bundle(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    assert report.verified.intact
    assert report.verified.trusted
    assert (report.n_accounts, report.n_exchanges) == (8, 160)
    assert report.drafts == ("C-001",)
    assert len(report.digest) == 64
    assert report.fingerprint == workspace.signer().fingerprint
    table = pq.read_table(report.path / "data" / "evidence.parquet")
    assert table.num_rows == 160
    assert table.column("exchange_id").to_pylist() == sorted(
        table.column("exchange_id").to_pylist()
    )
    assert set(table.column("cluster_id").to_pylist()) == {"C-001"}
    assert {row["label"] for row in rows_of(report.path / "data" / "accounts.csv")} == {""}
    done = subprocess.run(
        ["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=report.path, capture_output=True
    )
    assert done.returncode == 0


def test_the_evidence_is_what_the_log_said(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.run(
        Scope(accounts=("key-013",)), tmp_path / "out", Job(), raw=True
    )
    rows = pq.read_table(report.path / "data" / "evidence.parquet").to_pylist()
    given = [row for row in exported.records() if row["account_id"] == "key-013"]
    assert len(rows) == len(given) == 20
    for row, said in zip(rows, given, strict=True):
        assert row["prompt"] == said["prompt"]
        assert row["org_id"] == said["org_id"]
        assert row["out_tok"] == said["out_tok"]
        assert row["ts"].replace(tzinfo=dt.UTC).timestamp() == said["ts"] / 1_000_000
        assert row["fate"] == "loaded"
        assert row["account_key"].endswith(":key-013")
        assert row["cluster_id"] is None
        assert row["source_sha256"] == f"{len('logs/gateway.jsonl'):064x}"
    assert [row["record_no"] for row in rows] == [14 + 24 * i for i in range(20)]


def test_a_label_exports_what_it_binds_and_no_more(workspace: Workspace, tmp_path: Path) -> None:
    keys = workspace.browsing.accounts().column("account_key").to_pylist()
    some = [key for key in keys if key.endswith(("key-001", "key-009", "key-020"))]
    workspace.labelling.label(Label.CONFIRMED, "read twenty exchanges", accounts=some)
    report = workspace.exporting.run(Scope(label=Label.CONFIRMED), tmp_path / "out", Job())
    assert report.drafts == ()
    rows = rows_of(report.path / "data" / "accounts.csv")
    assert sorted(row["account_key"] for row in rows) == sorted(some)
    assert {row["label"] for row in rows} == {"confirmed"}
    text = text_of(report.path)
    assert "DRAFT" not in text
    assert "Exported: 1 of its 8 members." in text
    assert "read twenty exchanges" in text


def test_a_withdrawn_label_is_kept_and_does_not_stand(workspace: Workspace, tmp_path: Path) -> None:
    workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
    workspace.labelling.undo()
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    assert report.drafts == ("C-001",)
    label = json.loads((report.path / "data" / "labels.jsonl").read_text())
    assert label["label"] == "confirmed"
    assert label["withdrawn_by"]
    assert "Confirmed (withdrawn)" in text_of(report.path)


def test_a_confirmed_cluster_is_a_campaign_and_no_draft(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
    report = workspace.exporting.run(Scope(clusters=("C-001", "C-002")), tmp_path / "out", Job())
    assert report.drafts == ("C-002",)
    text = text_of(report.path)
    assert "2 clusters, 1 confirmed" in text
    assert "Labels were given by M. Keller." in text
    journal = workspace.signer().journal
    assert (report.path / "data" / "audit" / f"{journal}.jsonl").read_bytes().endswith(b"}\n")


def test_the_same_case_gives_the_same_bytes(workspace: Workspace, tmp_path: Path) -> None:
    workspace.labelling.label(Label.SUSPECTED, "one grid", cluster_id="C-001")
    one = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "one", Job())
    two = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "two", Job())
    names = [str(p.relative_to(one.path)) for p in one.path.rglob("*") if p.is_file()]
    same, wrong, broken = filecmp.cmpfiles(one.path, two.path, names, shallow=False)
    assert sorted(same) == sorted(names)
    assert not wrong
    assert not broken
    assert len(names) == two.n_files


def test_an_export_is_recorded_and_undo_does_not_see_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.labelling.label(Label.SUSPECTED, "one grid", cluster_id="C-001")
    workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    newest = workspace.labelling.history()[0]
    assert newest.kind is EntryKind.EXPORT
    assert workspace.labelling.can_undo
    assert workspace.labelling.undo().accounts


def test_exhibits_are_numbered_and_lead_to_their_record(
    workspace: Workspace, tmp_path: Path
) -> None:
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job(), raw=True)
    text = text_of(report.path)
    assert "E-1" in text
    assert "Show the reasoning step by step: question" in text
    assert "gateway.jsonl record" in text
    assert "Chosen by rule, not by hand" in text


def test_tables_leave_without_the_cases_own_codes(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    clusters = rows_of(report.path / "data" / "clusters.csv")
    assert [row["cluster_id"] for row in clusters] == ["C-001", "C-002"]
    assert clusters[0]["first_ts"] == "2026-05-01T00:00:00.000000Z"
    accounts = rows_of(report.path / "data" / "accounts.csv")
    assert not {"row", "first_us", "code", "index"} & (set(clusters[0]) | set(accounts[0]))


def test_sign_ups_are_marked_on_the_timeline(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    svg = (report.path / "data" / "figures" / "02-C-001-timeline.svg").read_text()
    assert ">8 sign-ups</text>" in svg


def test_hostile_prompts_and_names_stay_text(workspace: Workspace, tmp_path: Path) -> None:
    hostile = ("=key-003", *(f"key-{i:03d}" for i in range(12, 24)))
    report = workspace.exporting.run(Scope(accounts=hostile), tmp_path / "out", Job(), raw=True)
    prompts = pq.read_table(report.path / "data" / "evidence.parquet").column("prompt").to_pylist()
    assert {bounded(text) for text in MENAGERIE if text} <= set(prompts)
    for name in ("exchanges.csv", "accounts.csv"):
        for row in rows_of(report.path / "data" / name):
            for column, cell in row.items():
                if column.startswith(("prompt", "account")):
                    assert not cell.lstrip().startswith(("=", "+", "-", "@")), (name, column)
    assert "'=key-003" in (report.path / "data" / "accounts.csv").read_text()


def test_what_was_given_is_in_the_bundle(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job(), raw=True)
    ingest = report.path / "data" / "ingest"
    frame = json.loads((ingest / "frame.json").read_text())
    assert frame[0]["frame"]["custodian"] == "Platform logging"
    assert frame[0]["frame"]["sampling"] == ""
    reject = json.loads((ingest / "rejects.jsonl").read_text())
    assert (reject["reason"], reject["raw_base64"]) == ("not JSON", "/3s=")
    text = text_of(report.path)
    assert "Sampling not said" in text
    assert "Known gap of the logs: 2 May, 04:00 to 05:00" in text
    assert (report.path / "data" / "method" / "queries").is_dir()
    stages = json.loads((report.path / "data" / "method" / "stages.json").read_text())
    assert {stage["stage"] for stage in stages} >= {"accounts", "clusters", "space.place"}


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(clusters=("C-404",)), "no cluster C-404"),
        (Scope(accounts=("nobody",)), "no account nobody"),
        (Scope(), "Nothing to export"),
    ],
)
def test_what_is_not_there_is_bad_input(
    workspace: Workspace, tmp_path: Path, scope: Scope, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        workspace.exporting.run(scope, tmp_path / "out", Job())
    assert not (tmp_path / "out").exists()


def test_a_label_that_stands_nowhere_has_nothing_to_export(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(NotAssessedError, match="stands on no account"):
        workspace.exporting.run(Scope(label=Label.BENIGN), tmp_path / "out", Job())


def test_a_case_that_was_imported_into_since_is_refused(harbour: Path, tmp_path: Path) -> None:
    from workbench.case.folder import Case

    with Case.open(harbour) as case:
        exported.give(case, exported.records(500)[480:], path="logs/later.jsonl")
    with Workspace.open(harbour) as workspace, pytest.raises(InputError, match="has seen 480"):
        workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())


def test_a_case_that_was_not_analysed_is_refused(tmp_path: Path) -> None:
    from workbench.case.folder import Case

    with Case.create(tmp_path / "new.case") as case:
        exported.give(case, exported.records(30))
    with (
        Workspace.open(tmp_path / "new.case") as workspace,
        pytest.raises(NotAssessedError, match="not been analysed"),
    ):
        workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())


def test_cancel_leaves_neither_bundle_nor_record(workspace: Workspace, tmp_path: Path) -> None:
    job = Job()
    job.cancel()
    before = len(workspace.labelling.history())
    with pytest.raises(CancelledError):
        workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", job)
    assert not (tmp_path / "out").exists()
    assert len(workspace.labelling.history()) == before


def test_another_key_and_another_mark(workspace: Workspace, tmp_path: Path) -> None:
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "other"]
    subprocess.run(keygen, cwd=tmp_path, check=True)
    report = workspace.exporting.run(
        Scope(clusters=("C-001",)),
        tmp_path / "out",
        Job(),
        sign_with=tmp_path / "other",
        marking="red",
    )
    listed = subprocess.run(["ssh-keygen", "-lf", "other.pub"], cwd=tmp_path, capture_output=True)
    assert report.fingerprint in listed.stdout.decode()
    assert report.fingerprint != workspace.signer().fingerprint
    assert "TLP:RED" in text_of(report.path)


@pytest.mark.parametrize("text", ["amber", "TLP:AMBER", " tlp:amber "])
def test_marks_are_read_as_meant(text: str) -> None:
    assert tlp_mark(text) == "TLP:AMBER"
    assert all(tlp_mark(mark) == mark for mark in MARKINGS)


def test_a_mark_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="no TLP mark"):
        tlp_mark("secret")


def test_a_clock_that_was_set_back_is_told_in_the_report(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.labelling.note("today")
    monkeypatch.setattr("workbench.case.journal.now_us", lambda: exported.BEGIN_US)
    workspace.labelling.note("before that, the clock says")
    report = workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "out", Job())
    assert "The clock was set back before" in text_of(report.path)
