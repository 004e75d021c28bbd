"""Tables beside the logs, read: which column is what, and one fate for every record."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.domain.added import ADDED_SCHEMAS, AddedKind, EventKind
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.progress import Job
from workbench.formats.added_fields import EVENT_WORDS, FIELDS
from workbench.formats.added_tables import open_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
HEADER = "account_id,created_at,email_domain\n"


def read(path: Path, kind: AddedKind = AddedKind.ACCOUNTS, **how: Any) -> dict[str, Any]:
    """Rows, rejects, counts and what is known of the file; the records add up."""
    reader = open_table(path, kind, **how)
    blocks = list(reader.blocks(Job()))
    rows = [row for block in blocks for row in block.rows.to_pylist()]
    rejects = [row for block in blocks for row in block.rejects.to_pylist()]
    blank = sum(block.blank for block in blocks)
    header = sum(block.header for block in blocks)
    numbers = [row["record_no"] for row in (*rows, *rejects)]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers, default=0) <= len(numbers) + blank + header
    coerced: dict[str, int] = {}
    for block in blocks:
        for name, count in block.coerced.items():
            coerced[name] = coerced.get(name, 0) + count
    return {
        "rows": rows, "rejects": rejects, "blank": blank, "header": header, "coerced": coerced,
        "reader": reader,
    }  # fmt: skip


def said(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what they leave open, and without where they were read."""
    apart = ("record_no", "byte_offset")
    return [{n: v for n, v in row.items() if v is not None and n not in apart} for row in rows]


def test_names_of_columns_in_any_case_and_the_same_by_any_container(tmp_path: Path) -> None:
    record = {
        "Account ID": "k1", "Signed Up At": "2026-01-02T03:04:05Z", "E-Mail": "x",
        "email": "somebody@Example.ORG", "payment-fingerprint": "p1", "organisation": "Acme",
        "Sign-up IP": "192.0.2.1", "Tier": "pro", "purpose": "translation", "junk": "1",
    }  # fmt: skip
    lines, array, table, sheet = (
        tmp_path / name for name in ("a.jsonl", "a.json", "a.pq", "a.csv")
    )
    lines.write_text(json.dumps(record) + "\n")
    array.write_text(json.dumps([record], indent=1))
    pq.write_table(pa.Table.from_pylist([record]), table)
    sheet.write_bytes(gzip.compress(f"{';'.join(record)}\n{';'.join(record.values())}\n".encode()))
    for path, format in (
        (lines, "jsonl"),
        (array, "json"),
        (table, "parquet"),
        (sheet, "csv+gzip"),
    ):
        found = read(path)
        assert said(found["rows"]) == [
            {
                "kind": "",
                "value": "k1",
                "created_at": dt.datetime(2026, 1, 2, 3, 4, 5),
                "email_domain": "example.org",
                "payment_hash": "p1",
                "parent_org": "Acme",
                "signup_address": "192.0.2.1",
                "plan": "pro",
                "declared_use": "translation",
            }
        ]
        reader = found["reader"]
        assert (reader.format, set(reader.passed_over)) == (format, {"E-Mail", "junk"})
        assert reader.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert reader.size == path.stat().st_size


def test_every_record_has_one_fate_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"\xef\xbb\xbfaccount_id,created_at,signup_address,plan\n"
        b"k1,yesterday,192.0.2.300,pro\n"
        b"\n"
        b"k2,2026-01-01T00:00:00Z\n"
        b",2026-01-01T00:00:00Z,,\n"
        b'"k\n3",,2001:db8::/32,NULL\n'
        b"k4,,,\xff\n"
    )
    found = read(path)
    assert (found["blank"], found["header"]) == (1, 1)
    assert said(found["rows"]) == [
        {"kind": "", "value": "k1", "plan": "pro"},
        {"kind": "", "value": "k\n3", "signup_address": "2001:db8::/32"},
    ]
    assert found["coerced"] == {"created_at": 1, "signup_address": 1}
    assert [(r["record_no"], r["reason"].split(":")[0], r["raw"]) for r in found["rejects"]] == [
        (4, "wrong number of fields", b"k2,2026-01-01T00:00:00Z"),
        (5, "no account", b",2026-01-01T00:00:00Z,,"),
        (7, "not UTF-8", b"k4,,,\xff"),
    ]
    data = path.read_bytes()
    for row in found["rejects"]:
        assert data[row["byte_offset"] :].startswith(row["raw"])


