"""What the report of a share edition prints, as plain JSON data, and the PDF of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.bundle.documents import PROVES_NOT, PROVES_OF_SHARE
from workbench.bundle.figures import CATEGORIES
from workbench.bundle.phrases import (
    MEASURED,
    decimal,
    label_words,
    minute,
    more,
    pairs,
    period,
    stamp,
)
from workbench.bundle.report import compiled
from workbench.domain.label import short_fingerprint
from workbench.domain.text import (
    discovery_text,
    likely_text,
    percentile_text,
    plural,
    probability_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from workbench.bundle.figures import Drawn
    from workbench.bundle.share.content import ShareContent, SharedSubject

_SKELETONS: Final = "A skeleton is shown where six prompts of three accounts share it."
_WITHHELD: Final = (
    f"{_SKELETONS} Some are left out all the same: what their prompts say is withheld in this case."
)
#: Most rows printed; the files hold all of them.
_ACCOUNTS: Final = 40
_TEMPLATES: Final = 12
_HOW: Final = (
    "Computed from logs of one provider by the Distillation Workbench. Accounts that are openly "
    "one customer count as one; those that present themselves as strangers are linked by what they "
    "ask, how they send and what they share, and tested on three axes: content, automation, "
    "coordination. The verdict multi-axis needs content and one other axis; one axis alone is "
    "triage. A person decides what is confirmed."
)


def render(content: ShareContent, figures: Sequence[Drawn]) -> bytes:
    """The report as a PDF file: the same bytes for the same content."""
    return compiled(report_data(content, figures), "share.typ", content.as_of_us)


def report_data(content: ShareContent, figures: Sequence[Drawn]) -> dict[str, Any]:
    """What the template prints."""
    first = [one.first_us for one in content.subjects if one.first_us is not None]
    last = [one.last_us for one in content.subjects if one.last_us is not None]
    n_accounts = sum(one.n_accounts for one in content.subjects)
    drafts = any(one.draft for one in content.subjects)
    some = any(one.confirmed for one in content.subjects)
    unconfirmed = "not all confirmed by a person" if some else "not confirmed by a person"
    return {
        "recipient": content.recipient,
        "marking": content.marking,
        "digest": content.digest,
        "key_id": content.key_id,
        "draft": unconfirmed if drafts else "",
        "title": "Findings shared for review" if drafts else "Shared evidence",
        "subtitle": f"Exchanges of {period(min(first, default=None), max(last, default=None))}"
        if first
        else "Times are not known",
        "key_figures": [
            {"value": f"{n_accounts:,}", "words": "account" if n_accounts == 1 else "accounts"},
            {"value": f"{content.n_evidence:,}", "words": "exchanges"},
            {"value": f"{content.templates.num_rows:,}", "words": "templates"},
        ],
        "how": _HOW,
        "against": [
            f"{one.id}: {line}" if len(content.subjects) > 1 else line
            for one in content.subjects[:3]
            for line in one.against[:2]
        ],
        "subjects": [_subject(one, content, figures) for one in content.subjects],
        "decisions": [
            {
                "at": stamp(one.at_us) or "",
                "analyst": one.analyst or "Analyst",
                "key": short_fingerprint(one.fingerprint),
                "label": label_words(one.label),
                "cluster": one.cluster_id,
                "accounts": f"{one.n_accounts:,}",
                "withdrawn": one.withdrawn,
            }
            for one in content.decisions
        ],
        "exhibits": [
            {
                "number": f"E-{one.number}",
                "facts": f"{one.account}, {stamp(one.at_us) or 'time not known'}",
                "prompt": one.prompt,
            }
            for one in content.exhibits
        ],
        "sources": [
            {"sha256": row["sha256"] or "not read", "exchanges": f"{row['n_exchanges']:,}"}
            for row in content.sources.slice(0, 60).to_pylist()
        ],
        "sources_note": more(content.sources.num_rows, 60, "log", "data/sources.csv"),
        "journals": [
            {"key": key, "lines": f"{head['number']:,}", "digest": head["digest"]}
            for key, head in sorted(content.heads.items())
        ],
        "redactions": [
            {"what": one.what, "rule": one.rule, "count": f"{one.count:,}"}
            for one in content.redactions
            if one.count
        ],
        "measured": MEASURED,
        "error_rates": list(content.error_rates),
        "limits": list(content.limits),
        "settings": pairs(content.settings),
        "versions": pairs(content.versions),
        "stages": [
            {"stage": stage, "key": key[:32], "digest": digest[:32]}
            for stage, key, digest in content.stages
        ],
        "proves": list(PROVES_OF_SHARE),
        "proves_not": list(PROVES_NOT),
    }


def left_out(one: SharedSubject) -> tuple[str, ...]:
    """That sentences are missing; empty where none is."""
    if not one.left_out:
        return ()
    return (
        f"Left out here: {plural(one.left_out, 'sentence', 'sentences')} of the full edition that "
        "name values of the log. Ask the sender.",
    )


def _subject(one: SharedSubject, content: ShareContent, figures: Sequence[Drawn]) -> dict[str, Any]:
    mine = {
        drawn.kind: {
            "number": number,
            "svg": drawn.svg,
            "alt": drawn.alt,
            "caption": drawn.alt,
            "numbers": f"data/figures/{drawn.name}.csv",
        }
        for number, drawn in enumerate(figures, 1)
        if drawn.subject == one.id
    }
    standing = []
    if one.score is not None:
        standing.append(f"score {one.score:.2f}")
    if one.q is not None:
        nominal = " (nominal)" if one.q_nominal else ""
        standing.append(f"q = {discovery_text(one.q, one.level)}{nominal}")
    accounts = _of(content.accounts, one)
    templates = _of(content.templates, one)
    return {
        "id": one.id,
        "title": one.id if one.is_cluster else "Accounts in no cluster",
        "is_cluster": one.is_cluster,
        "colour": CATEGORIES[one.category],
        "label": label_words(one.label),
        "verdict": one.verdict,
        "standing": ", ".join(standing),
        "said": " ".join(one.said)
        or f"{plural(one.n_accounts, 'account', 'accounts')} sent "
        f"{plural(one.n_exchanges, 'exchange', 'exchanges')}"
        + (f", {span}." if (span := period(one.first_us, one.last_us)) else "."),
        "against": [*one.against, *left_out(one)],
        "lookalike": one.lookalike,
        "lookalikes": list(one.lookalikes),
        "axes": [
            {
                "name": axis.capitalize(),
                "p": "not assessed" if p is None else probability_text(p),
            }
            for axis, p in one.axes.items()
        ],
        "measures": [
            {
                "axis": measure.axis.capitalize(),
                "title": measure.title,
                "value": measure.value,
                "percentile": measure.percentile,
                "percentile_text": ""
                if measure.percentile is None
                else percentile_text(measure.percentile),
            }
            for measure in one.measures
        ],
        "timeline": mine.get("timeline"),
        "coverage": mine.get("coverage"),
        "templates": [
            {
                "name": row["template"],
                "skeleton": row["skeleton"],
                "prompts": f"{row['n_prompts']:,}",
                "exchanges": f"{row['n_exchanges']:,}",
                "accounts": f"{row['n_accounts']:,}",
            }
            for row in templates.slice(0, _TEMPLATES).to_pylist()
        ],
        "skeletons": _WITHHELD if content.withheld else _SKELETONS,
        "templates_note": more(templates.num_rows, _TEMPLATES, "template", "data/templates.csv"),
        "accounts": [
            {
                "name": row["account"],
                "exchanges": f"{row['n_exchanges']:,}",
                "first": minute(row["first_ts"]),
                "last": minute(row["last_ts"]),
                "membership": "-" if row["membership"] is None else likely_text(row["membership"]),
                "score": decimal(row["score"]),
                "label": row["label"] or "-",
            }
            for row in accounts.slice(0, _ACCOUNTS).to_pylist()
        ],
        "accounts_note": more(accounts.num_rows, _ACCOUNTS, "account", "data/accounts.csv"),
    }


def _of(table: pa.Table, one: SharedSubject) -> pa.Table:
    """The rows of a subject; those of accounts in no cluster have none."""
    import pyarrow.compute as pc

    column = table.column("cluster_id")
    return table.filter(pc.equal(column, one.id) if one.is_cluster else pc.is_null(column))
