"""The numbers behind a finding, for a statistician: value, baseline, formula and source of each.

The same for window, command line and report. What is not known of a case that an older program
analysed is left out. Reads what was published, and computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.signal import Axis
from workbench.domain.text import percentile_text, probability_text, signed_text
from workbench.services.assurance import compared_with
from workbench.services.evidence_words import KINDS, SOURCE
from workbench.services.fact_words import fact_title
from workbench.services.measure_words import MEASURES, measure_title, signal_title, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.domain.finding import Examined, Finding
    from workbench.domain.signal import Measured

_CONFORMAL: Final = "p = (1 + groups at least as extreme) / (groups + 1) (Vovk et al. 2005)"
_COMBINED: Final = (
    "measures of the axis by their own middle and upper tail among these groups, then combined by "
    "a Cauchy mean (Liu and Xie 2020, truncated as in Fang et al. 2021)"
)
_ORDINARY: Final = (
    "interest groups of the whole log: their median, and their robust spread beside this one's own "
    "sampling error"
)

#: Longer lists of an examination's figures are counted.
_WRITTEN_OUT: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One number.

    Attributes:
        title: What it is of.
        rows: (name, text) in the order of reading.
        values: What the rows were written from, exact; plain JSON values.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers of one kind."""

    title: str
    entries: tuple[Entry, ...]


def numbers(
    finding: Finding, specs: Sequence[Mapping[str, Any]] = (), whom: Sequence[str] = ()
) -> tuple[Part, ...]:
    """Everything that was measured of a cluster or an account; parts without numbers left out.

    Args:
        finding: Of the cluster or account.
        specs: The signals of an account, rows of the table ``specs`` of the stage signals.
        whom: Among whom an account is ranked, sentences.
    """
    parts: tuple[Part, ...]
    if finding.axes:
        axes = (axis for axis in Axis if axis.value in finding.axes)
        parts = (
            Part("The claim", _claim(finding)),
            Part("Axes", tuple(_axis(finding, axis) for axis in axes)),
            Part("Measures", tuple(_measure(one) for one in finding.signals)),
            Part("Looked at more closely", tuple(fact_entry(one) for one in finding.examined)),
        )
    else:
        known = {spec["name"]: spec for spec in specs}
        signals = [_signal(one, known.get(one.signal, {}), whom) for one in finding.signals]
        parts = (
            Part("Score", _account_score(finding)),
            Part("Membership", _evidence(finding)),
            Part("Signals", tuple(signals)),
        )
    return tuple(part for part in parts if part.entries)


def as_lines(parts: Iterable[Part]) -> list[str]:
    """The numbers as indented text, one row a line."""
    lines: list[str] = []
    for part in parts:
        lines += ["", part.title]
        for entry in part.entries:
            lines.append(f"  {entry.title}")
            lines += [f"    {name}: {text}" for name, text in entry.rows]
    return lines


