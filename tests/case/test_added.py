"""Tables added to a case: what they fill, what they leave, and that nothing of one stays behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.case.adding import EARLY, EARLY_US, LATE, LOG, accounts, add, block, everything, filled
from tests.case.made_up import add_file, ask, one, set_settings
from workbench.case.folder import Case
from workbench.domain.account import IdentityLevel
from workbench.domain.added import (
    AddedKind,
)
from workbench.domain.errors import CaseError, InputError, StorageError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.settings import CaseSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_only_nulls_are_filled_and_each_value_knows_its_table(case: Case) -> None:
    add_file(case, LOG)
    table = accounts(
        case,
        {"value": "k1", "created_at": EARLY, "email_domain": "table.example", "plan": "pro"},
        {"value": "k2", "payment_hash": "p"},
        {"value": "stranger", "payment_hash": "p"},
    )
    assert filled(case, "email_domain", "email_domain_by", "account_created_us", "plan_by") == [
        ("log.example", None, EARLY_US, 1),
        ("table.example", 1, EARLY_US, 1),
        (None, None, None, None),
        (None, None, None, None),
        (None, None, None, None),
    ]
    assert filled(case, "payment_hash", "payment_hash_by")[2] == ("p", 1)
    # What the log says is untouched beside it.
    assert ask(case, "SELECT email_domain FROM logged_exchange ORDER BY exchange_id") == [
        ("log.example",), (None,), (None,), (None,), (None,),
    ]  # fmt: skip
    (standing,) = case.added.tables()
    assert (table.added_id, standing.matched, standing.unmatched) == (1, 2, 1)
    assert ask(case, "SELECT added_id, kind, path, loaded FROM added") == [
        (1, "accounts", "t.csv", 3)
    ]
    assert ask(case, "SELECT identity_id, field, value, added_id FROM filled ORDER BY 1, 2") == [
        (0, "created_at", "2026-01-01 00:00:00", 1),
        (0, "email_domain", "table.example", 1),
        (0, "plan", "pro", 1),
        (1, "payment_hash", "p", 1),
    ]


def test_the_table_added_first_comes_first_in_each_column(case: Case) -> None:
    add_file(case, LOG)
    accounts(case, {"value": "k1", "plan": "first"})
    accounts(case, {"value": "k1", "plan": "second", "declared_use": "second"})
    assert filled(case, "plan", "plan_by", "declared_use", "declared_use_by")[0] == (
        *("first", 1), *("second", 2),
    )  # fmt: skip
    case.added.remove(1)
    assert filled(case, "plan", "plan_by")[0] == ("second", 2)


def test_where_rows_of_one_table_differ_it_says_nothing(case: Case) -> None:
    add_file(case, LOG)
    table = accounts(
        case,
        {"value": "k1", "plan": "pro", "declared_use": "a"},
        {"value": "k1", "payment_hash": "p"},  # completes
        {"value": "k1", "plan": "pro"},  # says nothing new
        {"value": "k1", "plan": "free", "email_domain": "late.example"},  # says otherwise
        {"value": "k1", "kind": "key", "plan": "free"},  # the same account by another name
        rejects=1,
        blank=2,
    )
    counts = table.accounting
    assert counts.as_dict() == {
        "records": 9, "loaded": 3, "joined": 0, "rejected": 1, "blank": 2, "duplicate": 1,
        "conflict": 1, "header": 1, "coerced": 2,
    }  # fmt: skip
    assert filled(case, "plan", "declared_use", "payment_hash", "email_domain")[1] == (
        None, "a", "p", "late.example",
    )  # fmt: skip
    accounts(case, {"value": "k1", "plan": "other table"})
    assert filled(case, "plan")[1] == ("other table",)
    assert case.added.rejects().column("raw").to_pylist() == [b"\xff"]


def test_the_finest_identity_that_says_something_counts(case: Case) -> None:
    add_file(case, [*LOG, {"account_id": "k3", "org_id": "o1", "prompt": "z"}])
    accounts(
        case,
        {"kind": "organisation", "value": "o1", "plan": "of org", "payment_hash": "of org"},
        {"kind": "user", "value": "u1", "plan": "of user"},
        {"kind": "address", "value": "3.3.3.3", "plan": "of address"},
        {"value": "k2", "plan": "of key"},
    )
    assert filled(case, "plan", "payment_hash") == [
        (None, None), (None, None), ("of key", "of org"), ("of user", None), ("of address", None),
        ("of org", "of org"),
    ]  # fmt: skip


def test_a_system_narrows_whom_a_row_means(case: Case) -> None:
    for system in ("a", "b"):
        add_file(case, [{"account_id": "k", "prompt": system}], system=system)
    accounts(
        case, {"value": "k", "plan": "both"}, {"value": "k", "namespace": "b", "email_domain": "x"}
    )
    assert filled(case, "plan", "email_domain") == [("both", None), ("both", "x")]
    accounts(case, {"value": "k", "namespace": "b", "plan": "late"})
    assert filled(case, "plan_by") == [(1,), (1,)]


def test_a_parent_organisation_makes_accounts_one_customer(case: Case) -> None:
    add_file(case, LOG)
    accounts(
        case, {"value": "k1", "parent_org": "o1"}, {"value": "k2", "parent_org": "x"},
        {"value": "k3", "parent_org": "New \0 Co"},
    )  # fmt: skip
    rows = ask(
        case,
        "SELECT i.value, i.kind, e.org_by, e.org_id < 0 FROM exchange e "
        "LEFT JOIN identity i ON i.identity_id = e.org_id ORDER BY exchange_id",
    )
    assert rows == [
        ("o1", "organisation", 1, False),
        ("o1", "organisation", 1, False),
        ("o1", "organisation", None, False),  # as the log says, not x
        ("New \0 Co", "organisation", 1, True),
        (None, None, None, None),
    ]
    assert one(case, "SELECT count(*) FROM account") == 4


def test_who_the_account_is_no_table_says(case: Case) -> None:
    add_file(case, LOG)
    case.close()
    set_settings(case.path, CaseSettings(identity=IdentityLevel.ORGANISATION))
    with Case.open(case.path) as again:
        before = ask(again, "SELECT account_id FROM exchange ORDER BY exchange_id")
        accounts(again, {"kind": "key", "value": "k1", "parent_org": "o1"})
        assert ask(again, "SELECT account_id FROM exchange ORDER BY exchange_id") == before
        # account_id in a table means the level of the case.
        accounts(again, {"value": "o1", "plan": "of the organisation"})
        assert filled(again, "plan")[2] == ("of the organisation",)


def test_addresses_fill_network_and_country(case: Case) -> None:
    add_file(case, LOG)
    known = case.added.addresses(0).to_pylist()
    assert [row["value"] for row in known] == ["1.1.1.1", "2.2.2.2", "3.3.3.3"]
    add(case, AddedKind.ADDRESSES, {"address_id": 0, "asn": 5, "country": "DE"}, reach=3)
    add(
        case,
        AddedKind.ADDRESSES,
        {"address_id": 0, "asn": 6, "network_name": "Net"},
        {"address_id": 1, "country": "SE"},
        reach=3,
    )
    assert filled(case, "asn", "asn_by", "country", "country_by", "network_name") == [
        (5, 1, "DE", 1, "Net"),
        (7, None, "DE", 1, "Net"),
        (None, None, "NL", None, None),
        (None, None, None, None, None),
        (None, None, None, None, None),
    ]
    assert [(t.matched, t.unmatched) for t in case.added.tables()] == [(1, 2), (2, 1)]


def test_more_of_a_table_of_addresses(case: Case) -> None:
    add_file(case, LOG)
    first = add(case, AddedKind.ADDRESSES, {"address_id": 0, "asn": 5}, reach=3)
    add_file(case, [{"ip": "4.4.4.4", "prompt": "f"}], path="more")
    assert case.added.addresses(3).column("value").to_pylist() == ["4.4.4.4"]
    with case.added.begin(AddedKind.ADDRESSES) as table:
        table.append(block(AddedKind.ADDRESSES, {"address_id": 3, "asn": 8}))
        more = table.finish(replace(first, reach=4))
    assert more.added_id == first.added_id
    (standing,) = case.added.tables()
    assert (standing.reach, standing.accounting.loaded, standing.matched) == (4, 2, 2)
    assert filled(case, "asn")[-1] == (8,)


def test_events_and_releases_are_views_of_their_own(case: Case) -> None:
    add_file(case, [*LOG, {"account_id": "k9", "org_id": "o1", "prompt": "y"}])
    add(
        case,
        AddedKind.EVENTS,
        {"value": "k1", "happened_at": LATE, "event": "ban", "detail": "x"},
        {"value": "k1", "happened_at": LATE, "event": "ban", "detail": "x"},
        {"kind": "organisation", "value": "o1", "happened_at": EARLY, "event": "rate-limit"},
        {"value": "nobody", "happened_at": EARLY, "event": "ban"},
    )
    rows = ask(
        case,
        "SELECT a.value, event, detail, added_id FROM event JOIN account a USING (account_id) "
        "ORDER BY 1, 2",
    )
    assert rows == [
        ("k1", "ban", "x", 1), ("k2", "rate-limit", None, 1), ("k9", "rate-limit", None, 1),
    ]  # fmt: skip
    add(
        case,
        AddedKind.RELEASES,
        {"model": "atlas-3", "released_at": EARLY},
        {"model": "other", "released_at": LATE},
    )
    assert ask(case, "SELECT model_id, released_us, added_id FROM release") == [(0, EARLY_US, 2)]
    assert [(t.matched, t.unmatched, t.accounting.duplicate) for t in case.added.tables()] == [
        (2, 1, 1), (1, 1, 0),
    ]  # fmt: skip
    add(case, AddedKind.RELEASES, {"model": "ATLAS-3", "released_at": LATE})
    assert ask(case, "SELECT released_us, added_id FROM release") == [(EARLY_US, 2)]


def test_taken_out_it_is_as_if_it_had_not_been_added(case: Case) -> None:
    add_file(case, LOG)
    accounts(case, {"value": "k1", "plan": "stays"})
    before, digest = everything(case), case.digest()
    added = [
        accounts(case, {"value": "k2", "plan": "p", "parent_org": "New"}, rejects=2),
        add(case, AddedKind.ADDRESSES, {"address_id": 0, "asn": 5}, reach=3),
        add(case, AddedKind.EVENTS, {"value": "k1", "happened_at": LATE, "event": "ban"}),
        add(case, AddedKind.RELEASES, {"model": "atlas-3", "released_at": EARLY}),
    ]
    assert everything(case) != before
    assert case.digest() != digest
    for standing in added:
        assert case.added.remove(standing.added_id).added_id == standing.added_id
    assert everything(case) == before
    assert case.digest() == digest
    assert [table.added_id for table in case.added.tables()] == [1]
    # Its number is not used again, and nothing of its rows is left.
    assert accounts(case, {"value": "k1", "plan": "x"}).added_id == 6
    with pytest.raises(InputError, match="no added table 2"):
        case.added.remove(2)
    case.close()
    with duckdb.connect(case.path / "given.duckdb", read_only=True) as raw:
        for table in ("accounts", "addresses", "events", "releases", "rejects"):
            ids = raw.execute(f"SELECT DISTINCT added_id FROM added_{table}").fetchall()
            assert {row[0] for row in ids} <= {1, 6}, table


def test_order_of_import_and_table_does_not_matter(tmp_path: Path) -> None:
    seen = []
    for late in (False, True):
        with Case.create(tmp_path / f"{late}.case") as case:
            if not late:
                add_file(case, LOG)
            accounts(case, {"value": "k1", "plan": "pro", "parent_org": "o1"})
            if late:
                add_file(case, LOG)
            seen.append(everything(case))
    assert seen[0] == seen[1]


def test_an_engine_keeps_what_it_began_with(case: Case) -> None:
    add_file(case, LOG)
    accounts(case, {"value": "k1", "plan": "pro"})
    plan = Statement("plan", "SELECT plan FROM exchange ORDER BY exchange_id LIMIT 1")
    engine = case.engine()
    case.added.remove(1)
    assert engine.table(plan).to_pydict() == {"plan": ["pro"]}
    assert one(case, plan.text) is None
    assert [b.to_pydict() for b in engine.scan(plan)] == [{"plan": ["pro"]}]
    engine.close()


def test_who_reads_goes_on_while_tables_come_and_go(case: Case) -> None:
    add_file(case, [LOG[1] | {"prompt": str(n)} for n in range(5000)])
    accounts(case, {"value": "k1", "plan": "first"}, *({"value": str(n)} for n in range(500)))
    engine = case.engine()
    scan = engine.scan(Statement("s", "SELECT plan, plan_by FROM exchange"), rows=1000)
    seen = [next(scan)]
    accounts(case, {"value": "k1", "declared_use": "second"})
    case.added.remove(1)
    add_file(case, [LOG[0]], path="later")
    seen += scan
    engine.close()
    assert sum(block.num_rows for block in seen) == 5000
    assert {value for block in seen for value in block.column("plan").to_pylist()} == {"first"}
    assert filled(case, "plan", "declared_use")[0] == (None, "second")
    case.close()
    with Case.open(case.path) as again:
        assert filled(again, "plan", "declared_use")[0] == (None, "second")


def test_everything_survives_closing(case: Case) -> None:
    add_file(case, LOG)
    accounts(case, {"value": "k1", "plan": "pro", "parent_org": "New"})
    before, tables = everything(case), case.added.tables()
    case.close()
    for write in (False, True):
        with Case.open(case.path, write=write) as again:
            assert everything(again) == before
            assert again.added.tables() == tables
            if not write:
                with pytest.raises(CaseError, match="reading only"):
                    again.added.begin(AddedKind.ACCOUNTS)
                with pytest.raises(CaseError, match="reading only"):
                    again.added.remove(1)


def test_what_is_gathered_and_not_finished_leaves_nothing(case: Case) -> None:
    add_file(case, LOG)
    before = everything(case)
    with case.added.begin(AddedKind.ACCOUNTS) as table:
        table.append(block(AddedKind.ACCOUNTS, {"value": "k1", "plan": "pro"}))
        table.settle()
    assert everything(case) == before
    assert case.added.tables() == []


def test_while_an_import_runs_no_table_is_added(case: Case) -> None:
    accounts(case, {"value": "k1", "plan": "pro"})
    with case.given.begin(Frame(), ReadOptions()):
        with pytest.raises(CaseError, match="An import into this case is running"):
            case.added.begin(AddedKind.ACCOUNTS)
        with pytest.raises(CaseError, match="An import into this case is running"):
            case.added.remove(1)
    assert [table.added_id for table in case.added.tables()] == [1]


def test_a_disk_that_fails_at_the_checkpoint_leaves_the_case_as_it_was(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_file(case, LOG)
    accounts(case, {"value": "k1", "plan": "stays"})
    before = everything(case)
    real = case._database.cursor

    class Failing:
        """A cursor whose checkpoint meets a full disk."""

        def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
            self._cursor = cursor

        def execute(self, text: str, *values: Any) -> Any:
            if text.startswith("CHECKPOINT"):
                raise duckdb.IOException("No space left on device")
            return self._cursor.execute(text, *values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

    with monkeypatch.context() as patch:
        patch.setattr(case._database, "cursor", lambda name: Failing(real(name)))
        with pytest.raises(StorageError, match="disk is full"):
            accounts(case, {"value": "k2", "plan": "lost"})
        with pytest.raises(StorageError, match="disk is full"):
            case.added.remove(1)
    assert everything(case) == before
    assert accounts(case, {"value": "k2", "plan": "p"}).added_id == 2
    assert case.added.remove(1).added_id == 1
