"""What added tables say, in words: a table, and what is known of one account from where."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.account import AccountKey
from workbench.domain.added import AddedKind
from workbench.domain.exchange import Fate
from workbench.domain.ports import Statement
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.domain.added import AddedTable
    from workbench.services.open_case import OpenCase

_KNOWN: Final = Statement.read(__file__, "joined")
_EVENTS: Final = Statement.read(__file__, "joined_events")
#: Most characters of a value on a line.
_MOST: Final = 120
#: Identities that several accounts may have in common.
_COARSER: Final = frozenset({"user", "organisation"})

#: ``action`` of a journal entry of the kind join.
ADDED: Final = "added"
REMOVED: Final = "removed"

#: What the rows of a table are about, one and many.
SUBJECTS: Final = {
    AddedKind.ACCOUNTS: ("account", "accounts"),
    AddedKind.ADDRESSES: ("address", "addresses"),
    AddedKind.EVENTS: ("event", "events"),
    AddedKind.RELEASES: ("release", "releases"),
}
#: Heading of what is known of one account.
BESIDE: Final = "Known from tables beside the logs"
#: What each field is called.
FIELDS: Final = {
    "created_at": "Signed up",
    "email_domain": "Mail domain",
    "payment_hash": "Payment",
    "parent_org": "Parent organisation",
    "signup_address": "Sign-up address",
    "plan": "Plan",
    "declared_use": "Declared use",
}


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that an added table says of an account.

    Attributes:
        field: As in ``FIELDS``, or the kind of an event.
        value: As text.
        added_id: Number of the table.
        path: Its file.
        sha256: Of the file.
        of: Whom it is said of: "key", "user", "organisation", "address".
        used: Whether it fills anything: the log's own word counts before.
    """

    field: str
    value: str
    added_id: int
    path: str
    sha256: str
    of: str = ""
    used: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    @property
    def title(self) -> str:
        """The field in words."""
        return FIELDS.get(self.field, self.field.capitalize())


def known_of(held: OpenCase, account_key: str) -> tuple[Known, ...]:
    """What added tables say of an account, and which of them; the log's own word counts before.

    Args:
        held: The open case.
        account_key: Of the account.
    """
    if not held.case.added.state:
        return ()
    tables = {table.added_id: table for table in held.case.added.tables(counted=False)}
    key = AccountKey.parse(account_key)
    who = {"kind": key.kind.value, "namespace": key.namespace, "value": key.value}
    with held.engine() as engine:
        rows = engine.table(_KNOWN, **who).to_pylist() + engine.table(_EVENTS, **who).to_pylist()
    return tuple(
        Known(
            row["field"],
            row["value"],
            row["added_id"],
            tables[row["added_id"]].path,
            tables[row["added_id"]].sha256,
            row["kind"],
            row["used"],
        )
        for row in rows
        if row["added_id"] in tables
    )


def known_lines(known: Iterable[Known]) -> list[str]:
    """Field, value and file, one a line."""
    return [
        f"{one.title}: {elide(one.value, _MOST)}"
        + (f" (of the {one.of})" if one.of in _COARSER else "")
        + f", {elide(one.path, _MOST)} (table {one.added_id})"
        + ("" if one.used else "; not used, the logs say it themselves")
        for one in known
    ]


def table_dict(table: AddedTable) -> dict[str, Any]:
    """A table as the command line and the journal write it."""
    return {
        "id": table.added_id,
        "kind": table.kind.value,
        "path": table.path,
        "size": table.size,
        "sha256": table.sha256,
        "format": table.format,
        "at_us": table.at_us,
        "zone": table.zone,
        "columns": dict(sorted(table.columns.items())),
        "coerced_columns": dict(table.coerced_columns),
        "matched": table.matched,
        "unmatched": table.unmatched,
        "reach": table.reach,
    } | table.accounting.as_dict()


def table_lines(table: AddedTable) -> list[str]:
    """A table for reading: what and where from, the fates of its records, what it meets."""
    counts = table.accounting.as_dict()
    parts = [f"{fate.value} {counts[fate.value]:,}" for fate in Fate if counts[fate.value]]
    fates = f"{counts['records']:,} = {' + '.join(parts) or '0'}"
    if table.accounting.coerced:
        fates += f"; {plural(table.accounting.coerced, 'field', 'fields')} unreadable, so NULL"
    one, many = SUBJECTS[table.kind]
    if table.kind is AddedKind.ADDRESSES:
        met = (
            f"country or network of {plural(table.matched, one, many)} of the case, "
            f"{table.unmatched:,} without"
        )
    else:
        met = (
            f"{plural(table.matched, 'row', 'rows')} about what the case holds, "
            f"{table.unmatched:,} about what it does not"
        )
    return [
        f"{table.added_id}  {table.kind.value}  {table.path}",
        f"    {table.format}, SHA-256 {table.sha256}",
        f"    records {fates}",
        f"    {met}",
    ]


def source_line(table: AddedTable) -> str:
    """For a report: that values come from this table."""
    of = {
        AddedKind.ACCOUNTS: "what the logs leave out about accounts",
        AddedKind.ADDRESSES: "country and network of addresses, where the logs leave them out,",
        AddedKind.EVENTS: "suspensions that the logs do not show",
        AddedKind.RELEASES: "when models were released",
    }[table.kind]
    return (
        f"Beside the logs: {of} comes from the table {table.path} (SHA-256 {table.sha256}; "
        f"{plural(table.accounting.loaded, 'row', 'rows')} loaded, {table.matched:,} met). "
        "It fills what is missing and overwrites nothing."
    )
