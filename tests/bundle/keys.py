"""Keys of made-up analysts."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.case import sshsig
from workbench.case.identity import journal_key
from workbench.domain.label import Analyst


@dataclass(frozen=True)
class TestKey:
    """An Ed25519 key made from a word."""

    __test__ = False

    word: str = "keller"

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.word.encode()).digest())

    @property
    def wire(self) -> bytes:
        return sshsig.wire_of(self.private.public_key())

    @property
    def fingerprint(self) -> str:
        return sshsig.fingerprint_of(self.wire)

    @property
    def analyst(self) -> Analyst:
        return Analyst(self.fingerprint, self.word)

    @property
    def public_line(self) -> str:
        return "ssh-ed25519 " + base64.b64encode(self.wire).decode()

    @property
    def journal(self) -> str:
        return journal_key(self.wire)

    def sign(self, message: bytes, namespace: str) -> bytes:
        return sshsig.sign(self.private, message, namespace)

    def sshsig(self, message: bytes, namespace: str) -> str:
        return sshsig.armour(self.wire, self.sign(message, namespace), namespace)
