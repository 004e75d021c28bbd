"""The keys of share editions: one for each case and recipient, all from one file outside them.

Who has the file can tell which account a word stands for, by trying accounts; who has only a share
edition cannot, and two recipients cannot compare theirs. This room must not know what is replaced.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from workbench.case.identity import config_folder
from workbench.case.key_file import KeyKind, make_secret, read_secret
from workbench.domain.keyed import keyed_word

if TYPE_CHECKING:
    from typing import Self

_FILE: Final = "share_key"
_KIND: Final = KeyKind("share key", remedy="Restore it from your backup of the settings folder.")


@dataclass(frozen=True, slots=True)
class ShareKey:
    """A key of one case and one recipient.

    Attributes:
        secret: 32 bytes.
    """

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """First 16 hex digits of a SHA-256; of 256 random bits it tells nothing."""
        return hashlib.sha256(b"workbench share key\0" + self.secret).hexdigest()[:16]

    @classmethod
    def own(cls, case_id: str, recipient: str) -> Self:
        """The key of a case and a recipient; the file that all come from is made where it lacks.

        Raises:
            InputError: The file is no such key, or others may read it.
            StorageError: It cannot be made.
        """
        path = config_folder() / _FILE
        if not path.exists():
            make_secret(path, _KIND)
        about = json.dumps(["share", case_id, recipient]).encode()
        return cls(hmac.digest(read_secret(path, _KIND), about, "sha256"))

    def word(self, kind: str, value: str) -> str:
        """What stands for a value: its kind, a hyphen, 80 bits."""
        return f"{kind}-{keyed_word(self.secret, kind, value)}"
