"""Tables added to a case in one call, and everything that its views show."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tests.case.made_up import Record, ask
from workbench.case.layer import RELATIONS
from workbench.domain.added import ADDED_SCHEMAS, AddedKind, AddedRows, AddedTable
from workbench.domain.exchange import REJECT_SCHEMA

if TYPE_CHECKING:
    from workbench.case.folder import Case

EARLY, LATE = datetime(2026, 1, 1), datetime(2026, 2, 1)
EARLY_US = 1_767_225_600_000_000
LOG: list[Record] = [
    {"account_id": "k1", "ip": "1.1.1.1", "email_domain": "log.example", "prompt": "a"},
    {"account_id": "k1", "ip": "1.1.1.1", "prompt": "b", "asn": 7},
    {"account_id": "k2", "ip": "2.2.2.2", "org_id": "o1", "prompt": "c", "country": "NL"},
    {"account_id": "k3", "end_user": "u1", "prompt": "d", "model": "Atlas-3"},
    {"ip": "3.3.3.3", "prompt": "e"},
]


def block(kind: AddedKind, *rows: Record, rejects: int = 0, blank: int = 0) -> AddedRows:
    whole = [{"record_no": n, "byte_offset": 10 * n, "kind": ""} | r for n, r in enumerate(rows, 1)]
    bad = [
        {"record_no": len(rows) + n, "byte_offset": 0, "reason": "bad", "raw": b"\xff"}
        for n in range(1, rejects + 1)
    ]
    names = ADDED_SCHEMAS[kind].names
    return AddedRows(
        pa.RecordBatch.from_pylist(
            [{n: row.get(n) for n in names} for row in whole], schema=ADDED_SCHEMAS[kind]
        ),
        pa.RecordBatch.from_pylist(bad, schema=REJECT_SCHEMA),
        blank,
        1,
        {"plan": 2} if rejects else {},
    )


def add(case: Case, kind: AddedKind, *rows: Record, **about: Any) -> AddedTable:
    reach = about.pop("reach", 0)
    added_id = about.pop("added_id", 0)
    with case.added.begin(kind) as table:
        table.append(block(kind, *rows, **about))
        return table.finish(
            AddedTable(added_id, kind, "t.csv", 9, f"{len(rows):064}", "csv", reach=reach)
        )


def accounts(case: Case, *rows: Record, **about: Any) -> AddedTable:
    return add(case, AddedKind.ACCOUNTS, *rows, **about)


def everything(case: Case) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view."""
    return {view: ask(case, f"SELECT * FROM {view} ORDER BY ALL") for view in RELATIONS}


def filled(case: Case, *columns: str) -> list[tuple[Any, ...]]:
    return ask(case, f"SELECT {', '.join(columns)} FROM exchange ORDER BY exchange_id")
