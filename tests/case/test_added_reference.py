"""What fills what, against the rule spelt out in Python."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.case.adding import accounts, filled
from tests.case.made_up import Record, add_file, ask
from workbench.domain.added import AddedKind, said_columns

if TYPE_CHECKING:
    from workbench.case.folder import Case


def test_fills_against_a_slow_reference(case: Case) -> None:
    """Random tables of random rows, against the rule spelt out in Python."""
    rng = random.Random(7)
    names = [f"k{i}" for i in range(6)]
    log: list[Record] = [
        {"account_id": rng.choice(names), "prompt": str(i), "email_domain": rng.choice([None, "L"])}
        for i in range(40)
    ]
    add_file(case, log)
    tables: list[list[Record]] = []
    for _ in range(4):
        rows: list[Record] = [
            {"value": rng.choice(names)}
            | {
                name: rng.choice([None, None, "x", "y"])
                for name in said_columns(AddedKind.ACCOUNTS)
                if name != "created_at"
            }
            for _ in range(8)
        ]
        tables.append(rows)
        accounts(case, *rows)

    def expected(name: str, field: str) -> tuple[str | None, int | None]:
        for number, rows in enumerate(tables, 1):
            values = {row[field] for row in rows if row["value"] == name and row[field]}
            if len(values) == 1:
                return values.pop(), number
        return None, None

    for field in ("payment_hash", "plan", "declared_use", "signup_address"):
        assert filled(case, field, f"{field}_by") == [expected(r["account_id"], field) for r in log]
    assert filled(case, "email_domain", "email_domain_by") == [
        ("L", None) if r["email_domain"] else expected(r["account_id"], "email_domain") for r in log
    ]
    organisations = ask(
        case,
        "SELECT i.value, e.org_by FROM exchange e LEFT JOIN identity i "
        "ON i.identity_id = e.org_id ORDER BY exchange_id",
    )
    assert organisations == [expected(r["account_id"], "parent_org") for r in log]
