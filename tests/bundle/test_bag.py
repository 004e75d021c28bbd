import csv
import filecmp
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import bagit
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.bundle import made_up
from tests.bundle.keys import TestKey
from workbench.bundle.bag import Written, write_bundle
from workbench.bundle.content import EVIDENCE_SCHEMA
from workbench.bundle.layout import BUNDLE_VERSION, tag_files
from workbench.domain.errors import CancelledError, InputError, StorageError
from workbench.domain.progress import Job


def files_of(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def same(one: Path, two: Path) -> bool:
    names = files_of(one)
    _, wrong, broken = filecmp.cmpfiles(one, two, names, shallow=False)
    return names == files_of(two) and not wrong and not broken


# --- the contract ----------------------------------------------------------------------------
def test_the_files_of_the_contract_are_there(pristine: Written) -> None:
    names = set(files_of(pristine.path))
    expected = set(tag_files(BUNDLE_VERSION)) | {
        "tagmanifest-sha256.txt",
        "signatures/tagmanifest-sha256.txt.sig",
        *(f"data/{n}" for n in ("report.pdf", "accounts.csv", "exchanges.csv", "clusters.csv")),
        *(
            f"data/{n}"
            for n in ("evidence.parquet", "sources.csv", "labels.jsonl", "statements.jsonl")
        ),
        *(f"data/ingest/{n}" for n in ("frame.json", "mapping.json", "accounting.json")),
        "data/ingest/rejects.jsonl",
        "data/audit/heads.json",
        f"data/audit/{TestKey().journal}.jsonl",
        "data/alternatives.md",
        "data/certificate-902.txt",
        *(f"data/method/{n}" for n in ("versions.json", "settings.json", "runs.jsonl")),
        "data/method/queries/account_summary.sql",
        "data/figures/01-map.svg",
        "data/figures/01-map.csv",
    }
    assert expected <= names
    assert pristine.n_files == len(names)
    assert pristine.n_bytes == sum((pristine.path / n).stat().st_size for n in names)


@pytest.mark.filterwarnings("ignore:'count' is passed as positional argument:DeprecationWarning")
def test_the_reference_implementation_accepts_it(pristine: Written) -> None:
    bag = bagit.Bag(str(pristine.path))
    assert bag.validate()
    assert bag.info["External-Identifier"] == "case-2026-0147"


def test_the_tag_manifest_lists_every_tag_file_but_itself_and_signatures(pristine: Written) -> None:
    lines = (pristine.path / "tagmanifest-sha256.txt").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == sorted(tag_files(BUNDLE_VERSION))


def commands(verify_txt: str) -> list[str]:
    """The commands that VERIFY.txt tells a recipient to give, continued lines joined."""
    joined = re.sub(r"\s*\\\n\s*", " ", verify_txt.partition("by hand")[0])
    starts = tuple(" " * 5 + name for name in ("sha256sum ", "find ", "wc ", "ssh-keygen "))
    return [line.strip() for line in joined.splitlines() if line.startswith(starts)]


def test_verify_txt_alone_verifies_it(pristine: Written) -> None:
    text = (pristine.path / "VERIFY.txt").read_text()
    ran = []
    for line in commands(text):
        command, _, expected = line.partition("     ")
        done = subprocess.run(command, shell=True, cwd=pristine.path, capture_output=True)
        output = done.stdout.decode().strip()
        assert done.returncode == 0, (command, done.stderr)
        if number := re.search(r"must print (\d+)", expected):
            assert output == number.group(1), command
        elif not command.startswith("ssh-keygen"):
            assert output == "", command
        else:
            assert "Good " in output
            assert pristine.fingerprint in output
        ran.append(command.split()[0])
    assert ran == ["sha256sum", "sha256sum", "find", "find", "wc", "find", "ssh-keygen"]


def test_verify_txt_alone_finds_a_changed_and_an_added_file(bundle: Path) -> None:
    with (bundle / "data" / "labels.jsonl").open("ab") as file:
        file.write(b"\n")
    (bundle / "data" / "more.txt").write_text("x")
    answers = []
    for line in commands((bundle / "VERIFY.txt").read_text()):
        command, _, expected = line.partition("     ")
        done = subprocess.run(command, shell=True, cwd=bundle, capture_output=True)
        number = re.search(r"must print (\d+)", expected)
        wrong = number is not None and done.stdout.decode().strip() != number.group(1)
        answers.append(bool(done.returncode) or wrong)
    assert answers == [False, True, True, True, False, False, False]


def by_hand(verify_txt: str) -> tuple[str, str]:
    """The commands for the case digest and for the journals."""
    lines = verify_txt.splitlines()
    digest = next(line for line in lines if "method/case-digest.json" in line)
    first = next(number for number, line in enumerate(lines) if "for f in data/audit" in line)
    return digest.strip(), "\n".join(lines[first : first + 3])


def test_case_digest_and_journals_are_checked_by_hand(bundle: Path) -> None:
    digest, journals = by_hand((bundle / "VERIFY.txt").read_text())

    def said(command: str) -> str:
        done = subprocess.run(["sh", "-c", command], cwd=bundle, capture_output=True, check=True)
        return done.stdout.decode()

    info = (bundle / "bag-info.txt").read_text()
    assert f"Case-Digest: sha256:{said(digest).split()[0]}\n" in info
    heads = json.loads((bundle / "data" / "audit" / "heads.json").read_text())
    ends = {name: head["digest"] for name, head in heads.items()}
    told = [line.split() for line in said(journals).splitlines()]
    assert {Path(file).stem: end for end, file in told} == ends
    # A line that says another thing breaks the next one, and a cut journal ends elsewhere.
    (journal, *_) = sorted((bundle / "data" / "audit").glob("*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) > 1
    journal.write_bytes(b"".join([lines[0].replace(b'"kind":"', b'"kind":"x'), *lines[1:]]))
    assert f"broken: data/audit/{journal.name}" in said(journals)
    journal.write_bytes(b"".join(lines[:-1]))
    assert ends[journal.stem] not in said(journals)


# --- the same bytes --------------------------------------------------------------------------
def test_the_same_content_gives_the_same_bytes(
    pristine: Written, tmp_path: Path, key: TestKey
) -> None:
    again = write_bundle(made_up.content(made_up.MENAGERIE), tmp_path / "again", key, Job())
    assert same(pristine.path, again.path)


def test_another_key_changes_nothing_but_the_signature(pristine: Written, tmp_path: Path) -> None:
    other = write_bundle(
        made_up.content(made_up.MENAGERIE), tmp_path / "other", TestKey("osei"), Job()
    )
    names = files_of(pristine.path)
    _, wrong, _ = filecmp.cmpfiles(pristine.path, other.path, names, shallow=False)
    assert sorted(wrong) == [
        "signatures/allowed_signers",
        "signatures/signer.pub",
        "signatures/tagmanifest-sha256.txt.sig",
    ]


def test_batch_sizes_leave_no_trace(tmp_path: Path, key: TestKey, monkeypatch: Any) -> None:
    monkeypatch.setattr("workbench.bundle.payload.ROW_GROUP", 7)

    def chunked(rows: int) -> Any:
        table = pa.Table.from_batches(made_up.evidence(40))
        return lambda: table.combine_chunks().to_batches(max_chunksize=rows)

    digests = set()
    for rows in (1, 7, 13, 40):
        content = replace(made_up.content(), evidence=chunked(rows), n_evidence=40)
        written = write_bundle(content, tmp_path / str(rows), key, Job())
        digests.add((written.path / "manifest-sha256.txt").read_text())
    assert len(digests) == 1


# --- what the files say ----------------------------------------------------------------------
def test_the_evidence_is_exact_and_the_viewing_copy_is_inert(pristine: Written) -> None:
    table = pq.read_table(pristine.path / "data" / "evidence.parquet")
    assert table.schema == EVIDENCE_SCHEMA
    assert table.equals(pa.Table.from_batches(made_up.evidence()))
    with (pristine.path / "data" / "exchanges.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["exchange_id"] for row in rows] == [str(10_000 + i) for i in range(12)]
    assert rows[0]["prompt"].startswith("'=HYPERLINK")
    assert not {"completion", "embedding", "system", "reasoning"} & set(rows[0])


def test_the_accounting_adds_up(pristine: Written) -> None:
    with (pristine.path / "data" / "sources.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    for row in rows:
        fates = ("loaded", "joined", "rejected", "blank", "duplicate", "conflict", "header")
        assert int(row["records"]) == sum(int(row[fate]) for fate in fates)


def test_withdrawn_labels_and_rejected_bytes_are_kept(pristine: Written) -> None:
    lines = (pristine.path / "data" / "labels.jsonl").read_text().splitlines()
    labels = [json.loads(line) for line in lines]
    assert [label["label"] for label in labels] == ["suspected", "confirmed", "confirmed"]
    assert labels[0]["withdrawn_by"] == made_up.digest("entry 2")
    assert labels[1]["withdrawn_by"] is None
    reject = json.loads((pristine.path / "data" / "ingest" / "rejects.jsonl").read_text())
    assert reject["raw_base64"] == "eyJwcm9tcHQiOiD/AA=="


def test_the_case_name_cannot_add_a_line_to_bag_info(tmp_path: Path, key: TestKey) -> None:
    content = made_up.content()
    case = replace(content.case, name="x\nPayload-Oxum: 1.1\r\n\u2028y")
    written = write_bundle(replace(content, case=case), tmp_path / "b", key, Job())
    lines = (written.path / "bag-info.txt").read_text().splitlines()
    assert sum(line.startswith("Payload-Oxum") for line in lines) == 1


# --- whole or not at all ---------------------------------------------------------------------
def test_an_existing_target_is_refused_and_untouched(tmp_path: Path, key: TestKey) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    for out in list(tmp_path.iterdir()):
        with pytest.raises(InputError, match="exists already"):
            write_bundle(made_up.content(), out, key, Job())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder", "link"]


class _CancelAt(Job):
    def __init__(self, at: int) -> None:
        super().__init__()
        self.asked = 0
        self.at = at

    def check(self) -> None:
        self.asked += 1
        if self.asked == self.at:
            self.cancel()
        super().check()


def test_cancel_at_any_moment_leaves_nothing(tmp_path: Path, key: TestKey) -> None:
    counting = _CancelAt(-1)
    write_bundle(made_up.content(), tmp_path / "whole", key, counting)
    for at in (1, *range(7, counting.asked, 31), counting.asked):
        with pytest.raises(CancelledError):
            write_bundle(made_up.content(), tmp_path / "half", key, _CancelAt(at))
        assert [p.name for p in tmp_path.iterdir()] == ["whole"]


def test_a_full_disk_leaves_nothing_and_says_what_to_free(
    tmp_path: Path, key: TestKey, monkeypatch: Any
) -> None:
    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.bundle.bag.render", full)
    with pytest.raises(StorageError, match=r"Disk is full.*Free some space"):
        write_bundle(made_up.content(), tmp_path / "b", key, Job())
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, key: TestKey) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="Choose another folder"):
        write_bundle(made_up.content(), tmp_path / "file" / "b", key, Job())


def test_evidence_that_does_not_arrive_is_our_bug_and_leaves_nothing(
    tmp_path: Path, key: TestKey
) -> None:
    def short() -> Iterator[pa.RecordBatch]:
        yield made_up.evidence()[0]

    with pytest.raises(ValueError, match="5 exchanges arrived, 12 were announced"):
        write_bundle(made_up.content(evidence=short), tmp_path / "b", key, Job())
    assert not list(tmp_path.iterdir())


def test_nothing_to_export_is_refused(tmp_path: Path, key: TestKey) -> None:
    with pytest.raises(ValueError, match="something to export"):
        write_bundle(made_up.content(subjects=()), tmp_path / "b", key, Job())


def test_progress_never_goes_back(tmp_path: Path, key: TestKey) -> None:
    shares: list[float] = []
    job = Job(lambda p: shares.append(p.done or 0.0), interval=0.0)
    write_bundle(made_up.content(), tmp_path / "b", key, job)
    assert shares == sorted(shares)
    assert {0.7, 0.8, 0.9} <= set(shares)
