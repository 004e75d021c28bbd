"""Reading and checking SSH signatures (SSHSIG, Ed25519) with nothing but the bytes at hand.

Format: PROTOCOL.sshsig of OpenSSH. The key that signs belongs to the analyst and lives in
``case.identity``; this room only names the namespace, and verifies. It knows no key of its own,
and trusts none: whether a fingerprint is the right one is for a person to say.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

#: What our signatures are for; a signature made for another purpose does not verify here.
NAMESPACE: Final = "distillation-workbench-bundle"
#: Name under which ``signatures/allowed_signers`` lists the key.
PRINCIPAL: Final = "signer"

_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_END: Final = "-----END SSH SIGNATURE-----"
_MAGIC: Final = b"SSHSIG"
_ED25519: Final = b"ssh-ed25519"
_HASHES: Final = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_LONGEST: Final = 4096
_WIDTH: Final = 70


class Signer(Protocol):
    """Whoever signs a bundle: the analyst's identity."""

    @property
    def fingerprint(self) -> str:
        """``SHA256:...`` as ssh-keygen prints it."""
        ...

    def sshsig(self, data: bytes, namespace: str) -> str:
        """Armoured SSH signature over the data."""
        ...


class BadSignatureError(ValueError):
    """A signature that cannot be read, or that does not fit; the text says how."""


@dataclass(frozen=True, slots=True)
class SshSignature:
    """A parsed signature.

    Attributes:
        public_key: The key in SSH wire form.
        namespace: What it was made for.
        hash_name: Hash over the signed bytes.
        signature: 64 bytes of Ed25519.
    """

    public_key: bytes
    namespace: str
    hash_name: bytes
    signature: bytes

    @property
    def fingerprint(self) -> str:
        """``SHA256:...`` of the key that signed."""
        return fingerprint_of(self.public_key)

    @property
    def public_line(self) -> str:
        """``ssh-ed25519 AAAA...`` of that key."""
        return f"{_ED25519.decode()} {base64.b64encode(self.public_key).decode()}"

    @property
    def armoured(self) -> str:
        """The signature as ssh-keygen writes it: 70 characters a line."""
        blob = _MAGIC + struct.pack(">I", 1)
        parts = (self.public_key, self.namespace.encode(), b"", self.hash_name)
        blob += b"".join(_string(part) for part in parts)
        blob += _string(_string(_ED25519) + _string(self.signature))
        text = base64.b64encode(blob).decode()
        lines = (text[i : i + _WIDTH] for i in range(0, len(text), _WIDTH))
        return "\n".join((_BEGIN, *lines, _END, ""))


def fingerprint_of(public_key: bytes) -> str:
    """Fingerprint of a key in SSH wire form, as ssh-keygen prints it."""
    digest = hashlib.sha256(public_key).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def parse(armoured: bytes) -> SshSignature:
    """Read an armoured signature.

    Raises:
        BadSignatureError: It is no SSH signature by an Ed25519 key.
    """
    if len(armoured) > _LONGEST:
        raise BadSignatureError("it is too long for a signature")
    try:
        lines = armoured.decode("ascii").strip().splitlines()
    except UnicodeDecodeError:
        raise BadSignatureError("it is not text") from None
    if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise BadSignatureError("it is not an SSH signature")
    try:
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise BadSignatureError("its base64 is broken") from None
    if not blob.startswith(_MAGIC):
        raise BadSignatureError("it is not an SSH signature")
    reader = _Reader(blob[len(_MAGIC) :])
    if reader.number() != 1:
        raise BadSignatureError("its version is not 1")
    public_key, namespace, reserved, hash_name, wrapped = (reader.string() for _ in range(5))
    reader.end()
    inner = _Reader(wrapped)
    kind, signature = inner.string(), inner.string()
    inner.end()
    if reserved or kind != _ED25519 or len(signature) != 64 or hash_name not in _HASHES:
        raise BadSignatureError("it is not by an Ed25519 key")
    try:
        return SshSignature(public_key, namespace.decode("ascii"), hash_name, signature)
    except UnicodeDecodeError:
        raise BadSignatureError("its namespace is not text") from None


def check(signature: SshSignature, data: bytes, namespace: str = NAMESPACE) -> None:
    """Check a signature over data.

    Raises:
        BadSignatureError: It was made for something else, or over other bytes.
    """
    if signature.namespace != namespace:
        raise BadSignatureError("it was made for another purpose")
    reader = _Reader(signature.public_key)
    kind, raw = reader.string(), reader.string()
    reader.end()
    if kind != _ED25519 or len(raw) != 32:
        raise BadSignatureError("it is not by an Ed25519 key")
    digest = _HASHES[signature.hash_name](data).digest()
    signed = _MAGIC + b"".join(
        _string(part) for part in (namespace.encode(), b"", signature.hash_name, digest)
    )
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature.signature, signed)
    except InvalidSignature:
        raise BadSignatureError("it does not fit what was signed") from None


def allowed_signers_line(public_line: str) -> str:
    """The line of ``allowed_signers`` that lets ssh-keygen verify our namespace with this key."""
    return f'{PRINCIPAL} namespaces="{NAMESPACE}" {public_line}\n'


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


class _Reader:
    """Reads the length-prefixed fields of SSH."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def number(self) -> int:
        return int(struct.unpack(">I", self._take(4))[0])

    def string(self) -> bytes:
        return self._take(self.number())

    def end(self) -> None:
        if self._data:
            raise BadSignatureError("it has bytes left over")

    def _take(self, length: int) -> bytes:
        if len(self._data) < length:
            raise BadSignatureError("it is cut short")
        head, self._data = self._data[:length], self._data[length:]
        return head
