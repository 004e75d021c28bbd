"""What is stored of records: every value, and nothing of an import taken back."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import pytest

from tests.case.made_up import FULL, add_file, ask, fates, one, parsed
from workbench.case.batches import Batch
from workbench.case.folder import Case
from workbench.domain.errors import CaseError, InputError
from workbench.domain.exchange import CANONICAL_SCHEMA, Accounting, Frame
from workbench.domain.ports import ReadOptions, Statement

if TYPE_CHECKING:
    from pathlib import Path


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
           p.text, e.completion, e.reasoning, e.dialogue, v.vector
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


def test_nobody_reads_which_batches_are_closed_while_a_checkpoint_drops_rows(case: Case) -> None:
    """DuckDB would show the table empty now and then: readers wait, and never see less."""
    add_file(case, [{"prompt": "old"}] * 3)
    seen: list[int] = []
    readings = (
        lambda: seen.append(case.given.sizes().exchanges),
        lambda: seen.append(case.given.accounting().exchanges),
        lambda: seen.append(one(case, "SELECT count(*) FROM exchange")),
        lambda: seen.append(3 * case.given.sources().num_rows),
        lambda: seen.append(3 * case.given.holds_source("none") + 3),
    )
    threads = [threading.Thread(target=reading) for reading in readings]
    with case.given._database.settling:
        for thread in threads:
            thread.start()
        threads[0].join(0.05)
        assert seen == []
    for thread in threads:
        thread.join()
    assert seen == [3] * len(readings)
