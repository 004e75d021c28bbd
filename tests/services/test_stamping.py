"""Time stamps: by an authority of our own, over HTTP and carried by hand, checked by openssl."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.bundle.keys import TestKey
from tests.bundle.signed import seal_anew
from tests.time_authority import Authority, needs_openssl
from workbench.bundle.verification import Trouble
from workbench.bundle.verify import verify
from workbench.domain.errors import InputError, KnownError, VerificationError
from workbench.domain.label import EntryKind, Label
from workbench.domain.progress import Job
from workbench.services.export_scope import Scope
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_openssl

STRANGER = TestKey("stranger")
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "tsa")


def decided(workspace: Workspace) -> Workspace:
    workspace.policies.set({"legal_hold": True}, "order 12/26")
    return workspace


def test_a_server_stamps_the_heads_and_openssl_agrees(
    workspace: Workspace, authority: Authority
) -> None:
    decided(workspace)
    with authority.serving() as url:
        asked = workspace.stamping.ask(url)
    (stamp,) = asked.stamped
    assert (asked.waiting, asked.trouble) == ((), "")
    assert stamp.answer is not None
    assert stamp.answer.authority == "CN=Clock of tests,O=Tests"
    ((again, said),) = workspace.stamping.listed(authority.root)
    assert (again, said) == (stamp, "signature holds")
    folder = workspace.path / "decided" / "stamps"
    checked = subprocess.run(
        [
            *("openssl", "ts", "-verify", "-data", folder / f"{stamp.digest}.json"),
            *("-in", folder / f"{stamp.digest}.tsr", "-CAfile", authority.root),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in checked.stdout + checked.stderr
    last = workspace.labelling.history()[0]
    assert last.kind is EntryKind.STAMP
    assert "time-stamped by CN=Clock of tests,O=Tests" in last.what


def test_what_gets_no_answer_waits_and_is_sent_with_the_next(
    workspace: Workspace, authority: Authority
) -> None:
    decided(workspace)
    for url in ("", NOWHERE):
        asked = workspace.stamping.ask(url)
        assert (len(asked.stamped), len(asked.waiting)) == (0, 1)
        assert ("cannot be reached" in asked.trouble) == bool(url)
    with authority.serving(status=503) as url:
        assert "answered 503" in workspace.stamping.ask(url).trouble
    assert [said for _, said in workspace.stamping.listed()] == ["waits"]
    workspace.labelling.undo()
    with authority.serving() as url:
        asked = workspace.stamping.ask(url)
    assert (len(asked.stamped), len(asked.waiting)) == (2, 0)
    assert [said for _, said in workspace.stamping.listed()] == ["signature not checked"] * 2


def test_a_request_is_carried_there_and_the_answer_back(path: Path, authority: Authority) -> None:
    with Workspace.open(path) as workspace:
        decided(workspace)
        stamp, request = workspace.stamping.request()
    answer = authority.answer(request)
    with Workspace.open(path) as workspace:
        taken, changes = workspace.stamping.take(answer)
        assert changes.decided
        assert taken.digest == stamp.digest
        assert taken.answer is not None


def test_the_server_of_the_settings_is_asked(workspace: Workspace, authority: Authority) -> None:
    with authority.serving() as url:
        workspace.policies.set({"stamp_url": url}, "ours")
        assert len(workspace.stamping.ask().stamped) == 1


def test_answers_that_are_none_are_refused(
    workspace: Workspace, authority: Authority, tmp_path: Path
) -> None:
    decided(workspace)
    _, request = workspace.stamping.request()
    answer = authority.answer(request)
    refusal = Authority(tmp_path / "picky", digests="sha512").answer(request)
    other = authority.answer(_request_of(b"something else"))
    for data, words in (
        (b"", "is no time stamp"),
        (b"<html>", "is no time stamp"),
        (answer[:-20], "is no time stamp"),
        (bytes(2 << 20), "too long"),
        (refusal, "The authority refused"),
        (other, "no state of this case's journals"),
    ):
        with pytest.raises(InputError, match=words):
            workspace.stamping.take(data)
    assert [said for _, said in workspace.stamping.listed()] == ["waits"]
    workspace.stamping.take(answer)


def _request_of(data: bytes) -> bytes:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    return TimestampRequestBuilder(data, HashAlgorithm.SHA256).build().as_bytes()


def test_an_authority_that_nobody_trusts_is_told(
    workspace: Workspace, authority: Authority, tmp_path: Path
) -> None:
    decided(workspace)
    with authority.serving() as url:
        workspace.stamping.ask(url)
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(VerificationError, match="does not hold"):
        workspace.stamping.listed(stranger.root)
    (tmp_path / "none.pem").write_text("no certificate")
    for path in (tmp_path / "none.pem", tmp_path / "absent.pem"):
        with pytest.raises(InputError, match="no certificates"):
            workspace.stamping.listed(path)


@pytest.mark.parametrize("suffix", [".json", ".tsr"])
def test_each_byte_of_a_stamp_that_changes_is_noticed(
    workspace: Workspace, authority: Authority, suffix: str
) -> None:
    decided(workspace)
    with authority.serving() as url:
        (stamp,) = workspace.stamping.ask(url).stamped
    file = workspace.path / "decided" / "stamps" / f"{stamp.digest}{suffix}"
    sound = file.read_bytes()
    for place in range(0, len(sound), 7):
        file.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        try:
            ((found, _),) = workspace.stamping.listed(authority.root)
        except KnownError:
            continue
        # What no signature covers, such as a status or a certificate that is not needed.
        assert suffix == ".tsr"
        assert found.answer is not None
        assert stamp.answer is not None
        assert found.answer.at == stamp.answer.at
        assert found.heads == stamp.heads
    file.write_bytes(sound)
    assert workspace.stamping.listed(authority.root)[0][1] == "signature holds"


def test_lines_that_were_stamped_and_are_gone_are_named(path: Path, authority: Authority) -> None:
    with Workspace.open(path) as workspace:
        decided(workspace)
        with authority.serving() as url:
            workspace.stamping.ask(url)
    (journal,) = (path / "decided").glob("*.jsonl")
    journal.write_bytes(b"")
    with Workspace.open(path, write=False) as workspace, pytest.raises(VerificationError) as told:
        workspace.stamping.listed()
    assert journal.stem in str(told.value)


def test_nothing_decided_is_nothing_to_stamp(path: Path) -> None:
    with Workspace.open(path) as workspace:
        entries = workspace.labelling.history()
        if not entries:
            with pytest.raises(InputError, match="nothing to stamp"):
                workspace.stamping.ask()
        assert workspace.stamping.listed() == []


@pytest.mark.parametrize(
    "url", ["ftp://x/", "tsa.example.org", "https://u:p@x/", "https://", "http://x:port/", "\udcff"]
)
def test_an_address_that_is_none_is_refused(workspace: Workspace, url: str) -> None:
    decided(workspace)
    assert "is no address" in workspace.stamping.ask(url).trouble


def test_a_bundle_brings_the_stamps_of_its_journals(
    harbour: Path, authority: Authority, tmp_path: Path
) -> None:
    scope = Scope(clusters=("C-001",))
    with Workspace.open(harbour, analyst="Mara") as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
        bare = workspace.exporting.run(scope, tmp_path / "bare", Job()).path
        stamps = []
        for _ in range(2):
            _, request = workspace.stamping.request()
            stamps.append(workspace.stamping.take(authority.answer(request))[0])
            if len(stamps) == 1:
                workspace.labelling.note("looked again")
        bundle = workspace.exporting.run(scope, tmp_path / "bundle", Job()).path
    assert not (bare / "data/audit/stamps").exists()
    assert "openssl" not in (bare / "VERIFY.txt").read_text()
    folder = bundle / "data/audit/stamps"
    names = {f"{one.digest}{end}" for one in stamps for end in (".json", ".tsr")}
    assert {path.name for path in folder.iterdir()} == names
    assert verify(bundle).intact
    said = (bundle / "VERIFY.txt").read_text()
    assert "openssl ts -verify -data DIGEST.json" in said
    for one in stamps:
        checked = subprocess.run(
            [
                *("openssl", "ts", "-verify", "-data", f"{one.digest}.json"),
                *("-in", f"{one.digest}.tsr", "-CAfile", authority.root),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Verification: OK" in checked.stdout + checked.stderr


def test_what_is_wrong_with_the_stamps_of_a_bundle_is_named(
    harbour: Path, authority: Authority, tmp_path: Path
) -> None:
    with Workspace.open(harbour, analyst="Mara") as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
        stamp, request = workspace.stamping.request()
        workspace.stamping.take(authority.answer(request))
        scope = Scope(clusters=("C-001",))
        bundle = workspace.exporting.run(scope, tmp_path / "bundle", Job()).path
    name = f"data/audit/stamps/{stamp.digest}"
    elsewhere = (bundle / f"{name}.json").read_bytes().replace(b'"number": 1', b'"number": 9')
    other = f"data/audit/stamps/{hashlib.sha256(elsewhere).hexdigest()}"
    of_other = authority.answer(_request_of(elsewhere))
    lies: list[tuple[dict[str, bytes | None], str]] = [
        ({f"{name}.tsr": of_other}, "data/audit/stamps"),
        ({f"{name}.tsr": b"<html>"}, "data/audit/stamps"),
        ({f"{name}.tsr": None}, name),
        ({f"{name}.json": None}, "data/audit/stamps"),
        ({f"{name}.json": b"{}"}, "data/audit/stamps"),
        ({f"{other}.json": elsewhere, f"{other}.tsr": of_other}, f"{other}.json"),
    ]
    for number, (change, where) in enumerate(lies):
        forged = shutil.copytree(bundle, tmp_path / f"forged{number}")
        for file, data in change.items():
            if data is None:
                (forged / file).unlink()
            else:
                (forged / file).write_bytes(data)
        seal_anew(forged, STRANGER)
        problems = verify(forged).problems
        assert [(one.trouble, one.item) for one in problems] == [(Trouble.JOURNAL, where)]
