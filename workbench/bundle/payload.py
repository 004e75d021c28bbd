"""The files under ``data/`` that hold rows and records; the report and its figures lie elsewhere.

Everything streams: a million exchanges pass through in row groups. Bytes depend on the content
alone: row groups have a fixed size whatever the batches were, JSON keys are sorted, no clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.bundle.content import EVIDENCE_SCHEMA, REJECTS_SCHEMA
from workbench.bundle.layout import PRICES, RERUN, STATEMENTS
from workbench.bundle.subject import Statement
from workbench.bundle.ticks import moment
from workbench.bundle.viewing import ViewingCopy, write_viewing_copy

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.bundle.content import BundleContent, Decision, Rerun
    from workbench.domain.progress import JobContext

#: Rows of a row group of ``evidence.parquet``.
ROW_GROUP: Final = 32_768
#: Columns of the viewing copy; the long texts and vectors are in ``evidence.parquet`` only.
VIEWED: Final = tuple(
    name
    for name in EVIDENCE_SCHEMA.names
    if name not in {"system", "completion", "reasoning", "dialogue", "embedding"}
    and name not in {"system_digest", "reasoning_digest", "dialogue_digest"}
)
#: Most characters of a prompt in the viewing copy.
PROMPT_SHOWN: Final = 500


_DELIVERED: Final = {
    "stage": "loss",
    "formula": "counts and sums over the exchanges of the part, null where no exchange tells it. "
    "Answers kept whole: n_whole of n_ended, those that say how they ended; refusals: n_refused of "
    "n_judged; asked again: n_retried of n_followed, those whose time and prompt are known; failed "
    "requests: n_failed of n_status, those with a status",
}


def write_payload(content: BundleContent, data: Path, job: JobContext) -> None:
    """Write everything but report and figures into the folder ``data/``.

    Raises:
        OSError: The disk is full or failing.
        CancelledError: The user cancelled; the caller removes what was written.
    """
    _evidence(content, data, job)
    write_viewing_copy(content.accounts, data / "accounts.csv")
    write_viewing_copy(content.clusters, data / "clusters.csv")
    write_viewing_copy(sources_table(content), data / "sources.csv")
    job.check()
    _ingest(content, data / "ingest", job)
    write_lines(data / "labels.jsonl", (_label(decision) for decision in content.decisions))
    write_lines(data / STATEMENTS, _statements(content))
    _audit(content, data / "audit")
    _method(content, data / "method")


def _evidence(content: BundleContent, data: Path, job: JobContext) -> None:
    viewed = pa.schema([EVIDENCE_SCHEMA.field(name) for name in VIEWED])
    done = 0
    with (
        pq.ParquetWriter(data / "evidence.parquet", EVIDENCE_SCHEMA, compression="zstd") as parquet,
        ViewingCopy(data / "exchanges.csv", viewed, longest={"prompt": PROMPT_SHOWN}) as copy,
    ):
        for batch in even(content.evidence(), ROW_GROUP):
            job.check()
            parquet.write_batch(batch, row_group_size=ROW_GROUP)
            copy.write(batch.select(VIEWED))
            done += batch.num_rows
            job.report("Writing exchanges", count=done, total=content.n_evidence, unit="exchanges")
    if done != content.n_evidence:
        raise ValueError(f"{done} exchanges arrived, {content.n_evidence} were announced")


def even(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of exactly ``rows`` (the last one shorter)."""
    waiting: list[pa.RecordBatch] = []
    held = 0
    for batch in batches:
        while held + batch.num_rows >= rows:
            head = batch.slice(0, rows - held)
            batch = batch.slice(rows - held)
            yield pa.concat_batches([*waiting, head])
            waiting, held = [], 0
        if batch.num_rows:
            waiting.append(batch)
            held += batch.num_rows
    if waiting:
        yield pa.concat_batches(waiting)


def sources_table(content: BundleContent) -> pa.Table:
    """One row a source file: where it is, what it is, the fates of its records."""
    rows = [
        {
            "batch": batch.number,
            "path": source.path,
            "size": source.size,
            "sha256": source.sha256,
            "format": source.format,
            "compression": source.compression,
            "reason": source.reason,
            **source.accounting.as_dict(),
        }
        for batch in content.batches
        for source in batch.sources
    ]
    text = ("path", "sha256", "format", "compression", "reason")
    names = list(rows[0]) if rows else ["batch", *text]
    return pa.Table.from_pydict(
        {
            name: pa.array(
                [plain(row[name]) for row in rows], pa.string() if name in text else pa.int64()
            )
            for name in names
        }
    )


def _ingest(content: BundleContent, folder: Path, job: JobContext) -> None:
    folder.mkdir()
    write_json(
        folder / "frame.json",
        [
            {"batch": b.number, "opened": when(b.opened_us), "frame": asdict(b.frame)}
            for b in content.batches
        ],
    )
    write_json(
        folder / "mapping.json",
        [{"batch": b.number, "options": b.options} for b in content.batches],
    )
    write_json(
        folder / "accounting.json",
        [
            {
                "batch": batch.number,
                "path": source.path,
                "sha256": source.sha256,
                "accounting": source.accounting.as_dict(),
                "coerced_columns": source.coerced_columns,
            }
            for batch in content.batches
            for source in batch.sources
        ],
    )

    def rejects() -> Iterator[dict[str, Any]]:
        for batch in content.rejects():
            job.check()
            for row in batch.cast(REJECTS_SCHEMA).to_pylist():
                raw = row.pop("raw") or b""
                kept = base64.b64encode(raw).decode() if content.texts.whole else None
                yield row | {
                    "n_bytes": len(raw),
                    "raw_base64": kept,
                    "raw_sha256": hashlib.sha256(raw).hexdigest(),
                }

    write_lines(folder / "rejects.jsonl", rejects())


