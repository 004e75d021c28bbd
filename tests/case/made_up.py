"""Small blocks of parsed records, and an import of them in one call."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from workbench.case.casefile import CaseFile
from workbench.domain.exchange import (
    RECORD_SCHEMA,
    REJECT_SCHEMA,
    Accounting,
    Frame,
    SourceReport,
)
from workbench.domain.ports import Parsed, ReadOptions, Statement

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.case.folder import Case
    from workbench.domain.settings import CaseSettings

Record = dict[str, Any]

#: A record in which every canonical column has a value.
FULL: Record = {
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
    "dialogue": '[{"role":"user","parts":[{"in":"prompt"}]}]',
    "embedding": [0.5, -1.0],
}


def parsed(
    records: list[Record],
    *,
    first: int = 1,
    rejects: list[Record] | None = None,
    blank: int = 0,
    header: int = 0,
) -> Parsed:
    """A block whose records are numbered from ``first``, 100 bytes apart."""
    rows = [
        {"record_no": i, "byte_offset": 100 * (i - 1), "coerced": 0} | record
        for i, record in enumerate(records, first)
    ]
    return Parsed(
        pa.RecordBatch.from_pylist(rows, schema=RECORD_SCHEMA),
        pa.RecordBatch.from_pylist(rejects or [], schema=REJECT_SCHEMA),
        blank,
        header,
    )


def set_settings(case: Path, settings: CaseSettings) -> None:
    """Write other settings into case.toml of a closed case."""
    marker = case / "case.toml"
    replace(CaseFile.read(marker), settings=settings).write(marker)


def add_file(
    case: Case,
    records: list[Record],
    *,
    system: str = "gateway",
    path: str = "log.jsonl",
    sha256: str | None = None,
    block: int = 1000,
) -> SourceReport:
    """Import one file as one batch; its bytes are named after path and content."""
    with case.given.begin(Frame(system=system), ReadOptions()) as batch:
        source = batch.source(path=path, size=100 * len(records), format="canonical")
        for start in range(0, len(records), block):
            source.append(parsed(records[start : start + block], first=start + 1))
        named = sha256 or hashlib.sha256(repr((path, records)).encode()).hexdigest()
        return source.finish(sha256=named)


def ask(case: Case, text: str, **params: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement over the logical schema."""
    engine = case.engine()
    try:
        table = engine.table(Statement("asked", text), **params)
    finally:
        engine.close()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def one(case: Case, text: str, **params: Any) -> Any:
    """The single value of a statement."""
    ((value,),) = ask(case, text, **params)
    return value


def fates(report: SourceReport | Accounting) -> dict[str, int]:
    """Fates that are not zero."""
    accounting = report if isinstance(report, Accounting) else report.accounting
    counts = accounting.as_dict()
    del counts["records"]
    return {fate: n for fate, n in counts.items() if n}
