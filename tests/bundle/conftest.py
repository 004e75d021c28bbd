"""A signer, a job, and one bundle written once for all tests that only read or copy it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.bundle import made_up
from tests.bundle.keys import TestKey
from workbench.bundle.bag import Written, write_bundle
from workbench.domain.progress import Job

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def key() -> TestKey:
    return TestKey()


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory, key: TestKey) -> Written:
    """A bundle with the whole menagerie in it; never changed by a test."""
    out = tmp_path_factory.mktemp("bundles") / "pristine"
    return write_bundle(made_up.content(made_up.MENAGERIE), out, key, Job())


@pytest.fixture
def bundle(pristine: Written, tmp_path: Path) -> Path:
    """A copy to be broken."""
    copy = tmp_path / "bundle"
    shutil.copytree(pristine.path, copy)
    return copy