def test_json_that_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"account_id":"k1","plan":"a"}\n{"account_id":"k2","plan":\n[1]\n'
        b'{"account_id":"k3","plan":"a","plan":"b"}\n{"account_id":{"a":1},"plan":"a"}\n'
        b'{"account_id":7,"plan":["a"]}\n'
    )
    found = read(path)
    assert said(found["rows"]) == [
        {"kind": "", "value": "k1", "plan": "a"}, {"kind": "", "value": "7"},
    ]  # fmt: skip
    assert found["coerced"] == {"plan": 1}
    assert [r["reason"].split(":")[0] for r in found["rejects"]] == [
        "cut off in the middle", "not an object", "a key occurs twice, with different values",
        "no account",
    ]  # fmt: skip


def test_parquet_of_other_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    stamps = pa.array([1_767_225_600_000_000_001, None, 5], pa.timestamp("ns", "UTC"))
    table = pa.table({"account_id": [7, 8, None], "created_at": stamps, "plan": [True, None, None]})
    pq.write_table(table, path)
    found = read(path)
    assert said(found["rows"]) == [
        {"kind": "", "value": "7", "created_at": dt.datetime(2026, 1, 1)},
        {"kind": "", "value": "8"},
    ]
    assert found["coerced"] == {"plan": 1}
    (reject,) = found["rejects"]
    assert (reject["record_no"], reject["byte_offset"]) == (3, -1)
    assert json.loads(reject["raw"])["account_id"] is None


def test_arrow_and_text_that_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a"
    table = pa.table({"account_id": ["7"], "plan": ["pro"]})
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)
    assert said(read(path)["rows"]) == [{"kind": "", "value": "7", "plan": "pro"}]
    path.write_text("COPY public.keys (account_id, plan) FROM stdin;\n7\tpro\n\\.\n")
    with pytest.raises(InputError, match=r"read as a log, not as a table\..*as CSV"):
        read(path)


