"""A bundle computed again from its logs alone: same, or differs, and where."""

from __future__ import annotations

import csv
import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.bundle.keys import TestKey
from tests.bundle.signed import seal_anew
from tests.command_line import workbench
from tests.services import exported
from tests.time_authority import Authority
from workbench.domain.added import AddedKind
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import Frame
from workbench.domain.label import Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job, Progress
from workbench.domain.settings import AnalysisSettings
from workbench.evaluate.power import Trial
from workbench.services import custody
from workbench.services.export_scope import Scope
from workbench.services.reproducing import Reproduction, reproduce
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = AnalysisSettings(seed=7, landmarks=60, cells=6)
CHOSEN = tuple(f"key-{i:03d}" for i in range(4, 9))
STRANGER = TestKey("stranger")


@contextmanager
def own_key(folder: Path) -> Iterator[None]:
    """The exporter's computer: a configuration folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CONFIG", str(folder))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was given much, analysed twice, decided on; its bundle; and the logs, moved."""
    folder = tmp_path_factory.mktemp("reproduced")
    logs = folder / "there"
    logs.mkdir()
    rows = exported.records()
    first, second = logs / "first.jsonl", logs / "second.jsonl"
    write(first, rows[:300])
    first.write_bytes(first.read_bytes() + b"no JSON\n")
    write(second, rows[280:], prompt="question")  # 20 of them twice
    (logs / "accounts.csv").write_text("who,plan\nkey-005,pro\nkey-006,free\n")
    (logs / "gone.csv").write_text("account_id,plan\nkey-007,pro\n")
    prices = folder / "prices.toml"
    prices.write_text('currency = "USD"\n[[price]]\nmodel = "large-4"\ninput = 3\noutput = 15\n')
    with own_key(folder / "config"), Workspace.create(folder / "a.case", analyst="Mara") as case:
        case.importing.run([first], Frame(system="gateway"), ReadOptions(zone="UTC"), Job())
        case.analysing.run(SETTINGS, Job())
        case.joining.add(AddedKind.ACCOUNTS, logs / "gone.csv", Job())
        case.joining.add(
            AddedKind.ACCOUNTS, logs / "accounts.csv", Job(), mapping={"account_id": "who"}
        )
        case.joining.remove(1)
        case.importing.run(
            [second],
            Frame(system="gateway", custodian="us"),
            ReadOptions(zone="UTC", mapping={"prompt": "question"}),
            Job(),
        )
        case.importing.provenance.amend_frame({"query": "everything"}, 1, why="now known")
        case.analysing.run(SETTINGS, Job())
        case.losses.keep_prices(prices)
        planted(case)
        case.labelling.label(Label.SUSPECTED, "one grid", accounts=keys(case))
        case.labelling.label(Label.BENIGN, "no, not that one", accounts=keys(case)[:1])
        case.labelling.undo()
        case.policies.set({"hide_prompts": True}, "it goes to another house")
        case.access.reveal("ticket 12", exchanges=[8])
        if shutil.which("openssl"):
            case.stamping.take(Authority(folder / "tsa").answer(case.stamping.request()[1]))
        case.exporting.run(
            Scope(accounts=CHOSEN), folder / "bundle", Job(), exhibits=[8], marking="amber"
        )
    (logs / "gone.csv").unlink()
    logs.rename(folder / "logs")
    for path in (folder / "logs" / "first.jsonl", folder / "logs" / "second.jsonl"):
        path.rename(path.with_name(f"renamed-{path.name}"))
    shutil.rmtree(folder / "a.case")
    return folder


@pytest.fixture(scope="module")
def small(folder: Path) -> Path:
    """The bundle of a case with one of the logs, analysed once."""
    prices, out = folder / "prices.toml", folder / "small"
    with own_key(folder / "config"), Workspace.create(folder / "b.case") as case:
        given(case, folder)
        case.analysing.run(SETTINGS, Job())
        case.losses.keep_prices(prices)
        case.exporting.run(Scope(accounts=CHOSEN), out, Job())
    return out


def given(case: Workspace, folder: Path) -> None:
    log = folder / "logs" / "renamed-first.jsonl"
    case.importing.run([log], Frame(), ReadOptions(zone="UTC"), Job())


def write(path: Path, rows: list[dict[str, object]], **names: str) -> None:
    named = ({names.get(k, k): v for k, v in row.items()} for row in rows)
    text = "".join(json.dumps(row, default=str) + "\n" for row in named)
    path.write_text(text, "utf-8", errors="surrogatepass")


def keys(case: Workspace) -> list[str]:
    found = case.browsing.accounts().column("account_key").to_pylist()
    return sorted(key for key in found if key.endswith(CHOSEN))


