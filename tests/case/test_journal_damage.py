"""Whatever is done to a journal is found, and its line named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.case.journals import note, opened, says, write_anew
from workbench.case.journal import Journals
from workbench.domain.errors import CaseError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.case.identity import Signer


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
            fact = says(written.parent)
            assert f"Line {number} of" in fact, (i, other, fact)
            assert written.stem in fact
    written.write_bytes(data)
    assert says(written.parent) == ""


def test_lines_removed_swapped_or_repeated_are_found(written: Path) -> None:
    one, two, three = written.read_bytes().splitlines(keepends=True)
    for lines, found in [
        ([two, three], "Line 1 of"),
        ([one, three], "Line 2 of"),
        ([one, two], "cut off: it has 2 lines, 3 were"),
        ([one], "cut off: it has 1 line, 3 were"),
        ([], "cut off: it has 0 lines, 3 were"),
        ([one, three, two], "Line 2 of"),
        ([one, two, two, three], "Line 3 of"),
        ([one, two, three, three], "Line 4 of"),
    ]:
        written.write_bytes(b"".join(lines))
        assert found in says(written.parent)
    written.unlink()
    assert "cut off: it has 0 lines" in says(written.parent)


def test_a_cut_off_end_is_found_by_what_others_saw(written: Path) -> None:
    (written.parent / "heads.json").write_text("{}")
    one, two, _ = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(one + two)
    assert says(written.parent) == ""  # nobody saw the third line
    written.write_bytes(one)
    assert "had seen an entry that it lacks" in says(written.parent)


def test_a_chain_written_anew_with_the_same_key_is_found_by_the_pin(
    written: Path, ana: Signer, tmp_path: Path
) -> None:
    write_anew(written, tmp_path, ana)
    assert "Line 3 of" in says(written.parent)
    assert "not the one that was written" in says(written.parent)


def test_lines_of_another_case_or_another_key_are_found(
    folder: Path, tmp_path: Path, ana: Signer, bo: Signer
) -> None:
    (tmp_path / "other").mkdir()
    other = Journals(tmp_path / "other", case_id="f" * 32, write=True)
    note(other, "x", ana)
    data = (tmp_path / "other" / f"{ana.journal}.jsonl").read_bytes()
    (folder / f"{ana.journal}.jsonl").write_bytes(data)
    assert "belongs to another case" in says(folder)
    (folder / f"{ana.journal}.jsonl").unlink()
    note(opened(folder), "x", ana)
    (folder / f"{ana.journal}.jsonl").rename(folder / f"{bo.journal}.jsonl")
    assert "not this journal's" in says(folder)


def test_a_signature_by_another_key_is_found(folder: Path, ana: Signer, bo: Signer) -> None:
    class Forger:
        analyst, public_line, journal = ana.analyst, ana.public_line, ana.journal
        sign = bo.sign

    opened(folder).append(EntryKind.NOTE, {"text": "x"}, Forger())
    assert "signature does not fit" in says(folder)


def test_a_damaged_pin_is_named(written: Path) -> None:
    for text in ("", "[]", '{"a": {}}', "\xff"):
        (written.parent / "heads.json").write_text(text, "latin-1")
        assert "heads.json is damaged" in says(written.parent)


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
            opened(written.parent)
        with pytest.raises(CaseError, match=f"Line 4 of the journal .*{written.name}"):
            opened(written.parent, write=False).entries()
        assert "Line 4 of" in says(written.parent)


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
        assert "Line 1 of" in says(written.parent)


def test_other_files_in_the_folder_are_not_journals(written: Path) -> None:
    (written.parent / "notes.jsonl").write_text("x")
    (written.parent / "README").write_text("x")
    assert says(written.parent) == ""
