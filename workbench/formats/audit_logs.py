"""OpenAI's organisation audit log, read as a table of events, or of accounts.

Each record says what somebody did: who, when, from which address, to whom. As a table of events it
is what happened to an account; as one of accounts, when keys, users and projects were made, from
where, and for which project. This room must not read files.

Source: platform.openai.com/docs/api-reference/audit-logs, "The audit log object": id, type,
effective_at (epoch seconds), project, actor (session: user, ip_address, user_agent, ja3, ja4; or
api_key: id, user or service_account), and a member named as the type with what it was done to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.added import AddedKind, EventKind
from workbench.formats.added_fields import ToldShape, event_named
from workbench.formats.halves import name_of
from workbench.formats.paths import as_object

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

#: The kinds of table that an audit log is, in the order in which they are added.
KINDS: Final = (AddedKind.EVENTS, AddedKind.ACCOUNTS)
#: Our field -> where it comes from, as told of the table.
_FOUND: Final[dict[AddedKind, dict[str, str]]] = {
    AddedKind.EVENTS: {
        "account_id": "api_key.*: its id",
        "end_user": "user.*, service_account.*: its id; else the actor",
        "org_id": "project.*, rate_limit.*: the project",
        "happened_at": "effective_at",
        "event": "type",
        "detail": "type, id, actor",
    },
    AddedKind.ACCOUNTS: {
        "account_id": "api_key.created: its id",
        "end_user": "user.added, service_account.created: its id; else the actor",
        "org_id": "project.created: its id",
        "created_at": "effective_at",
        "email_domain": "actor, email",
        "signup_address": "api_key.created: actor.session.ip_address",
        "parent_org": "api_key.created, service_account.created: project.id",
    },
}
#: The first word of a type -> our field for whom it was done to.
_OBJECTS: Final = {
    "api_key": "account_id",
    "user": "end_user",
    "service_account": "end_user",
    "project": "org_id",
}
#: Types that make what they name.
_MAKING: Final = frozenset(
    {"api_key.created", "user.added", "service_account.created", "project.created"}
)
_KEPT_OF_CHANGES: Final = 500


def is_audit_log(records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether most of the first records of a file are an audit log's."""
    found = sum(
        isinstance(record.get("type"), str) and "effective_at" in record and "actor" in record
        for record in records
    )
    return 2 * found > len(records)


class AuditShape(ToldShape):
    """How the records of an audit log are read.

    Args:
        kind: Events or accounts.
        zone: Of times that name none: the API's are epoch seconds, an export may write others.
    """

    def __init__(self, kind: AddedKind, zone: dt.tzinfo | None) -> None:
        told = _as_event if kind is AddedKind.EVENTS else _as_account
        super().__init__(kind, _FOUND[kind], zone, told)


def _as_event(record: Mapping[str, Any]) -> dict[str, Any]:
    type_ = _type_of(record)
    event = event_named(type_) or (EventKind.CHANGE.value if type_ else None)
    return {
        **_whom(record, type_),
        "happened_at": record.get("effective_at"),
        "event": event,
        "detail": _detail(record, type_),
    }


def _as_account(record: Mapping[str, Any]) -> dict[str, Any]:
    type_ = _type_of(record)
    if type_ not in _MAKING:
        user, email = _user_of(record)
        return {"end_user": user, "email_domain": email}
    told = {**_whom(record, type_), "created_at": record.get("effective_at")}
    if type_ in ("api_key.created", "service_account.created"):
        told["parent_org"] = name_of(as_object(record.get("project")).get("id"))
    if type_ == "api_key.created":
        told["signup_address"] = _session(record).get("ip_address")
    return told


def _whom(record: Mapping[str, Any], type_: str) -> dict[str, str]:
    """Whom a record is about, under our field for it; nobody where it does not say."""
    word, _, _ = type_.partition(".")
    project = name_of(as_object(record.get("project")).get("id"))
    if word in _OBJECTS:
        done_to = name_of(as_object(record.get(type_)).get("id"))
        if done_to:
            return {_OBJECTS[word]: done_to}
    if word in ("rate_limit", "project") and project:
        return {"org_id": project}
    user, _ = _user_of(record)
    if user:
        return {"end_user": user}
    return {"org_id": project} if project else {}


def _user_of(record: Mapping[str, Any]) -> tuple[str, Any]:
    """Id and mail address of who did it: a user, or a service account."""
    actor = as_object(record.get("actor"))
    for holder in (as_object(actor.get("session")), as_object(actor.get("api_key"))):
        for kind in ("user", "service_account"):
            one = as_object(holder.get(kind))
            if user := name_of(one.get("id")):
                return user, one.get("email")
    return "", None


def _session(record: Mapping[str, Any]) -> dict[str, Any]:
    return as_object(as_object(record.get("actor")).get("session"))


def _type_of(record: Mapping[str, Any]) -> str:
    value = record.get("type")
    return value if isinstance(value, str) else ""


def _detail(record: Mapping[str, Any], type_: str) -> str:
    """The record in words: what it was, who did it, from where, and what it changed."""
    session = _session(record)
    user, _ = _user_of(record)
    key = name_of(as_object(as_object(record.get("actor")).get("api_key")).get("id"))
    changes = as_object(record.get(type_)).get("changes_requested")
    parts = [
        type_,
        f"by {user}" if user else "",
        f"with {key}" if key else "",
        *(f"{word} {name_of(session.get(name))}" if name_of(session.get(name)) else ""
          for word, name in _FROM),
        json.dumps(changes, ensure_ascii=False)[:_KEPT_OF_CHANGES] if changes else "",
        name_of(record.get("id")),
    ]  # fmt: skip
    return "; ".join(part for part in parts if part)


_FROM: Final = (
    ("from", "ip_address"),
    ("client", "user_agent"),
    ("JA3", "ja3"),
    ("JA4", "ja4"),
)
