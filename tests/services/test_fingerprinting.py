"""A campaign's fingerprint: taken from one log, found where it goes on, not where it does not."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.command_line import workbench
from tests.services.regrown import Logs, make
from workbench.analysis import run
from workbench.analysis.fingerprint.form import decoded
from workbench.analysis.fingerprint.wordings import wording_of
from workbench.bundle.stix import OWN_PATTERN, TLP_MARKS
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.label import EntryKind, Label
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.analysis.stage import Context
    from workbench.services.matches import Matched, Taken

CLUSTER = "C-001"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logs]:
    """What comes behind attribution is not read."""
    whole = run.stages()
    plan = whole[: [stage.name for stage in whole].index("attribution") + 1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.analysis.run.stages", lambda: plan)
        yield make(tmp_path_factory.mktemp("regrown"))


@pytest.fixture(scope="module")
def file(logs: Logs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "harbour.fingerprint.json"
    with Workspace.open(logs.before) as workspace:
        workspace.fingerprinting.take(CLUSTER, out, Job())
    return out


def take(case: Path, out: Path, **more: Any) -> Taken:
    with Workspace.open(case) as workspace:
        return workspace.fingerprinting.take(CLUSTER, out, Job(), **more)


def match(case: Path, *files: Path) -> list[Matched]:
    with Workspace.open(case, write=False) as workspace:
        return workspace.fingerprinting.match(files, Job())


def named(found: Matched) -> set[str]:
    return set(found.accounts.column("account_id").to_pylist())


# --- what is found -----------------------------------------------------------------------------
def test_its_regrowth_in_fresh_accounts_is_found(logs: Logs, file: Path) -> None:
    (found,) = match(logs.after, file)
    planted = logs.planted(logs.after)
    assert not planted & logs.planted(logs.before), "nobody comes back under the same name"
    assert found.found
    assert len(named(found) & planted) >= len(planted) // 2
    assert found.chance is not None
    assert found.chance < 0.01
    (cluster,) = found.resembling
    row = next(r for r in found.clusters.to_pylist() if r["cluster_id"] == cluster)
    assert row["evidence"] > 3.0
    evidence = found.accounts.column("evidence").to_numpy()
    assert (np.diff(evidence) <= 0).all(), "the most evidence first"


def test_another_campaign_and_a_log_without_any_are_not_taken_for_it(
    logs: Logs, file: Path
) -> None:
    for case in (logs.other, logs.benign):
        (found,) = match(case, file)
        assert not found.found, case
        assert not found.resembling
        assert not named(found) & logs.planted(case)
        assert min(found.accounts.column("q").to_pylist(), default=1.0) > 0.05


def test_every_rate_is_measured_among_ordinary_accounts(file: Path) -> None:
    made = decoded(file.read_bytes(), file)
    assert made.origin.attributed
    assert made.origin.first_day is not None
    assert made.origin.first_day < str(made.origin.last_day)
    assert {part.part for part in made.parts} >= {"wordings", "regions", "pace", "clients"}
    assert made.threshold.seen.ordinary == 0, "fewer than a thousand: none may have more"
    assert made.threshold.seen.members >= made.origin.n_accounts // 2
    for wording in made.wordings:
        assert wording.seen.members >= 3
        assert wording.prompts >= 6
    assert made.regions is not None
    for seen, prompts in zip(made.regions.seen, made.regions.prompts, strict=True):
        assert seen.members == 0 or seen.members >= 3
        assert seen.members >= 3 or prompts == 0


def test_the_same_case_gives_the_same_bytes(logs: Logs, file: Path, tmp_path: Path) -> None:
    again, stix = tmp_path / "again.json", [tmp_path / "a.json", tmp_path / "b.json"]
    for one in stix:
        take(logs.before, again, stix=one)
        assert again.read_bytes() == file.read_bytes()
    assert stix[0].read_bytes() == stix[1].read_bytes()


# --- what leaves -------------------------------------------------------------------------------
def personal(case: Path) -> set[str]:
    """Everything of the log that is somebody's."""
    rows = pq.read_table(case.parent / "log-canonical.parquet")
    columns = ["account_id", "org_id", "session_id", "request_id", "ip", "user_agent", "ja3",
               "ja4", "email_domain", "payment_hash", "prompt", "system"]  # fmt: skip
    found = {v for name in columns for v in rows.column(name).unique().to_pylist() if v}
    networks = {value.rsplit(".", 1)[0] for value in rows.column("ip").to_pylist() if value}
    return {value for value in found | networks if len(value) > 5}


