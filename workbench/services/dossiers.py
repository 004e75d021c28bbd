"""One subject of a report: its finding in words, its figures' numbers, its samples, its loss.

Words come from the catalogue (``services.wording``), so that the report says what the window
says. Pure functions of one reading; whatever was not computed is left out and said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.bundle.content import MeasureLine
from workbench.bundle.subject import (
    CoverageCurve,
    Delivered,
    Exhibit,
    FactLine,
    MapPicture,
    SignalLine,
    Subject,
    Timeline,
)
from workbench.domain.finding import Examined, Finding, Verdict
from workbench.domain.label import Label
from workbench.domain.signal import Axis, Measured, Message
from workbench.domain.text import signed_text
from workbench.services import pictures, wording
from workbench.services.assurance import sure
from workbench.services.attributions import RULE as BEST
from workbench.services.examined import COVERAGE, curve_of, looked
from workbench.services.exhibits import BOTH, CHOSEN, RULE, Choice, best_of, choose
from workbench.services.export_scope import OUTSIDE, Group, standing
from workbench.services.findings import account_finding, cluster_finding
from workbench.services.loss_words import delivered
from workbench.services.measure_words import MEASURES, measure_title, signal_title, written
from workbench.services.numbers import fact_entry
from workbench.services.ranking import ranked
from workbench.services.skeletons import Skeletons
from workbench.services.statements import said, statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.bundle.content import Decision
    from workbench.domain.label import LabelState
    from workbench.domain.ports import Artifacts
    from workbench.services.evidence import Evidence
    from workbench.services.loss import Counter
    from workbench.services.results import Results

#: Colours that clusters can have; those beyond are neutral.
_COLOURS: Final = 6
_REGION_CELLS: Final = 3
#: What is told of a cluster beside its counts, columns of the table ``clusters``.
_STANDING: Final = ("n_entities", "stability", "lookalike_distance")


@dataclass(frozen=True)
class Computed:
    """Arrays of the analysis that a report needs beside the reading; None = not computed.

    Attributes:
        cell: Cell of each prompt, i32[P].
        template: Template of each prompt, i32[P].
    """

    cell: NDArray[np.int32] | None
    template: NDArray[np.int32] | None

    @classmethod
    def read(cls, artifacts: Artifacts) -> Computed:
        """Read what is published."""
        held = {
            stage
            for stage in ("space.place", "text.templates")
            if artifacts.current(stage) is not None
        }
        cell = artifacts.array("space.place", "cell") if "space.place" in held else None
        template = (
            artifacts.array("text.templates", "template") if "text.templates" in held else None
        )
        return cls(cell, template)


class Dossiers:
    """Makes the subjects of one export.

    Args:
        results: The reading.
        computed: Arrays beside it.
        labels: Standing labels by account key.
        decisions: Every label of the case.
        evidence: What leaves the case.
        losses: Counts what accounts were delivered; None where the analysis lacks it.
        words: Which skeletons are told; all of them when None.
    """

    def __init__(
        self,
        results: Results,
        computed: Computed,
        labels: Mapping[str, LabelState],
        decisions: Sequence[Decision],
        evidence: Evidence,
        *,
        losses: Counter | None = None,
        words: Skeletons | None = None,
    ) -> None:
        self._results = results
        self._computed = computed
        self._labels = labels
        self._decisions = decisions
        self._evidence = evidence
        self._sent = evidence.sent()
        self._losses = losses
        self._words = words or Skeletons()
        self._created = evidence.created()
        self._exhibits = 0
        self._specs = results.signals.specs.to_pylist() if results.signals is not None else []

    def subject(self, group: Group, number: int) -> Subject:
        """One subject.

        Args:
            group: Its accounts.
            number: Its place among the groups, from 0.
        """
        results = self._results
        chosen = group.marks(results.n_accounts)
        finding = self._finding(group)
        outside = group.row < 0
        cluster = self._cluster(group)
        decided = standing(group, results, self._labels)
        n_exchanges = self._sent.get(number, 0)
        keys = {results.keys[i] for i in group.indices}
        created = self._created.get(number, [])
        line, place = self._figures(group, chosen, created)
        curve = coverage(finding)
        samples, rule = self._samples(group, chosen)
        assert results.accounts is not None
        times = results.accounts.select(["first_us", "last_us"]).take(group.indices).to_pydict()
        first = [us for us in times["first_us"] if us is not None]
        last = [us for us in times["last_us"] if us is not None]
        story = (self._together(group, n_exchanges, first, last),) if outside else finding.story
        return Subject(
            id=group.id,
            is_cluster=group.row >= 0,
            category=number if group.row >= 0 and number < _COLOURS else -1,
            label=decided.label,
            confirmed=decided.label is Label.CONFIRMED,
            labelled=decided.counts,
            n_unreviewed=decided.n_unlabelled,
            n_accounts=int(group.indices.size),
            n_members=self._members(group),
            n_entities=cluster.get("n_entities"),
            n_exchanges=n_exchanges,
            first_us=min(first, default=None),
            last_us=max(last, default=None),
            verdict=finding.verdict.value,
            score=finding.score,
            q=finding.q,
            q_nominal=finding.q_nominal,
            level=finding.level,
            stability=cluster.get("stability"),
            axes={axis.value: finding.axes.get(axis.value) for axis in Axis},
            story=said(story),
            signals=tuple(self._signal(measured) for measured in finding.signals),
            against=said(finding.against)
            or ("These accounts are in no cluster: the analysis does not link them.",),
            lookalike=wording.lookalike(finding.nearest_lookalike),
            lookalike_distance=cluster.get("lookalike_distance"),
            check_next=said(finding.check_next),
            looked=said(looked(finding).all),
            facts=tuple(map(_fact, finding.examined)),
            sure=sure(finding),
            lookalikes=said(finding.lookalikes),
            delivered=self._delivered(group, chosen),
            timeline=line,
            coverage=curve,
            coverage_missing=_uncovered(finding, outside=outside),
            place=place,
            exhibits=samples,
            exhibit_rule=rule,
            entries=tuple(d.entry for d in self._decisions if not keys.isdisjoint(d.accounts)),
            statements=statements(
                finding,
                story,
                {
                    "n_accounts": int(group.indices.size),
                    "n_members": self._members(group),
                    "n_exchanges": n_exchanges,
                    "labelled": decided.counts,
                    "n_unreviewed": decided.n_unlabelled,
                    **{name: cluster.get(name) for name in _STANDING},
                },
                self._specs,
                ranked(results),
            ),
        )

    # --- the finding -------------------------------------------------------------------------
    def _finding(self, group: Group) -> Finding:
        if group.row >= 0:
            return self._words.in_finding(cluster_finding(self._results, group.id))
        if group.indices.size == 1:
            return account_finding(self._results, self._results.keys[int(group.indices[0])])
        return Finding(OUTSIDE, Verdict.NO_FINDING, None, None, q_nominal=True)

    def _cluster(self, group: Group) -> dict[str, Any]:
        if group.row < 0 or self._results.clusters is None:
            return {}
        row: dict[str, Any] = self._results.clusters.table.slice(group.row, 1).to_pylist()[0]
        return row

    def _delivered(self, group: Group, chosen: NDArray[np.bool_]) -> Delivered | None:
        if self._losses is None:
            return None
        return delivered(self._losses.of(chosen, group.id if group.row >= 0 else ""))

    def _members(self, group: Group) -> int:
        if group.row < 0 or self._results.clusters is None:
            return int(group.indices.size)
        return int(np.count_nonzero(self._results.clusters.bound == group.row))

    def _signal(self, measured: Measured) -> SignalLine:
        sentence = said((measured.message,))[0]
        title, value = measure_title(measured.signal), ""
        deviation = measured.message.params.get("z")
        if deviation is not None:
            # A measure of a cluster: its effect has no unit that a reader could weigh.
            value = f"{signed_text(deviation)} sd"
        else:
            for spec in self._specs:
                if spec["name"] == measured.signal:
                    title = signal_title(measured.signal, spec["title"])
                    if measured.value is not None:
                        value = written(measured.value, spec["unit"] or "")
        percentile = None if measured.value is None else measured.percentile
        return SignalLine(measured.axis.value, title, value, percentile, sentence, measured.tested)

    def _together(
        self, group: Group, n_exchanges: int, first: Sequence[int], last: Sequence[int]
    ) -> Message:
        """What accounts outside any cluster did: it is all that can be said of them together."""
        return Message(
            "accounts.volume",
            {
                "n_accounts": int(group.indices.size),
                "n_exchanges": n_exchanges,
                "n_undated": int(self._results.n_undated[group.indices].sum()),
                "first_us": min(first, default=None),
                "last_us": max(last, default=None),
            },
        )

    # --- figures and samples -----------------------------------------------------------------
    def _figures(
        self, group: Group, chosen: NDArray[np.bool_], created: Sequence[int]
    ) -> tuple[Timeline | None, MapPicture | None]:
        points, computed = self._results.points, self._computed
        if points is None:
            return None, None
        inside = np.zeros(points.x.size, np.bool_)
        region = ""
        if computed.cell is not None:
            cells = pictures.region_cells(points, chosen, computed.cell)
            region = self._named(cells[:_REGION_CELLS])
            within = np.zeros(int(computed.cell.max(initial=0)) + 2, np.bool_)
            within[cells] = True
            # Index -1 (no prompt) meets the last element, which is in no region.
            inside = np.append(within[computed.cell], False)[points.prompt]
        line = pictures.in_time(self._results, points, chosen, inside, created)
        return line, pictures.place(points, group.id, chosen, region)

    def _named(self, cells: NDArray[np.int32]) -> str:
        if self._results.cells is None:
            return ""
        rows = zip(
            self._results.cells.column("cell").to_pylist(),
            self._results.cells.column("name").to_pylist(),
            strict=True,
        )
        names = dict(rows)
        return "; ".join(names[int(c)] for c in cells if names.get(int(c)))

    def _samples(self, group: Group, chosen: NDArray[np.bool_]) -> tuple[tuple[Exhibit, ...], str]:
        """Sample prompts, and the rule that chose them."""
        points = self._results.points
        if points is None:
            return (), ""
        cluster_id = group.id if group.row >= 0 else ""
        choices, rule = best_of(self._results.attribution, cluster_id, chosen), BEST
        if not choices:
            choices, rule = choose(points, chosen, self._computed.template), RULE
        by_hand = self._by_hand(chosen)
        told = {choice.exchange_id for choice in by_hand}
        choices = by_hand + tuple(one for one in choices if one.exchange_id not in told)
        found = self._evidence.exhibits([choice.exchange_id for choice in choices])
        samples = []
        for choice in choices:
            row = found.get(choice.exchange_id)
            if row is None or row["text"] is None:
                continue
            self._exhibits += 1
            samples.append(
                Exhibit(
                    number=f"E-{self._exhibits}",
                    exchange_id=choice.exchange_id,
                    account=row["account"] or "",
                    at_us=row["ts_us"],
                    source=row["path"],
                    record_no=row["record_no"],
                    prompt=row["text"],
                    n_characters=row["n_characters"],
                    reason=choice.reason,
                )
            )
        words = (BOTH, rule) if by_hand else (rule,)
        return tuple(samples), " ".join((*words, self._evidence.texts.words))

    def _by_hand(self, chosen: NDArray[np.bool_]) -> tuple[Choice, ...]:
        """The exchanges of these accounts that a person chose, in the order of their times."""
        assert self._results.accounts is not None
        codes = set(self._results.accounts.column("code").to_numpy()[chosen].tolist())
        rows = self._evidence.exhibits(self._evidence.texts.exhibits)
        mine = [row for row in rows.values() if row["code"] in codes]
        mine.sort(key=lambda row: (row["ts_us"] or 0, row["exchange_id"]))
        return tuple(Choice(row["exchange_id"], CHOSEN) for row in mine)


def coverage(finding: Finding) -> CoverageCurve | None:
    """The coverage of a cluster beside other groups, as the analysis compared it."""
    curve = curve_of(finding)
    if not curve:
        return None
    told = next(one.message for one in finding.examined if one.name == COVERAGE)
    assert told is not None
    return CoverageCurve(
        sent=np.array(curve["exchanges"], np.int64),
        subject=np.array(curve["prompts"], np.int64),
        low=np.array(curve["prompts_low"]),
        median=np.array(curve["prompts_middle"]),
        high=np.array(curve["prompts_high"]),
        groups=int(told.params.get("n_groups", 0)),
        baseline="accounts that no finding binds",
    )


def _uncovered(finding: Finding, *, outside: bool) -> str:
    """Why there is no coverage curve; empty where there is one."""
    if outside:
        return "Only clusters are compared with other groups."
    if not finding.examined:
        return "Not computed: analyse the case again."
    return "" if curve_of(finding) else "Not assessed: there is too little to compare."


def _fact(one: Examined) -> FactLine:
    """One examination in numbers, as ``numbers`` tells them."""
    entry = fact_entry(one)
    rows = dict(entry.rows)
    return FactLine(
        title=entry.title,
        value=rows["value"],
        p=rows["p"] if one.p is not None else "",
        comparisons=rows.get("comparisons", ""),
        speaks=one.speaks,
        formula=rows.get("formula", ""),
        null=rows.get("compared with", ""),
        source=rows.get("source", ""),
        evades=rows.get("evaded by", ""),
    )


def measures(results: Results) -> tuple[MeasureLine, ...]:
    """What each measure of the case's clusters is, and where it comes from."""
    if results.clusters is None or not results.clusters.ids:
        return ()
    lines = []
    for measured in cluster_finding(results, results.clusters.ids[0]).signals:
        known = MEASURES.get(measured.signal)
        said = (known.defined, known.source, known.evades) if known else ("", "", "")
        lines.append(MeasureLine(measured.axis.value, measure_title(measured.signal), *said))
    return tuple(lines)
