"""What the report prints of method and provenance: runs, parameters, frames, sources, decisions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from workbench.bundle.phrases import file_name, label_words, more, pairs, stamp
from workbench.bundle.traced import TRACES
from workbench.domain.exchange import Fate
from workbench.domain.label import short_fingerprint
from workbench.domain.signal import TOO_LITTLE
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from workbench.bundle.content import Batch, BundleContent, Decision, Run
    from workbench.domain.exchange import SourceReport

#: Most characters of what was said of an import; what was left out of it is longest.
_LONGEST: Final = 1_600
#: Most runs printed.
_RUNS: Final = 40

#: The order in which fates are printed; those in ALWAYS are printed even when they are 0.
FATES: Final = (
    Fate.LOADED,
    Fate.CONFLICT,
    Fate.JOINED,
    Fate.DUPLICATE,
    Fate.HEADER,
    Fate.BLANK,
    Fate.REJECTED,
)
ALWAYS: Final = (Fate.LOADED, Fate.DUPLICATE, Fate.BLANK, Fate.REJECTED)

_HOW: Final = (
    "Prompts are grouped by near-duplication, turned into vectors and placed on a map that is cut "
    "into cells. Accounts that are openly one customer become one entity. Entities that present "
    "themselves as strangers are linked by what they ask, how they send and what they share, and "
    "linked entities form clusters. Each cluster is tested on three axes: content, automation, "
    "coordination. The verdict multi-axis needs content and one other axis; one axis alone is "
    "triage; an axis whose columns are missing is not assessed and counts as no evidence. A person "
    "decides what is confirmed. The SQL, the parameters and every key are in data/method/."
)


def method_data(content: BundleContent) -> dict[str, Any]:
    """How it was computed, its limits, and every run."""
    method = content.method
    return {
        "how": _HOW,
        "limits": list(method.limits) or ["None recorded."],
        "error_rates": list(method.error_rates) or ["Not measured on this case."],
        "signals": [
            {
                "axis": row["axis"].capitalize(),
                "title": row["title"] + (" (context)" if row.get("tested") == "no" else ""),
                # Cases of older programs do not say it.
                "formula": row.get("formula") or "",
                "source": row["source"],
                "evades": f"Not assessed: {_missing(row['not_assessed'])}"
                if row.get("not_assessed")
                else row["evades"],
            }
            for row in method.signals.to_pylist()
        ],
        "measures": [
            asdict(measure) | {"axis": measure.axis.capitalize()} for measure in method.measures
        ],
        "planted": None
        if method.planted is None
        else {
            "head": list(method.planted.head),
            "rows": [list(row) for row in method.planted.rows],
            "notes": list(method.planted.notes),
        },
        "settings": pairs({name: one for name, one in method.settings.items() if one != ""}),
        "stages": [
            {"stage": s["stage"], "key": s["key"][:32], "digest": s["digest"][:32]}
            for s in method.stages
        ],
        "runs": [_run(run) for run in method.runs[-_RUNS:]],
        "runs_note": "Abandoned runs are listed too. Program: its version, and a digest of its "
        "code and libraries; clusters: digest of what the run found. The same program, parameters "
        "and logs find the same. "
        + more(len(method.runs), _RUNS, "earlier run", "data/method/runs.jsonl"),
        "versions": pairs(method.versions),
        "traces": [
            {"what": one.what, "files": [f"data/{name}" for name in files], "how": one.how}
            for one in TRACES
            if (files := [name for name in one.files if _is_there(name, content)])
        ],
    }


def _is_there(name: str, content: BundleContent) -> bool:
    """Whether a bundle of this content has the files of a row of the table of traces."""
    delivered = [one.delivered for one in content.subjects if one.delivered is not None]
    planted = content.method.planted
    match name:
        case "method/power.json":
            return planted is not None and planted.numbers is not None
        case "figures/*-price.csv":
            return any(one.price is not None for one in delivered)
        case "figures/*-delivered.csv":
            return bool(delivered)
    return True


def _missing(reason: str) -> str:
    """Why no account was assessed: columns that the log lacks, or too few exchanges."""
    if reason == TOO_LITTLE:
        return "no account has exchanges enough for it"
    return f"the log has no {reason}"


def _run(run: Run) -> dict[str, str]:
    said = ((name, value) for name, value in sorted(run.settings.items()) if value != "")
    return {
        "at": stamp(run.at_us) or "",
        "analyst": elide(run.analyst, 40),
        "outcome": run.outcome,
        "program": " ".join(part[:12] for part in run.program) or "not recorded",
        "result": run.result[:12] or "-",
        "settings": elide(" ".join(f"{name}={value}" for name, value in said), 160),
        "journal": _place(run.journal, run.line),
    }


def _place(journal: str, line: int) -> str:
    """A line of a journal; the section Journals holds the whole name."""
    return f"{journal[:8]} line {line:,}".strip()


def batch_data(batch: Batch) -> dict[str, Any]:
    """One import with its frame; what was not said is None."""
    frame = batch.frame
    rows = [
        ("Custodian", frame.custodian),
        ("System", frame.system),
        ("Extraction query", frame.query),
        ("Population", frame.population),
        ("Sampling", frame.sampling),
        ("Zone of naive times", frame.zone),
        ("Known gaps", frame.gaps),
        ("Declared benign", "yes" if frame.benign else ""),
    ]
    if batch.left_out:
        rows.append(("Left out at the door", " ".join(batch.left_out)))
    files = plural(len(batch.sources), "file", "files")
    return {
        "title": f"Import {batch.number}, {stamp(batch.opened_us)} UTC, {files}",
        "frame": [{"name": name, "value": elide(value, _LONGEST) or None} for name, value in rows],
    }


def source_data(source: SourceReport) -> dict[str, str]:
    """One file with the fates of its records as an equation."""
    counts = source.accounting.as_dict()
    parts = [f"{counts[f.value]:,} {f.value}" for f in FATES if counts[f.value]] or ["0 loaded"]
    columns = ", ".join(f"{name} {n:,}" for name, n in sorted(source.coerced_columns.items()))
    packed = f", {source.compression}" if source.compression else ""
    return {
        "name": file_name(source.path),
        "facts": f"{source.size:,} bytes, {source.format or 'not recognised'}{packed}",
        "sha256": source.sha256 or "not read",
        "equation": f"{counts['records']:,} records = {' + '.join(parts)}",
        "coerced": f"Fields that could not be read and became NULL: {columns}." if columns else "",
    }


def decision_data(decision: Decision) -> dict[str, Any]:
    """One label: when, who, what, why, and its line in the journal."""
    return {
        "at": stamp(decision.at_us) or "",
        "analyst": elide(decision.analyst, 40),
        "key": short_fingerprint(decision.fingerprint),
        "label": label_words(decision.label),
        "why": elide(decision.why, 400),
        "accounts": f"{len(decision.accounts):,}",
        "cluster": decision.cluster_id,
        "journal": _place(decision.journal, decision.line),
        "withdrawn": bool(decision.withdrawn),
    }
