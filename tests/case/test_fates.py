"""Each record has exactly one fate, told by what it holds and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.case.made_up import FULL, Record, add_file, ask, fates, one, parsed
from workbench.domain.exchange import CANONICAL_SCHEMA, Accounting, Frame
from workbench.domain.ports import ReadOptions

if TYPE_CHECKING:
    from workbench.case.folder import Case


def test_a_request_again_is_a_duplicate_with_other_content_a_conflict(case: Case) -> None:
    first = {"request_id": "r", "prompt": "a"}
    report = add_file(case, [first, first, first | {"prompt": "b"}, first | {"prompt": "b"}])
    assert fates(report) == {"loaded": 1, "duplicate": 2, "conflict": 1}
    assert ask(case, "SELECT fate FROM exchange ORDER BY exchange_id") == [(0,), (1,)]
    again = add_file(case, [first | {"prompt": "b"}, first, first | {"prompt": "c"}])
    assert fates(again) == {"duplicate": 2, "conflict": 1}
    assert one(case, "SELECT count(*) FROM exchange") == case.given.accounting().exchanges == 3


def test_each_column_is_content(case: Case) -> None:
    others = [FULL | {name: None} for name in [*CANONICAL_SCHEMA.names[1:], "ts"]]
    others[-1] |= {"ts_text": "yesterday"}
    report = add_file(case, [FULL, *others, *others, FULL])
    assert fates(report) == {
        "loaded": 1,
        "conflict": len(others),
        "duplicate": len(others) + 1,
    }


def test_null_empty_and_neighbouring_columns_are_told_apart(case: Case) -> None:
    records: list[Record] = [
        {"system": "ab"},
        {"prompt": "ab"},
        {"system": "a", "prompt": "b"},
        {"system": "ab", "prompt": ""},
        {"system": "", "prompt": "ab"},
        {"in_tok": 1},
        {"out_tok": 1},
        {"in_tok": 0, "out_tok": 1},
        {"stream": False, "prompt": "ab"},
        {"temperature": 1.0},
        {"n": 1},
        {"embedding": [1.0], "prompt": "ab"},
        {"embedding": [1.0, 0.0], "prompt": "ab"},
    ]
    assert fates(add_file(case, [{"request_id": "r"} | record for record in records])) == {
        "loaded": 1,
        "conflict": len(records) - 1,
    }


def test_without_request_id_copies_within_a_file_load(case: Case) -> None:
    record = {"prompt": "a"}
    assert fates(add_file(case, [record] * 3, path="1")) == {"loaded": 3}
    assert fates(add_file(case, [record] * 2, path="2")) == {"duplicate": 2}
    assert fates(add_file(case, [record] * 5, path="3")) == {"duplicate": 3, "loaded": 2}
    assert fates(add_file(case, [record] * 6, path="4")) == {"duplicate": 5, "loaded": 1}
    with case.given.begin(Frame(system="gateway"), ReadOptions()) as batch:
        for path, n in (("5", 7), ("6", 8)):
            source = batch.source(path=path)
            for _ in range(n):  # also when each comes in a block of its own
                source.append(parsed([record]))
            assert fates(source.finish(sha256=path)) == {"duplicate": n - 1, "loaded": 1}
    assert one(case, "SELECT count(*) FROM exchange") == 8


def test_the_same_request_of_another_declared_system_is_joined(case: Case) -> None:
    add_file(case, [{"request_id": f"r{i}", "prompt": "p"} for i in range(3)], system="gateway")
    records: list[Record] = [
        {"request_id": "r1", "latency_ms": 5.0},
        {"request_id": "new"},
        {"prompt": "bare"},
    ]
    report = add_file(case, records, system="provider")
    assert fates(report) == {"joined": 1, "loaded": 2}
    assert ask(
        case, "SELECT exchange_id, source_id, record_no, byte_offset FROM joined_exchange"
    ) == [(1, 1, 1, 0)]
    # Within its own system the second copy is a duplicate, and another content a conflict.
    more = [records[0], records[0] | {"latency_ms": 6.0}]
    assert fates(add_file(case, more, system="provider")) == {"duplicate": 1, "conflict": 1}
    # A system that was not said joins nothing, and nothing joins it.
    assert fates(add_file(case, records[:1], system="")) == {"loaded": 1}
    assert fates(add_file(case, [{"request_id": "new"}], system="")) == {"loaded": 1}
    assert fates(add_file(case, [{"request_id": "r9"}], system="")) == {"loaded": 1}
    assert fates(add_file(case, [{"request_id": "r9"}], system="third")) == {"loaded": 1}


def test_one_request_id_for_every_record(case: Case) -> None:
    """Logs whose id column holds "-" stay whole: each record is kept, marked as conflict."""
    records = [{"request_id": "-", "prompt": str(i)} for i in range(5000)]
    assert fates(add_file(case, records)) == {"loaded": 1, "conflict": 4999}


def test_rejects_blanks_headers_and_coerced_fields_are_accounted(case: Case) -> None:
    reject = {"record_no": 3, "byte_offset": 77, "reason": "not JSON", "raw": b"\xff\0{"}
    with case.given.begin(Frame(), ReadOptions()) as batch:
        source = batch.source(path="a.csv", size=10, format="canonical-csv", reason="by header")
        block = parsed(
            [
                {"prompt": "x", "coerced": 1 << CANONICAL_SCHEMA.names.index("ts"), "ts_text": "?"},
                {"prompt": "y", "coerced": 0b110},
            ],
            rejects=[reject],
            blank=4,
            header=1,
        )
        accounting = source.append(block)
        report = source.finish(sha256="ab", compression="gzip", size=11)
    expected = Accounting(loaded=2, rejected=1, blank=4, header=1, coerced=3)
    assert accounting == report.accounting == expected == case.given.accounting()
    assert report.coerced_columns == {"ts": 2, "account_id": 1}
    assert case.given.rejects().to_pylist() == [
        {"source_id": 0, "path": "a.csv", **reject},
    ]
    (row,) = case.given.sources().to_pylist()
    assert row["records"] == 8
    assert row["coerced_columns"] == '{"account_id": 1, "ts": 2}'
    assert (row["size"], row["compression"], row["reason"]) == (11, "gzip", "by header")


def test_rejects_are_paged(case: Case) -> None:
    rejects = [
        {"record_no": i, "byte_offset": 10 * i, "reason": "no", "raw": b""} for i in range(20)
    ]
    with case.given.begin(Frame(), ReadOptions()) as batch:
        source = batch.source(path="a")
        source.append(parsed([], rejects=rejects))
        source.finish(sha256="1")
    page = case.given.rejects(offset=5, limit=3)
    assert page.column("record_no").to_pylist() == [5, 6, 7]