def _label(decision: Decision) -> dict[str, Any]:
    return {
        "at": when(decision.at_us),
        "analyst": decision.analyst,
        "fingerprint": decision.fingerprint,
        "label": decision.label.value,
        "why": decision.why,
        "accounts": list(decision.accounts),
        "n_accounts": len(decision.accounts),
        "cluster_id": decision.cluster_id,
        "journal": decision.journal,
        "line": decision.line,
        "entry": decision.entry,
        "withdrawn_by": decision.withdrawn or None,
    }


def _statements(content: BundleContent) -> Iterator[dict[str, Any]]:
    """What the report says, with the exact values behind it: of the case, then of each subject."""
    case, subjects = content.case, content.subjects
    yield {
        "subject": None,
        "part": "case",
        "of": case.id,
        "text": "",
        "values": {
            "n_exchanges": case.n_exchanges,
            "n_accounts": case.n_accounts,
            "n_prompts": case.n_prompts,
            "first_us": case.first_us,
            "last_us": case.last_us,
            "exported": {
                "n_exchanges": content.n_evidence,
                "n_accounts": sum(one.n_accounts for one in subjects),
                "n_campaigns": len(content.campaigns),
            },
        },
        "how": {"query": "data/method/queries/services.case_facts.sql"},
    }
    for subject in subjects:
        for one in subject.statements:
            yield {"subject": subject.id, **asdict(one)}
        if subject.delivered is not None:
            parts = zip(subject.delivered.parts, subject.delivered.totals, strict=False)
            for part, totals in parts:
                said = Statement("what was delivered", part, "", totals, _DELIVERED)
                yield {"subject": subject.id, **asdict(said)}


def _audit(content: BundleContent, folder: Path) -> None:
    folder.mkdir()
    for journal in content.journals:
        (folder / f"{journal.key}.jsonl").write_bytes(b"".join(journal.lines))
    write_json(folder / "heads.json", {journal.key: journal.head for journal in content.journals})
    if content.stamps:
        (folder / "stamps").mkdir()
    for stamp in content.stamps:
        (folder / "stamps" / f"{stamp.digest}.json").write_bytes(stamp.heads)
        (folder / "stamps" / f"{stamp.digest}.tsr").write_bytes(stamp.answer)


def _method(content: BundleContent, folder: Path) -> None:
    method = content.method
    (folder / "queries").mkdir(parents=True)
    write_json(folder / "versions.json", method.versions)
    write_json(folder / "settings.json", method.settings)
    write_json(folder / "stages.json", list(method.stages))
    (folder / "case-digest.json").write_bytes(content.case.digested)
    texts = content.texts
    write_json(folder / "texts.json", {"all": texts.whole, "exhibits": list(texts.exhibits)})
    write_viewing_copy(method.signals, folder / "signals.csv")
    for name, text in sorted(method.queries.items()):
        (folder / "queries" / name).write_text(text, "utf-8", newline="\n")
    write_lines(
        folder / "runs.jsonl",
        (
            {
                "at": when(run.at_us),
                "analyst": run.analyst,
                "outcome": run.outcome,
                "journal": run.journal,
                "line": run.line,
                "record": run.body,
            }
            for run in method.runs
        ),
    )
    write_json(
        folder / "limits.json",
        {"error_rates": list(method.error_rates), "limits": list(method.limits)},
    )
    if content.rerun is not None:
        _rerun(content.rerun, folder)
    if method.planted is not None and method.planted.numbers is not None:
        write_json(folder / "power.json", method.planted.numbers)


def _rerun(rerun: Rerun, folder: Path) -> None:
    """What is needed besides logs and journals to recompute the bundle."""
    said: dict[str, Any] = {
        "case": rerun.case,
        "asked": rerun.asked,
        "marking": rerun.marking,
        "planted": list(rerun.planted),
        "prices": None,
        "reader": rerun.reader,
    }
    if rerun.prices is not None:
        toml, csv = (PurePath(name).name for name in PRICES)
        name = csv if rerun.prices_name.lower().endswith(".csv") else toml
        (folder / name).write_bytes(rerun.prices)
        said["prices"] = name
    write_json(folder / PurePath(RERUN).name, said)


def when(at_us: int | None) -> str | None:
    """UTC microseconds as RFC 3339; None stays None."""
    if at_us is None:
        return None
    return moment(at_us).isoformat(timespec="microseconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """The value in JSON's own types; a lone surrogate becomes its escape."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def write_json(path: Path, value: Any) -> None:
    """One JSON value, indented, keys sorted."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps(plain(value), option=options | orjson.OPT_SERIALIZE_NUMPY))


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line, keys sorted."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    with path.open("wb") as file:
        for record in records:
            file.write(orjson.dumps(plain(record), option=options))
