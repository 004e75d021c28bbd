"""SSH signatures (PROTOCOL.sshsig of OpenSSH) with Ed25519 keys, as bytes.

Stock ``ssh-keygen -Y verify`` accepts what is made here. This room must not touch files.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MAGIC: Final = b"SSHSIG"
_KIND: Final = b"ssh-ed25519"
_HASH: Final = b"sha512"
_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_END: Final = "-----END SSH SIGNATURE-----"
_WIDTH: Final = 70


def wire_of(key: Ed25519PublicKey) -> bytes:
    """The public key in SSH wire form."""
    return _string(_KIND) + _string(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def key_of(wire: bytes) -> Ed25519PublicKey:
    """The key of a wire form.

    Raises:
        ValueError: Not an Ed25519 key.
    """
    kind, rest = _take(wire)
    raw, rest = _take(rest)
    if kind != _KIND or rest:
        raise ValueError("not an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(raw)


def fingerprint_of(wire: bytes) -> str:
    """``SHA256:...`` as ssh-keygen prints it."""
    digest = hashlib.sha256(wire).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def sign(key: Ed25519PrivateKey, message: bytes, namespace: str) -> bytes:
    """The 64 bytes of Ed25519 inside an SSH signature over the message."""
    return key.sign(_signed(message, namespace))


def check(wire: bytes, signature: bytes, message: bytes, namespace: str) -> bool:
    """Whether 64 bytes made by ``sign`` fit key, message and namespace."""
    try:
        key_of(wire).verify(signature, _signed(message, namespace))
    except (InvalidSignature, ValueError):
        return False
    return True


def armour(wire: bytes, signature: bytes, namespace: str) -> str:
    """The signature as a text file for ``ssh-keygen -Y verify``."""
    blob = (
        _MAGIC
        + struct.pack(">I", 1)
        + _string(wire)
        + _string(namespace.encode())
        + _string(b"")
        + _string(_HASH)
        + _string(_string(_KIND) + _string(signature))
    )
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + _WIDTH] for i in range(0, len(text), _WIDTH)]
    return "\n".join([_BEGIN, *lines, _END]) + "\n"


def verify(message: bytes, armoured: str, namespace: str) -> str:
    """Check an armoured signature over the message.

    Returns:
        The fingerprint of the key that signed; whether to trust it is for a person to say.

    Raises:
        ValueError: It cannot be read, is for another purpose, or does not fit; says which.
    """
    lines = armoured.strip().splitlines()
    if len(lines) < 3 or lines[0].strip() != _BEGIN or lines[-1].strip() != _END:
        raise ValueError("not an SSH signature")
    text = "".join(line.strip() for line in lines[1:-1])
    try:
        blob = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("the signature is not base64") from None
    if base64.b64encode(blob).decode() != text:
        raise ValueError("the signature is not written as it should be")  # bits that say nothing
    if blob[:10] != _MAGIC + struct.pack(">I", 1):
        raise ValueError("not an SSH signature of version 1")
    parts, rest = [], blob[10:]
    for _ in range(5):
        part, rest = _take(rest)
        parts.append(part)
    wire, purpose, reserved, hash_name, wrapped = parts
    kind, tail = _take(wrapped)
    signature, tail = _take(tail)
    if rest or tail or reserved or kind != _KIND or hash_name != _HASH:
        raise ValueError("a kind of signature that is not made here")
    if purpose != namespace.encode():
        raise ValueError("the signature is for another purpose")
    if not check(wire, signature, message, namespace):
        raise ValueError("the signature does not fit")
    return fingerprint_of(wire)


def _signed(message: bytes, namespace: str) -> bytes:
    """What is really signed: magic, namespace, reserved, hash name, hash (PROTOCOL.sshsig)."""
    digest = hashlib.sha512(message).digest()
    return _MAGIC + _string(namespace.encode()) + _string(b"") + _string(_HASH) + _string(digest)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 4:
        raise ValueError("the signature is cut off")
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("the signature is cut off")
    return data[4 : 4 + length], data[4 + length :]
