"""The sample scenario, simulated once for the tests of this folder."""

from __future__ import annotations

import pytest

from workbench.simulate.library import GrammarLibrary
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import Traffic, simulate


@pytest.fixture(scope="session")
def library() -> GrammarLibrary:
    return GrammarLibrary()


@pytest.fixture(scope="session")
def sample(library: GrammarLibrary) -> Traffic:
    return simulate(SCENARIOS["sample"], seed=11, library=library)
