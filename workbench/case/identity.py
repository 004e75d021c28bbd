"""The analyst's key: made on first use in the user's config folder, never in a case.

An analyst is a key; the name is only its caption. The key is an OpenSSH private key file, so that
it can be used with, and replaced by, what ssh-keygen makes. This room must not know what is signed.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from workbench.case import sshsig
from workbench.case.casefile import replace_file
from workbench.case.database import storage_error
from workbench.domain.errors import InputError
from workbench.domain.label import Analyst

if TYPE_CHECKING:
    from typing import Self

_KEY_FILE: Final = "analyst_ed25519"
_NAME_FILE: Final = "analyst_name"
_LONGEST_NAME: Final = 200


def config_folder() -> Path:
    """The user's folder for keys and settings; ``WORKBENCH_CONFIG`` names another."""
    chosen = os.environ.get("WORKBENCH_CONFIG")
    if chosen:
        return Path(chosen)
    import platformdirs

    return platformdirs.user_config_path("distillation-workbench", appauthor=False)


def own_fingerprint() -> str:
    """The fingerprint of the user's own key; empty where none was made yet, and none is made."""
    there = (config_folder() / _KEY_FILE).exists()
    return Signer.own().fingerprint if there else ""


def journal_key(wire: bytes) -> str:
    """Name of the journal of a public key: first 16 hex digits of its SHA-256."""
    return hashlib.sha256(wire).hexdigest()[:16]


class Signer:
    """Who decides and signs.

    Args:
        key: The private key.
        name: Caption.
    """

    #: Whether somebody chose the caption; otherwise it is the login's name.
    named = True

    def __init__(self, key: Ed25519PrivateKey, name: str) -> None:
        self._key = key
        self.public_key = sshsig.wire_of(key.public_key())
        self.analyst = Analyst(sshsig.fingerprint_of(self.public_key), name)

    @classmethod
    def own(cls, folder: Path | None = None, name: str | None = None) -> Self:
        """The user's own key, made on first use.

        Args:
            folder: Where it lies; the config folder when None.
            name: New caption, kept for next time; None keeps the one there is.

        Raises:
            InputError: The key file is not one, or others may read it.
            StorageError: The folder cannot be written.
        """
        folder = config_folder() if folder is None else folder
        path = folder / _KEY_FILE
        if not path.exists():
            _make(path)
        if name is not None:
            replace_file(folder / _NAME_FILE, _one_line(name).encode("utf-8"))
        kept = _kept(folder / _NAME_FILE)
        signer = cls.from_file(path, _login() if kept is None else kept)
        signer.named = kept is not None
        return signer

    @classmethod
    def from_file(cls, path: Path, name: str = "") -> Self:
        """A key that the user names, in OpenSSH's format.

        Raises:
            InputError: It is missing, not an unencrypted Ed25519 key, or others may read it.
        """
        remedy = "Make one with: ssh-keygen -t ed25519 -N '' -f KEYFILE"
        try:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise InputError(
                    f"The key {path} may be read by others.", remedy=f"Run: chmod 600 {path}"
                )
            key = load_ssh_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise InputError(
                f"The key {path} cannot be read ({error.strerror}).", remedy=remedy
            ) from error
        except TypeError as error:
            raise InputError(
                f"The key {path} is protected by a passphrase, which is not supported.",
                remedy=remedy,
            ) from error
        except ValueError as error:
            raise InputError(f"{path} is no OpenSSH private key.", remedy=remedy) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError(f"The key {path} is not an Ed25519 key.", remedy=remedy)
        return cls(key, _one_line(name))

    @classmethod
    def fleeting(cls, name: str = "") -> Self:
        """A key that is kept nowhere: for a case that is made for a moment."""
        return cls(Ed25519PrivateKey.generate(), _one_line(name))

    @property
    def fingerprint(self) -> str:
        """``SHA256:...`` as ssh-keygen prints it."""
        return self.analyst.fingerprint

    @property
    def public_line(self) -> str:
        """``ssh-ed25519 AAAA...``, as in an allowed-signers file."""
        return "ssh-ed25519 " + base64.b64encode(self.public_key).decode()

    @property
    def journal(self) -> str:
        """Name of this analyst's journal."""
        return journal_key(self.public_key)

    def sign(self, message: bytes, namespace: str) -> bytes:
        """The 64 bytes of Ed25519 of an SSH signature over the message."""
        return sshsig.sign(self._key, message, namespace)

    def sshsig(self, message: bytes, namespace: str) -> str:
        """Armoured SSH signature that ``ssh-keygen -Y verify`` accepts."""
        return sshsig.armour(self.public_key, self.sign(message, namespace), namespace)


def _make(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():  # another process was faster: its key is the one
            beside.unlink()
            return
        beside.rename(path)
        line = sshsig.wire_of(key.public_key())
        path.with_suffix(".pub").write_text(
            f"ssh-ed25519 {base64.b64encode(line).decode()}\n", "utf-8"
        )
    except OSError as error:
        raise storage_error(error, f"The analyst's key {path}") from error


def _kept(path: Path) -> str | None:
    """The name that was chosen; None where none was."""
    try:
        return _one_line(path.read_text("utf-8", errors="replace"))
    except OSError:
        return None


def _login() -> str:
    return _one_line(os.environ.get("USER") or os.environ.get("USERNAME") or "analyst")


def _one_line(name: str) -> str:
    plain = name.encode("utf-8", "replace").decode("utf-8")
    return " ".join(plain.split())[:_LONGEST_NAME]
