"""A journal cut at any byte opens up to its last whole line, and says what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.case.journals import opened, says
from tests.faults.trouble import cases
from workbench.case.identity import Signer
from workbench.domain.errors import CaseError
from workbench.domain.label import EntryKind
from workbench.domain.text import plural

if TYPE_CHECKING:
    import random
    from pathlib import Path

ENTRIES = 200


@dataclass(frozen=True)
class Written:
    """A journal of 200 entries: its file, its bytes, the pins beside it, and whose it is."""

    path: Path
    data: bytes
    pins: bytes
    signer: Signer

    def cut(self, at: int) -> None:
        """As a failing disk may leave it: the first bytes, and the pins as they were."""
        self.path.write_bytes(self.data[:at])
        (self.path.parent / "heads.json").write_bytes(self.pins)
        self.path.with_suffix(".torn").unlink(missing_ok=True)


def lacks(lines: int) -> str:
    return f"it has {plural(lines, 'line', 'lines')}, {ENTRIES} were written"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    room = tmp_path_factory.mktemp("cut")
    signer = Signer.own(room / "ana", "Ana")
    folder = room / "decided"
    folder.mkdir()
    journals = opened(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        for number in range(ENTRIES):
            text = "weiß, 日本語, \u202e, \n " * (number % 7)
            body = {"text": text, "accounts": list(range(number % 40))}
            journals.append(EntryKind.NOTE, body, signer)
    path = folder / f"{signer.journal}.jsonl"
    return Written(path, path.read_bytes(), (folder / "heads.json").read_bytes(), signer)


def test_it_opens_up_to_the_last_whole_line_and_says_what_is_missing(
    written: Written, rng: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)  # two an opening, tens of thousands of times
    offsets = range(len(written.data))
    number = len(cases(len(offsets), least=20))
    for at in offsets if number == len(offsets) else sorted(rng.sample(offsets, number)):
        written.cut(at)
        rest = written.data[:at].rpartition(b"\n")[2]
        # Where nothing but its line feed is missing, a line is whole.
        whole = written.data[at : at + 1] == b"\n"
        lines = written.data[:at].count(b"\n") + whole
        missing = "" if lines == ENTRIES else lacks(lines)
        reading = opened(written.path.parent, write=False)
        assert len(reading.entries()) == lines
        assert written.path.read_bytes() == written.data[:at]
        writing = opened(written.path.parent)
        assert len(writing.entries()) == lines
        said = " ".join(writing.notices)
        assert missing in said
        torn = written.path.with_suffix(".torn")
        assert torn.exists() == (bool(rest) and not whole)
        if torn.exists():
            assert torn.read_bytes() == rest + b"\n"
            assert "cut off by a crash" in said
        if missing:
            with pytest.raises(CaseError, match=missing):
                writing.append(EntryKind.NOTE, {"text": "over it"}, written.signer)
    written.cut(len(written.data))
    assert says(written.path.parent) == ""


def test_verify_names_the_first_line_that_is_missing(written: Written, rng: random.Random) -> None:
    ends = [at for at, byte in enumerate(written.data, 1) if byte == 0x0A]
    for lines in sorted(rng.sample(range(ENTRIES), len(cases(ENTRIES, least=20)))):
        written.cut(ends[lines - 1] if lines else 0)
        assert lacks(lines) in says(written.path.parent)
    written.cut(len(written.data))
    assert says(written.path.parent) == ""
