"""How a case wants to be handled, folded from the journals. Pure functions over entries.

A policy is decided as labels are: by an entry with who, when and why, which undo takes back. It
stands in no file beside, so nobody lifts a legal hold by editing one. This room must not read
files, and not enforce what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from workbench.domain.label import JournalEntry

#: A century and a half; what lies beyond is a slip of the finger.
MOST_DAYS: Final = 55_000
#: Longest address of a time-stamp server.
LONGEST_URL: Final = 2_000
_URL: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?")


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds of a case now.

    Attributes:
        hide_prompts: Prompts are read only after a reveal that stands in the journal. Where
            nobody said so, true of a case that several analysts share.
        sign_off_required: What is exported must be signed off by a second analyst.
        legal_hold: Nothing may be purged.
        retention_days: Days after which exchanges are due to be purged; None without a limit.
        stamp_url: Time-stamp server (RFC 3161) for heads of journals; empty without one.
        said: The entry that last set each field that somebody set.
    """

    hide_prompts: bool = False
    sign_off_required: bool = False
    legal_hold: bool = False
    retention_days: int | None = None
    stamp_url: str = ""
    said: Mapping[str, JournalEntry] = field(default_factory=dict)

    @classmethod
    def fold(cls, entries: Iterable[JournalEntry], *, shared: bool) -> Policy:
        """Read the policy that stands.

        Args:
            entries: Entries that stand (``LabelBook.live()``), in the order in which they count.
                The last one that speaks of a field decides it; None there means: as nobody said.
            shared: Whether more than one analyst decided in the case, or copies of it were
                merged.
        """
        values: dict[str, Any] = {}
        said: dict[str, JournalEntry] = {}
        for entry in entries:
            if entry.kind is not EntryKind.POLICY:
                continue
            told = entry.body.get("policy")
            for name, value in told.items() if isinstance(told, dict) else ():
                if value is None:
                    values.pop(name, None)
                    said.pop(name, None)
                elif name in FIELDS and FIELDS[name](value):
                    values[name], said[name] = value, entry
        return cls(**{"hide_prompts": shared} | values, said=said)

    def as_dict(self) -> dict[str, Any]:
        """The fields and their values."""
        return {name: getattr(self, name) for name in FIELDS}


def _is_answer(value: object) -> bool:
    return isinstance(value, bool)


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_DAYS


def _is_url(value: object) -> bool:
    return (
        isinstance(value, str) and len(value) <= LONGEST_URL and _URL.fullmatch(value) is not None
    )


#: What can be set, and what is a value of it.
FIELDS: Final[dict[str, Callable[[object], bool]]] = {
    "hide_prompts": _is_answer,
    "sign_off_required": _is_answer,
    "legal_hold": _is_answer,
    "retention_days": _is_days,
    "stamp_url": _is_url,
}
