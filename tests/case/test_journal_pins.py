"""Journals that lost lines are noticed, whatever was done to the pins, and lose no more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.case.journals import CASE, note, opened, says, write_anew
from workbench.case.journal import JournalCheck, Journals
from workbench.case.pins import Pin, Remembered
from workbench.domain.errors import CaseError, InputError, StorageError, VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from workbench.case.identity import Signer


def _cut(path: Path, lines: int) -> None:
    """Leave the first lines."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]))


# --- pins never go down ----------------------------------------------------------------------
def test_a_journal_that_was_cut_takes_no_entry_and_its_pin_stays(
    written: Path, ana: Signer, bo: Signer
) -> None:
    pins = (written.parent / "heads.json").read_bytes()
    _cut(written, 2)
    before = written.read_bytes()
    journals = opened(written.parent)
    assert len(journals.entries()) == 3
    assert "it has 2 lines, 3 were written (by heads.json)" in journals.notices[0]
    assert "begins with line 3" in journals.notices[0]
    for signer in (ana, bo):
        with pytest.raises(CaseError, match="it has 2 lines, 3 were written") as refused:
            note(journals, "over it", signer)
        assert "workbench journal CASE accept --why TEXT" in refused.value.remedy
    assert written.read_bytes() == before
    assert (written.parent / "heads.json").read_bytes() == pins
    assert "it has 2 lines, 3 were written" in says(written.parent)


def test_a_restored_journal_goes_on(written: Path, ana: Signer) -> None:
    whole = written.read_bytes()
    _cut(written, 1)
    assert opened(written.parent).notices
    written.write_bytes(whole)
    journals = opened(written.parent)
    assert journals.notices == []
    note(journals, "goes on", ana)
    assert opened(written.parent).verify() == JournalCheck(2, 5)


def test_a_journal_that_is_gone_is_missed(written: Path, ana: Signer) -> None:
    written.unlink()
    journals = opened(written.parent)
    with pytest.raises(CaseError, match="it has 0 lines, 3 were written"):
        note(journals, "anew", ana)
    assert not written.exists()


def test_a_journal_written_anew_is_missed_at_open(
    written: Path, ana: Signer, tmp_path: Path
) -> None:
    write_anew(written, tmp_path, ana)
    with pytest.raises(CaseError, match=r"Line 3 of the journal .* is not the one"):
        note(opened(written.parent), "x", ana)


# --- pins that are not there -----------------------------------------------------------------
@pytest.mark.parametrize("text", [None, "", "[]", '{"a": {}}'])
def test_pins_that_are_gone_or_damaged_are_an_error(
    written: Path, ana: Signer, text: str | None
) -> None:
    heads = written.parent / "heads.json"
    heads.unlink()
    if text is not None:
        heads.write_text(text)
    words = "heads.json is missing beside journals" if text is None else "heads.json is damaged"
    assert words in says(written.parent)
    journals = opened(written.parent)
    assert words in journals.notices[0]
    with pytest.raises(CaseError, match=words):
        note(journals, "x", ana)
    assert heads.exists() == (text is not None)
    journals.accept("the disk was mended", ana)
    assert opened(written.parent).verify() == JournalCheck(2, 5)


def test_a_case_of_an_older_version_that_is_read_needs_none(written: Path) -> None:
    (written.parent / "heads.json").unlink()
    journals = Journals(written.parent, case_id=CASE, write=False, pinned=False)
    assert journals.notices == []
    assert journals.verify() == JournalCheck(2, 4)


def test_pins_are_there_before_the_first_line(
    folder: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journals, "_pin", killed)
        with pytest.raises(KeyboardInterrupt):
            note(opened(folder), "written, and not yet pinned", ana)
    journals = opened(folder)
    assert journals.notices == []
    note(journals, "goes on", ana)
    assert journals.verify() == JournalCheck(1, 2)


# --- going on without --------------------------------------------------------------------------
def test_going_on_is_an_entry_that_names_what_is_missing(
    written: Path, ana: Signer, bo: Signer
) -> None:
    lost = opened(written.parent).head(ana.journal)
    _cut(written, 2)
    kept = opened(written.parent).head(ana.journal)
    journals = opened(written.parent)
    entry = journals.accept("the disk failed on 3 May", bo)
    assert entry.kind is EntryKind.ACCEPT
    assert entry.body["why"] == "the disk failed on 3 May"
    assert entry.body["lost"] == {ana.journal: [{"number": 3, "digest": lost}]}
    assert entry.body["kept"] == {ana.journal: {"number": 2, "digest": kept}}
    assert "it has 2 lines, 3 were written" in entry.body["facts"][0]
    assert journals.notices == []
    note(journals, "three again", ana)
    again = opened(written.parent)
    assert again.notices == []
    assert again.verify() == again.verify(every=True) == JournalCheck(2, 5)
    assert json.loads((written.parent / "heads.json").read_bytes())[ana.journal]["number"] == 3


def test_what_another_had_seen_is_named_and_accepted(written: Path, ana: Signer) -> None:
    _cut(written, 1)  # of the other analyst's line, what it had seen is gone, too
    journals = opened(written.parent)
    assert len(journals.notices) == 2
    entry = journals.accept("restored from an old copy", ana)
    assert [pin["number"] for pin in entry.body["lost"][ana.journal]] == [3, 0]
    note(journals, "goes on", ana)
    assert opened(written.parent).verify() == JournalCheck(2, 4)


def test_nothing_is_accepted_where_nothing_is_missing(written: Path, ana: Signer) -> None:
    with pytest.raises(InputError, match="lack nothing"):
        opened(written.parent).accept("why", ana)
    _cut(written, 2)
    with pytest.raises(CaseError, match="reading only"):
        opened(written.parent, write=False).accept("why", ana)