def planted(case: Workspace) -> None:
    """A campaign as if it had been planted: measuring takes long, and is not measured again."""
    trial = Trial(prompts="grammar", accounts=20, share=1.0, seed=0, repeat=0, exchanges=400,
                  harvested=400, multi_axis=20, flagged=20, new_multi_axis=0, new_flagged=0,
                  cluster_verdict="multi-axis", cluster_accounts=20,
                  cluster_planted=20)  # fmt: skip
    info = {"left": 0, "accounts": 24, "rests_on": case.detectability._rests_on()}
    row = asdict(trial) | {"key": "a", "at_us": exported.BEGIN_US}
    case.detectability.take_over([row], "planted", info)


@pytest.fixture
def bundle(folder: Path, tmp_path: Path) -> Path:
    """A copy to lie in."""
    return shutil.copytree(folder / "bundle", tmp_path / "bundle")


@pytest.fixture(autouse=True)
def _nothing_remains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither in the temporary folder nor beside the user's key, and no key is made."""
    temporary = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr("tempfile.tempdir", None)
        yield
    assert not list(temporary.glob("workbench-*"))


def again(folder: Path, bundle: Path | None = None, jobs: int = 2) -> Reproduction:
    return reproduce(bundle or folder / "bundle", Job(), logs=[folder / "logs"], jobs=jobs)


def files(found: Reproduction) -> set[str]:
    return {one.file for one in found.differences}


