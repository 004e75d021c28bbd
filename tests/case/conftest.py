"""A case of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.case.folder import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with Case.create(tmp_path / "harbour.case") as case:
        yield case
