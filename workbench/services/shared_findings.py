"""What a share edition says of a finding: numbers, and sentences in which no word of a log stands.

A message is taken where its key is in the catalogue and whatever it carries is a number or a word
of ours; the others are counted. Pure functions of one reading.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.bundle.share.content import SharedMeasure, SharedSubject, hour_of
from workbench.bundle.subject import Timeline
from workbench.domain.finding import Finding, Verdict
from workbench.domain.label import Label
from workbench.domain.signal import Axis
from workbench.domain.text import signed_text
from workbench.services import pictures, wording
from workbench.services.dossiers import coverage
from workbench.services.export_scope import OUTSIDE, Group, standing
from workbench.services.findings import cluster_finding
from workbench.services.measure_words import MEASURES
from workbench.services.sentences import LOOKALIKES, SENTENCES, TRAITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.domain.label import LabelState
    from workbench.domain.signal import Message
    from workbench.services.results import Results

#: Clusters that have a colour of their own.
_COLOURS: Final = 6
#: Words that messages may carry: ours, and none of a log.
_OURS: Final = frozenset(
    {*LOOKALIKES, *TRAITS, *MEASURES, *(axis.value for axis in Axis), "none near"}
)
#: Sentences on what was found that are told: of how many, and how much of it belongs together.
_TOLD: Final = ("cluster.size", "cluster.attributed")
#: Ids of clusters, as the analysis mints them.
CLUSTER: Final = re.compile(r"C-\d{1,9}")


def shared_subject(
    results: Results, labels: Mapping[str, LabelState], group: Group, number: int
) -> SharedSubject:
    """What is said of a cluster, or of accounts in none.

    Args:
        results: The reading.
        labels: Standing labels by account key.
        group: Its accounts.
        number: Its place among the groups, from 0.
    """
    chosen = group.marks(results.n_accounts)
    finding = (
        cluster_finding(results, group.id)
        if group.row >= 0
        else Finding(OUTSIDE, Verdict.NO_FINDING, None, None, q_nominal=True)
    )
    decided = standing(group, results, labels)
    assert results.accounts is not None
    rows = results.accounts.select(["n_exchanges", "first_us", "last_us"]).take(group.indices)
    times = rows.to_pydict()
    n_exchanges = sum(times["n_exchanges"])
    span = [us for name in ("first_us", "last_us") for us in times[name] if us is not None]
    said, untold = _said([one for one in finding.story if one.key in _TOLD])
    untold += sum(one.key not in _TOLD for one in finding.story)
    against, left_out = _said(finding.against)
    lookalikes, more = _said(finding.lookalikes)
    near = finding.nearest_lookalike
    curve = coverage(finding)
    return SharedSubject(
        id=group.id,
        is_cluster=group.row >= 0,
        category=number if group.row >= 0 and number < _COLOURS else -1,
        label=decided.label,
        confirmed=decided.label is Label.CONFIRMED,
        n_accounts=len(group.indices),
        n_exchanges=n_exchanges,
        first_us=hour_of(min(span, default=None)),
        last_us=hour_of(max(span, default=None)),
        said=said,
        untold=untold,
        verdict=finding.verdict.value,
        score=finding.score,
        q=finding.q,
        q_nominal=finding.q_nominal,
        level=finding.level,
        axes={axis.value: finding.axes.get(axis.value) for axis in Axis},
        measures=tuple(
            SharedMeasure(
                measured.axis.value,
                MEASURES[measured.signal].title,
                _deviation(measured.message.params.get("z")),
                None if measured.value is None else measured.percentile,
            )
            for measured in finding.signals
            if measured.signal in MEASURES
        ),
        against=against or (_nothing_said(group),),
        left_out=left_out + more,
        lookalike=wording.lookalike(near if near in LOOKALIKES else None),
        lookalikes=lookalikes,
        timeline=_alone(results, chosen),
        coverage=None if curve is None else replace(curve, baseline="other accounts"),
    )


def _said(messages: Sequence[Message]) -> tuple[tuple[str, ...], int]:
    """The sentences in which no word of a log stands, and how many others there are."""
    ours = [one for one in messages if one.key in SENTENCES and _is_ours(dict(one.params))]
    return tuple(wording.text(one) for one in ours), len(messages) - len(ours)


def _is_ours(value: Any) -> bool:
    if isinstance(value, str):
        return value in _OURS or CLUSTER.fullmatch(value) is not None
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_ours(one) for name, one in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_ours, value))
    return value is None or isinstance(value, bool | int | float)


def _nothing_said(group: Group) -> str:
    if group.row < 0:
        return "These accounts are in no cluster: the analysis does not link them."
    return "What speaks against it names values of the log: ask the sender."


def _deviation(z: Any) -> str:
    # No "-0.0": what rounds to nothing has no sign.
    return f"{signed_text(z)} sd" if isinstance(z, int | float) else ""


def _alone(results: Results, chosen: NDArray[np.bool_]) -> Timeline | None:
    """The exchanges of a subject over time, without those of others and without events."""
    if results.points is None:
        return None
    nobody = np.zeros(results.points.x.size, np.bool_)
    line = pictures.in_time(results, results.points, chosen, nobody)
    if line is None:
        return None
    return Timeline(line.edges_us, line.subject, np.zeros_like(line.subject), line.per)
