"""Whatever is done to a bundle is caught, and named."""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bundle import made_up
from tests.bundle.keys import TestKey
from workbench.bundle import sign
from workbench.bundle.bag import Written, write_bundle
from workbench.bundle.content import JournalCopy
from workbench.bundle.documents import bag_info
from workbench.bundle.layout import TAG_MANIFEST
from workbench.bundle.verification import Trouble, Verification
from workbench.bundle.verify import verify
from workbench.domain.errors import CancelledError, InputError, VersionError
from workbench.domain.progress import Job


def files_of(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def troubles(found: Verification) -> set[tuple[Trouble, str]]:
    return {(problem.trouble, problem.item) for problem in found.problems}


# --- intact ----------------------------------------------------------------------------------
def test_without_trust_the_signer_is_unknown(pristine: Written) -> None:
    found = verify(pristine.path)
    assert found.intact
    assert found.trusted is None
    assert found.verdict == "intact, signer unknown"
    assert found.fingerprint == pristine.fingerprint
    assert (found.n_files, found.n_bytes) == (pristine.n_files, pristine.n_bytes)
    assert found.case_digest == made_up.content().case.digest


def test_with_trust_the_signer_is_named(pristine: Written) -> None:
    found = verify(pristine.path, pristine.fingerprint)
    assert found.intact
    assert found.verdict == "intact, signer trusted"


def test_signed_anew_by_a_stranger_is_intact_but_not_trusted(
    pristine: Written, tmp_path: Path
) -> None:
    stranger = TestKey("stranger")
    forged = write_bundle(made_up.content(), tmp_path / "forged", stranger, Job())
    assert verify(forged.path).verdict == "intact, signer unknown"
    found = verify(forged.path, pristine.fingerprint)
    assert not found.intact
    assert found.verdict == "signer not trusted"
    assert found.trusted is False
    assert troubles(found) == {(Trouble.SIGNER, "signatures/tagmanifest-sha256.txt.sig")}
    assert stranger.fingerprint in str(found.problems[0])


# --- every file ------------------------------------------------------------------------------
def test_each_removed_file_is_named(pristine: Written, bundle: Path) -> None:
    for name in files_of(pristine.path):
        (bundle / name).rename(bundle.parent / "away")
        found = verify(bundle)
        assert (Trouble.MISSING, name) in troubles(found)
        assert found.problems[0].item == name
        (bundle.parent / "away").rename(bundle / name)
    assert verify(bundle).intact


def test_each_truncated_or_longer_file_is_named(bundle: Path) -> None:
    for name in files_of(bundle):
        path = bundle / name
        whole = path.read_bytes()
        for other in (whole[:-1], b"", whole + b"\n", whole.replace(b"\n", b"\r\n")):
            if other == whole:
                continue
            path.write_bytes(other)
            assert name in {problem.item for problem in verify(bundle).problems}, name
        path.write_bytes(whole)
    assert verify(bundle).intact


def test_each_renamed_file_is_named_twice(bundle: Path) -> None:
    for name in files_of(bundle):
        renamed = f"{name}.old"
        (bundle / name).rename(bundle / renamed)
        found = troubles(verify(bundle))
        assert (Trouble.MISSING, name) in found
        # Without both manifests it is not known what belongs here; that alone is reported then.
        if name not in {TAG_MANIFEST, "manifest-sha256.txt"}:
            assert (Trouble.ADDED, renamed) in found
        (bundle / renamed).rename(bundle / name)


def test_each_byte_of_the_tag_files_matters(bundle: Path) -> None:
    names = [n for n in files_of(bundle) if not n.startswith("data/")]
    flips = random.Random(5)
    for name in names:
        path = bundle / name
        whole = path.read_bytes()
        places = sorted(flips.sample(range(len(whole)), min(len(whole), 40)))
        for place in places:
            changed = bytearray(whole)
            changed[place] ^= 1 << flips.randrange(8)
            path.write_bytes(bytes(changed))
            assert not verify(bundle).intact, (name, place)
        path.write_bytes(whole)
    assert verify(bundle).intact


def test_a_flipped_byte_in_any_data_file_names_the_file(bundle: Path) -> None:
    flips = random.Random(6)
    for name in files_of(bundle / "data"):
        path = bundle / "data" / name
        whole = path.read_bytes()
        place = flips.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert troubles(verify(bundle)) == {(Trouble.CHANGED, f"data/{name}")}
        path.write_bytes(whole)


def test_two_swapped_files_are_both_named(bundle: Path) -> None:
    one, two = bundle / "data" / "accounts.csv", bundle / "data" / "clusters.csv"
    one_bytes, two_bytes = one.read_bytes(), two.read_bytes()
    one.write_bytes(two_bytes)
    two.write_bytes(one_bytes)
    assert troubles(verify(bundle)) == {
        (Trouble.CHANGED, "data/accounts.csv"),
        (Trouble.CHANGED, "data/clusters.csv"),
    }


# --- manifests rewritten ---------------------------------------------------------------------
def test_a_manifest_rewritten_to_fit_is_caught_by_the_tag_manifest(bundle: Path) -> None:
    import hashlib

    labels = bundle / "data" / "labels.jsonl"
    old = hashlib.sha256(labels.read_bytes()).hexdigest()
    labels.write_bytes(b"{}\n")
    new = hashlib.sha256(b"{}\n").hexdigest()
    manifest = bundle / "manifest-sha256.txt"
    manifest.write_text(manifest.read_text().replace(old, new))
    found = troubles(verify(bundle))
    assert (Trouble.CHANGED, "manifest-sha256.txt") in found
    # Rewriting the tag manifest as well leaves the signature, which nobody else can make.
    tags = bundle / TAG_MANIFEST
    lines = [
        hashlib.sha256((bundle / name).read_bytes()).hexdigest() + "  " + name
        for name in (line.split("  ")[1] for line in tags.read_text().splitlines())
    ]
    tags.write_text("\n".join(lines) + "\n")
    found = troubles(verify(bundle))
    assert (Trouble.SIGNATURE, "signatures/tagmanifest-sha256.txt.sig") in found


def test_the_signature_of_another_bundle_is_refused(
    bundle: Path, tmp_path: Path, key: TestKey
) -> None:
    other = write_bundle(made_up.content(), tmp_path / "other", key, Job())
    shutil.rmtree(bundle / "signatures")
    shutil.copytree(other.path / "signatures", bundle / "signatures")
    found = verify(bundle, key.fingerprint)
    assert troubles(found) == {(Trouble.SIGNATURE, "signatures/tagmanifest-sha256.txt.sig")}
    assert (found.fingerprint, found.trusted) == ("", False)


def test_a_signature_by_another_key_needs_its_own_public_key(bundle: Path) -> None:
    stranger = TestKey("stranger")
    armoured = stranger.sshsig((bundle / TAG_MANIFEST).read_bytes(), sign.NAMESPACE)
    (bundle / "signatures" / f"{TAG_MANIFEST}.sig").write_text(armoured)
    found = verify(bundle)
    assert troubles(found) == {
        (Trouble.CHANGED, "signatures/allowed_signers"),
        (Trouble.CHANGED, "signatures/signer.pub"),
    }


# --- journals --------------------------------------------------------------------------------
def edited(copy: JournalCopy, lines: list[bytes]) -> JournalCopy:
    return replace(copy, lines=tuple(lines))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[1:], "does not verify"),
        (lambda lines: [lines[0], lines[2]], "does not verify"),
        (lambda lines: [lines[0].replace(b"cmd", b"cme"), *lines[1:]], "it was changed"),
        (lambda lines: lines[:2], "does not end where this says"),
        (lambda lines: [], "does not end where this says"),
        (lambda lines: [*lines[:2], b"x\n"], "it is not JSON"),
    ],
)
def test_a_key_holder_cannot_sign_an_altered_journal(
    tmp_path: Path, key: TestKey, change: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    copy = made_up.journal("osei")
    forged = edited(copy, change(list(copy.lines)))
    written = write_bundle(made_up.content(journals=(forged,)), tmp_path / "b", key, Job())
    found = verify(written.path)
    assert [problem.trouble for problem in found.problems] == [Trouble.JOURNAL]
    assert words in found.problems[0].detail


def test_a_journal_of_another_case_is_refused(tmp_path: Path, key: TestKey) -> None:
    content = made_up.content()
    other = replace(content, case=replace(content.case, id="another"))
    found = verify(write_bundle(other, tmp_path / "b", key, Job()).path)
    assert "another case" in found.problems[0].detail


def test_a_case_without_decisions_verifies(tmp_path: Path, key: TestKey) -> None:
    written = write_bundle(made_up.content(journals=()), tmp_path / "b", key, Job())
    assert verify(written.path).intact


DIGEST = "0" * 64


@pytest.mark.parametrize(
    "line",
    [
        f"{DIGEST}  data/../../etc/passwd",
        f"{DIGEST}  /etc/passwd",
        f"{DIGEST}  ../outside",
        f"{DIGEST}  data//x",
        f"{DIGEST}  data\\x",
        f"{DIGEST}  C:/x",
        f"{DIGEST}  ~/x",
        f"{DIGEST}  data/x%0Ay",
        f"{DIGEST}  data/\u202ex",
        f"{DIGEST}  VERIFY.txt",
        f"{DIGEST}  signatures/x",
        f"{DIGEST} *data/x",
        f"{'0' * 63}  data/x",
        f"{DIGEST.replace('0', 'A')}  data/x",
        "",
        "data/x",
    ],
)
def test_a_line_that_leads_elsewhere_is_refused(bundle: Path, line: str) -> None:
    manifest = bundle / "manifest-sha256.txt"
    manifest.write_text(manifest.read_text() + line + "\n", "utf-8")
    assert (Trouble.MANIFEST, "manifest-sha256.txt") in troubles(verify(bundle))


def test_a_doubled_or_unsorted_line_is_refused(bundle: Path) -> None:
    manifest = bundle / "manifest-sha256.txt"
    lines = manifest.read_text().splitlines(keepends=True)
    for wrong in (lines[:1] + lines, lines[::-1]):
        manifest.write_text("".join(wrong))
        assert (Trouble.MANIFEST, "manifest-sha256.txt") in troubles(verify(bundle))


def test_a_tag_manifest_may_not_forget_a_tag_file(bundle: Path) -> None:
    tags = bundle / TAG_MANIFEST
    tags.write_text("".join(tags.read_text().splitlines(keepends=True)[1:]))
    assert (Trouble.MANIFEST, TAG_MANIFEST) in troubles(verify(bundle))


def test_a_tag_file_too_long_to_be_ours_is_not_read_whole(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.bundle.verify.LONGEST_TAG_FILE", 100)
    assert (Trouble.CHANGED, "manifest-sha256.txt") in troubles(verify(bundle))


def test_a_file_that_cannot_be_read_is_named(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = os.open

    def refuse(path: Path, flags: int) -> int:
        if path.name == "accounts.csv":
            raise PermissionError(13, "Permission denied")
        return honest(path, flags)

    monkeypatch.setattr("workbench.bundle.walk.os.open", refuse)
    found = verify(bundle)
    assert troubles(found) == {(Trouble.CHANGED, "data/accounts.csv")}
    assert found.problems[0].detail == "Permission denied"


def test_a_folder_that_cannot_be_listed_is_named(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.scandir

    def refuse(path: Path) -> object:
        if path.name == "figures":
            raise PermissionError(13, "Permission denied")
        return honest(path)

    with monkeypatch.context() as patched:
        patched.setattr("workbench.bundle.walk.os.scandir", refuse)
        found = troubles(verify(bundle))
    assert (Trouble.CHANGED, "data/figures/") in found


def test_a_tag_file_that_cannot_be_read_is_named(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.open

    def refuse(path: Path, flags: int) -> int:
        if path.name == TAG_MANIFEST:
            raise PermissionError(13, "Permission denied")
        return honest(path, flags)

    with monkeypatch.context() as patched:
        patched.setattr("workbench.bundle.walk.os.open", refuse)
        found = troubles(verify(bundle))
    assert (Trouble.CHANGED, TAG_MANIFEST) in found


def test_a_signed_sum_that_does_not_fit_is_named(
    tmp_path: Path, key: TestKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = bag_info
    monkeypatch.setattr(
        "workbench.bundle.bag.bag_info",
        lambda content, **_: honest(content, n_bytes=1, n_files=1),
    )
    written = write_bundle(made_up.content(), tmp_path / "b", key, Job())
    assert troubles(verify(written.path)) == {(Trouble.CHANGED, "data/")}


def test_heads_that_are_not_json_are_named(
    tmp_path: Path, key: TestKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    import workbench.bundle.payload as payload

    honest = payload.write_json

    def broken(path: Path, value: object) -> None:
        honest(path, value)
        if path.name == "heads.json":
            path.write_text("{")

    monkeypatch.setattr(payload, "write_json", broken)
    written = write_bundle(made_up.content(), tmp_path / "b", key, Job())
    assert troubles(verify(written.path)) == {(Trouble.JOURNAL, "data/audit/heads.json")}


def test_progress_and_machine_form(pristine: Written, bundle: Path) -> None:
    shares: list[float] = []
    job = Job(lambda progress: shares.append(progress.done or 0.0), interval=0.0)
    found = verify(pristine.path, job=job)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert found.as_dict()["problems"] == []
    (bundle / "data" / "labels.jsonl").unlink()
    told = verify(bundle).as_dict()
    assert (told["verdict"], told["intact"]) == ("not intact", False)
    assert told["problems"][0] == {
        "item": "data/labels.jsonl",
        "trouble": "missing",
        "detail": "",
    }


# --- no bundle at all ------------------------------------------------------------------------
def test_what_is_no_bundle_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file.zip").write_bytes(b"PK\x03\x04")
    for path in (tmp_path, tmp_path / "file.zip", tmp_path / "nothing"):
        with pytest.raises(InputError):
            verify(path)


def test_a_fingerprint_that_is_none_is_bad_input(pristine: Written) -> None:
    for wrong in ("", "keller", "SHA256:short", "MD5:" + "0" * 43):
        with pytest.raises(InputError, match="not a fingerprint"):
            verify(pristine.path, wrong)


def test_a_newer_version_is_refused_by_name(
    tmp_path: Path, key: TestKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.bundle.documents.BUNDLE_VERSION", 99)
    newer = write_bundle(made_up.content(), tmp_path / "newer", key, Job())
    monkeypatch.undo()
    with pytest.raises(VersionError, match="version 99"):
        verify(newer.path)


def test_cancel_stops_it(pristine: Written) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(CancelledError):
        verify(pristine.path, job=job)