def test_all_of_it_comes_out_of_the_logs_byte_for_byte(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "config"
    monkeypatch.setenv("WORKBENCH_CONFIG", str(config))
    assert workbench("reproduce", folder / "bundle", "--logs", folder / "logs", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "same"
    assert told["differences"] == []
    there = {
        path.relative_to(folder / "bundle").as_posix()
        for path in (folder / "bundle").rglob("*")
        if path.is_file()
    }
    stamps = [name for name in there if name.startswith("data/audit/stamps/")]
    assert len(stamps) == (2 if shutil.which("openssl") else 0)
    left = {"bagit.txt", "verify.sh", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
    sealed = [name for name in there if name in left or name.startswith("signatures/")]
    assert told["files_same"] == len(there) - len(sealed)
    assert (told["records"], told["runs"]) == (501, 2)
    assert sorted(log["path"].rpartition("/")[2] for log in told["logs"]) == [
        "accounts.csv", "first.jsonl", "second.jsonl",
    ]  # fmt: skip
    assert told["not_compared"] == []
    assert ["planted campaigns" in warning for warning in told["warnings"]] == [True]
    # A stranger decides nothing, and gets no key.
    assert not [path for path in config.rglob("*") if path.is_file()]


def test_each_lie_is_named_and_nothing_else_on_one_core(folder: Path, bundle: Path) -> None:
    data = bundle / "data"
    change(data / "accounts.csv", "key-005", "score", "0.99")
    settings = json.loads((data / "method/settings.json").read_text())
    (data / "method/settings.json").write_text(json.dumps(settings | {"seed": 8}))
    report = (data / "report.pdf").read_bytes()
    (data / "report.pdf").write_bytes(report[:-40] + b" " + report[-39:])
    table = pq.read_table(data / "evidence.parquet")
    tokens = [9_999, *table.column("out_tok").to_pylist()[1:]]
    place = table.schema.get_field_index("out_tok")
    lied = table.set_column(place, "out_tok", pa.array(tokens, table.schema.field(place).type))
    pq.write_table(lied, data / "evidence.parquet")
    accounting = json.loads((data / "ingest/accounting.json").read_text())
    accounting[0]["accounting"]["loaded"] += 1
    (data / "ingest/accounting.json").write_text(json.dumps(accounting))
    (data / "alternatives.md").write_text("Nothing speaks against it.\n")
    (data / "method/queries/more.sql").write_text("SELECT 1\n")
    (data / "labels.jsonl").write_text("")
    seal_anew(bundle, STRANGER)
    found = again(folder, bundle, jobs=1)
    assert not found.same
    first = table.column("exchange_id").to_pylist()[0]
    told = {(one.file, one.field): (one.bundle, one.recomputed) for one in found.differences}
    assert {file for file, _ in told} == {
        "data/accounts.csv", "data/evidence.parquet", "data/ingest/accounting.json",
        "data/labels.jsonl", "data/method/settings.json", "data/method/queries/more.sql",
        "data/alternatives.md", "data/report.pdf",
    }  # fmt: skip
    score = next(where for file, where in told if file == "data/accounts.csv")
    assert score.startswith("account_key ")
    assert score.endswith("key-005, score")
    assert told["data/accounts.csv", score][0] == "0.99"
    tokens_then = str(table.column("out_tok").to_pylist()[0])
    where = f"exchange_id {first}, out_tok"
    assert told["data/evidence.parquet", where] == ("9999", tokens_then)
    assert told["data/method/settings.json", "seed"] == ("8", "7")
    where = "item 1, accounting, loaded"
    assert told["data/ingest/accounting.json", where] == ("301", "300")
    assert told["data/method/queries/more.sql", ""] == ("it is there", "there is none")
    assert found.differences[0].file == "data/accounts.csv"
    assert found.n_differences == len(told)


def change(path: Path, account: str, column: str, value: str) -> None:
    """Another value in the row of an account."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    (row,) = (row for row in rows if row["account_key"].endswith(account))
    assert row[column] != value
    row[column] = value
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_run_with_another_seed_than_was_recorded_differs(folder: Path, tmp_path: Path) -> None:
    """The analyst's own key signed it, and the bundle verifies."""
    out = tmp_path / "bundle"
    with own_key(folder / "config"), Workspace.create(tmp_path / "b.case") as case:
        given(case, folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("workbench.services.analysing.asdict", lambda _: asdict(SETTINGS))
            case.analysing.run(replace(SETTINGS, seed=8), Job())
        case.exporting.run(Scope(accounts=CHOSEN), out, Job())
    found = again(folder, out)
    assert not found.same
    told = {(one.file, one.field) for one in found.differences}
    assert ("data/method/stages.json", "space.place, digest") in told
    assert "data/figures/01-map.csv" in files(found)


# --- could not ---------------------------------------------------------------------------------
def test_a_changed_log_is_missing_and_named(folder: Path, tmp_path: Path) -> None:
    logs = shutil.copytree(folder / "logs", tmp_path / "logs")
    log = logs / "renamed-first.jsonl"
    log.write_bytes(log.read_bytes().replace(b"key-005", b"key-006", 1))
    with pytest.raises(InputError, match=r"first\.jsonl was not found: .*SHA-256"):
        reproduce(folder / "bundle", Job(), logs=[logs])
    assert workbench("reproduce", folder / "bundle", "--logs", logs) == 2


def test_paths_of_the_other_computer_are_not_looked_at(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jsonl").write_text("{}\n")
    assert workbench("reproduce", folder / "bundle", "--logs", tmp_path / "empty.jsonl") == 2
    assert "there/" in capsys.readouterr().err
    assert workbench("reproduce", folder / "bundle") == 2
    assert "--logs" in capsys.readouterr().err


def test_what_does_not_verify_is_not_computed(
    folder: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "data" / "accounts.csv").write_text("x\n")
    assert workbench("reproduce", bundle, "--logs", folder / "logs") == 2
    assert "data/accounts.csv: changed" in capsys.readouterr().err
    stranger = ["--trust", STRANGER.fingerprint]
    assert workbench("reproduce", folder / "bundle", "--logs", folder / "logs", *stranger) == 2
    assert "signer not trusted" in capsys.readouterr().err


# --- other prices, other versions, cancelled ---------------------------------------------------
@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    """A copy of the small one to lie in."""
    return shutil.copytree(small, tmp_path / "small")


def test_a_price_list_that_is_another_is_a_difference(folder: Path, copy: Path) -> None:
    prices = copy / "data/method/prices.toml"
    prices.write_text(prices.read_text().replace("15", "150"))
    seal_anew(copy, STRANGER)
    found = again(folder, copy)
    assert [one.file for one in found.differences] == ["data/"]
    assert "price list" in found.differences[0].recomputed


def test_other_versions_are_a_warning_and_their_words_are_not_compared(
    folder: Path,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = custody.versions()
    monkeypatch.setattr(custody, "versions", lambda: here | {"numpy": "99.0"})
    (copy / "data/report.pdf").write_bytes(b"%PDF another version's")
    change(copy / "data/accounts.csv", "key-006", "n_exchanges", "1")
    seal_anew(copy, STRANGER)
    assert workbench("reproduce", copy, "--logs", folder / "logs") == 1
    said = capsys.readouterr()
    assert f"numpy {here['numpy']} (here 99.0)" in said.err
    assert "key-006, n_exchanges: the bundle says 1, recomputed " in said.out
    assert "Not compared, another version wrote them: " in said.out
    assert ": differs\n  1 difference in 1 file; " in said.out


def test_cancelled_within_the_analysis_nothing_remains(folder: Path, small: Path) -> None:
    """What remains is looked for by the fixture above."""
    seen: list[str] = []

    def listen(progress: Progress) -> None:
        seen.append(progress.step)
        if progress.step.startswith("Measuring"):
            job.cancel()

    job = Job(listen)
    with pytest.raises(CancelledError):
        reproduce(small, job, logs=[folder / "logs"])
    assert "Checking files" in seen
    assert "Comparing" not in seen
