"""The door of a case: what of a log is left out before anything of it is written.

Names the columns that can go by pseudonyms, and what a pseudonym looks like. This room must not
know a key, nor make a pseudonym (``services.pseudonyms`` does).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Canonical column -> how its pseudonyms begin. What is not listed is no name: it is a number, a
#: time, or a word that many have in common.
PSEUDONYMS: Final[dict[str, str]] = {
    "request_id": "req",
    "account_id": "acc",
    "org_id": "org",
    "end_user": "user",
    "session_id": "ses",
    "ip": "ip",
    "user_agent": "agent",
    "ja3": "ja3",
    "ja4": "ja4",
    "email_domain": "mail",
    "payment_hash": "pay",
}
#: Canonical columns of words of programs, in which words of people may stand all the same: in a
#: case without texts they keep what is a code.
CODES: Final = (
    "session_id",
    "country",
    "provider",
    "endpoint",
    "model",
    "error_type",
    "stop_reason",
)
#: Crockford's base 32: no letter that reads as another (i, l, o) or spells words (u).
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
#: The network that an address's pseudonym lies in stands before its dot.
_ADDRESS: Final = re.compile(rf"ip-[{ALPHABET}]+(?=\.[{ALPHABET}]+$)")

#: What is shown in place of a text; statements write it as it stands here.
LEFT_OUT: Final = "(text left out at the door)"
#: What is kept of a prompt whose text is not: its MinHash signature, keyed hashes of its first and
#: last tokens, its vector (fixed-width numbers as bytes), what it asks for (a bit a class), and its
#: length in characters.
KEPT_OF_PROMPT: Final = pa.schema(
    [
        ("form", pa.binary()),
        ("ends", pa.binary()),
        ("embedded", pa.binary()),
        ("asks", pa.int32()),
        ("n_characters", pa.int32()),
    ]
)
#: Of a system prompt.
KEPT_OF_SYSTEM: Final = pa.schema([("asks", pa.int32()), ("n_characters", pa.int32())])
#: Of an answer: lengths in characters, the hash of its normal form, whether it begins as refusals
#: do; NULL where the log has no text of it.
KEPT_OF_ANSWER: Final = pa.schema(
    [
        ("completion_length", pa.int32()),
        ("completion_form", pa.uint64()),
        ("completion_refuses", pa.bool_()),
        ("reasoning_length", pa.int32()),
    ]
)
#: Words that prompts share at their ends: ``token`` is the keyed hash of what leads to the word.
SHARED_WORDS: Final = pa.schema(
    [("prompt", pa.int64()), ("token", pa.uint64()), ("word", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Door:
    """What was left out of a case, import by import the same.

    Attributes:
        pseudonymised: Canonical columns whose values were replaced, in the schema's order.
        key_id: Of the key by which they were, hex; the key itself is in no case.
        text: Digest of how texts were read before they were left out, hex; empty where they are
            in the case.
    """

    pseudonymised: tuple[str, ...] = ()
    key_id: str = ""
    text: str = ""

    @property
    def is_open(self) -> bool:
        """Whether everything passes as it is."""
        return self == Door()

    def as_dict(self) -> dict[str, Any]:
        """As the case and its journal keep it; empty where everything passes."""
        if self.is_open:
            return {}
        said = {"pseudonymised": list(self.pseudonymised), "key_id": self.key_id}
        return said | ({"text": self.text} if self.text else {})

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Door:
        """The reverse of ``as_dict``."""
        names = tuple(said.get("pseudonymised", ()))
        return cls(names, str(said.get("key_id", "")), str(said.get("text", "")))


def network_of_pseudonym(address: str) -> str | None:
    """The network that an address's pseudonym lies in; None for anything else."""
    found = _ADDRESS.match(address)
    return found[0] if found else None
