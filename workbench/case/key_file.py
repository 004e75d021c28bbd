"""Files that hold one secret each, outside every case: made once, readable by their owner alone.

This room must not know what a key is for.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.case.casefile import fsync_folder
from workbench.case.database import storage_error
from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What a file holds.

    Attributes:
        called: What messages call it ("pseudonym key").
        remedy: What to do where it cannot be read.
    """

    called: str
    remedy: str

    @property
    def begins(self) -> str:
        """How its file begins."""
        return f"distillation-workbench {self.called} 1: "


def read_secret(path: Path, kind: KeyKind) -> bytes:
    """The 32 bytes in a file.

    Raises:
        InputError: It is missing or holds no such key, or others may read it.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise InputError(
                f"The {kind.called} {path} may be read by others.",
                remedy=f"Run: chmod 600 {path}",
            )
        text = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The {kind.called} {path} cannot be read ({error.strerror}).", remedy=kind.remedy
        ) from error
    begins = kind.begins.encode()
    try:
        secret = bytes.fromhex(text[len(begins) :].decode("ascii"))
    except ValueError:
        secret = b""
    if not text.startswith(begins) or len(secret) != _BYTES:
        raise InputError(
            f"{path} is no {kind.called}.",
            remedy="Name a file that the workbench made, or one that is not there yet.",
        )
    return secret


def make_secret(path: Path, kind: KeyKind) -> bool:
    """Write a new key; False where another process was faster.

    Raises:
        StorageError: It cannot be made.
    """
    text = f"{kind.begins}{secrets.token_hex(_BYTES)}\n"
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(beside)  # unlike a rename, it never replaces a key
        except FileExistsError:
            return False
        finally:
            beside.unlink()
        fsync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, f"The {kind.called} {path}") from error
    return True
