"""What is stored of records: every value, every fate, and nothing of an import taken back."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.case.made_up import Record, add_file, ask, fates, one, parsed
from workbench.case.folder import Case
from workbench.case.given import Batch
from workbench.domain.errors import CaseError, InputError
from workbench.domain.exchange import CANONICAL_SCHEMA, Accounting, Frame
from workbench.domain.ports import ReadOptions, Statement

if TYPE_CHECKING:
    from pathlib import Path

FULL = {
    "request_id": "r1",
    "ts": datetime(2026, 3, 1, 12, 0, 0, 250_000),
    "ts_text": None,
    "account_id": "sk-1",
    "org_id": "org-1",
    "end_user": "u-1",
    "session_id": "s-1",
    "ip": "10.0.0.1",
    "asn": 4_200_000_000,
    "country": "NL",
    "user_agent": "sdk/1.0",
    "ja3": "a" * 32,
    "ja4": "t13d",
    "account_created_at": datetime(1970, 1, 1),
    "email_domain": "example.org",
    "payment_hash": "p-1",
    "provider": "own",
    "endpoint": "/v1/messages",
    "model": "m-1",
    "status": 200,
    "error_type": "",
    "stop_reason": "stop",
    "stream": False,
    "in_tok": 2**53,
    "out_tok": 0,
    "reasoning_tok": 3,
    "cached_tok": 4,
    "temperature": 0.1,
    "n": 1,
    "max_tok": 1024,
    "logprobs": True,
    "thinking": False,
    "n_turns": 2,
    "tools": 5,
    "latency_ms": 12.5,
    "ttft_ms": -0.0,
    "system": "You help.",
    "prompt": "Why?",
    "completion": "Because.",
    "reasoning": "Hm.",
    "embedding": [0.5, -1.0],
}


def test_every_canonical_column_comes_back(case: Case) -> None:
    assert set(FULL) == {*CANONICAL_SCHEMA.names, "ts_text"}
    add_file(case, [FULL])
    ((*found,),) = ask(
        case,
        """SELECT e.request_id, e.ts_us, e.ts_text, k.value, o.value, u.value, e.session_id,
           i.value, e.asn, e.country, a.value, e.ja3, e.ja4, e.account_created_us, e.email_domain,
           e.payment_hash, e.provider, e.endpoint, m.value, e.status, e.error_type, e.stop_reason,
           e.stream, e.in_tok, e.out_tok, e.reasoning_tok, e.cached_tok, e.temperature, e.n,
           e.max_tok, e.logprobs, e.thinking, e.n_turns, e.tools, e.latency_ms, e.ttft_ms, s.value,
           p.text, e.completion, e.reasoning, v.vector
           FROM exchange e JOIN identity k ON k.identity_id = e.key_id
           JOIN identity u ON u.identity_id = e.user_id JOIN identity o ON o.identity_id = e.org_id
           JOIN address i USING (address_id) JOIN agent a USING (agent_id)
           JOIN model m USING (model_id) JOIN system s USING (system_id)
           JOIN prompt p USING (prompt_id) JOIN prompt_embedding v USING (prompt_id)""",
    )
    order = ["request_id", "ts", "ts_text", "account_id", "org_id", "end_user"]
    order += CANONICAL_SCHEMA.names[5:]
    expected = FULL | {"ts": 1_772_366_400_250_000, "account_created_at": 0}
    assert dict(zip(order, found, strict=True)) == {name: expected[name] for name in order}
    # Prompts leave the case by their digest.
    assert (
        one(case, "SELECT digest FROM prompt") == hashlib.blake2b(b"Why?", digest_size=16).digest()
    )


def test_what_is_absent_stays_null(case: Case) -> None:
    add_file(case, [{"prompt": "only this"}])
    row = ask(case, "SELECT * FROM exchange")[0]
    names = [
        "exchange_id", "batch_id", "source_id", "record_no", "byte_offset", "fate", "prompt_id"
    ]  # fmt: skip
    assert sum(value is not None for value in row) == len(names)
    assert ask(case, "SELECT * FROM account") == []


HOSTILE = [
    "NUL \0 in the middle",
    "\0",
    "",
    "\u202e\u2066 bidi",
    "\x1b[2J ansi",
    "'; DROP TABLE exchanges; --",
    "<script>&amp;",
    "\ufeff\ufffe\U0010ffff",
    "a\r\nb\n",
    "x" * 5_000_000,
]


@pytest.mark.parametrize("column", ["prompt", "completion", "account_id", "request_id", "ip"])
def test_hostile_text_comes_back_byte_for_byte(case: Case, column: str) -> None:
    add_file(case, [{column: text} for text in HOSTILE])
    view = {
        "prompt": "SELECT text FROM exchange JOIN prompt USING (prompt_id)",
        "completion": "SELECT completion FROM exchange",
        "request_id": "SELECT request_id FROM exchange",
        "account_id": "SELECT value FROM exchange JOIN account USING (account_id)",
        "ip": "SELECT value FROM exchange JOIN address USING (address_id)",
    }[column]
    assert [row[0] for row in ask(case, f"{view} ORDER BY exchange_id")] == HOSTILE


def test_equal_prompts_share_a_code_and_stay_as_exchanges(case: Case) -> None:
    add_file(case, [{"request_id": str(i), "prompt": "abc"[i % 3]} for i in range(9)])
    add_file(case, [{"request_id": str(i), "prompt": "bcd"[i % 3]} for i in range(9, 18)])
    assert ask(case, "SELECT prompt_id, text FROM prompt ORDER BY 1") == list(enumerate("abcd"))
    assert one(case, "SELECT count(*) FROM exchange") == 18


def test_exchanges_know_where_they_come_from(case: Case) -> None:
    add_file(case, [{"prompt": "a"}], path="one.jsonl", sha256="11")
    add_file(case, [{"prompt": "b"}, {"prompt": "c"}], path="two.jsonl", sha256="22")
    assert ask(
        case,
        "SELECT exchange_id, sha256, record_no, byte_offset FROM exchange "
        "JOIN source USING (source_id) ORDER BY 1",
    ) == [(0, "11", 1, 0), (1, "22", 1, 0), (2, "22", 2, 100)]


# --- fates -----------------------------------------------------------------------------------
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


# --- files and batches -----------------------------------------------------------------------
def test_the_same_file_twice_changes_nothing_and_says_so(case: Case) -> None:
    records = [{"request_id": "r", "prompt": "a"}, {"prompt": "b"}, {"prompt": "b"}]
    first = add_file(case, records, sha256="aa")
    digest, batches, rows = case.digest(), case.given.batches(), _everything(case)
    again = add_file(case, records, sha256="aa")
    assert (first.already, again.already) == (False, True)
    assert fates(again) == {"duplicate": 3}
    assert (case.digest(), case.given.batches(), _everything(case)) == (digest, batches, rows)
    assert case.given.holds_source("aa")
    assert case.given.holds_source("aa", "gateway")
    assert not case.given.holds_source("aa", "provider")
    assert not case.given.holds_source("bb")


def test_the_same_bytes_read_in_another_way_still_change_nothing(case: Case) -> None:
    """Were it judged row by row, every record would be a conflict."""
    add_file(case, [{"request_id": "r", "prompt": "a"}], sha256="aa")
    rows = _everything(case)
    report = add_file(case, [{"request_id": "r", "prompt": "A", "ip": "::1"}] * 2, sha256="aa")
    assert report.already
    assert _everything(case) == rows
    # What was taken back is forgotten: the same record in another file loads.
    assert fates(add_file(case, [{"request_id": "r", "prompt": "A"}])) == {"conflict": 1}
    assert ask(case, "SELECT text FROM prompt ORDER BY prompt_id") == [("a",), ("A",)]


def test_a_file_named_twice_in_one_import(case: Case) -> None:
    with case.given.begin(Frame(), ReadOptions()) as batch:
        reports = []
        for _ in range(2):
            source = batch.source(path="f")
            source.append(parsed([{"prompt": "x"}], rejects=[_reject()]))
            reports.append(source.finish(sha256="ff"))
        other = batch.source(path="g")
        other.append(parsed([{"prompt": "x"}, {"prompt": "y"}]))
        reports.append(other.finish(sha256="gg"))
    assert [report.already for report in reports] == [False, True, False]
    assert case.given.accounting() == Accounting(loaded=2, rejected=1, duplicate=1)
    assert case.given.sources().column("path").to_pylist() == ["f", "g"]
    assert case.given.rejects().num_rows == 1


def test_a_discarded_file_leaves_nothing(case: Case) -> None:
    with case.given.begin(Frame(system="s"), ReadOptions()) as batch:
        kept = batch.source(path="kept")
        kept.append(parsed([{"request_id": "1", "prompt": "a", "embedding": [1.0]}]))
        kept.finish(sha256="1")
        bad = batch.source(path="bad")
        bad.append(parsed([{"request_id": "2", "prompt": "b", "model": "m"}], rejects=[_reject()]))
        bad.discard()
        last = batch.source(path="last")
        last.append(parsed([{"request_id": "2", "prompt": "b", "model": "m"}]))
        assert fates(last.finish(sha256="2")) == {"loaded": 1}
    assert ask(case, "SELECT exchange_id, source_id, prompt_id FROM exchange ORDER BY 1") == [
        (0, 0, 0),
        (1, 1, 1),
    ]
    assert case.given.rejects().num_rows == 0


def test_nothing_is_seen_before_the_batch_is_closed(case: Case) -> None:
    add_file(case, [{"prompt": "seen"}])
    before = _everything(case)
    batch = case.given.begin(Frame(), ReadOptions())
    source = batch.source(path="f")
    source.append(parsed([{"prompt": "hidden", "embedding": [1.0]}], rejects=[_reject()]))
    batch._chunks.write_all()  # as a full chunk would
    assert _everything(case) == before
    source.finish(sha256="1")
    batch.close()
    assert one(case, "SELECT count(*) FROM prompt") == 2


def test_an_aborted_import_leaves_the_case_as_it_was(case: Case) -> None:
    add_file(case, [{"request_id": "r", "prompt": "a", "account_id": "k"}])
    before = _everything(case)
    with pytest.raises(RuntimeError, match="reader"):
        _import_and_fail(case)
    assert _everything(case) == before
    assert fates(add_file(case, [{"request_id": "q", "prompt": "b"}])) == {"loaded": 1}
    assert one(case, "SELECT max(exchange_id) FROM exchange") == 1


def _import_and_fail(case: Case) -> None:
    with case.given.begin(Frame(system="gateway"), ReadOptions()) as batch:
        source = batch.source(path="f")
        source.append(parsed([{"request_id": "q", "prompt": "b"}]))
        batch._chunks.write_all()
        raise RuntimeError("a bug of the reader")


def test_an_import_without_files_leaves_no_batch(case: Case) -> None:
    case.given.begin(Frame(), ReadOptions()).close()
    assert case.given.batches() == []


def test_one_import_at_a_time(case: Case) -> None:
    batch = case.given.begin(Frame(), ReadOptions())
    with pytest.raises(CaseError, match="is running"):
        case.given.begin(Frame(), ReadOptions())
    batch.abort()
    case.given.begin(Frame(), ReadOptions()).abort()


def test_a_file_name_that_is_not_text(case: Case) -> None:
    report = add_file(case, [{"prompt": "x"}], path="log-\udcff.jsonl", sha256="1")
    assert report.path == "log-\udcff.jsonl"
    assert case.given.sources().column("path").to_pylist() == ["log-\\udcff.jsonl"]


# --- frames ----------------------------------------------------------------------------------
def test_frames_are_kept_and_may_be_completed(case: Case) -> None:
    add_file(case, [{"prompt": "x"}], system="gateway")
    frame = Frame(system="gateway", custodian="Ops \udcff", gaps="none known")
    case.given.amend_frame(1, frame)
    case.given.amend_frame(1, Frame(system="gateway", custodian="Operations"))
    (batch,) = case.given.batches()
    assert batch.frame == Frame(system="gateway", custodian="Operations")
    assert isinstance(batch, Batch)
    assert batch.options == {"zone": "", "mapping": {}}
    assert batch.opened_us <= batch.closed_us


@pytest.mark.parametrize("frame", [Frame(system="other"), Frame(system="gateway", zone="UTC")])
def test_what_took_effect_at_import_cannot_be_amended(case: Case, frame: Frame) -> None:
    add_file(case, [{"prompt": "x"}], system="gateway")
    with pytest.raises(InputError, match="cannot change"):
        case.given.amend_frame(1, frame)
    with pytest.raises(InputError, match="no import 7"):
        case.given.amend_frame(7, Frame())


def test_everything_survives_closing(tmp_path: Path) -> None:
    with Case.create(tmp_path / "a.case") as case:
        add_file(case, [FULL, {"prompt": "x"}])
        case.given.amend_frame(1, Frame(system="gateway", query="select"))
        before = _everything(case), case.given.batches(), case.digest()
    with Case.open(tmp_path / "a.case", write=False) as case:
        assert (_everything(case), case.given.batches(), case.digest()) == before
    with Case.open(tmp_path / "a.case") as case:
        assert fates(add_file(case, [FULL, {"prompt": "x"}], path="2")) == {"duplicate": 2}


def _reject() -> dict[str, object]:
    return {"record_no": 9, "byte_offset": 900, "reason": "not JSON", "raw": b"{"}


def _everything(case: Case) -> dict[str, list[tuple[object, ...]]]:
    views = [
        "exchange", "account", "identity", "prompt", "prompt_embedding", "system", "model",
        "agent", "address", "source", "joined_exchange",
    ]  # fmt: skip
    found = {view: sorted(ask(case, f"SELECT * FROM {view}"), key=repr) for view in views}
    found["rejects"] = [tuple(row.values()) for row in case.given.rejects().to_pylist()]
    return found


def test_reading_and_amending_while_an_import_runs(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.case.chunks._CHUNK_ROWS", 50)
    add_file(case, [{"prompt": "old"}] * 3)
    stop = threading.Event()
    counts: set[int] = set()

    def read() -> None:
        while not stop.is_set():
            counts.add(one(case, "SELECT count(*) FROM exchange JOIN prompt USING (prompt_id)"))
            counts.add(case.given.accounting().exchanges)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        with case.given.begin(Frame(), ReadOptions()) as batch:
            source = batch.source(path="f")
            for i in range(40):
                source.append(parsed([{"prompt": f"{i} {j}"} for j in range(20)]))
            with pytest.raises(CaseError, match="is running"):
                case.given.amend_frame(1, Frame(system="gateway", gaps="none"))
            source.finish(sha256="1")
        case.given.amend_frame(1, Frame(system="gateway", gaps="none"))
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert counts <= {3, 803}
    assert one(case, "SELECT count(*) FROM exchange") == 803


def test_reading_only_adds_nothing(tmp_path: Path) -> None:
    Case.create(tmp_path / "a.case").close()
    with Case.open(tmp_path / "a.case", write=False) as case:
        with pytest.raises(CaseError, match="reading only"):
            case.given.begin(Frame(), ReadOptions())
        with pytest.raises(CaseError, match="reading only"):
            case.given.amend_frame(1, Frame())


def test_an_import_closes_and_aborts_while_somebody_reads_slowly(case: Case) -> None:
    """DuckDB refuses a checkpoint after an UPDATE that an older reader must not see."""
    add_file(case, [{"prompt": str(i)} for i in range(3000)])
    engine = case.engine()
    scan = engine.scan(Statement("all", "SELECT text FROM prompt"), rows=100)
    rows = next(scan).num_rows
    add_file(case, [{"prompt": "new"}])
    with pytest.raises(RuntimeError, match="reader"):
        _import_and_fail(case)
    add_file(case, [{"prompt": "newer"}])
    case.given.amend_frame(1, Frame(system="gateway", gaps="none"))
    assert rows + sum(block.num_rows for block in scan) == 3000
    engine.close()
    assert one(case, "SELECT count(*) FROM exchange") == 3002
