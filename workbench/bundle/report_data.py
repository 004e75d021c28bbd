"""What the report prints, as plain JSON data: numbers written out, sentences, table rows.

Typst lays it out and decides nothing. Counts are exact with thousands separators, times are UTC
and say so. Where there is no value the report says "not assessed", never zero.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from workbench.bundle.documents import PROVES, PROVES_NOT
from workbench.bundle.figures import CATEGORIES
from workbench.bundle.phrases import (
    MEASURED,
    cut_prompt,
    decimal,
    file_name,
    label_words,
    minute,
    more,
    stamp,
)
from workbench.bundle.report_cover import cover_data
from workbench.bundle.report_provenance import (
    batch_data,
    decision_data,
    method_data,
    source_data,
)
from workbench.bundle.subject import numbers_name, prices_name
from workbench.domain.text import (
    clock_words,
    discovery_text,
    elide,
    likely_text,
    percentile_text,
    plural,
    probability_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.bundle.content import BundleContent
    from workbench.bundle.figures import Drawn
    from workbench.bundle.subject import CoverageCurve, SignalLine, Subject

#: Most rows printed; the files hold all of them, and the report says how many more there are.
_SOURCES: Final = 40
_ACCOUNTS: Final = 15
_DECISIONS: Final = 60
_SENTENCES: Final = 6
_CLOCKS: Final = 10
_TESTED: Final = (
    "A measure can rank high among the comparison groups of its axis though it is few sd from "
    "ordinary groups."
)
_NOMINAL: Final = " q is nominal: the comparison groups are of this log itself."


def report_data(content: BundleContent, figures: Sequence[Drawn]) -> dict[str, Any]:
    """Everything that the template shows.

    Args:
        content: What is exported.
        figures: The figures in the order of their numbers.
    """
    shown = [_figure(number, drawn, content) for number, drawn in enumerate(figures, 1)]
    by_place = {(drawn.subject, drawn.kind): one for drawn, one in zip(figures, shown, strict=True)}
    case = content.case
    return {
        **cover_data(content),
        "overview": by_place.get(("", "map")),
        "draft": _draft(content),
        "case": {
            "name": case.name,
            "name_short": elide(case.name, 60),
            "id_short": f"case {case.id.removeprefix('case-')[:12]}",
            "digest": case.digest,
            "digest_short": f"{case.digest[:4]} {case.digest[4:8]} {case.digest[8:12]} "
            f"{case.digest[12:16]} … {case.digest[-4:]}",
            "marking": elide(case.marking, 30),
        },
        "subjects": [_subject(subject, content, by_place) for subject in content.subjects],
        "method": method_data(content),
        "examinations": _examinations(content),
        "batches": [batch_data(batch) for batch in content.batches],
        "sources": [source_data(source) for source in content.sources[:_SOURCES]],
        "sources_note": more(len(content.sources), _SOURCES, "source", "data/sources.csv"),
        "decisions": [decision_data(decision) for decision in content.decisions[-_DECISIONS:]],
        "decisions_note": "Withdrawn labels are kept. Why, who and every account key: "
        "data/labels.jsonl. "
        + more(len(content.decisions), _DECISIONS, "earlier decision", "data/labels.jsonl"),
        "journals": [
            {
                "key": journal.key,
                "lines": f"{len(journal.lines):,}",
                "digest": str(journal.head.get("digest", "")),
            }
            for journal in content.journals
        ],
        "clock": _clock(content),
        "stamps": [
            {
                "at": f"{stamp.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                "authority": elide(stamp.authority, 120),
                "digest": stamp.digest,
            }
            for stamp in content.stamps
        ],
        "proves": list(PROVES),
        "proves_not": list(PROVES_NOT),
    }


def _clock(content: BundleContent) -> str:
    """Whether times of entries can be taken as they stand."""
    lines = [
        f"line {line:,} of {journal.key[:8]} ({clock_words(us)})"
        for journal in content.journals
        for line, us in journal.clock
    ]
    if not lines:
        return (
            "No entry is older than what came before it: nothing shows that a clock was set back."
        )
    named = "; ".join(lines[:_CLOCKS]) + ("; …" if len(lines) > _CLOCKS else "")
    return (
        f"The clock was set back before {plural(len(lines), 'entry was', 'entries were')} written: "
        f"{named}. The order of entries rests on their hashes, not on clocks."
    )


def _draft(content: BundleContent) -> str:
    """What stands on every page behind DRAFT; empty where each cluster was confirmed."""
    drafts = [subject.draft for subject in content.subjects if subject.is_cluster]
    if not any(drafts):
        return ""
    return "not confirmed by a person" if all(drafts) else "not all confirmed by a person"


# --- a subject -------------------------------------------------------------------------------
def _subject(
    subject: Subject, content: BundleContent, figures: dict[tuple[str, str], dict[str, Any]]
) -> dict[str, Any]:
    believed = [line for line in subject.signals if line.tested and line.percentile is not None]
    believed.sort(key=lambda line: -(line.percentile or 0.0))
    missing = [line for line in subject.signals if line.tested and line.percentile is None]
    look_alike = subject.lookalike
    if subject.lookalike_distance is not None:
        look_alike += f", distance {subject.lookalike_distance:.2f}"
    return {
        "id": subject.title,
        "is_cluster": subject.is_cluster,
        "colour": CATEGORIES[subject.category],
        "label": label_words(subject.label),
        "verdict": subject.verdict,
        "standing": _standing(subject),
        "story": list(subject.story) or ["No account of what it did was computed."],
        "reviewed": _reviewed(subject),
        "timeline": figures.get((subject.id, "timeline")),
        "coverage": figures.get((subject.id, "coverage")),
        "coverage_missing": subject.coverage_missing or "Not assessed.",
        "place": figures.get((subject.id, "place")),
        "population": "Among ordinary groups"
        if subject.is_cluster
        else f"Among {plural(content.case.n_accounts, 'account', 'accounts')}",
        "signals_note": MEASURED if subject.is_cluster else "",
        "signals": [
            _signal(line) for line in sorted(subject.signals, key=lambda line: not line.tested)
        ],
        "sentences": [line.sentence for line in [*believed[:_SENTENCES], *missing]]
        or ["No signal was measured of these accounts together."],
        "against": list(subject.against),
        "lookalike": "" if subject.lookalike_told else f"{look_alike}.",
        "axes": [
            {"name": axis.capitalize(), "p": "not assessed" if p is None else probability_text(p)}
            for axis, p in subject.axes.items()
        ],
        "axes_note": _TESTED + (_NOMINAL if subject.q_nominal else ""),
        "delivered": _delivered(subject),
        "check_next": list(subject.check_next),
        "looked": list(subject.looked),
        "facts": [
            {
                "title": fact.title,
                "value": fact.value,
                "p": fact.p or "-",
                "comparisons": fact.comparisons or "-",
                "speaks": fact.speaks,
            }
            for fact in subject.facts
        ],
        "sure": list(subject.sure),
        "lookalikes": list(subject.lookalikes),
        "decisions": [
            decision_data(d) for d in content.decisions if d.entry in set(subject.entries)
        ],
        **_accounts(subject, content),
        "exhibits": [
            {
                "number": exhibit.number,
                "reason": exhibit.reason,
                "facts": f"exchange {exhibit.exchange_id}, account {elide(exhibit.account, 40)}, "
                f"{stamp(exhibit.at_us) or 'time not known'}, {file_name(exhibit.source)} record "
                f"{exhibit.record_no:,}",
                "prompt": cut_prompt(exhibit.prompt, exhibit.n_characters),
            }
            for exhibit in subject.exhibits
        ],
        "exhibit_rule": subject.exhibit_rule or "No exchange with a prompt.",
    }


def _examinations(content: BundleContent) -> dict[str, Any]:
    """What each number that was looked at is, once for all clusters; a letter for each null."""
    facts = {fact.title: fact for one in content.subjects for fact in one.facts if fact.formula}
    nulls = list(dict.fromkeys(fact.null for fact in facts.values()))
    return {
        "rows": [
            {
                "title": fact.title,
                "formula": fact.formula,
                "null": _letter(nulls.index(fact.null)),
                "source": fact.source,
                "evades": fact.evades,
            }
            for fact in facts.values()
        ],
        "nulls": [f"{_letter(place)}: {null}." for place, null in enumerate(nulls)],
    }


def _letter(place: int) -> str:
    """a, b, c."""
    return chr(ord("a") + place)


def _delivered(subject: Subject) -> dict[str, Any] | None:
    found = subject.delivered
    if found is None:
        return None
    priced = found.price
    return {
        "parts": list(found.parts),
        "facts": [list(row) for row in found.facts],
        "capabilities": [
            {
                "head": head,
                "rows": [
                    {
                        "name": row.name,
                        "exchanges": f"{row.n_exchanges:,}",
                        "share": row.share,
                        "percent": f"{100 * row.share:.1f} %",
                        "output": row.out_tok,
                        "reasoning": row.reasoning_tok,
                    }
                    for row in rows
                ],
            }
            for head, rows in found.capabilities
        ],
        "notes": list(found.notes),
        "numbers": f"data/figures/{numbers_name(subject)}.csv",
        "price": None
        if priced is None
        else {
            "rows": [list(row) for row in priced.rows],
            "notes": list(priced.notes),
            "numbers": f"data/figures/{prices_name(subject)}.csv",
        },
    }


def _signal(line: SignalLine) -> dict[str, Any]:
    text = "" if line.percentile is None else percentile_text(line.percentile)
    return {
        "axis": line.axis.capitalize() if line.tested else "Context",
        "title": line.title,
        "value": line.value,
        "percentile": line.percentile,
        "percentile_text": text,
    }


def _standing(subject: Subject) -> str:
    if not subject.is_cluster:
        return ""
    parts = []
    if subject.score is not None:
        parts.append(f"score {subject.score:.2f}")
    if subject.q is not None:
        parts.append(
            f"q = {discovery_text(subject.q, subject.level)}"
            + (" (nominal)" if subject.q_nominal else "")
        )
    if subject.stability is not None:
        # Imported here: it brings numba with it, which a verifier does not need.
        from workbench.analysis.clusters.findings import RESAMPLES

        parts.append(f"stability {subject.stability:.2f} ({RESAMPLES} resamples)")
    return ", ".join(parts)


def _reviewed(subject: Subject) -> str:
    parts = [f"{count:,} {label}" for label, count in sorted(subject.labelled.items())]
    if subject.n_unreviewed:
        parts.append(f"{subject.n_unreviewed:,} not reviewed by anyone")
    text = f"Labels: {', '.join(parts)}. " if parts else ""
    if subject.n_members > subject.n_accounts:
        members = plural(subject.n_members, "member", "members")
        text += f"Exported: {subject.n_accounts:,} of its {members}. "
    if subject.n_entities is not None and subject.is_cluster:
        text += f"Openly they are {plural(subject.n_entities, 'customer', 'different customers')}."
    return text.strip()


def _accounts(subject: Subject, content: BundleContent) -> dict[str, Any]:
    of_cluster = content.accounts.column("cluster_id")
    if subject.is_cluster:
        chosen = pc.equal(of_cluster, subject.id)
    else:
        exported = pa.array([one.id for one in content.subjects if one.is_cluster], pa.string())
        chosen = pc.invert(pc.is_in(of_cluster, value_set=exported))
    own = content.accounts.filter(chosen)
    return {
        "accounts": [
            {
                "name": elide(str(row["account_id"]), 44),
                "exchanges": f"{row['n_exchanges']:,}",
                "first": minute(row["first_ts"]),
                "last": minute(row["last_ts"]),
                "membership": "-" if row["membership"] is None else likely_text(row["membership"]),
                "score": decimal(row["score"]),
                "label": row["label"] or "-",
            }
            for row in own.slice(0, _ACCOUNTS).to_pylist()
        ],
        "accounts_note": more(own.num_rows, _ACCOUNTS, "account", "data/accounts.csv")
        or "All of them, also in data/accounts.csv.",
    }


def _figure(number: int, drawn: Drawn, content: BundleContent) -> dict[str, Any]:
    subject = next((s for s in content.subjects if s.id == drawn.subject), None)
    return {
        "number": number,
        "svg": drawn.svg,
        "alt": drawn.alt,
        "caption": _caption(drawn.kind, subject, content),
        "numbers": f"data/figures/{drawn.name}.csv",
    }


def _caption(kind: str, subject: Subject | None, content: BundleContent) -> str:
    if subject is None:
        return (
            f"All {content.case.n_exchanges:,} exchanges, placed by meaning of the prompt. Grey: "
            "all other traffic. Every exchange is drawn; darker is denser."
        )
    if kind == "timeline" and subject.timeline is not None:
        return (
            f"Exchanges {subject.timeline.per} (UTC) in the region where it asks. Coloured: "
            f"{subject.title}. Grey: other accounts."
        )
    if kind == "coverage" and subject.coverage is not None:
        curve = subject.coverage
        return (
            "Different prompts (near-duplicates once) by prompts sent, against "
            f"{curve.groups:,} groups of equal volume, half of them like-minded, half drawn at "
            f"random from {curve.baseline}. Dashed: their median. {_breadth(curve)}"
        )
    region = subject.place.region if subject.place is not None else ""
    near = f" Most frequent words there: {region}." if region else ""
    return f"{subject.title} on the map, other traffic in grey.{near}"


def _breadth(curve: CoverageCurve) -> str:
    """What it means that a subject asked more or fewer things than the comparison groups."""
    own, low, high = curve.subject[-1], curve.low[-1], curve.high[-1]
    if own < low:
        return "Below them: fewer things were asked about than is usual for that volume."
    if own > high:
        return "Above them: more things were asked about than is usual for that volume."
    return "Among them: as many things were asked about as is usual for that volume."
