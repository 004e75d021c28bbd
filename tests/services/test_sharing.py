"""A share edition holds what may leave the house, and nothing of what was planted in a case."""

from __future__ import annotations

import base64
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pypdf
import pytest

from tests.bundle.made_up import MENAGERIE, bounded
from tests.case.made_up import parsed
from tests.services import exported
from tests.services.planted import finding as planted_finding
from workbench.bundle.share.content import ACCOUNTS, EVIDENCE
from workbench.case.folder import Case
from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA, Frame
from workbench.domain.label import EntryKind, Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLUSTER = Scope(clusters=("C-001",))
#: Stands in every field of the case that takes a text, and in nothing of ours.
CANARY = "kanari"
#: What an exhibit and a skeleton must lose.
SECRETS = (
    "kanari.person@mail.example",
    "+49 30 901820",
    "(212) 555-0142",
    "sk-kanari0123456789abcdefghijklmnop",
    "AKIAIOSFODNN7EXAMPLE",
    "https://kanari.example/x?who=1",
    "/home/kanari/logs/a.jsonl",
    "C:\\Users\\kanari\\a.txt",
    "203.0.113.77",
    "2001:db8::77",
    "221B Baker Street",
    "4111 1111 1111 1111",
)
PROMPT = f"Rate this: {'; '.join(SECRETS)}; org kanari-org_id-0 {MENAGERIE[9]}"


def rows() -> list[dict[str, Any]]:
    """The planted exchanges with a canary in every column of text."""
    found = exported.records()
    for number, row in enumerate(found):
        account = number % exported.N_ACCOUNTS
        for field in CANONICAL_SCHEMA:
            if pa.types.is_string(field.type) and field.name not in {"account_id", "prompt"}:
                row[field.name] = f"kanari-{field.name}-{account % 5}"
        row["request_id"] = f"kanari-r-{number:05d}"
        row["account_id"] = f"kanari-key-{account:03d}"
        row["ip"] = "203.0.113.77"
        row["prompt"] = f"{row['prompt']} kanari {number}" if number else PROMPT
    return found


