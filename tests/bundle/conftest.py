"""A signer, a job, and one bundle written once for all tests that only read or copy it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.bundle import made_up
from workbench.bundle.bag import Written, write_bundle
from workbench.case import sshsig
from workbench.domain.progress import Job

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TestKey:
    """An Ed25519 key made from a word."""

    __test__ = False

    word: str = "keller"

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.word.encode()).digest())

    @property
    def fingerprint(self) -> str:
        return sshsig.fingerprint_of(sshsig.wire_of(self.private.public_key()))

    def sshsig(self, message: bytes, namespace: str) -> str:
        wire = sshsig.wire_of(self.private.public_key())
        return sshsig.armour(wire, sshsig.sign(self.private, message, namespace), namespace)


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