def as_json(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The numbers as JSON values."""
    return [
        {"part": part.title, "of": entry.title} | dict(entry.rows)
        for part in parts
        for entry in part.entries
    ]


def fact_entry(one: Examined) -> Entry:
    """One examination of a cluster: its value and p, and what they come from."""
    title = fact_title(one.name)
    rows: dict[str, str] = {}
    values: dict[str, Any] = {}
    if one.message is None:
        rows["value"] = "not assessed"
    else:
        unit = one.how.unit if one.how else ""
        rows["value"] = "none" if one.value is None else _valued(one.value, unit)
        rows["p"] = "none: it only describes" if one.p is None else probability_text(one.p)
        rows["comparisons"] = "" if one.n_null is None else f"{one.n_null:,}"
        rows["speaks"] = one.speaks
        values = {"value": one.value, "p": one.p, "n_null": one.n_null, **one.message.params}
        rows["figures"] = ", ".join(
            f"{name} {_plain(value)}" for name, value in one.message.params.items()
        )
    if one.how is not None:
        rows["compared_with"] = one.how.null
        rows["formula"] = one.how.formula
        rows["source"] = one.how.source
        rows["evaded_by"] = one.how.evades
    return _entry(f"{title[:1].upper()}{title[1:]}", values, **rows)


def _claim(finding: Finding) -> tuple[Entry, ...]:
    n_null = _nominal(finding).get("n_null")
    entries = []
    if finding.others is not None:
        content = finding.axes.get(Axis.CONTENT.value)
        p = 1.0 if content is None else max(content, finding.others)
        entries.append(
            _entry(
                "p of the claim",
                {"p": p, "content": content, "automation_or_coordination": finding.others},
                p=f"{p:.4g}",
                claim="content and one other axis",
                automation_or_coordination=f"p = {finding.others:.4g}: rank, among the null "
                "clusters, of the Cauchy mean of the two axes' ranks",
                formula="max(p content, p automation or coordination), content that is not "
                "assessed counts as 1 (intersection-union, Berger 1982)",
            )
        )
    if finding.q is not None:
        entries.append(
            _entry(
                "q, false discovery rate",
                {"q": finding.q, "limit": finding.level},
                value=f"{finding.q:.4g}",
                limit="" if finding.level is None else f"{finding.level:g}",
                formula="AdaFilter-BH over all candidates, those that came to nothing included "
                "(Wang et al. 2022)",
                standing="nominal: the comparison groups are of this log itself"
                if finding.q_nominal
                else "calibrated on traffic declared benign",
            )
        )
    if finding.score is not None:
        entries.append(
            _entry(
                "Score",
                {"score": finding.score},
                value=f"{finding.score:.4g}",
                formula="B / (1 + B), B = 1 / (-e p ln p): the most that p of the claim can speak "
                "for it (Sellke, Bayarri and Berger 2001); it orders findings, q judges them",
            )
        )
    if n_null is not None:
        entries.append(
            _entry(
                "Comparison groups",
                {"n_null": n_null},
                least=f"{n_null:,} behind each p, so that no p is below 1 / {n_null + 1:,} where "
                "there are no more",
                formula=_CONFORMAL,
            )
        )
    return tuple(entries)


def _account_score(finding: Finding) -> tuple[Entry, ...]:
    if finding.score is None:
        return ()
    entry = _entry(
        "Score of the account",
        {"score": finding.score},
        value=f"{finding.score:.4g}",
        formula="B / (1 + B), B: odds of L over odds of one in ten; L: what p of a cluster's claim "
        "leaves of it (Sellke, Bayarri and Berger 2001) times membership, or how near its evidence "
        "comes, the greatest over clusters; alone, a tenth of how rare its neighbourhood is",
        meaning=".5 = nothing learnt; it orders accounts, q judges findings",
    )
    return (entry,)


def _evidence(finding: Finding) -> tuple[Entry, ...]:
    """What speaks for belonging to its cluster; nothing of an account in none."""
    weighed = [one for one in finding.story if one.key == "account.evidence"]
    return tuple(
        _entry(
            f"{KINDS[kind][0][:1].upper()}{KINDS[kind][0][1:]}",
            {"nats": nats, "held": one.params["held"].get(kind, ())},
            value=f"{nats:+.2f} nats for {one.params['cluster_id']}",
            held_within=" to ".join(f"{end:+g}" for end in one.params["held"].get(kind, ())),
            formula=f"log-likelihood ratio: {KINDS[kind][1]}",
            source=SOURCE,
        )
        for one in weighed
        for kind, nats in one.params["nats"].items()
        if kind in KINDS
    )


def _axis(finding: Finding, axis: Axis) -> Entry:
    n_null = _nominal(finding).get("by_axis", {}).get(axis.value)
    return _entry(
        axis.value.capitalize(),
        {"p": finding.axes[axis.value], "n_null": n_null},
        p=f"{finding.axes[axis.value]:.4g}",
        compared_with=compared_with(finding, axis),
        comparisons="" if n_null is None else f"{n_null:,}",
        formula=f"{_CONFORMAL}; {_COMBINED}",
        sample="half B of the prompts, which formed nothing" if axis is Axis.CONTENT else "",
    )


def _measure(one: Measured) -> Entry:
    known, z = MEASURES.get(one.signal), one.message.params.get("z")
    if one.value is None or z is None:
        return _entry(measure_title(one.signal), value="not assessed")
    # Cases of older programs do not say it.
    ordinary = one.message.params.get("ordinary", {})
    return _entry(
        measure_title(one.signal),
        {"value": one.value, "z": z, "percentile": one.percentile, **ordinary},
        axis=one.axis.value,
        value=f"{one.value:+.4g} {known.unit if known else ''}".strip(),
        standard_deviations=f"{signed_text(z, 2)} from the middle of ordinary groups"
        + _standardised(one.value, ordinary),
        percentile=""
        if one.percentile is None
        else f"{percentile_text(one.percentile)} (of a normal distribution)",
        compared_with=_ORDINARY,
        formula=known.defined if known else "",
        source=known.source if known else "",
        evaded_by=known.evades if known else "",
    )


def _standardised(value: float, ordinary: Mapping[str, float]) -> str:
    """The arithmetic behind the standard deviations; empty where it is not known."""
    if not ordinary:
        return ""
    middle, spread, error = (ordinary[name] for name in ("middle", "spread", "error"))
    effect = f"{value:.4g} {'+' if middle < 0 else '-'} {abs(middle):.4g}"
    return f": ({effect}) / sqrt({spread:.4g}^2 + {error:.4g}^2)"


def _signal(one: Measured, spec: Mapping[str, Any], whom: Sequence[str]) -> Entry:
    unit = spec.get("unit") or ""
    return _entry(
        signal_title(one.signal, spec.get("title") or one.signal),
        {"value": one.value, "percentile": one.percentile},
        axis=one.axis.value,
        value="not assessed" if one.value is None else written(one.value, unit),
        percentile="" if one.percentile is None else percentile_text(one.percentile),
        compared_with=" ".join(whom[:1]),
        formula=spec.get("formula") or "",
        reads=", ".join(spec.get("needs") or ()),
        source=spec.get("source") or "",
        evaded_by=spec.get("evades") or "",
        in_the_test="yes" if one.tested else "no, for context",
    )


def _nominal(finding: Finding) -> Mapping[str, Any]:
    """What is known of the comparison groups: n_null, the fewest, and by_axis."""
    found = (one.params for one in finding.against if one.key == "against.nominal")
    return next(found, {})


def _valued(value: float, unit: str) -> str:
    """A count in full, a share in per cent, anything else to four digits."""
    if unit == "share" or abs(value) < 1_000:
        return f"{100 * value:.1f} %" if unit == "share" else f"{value:.4g} {unit}".strip()
    return f"{value:,.0f} {unit}".strip()


def _plain(value: Any) -> str:
    if isinstance(value, list) and len(value) > _WRITTEN_OUT:
        return f"of {len(value):,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _entry(title: str, values: Mapping[str, Any] | None = None, /, **rows: str) -> Entry:
    told = tuple((name.replace("_", " "), text) for name, text in rows.items() if text)
    return Entry(title, told, values or {})
