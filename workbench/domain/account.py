"""Who sent an exchange: identity levels and the account key that leaves the case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IdentityLevel(StrEnum):
    """The level a case takes as "account". ``AUTO`` takes the finest one present."""

    AUTO = "auto"
    KEY = "key"
    USER = "user"
    ORGANISATION = "organisation"


class IdentityKind(StrEnum):
    """What an account key names. ``ADDRESS`` is the flagged fallback when nothing else is known."""

    KEY = "key"
    USER = "user"
    ORGANISATION = "organisation"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, order=True)
class AccountKey:
    """``kind:namespace:value``. Integer codes never leave the case; this does.

    Attributes:
        kind: Which identity column the value comes from.
        namespace: The source system that gives the value its meaning; may be empty.
        value: As the log gave it. May hold colons: only the first two separate.
    """

    kind: IdentityKind
    namespace: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.namespace}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> AccountKey:
        """Read ``kind:namespace:value``.

        Raises:
            ValueError: Fewer than two colons, or a kind that is not known.
        """
        kind, namespace, value = text.split(":", 2)
        return cls(IdentityKind(kind), namespace, value)
