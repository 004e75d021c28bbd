"""Tables that are added to a case beside its logs: what they hold, and what became of their rows.

An added table says of accounts, addresses or models what the log leaves out. It fills what is NULL,
names itself as the source, overwrites nothing, and can be taken out again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from workbench.domain.exchange import Accounting

if TYPE_CHECKING:
    from workbench.domain.account import IdentityKind


class AddedKind(StrEnum):
    """What an added table is about."""

    ACCOUNTS = "accounts"
    ADDRESSES = "addresses"
    EVENTS = "events"
    RELEASES = "releases"


class EventKind(StrEnum):
    """What happened to an account."""

    BAN = "ban"
    REINSTATEMENT = "reinstatement"
    RATE_LIMIT = "rate-limit"
    SIGN_UP = "sign-up"
    REMOVAL = "removal"
    KEY_CREATED = "key-created"
    KEY_DELETED = "key-deleted"
    LOGIN = "login"
    LOGIN_FAILED = "login-failed"
    CHANGE = "change"


#: Who a row is about. ``kind`` is empty for the level that the case takes as account, else a kind
#: of identity; ``namespace`` is NULL where the row means every source system.
_WHO: Final = [("kind", pa.string()), ("namespace", pa.string()), ("value", pa.string())]
#: Where it was read, as of a record of a log.
_WHERE: Final = [("record_no", pa.int64()), ("byte_offset", pa.int64())]

#: What each kind of table holds, row by row. An address is one of the case, by its code.
ADDED_SCHEMAS: Final[dict[AddedKind, pa.Schema]] = {
    AddedKind.ACCOUNTS: pa.schema(
        [
            *_WHERE,
            *_WHO,
            ("created_at", pa.timestamp("us")),
            ("email_domain", pa.string()),
            ("payment_hash", pa.string()),
            ("parent_org", pa.string()),
            ("signup_address", pa.string()),
            ("plan", pa.string()),
            ("declared_use", pa.string()),
        ]
    ),
    AddedKind.EVENTS: pa.schema(
        [
            *_WHERE,
            *_WHO,
            ("happened_at", pa.timestamp("us")),
            ("event", pa.string()),
            ("detail", pa.string()),
        ]
    ),
    AddedKind.RELEASES: pa.schema(
        [*_WHERE, ("model", pa.string()), ("released_at", pa.timestamp("us"))]
    ),
    AddedKind.ADDRESSES: pa.schema(
        [
            ("address_id", pa.int32()),
            ("asn", pa.int64()),
            ("country", pa.string()),
            ("network_name", pa.string()),
        ]
    ),
}

#: Columns by which two rows of one table are about the same thing; the others are what is said of
#: it. Rows that say different things of one thing are a conflict, and where they differ none holds.
ADDED_KEYS: Final[dict[AddedKind, tuple[str, ...]]] = {
    AddedKind.ACCOUNTS: ("kind", "namespace", "value"),
    AddedKind.EVENTS: ("kind", "namespace", "value", "happened_at", "event", "detail"),
    AddedKind.RELEASES: ("model",),
    AddedKind.ADDRESSES: ("address_id",),
}


def said_columns(kind: AddedKind) -> tuple[str, ...]:
    """The columns that say something of what the key columns name."""
    names = ADDED_SCHEMAS[kind].names
    apart = {*ADDED_KEYS[kind], *(name for name, _ in _WHERE)}
    return tuple(name for name in names if name not in apart)


@dataclass(frozen=True, slots=True)
class AddedRows:
    """Rows of a table, read. Every record of them is counted once.

    Attributes:
        rows: Of the kind's schema.
        rejects: Rows of ``REJECT_SCHEMA``.
        blank: Records that were empty, or addresses of which the database says nothing.
        header: Header records.
        coerced: Fields that could not be read and became NULL, by column.
    """

    rows: pa.RecordBatch
    rejects: pa.RecordBatch
    blank: int = 0
    header: int = 0
    coerced: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests that a provider counted.

    Attributes:
        kind: Whether of a key, a user or an organisation.
        value: Its name.
        start_us: From then on, UTC microseconds.
        end_us: Until then, exclusive.
        requests: How many.
    """

    kind: IdentityKind
    value: str
    start_us: int
    end_us: int
    requests: int


@dataclass(frozen=True, slots=True)
class AddedTable:
    """One added table of a case.

    Attributes:
        added_id: Its number in the case, never used again.
        kind: What it is about.
        path: As given.
        size: Bytes on disk.
        sha256: Of the file as it lies on disk.
        format: "csv", "jsonl", "parquet" or "mmdb", with the compression behind a plus sign.
        at_us: When it was added, UTC microseconds.
        zone: Of its times that name none.
        columns: Column -> where it comes from in the file.
        accounting: Fates of its records; of addresses, the records are those of the case.
        coerced_columns: Fields that could not be read and became NULL, by column.
        reach: Addresses of the case that were looked up; 0 for the other kinds.
        matched: Rows about something that the case holds.
        unmatched: Rows about something that it does not hold; of addresses, those of the case
            that are not looked up yet or that the database does not know.
    """

    added_id: int
    kind: AddedKind
    path: str
    size: int
    sha256: str
    format: str
    at_us: int = 0
    zone: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    accounting: Accounting = field(default_factory=Accounting)
    coerced_columns: dict[str, int] = field(default_factory=dict)
    reach: int = 0
    matched: int = 0
    unmatched: int = 0
