"""The signature of a bundle: what it is for, and whether it fits; the bytes are ``case.sshsig``'s.

The key that signs belongs to the analyst (``case.identity``). This room knows no key of its own
and trusts none: whether a fingerprint is the right one is for a person to say.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Protocol

from workbench.case import sshsig

#: What our signatures are for; a signature made for another purpose does not verify here.
NAMESPACE: Final = "distillation-workbench-bundle"
#: Name under which ``signatures/allowed_signers`` lists the key.
PRINCIPAL: Final = "signer"

#: The signature's binary form is fixed: magic and version, length, key in wire form, ...,
#: the 64 bytes of Ed25519 at the end.
_KEY: Final = slice(14, 65)
_SIGNATURE: Final = slice(-64, None)


class Signer(Protocol):
    """Whoever signs a bundle: the analyst's identity."""

    @property
    def fingerprint(self) -> str:
        """``SHA256:...`` as ssh-keygen prints it."""
        ...

    def sshsig(self, message: bytes, namespace: str) -> str:
        """Armoured SSH signature over the message."""
        ...


class BadSignatureError(ValueError):
    """A signature that cannot be read, or that does not fit; the text says how."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A signature that fits.

    Attributes:
        key: The public key in SSH wire form.
    """

    key: bytes

    @property
    def fingerprint(self) -> str:
        """``SHA256:...`` of the key that signed."""
        return sshsig.fingerprint_of(self.key)

    @property
    def public_line(self) -> str:
        """``ssh-ed25519 AAAA...``."""
        return f"ssh-ed25519 {base64.b64encode(self.key).decode()}"

    @property
    def allowed_signers(self) -> str:
        """The file that lets ssh-keygen verify our namespace with this key."""
        return f'{PRINCIPAL} namespaces="{NAMESPACE}" {self.public_line}\n'


def check(armoured: bytes, message: bytes) -> Seal:
    """Check an armoured signature over a message.

    There is exactly one way to write a signature: read into its parts and written anew it must be
    the same bytes, so that nothing in the file is free to change.

    Raises:
        BadSignatureError: It is no such signature, or it is over other bytes.
    """
    try:
        blob = base64.b64decode(b"".join(armoured.split(b"\n")[1:-2]), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignatureError("it is not an SSH signature") from None
    key, signature = blob[_KEY], blob[_SIGNATURE]
    if sshsig.armour(key, signature, NAMESPACE).encode() != armoured:
        raise BadSignatureError("it is not an Ed25519 signature for bundles")
    if not sshsig.check(key, signature, message, NAMESPACE):
        raise BadSignatureError("it does not fit what was signed")
    return Seal(key)
