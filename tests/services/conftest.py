"""A planted case, as the analyst Mara has it open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.trouble import FEW
from tests.services.planted import Planted, plant
from workbench.services.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def _few_null_clusters() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*FEW)
        yield


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant()


@pytest.fixture
def path(planted: Planted, tmp_path: Path) -> Path:
    return planted.fill(tmp_path / "harbour.case")


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path, analyst="Mara") as workspace:
        yield workspace
