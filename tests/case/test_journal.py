"""Journals: chained, signed, pinned; every damage is named."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785

from tests.case.journals import note, opened
from workbench.case import sshsig
from workbench.case.journal import JournalCheck
from workbench.case.journal_lines import NAMESPACE
from workbench.domain.errors import CaseError, InputError, StorageError, VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from workbench.case.identity import Signer


def test_entries_are_read_back(folder: Path, ana: Signer) -> None:
    journals = opened(folder)
    body = {
        "accounts": ["key:gw:a\0b", "key::x"],
        "label": "benign",
        "why": "ünï \u202e",
        "x": None,
    }
    first = journals.append(EntryKind.LABEL, body, ana)
    second = journals.append(EntryKind.RUN, {"seed": 1, "q": 0.05, "big": 2**53 - 1}, ana)
    assert (first.number, first.previous, first.analyst) == (1, "0" * 64, ana.analyst)
    assert (second.number, second.previous) == (2, first.digest)
    assert first.body == body
    again = opened(folder, write=False)
    assert again.entries() == [first, second] == journals.entries()
    assert again.head(ana.journal) == second.digest
    assert again.head("nobody") == "0" * 64
    assert again.keys() == [ana.journal]
    assert again.verify() == JournalCheck(journals=1, entries=2)


def test_a_line_can_be_checked_with_public_tools_alone(folder: Path, ana: Signer) -> None:
    journals = opened(folder)
    for i in range(3):
        note(journals, str(i), ana)
    previous = "0" * 64
    for line in (folder / f"{ana.journal}.jsonl").read_bytes().splitlines():
        found = json.loads(line)
        assert rfc8785.dumps(found) == line
        assert found["previous"] == previous
        previous = hashlib.sha256(line).hexdigest()
        signature = found.pop("signature")
        armoured = sshsig.armour(ana.public_key, _decoded(signature), NAMESPACE)
        assert sshsig.verify(rfc8785.dumps(found), armoured, NAMESPACE) == ana.fingerprint
    assert previous == journals.head(ana.journal)


def _decoded(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def test_journals_of_two_analysts_see_each_other(folder: Path, ana: Signer, bo: Signer) -> None:
    journals = opened(folder)
    note(journals, "1", ana)
    note(journals, "2", bo)
    note(journals, "3", ana)
    assert [entry.body["text"] for entry in journals.entries()] == ["1", "2", "3"]
    (line,) = (folder / f"{bo.journal}.jsonl").read_bytes().splitlines()
    assert json.loads(line)["seen"] == {ana.journal: journals.entries()[0].digest}
    assert journals.verify() == JournalCheck(journals=2, entries=3)


def test_what_was_seen_comes_first_whatever_the_clock_says(
    folder: Path, ana: Signer, bo: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = opened(folder)
    for at_us, signer in ((1000, ana), (10, bo), (500, ana), (400, bo)):
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        note(journals, str(at_us), signer)
    expected = ["1000", "10", "500", "400"]
    assert [entry.body["text"] for entry in journals.entries()] == expected
    assert [entry.body["text"] for entry in opened(folder).entries()] == expected


def test_unseen_entries_of_two_copies_go_by_the_clock(
    folder: Path, tmp_path: Path, ana: Signer, bo: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for at_us, place, signer in ((30, folder, ana), (20, copy, bo), (40, copy, bo)):
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        note(opened(place), str(at_us), signer)
    shutil.copy(copy / f"{bo.journal}.jsonl", folder)
    merged = opened(folder)
    assert [entry.body["text"] for entry in merged.entries()] == ["20", "30", "40"]
    assert merged.verify() == JournalCheck(journals=2, entries=3)


@pytest.mark.parametrize(
    "body",
    [{"n": 2**53}, {"n": -(2**60)}, {"x": float("nan")}, {"x": [float("inf")]}, {"a": {1: 2}}],
)
def test_what_json_cannot_carry_is_refused(folder: Path, ana: Signer, body: dict[str, Any]) -> None:
    journals = opened(folder)
    with pytest.raises(InputError, match="cannot be written to the journal"):
        journals.append(EntryKind.NOTE, body, ana)
    assert journals.entries() == []
    assert list(folder.iterdir()) == []


def test_lone_surrogates_become_visible_escapes(folder: Path, ana: Signer) -> None:
    journals = opened(folder)
    entry = journals.append(EntryKind.NOTE, {"text": "a\udc80b", "of\ud800": ["\udfff"]}, ana)
    assert entry.body == {"text": "a\\udc80b", "of\\ud800": ["\\udfff"]}
    assert opened(folder).entries() == [entry]
    assert journals.verify().entries == 1


def test_numbers_and_tuples_come_back_as_json_has_them(folder: Path, ana: Signer) -> None:
    body = {"at": (1.5, 2), "tiny": 5e-324, "third": 1 / 3}
    entry = opened(folder).append(EntryKind.NOTE, body, ana)
    assert entry.body == {"at": [1.5, 2], "tiny": 5e-324, "third": 1 / 3}


def test_reading_only_decides_nothing(folder: Path, ana: Signer) -> None:
    with pytest.raises(CaseError, match="reading only"):
        note(opened(folder, write=False), "x", ana)


# --- crashes ---------------------------------------------------------------------------------
def test_a_line_torn_at_any_byte_loses_nothing_that_was_decided(
    written: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)  # a thousand of them take ten seconds
    data = written.read_bytes()
    start = data.rindex(b"\n", 0, -1) + 1
    heads = written.parent / "heads.json"
    pins = json.loads(heads.read_bytes())
    # The crash came before the pin: it is the one before.
    previous = hashlib.sha256(data[:start].splitlines()[-1]).hexdigest()
    before = json.dumps(pins | {written.stem: {"number": 2, "digest": previous}})
    for cut in range(start, len(data)):
        _tear(written, data, cut, before)
    for cut in (start, start + 1, len(data) - 2, len(data) - 1):
        expected = _tear(written, data, cut, before)
        note(opened(written.parent), "after the crash", ana)
        assert opened(written.parent).verify().entries == expected + 2


def _tear(path: Path, data: bytes, cut: int, pins: str) -> int:
    """Cut the file, open it for reading and for writing; returns how many lines it still has."""
    path.write_bytes(data[:cut])
    (path.parent / "heads.json").write_text(pins)
    aside = path.with_suffix(".torn")
    aside.unlink(missing_ok=True)
    whole = cut == len(data) - 1  # only the line feed is missing
    expected = 3 if whole else 2
    reader = opened(path.parent, write=False)
    assert len(reader.lines(path.stem)) == expected
    assert path.read_bytes() == data[:cut]
    writer = opened(path.parent)
    assert len(writer.lines(path.stem)) == expected
    torn = data[data.rindex(b"\n", 0, -1) + 1 : cut]
    if whole or not torn:
        assert writer.notices == []
        assert not aside.exists()
    else:
        assert "cut off by a crash" in writer.notices[0]
        assert aside.read_bytes() == torn + b"\n"
    return expected


def test_a_failed_write_decides_nothing(
    written: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = written.read_bytes()
    journals = opened(written.parent)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StorageError, match="Nothing was decided"):
            note(journals, "lost", ana)
    assert written.read_bytes() == data
    note(journals, "kept", ana)
    assert opened(written.parent).verify().entries == 5


def test_a_head_that_cannot_be_pinned_does_not_undo_the_entry(
    written: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = opened(written.parent)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        note(journals, "kept", ana)
    assert "could not be pinned" in journals.notices[0]
    assert journals.verify().entries == opened(written.parent).verify().entries == 5


def test_threads_append_one_after_the_other(folder: Path, ana: Signer, bo: Signer) -> None:
    import threading

    journals = opened(folder)

    def decide(signer: Signer) -> None:
        for i in range(10):
            note(journals, str(i), signer)

    threads = [threading.Thread(target=decide, args=(signer,)) for signer in (ana, ana, bo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened(folder).verify() == JournalCheck(journals=2, entries=30)


def test_a_whole_line_without_its_line_feed_does_not_verify_as_it_is(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:-1])
    journals = opened(written.parent, write=False)
    assert len(journals.lines(written.stem)) == 3
    with pytest.raises(VerificationError, match=r"Line 3 of .*it was cut off"):
        journals.verify()
    assert opened(written.parent).verify().entries == 4  # opening for writing completes it


def test_a_disk_that_cannot_be_read_is_a_known_error(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = opened(written.parent)

    def failing(*_: object, **__: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(StorageError, match="Input/output error"):
        journals.verify()
    with pytest.raises(StorageError, match="Input/output error"):
        opened(written.parent)
