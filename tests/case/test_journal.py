"""Journals: chained, signed, pinned; every damage is named."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from workbench.case import sshsig
from workbench.case.identity import Signer
from workbench.case.journal import JournalCheck, Journals
from workbench.case.journal_lines import NAMESPACE
from workbench.domain.errors import CaseError, InputError, StorageError, VerificationError
from workbench.domain.label import EntryKind

CASE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def ana(tmp_path: Path) -> Signer:
    return Signer.own(tmp_path / "ana", "Ana")


@pytest.fixture
def bo(tmp_path: Path) -> Signer:
    return Signer.own(tmp_path / "bo", "Bo")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "decided").mkdir()
    return tmp_path / "decided"


def _open(folder: Path, *, write: bool = True) -> Journals:
    return Journals(folder, case_id=CASE, write=write)


def _note(journals: Journals, text: str, signer: Signer) -> None:
    journals.append(EntryKind.NOTE, {"text": text}, signer)


def test_entries_are_read_back(folder: Path, ana: Signer) -> None:
    journals = _open(folder)
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
    again = _open(folder, write=False)
    assert again.entries() == [first, second] == journals.entries()
    assert again.head(ana.journal) == second.digest
    assert again.head("nobody") == "0" * 64
    assert again.keys() == [ana.journal]
    assert again.verify() == JournalCheck(journals=1, entries=2)


def test_a_line_can_be_checked_with_public_tools_alone(folder: Path, ana: Signer) -> None:
    journals = _open(folder)
    for i in range(3):
        _note(journals, str(i), ana)
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
    journals = _open(folder)
    _note(journals, "1", ana)
    _note(journals, "2", bo)
    _note(journals, "3", ana)
    assert [entry.body["text"] for entry in journals.entries()] == ["1", "2", "3"]
    (line,) = (folder / f"{bo.journal}.jsonl").read_bytes().splitlines()
    assert json.loads(line)["seen"] == {ana.journal: journals.entries()[0].digest}
    assert journals.verify() == JournalCheck(journals=2, entries=3)


def test_what_was_seen_comes_first_whatever_the_clock_says(
    folder: Path, ana: Signer, bo: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = _open(folder)
    for at_us, signer in ((1000, ana), (10, bo), (500, ana), (400, bo)):
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        _note(journals, str(at_us), signer)
    expected = ["1000", "10", "500", "400"]
    assert [entry.body["text"] for entry in journals.entries()] == expected
    assert [entry.body["text"] for entry in _open(folder).entries()] == expected


def test_unseen_entries_of_two_copies_go_by_the_clock(
    folder: Path, tmp_path: Path, ana: Signer, bo: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for at_us, place, signer in ((30, folder, ana), (20, copy, bo), (40, copy, bo)):
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        _note(_open(place), str(at_us), signer)
    shutil.copy(copy / f"{bo.journal}.jsonl", folder)
    merged = _open(folder)
    assert [entry.body["text"] for entry in merged.entries()] == ["20", "30", "40"]
    assert merged.verify() == JournalCheck(journals=2, entries=3)


@pytest.mark.parametrize(
    "body",
    [{"n": 2**53}, {"n": -(2**60)}, {"x": float("nan")}, {"x": [float("inf")]}, {"a": {1: 2}}],
)
def test_what_json_cannot_carry_is_refused(folder: Path, ana: Signer, body: dict[str, Any]) -> None:
    journals = _open(folder)
    with pytest.raises(InputError, match="cannot be written to the journal"):
        journals.append(EntryKind.NOTE, body, ana)
    assert journals.entries() == []
    assert list(folder.iterdir()) == []


def test_lone_surrogates_become_visible_escapes(folder: Path, ana: Signer) -> None:
    journals = _open(folder)
    entry = journals.append(EntryKind.NOTE, {"text": "a\udc80b", "of\ud800": ["\udfff"]}, ana)
    assert entry.body == {"text": "a\\udc80b", "of\\ud800": ["\\udfff"]}
    assert _open(folder).entries() == [entry]
    assert journals.verify().entries == 1


def test_numbers_and_tuples_come_back_as_json_has_them(folder: Path, ana: Signer) -> None:
    body = {"at": (1.5, 2), "tiny": 5e-324, "third": 1 / 3}
    entry = _open(folder).append(EntryKind.NOTE, body, ana)
    assert entry.body == {"at": [1.5, 2], "tiny": 5e-324, "third": 1 / 3}


def test_reading_only_decides_nothing(folder: Path, ana: Signer) -> None:
    with pytest.raises(CaseError, match="reading only"):
        _note(_open(folder, write=False), "x", ana)


# --- damage ----------------------------------------------------------------------------------
@pytest.fixture
def written(folder: Path, ana: Signer, bo: Signer) -> Path:
    """Three lines of Ana, with one of Bo between the second and the third."""
    journals = _open(folder)
    _note(journals, "one", ana)
    _note(journals, "two", ana)
    _note(journals, "of bo", bo)
    _note(journals, "three", ana)
    return folder / f"{ana.journal}.jsonl"


def _says(folder: Path) -> str:
    """What verify finds wrong; empty when nothing."""
    journals = Journals.__new__(Journals)
    try:
        Journals.__init__(journals, folder, case_id=CASE, write=False)
        journals.verify()
    except (VerificationError, CaseError) as error:
        return error.fact
    return ""


def test_any_changed_byte_is_found_and_its_line_named(written: Path) -> None:
    data = written.read_bytes()
    ends = [i for i, byte in enumerate(data) if byte == 10]
    step = 7  # every seventh byte: the whole takes too long
    for i in range(0, len(data), step):
        for other in (data[i] ^ 1, 10):
            if other == data[i]:
                continue
            written.write_bytes(data[:i] + bytes([other]) + data[i + 1 :])
            number = 1 + sum(end < i for end in ends)
            fact = _says(written.parent)
            assert f"Line {number} of" in fact, (i, other, fact)
            assert written.stem in fact
    written.write_bytes(data)
    assert _says(written.parent) == ""


def test_lines_removed_swapped_or_repeated_are_found(written: Path) -> None:
    one, two, three = written.read_bytes().splitlines(keepends=True)
    for lines, found in [
        ([two, three], "Line 1 of"),
        ([one, three], "Line 2 of"),
        ([one, two], "cut off: it has 2 lines, 3 were"),
        ([one], "cut off: it has 1 lines, 3 were"),
        ([], "cut off: it has 0 lines, 3 were"),
        ([one, three, two], "Line 2 of"),
        ([one, two, two, three], "Line 3 of"),
        ([one, two, three, three], "Line 4 of"),
    ]:
        written.write_bytes(b"".join(lines))
        assert found in _says(written.parent)
    written.unlink()
    assert "cut off: it has 0 lines" in _says(written.parent)


def test_a_cut_off_end_is_found_by_what_others_saw(written: Path) -> None:
    (written.parent / "heads.json").unlink()
    one, two, _ = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(one + two)
    assert _says(written.parent) == ""  # nobody saw the third line
    written.write_bytes(one)
    assert "had seen an entry that it lacks" in _says(written.parent)


def test_a_chain_written_anew_with_the_same_key_is_found_by_the_pin(
    written: Path, ana: Signer, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Journals(tmp_path / "other", case_id=CASE, write=True)
    for text in ("one", "TWO", "three"):
        _note(other, text, ana)
    shutil.copy(tmp_path / "other" / written.name, written)
    assert "Line 3 of" in _says(written.parent)
    assert "not the one that was written" in _says(written.parent)


def test_lines_of_another_case_or_another_key_are_found(
    folder: Path, tmp_path: Path, ana: Signer, bo: Signer
) -> None:
    (tmp_path / "other").mkdir()
    other = Journals(tmp_path / "other", case_id="f" * 32, write=True)
    _note(other, "x", ana)
    data = (tmp_path / "other" / f"{ana.journal}.jsonl").read_bytes()
    (folder / f"{ana.journal}.jsonl").write_bytes(data)
    assert "belongs to another case" in _says(folder)
    (folder / f"{ana.journal}.jsonl").unlink()
    _note(_open(folder), "x", ana)
    (folder / f"{ana.journal}.jsonl").rename(folder / f"{bo.journal}.jsonl")
    assert "not this journal's" in _says(folder)


def test_a_signature_by_another_key_is_found(folder: Path, ana: Signer, bo: Signer) -> None:
    class Forger:
        analyst, public_line, journal = ana.analyst, ana.public_line, ana.journal
        sign = bo.sign

    _open(folder).append(EntryKind.NOTE, {"text": "x"}, Forger())
    assert "signature does not fit" in _says(folder)


def test_a_damaged_pin_is_named(written: Path) -> None:
    for text in ("", "[]", '{"a": {}}', "\xff"):
        (written.parent / "heads.json").write_text(text, "latin-1")
        assert "heads.json is damaged" in _says(written.parent)


def test_lines_that_are_no_entries_are_named_at_open(written: Path) -> None:
    data = written.read_bytes()
    one = json.loads(data.splitlines()[0])
    for line in [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps(one | {"kind": "verdict"}).encode(),
        json.dumps(one | {"version": 2}).encode(),
        json.dumps(one | {"number": "1"}).encode(),
        json.dumps(one | {"at_us": True}).encode(),
        json.dumps(one | {"body": []}).encode(),
        json.dumps(one | {"seen": {"a": 1}}).encode(),
        json.dumps(one | {"analyst": None}).encode(),
        json.dumps(one | {"extra": 1}).encode(),
    ]:
        written.write_bytes(data + line + b"\n")
        with pytest.raises(CaseError, match=f"Line 4 of the journal .*{written.name}"):
            _open(written.parent)
        assert "Line 4 of" in _says(written.parent)


def test_keys_and_signatures_that_cannot_be_read(written: Path) -> None:
    data = written.read_bytes()
    one, *_ = data.splitlines()
    found = json.loads(one)
    for change in [
        {"signature": "***"},
        {"analyst": found["analyst"] | {"public_key": "ssh-ed25519"}},
        {"analyst": found["analyst"] | {"public_key": "ssh-ed25519 AAAA"}},
        {"analyst": found["analyst"] | {"public_key": 1}},
        {"body": {"n": 2**60}},
    ]:
        written.write_bytes(json.dumps(found | change).encode() + b"\n")
        assert "Line 1 of" in _says(written.parent)


def test_other_files_in_the_folder_are_not_journals(written: Path) -> None:
    (written.parent / "notes.jsonl").write_text("x")
    (written.parent / "README").write_text("x")
    assert _says(written.parent) == ""


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
        _note(_open(written.parent), "after the crash", ana)
        assert _open(written.parent).verify().entries == expected + 2


def _tear(path: Path, data: bytes, cut: int, pins: str) -> int:
    """Cut the file, open it for reading and for writing; returns how many lines it still has."""
    path.write_bytes(data[:cut])
    (path.parent / "heads.json").write_text(pins)
    aside = path.with_suffix(".torn")
    aside.unlink(missing_ok=True)
    whole = cut == len(data) - 1  # only the line feed is missing
    expected = 3 if whole else 2
    reader = _open(path.parent, write=False)
    assert len(reader.lines(path.stem)) == expected
    assert path.read_bytes() == data[:cut]
    writer = _open(path.parent)
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
    journals = _open(written.parent)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StorageError, match="Nothing was decided"):
            _note(journals, "lost", ana)
    assert written.read_bytes() == data
    _note(journals, "kept", ana)
    assert _open(written.parent).verify().entries == 5


def test_a_head_that_cannot_be_pinned_does_not_undo_the_entry(
    written: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = _open(written.parent)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        _note(journals, "kept", ana)
    assert "could not be pinned" in journals.notices[0]
    assert journals.verify().entries == _open(written.parent).verify().entries == 5


def test_threads_append_one_after_the_other(folder: Path, ana: Signer, bo: Signer) -> None:
    import threading

    journals = _open(folder)

    def decide(signer: Signer) -> None:
        for i in range(10):
            _note(journals, str(i), signer)

    threads = [threading.Thread(target=decide, args=(signer,)) for signer in (ana, ana, bo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _open(folder).verify() == JournalCheck(journals=2, entries=30)


def test_a_whole_line_without_its_line_feed_does_not_verify_as_it_is(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:-1])
    journals = _open(written.parent, write=False)
    assert len(journals.lines(written.stem)) == 3
    with pytest.raises(VerificationError, match=r"Line 3 of .*it was cut off"):
        journals.verify()
    assert _open(written.parent).verify().entries == 4  # opening for writing completes it


def test_a_disk_that_cannot_be_read_is_a_known_error(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = _open(written.parent)

    def failing(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", failing)
    with pytest.raises(StorageError, match="Input/output error"):
        journals.verify()
    with pytest.raises(StorageError, match="Input/output error"):
        _open(written.parent)