def test_nothing_personal_leaves_unasked(logs: Logs, tmp_path: Path) -> None:
    out, stix = tmp_path / "f.json", tmp_path / "f.stix.json"
    take(logs.before, out, stix=stix)
    for path in (out, stix):
        text = path.read_text("utf-8")
        told = json.loads(text)
        if path == out:
            del told["regions"]["centroids"]
        else:
            told["objects"] = [one for one in told["objects"] if one["type"] != "artifact"]
        text = json.dumps(told)
        assert not [value for value in personal(logs.before) if value in text]
        assert "asn" not in text
        assert "country" not in text


def test_what_is_asked_for_leaves_with_a_reason_and_a_line_in_the_journal(
    logs: Logs, tmp_path: Path
) -> None:
    out = tmp_path / "f.json"
    with pytest.raises(InputError, match="only for a reason"):
        take(logs.before, out, ask=("networks",), why="  ")
    assert not out.exists()
    taken = take(
        logs.before, out, ask=("payments", "networks"), words=True, why="asked by the partner"
    )
    kinds = {value.kind for value in taken.fingerprint.values}
    assert kinds == {"networks", "payments"}
    most = 0.01 * taken.fingerprint.ordinary
    for value in taken.fingerprint.values:
        assert value.seen.members >= 2
        assert value.seen.ordinary <= most
    assert any(wording.skeleton for wording in taken.fingerprint.wordings)
    with Workspace.open(logs.before, write=False) as workspace:
        entry = workspace._held.case.journals.entries()[-1]
        line = workspace.labelling.history()[0]
    assert entry.kind is EntryKind.EXPORT
    assert entry.body["with"] == ["payments", "networks", "words"]
    assert entry.body["why"] == "asked by the partner"
    assert entry.body["sha256"] == taken.fingerprint.digest
    assert line.what.startswith("Wrote the fingerprint of C-001 with payments, networks, words to")
    assert line.why == "asked by the partner"


def test_a_label_is_told_and_its_accounts_are_nobodys_measure(logs: Logs, tmp_path: Path) -> None:
    case = shutil.copytree(logs.before, tmp_path / "copy.case")
    with Workspace.open(case, analyst="Mara") as workspace:
        workspace.labelling.label(cluster_id=CLUSTER, label=Label.CONFIRMED, why="seen")
        others = [r for r in workspace.browsing.accounts().to_pylist() if not r["cluster_id"]]
        key = others[0]["account_key"]
        workspace.labelling.label(
            accounts=workspace.browsing.account_keys([key]), label=Label.SUSPECTED, why="odd"
        )
    before = take(logs.before, tmp_path / "a.json").fingerprint
    after = take(case, tmp_path / "b.json").fingerprint
    assert before.origin.label is None
    assert after.origin.label == "confirmed"
    assert after.ordinary == before.ordinary - 1


# --- what cannot be taken or read --------------------------------------------------------------
def test_what_cannot_be_taken_is_said(logs: Logs, tmp_path: Path) -> None:
    with Workspace.open(logs.before) as workspace:
        with pytest.raises(InputError, match="no cluster C-999"):
            workspace.fingerprinting.take("C-999", tmp_path / "f.json", Job())
        with pytest.raises(InputError, match="cannot be written"):
            workspace.fingerprinting.take(CLUSTER, tmp_path / "no" / "f.json", Job())
        with pytest.raises(InputError, match="lies in the case"):
            workspace.fingerprinting.take(CLUSTER, logs.before / "case.toml", Job())
        with pytest.raises(InputError, match="one file"):
            workspace.fingerprinting.take(
                CLUSTER, tmp_path / "f.json", Job(), stix=tmp_path / "f.json"
            )
        with pytest.raises(InputError, match="no TLP mark"):
            workspace.fingerprinting.take(CLUSTER, tmp_path / "f.json", Job(), marking="pink")
        workspace.policies.set({"sign_off_required": True}, "four eyes")
        with pytest.raises(InputError, match="have no label"):
            workspace.fingerprinting.take(CLUSTER, tmp_path / "f.json", Job())
        workspace.labelling.undo()
    with (
        Workspace.create(tmp_path / "empty.case") as empty,
        pytest.raises(NotAssessedError, match="not been analysed"),
    ):
        empty.fingerprinting.take(CLUSTER, tmp_path / "f.json", Job())
    assert not list(tmp_path.glob("*.json"))


def test_a_part_that_cannot_be_weighed_is_named(logs: Logs, file: Path, tmp_path: Path) -> None:
    told = json.loads(file.read_bytes())
    told["regions"]["embedder"] = "another"
    told["pace"] = []
    other = tmp_path / "other.json"
    other.write_text(json.dumps(told), "utf-8")
    (found,) = match(logs.after, other)
    assert found.lacking["regions"] == "placed by another embedder"
    assert found.lacking["pace"] == "not taken"
    assert found.accounts.column("regions").null_count == found.accounts.num_rows
    assert any("regions not weighed: placed by another embedder" in x for x in found.lines())


