"""A journal walked by its bytes is what it is line by line; both name the same first bad line."""

from __future__ import annotations

import io
import random
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import pytest

from tests.case.journals import CASE, opened
from workbench.case.identity import Signer
from workbench.case.journal_check import LONGEST, Walked, clock_walked, verify_journal
from workbench.case.journal_order import clock_back
from workbench.domain.errors import CaseError, InputError, VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=[1 << 20, 700, 61])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read whole, and in pieces smaller than a line."""
    monkeypatch.setattr("workbench.case.journal_check._BLOCK", request.param)


@pytest.fixture
def journals(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Forty entries of three analysts in any order, whose clocks went back now and then."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    rng = random.Random(8)
    signers = [Signer.own(tmp_path / name, name) for name in ("Ana", "Bo", "Zoë, of the grid")]
    written = opened(folder)
    for i in range(40):
        monkeypatch.setattr(
            "workbench.case.journal.now_us",
            lambda: rng.choice([7, 2**53 - 1, rng.randrange(10**15, 9 * 10**15)]),
        )
        kind = rng.choice([EntryKind.NOTE, EntryKind.LABEL, EntryKind.ACCEPT])
        body = {"text": '"kind":"accept"', "previous": "0" * 64, "seen": {"a": "b"}, "n": i}
        signer = Signer.own(tmp_path / "Ana", "Ana, renamed") if i == 30 else rng.choice(signers)
        written.append(kind, body, signer)
    keys = written.keys()
    return {key: b"".join(written.lines(key)) for key in keys}


def walk(key: str, data: bytes, *, every: bool) -> Walked:
    return verify_journal(key, _bytes(data), CASE, every=every)


def _bytes(data: bytes) -> Callable[[], BinaryIO]:
    return partial(io.BytesIO, data)


@pytest.mark.usefixtures("block")
def test_both_ways_see_the_same(folder: Path, journals: dict[str, bytes]) -> None:
    fast = {key: walk(key, data, every=False) for key, data in journals.items()}
    slow = {key: walk(key, data, every=True) for key, data in journals.items()}
    assert fast == slow
    assert sum(one.number for one in fast.values()) == 40
    assert any(one.accepted for one in fast.values())
    assert any(len(one.seen) > 3 for one in fast.values())
    entries = opened(folder, write=False).entries()
    back = clock_back(entries)
    assert back
    digests = {key: one.digests for key, one in fast.items()}
    assert {digests[key][line - 1]: us for key, line, us in clock_walked(fast)} == back
    (bare,) = {
        verify_journal(key, _bytes(data), CASE, keep=False).digests == []
        for key, data in journals.items()
    }
    assert bare


@pytest.mark.usefixtures("block")
def test_both_ways_name_the_same_line(journals: dict[str, bytes]) -> None:
    rng = random.Random(9)
    key, data = max(journals.items(), key=lambda item: len(item[1]))
    for _ in range(40):
        i = rng.randrange(len(data))
        spoiled = rng.choice(
            [
                data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :],
                data[:i] + b"\n" + data[i:],
                data[:i] + data[i + 1 :],
                data[:i],
            ]
        )
        if spoiled == data[: len(spoiled)] and data[len(spoiled) - 1 : len(spoiled)] == b"\n":
            continue  # cut between two lines: pins tell
        said = []
        for every in (False, True):
            with pytest.raises(VerificationError) as found:
                walk(key, spoiled, every=every)
            said.append(found.value.fact)
        assert said[0] == said[1]


def test_an_empty_journal_is_whole() -> None:
    assert walk("a" * 16, b"", every=False) == walk("a" * 16, b"", every=True) == Walked()


def test_a_line_without_end_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.BytesIO):
        """A file of zeros that holds as much as anybody reads."""

        def read(self, size: int | None = -1) -> bytes:
            taken.append(size or 0)
            return bytes(size or 0)

        readline = read

    assert LONGEST == 128 << 20
    monkeypatch.setattr("workbench.case.journal_check.LONGEST", 5_000_000)
    taken: list[int] = []
    with pytest.raises(VerificationError, match="Line 1 of"):
        verify_journal("a" * 16, Endless, CASE)
    assert sum(taken) < 20_000_000


def test_a_line_longer_than_any_entry_is_neither_written_nor_cut(
    written: Path, ana: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = opened(written.parent)
    monkeypatch.setattr("workbench.case.journal_file.LONGEST", 2_000)
    monkeypatch.setattr("workbench.case.journal_check.LONGEST", 2_000)
    with pytest.raises(InputError, match="more than a journal's line holds"):
        journals.append(EntryKind.NOTE, {"text": "x" * 2_000}, ana)
    assert journals.verify().entries == 4
    data = written.read_bytes() + b"x" * 5_000 + b"\n"
    written.write_bytes(data)
    with pytest.raises(CaseError, match=r"Line 4 of .* longer than any entry"):
        opened(written.parent)
    assert written.read_bytes() == data
