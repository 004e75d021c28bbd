"""What the report prints, as plain JSON data: numbers written out, sentences, table rows.

Typst lays it out and decides nothing. Counts are exact with thousands separators, times are UTC
and say so. Where there is no value the report says "not assessed", never zero.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from workbench.bundle.documents import PROVES, PROVES_NOT
from workbench.bundle.figures import CATEGORIES
from workbench.bundle.payload import plain
from workbench.domain.exchange import Fate
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.bundle.content import BundleContent, Decision, Run, Subject
    from workbench.bundle.figures import Drawn
    from workbench.domain.exchange import SourceReport
    from workbench.domain.label import Label

#: Most rows printed; the files hold all of them, and the report says how many more there are.
_CLUSTERS_ON_COVER: Final = 8
_SOURCES_ON_COVER: Final = 5
_SOURCES: Final = 40
_ACCOUNTS: Final = 25
_DECISIONS: Final = 60
_RUNS: Final = 40
_SENTENCES: Final = 6

#: The order in which fates are printed; those in _ALWAYS are printed even when they are 0.
_FATES: Final = (
    Fate.LOADED,
    Fate.CONFLICT,
    Fate.JOINED,
    Fate.DUPLICATE,
    Fate.HEADER,
    Fate.BLANK,
    Fate.REJECTED,
)
_ALWAYS: Final = (Fate.LOADED, Fate.DUPLICATE, Fate.BLANK, Fate.REJECTED)

_HOW: Final = (
    "Prompts are grouped by near-duplication, turned into vectors and placed on a map that is cut "
    "into cells. Accounts that are openly one customer become one entity. Entities that present "
    "themselves as strangers are linked by what they ask, how they send and what they share, and "
    "linked entities form clusters. Each cluster is tested on three axes: content, automation, "
    "coordination. The verdict multi-axis needs content and one other axis; one axis alone is "
    "triage; an axis whose columns are missing is not assessed and counts as no evidence. A person "
    "decides what is confirmed. The SQL, the parameters and every key are in data/method/."
)


def report_data(content: BundleContent, figures: Sequence[Drawn]) -> dict[str, Any]:
    """Everything that the template shows.

    Args:
        content: What is exported.
        figures: The figures in the order of their numbers.
    """
    confirmed = [subject for subject in content.subjects if subject.confirmed]
    shown = [_figure(number, drawn, content) for number, drawn in enumerate(figures, 1)]
    by_place = {(drawn.subject, drawn.kind): one for drawn, one in zip(figures, shown, strict=True)}
    case = content.case
    n_accounts = sum(subject.n_accounts for subject in content.subjects)
    share = content.n_evidence / case.n_exchanges if case.n_exchanges else 0.0
    return {
        "title": "Evidence of coordinated harvesting" if confirmed else "Findings for review",
        "subtitle": _subtitle(content, bool(confirmed)),
        "draft": len(confirmed) < len(content.subjects),
        "case": {
            "name": case.name,
            "name_short": elide(case.name, 60),
            "id_short": elide(case.id, 40),
            "digest": case.digest,
            "digest_short": f"{case.digest[:4]} {case.digest[4:8]} {case.digest[8:12]} "
            f"{case.digest[12:16]} … {case.digest[-4:]}",
            "marking": elide(case.marking, 30),
        },
        "key_figures": [
            _key(str(len(confirmed)), "campaign confirmed", "campaigns confirmed", len(confirmed)),
            _key(f"{n_accounts:,}", "account", "accounts", n_accounts),
            _key(f"{content.n_evidence:,}", "exchange", "exchanges", content.n_evidence),
            {"value": percent(share), "words": "of all exchanges"},
        ],
        "summary": _summary(content),
        "overview": by_place.get(("", "map")),
        "clusters": _ranking(content),
        "clusters_note": _ranking_note(content),
        "against": list(content.against) or [s.against[0] for s in content.subjects],
        "given": _given(content),
        "subjects": [_subject(subject, content, by_place) for subject in content.subjects],
        "method": _method(content),
        "batches": [_batch(batch) for batch in content.batches],
        "sources": [_source(source) for source in content.sources[:_SOURCES]],
        "sources_note": _more(len(content.sources), _SOURCES, "source", "data/sources.csv"),
        "decisions": [_decision(decision) for decision in content.decisions[-_DECISIONS:]],
        "decisions_note": "Withdrawn labels are kept. Why, who and every account key: "
        "data/labels.jsonl. "
        + _more(len(content.decisions), _DECISIONS, "earlier decision", "data/labels.jsonl"),
        "journals": [
            {
                "key": journal.key,
                "lines": f"{len(journal.lines):,}",
                "digest": str(journal.head.get("digest", "")),
            }
            for journal in content.journals
        ],
        "proves": list(PROVES),
        "proves_not": list(PROVES_NOT),
    }


# --- the first page --------------------------------------------------------------------------
def _subtitle(content: BundleContent, confirmed: bool) -> str:
    span = period(content.case.first_us, content.case.last_us)
    what = "Accounts that acted as one" if confirmed else "Computed; nobody has confirmed it"
    return f"{what}; logs of {span}" if span else what


def _key(value: str, one: str, many: str, count: int) -> dict[str, str]:
    return {"value": value, "words": one if count == 1 else many}


def _summary(content: BundleContent) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for subject in content.subjects[:4]:
        size = plural(subject.n_accounts, "account", "accounts")
        sent = plural(subject.n_exchanges, "exchange", "exchanges")
        story = " ".join(subject.story[:3])
        lines.append({"subject": subject.id, "text": f"({size}, {sent}). {story}"})
    more = len(content.subjects) - 4
    if more > 0:
        lines.append({"subject": None, "text": f"{more:,} more follow, each on pages of its own."})
    judged = sorted({d.analyst for d in content.decisions if not d.withdrawn})
    who = f"Labels were given by {_listed(judged)}." if judged else "No person has given a label."
    closing = "Each section names the benign explanation it resembles most and what speaks against."
    lines.append({"subject": None, "text": f"{who} {closing}"})
    return lines


def _ranking(content: BundleContent) -> list[dict[str, Any]]:
    rows = [
        {
            "id": subject.id,
            "colour": CATEGORIES[subject.category],
            "label": _label(subject.label),
            "exported": True,
            "accounts": f"{subject.n_accounts:,}",
            "exchanges": f"{subject.n_exchanges:,}",
        }
        for subject in content.subjects[:_CLUSTERS_ON_COVER]
    ]
    rows += [
        {
            "id": other.id,
            "colour": CATEGORIES[-1],
            "label": _label(other.label),
            "exported": False,
            "accounts": f"{other.n_accounts:,}",
            "exchanges": f"{other.n_exchanges:,}",
        }
        for other in content.others[: _CLUSTERS_ON_COVER - len(rows)]
    ]
    return rows


def _ranking_note(content: BundleContent) -> str:
    exported = len(content.subjects)
    total = exported + len(content.others)
    text = "Badge: exported here. " if content.others else ""
    if content.others:
        text += "The others of this case are listed so that nothing is left out. "
    return text + _more(total, _CLUSTERS_ON_COVER, "cluster", "data/clusters.csv")


def _given(content: BundleContent) -> dict[str, Any]:
    sources = content.sources
    total = {"records": 0} | {fate.value: 0 for fate in Fate}
    for source in sources:
        for name in total:
            total[name] += source.accounting.as_dict()[name]
    fates = [fate.value for fate in _FATES if fate in _ALWAYS or total[fate.value]]

    def row(name: str, counts: dict[str, int]) -> list[str]:
        return [name, f"{counts['records']:,}", *(f"{counts[fate]:,}" for fate in fates)]

    shown = sources[:_SOURCES_ON_COVER]
    rows = [row(_file_name(s.path), s.accounting.as_dict()) for s in shown]
    if len(sources) > len(shown):
        rows.append([f"… {len(sources) - len(shown):,} more", *[""] * (len(fates) + 1)])
    if len(sources) != 1:
        rows.append(row("Total", total))
    note = (
        f"Records = {' + '.join(fates)}. SHA-256 of each source: data/sources.csv. "
        "Rejected records are kept, with byte offset and reason."
    )
    return {"columns": ["Records", *(f.capitalize() for f in fates)], "rows": rows, "note": note}


# --- a subject -------------------------------------------------------------------------------
def _subject(
    subject: Subject, content: BundleContent, figures: dict[tuple[str, str], dict[str, Any]]
) -> dict[str, Any]:
    believed = [line for line in subject.signals if line.percentile is not None]
    believed.sort(key=lambda line: -(line.percentile or 0.0))
    missing = [line for line in subject.signals if line.percentile is None]
    look_alike = subject.lookalike
    if subject.lookalike_distance is not None:
        look_alike += f", distance {subject.lookalike_distance:.2f}"
    nominal = " q is nominal: no benign frame was declared." if subject.q_nominal else ""
    return {
        "id": subject.id,
        "colour": CATEGORIES[subject.category],
        "confirmed": subject.confirmed,
        "label": _label(subject.label),
        "verdict": subject.verdict,
        "standing": _standing(subject),
        "story": list(subject.story) or ["No account of what it did was computed."],
        "reviewed": _reviewed(subject),
        "timeline": figures.get((subject.id, "timeline")),
        "coverage": figures.get((subject.id, "coverage")),
        "coverage_missing": subject.coverage_missing or "Not assessed.",
        "place": figures.get((subject.id, "place")),
        "population": f"Among {content.case.n_accounts:,} accounts",
        "signals": [
            {
                "axis": line.axis.capitalize(),
                "title": line.title,
                "value": line.value,
                "percentile": line.percentile,
                "percentile_text": "" if line.percentile is None else f"{line.percentile:.1f}",
            }
            for line in subject.signals
        ],
        "sentences": [line.sentence for line in [*believed[:_SENTENCES], *missing]]
        or ["No signal was measured."],
        "against": list(subject.against),
        "lookalike": f"{look_alike}.",
        "axes": [
            {"name": axis.capitalize(), "p": "not assessed" if p is None else small(p)}
            for axis, p in subject.axes.items()
        ],
        "axes_note": "p against clusters of benign accounts found in the same way." + nominal,
        "loss": [list(pair) for pair in subject.loss],
        "check_next": list(subject.check_next),
        "decisions": [_decision(d) for d in content.decisions if d.entry in set(subject.entries)],
        **_accounts(subject, content),
        "exhibits": [
            {
                "number": exhibit.number,
                "facts": f"exchange {exhibit.exchange_id}, {elide(exhibit.account, 40)}, "
                f"{stamp(exhibit.at_us) or 'time not known'}, {_file_name(exhibit.source)} record "
                f"{exhibit.record_no:,}: {exhibit.reason}",
                "prompt": _cut(exhibit.prompt, exhibit.n_characters),
            }
            for exhibit in subject.exhibits
        ],
        "exhibit_rule": subject.exhibit_rule or "No exchange with a prompt.",
    }


def _standing(subject: Subject) -> str:
    parts = []
    if subject.score is not None:
        parts.append(f"score {subject.score:.2f}")
    if subject.q is not None:
        parts.append(f"q = {small(subject.q)}" + (" (nominal)" if subject.q_nominal else ""))
    if subject.stability is not None:
        parts.append(f"stable in {100 * subject.stability:.0f} of 100 resamples")
    return ", ".join(parts)


def _reviewed(subject: Subject) -> str:
    parts = [f"{count:,} {label}" for label, count in sorted(subject.labelled.items())]
    if subject.n_unreviewed:
        parts.append(f"{subject.n_unreviewed:,} not reviewed by anyone")
    text = f"Labels of its accounts: {', '.join(parts)}. " if parts else ""
    if subject.n_members > subject.n_accounts:
        members = plural(subject.n_members, "member", "members")
        text += f"Exported: {subject.n_accounts:,} of its {members}. "
    if subject.n_entities is not None and subject.is_cluster:
        text += f"Openly they are {plural(subject.n_entities, 'customer', 'different customers')}."
    return text.strip()


def _accounts(subject: Subject, content: BundleContent) -> dict[str, Any]:
    exported = {one.id for one in content.subjects if one.is_cluster}
    rows = [
        row
        for row in content.accounts.to_pylist()
        if row["cluster_id"] == subject.id
        or (not subject.is_cluster and row["cluster_id"] not in exported)
    ]
    return {
        "accounts": [
            {
                "name": elide(str(row["account_id"]), 44),
                "exchanges": f"{row['n_exchanges']:,}",
                "first": _minute(row["first_ts"]),
                "last": _minute(row["last_ts"]),
                "membership": _decimal(row["membership"]),
                "score": _decimal(row["score"]),
                "label": row["label"] or "-",
            }
            for row in rows[:_ACCOUNTS]
        ],
        "accounts_note": _more(len(rows), _ACCOUNTS, "account", "data/accounts.csv")
        or "All of them, also in data/accounts.csv.",
    }


# --- method and provenance -------------------------------------------------------------------
def _method(content: BundleContent) -> dict[str, Any]:
    method = content.method
    return {
        "how": _HOW,
        "limits": list(method.limits) or ["None recorded."],
        "error_rates": list(method.error_rates) or ["Not measured on this case."],
        "signals": [
            {
                "axis": row["axis"].capitalize(),
                "title": row["title"],
                "source": row["source"],
                "evades": f"Not assessed: {row['not_assessed']}"
                if row.get("not_assessed")
                else row["evades"],
            }
            for row in method.signals.to_pylist()
        ],
        "settings": _pairs(method.settings),
        "stages": [
            {"stage": s["stage"], "key": s["key"][:32], "digest": s["digest"][:32]}
            for s in method.stages
        ],
        "runs": [_run(run) for run in method.runs[-_RUNS:]],
        "runs_note": "Abandoned runs are listed too. "
        + _more(len(method.runs), _RUNS, "earlier run", "data/method/runs.jsonl"),
        "versions": _pairs(method.versions),
    }


def _run(run: Run) -> dict[str, str]:
    settings = " ".join(f"{name}={value}" for name, value in sorted(run.settings.items()))
    return {
        "at": stamp(run.at_us) or "",
        "analyst": elide(run.analyst, 40),
        "outcome": run.outcome,
        "settings": elide(settings, 160),
        "journal": f"line {run.line:,}",
    }


def _batch(batch: Any) -> dict[str, Any]:
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
    files = plural(len(batch.sources), "file", "files")
    return {
        "title": f"Import {batch.number}, {stamp(batch.opened_us)} UTC, {files}",
        "frame": [{"name": name, "value": elide(value, 600) or None} for name, value in rows],
    }


def _source(source: SourceReport) -> dict[str, str]:
    counts = source.accounting.as_dict()
    parts = [f"{counts[f.value]:,} {f.value}" for f in _FATES if counts[f.value]] or ["0 loaded"]
    columns = ", ".join(f"{name} {n:,}" for name, n in sorted(source.coerced_columns.items()))
    packed = f", {source.compression}" if source.compression else ""
    return {
        "path": elide(source.path, 200),
        "facts": f"{source.size:,} bytes, {source.format or 'not recognised'}{packed}",
        "sha256": source.sha256 or "not read",
        "equation": f"{counts['records']:,} records = {' + '.join(parts)}",
        "coerced": f"Fields that could not be read and became NULL: {columns}." if columns else "",
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "at": stamp(decision.at_us) or "",
        "analyst": elide(decision.analyst, 40),
        "label": _label(decision.label),
        "why": elide(decision.why, 400),
        "accounts": f"{len(decision.accounts):,}",
        "cluster": decision.cluster_id,
        "journal": f"line {decision.line:,}",
        "withdrawn": bool(decision.withdrawn),
    }


def _figure(number: int, drawn: Drawn, content: BundleContent) -> dict[str, Any]:
    subject = next((s for s in content.subjects if s.id == drawn.subject), None)
    return {
        "number": number,
        "svg": drawn.svg,
        "alt": drawn.alt,
        "caption": _caption(drawn.kind, subject, content),
        "numbers": f"figures/{drawn.name}.csv",
    }


def _caption(kind: str, subject: Subject | None, content: BundleContent) -> str:
    if subject is None:
        return (
            f"All {content.case.n_exchanges:,} exchanges, placed by meaning of the prompt. Grey: "
            "all other traffic. Every exchange is drawn; darker is denser."
        )
    if kind == "timeline" and subject.timeline is not None:
        return (
            f"Exchanges a {subject.timeline.per} (UTC) in the region where it asks. Coloured: "
            f"{subject.id}. Grey: other accounts."
        )
    if kind == "coverage" and subject.coverage is not None:
        curve = subject.coverage
        return (
            f"Cells visited by exchanges sent, of {curve.cells:,}, against {curve.groups:,} groups "
            f"of equal volume drawn from {curve.baseline}. Dashed: their median."
        )
    region = subject.place.region if subject.place is not None else ""
    near = f" Most frequent words there: {region}." if region else ""
    return f"{subject.id} on the map, other traffic in grey.{near}"


# --- words and numbers -----------------------------------------------------------------------
def _label(label: Label | None) -> dict[str, str] | None:
    if label is None:
        return None
    return {"word": label.value, "title": label.value.replace("-", " ").capitalize()}


def _more(total: int, shown: int, noun: str, file: str) -> str:
    if total <= shown:
        return ""
    return f"{plural(total - shown, f'more {noun}', f'more {noun}s')} in {file}."


def _pairs(values: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"name": name, "value": value if isinstance(value, str) else _json(value)}
        for name, value in sorted(values.items())
    ]


def _json(value: Any) -> str:
    return elide(orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS).decode(), 300)


def _listed(names: list[str]) -> str:
    shown = [elide(name, 40) for name in names[:4]]
    if len(names) > 4:
        shown.append(f"{len(names) - 4} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _file_name(path: str) -> str:
    return elide(path.replace("\\", "/").rsplit("/", 1)[-1], 60)


def _cut(prompt: str, n_characters: int) -> str:
    more = n_characters - len(prompt)
    return f"{prompt} … ({more:,} more characters)" if more > 0 else prompt


def _minute(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _decimal(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.2f}"


def small(p: float) -> str:
    """A probability: three decimals, or the bound that it lies under."""
    return f"{p:.4f}".rstrip("0").rstrip(".") if p >= 0.0001 else "< 0.0001"


def percent(share: float) -> str:
    """A share as per cent with one decimal; what is not zero never reads as zero."""
    return "< 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def stamp(at_us: int | None) -> str | None:
    """UTC microseconds to the minute: "2026-05-12 09:22"."""
    if at_us is None:
        return None
    return f"{datetime.fromtimestamp(at_us // 1_000_000, UTC):%Y-%m-%d %H:%M}"


def period(first_us: int | None, last_us: int | None) -> str:
    """Two days in prose: "12 May to 24 June 2026"; empty when not known."""
    if first_us is None or last_us is None:
        return ""
    first, last = (datetime.fromtimestamp(at // 1_000_000, UTC) for at in (first_us, last_us))
    begin = f"{first.day} {first:%B}" + (f" {first.year}" if first.year != last.year else "")
    return f"{begin} to {last.day} {last:%B %Y}"
