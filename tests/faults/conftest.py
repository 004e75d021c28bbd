"""How much the fault suite tries, from which seed, and the small case that it breaks.

``make test`` tries one case in a hundred of what ``make faults`` tries, but a few of each kind.
The seed is printed at the top of the run; set WORKBENCH_FAULTS_SEED to meet the same cases again.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.faults.trouble import FEW, SEED, Analysed, make_analysed

if TYPE_CHECKING:
    from pathlib import Path


def pytest_report_header() -> str:
    return f"faults: seed {SEED}, {os.environ.get('WORKBENCH_FAULTS', 'a hundredth')} of the cases"


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Chance for one test: the seed of the run and the test's own name."""
    return random.Random(f"{SEED}/{request.node.name}")


@pytest.fixture(autouse=True)
def _few_null_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*FEW)


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """A small log, a case that holds it, and the same case analysed. Copied, never changed."""
    folder: Path = tmp_path_factory.mktemp("analysed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*FEW)
        patch.setenv("WORKBENCH_CONFIG", str(folder / "config"))
        return make_analysed(folder)
