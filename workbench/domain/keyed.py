"""Words that stand for values: equal for equal values, and nothing to be told without the key.

HMAC-SHA256 (RFC 2104) of what the value is and the value, cut, in Crockford's base 32. This room
must not know where a key lies.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final

from workbench.domain.door import ALPHABET

#: Characters of 5 bits: 80 bits.
WORD: Final = 16
_BYTES: Final = 10
#: From the alphabet of RFC 4648.
_LETTERS: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())


def keyed_word(secret: bytes, domain: str, value: str, characters: int = WORD) -> str:
    """The word of a value.

    Args:
        secret: The key.
        domain: What the value is; the same value of another domain has another word.
        value: The value.
        characters: At most ``WORD``.
    """
    digest = hmac.digest(secret, f"{domain}\0{value}".encode(), "sha256")
    return base64.b32encode(digest[:_BYTES]).translate(_LETTERS)[:characters].decode("ascii")
