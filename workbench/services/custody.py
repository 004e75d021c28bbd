"""What a bundle says of its own making: imports, journals, decisions, runs, method, limits.

Reads what was given and decided, and the manifest of what was computed; changes nothing. No
clock: a bundle dates itself by the newest thing in it.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

import workbench
from workbench.bundle.content import Batch, Decision, JournalCopy, Method, Rerun, Run, StampCopy
from workbench.case.journal_order import clock_back
from workbench.case.stamps import Stamps
from workbench.domain.exchange import Accounting, SourceReport
from workbench.domain.label import EntryKind, JournalEntry, Label
from workbench.services.analysing import ABANDONED, DONE
from workbench.services.assurance import LIMITS
from workbench.services.door_words import told_of_options
from workbench.services.joined import source_line
from workbench.services.known_errors import error_rates, unassessed
from workbench.services.measure_words import signal_title
from workbench.services.power_words import IN_REPORT, planted_table, told_of_nothing
from workbench.services.ranking import ranked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.case.folder import Case
    from workbench.case.labels import LabelBook
    from workbench.case.pins import Pin
    from workbench.services.export_scope import Scope
    from workbench.services.loss import PriceFile
    from workbench.services.results import Results

#: Libraries that a finding or a figure passes through.
_LIBRARIES: Final = (
    "cryptography",
    "duckdb",
    "faiss-cpu",
    "matplotlib",
    "msgspec",
    "numba",
    "numpy",
    "orjson",
    "pyarrow",
    "rfc8785",
    "scikit-network",
    "scipy",
    "typst",
)
#: Entries that make no bundle another one.
_LEFT_OUT: Final = frozenset({EntryKind.EXPORT, EntryKind.STAMP})
_COUNTS: Final = tuple(Accounting.__dataclass_fields__)


# --- what was given --------------------------------------------------------------------------
def batches(case: Case) -> tuple[Batch, ...]:
    """Every import with its frame and its files."""
    rows = case.given.sources().to_pylist()
    return tuple(
        Batch(
            number=one.batch_id,
            opened_us=one.opened_us,
            frame=one.frame,
            options=dict(one.options),
            sources=tuple(_source(row) for row in rows if row["batch_id"] == one.batch_id),
            left_out=tuple(told_of_options(one.options)),
        )
        for one in case.given.batches()
    )


def rerun(
    case: Case,
    asked: Scope,
    marking: str,
    prices: PriceFile | None,
    planted: Sequence[Mapping[str, Any]],
    reader: str,
) -> Rerun:
    """What whoever recomputes the bundle needs besides logs and journals."""
    return Rerun(
        case={
            "id": case.id,
            "name": case.name,
            "created": case.created,
            "identity": case.settings.identity.value,
            "marking": case.settings.marking,
        },
        asked={
            "clusters": list(asked.clusters),
            "label": None if asked.label is None else asked.label.value,
            "accounts": list(asked.accounts),
        },
        marking=marking,
        planted=planted,
        reader=reader,
        prices=None if prices is None else prices.data,
        prices_name="" if prices is None else prices.name,
    )


def _source(row: dict[str, Any]) -> SourceReport:
    return SourceReport(
        path=row["path"],
        size=row["size"],
        sha256=row["sha256"],
        format=row["format"],
        compression=row["compression"],
        reason=row["reason"],
        accounting=Accounting(**{name: row[name] for name in _COUNTS}),
        coerced_columns=json.loads(row["coerced_columns"]),
    )


# --- what was decided ------------------------------------------------------------------------
def journals(case: Case) -> tuple[JournalCopy, ...]:
    """Each analyst's journal up to its last entry that is no export and no time stamp.

    An export enters the journal; without the cut the same case would never give the same bundle.
    So does a time stamp, which is of what was there before it.
    """
    copies = []
    back = clock_back(case.journals.entries())
    for key, entries in _chains(case).items():
        while entries and entries[-1].kind in _LEFT_OUT:
            entries.pop()
        if entries:
            head = {"number": entries[-1].number, "digest": entries[-1].digest}
            lines = tuple(case.journals.lines(key)[: len(entries)])
            clock = tuple((e.number, back[e.digest]) for e in entries if e.digest in back)
            copies.append(JournalCopy(key, lines, head, clock))
    return tuple(copies)


def stamps(case: Case, copies: Sequence[JournalCopy]) -> tuple[StampCopy, ...]:
    """Time stamps of lines that the copies hold; one of a line that was cut off is left out."""
    lengths = {copy.key: copy.head["number"] for copy in copies}
    chains = {key: entries[: lengths.get(key, 0)] for key, entries in _chains(case).items()}

    def holds(key: str, pin: Pin) -> bool:
        lines = chains.get(key, [])
        return 0 < pin.number <= len(lines) and lines[pin.number - 1].digest == pin.digest

    kept = Stamps(case.path / "decided" / "stamps", case.id)
    return tuple(
        StampCopy(one.digest, *kept.files(one), one.answer.at, one.answer.authority)
        for one in kept.all()
        if one.answer is not None and all(holds(key, pin) for key, pin in one.heads.items())
    )


def _chains(case: Case) -> dict[str, list[JournalEntry]]:
    """Entries of each journal that has any, in order, followed back from its head."""
    by_digest = {entry.digest: entry for entry in case.journals.entries()}
    chains: dict[str, list[JournalEntry]] = {}
    names = case.journals.keys()
    for key in names:
        entries = []
        head = case.journals.head(key)
        while (entry := by_digest.get(head)) is not None:
            entries.append(entry)
            head = entry.previous
        if entries:
            chains[key] = entries[::-1]
    return chains


def decisions(book: LabelBook, names: dict[str, str]) -> tuple[Decision, ...]:
    """Every label in the order in which they count, withdrawn ones too.

    Args:
        book: The journals folded.
        names: Key fingerprint -> name of the journal.
    """
    return tuple(
        Decision(
            at_us=entry.at_us,
            analyst=entry.analyst.name,
            fingerprint=entry.analyst.fingerprint,
            label=Label(entry.body["label"]),
            why=str(entry.body.get("why", "")),
            accounts=tuple(sorted(entry.body["accounts"])),
            cluster_id=str(entry.body.get("cluster_id", "")),
            journal=names.get(entry.analyst.fingerprint, ""),
            line=entry.number,
            entry=entry.digest,
            withdrawn="" if book.stands(entry) else book.reverted_by[entry.digest].digest,
        )
        for entry in book.entries
        if entry.kind is EntryKind.LABEL
    )


def runs(book: LabelBook, names: dict[str, str]) -> tuple[Run, ...]:
    """Every analysis run in order; one without an end in the journal was abandoned."""
    ends = {
        entry.body["run"]: entry
        for entry in book.entries
        if entry.kind is EntryKind.RUN and "run" in entry.body
    }
    found = []
    for entry in book.entries:
        if entry.kind is not EntryKind.RUN or "run" in entry.body:
            continue
        end, made = ends.get(entry.digest), entry.body.get("program", {})
        found.append(
            Run(
                at_us=entry.at_us,
                analyst=entry.analyst.name,
                outcome=str(end.body.get("state", "")) if end else ABANDONED,
                settings=dict(entry.body.get("settings", {})),
                journal=names.get(entry.analyst.fingerprint, ""),
                line=entry.number,
                body=entry.body | ({"end": end.body} if end else {}),
                program=tuple(str(made[name]) for name in ("version", "code") if name in made),
                result=str(end.body.get("stages", {}).get("clusters", "")) if end else "",
            )
        )
    return tuple(found)


def as_of_us(case: Case, book: LabelBook) -> int:
    """When the newest import or entry that is no export was made, UTC microseconds.

    As for ``journals``, time stamps do not count either.
    """
    moments = [batch.closed_us for batch in case.given.batches()]
    moments += [table.at_us for table in case.added.tables(counted=False)]
    moments += [entry.at_us for entry in book.entries if entry.kind not in _LEFT_OUT]
    return max(moments, default=0)


# --- what was computed -----------------------------------------------------------------------
def method(
    case: Case, results: Results, all_runs: tuple[Run, ...], facts: dict[str, Any]
) -> Method:
    """How the finding was computed, what is known of its errors, what it cannot show.

    Args:
        case: The case.
        results: The reading.
        all_runs: Every run.
        facts: What error rates and limits speak of: q_nominal, n_undated, gaps, n_null; the
            measures of a cluster, empty where none is exported; and power, what would have been
            found (None where it was not measured).
    """
    finished = [run for run in all_runs if run.outcome == DONE]
    settings = finished[-1].settings if finished else {}
    return Method(
        versions=versions(),
        settings=settings,
        stages=tuple(
            {"stage": one.stage, "key": one.key, "digest": one.digest, "info": one.info}
            for one in case.artifacts.stages()
        ),
        signals=_specs(results),
        queries=_queries(),
        runs=all_runs,
        error_rates=error_rates(
            settings.get("q", 0.05),
            claims=bool(facts["measures"]),
            nominal=facts["q_nominal"],
            n_null=facts["n_null"],
        ),
        limits=(
            *_limits(results, facts),
            *map(source_line, case.added.tables()),
            *ranked(results),
        ),
        measures=facts["measures"],
        planted=planted_table(facts["power"]),
    )


def versions() -> dict[str, str]:
    """The program, Python and the libraries that a finding or a figure passes through."""
    found = {"workbench": workbench.__version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _specs(results: Results) -> pa.Table:
    """The signals as a flat table: lists of columns become text."""
    names = (
        "name", "axis", "title", "unit", "formula", "needs", "source", "evades", "tested",
        "not_assessed",
    )  # fmt: skip
    rows = results.signals.specs.to_pylist() if results.signals is not None else []
    for row in rows:
        if not isinstance(row["needs"], str):
            row["needs"] = ", ".join(row["needs"] or ())
        row["title"] = signal_title(row["name"], row["title"])
        row["tested"] = "yes" if row.get("tested", True) else "no"
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in names} for row in rows],
        schema=pa.schema([(name, pa.string()) for name in names]),
    )


def _queries() -> dict[str, str]:
    """Every SQL statement of the program, by its place in it."""
    root = Path(workbench.__file__).parent
    return {
        ".".join(path.relative_to(root).parts): path.read_text("utf-8")
        for path in sorted(root.rglob("*.sql"))
    }


def _limits(results: Results, facts: dict[str, Any]) -> tuple[str, ...]:
    lines = [*LIMITS, told_of_nothing(facts["power"], IN_REPORT), *unassessed(results)]
    if facts["n_undated"]:
        lines.append(f"{facts['n_undated']:,} exchanges have no time and are in no timeline.")
    lines += [f"Known gap of the logs: {gap}" for gap in facts["gaps"]]
    return tuple(lines)
