"""The port Engine over the logical schema: levels of identity, snapshots, cursors, limits."""

from __future__ import annotations

import threading

import duckdb
import pyarrow as pa
import pytest

from tests.case.made_up import add_file, ask, one, set_settings
from workbench.case.folder import Case
from workbench.case.layer import RELATIONS
from workbench.domain.account import IdentityKind, IdentityLevel
from workbench.domain.errors import CancelledError
from workbench.domain.ports import Engine, Statement
from workbench.domain.settings import CaseSettings

_PEOPLE = [
    {"account_id": "k1", "end_user": "u1", "org_id": "o1", "ip": "1.1.1.1"},
    {"account_id": "k2", "end_user": "u1", "org_id": "o1", "ip": "1.1.1.1"},
    {"end_user": "u2", "org_id": "o1", "ip": "1.1.1.1"},
    {"org_id": "o2", "ip": "1.1.1.1"},
    {"ip": "1.1.1.1"},
    {},
]
_ACCOUNTS = (
    "SELECT kind || ':' || namespace || ':' || value, fallback FROM exchange "
    "LEFT JOIN account USING (account_id) ORDER BY exchange_id"
)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (
            IdentityLevel.AUTO,
            ["key:gw:k1", "key:gw:k2", "user:gw:u2!", "organisation:gw:o2!", "address:gw:1.1.1.1!"],
        ),
        (
            IdentityLevel.USER,
            [
                "user:gw:u1",
                "user:gw:u1",
                "user:gw:u2",
                "organisation:gw:o2!",
                "address:gw:1.1.1.1!",
            ],
        ),
        (
            IdentityLevel.ORGANISATION,
            ["organisation:gw:o1"] * 3 + ["organisation:gw:o2", "address:gw:1.1.1.1!"],
        ),
    ],
)
def test_the_case_chooses_which_level_is_account(
    case: Case, level: IdentityLevel, expected: list[str]
) -> None:
    add_file(case, [{"prompt": "x", **who} for who in _PEOPLE], system="gw")
    case.close()
    set_settings(case.path, CaseSettings(identity=level))
    with Case.open(case.path, write=False) as reopened:
        *rows, nobody = ask(reopened, _ACCOUNTS)
        assert [f"{key}{'!' if fallback else ''}" for key, fallback in rows] == expected
        assert nobody == (None, None)
        assert one(reopened, "SELECT count(*) FROM account") == len(set(expected))


def test_the_finest_level_present_is_taken(case: Case) -> None:
    def level() -> IdentityKind:
        engine = case.engine()
        engine.close()
        return engine.level

    for record, expected in [
        ({"ip": "1.1.1.1"}, IdentityKind.KEY),
        ({"org_id": "o"}, IdentityKind.ORGANISATION),
        ({"end_user": "u"}, IdentityKind.USER),
        ({"account_id": "k"}, IdentityKind.KEY),
    ]:
        add_file(case, [record | {"prompt": str(record)}])
        assert level() is expected


def test_identities_belong_to_their_system(case: Case) -> None:
    for system in ("a", "b", "a"):
        add_file(case, [{"account_id": "k", "prompt": system}], system=system)
    assert ask(case, "SELECT account_id, namespace FROM account ORDER BY 1") == [(0, "a"), (1, "b")]
    add_file(case, [{"account_id": "k2", "prompt": "x"}], system="a")
    assert ask(case, "SELECT account_id, value FROM account ORDER BY 1")[2] == (2, "k2")


def test_an_engine_shows_the_case_of_the_moment_it_was_made(case: Case) -> None:
    add_file(case, [{"prompt": "x"}])
    count = Statement("count", "SELECT count(*) AS n FROM exchange")
    engine = case.engine()
    add_file(case, [{"prompt": "y"}])
    assert engine.table(count).to_pydict() == {"n": [1]}
    engine.close()
    assert one(case, count.text) == 2


def test_scan_gives_the_same_rows_in_order(case: Case) -> None:
    add_file(case, [{"prompt": str(i)} for i in range(5000)])
    statement = Statement(
        "all", "SELECT prompt_id, text FROM prompt WHERE prompt_id < $n ORDER BY 1"
    )
    engine: Engine = case.engine()
    blocks = []
    for block in engine.scan(statement, rows=1000, n=4999):
        # Another statement may run meanwhile.
        assert engine.table(Statement("one", "SELECT 1 AS a")).num_rows == 1
        blocks.append(block)
    assert max(block.num_rows for block in blocks) <= 1000
    assert pa.Table.from_batches(blocks).equals(engine.table(statement, n=4999))
    assert sum(block.num_rows for block in blocks) == 4999
    engine.close()


