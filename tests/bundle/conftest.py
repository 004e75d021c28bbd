"""A signer, a job, and one bundle written once for all tests that only read or copy it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.bundle import made_up
from workbench.bundle.bag import Written, write_bundle
from workbench.bundle.sign import SshSignature, fingerprint_of
from workbench.domain.progress import Job

if TYPE_CHECKING:
    from pathlib import Path


def ssh_string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@dataclass(frozen=True)
class TestKey:
    """An Ed25519 key made from a word."""

    __test__ = False

    word: str = "keller"

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.word.encode()).digest())

    @property
    def public_blob(self) -> bytes:
        raw = self.private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return ssh_string(b"ssh-ed25519") + ssh_string(raw)

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.public_blob)

    def sshsig(self, data: bytes, namespace: str) -> str:
        parts = (namespace.encode(), b"", b"sha512", hashlib.sha512(data).digest())
        signed = b"SSHSIG" + b"".join(ssh_string(part) for part in parts)
        return SshSignature(
            self.public_blob, namespace, b"sha512", self.private.sign(signed)
        ).armoured


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