def test_wordings_of_texts_that_were_left_out_are_not_held_against_anybody(
    logs: Logs, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(context: Context, skeletons: object) -> Any:
        return np.full_like(wording_of(context, []), -1)

    monkeypatch.setattr("workbench.analysis.fingerprint.log.wording_of", unknown)
    (found,) = match(logs.after, file)
    assert found.lacking["wordings"] == "the texts of this case were left out at the door"
    assert found.accounts.column("wordings").null_count == found.accounts.num_rows
    assert found.resembling, "where they asked tells enough"


# --- STIX --------------------------------------------------------------------------------------
def test_a_partners_stix_says_the_same_as_the_fingerprint(
    logs: Logs, file: Path, tmp_path: Path
) -> None:
    stix = tmp_path / "f.stix.json"
    take(logs.before, tmp_path / "f.json", stix=stix, provider="Harbour Models", marking="amber")
    ours, theirs = match(logs.after, file, stix)
    assert theirs.accounts.equals(ours.accounts)
    told = json.loads(stix.read_bytes())
    marks = {mark for one in told["objects"] for mark in one.get("object_marking_refs", ())}
    assert marks == {TLP_MARKS["TLP:AMBER"]}


def test_indicators_alone_are_looked_for_too(logs: Logs, tmp_path: Path) -> None:
    clients = take(
        logs.after, tmp_path / "f.json", ask=("clients", "networks"), why="test",
        stix=tmp_path / "f.stix.json",
    ).fingerprint.values  # fmt: skip
    told = json.loads((tmp_path / "f.stix.json").read_bytes())
    told["objects"] = [one for one in told["objects"] if one["type"] != "artifact"]
    told["objects"].append({"type": "indicator", "id": "indicator--x", "pattern_type": "yara",
                            "pattern": "rule x {}"})  # fmt: skip
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(told), "utf-8")
    assert clients
    assert OWN_PATTERN in bare.read_text("utf-8")
    (found,) = match(logs.after, bare)
    assert found.origin is None
    assert found.chance is None
    assert found.unread == ("indicator--x: its pattern type yara is not known",)
    assert found.lacking["regions"] == "not taken"
    assert set(found.accounts.column_names) >= {"wordings", "values"}


# --- the command line --------------------------------------------------------------------------
def test_the_commands_as_a_person_types_them(
    logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "f.json"
    assert workbench("fingerprint", logs.before, "--cluster", CLUSTER, "--out", out) == 0
    said = capsys.readouterr().out
    assert "It holds no address, payment, domain or client of anybody." in said
    assert "Held against" in said

    table = tmp_path / "m.csv"
    assert workbench("match", logs.after, out, "--csv", table) == 0
    captured = capsys.readouterr()
    assert "resemble it" in captured.out
    assert "accuses nobody" in captured.err
    assert table.read_text("utf-8").startswith("file,account_id,evidence,p,q,by_chance,")

    assert workbench("match", logs.benign, out, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    (one,) = told["matches"]
    assert one["found"] is False
    assert one["origin"]["cluster"] == CLUSTER
    assert {"expected_home", "expected_here", "chance", "rates", "accounts"} <= one.keys()

    assert workbench("match", logs.benign, tmp_path / "none.json") == 2
    assert "There is no file" in capsys.readouterr().err
    bad = tmp_path / "bad.json"
    bad.write_text(out.read_text("utf-8").replace('"ordinary":', '"ordinari":', 1), "utf-8")
    assert workbench("match", logs.benign, bad) == 2
    assert "unknown field `ordinari`" in capsys.readouterr().err
    asked: list[str | Path] = ["--cluster", CLUSTER, "--out", out, "--with", "clients"]
    assert workbench("fingerprint", logs.before, *asked) == 2
    assert "--why" in capsys.readouterr().err


def test_a_share_edition_tells_the_same_to_other_tools(logs: Logs, tmp_path: Path) -> None:
    case = tmp_path / "before.case"
    shutil.copytree(logs.before, case)
    with Workspace.open(case) as workspace:
        scope = Scope(clusters=(CLUSTER,))
        report = workspace.exporting.share(scope, "Partner", tmp_path / "share", Job())
    stix = report.path / "data" / "share" / "stix21.json"
    objects = json.loads(stix.read_text())["objects"]
    kinds = {one["type"] for one in objects}
    assert {"campaign", "indicator", "sighting", "marking-definition", "artifact"} <= kinds
    (found,) = match(logs.after, stix)
    assert found.found
    assert len(named(found) & logs.planted(logs.after)) >= 3
    written = b"".join(p.read_bytes() for p in report.path.rglob("*") if p.is_file())
    accounts = logs.planted(logs.before)
    assert accounts
    assert not [account for account in accounts if account.encode() in written]