def test_an_abandoned_scan_gives_its_cursor_back(case: Case) -> None:
    add_file(case, [{"prompt": str(i)} for i in range(5000)])
    engine = case.engine()
    scan = engine.scan(Statement("all", "SELECT text FROM prompt"), rows=100)
    next(scan)
    scan.close()  # type: ignore[attr-defined]
    assert engine._scanning == []
    next(engine.scan(Statement("all", "SELECT text FROM prompt"), rows=100))
    engine.close()


def test_arrow_tables_can_be_joined(case: Case) -> None:
    add_file(case, [{"prompt": c} for c in "abc"])
    engine = case.engine()
    engine.with_table("wanted", pa.table({"prompt_id": [2, 0]}))
    statement = Statement("w", "SELECT text FROM prompt JOIN wanted USING (prompt_id) ORDER BY 1")
    assert engine.table(statement).to_pydict() == {"text": ["a", "c"]}
    assert [b.to_pydict() for b in engine.scan(statement)] == [{"text": ["a", "c"]}]
    with pytest.raises(ValueError, match="view"):
        engine.with_table("exchange", pa.table({"a": [1]}))
    engine.close()
    other = case.engine()
    with pytest.raises(duckdb.CatalogException):
        other.table(statement)
    other.close()


def test_lists_are_bound_not_written_into_the_text(case: Case) -> None:
    add_file(case, [{"prompt": c} for c in "abc"])
    rows = ask(
        case,
        "SELECT text FROM prompt WHERE prompt_id IN (SELECT unnest($ids)) ORDER BY 1",
        ids=[0, 2],
    )
    assert rows == [("a",), ("c",)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY (SELECT 1) TO 'out.csv'",
        "ATTACH 'other.duckdb'",
        "INSTALL fts",
        "LOAD fts",
        "SET enable_external_access = true",
        "SET threads = 64",
    ],
)
def test_a_statement_reaches_nothing_outside(case: Case, text: str) -> None:
    engine = case.engine()
    with pytest.raises(duckdb.Error):
        engine.table(Statement("out", text))
    engine.close()


def test_a_statement_sees_no_variable_of_the_program(case: Case) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(duckdb.CatalogException):
        ask(case, "SELECT * FROM secret")
    assert secret.num_rows == 1


def test_interrupt_ends_a_running_statement(case: Case) -> None:
    engine = case.engine()
    begun = threading.Event()
    caught: list[BaseException] = []

    def run() -> None:
        begun.set()
        try:
            engine.table(
                Statement(
                    "long", "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"
                )
            )
        except CancelledError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    while thread.is_alive():  # an interrupt before the statement began is lost
        engine.interrupt()
        thread.join(0.02)
    assert len(caught) == 1
    engine.close()


def test_views_of_the_contract(case: Case) -> None:
    """docs/architecture.md, "The logical schema"."""
    contract = {
        "exchange": "exchange_id batch_id account_id user_id org_id address_id ts_us session_id "
        "asn country agent_id ja3 ja4 account_created_us email_domain payment_hash provider "
        "endpoint model_id status error_type stop_reason stream in_tok out_tok reasoning_tok "
        "cached_tok temperature n max_tok logprobs thinking n_turns tools latency_ms ttft_ms "
        "system_id prompt_id request_id completion reasoning dialogue",
        "prompt": "prompt_id text",
        "prompt_embedding": "prompt_id vector",
        "account": "account_id kind namespace value fallback",
        "system": "system_id value",
        "model": "model_id value",
        "agent": "agent_id value",
        "address": "address_id value",
        "identity": "identity_id kind namespace value",
    }
    engine = case.engine()
    for view, columns in contract.items():
        names = engine.table(Statement("v", f"SELECT * FROM {view}")).column_names
        assert set(columns.split()) <= set(names), view
    engine.close()
    assert set(contract) <= set(RELATIONS)


def test_engines_work_from_many_threads(case: Case) -> None:
    add_file(case, [{"prompt": str(i)} for i in range(100)])
    counts: list[int] = []

    def count() -> None:
        counts.extend(one(case, "SELECT count(*) FROM exchange") for _ in range(5))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100] * 20


def test_a_state_of_the_case_that_nobody_sees_any_more_goes(case: Case) -> None:
    def states() -> int:
        cursor = case._database.cursor("given")
        rows = cursor.execute(
            "SELECT count(*) FROM duckdb_schemas() WHERE schema_name LIKE 'state_%'"
        ).fetchall()
        return int(rows[0][0])

    engines = []
    for number in range(4):
        add_file(case, [{"prompt": str(number)}])
        engines += [case.engine(), case.engine()]
    assert states() == 4
    count = Statement("count", "SELECT count(*) AS n FROM exchange")
    engines[0].close()
    engines[0].close()  # twice is once
    assert engines[1].table(count).to_pydict() == {"n": [1]}
    for engine in engines[1:]:
        engine.close()
    assert states() == 1
    assert one(case, count.text) == 4
