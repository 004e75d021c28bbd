"""Conflicts of several analysts and sign-offs, against the plain words of the rule."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.case.journals import CASE, opened
from workbench.case.journal import Journals
from workbench.case.labels import LabelBook
from workbench.case.standing import conflicts, signed_off
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.case.identity import Signer
    from workbench.domain.label import JournalEntry


def label(
    journals: Journals, signer: Signer, value: str, accounts: Iterable[str] = ("key::a",)
) -> JournalEntry:
    body = {"label": value, "why": "x", "accounts": sorted(accounts)}
    return journals.append(EntryKind.LABEL, body, signer)


def together(folder: Path, *apart: Path) -> Journals:
    """What was decided apart, in one folder."""
    folder.mkdir()
    for one in apart:
        for path in one.glob("*.jsonl"):
            target = folder / path.name
            if not target.exists() or len(target.read_bytes()) < len(path.read_bytes()):
                target.write_bytes(path.read_bytes())
    return Journals(folder, case_id=CASE, write=False, pinned=False)


def against(journals: Journals) -> dict[str, list[str]]:
    found = conflicts(LabelBook.fold(journals.entries()))
    return {account: [str(e.body["label"]) for e in entries] for account, entries in found.items()}


def test_who_saw_the_other_decides_and_who_did_not_conflicts(
    tmp_path: Path, ana: Signer, bo: Signer
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    one, other = opened(tmp_path / "a"), opened(tmp_path / "b")
    label(one, ana, "confirmed", ["key::a", "key::b", "key::c"])
    label(other, bo, "benign", ["key::b", "key::c", "key::d"])
    label(other, bo, "confirmed", ["key::c"])
    found = together(tmp_path / "both", tmp_path / "a", tmp_path / "b")
    assert against(found) == {"key::b": ["confirmed", "benign"]}
    # One of them reads both and decides; then the other one may think again, too.
    again = Journals(tmp_path / "both", case_id=CASE, write=True, pinned=False)
    label(again, bo, "suspected", ["key::b"])
    assert against(again) == {}
    label(again, ana, "benign", ["key::b"])
    assert against(again) == {}


def test_a_label_that_was_taken_back_conflicts_with_nothing(
    tmp_path: Path, ana: Signer, bo: Signer
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    one, other = opened(tmp_path / "a"), opened(tmp_path / "b")
    label(one, ana, "confirmed")
    taken = label(other, bo, "benign")
    other.append(EntryKind.REVERT, {"entry": taken.digest}, bo)
    assert against(together(tmp_path / "both", tmp_path / "a", tmp_path / "b")) == {}


def test_one_analyst_never_conflicts_with_themselves(tmp_path: Path, ana: Signer) -> None:
    journals = opened(tmp_path)
    for value in ("confirmed", "benign", "suspected"):
        label(journals, ana, value)
    assert against(journals) == {}


@pytest.mark.parametrize("seed", range(8))
def test_conflicts_are_those_that_are_found_one_by_one(
    tmp_path: Path, ana: Signer, bo: Signer, seed: int
) -> None:
    """Two write in turns, now and then reading what the other has; compared pair by pair."""
    random = np.random.default_rng(seed)
    folders = {"ana": tmp_path / "a", "bo": tmp_path / "b"}
    signers = {"ana": ana, "bo": bo}
    for folder in folders.values():
        folder.mkdir()
    for _ in range(12):
        who = "ana" if random.random() < 0.5 else "bo"
        if random.random() < 0.3:
            other = folders["bo" if who == "ana" else "ana"]
            for path in other.glob("*.jsonl"):
                if signers[who].journal not in path.name:
                    (folders[who] / path.name).write_bytes(path.read_bytes())
        accounts = {f"key::{one}" for one in "abc" if random.random() < 0.6} or {"key::a"}
        journals = Journals(folders[who], case_id=CASE, write=True, pinned=False)
        label(journals, signers[who], ["confirmed", "benign"][random.integers(2)], accounts)
    entries = together(tmp_path / "both", *folders.values()).entries()
    names = {ana.fingerprint: ana.journal, bo.fingerprint: bo.journal}
    place = {entry.digest: entry.number for entry in entries}

    def saw(one: JournalEntry, other: JournalEntry) -> bool:
        if one.analyst.fingerprint == other.analyst.fingerprint:
            return one.number > other.number
        head = one.seen.get(names[other.analyst.fingerprint], "")
        return place.get(head, 0) >= other.number

    expected = set()
    for account in ("key::a", "key::b", "key::c"):
        mine = [entry for entry in entries if account in entry.body["accounts"]]
        last = [one for one in mine if not any(saw(other, one) for other in mine)]
        pairs = itertools.combinations(last, 2)
        if any(one.body["label"] != other.body["label"] for one, other in pairs):
            expected.add(account)
    assert set(conflicts(LabelBook.fold(entries))) == expected


def test_only_another_key_signs_off_and_only_what_stands(
    tmp_path: Path, ana: Signer, bo: Signer
) -> None:
    journals = opened(tmp_path)
    first, second = label(journals, ana, "confirmed"), label(journals, ana, "benign", ["key::b"])
    own = journals.append(EntryKind.SIGN_OFF, {"entries": [first.digest], "why": "x"}, ana)
    assert signed_off(LabelBook.fold(journals.entries())) == {}
    entries = [first.digest, second.digest, own.digest, "nothing", 3]
    by = journals.append(EntryKind.SIGN_OFF, {"entries": entries, "why": "x"}, bo)
    found = signed_off(LabelBook.fold(journals.entries()))
    assert {digest: [e.digest for e in of] for digest, of in found.items()} == {
        first.digest: [by.digest],
        second.digest: [by.digest],
    }
    journals.append(EntryKind.REVERT, {"entry": first.digest}, ana)
    assert set(signed_off(LabelBook.fold(journals.entries()))) == {second.digest}
    journals.append(EntryKind.REVERT, {"entry": by.digest}, bo)
    assert signed_off(LabelBook.fold(journals.entries())) == {}
    journals.append(EntryKind.SIGN_OFF, {"entries": "no list", "why": "x"}, bo)
    assert signed_off(LabelBook.fold(journals.entries())) == {}
