"""The key by which names are replaced at the door: a file outside every case, made on first use.

Who has it can tell which name a pseudonym stands for, by trying names; who has only the case
cannot. A case knows the key's id. This room must not know what is replaced.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.case.casefile import fsync_folder
from workbench.case.database import storage_error
from workbench.case.identity import config_folder
from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from typing import Self

_FILE: Final = "pseudonym_key"
#: Beside it: where a key lies that was named, by the key's id.
_PLACES: Final = "pseudonym_keys"
_BEGINS: Final = "distillation-workbench pseudonym key 1: "
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """A key.

    Attributes:
        secret: 32 random bytes.
        path: Where it lies.
        made: Whether it was made just now.
    """

    secret: bytes = field(repr=False)
    path: Path
    made: bool = False

    @property
    def id(self) -> str:
        """First 16 hex digits of a SHA-256; of 256 random bits it tells nothing."""
        return hashlib.sha256(b"workbench pseudonym key\0" + self.secret).hexdigest()[:16]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The key in a file.

        Raises:
            InputError: It is missing or no such key, or others may read it.
        """
        try:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise InputError(
                    f"The pseudonym key {path} may be read by others.",
                    remedy=f"Run: chmod 600 {path}",
                )
            text = path.read_bytes()
        except OSError as error:
            raise InputError(
                f"The pseudonym key {path} cannot be read ({error.strerror}).",
                remedy="Name the file with --pseudonym-key FILE.",
            ) from error
        begins = _BEGINS.encode()
        try:
            secret = bytes.fromhex(text[len(begins) :].decode("ascii"))
        except ValueError:
            secret = b""
        if not text.startswith(begins) or len(secret) != _BYTES:
            raise InputError(
                f"{path} is no pseudonym key.",
                remedy="Name a file that the workbench made, or one that is not there yet.",
            )
        return cls(secret, path)

    @classmethod
    def own(cls, path: Path | None = None) -> Self:
        """The key in a file, made where there is none.

        Args:
            path: The file; None for the one in the config folder.

        Raises:
            InputError: The file is no such key, or others may read it.
            StorageError: It cannot be made.
        """
        where = config_folder() / _FILE if path is None else path
        made = not where.exists() and _make(where)
        key = cls.read(where)
        if path is not None:
            _remember(key.id, where)
        return cls(key.secret, where, made)

    @classmethod
    def known(cls, key_id: str) -> Self | None:
        """The key with an id where it lies in the config folder or was named before; else None."""
        folder = config_folder()
        places = [folder / _FILE]
        with suppress(OSError, ValueError):
            places.append(Path((folder / _PLACES / key_id).read_text("utf-8")))
        for place in places:
            try:
                key = cls.read(place)
            except InputError:
                continue
            if key.id == key_id:
                return key
        return None


def _make(path: Path) -> bool:
    """Write a new key; False where another process was faster."""
    text = f"{_BEGINS}{secrets.token_hex(_BYTES)}\n"
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
        raise storage_error(error, f"The pseudonym key {path}") from error
    return True


def _remember(key_id: str, path: Path) -> None:
    """Where a named key lies, so that the next import and the window find it."""
    folder = config_folder() / _PLACES
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / key_id).write_text(str(path.resolve()), "utf-8")
    except (OSError, ValueError):
        return  # only a convenience: the file can be named again