def test_an_acceptance_that_could_not_be_written_accepts_nothing(
    written: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut(written, 2)
    journals = opened(written.parent)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StorageError):
            journals.accept("why", ana)
    with pytest.raises(CaseError, match="2 lines, 3 were written"):
        note(journals, "x", ana)


def test_acceptances_of_other_forms_accept_nothing(written: Path, ana: Signer) -> None:
    journals = opened(written.parent)
    bodies: list[dict[str, object]] = [{}, {"lost": []}, {"lost": {"a": 1}}, {"lost": {"a": [1]}}]
    for body in bodies:
        journals.append(EntryKind.ACCEPT, body, ana)
    assert opened(written.parent).verify() == JournalCheck(2, 8)


# --- what this computer saw last ---------------------------------------------------------------
class _Case:
    """A case folder that this computer remembers."""

    def __init__(self, folder: Path, tmp_path: Path) -> None:
        self.folder = folder
        self.heads = tmp_path / "config" / "heads"

    def open(self, *, write: bool = True) -> Journals:
        remembered = Remembered(self.heads, CASE, self.folder)
        return Journals(self.folder, case_id=CASE, write=write, remembered=remembered)


@pytest.fixture
def known(folder: Path, tmp_path: Path) -> _Case:
    return _Case(folder, tmp_path)


def test_a_whole_folder_that_was_set_back_is_noticed(
    known: _Case, tmp_path: Path, ana: Signer
) -> None:
    note(known.open(), "one", ana)
    old = Path(shutil.copytree(known.folder, tmp_path / "old"))
    note(known.open(), "two", ana)
    shutil.rmtree(known.folder)
    shutil.copytree(old, known.folder)
    assert says(known.folder) == ""  # the case alone does not tell
    journals = known.open()
    assert "2 were written (by what this computer saw last)" in journals.notices[0]
    with pytest.raises(CaseError, match="what this computer saw last"):
        note(journals, "another two", ana)
    with pytest.raises(VerificationError, match="what this computer saw last"):
        known.open(write=False).verify()
    journals.accept("restored from the copy of Monday", ana)
    assert known.open().notices == []
    assert known.open().verify() == JournalCheck(1, 2)


def test_a_copy_elsewhere_goes_its_own_way(known: _Case, tmp_path: Path, ana: Signer) -> None:
    note(known.open(), "one", ana)
    copy = _Case(Path(shutil.copytree(known.folder, tmp_path / "copy")), tmp_path)
    note(known.open(), "two", ana)
    note(copy.open(), "another two", ana)
    assert known.open().notices == copy.open().notices == []


def test_what_was_verified_is_remembered(known: _Case, tmp_path: Path, ana: Signer) -> None:
    note(opened(known.folder), "one", ana)  # on another computer
    old = Path(shutil.copytree(known.folder, tmp_path / "old"))
    note(opened(known.folder), "two", ana)
    known.open(write=False).verify()
    shutil.rmtree(known.folder)
    shutil.copytree(old, known.folder)
    assert "what this computer saw last" in known.open(write=False).notices[0]


def test_what_cannot_be_remembered_or_read_stops_nobody(
    known: _Case, tmp_path: Path, ana: Signer
) -> None:
    (tmp_path / "config").write_text("no folder")
    note(known.open(), "one", ana)
    assert known.open().notices == []
    (tmp_path / "config").unlink()
    known.heads.mkdir(parents=True)
    remembered = Remembered(known.heads, CASE, known.folder)
    remembered.write({"a" * 16: Pin(1, "x")})
    (file,) = known.heads.iterdir()
    for text in ("", "[]", '{"heads": 1}', '{"heads": {"a": {}}}'):
        file.write_text(text)
        assert remembered.read() == {}


# --- the last line, and all of them --------------------------------------------------------------
def test_a_journal_cut_at_any_byte_opens_up_to_the_last_whole_line(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    data = written.read_bytes()
    for cut in range(0, len(data) - 1, 11):
        written.write_bytes(data[:cut])
        # A line that lacks only its line feed is whole, too.
        whole = data[: cut + 1].count(b"\n")
        journals = opened(written.parent, write=False)
        assert len(journals.lines(written.stem)) == whole
        assert any("3 were written" in fact for fact in journals.notices)
        with pytest.raises(VerificationError):
            journals.verify()


def test_a_bad_signature_inside_a_good_chain_is_found_by_every(
    folder: Path, ana: Signer, bo: Signer
) -> None:
    class Forger:
        analyst, public_line, journal = ana.analyst, ana.public_line, ana.journal
        sign = bo.sign

    journals = opened(folder)
    journals.append(EntryKind.NOTE, {"text": "x"}, Forger())
    note(journals, "signed by the key itself, over the line before", ana)
    assert journals.verify() == JournalCheck(1, 2)
    with pytest.raises(VerificationError, match=r"Line 1 of .* signature does not fit"):
        journals.verify(every=True)


def test_the_first_bad_line_of_a_long_journal_is_named(folder: Path, ana: Signer) -> None:
    journals = opened(folder)
    for i in range(12):
        note(journals, f"line {i + 1}", ana)
    path = folder / f"{ana.journal}.jsonl"
    data = path.read_bytes()
    for number in (1, 2, 3, 7, 11, 12):
        path.write_bytes(data.replace(b'"line %d"' % number, b'"LINE %d"' % number))
        for every in (False, True):
            with pytest.raises(VerificationError, match=f"Line {number} of"):
                opened(folder, write=False).verify(every=every)