def test_who_a_row_is_about(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [
        {"account_key": "user:gate:a:b", "plan": "1"},
        {"account_key": "nobody", "plan": "2"},
        {"end_user": "u", "account_key": "", "system": "gate", "plan": "3"},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    found = read(path)
    assert said(found["rows"]) == [
        {"kind": "user", "namespace": "gate", "value": "a:b", "plan": "1"},
        {"kind": "user", "namespace": "gate", "value": "u", "plan": "3"},
    ]
    assert "kind:system:value" in found["rejects"][0]["reason"]
    # An organisation by itself is who the row is about; beside an account it is what that is of.
    path.write_text('{"org_id":"o","plan":"x"}\n')
    assert said(read(path)["rows"]) == [{"kind": "organisation", "value": "o", "plan": "x"}]
    path.write_text('{"org_id":"o","account_id":"k"}\n')
    assert said(read(path)["rows"]) == [{"kind": "", "value": "k", "parent_org": "o"}]


def test_events_and_releases(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "user_id,at,type,reason\nu1,1767225600,Suspended,abuse\nu1,2026-01-02T00:00:00Z,unban,\n"
        "u2,2026-01-02T00:00:00Z,Rate limit change,10/s\nu3,,ban,\nu4,1767225600,promoted,\n"
    )
    found = read(path, AddedKind.EVENTS)
    assert [(r["value"], r["event"], r["detail"]) for r in found["rows"]] == [
        ("u1", "ban", "abuse"), ("u1", "reinstatement", None), ("u2", "rate-limit", "10/s"),
    ]  # fmt: skip
    assert [r["reason"] for r in found["rejects"]] == [
        "its happened_at is missing", "its event cannot be read",
    ]  # fmt: skip
    path.write_text("name,release_date\natlas-3,2026-03-01\n,2026-03-01\n")
    found = read(path, AddedKind.RELEASES, zone="Europe/Berlin")
    assert said(found["rows"]) == [
        {"model": "atlas-3", "released_at": dt.datetime(2026, 2, 28, 23)}
    ]
    assert found["rejects"][0]["reason"] == "its model is missing"


def test_a_zone_must_be_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "k1,2026-01-01 10:00:00,x\n")
    with pytest.raises(InputError, match=r"without a zone .*--zone UTC") as caught:
        read(path)
    assert str(path) in caught.value.fact
    assert read(path, zone="UTC")["rows"][0]["created_at"] == dt.datetime(2026, 1, 1, 10)
    found = read(path, zone="none")
    assert found["rows"][0]["created_at"] is None
    assert found["coerced"] == {"created_at": 1}


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        (
            "name,plan\nx,y\n",
            AddedKind.ACCOUNTS,
            "no column account_id; its columns are name, plan",
        ),
        ("account_id,junk\nx,y\n", AddedKind.ACCOUNTS, "any of created_at"),
        ("account_id,at\nx,5\n", AddedKind.EVENTS, "no column event"),
        ("model,junk\nx,5\n", AddedKind.RELEASES, "no column released_at"),
        ("", AddedKind.ACCOUNTS, "is empty"),
        ("just words in a file", AddedKind.ACCOUNTS, "nothing that is recognised"),
    ],
)
def test_what_is_no_such_table_is_refused(
    tmp_path: Path, text: str, kind: AddedKind, part: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=part) as caught:
        read(path, kind)
    assert str(path) in caught.value.fact
    assert caught.value.remedy


def test_a_person_names_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"who":{"id":"k1"},"a.b":"pro"}\n')
    mapping = {"account_id": "who.id", "plan": "a.b"}
    assert said(read(path, mapping=mapping)["rows"]) == [{"kind": "", "value": "k1", "plan": "pro"}]
    with pytest.raises(InputError, match="'colour' is no field"):
        read(path, mapping={"colour": "who"})


def test_a_header_alone_has_no_rows_and_cancelling_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER)
    found = read(path)
    assert (found["rows"], found["rejects"], found["header"]) == ([], [], 1)
    job = Job()
    job.cancel()
    with pytest.raises(CancelledError):
        list(open_table(path, AddedKind.ACCOUNTS).blocks(job))


HOSTILE = ["\0", "\u202e", "\x1b[31m", "=1+1", '"', "a,b", "\ud800", "\n", "\r", "NULL", " ", ""]


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "account_id": st.one_of(
                    st.none(), st.text(), st.sampled_from(HOSTILE), st.integers()
                ),
                "created_at": st.one_of(st.none(), st.floats(), st.text(), st.integers()),
                "plan": st.one_of(st.none(), st.text(), st.booleans(), st.sampled_from(HOSTILE)),
            }
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_values_are_every_record_is_counted(
    tmp_path: Path, records: list[dict[str, Any]]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    found = read(path, zone="UTC")
    assert len(found["rows"]) + len(found["rejects"]) + found["blank"] == len(records)
    for row in found["rows"]:
        assert row["value"]


def test_the_page_names_every_field_and_word() -> None:
    page = PAGE.read_text("utf-8")
    for kind, fields in FIELDS.items():
        for field, others in fields.items():
            assert f"`{field}`" in page, field
            assert not [name for name in others if name not in page], (kind, field)
    for event in EventKind:
        assert f"{event.value} ({', '.join(EVENT_WORDS[event])})" in page
    told = {name for schema in ADDED_SCHEMAS.values() for name in schema.names}
    apart = {"record_no", "byte_offset", "kind", "namespace", "value", "address_id", "network_name"}
    assert not [name for name in told - apart if f"`{name}`" not in page]
