"""A case of its own for each test; two analysts and their journals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.case.journals import note, opened
from workbench.case.folder import Case
from workbench.case.identity import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with Case.create(tmp_path / "harbour.case") as case:
        yield case


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


@pytest.fixture
def written(folder: Path, ana: Signer, bo: Signer) -> Path:
    """Three lines of Ana, with one of Bo between the second and the third."""
    journals = opened(folder)
    note(journals, "one", ana)
    note(journals, "two", ana)
    note(journals, "of bo", bo)
    note(journals, "three", ana)
    return folder / f"{ana.journal}.jsonl"
