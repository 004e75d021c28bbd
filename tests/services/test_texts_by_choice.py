"""Texts leave a case by choice only: none by default, some one by one, all where asked for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pypdf
import pytest

from workbench.bundle.content import TEXT_COLUMNS
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLUSTER = Scope(clusters=("C-001",))
#: In every prompt of the cluster's accounts there is one of these, and nowhere in a template.
ASKED = [f"question {number}" for number in range(97)]


@pytest.fixture
def workspace(harbour: Path) -> Iterator[Workspace]:
    with Workspace.open(harbour, analyst="M. Keller") as workspace:
        yield workspace


def rows_of(bundle: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(bundle / "data" / "evidence.parquet").to_pylist()
    return rows


def told(bundle: Path) -> str:
    """Every file of a bundle as text: the report's pages, rows of evidence, all else as it is."""
    parts = [json.dumps(rows_of(bundle), default=str)]
    reader = pypdf.PdfReader(bundle / "data" / "report.pdf")
    parts += [" ".join(page.extract_text().split()) for page in reader.pages]
    for path in bundle.rglob("*"):
        if path.is_file() and path.suffix not in {".pdf", ".parquet"}:
            parts.append(path.read_text("utf-8"))
    return "\n".join(parts).replace("\u200b", "")


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def test_by_default_digests_leave_the_case_and_no_text(
    workspace: Workspace, tmp_path: Path
) -> None:
    report = workspace.exporting.run(CLUSTER, tmp_path / "none", Job())
    whole = workspace.exporting.run(CLUSTER, tmp_path / "all", Job(), raw=True)
    bare, full = rows_of(report.path), rows_of(whole.path)
    assert len(bare) == len(full) == 160
    for one, other in zip(bare, full, strict=True):
        assert [one[name] for name in (*TEXT_COLUMNS, "embedding")] == [None] * 6
        assert other["prompt"].startswith("Show the reasoning")
        for name in TEXT_COLUMNS:
            said = other[name]
            assert one[f"{name}_digest"] == (None if said is None else digest(said))
        rest = {name: value for name, value in one.items() if name not in TEXT_COLUMNS}
        assert rest == {name: value for name, value in other.items() if name in rest}
    words, every = told(report.path), told(whole.path)
    assert not [text for text in ASKED if f": {text}" in words]
    assert [text for text in ASKED if f": {text}" in every]
    assert "Texts of prompts and answers are left out;" in words
    assert f"text left out; BLAKE2b-128 {bare[0]['prompt_digest']}"[:30] in words
    (reject,) = (report.path / "data" / "ingest" / "rejects.jsonl").read_text().splitlines()
    assert json.loads(reject)["raw_base64"] is None
    assert json.loads(reject)["raw_sha256"] == hashlib.sha256(b"\xff{").hexdigest()
    assert json.loads(reject)["n_bytes"] == 2


def test_an_exhibit_is_shown_with_its_text_and_told_apart(
    workspace: Workspace, tmp_path: Path
) -> None:
    out = tmp_path / "first"
    ids = [row["exchange_id"] for row in rows_of(workspace.exporting.run(CLUSTER, out, Job()).path)]
    chosen = [ids[77], ids[3], ids[77]]
    report = workspace.exporting.run(CLUSTER, tmp_path / "second", Job(), exhibits=chosen)
    rows = rows_of(report.path)
    assert sorted(row["exchange_id"] for row in rows if row["prompt"]) == sorted({*chosen})
    words = told(report.path)
    assert words.count("chosen by a person, one by one") == 2
    assert "First those that a person chose one by one; then, by rule, others." in words
    assert "but of 2 exchanges that a person chose one by one" in words
    prompts = [row["prompt"] for row in rows if row["prompt"]]
    assert all(prompt in words for prompt in prompts)
    # The digest in the others' place is all of it, however long what it stands for is.
    assert "(text left out; BLAKE2b-128 " in words
    assert "more characters" not in words
    texts = json.loads((report.path / "data" / "method" / "texts.json").read_text())
    assert texts == {"all": False, "exhibits": sorted({*chosen})}


def test_what_was_chosen_stands_in_the_journal_and_the_same_choice_gives_the_same_bytes(
    workspace: Workspace, tmp_path: Path
) -> None:
    one = workspace.exporting.run(CLUSTER, tmp_path / "one", Job(), raw=True)
    two = workspace.exporting.run(CLUSTER, tmp_path / "two", Job(), raw=True)
    manifests = {(r.path / "manifest-sha256.txt").read_bytes() for r in (one, two)}
    assert len(manifests) == 1
    first = rows_of(one.path)[0]["exchange_id"]
    workspace.exporting.run(CLUSTER, tmp_path / "three", Job(), exhibits=[first])
    entries = workspace._held.case.journals.entries()
    bodies = [entry.body for entry in entries if entry.kind is EntryKind.EXPORT]
    assert [(body["all_texts"], body["exhibits"]) for body in bodies] == [
        (True, []),
        (True, []),
        (False, [first]),
    ]


def test_an_exhibit_of_nobody_who_is_exported_is_refused(
    workspace: Workspace, tmp_path: Path
) -> None:
    mine = {row["exchange_id"] for row in
            rows_of(workspace.exporting.run(CLUSTER, tmp_path / "a", Job()).path)}  # fmt: skip
    other = next(number for number in range(480) if number not in mine)
    for wrong in (other, 10**9, -1):
        with pytest.raises(InputError, match=f"Exchange {wrong} is not of an exported account"):
            workspace.exporting.run(CLUSTER, tmp_path / "b", Job(), exhibits=[wrong])
    assert not (tmp_path / "b").exists()
