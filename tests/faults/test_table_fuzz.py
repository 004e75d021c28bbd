"""Tables beside the logs, mutated as logs are: audit logs, usage, and tables of one's own."""

from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.mutations import changed, shelled, spoilt
from tests.faults.small_logs import as_csv, as_lines, as_parquet
from tests.faults.trouble import SEED, cases
from tests.formats.test_audit_logs import LOG
from tests.formats.test_usage import PAGES, bucket, result
from workbench.domain.added import ADDED_SCHEMAS, AddedKind
from workbench.domain.errors import InputError
from workbench.domain.exchange import REJECT_SCHEMA
from workbench.domain.progress import Job
from workbench.formats import added_tables, blocks
from workbench.formats.added_tables import open_table
from workbench.formats.place import OnDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Record = dict[str, Any]

ACCOUNTS: list[Record] = [
    {
        "account_id": f"k{number}",
        "created_at": "2026-01-02T03:04:05Z",
        "email_domain": "Example.org",
        "signup_ip": "192.0.2.1",
        "plan": 'said "pro", and\nmore',
    }
    for number in range(9)
]
EVENTS: list[Record] = [
    {"account_id": f"k{number}", "at": 1_777_638_615 + number, "type": "ban", "reason": "spam"}
    for number in range(9)
]
RELEASES: list[Record] = [
    {"model": f"large-{number}", "released": "2026-01-02T03:04:05Z"} for number in range(9)
]
TABLES: dict[str, tuple[AddedKind, list[Record]]] = {
    "audit-events": (AddedKind.EVENTS, LOG),
    "audit-accounts": (AddedKind.ACCOUNTS, LOG),
    "usage-pages": (AddedKind.ACCOUNTS, PAGES),
    "usage-buckets": (AddedKind.ACCOUNTS, [bucket(n, result(n), result(2)) for n in range(5)]),
    "accounts": (AddedKind.ACCOUNTS, ACCOUNTS),
    "events": (AddedKind.EVENTS, EVENTS),
    "releases": (AddedKind.RELEASES, RELEASES),
}
LAYOUTS: dict[str, Callable[[list[Record]], bytes]] = {
    "lines": as_lines,
    "page": lambda records: json.dumps({"object": "list", "data": records}, indent=1).encode(),
    "csv": as_csv,
    "parquet": as_parquet,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("table", TABLES)
def test_mutated_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, layout: str
) -> None:
    cut = blocks.cut_blocks
    kind, records = TABLES[table]
    for number in cases(400, least=6):
        seed = f"{SEED}/{table}/{layout}/{number}"
        rng = random.Random(seed)
        some = [changed(rng, each) if rng.random() < 0.2 else each for each in records]
        some = [each if isinstance(each, dict) else {"account_id": str(each)} for each in some]
        text = layout != "parquet"
        plain, kinds = spoilt(rng, LAYOUTS[layout](some), text=text)
        sys.stdout.write(f"seed {seed}: {kinds}\n")  # pytest shows it with a failure
        path = tmp_path / str(number)
        path.write_bytes(plain)
        torn = False
        if rng.random() < 0.3 and plain and text:
            place, torn = shelled(rng, path, plain)
            if not isinstance(place, OnDisk):
                path.write_bytes(plain)  # tables are not read out of archives
        size = rng.choice([1, 100, 1 << 20])
        monkeypatch.setattr(
            added_tables, "cut_blocks", lambda *a, size=size, **k: cut(*a, **k | {"size": size})
        )
        refusal = ""
        try:
            parts = list(open_table(path, kind, zone=rng.choice(["UTC", "none"])).blocks(Job()))
        except InputError as error:
            refusal = str(error)
        if refusal:
            assert str(path) in refusal
            assert "\n" not in refusal
            continue
        seen: list[int] = []
        others = 0
        for part in parts:
            assert part.rows.schema.equals(ADDED_SCHEMAS[kind])
            assert part.rejects.schema.equals(REJECT_SCHEMA)
            seen += part.rows["record_no"].to_pylist() + part.rejects["record_no"].to_pylist()
            others += part.blank + part.header
            for row in part.rejects.to_pylist() if text and not torn else ():
                start = row["byte_offset"]
                assert plain[start : start + len(row["raw"])] == row["raw"]
        assert len(seen) == len(set(seen))
        assert max(seen, default=0) <= len(seen) + others
