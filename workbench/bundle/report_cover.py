"""The first page of the report: what it is, the finding in short, what was given.

A report on accounts that somebody picked is titled as what it is and claims nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.bundle.figures import CATEGORIES
from workbench.bundle.phrases import file_name, label_words, listed, more, percent, period
from workbench.bundle.report_provenance import ALWAYS, FATES
from workbench.domain.exchange import Fate
from workbench.domain.finding import Verdict
from workbench.domain.label import short_fingerprint
from workbench.domain.text import plural, probability_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.bundle.content import BundleContent, Decision
    from workbench.bundle.subject import Subject

#: Most rows printed; the files hold all of them, and the report says how many more there are.
_CLUSTERS_ON_COVER: Final = 8
_SOURCES_ON_COVER: Final = 5
_LIMITS_ON_COVER: Final = 3
_LOOKALIKES_ON_COVER: Final = 3
#: Verdicts with which the analysis itself says that accounts are coordinated, or may be.
_FOUND: Final = frozenset({Verdict.MULTI_AXIS.value, Verdict.TRIAGE.value})


def cover_data(content: BundleContent) -> dict[str, Any]:
    """What the first page shows, but for the map."""
    n_all = content.case.n_exchanges
    share = content.n_evidence / n_all if n_all else 0.0
    return {
        **_title(content),
        "key_figures": [*_counts(content), {"value": percent(share), "words": "of all exchanges"}],
        "summary": _summary(content),
        "clusters": _ranking(content),
        "clusters_note": _ranking_note(content),
        "against": list(content.against) or [s.against[0] for s in content.subjects],
        "cover_lookalikes": _lookalikes(content),
        "cover_limits": list(content.method.limits[:_LIMITS_ON_COVER]),
        "given": _given(content),
    }


def _lookalikes(content: BundleContent) -> str:
    """The nearest benign look-alike of each of the first clusters, near or not, if not yet told."""
    parts = []
    for one in _clusters(content)[:_LOOKALIKES_ON_COVER]:
        if one.lookalike_told or any(one.lookalike in line for line in content.against):
            continue
        far = "" if one.lookalike_distance is None else f", distance {one.lookalike_distance:.2f}"
        parts.append(f"{one.id}: {one.lookalike}{far}")
    return "; ".join(parts)


def _title(content: BundleContent) -> dict[str, str]:
    """Title, subtitle and the headings that depend on what the report is."""
    against = "What speaks against it"
    if content.campaigns:
        title, what = "Evidence on coordinated accounts", _confirmed(content)
    elif content.makes_claims:
        title, what = "Findings for review", "Computed and not yet confirmed by a person"
    else:
        n = plural(_n_accounts(content), "selected account", "selected accounts")
        title, what = f"Exchanges of {n}", "Selected by a person; no campaign is claimed"
        against = "What speaks against a finding"
    span = period(content.case.first_us, content.case.last_us)
    return {
        "title": title,
        "subtitle": f"{what}; logs of {span}" if span else what,
        "heading": "The finding" if content.makes_claims else "What is exported",
        "against_heading": against,
    }


def _n_accounts(content: BundleContent) -> int:
    return sum(subject.n_accounts for subject in content.subjects)


def _confirmed(content: BundleContent) -> str:
    """What stands under the title of a report with campaigns.

    The analysis is said to find them where it does, of all that is exported.
    """
    campaigns, clusters = content.campaigns, _clusters(content)
    if len(campaigns) < len(clusters):
        of = plural(len(clusters), "cluster", "clusters")
        return f"{len(campaigns):,} of {of} confirmed by a person"
    if len(clusters) < len(content.subjects):
        return "Confirmed by a person, beside accounts in no cluster"
    if all(one.verdict in _FOUND for one in campaigns):
        return "Found by the analysis, confirmed by a person"
    return "Confirmed by a person; the analysis has no finding of its own"


def _clusters(content: BundleContent) -> list[Subject]:
    return [subject for subject in content.subjects if subject.is_cluster]


def _counts(content: BundleContent) -> list[dict[str, str]]:
    """Campaigns, accounts and exchanges; how many of each, where not all are confirmed."""
    campaigns, clusters = content.campaigns, _clusters(content)
    n_accounts, n_exchanges = _n_accounts(content), content.n_evidence
    accounts = _key(n_accounts, "account", "accounts")
    exchanges = _key(n_exchanges, "exchange", "exchanges")
    if not content.makes_claims:
        return [accounts, exchanges]
    if not campaigns or len(campaigns) == len(content.subjects):
        campaign = _key(len(campaigns), "campaign confirmed", "campaigns confirmed")
        return [campaign, accounts, exchanges]
    confirmed = (
        len(campaigns),
        sum(campaign.n_accounts for campaign in campaigns),
        sum(campaign.n_exchanges for campaign in campaigns),
    )
    whole = (_key(len(clusters), "cluster", "clusters"), accounts, exchanges)
    return [
        {**figure, "words": f"{figure['words']}, {count:,} confirmed"}
        for figure, count in zip(whole, confirmed, strict=True)
    ]


def _key(count: int, one: str, many: str) -> dict[str, str]:
    return {"value": f"{count:,}", "words": one if count == 1 else many}


def _summary(content: BundleContent) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [
        {
            "subject": f"{subject.id}:" if subject.is_cluster else None,
            "text": _part_of(subject) + " ".join(subject.story[: 3 if rank < 2 else 1]),
        }
        for rank, subject in enumerate(content.subjects[:4])
    ]
    left = len(content.subjects) - 4
    if left > 0:
        lines.append({"subject": None, "text": f"{left:,} more follow, each on pages of its own."})
    bound = {entry for subject in content.subjects for entry in subject.entries}
    judged = _analysts(d for d in content.decisions if d.entry in bound and not d.withdrawn)
    who = f"Labels were given by {listed(judged)}." if judged else _nobody(content)
    closing = (
        " A finding is computed and accuses nobody; a label is a person's decision. Each section "
        "names the benign explanations, nearest first, and what speaks against."
        if content.makes_claims
        else ""
    )
    lines.append({"subject": None, "text": f"{who}{closing}"})
    return lines


def _nobody(content: BundleContent) -> str:
    whom = "it" if _n_accounts(content) == 1 else "them"
    return f"No person has labelled {whom}."


def _analysts(decisions: Iterable[Decision]) -> list[str]:
    """Who decided, by name; with the key where several keys go by one name."""
    keys = {(decision.analyst, decision.fingerprint) for decision in decisions}
    names = [name for name, _ in keys]
    return sorted(
        name if names.count(name) == 1 else f"{name} ({short_fingerprint(fingerprint)})"
        for name, fingerprint in keys
    )


def _part_of(subject: Subject) -> str:
    """That less is exported than the finding speaks of; empty where all of it is."""
    if subject.n_members <= subject.n_accounts:
        return ""
    return f"{subject.n_accounts:,} of its {subject.n_members:,} accounts exported. "


def _ranking(content: BundleContent) -> list[dict[str, Any]]:
    names = ("cluster_id", "q")
    q_of = dict(zip(*(content.clusters.column(name).to_pylist() for name in names), strict=True))
    rows = [
        {
            "id": subject.id if subject.is_cluster else "none",
            "colour": CATEGORIES[subject.category],
            "label": label_words(subject.label),
            "exported": True,
            "accounts": f"{subject.n_accounts:,}",
            "exchanges": f"{subject.n_exchanges:,}",
            "q": _q(subject.q if subject.is_cluster else None),
        }
        for subject in content.subjects[:_CLUSTERS_ON_COVER]
    ]
    rows += [
        {
            "id": other.id,
            "colour": CATEGORIES[-1],
            "label": label_words(other.label),
            "exported": False,
            "accounts": f"{other.n_accounts:,}",
            "exchanges": f"{other.n_exchanges:,}",
            "q": _q(q_of.get(other.id)),
        }
        for other in content.others[: _CLUSTERS_ON_COVER - len(rows)]
    ]
    return rows


def _q(q: float | None) -> str:
    return "-" if q is None else probability_text(q)


def _ranking_note(content: BundleContent) -> str:
    exported = len(content.subjects)
    total = exported + len(content.others)
    text = "Badge: exported here. " if content.others else ""
    if content.others:
        text += "The others of this case are listed so that nothing is left out. "
    return text + more(total, _CLUSTERS_ON_COVER, "cluster", "data/clusters.csv")


def _given(content: BundleContent) -> dict[str, Any]:
    sources = content.sources
    total = {"records": 0} | {fate.value: 0 for fate in Fate}
    for source in sources:
        for name in total:
            total[name] += source.accounting.as_dict()[name]
    fates = [fate.value for fate in FATES if fate in ALWAYS or total[fate.value]]

    def row(name: str, counts: dict[str, int]) -> list[str]:
        return [name, f"{counts['records']:,}", *(f"{counts[fate]:,}" for fate in fates)]

    shown = sources[:_SOURCES_ON_COVER]
    rows = [row(file_name(s.path), s.accounting.as_dict()) for s in shown]
    if len(sources) > len(shown):
        rows.append([f"… {len(sources) - len(shown):,} more", *[""] * (len(fates) + 1)])
    if len(sources) != 1:
        rows.append(row("Total", total))
    note = (
        f"Records = {' + '.join(fates)}. SHA-256 of each source: data/sources.csv. "
        "Rejected records are kept, with byte offset and reason. "
        f"{content.texts.words}"
    )
    return {"columns": ["Records", *(f.capitalize() for f in fates)], "rows": rows, "note": note}
