"""OpenAI's audit log, as a table of events and as one of accounts."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.formats.reading import as_csv, as_lines, spoilt
from workbench.domain.added import AddedKind
from workbench.domain.errors import InputError
from workbench.domain.progress import Job
from workbench.formats.added_tables import kinds_of, open_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: As the reference of the API shows them.
SESSION: dict[str, Any] = {
    "type": "session",
    "session": {
        "user": {"id": "user-1", "email": "somebody@Example.org"},
        "ip_address": "192.0.2.7",
        "user_agent": "Mozilla/5.0",
        "ja3": "a497151ce4338a12c4418c44d375173e",
        "ja4": "q13d0313h3_55b375c5d22e_c7319ce65786",
    },
}
KEY: dict[str, Any] = {
    "type": "api_key",
    "api_key": {"type": "service_account", "id": "key_9", "service_account": {"id": "svc-1"}},
}
AT = 1_777_638_615
WHEN = dt.datetime(2026, 5, 1, 12, 30, 15)


def entry(number: int, type_: str, actor: Any = SESSION, **done: Any) -> dict[str, Any]:
    return {
        "object": "organization.audit_log",
        "id": f"audit_log-{number}",
        "type": type_,
        "effective_at": AT,
        "project": {"id": "proj_1", "name": "Harbour"},
        "actor": copy.deepcopy(actor),
        type_: done,
    }


LOG = [
    entry(1, "api_key.created", id="key_1", data={"scopes": ["model.request"]}),
    entry(2, "user.added", id="user-2", data={"role": "member"}),
    entry(3, "service_account.created", KEY, id="svc-2", data={"role": "member"}),
    entry(4, "project.created", id="proj_2", data={"name": "x", "title": "x"}),
    entry(5, "rate_limit.updated", id="rlmt_1",
          changes_requested={"max_requests_per_1_minute": 5}),
    entry(6, "login.succeeded"),
    entry(7, "login.failed", error_code="x", error_message="y"),
    entry(8, "api_key.deleted", KEY, id="key_1"),
    entry(9, "invite.sent", id="invite-1", data={"email": "other@example.com", "role": "r"}),
]  # fmt: skip


def read(path: Path, kind: AddedKind, **how: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows without what is NULL and where they lie, and rejects; the records add up."""
    blocks = list(open_table(path, kind, **how).blocks(Job()))
    apart = ("record_no", "byte_offset")
    rows = [
        {name: v for name, v in row.items() if v is not None and name not in apart}
        for block in blocks
        for row in block.rows.to_pylist()
    ]
    return rows, [row for block in blocks for row in block.rejects.to_pylist()]


def page(records: Sequence[object]) -> bytes:
    """As the API answers."""
    around = {"first_id": "a", "last_id": "b", "has_more": False}
    return json.dumps({"object": "list", "data": records} | around, indent=2).encode()


@pytest.mark.parametrize("write", [as_lines, page, as_csv, lambda r: json.dumps(r).encode()])
def test_what_happened_to_whom(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "audit"
    path.write_bytes(write(LOG))
    assert kinds_of(path) == (AddedKind.EVENTS, AddedKind.ACCOUNTS)
    rows, rejects = read(path, AddedKind.EVENTS)
    assert not rejects
    assert [(row["kind"], row["value"], row["event"]) for row in rows] == [
        ("key", "key_1", "key-created"),
        ("user", "user-2", "sign-up"),
        ("user", "svc-2", "sign-up"),
        ("organisation", "proj_2", "sign-up"),
        ("organisation", "proj_1", "rate-limit"),
        ("user", "user-1", "login"),
        ("user", "user-1", "login-failed"),
        ("key", "key_1", "key-deleted"),
        ("user", "user-1", "change"),
    ]
    assert {row["happened_at"] for row in rows} == {WHEN}
    assert rows[0]["detail"] == (
        "api_key.created; by user-1; from 192.0.2.7; client Mozilla/5.0; "
        f"JA3 {SESSION['session']['ja3']}; JA4 {SESSION['session']['ja4']}; audit_log-1"
    )
    assert rows[7]["detail"] == "api_key.deleted; by svc-1; with key_9; audit_log-8"
    assert '{"max_requests_per_1_minute": 5}' in rows[4]["detail"]


def test_when_and_where_accounts_were_made(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_bytes(page(LOG))
    rows, rejects = read(path, AddedKind.ACCOUNTS)
    assert not rejects
    actor = {"kind": "user", "value": "user-1", "email_domain": "example.org"}
    assert rows == [
        {
            "kind": "key",
            "value": "key_1",
            "created_at": WHEN,
            "parent_org": "proj_1",
            "signup_address": "192.0.2.7",
        },
        {"kind": "user", "value": "user-2", "created_at": WHEN},
        {"kind": "user", "value": "svc-2", "created_at": WHEN, "parent_org": "proj_1"},
        {"kind": "organisation", "value": "proj_2", "created_at": WHEN},
        actor,
        actor,
        actor,
        {"kind": "user", "value": "svc-1"},
        actor,
    ]


def test_each_record_of_a_page_keeps_its_place_and_fate(tmp_path: Path) -> None:
    nobody = entry(3, "organization.updated", {"type": "session", "session": None})
    del nobody["project"]
    path = tmp_path / "audit"
    data = page([LOG[0], nobody, LOG[1], 7])
    path.write_bytes(data)
    rows, rejects = read(path, AddedKind.EVENTS)
    assert len(rows) == 2
    assert [row["record_no"] for row in rejects] == [2, 4]
    assert json.loads(rejects[0]["raw"]) == nobody
    for row in rejects:
        assert data[row["byte_offset"] :].startswith(row["raw"])


def test_times_without_a_zone_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_bytes(as_lines([LOG[0] | {"effective_at": "2026-05-01 12:30:15"}]))
    with pytest.raises(InputError, match="without a zone"):
        open_table(path, AddedKind.EVENTS)
    assert read(path, AddedKind.EVENTS, zone="UTC")[0][0]["happened_at"] == WHEN


def test_other_tables_are_none(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(as_lines([{"account_id": "k", "at": AT, "type": "ban"}]))
    assert kinds_of(path) == ()
    assert read(path, AddedKind.EVENTS)[0][0]["event"] == "ban"


@given(spoilt(*LOG))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_spoilt_records_break_nothing(tmp_path: Path, record: dict[str, Any]) -> None:
    path = tmp_path / "audit"
    path.write_bytes(as_lines([*LOG, record]))
    for kind in kinds_of(path):
        rows, rejects = read(path, kind, zone="UTC")
        assert len(rows) + len(rejects) == len(LOG) + 1
