"""Journals of one made-up case, and what verify finds wrong with them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from workbench.case.journal import Journals
from workbench.domain.errors import CaseError, VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.case.identity import Signer

CASE = "0123456789abcdef0123456789abcdef"


def opened(folder: Path, *, write: bool = True) -> Journals:
    return Journals(folder, case_id=CASE, write=write)


def note(journals: Journals, text: str, signer: Signer) -> None:
    journals.append(EntryKind.NOTE, {"text": text}, signer)


def says(folder: Path) -> str:
    """What verify finds wrong; empty when nothing."""
    journals = Journals.__new__(Journals)
    try:
        Journals.__init__(journals, folder, case_id=CASE, write=False)
        journals.verify()
    except (VerificationError, CaseError) as error:
        return error.fact
    return ""


def write_anew(journal: Path, folder: Path, signer: Signer) -> None:
    """Put a chain of the same length in a journal's place, signed with the same key."""
    (folder / "other").mkdir()
    other = Journals(folder / "other", case_id=CASE, write=True)
    for text in ("one", "TWO", "three"):
        note(other, text, signer)
    shutil.copy(folder / "other" / journal.name, journal)
