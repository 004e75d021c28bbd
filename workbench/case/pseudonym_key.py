"""The key by which names are replaced at the door: a file outside every case, made on first use.

Who has it can tell which name a pseudonym stands for, by trying names; who has only the case
cannot. A case knows the key's id. This room must not know what is replaced.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.case.identity import config_folder
from workbench.case.key_file import KeyKind, make_secret, read_secret
from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from typing import Self

_FILE: Final = "pseudonym_key"
#: Beside it: where a key lies that was named, by the key's id.
_PLACES: Final = "pseudonym_keys"
_KIND: Final = KeyKind("pseudonym key", remedy="Name the file with --pseudonym-key FILE.")


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
        return cls(read_secret(path, _KIND), path)

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
        made = not where.exists() and make_secret(where, _KIND)
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


def _remember(key_id: str, path: Path) -> None:
    """Where a named key lies, so that the next import and the window find it."""
    folder = config_folder() / _PLACES
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / key_id).write_text(str(path.resolve()), "utf-8")
    except (OSError, ValueError):
        return  # only a convenience: the file can be named again
