"""What added tables say, field by field: the names a file may use, and how a value is read.

A value that is there and cannot be read becomes NULL and counts as coerced; a record without what
it is about is rejected. This room must not read files, nor know the case.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.account import AccountKey, IdentityKind
from workbench.domain.added import ADDED_SCHEMAS, AddedKind, EventKind
from workbench.domain.errors import InputError
from workbench.formats.coerce import coerce_column
from workbench.formats.paths import look_up, parse_path
from workbench.formats.text import is_absent
from workbench.formats.times import read_times

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: Who a row is about: the column of the file and the kind of identity; the first that is there.
WHO: Final = {
    "account_key": None,
    "account_id": "",
    "end_user": IdentityKind.USER.value,
    "org_id": IdentityKind.ORGANISATION.value,
}
_WHO_NAMES: Final = {
    "account_key": (),
    "account_id": ("account", "api_key", "key_id"),
    "end_user": ("user_id",),
    "org_id": ("organisation_id", "organization_id"),
    "system": ("source_system", "namespace"),
}
#: Field -> other names that a file may give it. Names are compared in lower case, with one
#: underscore for whatever is no letter or digit.
FIELDS: Final[dict[AddedKind, dict[str, tuple[str, ...]]]] = {
    AddedKind.ACCOUNTS: {
        **_WHO_NAMES,
        "created_at": ("account_created_at", "created", "signed_up_at", "signup_at"),
        "email_domain": ("email", "domain"),
        "payment_hash": ("payment", "payment_fingerprint", "card_fingerprint"),
        "parent_org": (
            "parent_organisation",
            "parent_organization",
            "organisation",
            "organization",
        ),
        "signup_address": ("sign_up_address", "signup_ip", "sign_up_ip", "registration_ip"),
        "plan": ("tier", "subscription"),
        "declared_use": ("declared_use_case", "use_case", "purpose"),
    },
    AddedKind.EVENTS: {
        **_WHO_NAMES,
        "happened_at": ("at", "ts", "time", "timestamp", "date", "event_at"),
        "event": ("event_type", "kind", "type", "action"),
        "detail": ("reason", "value", "note"),
    },
    AddedKind.RELEASES: {
        "model": ("model_id", "name"),
        "released_at": ("released", "release_date", "date", "ts"),
    },
}
#: Words for what happened, beside the kind's own.
EVENT_WORDS: Final[dict[EventKind, tuple[str, ...]]] = {
    EventKind.BAN: (
        "banned", "suspend", "suspended", "suspension", "deactivated", "disabled", "terminated",
    ),
    EventKind.REINSTATEMENT: (
        "reinstate", "reinstated", "unban", "unbanned", "unsuspended", "reactivated", "restored",
    ),
    EventKind.RATE_LIMIT: (
        "ratelimit", "rate-limit-change", "rate-limit-changed", "rate-limit-updated",
        "rate-limit-deleted", "limit-change", "throttled",
    ),
    EventKind.SIGN_UP: (
        "signup", "signed-up", "registered", "user-added", "service-account-created",
        "project-created",
    ),
    EventKind.REMOVAL: (
        "removed", "user-deleted", "service-account-deleted", "project-archived",
        "project-deleted",
    ),
    EventKind.KEY_CREATED: ("api-key-created",),
    EventKind.KEY_DELETED: ("api-key-deleted",),
    EventKind.LOGIN: ("login-succeeded",),
    EventKind.LOGIN_FAILED: ("login-failure",),
    EventKind.CHANGE: ("changed",),
}  # fmt: skip
_EVENTS: Final = {word: kind.value for kind, words in EVENT_WORDS.items() for word in words} | {
    kind.value: kind.value for kind in EventKind
}
#: Fields without which a record says nothing.
_NEEDED: Final = {
    AddedKind.ACCOUNTS: (),
    AddedKind.EVENTS: ("happened_at", "event"),
    AddedKind.RELEASES: ("model", "released_at"),
}
#: Fields that are times.
TIMES: Final = frozenset({"created_at", "happened_at", "released_at"})
_ID_NEEDED: Final = "no account: none of account_key, account_id, end_user, org_id has a value"


def sources(
    kind: AddedKind, names: Sequence[str], mapping: Mapping[str, str], path: object
) -> dict[str, str]:
    """Which field of the file each of ours comes from.

    Args:
        kind: What the table is about.
        names: Fields of the file.
        mapping: Field -> path in the file, as a person said it; wins.
        path: The file, for messages.

    Raises:
        InputError: A mapped field that this kind has not, or nothing that says who or what a row
            is about, or nothing else.
    """
    known = FIELDS[kind]
    for field in mapping:
        if field not in known:
            raise InputError(
                f"{field!r} is no field of a table of {kind.value}.",
                remedy=f"Choose one of: {', '.join(known)}.",
            )
    by_name = {_plain(name): name for name in reversed(names)}
    found = dict(mapping)
    for field, others in known.items():
        for name in (field, *others):
            if field not in found and name in by_name and by_name[name] not in found.values():
                found[field] = by_name[name]
    # Of an account whose own id is given, the organisation is what it belongs to.
    own = found.keys() & {"account_key", "account_id", "end_user"}
    if own and "org_id" in found and "parent_org" in known and "parent_org" not in found:
        found["parent_org"] = found.pop("org_id")
    who = found.keys() & WHO.keys()
    lacking = [name for name in _NEEDED[kind] if name not in found]
    if "account_id" in known and not who:
        lacking = ["account_id", *lacking]
    if kind is AddedKind.ACCOUNTS and not found.keys() - WHO.keys() - {"system"}:
        lacking.append("any of created_at, email_domain, payment_hash, parent_org, plan")
    if lacking:
        seen = ", ".join(sorted(names)[:12]) or "none"
        raise InputError(
            f"{path} is no table of {kind.value}: it has no column {' and no '.join(lacking)}; its "
            f"columns are {seen}.",
            remedy=f"Name the column, for example --map {lacking[0].split()[-1]}=COLUMN.",
            safe="Nothing was added.",
        )
    return found


def _plain(name: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in name.casefold()).split()
    return "_".join(words)


@dataclass(frozen=True, slots=True)
class Converted:
    """Records turned into columns.

    Attributes:
        columns: Column of the schema -> values of every record, beside where it was read.
        bad: Index of a record that is rejected -> why.
        coerced: Fields that could not be read and became NULL, by field, of the other records.
    """

    columns: dict[str, list[Any]]
    bad: dict[int, str]
    coerced: dict[str, int]


class Shape:
    """How the records of one file are read.

    Args:
        kind: What the table is about.
        found: Our field -> field or path of the file.
        zone: Of times that name none.
    """

    def __init__(self, kind: AddedKind, found: Mapping[str, str], zone: dt.tzinfo | None) -> None:
        self.kind = kind
        self.found = dict(found)
        self._zone = zone

    def values(self, records: Sequence[Mapping[str, Any]], field: str) -> list[Any]:
        """The raw values of a field; None where a record has none."""
        source = self.found.get(field)
        if source is None:
            return [None] * len(records)
        try:
            steps = parse_path(source)
        except InputError:  # a column of a table may be called anything
            steps = (source,)
        return [
            record[source] if source in record else look_up(record, steps) for record in records
        ]

    def convert(self, records: Sequence[Mapping[str, Any]]) -> Converted:
        """Records in columns."""
        done = Converted({}, {}, {})
        failed: dict[str, list[int]] = {}
        names = [n for n in ADDED_SCHEMAS[self.kind].names if n not in ("record_no", "byte_offset")]
        if "value" in names:
            self._who(records, done)
        for name in names:
            if name in ("kind", "namespace", "value"):
                continue
            done.columns[name], failed[name] = self._read(name, self.values(records, name))
        for name in _NEEDED[self.kind]:
            for index, value in enumerate(done.columns[name]):
                if value is None:
                    why = "cannot be read" if index in failed[name] else "is missing"
                    done.bad.setdefault(index, f"its {name} {why}")
        for name, indices in failed.items():
            if count := sum(index not in done.bad for index in indices):
                done.coerced[name] = count
        return done

    def _read(self, name: str, raw: list[Any]) -> tuple[list[Any], list[int]]:
        if name in TIMES:
            array, failed = read_times(raw, self._zone)
            return array.cast(pa.int64()).to_pylist(), failed
        texts, failed = _texts(raw)
        read = _READERS.get(name)
        if read is None:
            return texts, failed
        for index, text in enumerate(texts):
            if text is not None and (value := read(text)) != text:
                texts[index] = value
                if value is None:
                    failed.append(index)
        return texts, failed

    def _who(self, records: Sequence[Mapping[str, Any]], done: Converted) -> None:
        kinds = [""] * len(records)
        values: list[str | None] = [None] * len(records)
        system, _ = _texts(self.values(records, "system"))
        for name, kind in WHO.items():
            if name not in self.found:
                continue
            given, _ = _texts(self.values(records, name))
            for index, text in enumerate(given):
                if text is None or values[index] is not None:
                    continue
                if kind is not None:
                    kinds[index], values[index] = kind, text
                    continue
                try:
                    key = AccountKey.parse(text)
                except ValueError:
                    done.bad[index] = "its account_key is not kind:system:value"
                    continue
                kinds[index], system[index], values[index] = (
                    key.kind.value,
                    key.namespace,
                    key.value,
                )
        for index, value in enumerate(values):
            if value is None:
                done.bad.setdefault(index, _ID_NEEDED)
        done.columns.update(kind=kinds, namespace=system, value=values)


class ToldShape(Shape):
    """Records of one product's own, which say by a function what our fields are.

    Args:
        kind: What the table is about.
        found: Our field -> where it comes from, as told of the table.
        zone: Of times that name none.
        told: A record -> the fields that it fills.
    """

    def __init__(
        self,
        kind: AddedKind,
        found: Mapping[str, str],
        zone: dt.tzinfo | None,
        told: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> None:
        super().__init__(kind, found, zone)
        self._told = told
        self._flat = Shape(kind, {field: field for field in found}, zone)

    def values(self, records: Sequence[Mapping[str, Any]], field: str) -> list[Any]:
        """The raw values of a field; None where a record has none."""
        return self._flat.values([self._told(record) for record in records], field)

    def convert(self, records: Sequence[Mapping[str, Any]]) -> Converted:
        """Records in columns."""
        told = [self._told(record) for record in records]
        done = self._flat.convert(told)
        for index, one in enumerate(told):
            if "account_id" in one:  # a key, whatever the case takes as account
                done.columns["kind"][index] = IdentityKind.KEY.value
        return done


def _texts(raw: list[Any]) -> tuple[list[Any], list[int]]:
    """Texts as the importer reads them; words for "no value" are none here."""
    texts, failed = coerce_column("email_domain", raw)
    return [None if text is None or is_absent(text) else text for text in texts], failed


def _address(text: str) -> str | None:
    """An address or a network as it is written; None where it is neither."""
    text = text.strip()
    try:
        if "/" in text:
            ipaddress.ip_network(text, strict=False)
        else:
            ipaddress.ip_address(text)
    except ValueError:
        return None
    return text


def _domain(text: str) -> str:
    """Of a whole address the domain alone: who it is, is no business of the case."""
    return text.rpartition("@")[2].lower() if "@" in text else text


def event_named(text: str) -> str | None:
    """The kind of event that a word names, in any spelling; None where it is none."""
    return _EVENTS.get(_plain(text).replace("_", "-"))


_READERS: Final[dict[str, Callable[[str], str | None]]] = {
    "signup_address": _address,
    "email_domain": _domain,
    "event": event_named,
}


def rows_of(
    kind: AddedKind, done: Converted, numbers: Sequence[int], offsets: Iterable[int]
) -> pa.RecordBatch:
    """Rows of the kind's schema, without those that are rejected."""
    columns = {"record_no": list(numbers), "byte_offset": list(offsets)} | done.columns
    kept = [index for index in range(len(numbers)) if index not in done.bad]
    arrays = []
    for field in ADDED_SCHEMAS[kind]:
        values = [columns[field.name][index] for index in kept]
        whole = pa.int64() if pa.types.is_timestamp(field.type) else field.type
        arrays.append(pa.array(values, whole).cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=ADDED_SCHEMAS[kind])