def finding(cluster_id: str, row: int, n_accounts: int) -> dict[str, Any]:
    """With sentences that name values of the log."""
    found = dict(planted_finding(cluster_id, row, n_accounts))
    said = {"key": "cluster.cells", "params": {"names": ["kanari words"]}}
    unknown = {"key": "kanari.key", "params": {}}
    found["against"] = [*found["against"], said, unknown]
    found["story"] = [said]
    found["nearest_lookalike"] = "kanari bot"
    found["lookalikes"] = [*found["lookalikes"], {"key": "lookalike.beside", "params": {
        "kind": "kanari bot", "distance": 1.0, "alike": [], "unlike": []}}]  # fmt: skip
    return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case full of canaries, analysed, labelled, noted; closed again."""
    path = tmp_path_factory.mktemp("planted") / "harbour.case"
    frame = Frame(
        custodian="kanari custodian", system="kanari system", query="kanari query",
        population="kanari population", sampling="kanari sampling", gaps="kanari gaps",
    )  # fmt: skip
    rejects = [{"record_no": 9_999, "byte_offset": 5, "reason": "not JSON", "raw": b"kanari"}]
    with pytest.MonkeyPatch.context() as patch, Case.create(path, name="kanari case") as case:
        patch.setattr(exported, "finding", finding)
        with case.given.begin(frame, ReadOptions(zone="UTC")) as batch:
            source = batch.source(path="logs/kanari/a.jsonl", size=1_000, format="canonical-jsonl")
            source.append(parsed(rows(), rejects=rejects))
            source.finish(sha256="5" * 64)
        exported.analyse(case)
        template = case.artifacts.array("text.templates", "template") * 0
        skeleton = (
            f"Show {' <*> '.join(SECRETS)} kanari-org_id-1 {' '.join(map(bounded, MENAGERIE))}"
        )
        table = pa.table({"template_id": pa.array([0], pa.int32()), "skeleton": [skeleton]})
        case.artifacts.publish(
            "text.templates", "u", arrays={"template": template}, tables={"templates": table},
            info={"kanari": "kanari"},
        )  # fmt: skip
    with Workspace.open(path, analyst="Kanari Analyst") as workspace:
        workspace.labelling.label(Label.CONFIRMED, "kanari reason", cluster_id="C-001")
        workspace.labelling.note("kanari note")
    return path


@pytest.fixture
def workspace(planted: Path, tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "harbour.case"
    shutil.copytree(planted, path)
    with Workspace.open(path, analyst="Kanari Analyst") as workspace:
        yield workspace


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def every_word(bundle: Path) -> Iterator[tuple[str, str]]:
    """(Where, text): every file as it is, and whatever a reader of it can get out of it."""
    for path in sorted(bundle.rglob("*")):
        name = path.relative_to(bundle).as_posix()
        yield name, name
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield name, data.decode("latin-1")
        yield f"{name} as UTF-16", data.decode("utf-16-le", "ignore")
        if path.suffix == ".parquet":
            yield f"{name} rows", json.dumps(pq.read_table(path).to_pylist(), default=str)
        if path.suffix == ".json":
            for coded in re.findall(rb'"([A-Za-z0-9+/]{40,}={0,2})"', data):
                yield f"{name} in base64", base64.b64decode(coded + b"==").decode("latin-1")
        if path.suffix == ".pdf":
            yield from pdf_words(path)


def pdf_words(path: Path) -> Iterator[tuple[str, str]]:
    """Text, outline, metadata and every stream of a PDF, decompressed."""
    reader = pypdf.PdfReader(path)
    yield "pdf metadata", json.dumps({k: str(v) for k, v in (reader.metadata or {}).items()})
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        yield f"page {number}", text
        yield f"page {number} in one", re.sub(r"[\s\u200b]", "", text)
    for number in range(1, len(reader.xref[0]) + len(reader.xref_objStm) + 1):
        found = reader.get_object(pypdf.generic.IndirectObject(number, 0, reader))
        data = getattr(found, "get_data", None)
        yield f"pdf object {number}", str(found)
        if data is not None:
            yield f"pdf stream {number}", data().decode("latin-1")


def assert_clean(bundle: Path) -> None:
    for where, text in every_word(bundle):
        low = text.casefold()
        assert CANARY not in low, where
        for secret in SECRETS:
            assert secret.casefold() not in low, (where, secret)
        for part in ("901820", "555-0142", "iosfodnn7", "baker street", "db8::77"):
            assert part not in low, (where, part)


def test_nothing_that_was_planted_leaves(
    workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    report = workspace.exporting.share(
        CLUSTER, "Partner GmbH", tmp_path / "s", Job(), exhibits=[0], marking="amber"
    )
    assert_clean(report.path)
    out, err = capfd.readouterr()
    assert CANARY not in (out + err + caplog.text).casefold()
    (exhibit,) = lines(report.path / "data/exhibits.jsonl")
    assert exhibit["prompt"].startswith("Rate this: [e-mail address]; [telephone number];")
    told = json.loads((report.path / "data/redactions.json").read_text())
    counts = {(rule["what"], rule["rule"]): rule["count"] for rule in told["rules"]}
    assert counts["accounts", "replaced by keyed words"] == 8
    assert counts["sentences on findings", "left out: they name values of the log"] == 3
    assert counts["skeletons and exhibits", "known name replaced"] >= 2
    assert counts["skeletons and exhibits", "telephone number replaced"] >= 4
    assert counts["times of exchanges", "told by the hour"] == 160
    assert counts["journals", "replaced by keyed words"] == 1
    assert {"ip", "model", "org_id", "record_no", "prompt"} <= set(told["columns_left_out"])
    assert not set(told["columns_left_out"]) & set(told["columns_of_exchanges"]) - {"prompt"}
    assert counts["analysts", "name left out; the key stays"] == 1
    assert told["key_id"] == report.key_id


def test_the_search_finds_what_the_full_edition_holds(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.run(CLUSTER, tmp_path / "full", Job(), raw=True)
    found = {where for where, text in every_word(report.path) if CANARY in text.casefold()}
    assert {"data/evidence.parquet rows", "data/sources.csv", "pdf metadata", "page 1"} <= found
    assert any(where.startswith("pdf stream") for where in found)


def test_its_files_hold_the_allow_list_and_no_more(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.share(CLUSTER, "Partner", tmp_path / "s", Job())
    names = {p.relative_to(report.path / "data").as_posix() for p in report.path.rglob("data/**/*")}
    assert names == {
        "accounts.csv", "alternatives.md", "audit", "audit/heads.json",
        "certificate-902.txt", "clusters.csv",
        "decisions.jsonl", "evidence.parquet", "exchanges.csv", "exhibits.jsonl", "figures",
        "figures/01-C-001-timeline.csv", "figures/01-C-001-timeline.svg", "method.json",
        "redactions.json", "report.pdf", "sources.csv", "templates.csv",
    }  # fmt: skip
    evidence = pq.read_table(report.path / "data/evidence.parquet")
    assert evidence.schema.equals(EVIDENCE)
    accounts = pacsv.read_csv(report.path / "data/accounts.csv")
    assert accounts.column_names == ACCOUNTS.names
    words = set(accounts.column("account").to_pylist())
    assert len(words) == 8
    assert words == set(evidence.column("account").to_pylist())
    assert evidence.column("exchange").to_pylist() == list(range(1, 161))
    assert len(set(evidence.column("prompt").to_pylist())) == 160
    (decision,) = lines(report.path / "data/decisions.jsonl")
    assert decision["label"] == "confirmed"
    assert decision["n_accounts"] == 8
    assert set(decision["analyst"]) == {"fingerprint"}


HOUR_US = 3_600_000_000


def test_its_rows_are_no_key_to_another_log(workspace: Workspace, tmp_path: Path) -> None:
    """Times by the hour, two digits, journals by words: nothing that is of one exchange alone."""
    report = workspace.exporting.share(CLUSTER, "Partner", tmp_path / "s", Job(), exhibits=[0, 24])
    data = report.path / "data"
    evidence = pq.read_table(data / "evidence.parquet")
    times = evidence.column("ts").cast(pa.int64()).to_pylist()
    assert {us % HOUR_US for us in times} == {0}
    full = workspace.exporting.run(CLUSTER, tmp_path / "full", Job()).path / "data"
    exact = pq.read_table(full / "evidence.parquet").column("ts").cast(pa.int64()).to_pylist()
    assert [us - us % HOUR_US for us in exact] == times
    attribution = evidence.column("attribution").drop_null().to_pylist()
    assert all(abs(value - round(value, 2)) < 1e-6 for value in attribution)
    for row in pacsv.read_csv(data / "accounts.csv").to_pylist():
        assert row["membership"] == round(row["membership"], 2)
        assert row["score"] == round(row["score"], 2)
        assert {row[name].minute for name in ("first_ts", "last_ts")} == {0}
    assert all(row["at"].endswith(":00:00.000000Z") for row in lines(data / "exhibits.jsonl"))
    heads = json.loads((data / "audit/heads.json").read_text())
    own = json.loads((full / "audit/heads.json").read_text())
    assert [word.partition("-")[0] for word in heads] == ["journal"]
    assert list(heads.values()) == list(own.values())
    assert not any(key in word for key in own for _, word in every_word(report.path))
    # Whoever has the case still sees by it that nothing was cut off.
    assert workspace.auditing.verify(against=report.path)["against"]["journals"] == 1


def test_skeletons_that_are_withheld_are_said_to_be(workspace: Workspace, tmp_path: Path) -> None:
    def rules(out: Path) -> dict[str, int]:
        told = json.loads((out / "data/redactions.json").read_text())
        return {
            rule["rule"]: rule["count"] for rule in told["rules"] if rule["what"] == "templates"
        }

    before = workspace.exporting.share(CLUSTER, "Partner", tmp_path / "before", Job())
    workspace.policies.set({"hide_prompts": True}, "it goes to another house")
    after = workspace.exporting.share(CLUSTER, "Partner", tmp_path / "after", Job())
    few, kept = (
        f"skeleton left out: {why}" for why in ("too few share it", "its prompts are withheld")
    )
    assert rules(before.path) == {few: 0, kept: 0}
    assert rules(after.path) == {few: 0, kept: 1}
    said = [
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(after.path / "data/report.pdf").pages
    ]
    assert any("what their prompts say is withheld in this case" in page for page in said)


def test_each_recipient_has_other_words_and_each_export_the_same_bytes(
    workspace: Workspace, tmp_path: Path
) -> None:
    one, two, other = (
        workspace.exporting.share(CLUSTER, who, tmp_path / folder, Job())
        for who, folder in (("Partner", "one"), ("Partner", "two"), ("Partner B", "other"))
    )
    manifests = [(r.path / "manifest-sha256.txt").read_bytes() for r in (one, two)]
    assert manifests[0] == manifests[1]
    assert one.key_id == two.key_id != other.key_id
    words = [
        set(pacsv.read_csv(r.path / "data/accounts.csv").column("account").to_pylist())
        for r in (one, other)
    ]
    assert words[0].isdisjoint(words[1])
    prompts = [
        set(pq.read_table(r.path / "data/evidence.parquet").column("prompt").to_pylist())
        for r in (one, other)
    ]
    assert prompts[0].isdisjoint(prompts[1])


def test_the_journal_says_who_got_what(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.share(
        CLUSTER, "  Partner\u202e  GmbH ", tmp_path / "s", Job(), exhibits=[0, 24], why="for them"
    )
    entry = workspace._held.case.journals.entries()[-1]
    assert entry.kind is EntryKind.EXPORT
    assert entry.body["recipient"] == report.recipient == "Partner<U+202E> GmbH"
    assert entry.body["key_id"] == report.key_id
    assert entry.body["exhibits"] == [0, 24]
    assert entry.body["why"] == "for them"


def test_names_of_analysts_only_where_they_are_wanted(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.exporting.share(CLUSTER, "Partner", tmp_path / "s", Job(), names=True)
    (decision,) = lines(report.path / "data/decisions.jsonl")
    assert decision["analyst"]["name"] == "Kanari Analyst"


def test_each_page_names_recipient_mark_and_whether_it_is_a_draft(
    workspace: Workspace, tmp_path: Path
) -> None:
    scope = Scope(clusters=("C-001", "C-002"))
    report = workspace.exporting.share(scope, "Partner", tmp_path / "s", Job(), marking="green")
    for page in pypdf.PdfReader(report.path / "data/report.pdf").pages:
        text = page.extract_text()
        assert "for Partner" in text
        assert "TLP:GREEN" in text
        assert "DRAFT: not all confirmed by a person" in text


def test_a_recipient_has_a_name_and_an_exhibit_is_of_who_is_shared(
    workspace: Workspace, tmp_path: Path
) -> None:
    for name in ("", " \n ", "x" * 81):
        with pytest.raises(InputError, match="A recipient has a name"):
            workspace.exporting.share(CLUSTER, name, tmp_path / "s", Job())
    with pytest.raises(InputError, match="Exchange 20 is not of an exported account"):
        workspace.exporting.share(CLUSTER, "Partner", tmp_path / "s", Job(), exhibits=[20])
    assert not (tmp_path / "s").exists()


def test_accounts_in_no_cluster_are_shared_without_a_claim(
    workspace: Workspace, tmp_path: Path
) -> None:
    some = tuple(f"kanari-key-{number:03d}" for number in (3, 9, 20, 21))
    scope = Scope(accounts=some)
    report = workspace.exporting.share(scope, "Partner", tmp_path / "s", Job())
    assert_clean(report.path)
    rows = pacsv.read_csv(report.path / "data/accounts.csv").to_pylist()
    assert [row["cluster_id"] for row in rows] == ["C-001", "C-002", "", ""]
    assert (report.path / "data/figures/03-Accounts-timeline.svg").exists()
    pages = [page.extract_text() for page in pypdf.PdfReader(report.path / "data/report.pdf").pages]
    assert any("Accounts in no cluster" in page for page in pages)
    assert "the analysis does not link them" in (report.path / "data/alternatives.md").read_text()
    alone = workspace.exporting.share(Scope(accounts=some[2:]), "Partner", tmp_path / "t", Job())
    assert alone.drafts == ()
    assert pacsv.read_csv(alone.path / "data/clusters.csv").num_rows == 0
