"""A bundle that a stranger made to take all memory or time is refused, and costs little."""

from __future__ import annotations

import hashlib
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.bundle import made_up
from tests.bundle.keys import TestKey
from tests.bundle.signed import seal_anew, sign_anew, write_manifest
from workbench.bundle.bag import write_bundle
from workbench.bundle.layout import DEEPEST, MANIFEST, TAG_MANIFEST
from workbench.bundle.verification import Trouble, Verification
from workbench.bundle.verify import verify
from workbench.case.journal_check import LONGEST
from workbench.domain.errors import InputError
from workbench.domain.progress import Job

if TYPE_CHECKING:
    from pathlib import Path

_MIB = 1 << 20
_STRANGER = TestKey("stranger")


def journal_of(bundle: Path) -> Path:
    (path,) = (bundle / "data" / "audit").glob("*.jsonl")
    return path


def first(found: Verification) -> tuple[Trouble, str, str]:
    problem = found.problems[0]
    return problem.trouble, problem.item, problem.detail


def test_a_sparse_journal_that_a_stranger_signed_is_not_read_whole(bundle: Path) -> None:
    path = journal_of(bundle)
    with path.open("r+b") as file:
        file.truncate(6 * LONGEST)
    seal_anew(bundle, _STRANGER)
    tracemalloc.start()
    try:
        found = verify(bundle)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert first(found)[:2] == (Trouble.JOURNAL, f"data/audit/{path.name}")
    assert "Line 4 of the journal" in first(found)[2]
    assert peak < 4 * LONGEST


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b" " * (2 * _MIB), b'{"a": ' * 50_000], ids=["deep", "long", "keys"]
)
def test_heads_that_a_stranger_made_deep_or_long_are_named(bundle: Path, text: bytes) -> None:
    (bundle / "data" / "audit" / "heads.json").write_bytes(text)
    seal_anew(bundle, _STRANGER)
    assert first(verify(bundle))[:2] == (Trouble.JOURNAL, "data/audit/heads.json")


def test_a_deep_line_of_a_journal_is_named(bundle: Path) -> None:
    journal_of(bundle).write_bytes(b"[" * 100_000 + b"\n")
    seal_anew(bundle, _STRANGER)
    assert first(verify(bundle))[0] is Trouble.JOURNAL


def test_a_deep_tree_is_not_followed_down(bundle: Path) -> None:
    folder = bundle / "data"
    for _ in range(200):
        folder /= "a"
    folder.mkdir(parents=True)
    (folder / "x").write_text("x")
    found = verify(bundle)
    top = "data" + "/a" * (DEEPEST - 1)
    assert [(p.trouble, p.item) for p in found.problems] == [(Trouble.ADDED, f"{top}/")]


def test_a_manifest_may_not_lead_deeper_than_the_walk(bundle: Path) -> None:
    folder = bundle / "data" / "/".join("a" * DEEPEST)
    folder.mkdir(parents=True)
    (folder / "x").write_text("x")
    seal_anew(bundle, _STRANGER)
    assert first(verify(bundle))[:2] == (Trouble.MANIFEST, MANIFEST)


def test_more_files_than_a_bundle_holds_are_not_listed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.bundle.walk.MOST_ENTRIES", 200)
    assert verify(bundle).intact
    (bundle / "data" / "more").mkdir()
    for number in range(200):
        (bundle / "data" / "more" / str(number)).touch()
    found = verify(bundle)
    assert [(p.trouble, p.item) for p in found.problems] == [(Trouble.ADDED, ".")]
    assert (found.n_files, found.verdict) == (0, "not intact")


@pytest.mark.parametrize("name", [MANIFEST, TAG_MANIFEST])
def test_a_manifest_of_more_lines_than_files_is_refused_unread(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes(b"\n" * 60_000_000)
    if name == MANIFEST:
        tags = [bundle / MANIFEST, *(bundle / n for n in ("bagit.txt", "bag-info.txt"))]
        write_manifest(bundle, TAG_MANIFEST, [*tags, bundle / "VERIFY.txt"])
    sign_anew(bundle, _STRANGER)
    tracemalloc.start()
    try:
        found = verify(bundle)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (Trouble.MANIFEST, name) in {(p.trouble, p.item) for p in found.problems}
    assert peak < 200 * _MIB


def test_no_bundle_is_written_beyond_the_bounds(
    tmp_path: Path, key: TestKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.bundle.bag.MOST_ENTRIES", 40)
    with pytest.raises(InputError, match="Export fewer"):
        write_bundle(made_up.content(), tmp_path / "b", key, Job())
    assert not list(tmp_path.iterdir())


# --- what is the first item ------------------------------------------------------------------
def test_a_manifest_that_was_changed_is_named_before_what_no_longer_fits_it(bundle: Path) -> None:
    manifest = bundle / MANIFEST
    other = hashlib.sha256(b"other").hexdigest()
    text = manifest.read_text()
    manifest.write_text(other + text[64:])
    found = verify(bundle)
    assert [(p.trouble, p.item) for p in found.problems] == [
        (Trouble.CHANGED, MANIFEST),
        (Trouble.CHANGED, "data/accounts.csv"),
    ]


def test_a_tag_manifest_that_was_changed_is_named_by_its_signature(bundle: Path) -> None:
    tags = bundle / TAG_MANIFEST
    tags.write_text("0" * 64 + tags.read_text()[64:])
    assert first(verify(bundle))[:2] == (Trouble.SIGNATURE, f"signatures/{TAG_MANIFEST}.sig")


@pytest.mark.parametrize("version", ["", "0", "x", "1e3", "-1"])
def test_a_signed_bundle_must_name_its_version(bundle: Path, version: str) -> None:
    info = bundle / "bag-info.txt"
    lines = info.read_text().splitlines()
    text = [f"Bundle-Version: {version}" if "Bundle-V" in line else line for line in lines]
    info.write_text("\n".join(text) + "\n")
    seal_anew(bundle, _STRANGER)
    assert first(verify(bundle))[:2] == (Trouble.CHANGED, "bag-info.txt")
