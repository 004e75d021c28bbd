"""What stops an import before its first record, and what it should make a person look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.errors import InputError, UnreadLogError
from workbench.domain.text import elide, plural
from workbench.formats.beginning import field_names
from workbench.formats.refusals import absent_field
from workbench.formats.samples import SAMPLES
from workbench.formats.times import NO_ZONE, zone_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.domain.exchange import Accounting, SourceReport
    from workbench.domain.ports import Parsed, ReadOptions
    from workbench.formats.read import SourceReader

#: Before it there was nothing to distil: an earlier time is a clock or a unit gone wrong.
_EARLIEST: Final = datetime(2015, 1, 1)
_MANY: Final = 0.1
_HALF: Final = 0.5
#: A date, perhaps with a time of day, that says no zone; as ``formats.times`` reads them.
_NAIVE: Final = r"^\s*\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?\s*$"
_SAFE: Final = "Nothing was imported."
#: How reasons begin of records that hold none.
_NO_EXCHANGE: Final = "no exchange"
#: What shows the records that were rejected, at the command line.
SEE_REJECTS: Final = "See: workbench rejects CASE"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about an import that a person should look at, and what can be done.

    Attributes:
        fact: What was seen, one sentence.
        command: What to do about it at the command line; empty where there is nothing to name.
        control: The same in the window, by the names of its controls.
    """

    fact: str
    command: str = ""
    control: str = ""

    @property
    def typed(self) -> str:
        """As the command line says it."""
        return f"{self.fact} {self.command}".rstrip()

    @property
    def shown(self) -> str:
        """As the window says it."""
        return f"{self.fact} {self.control}".rstrip()


class Suspicions:
    """Gathers doubts about one file, block by block.

    Args:
        name: The file, for the sentences.
        zone: Of times that name none, as it was said; empty = nobody said.
        noted: What another has gathered that read the blocks before.
        texts: Whether texts enter the case; where they do not, what was said is not repeated.
    """

    def __init__(
        self, name: str, zone: str, noted: Mapping[str, Any] | None = None, *, texts: bool = True
    ) -> None:
        self.name = name
        self._zone = zone
        self._texts = texts
        self._latest = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
        self._strange_times = 0
        self._strange_time: datetime | None = None
        self._naive_times = 0
        self._naive_time = ""
        self._unread_times = 0
        self._unread_time = ""
        self._damage = ""
        self._reasons: dict[str, int] = {}
        #: Column -> number of a record, and the value that could not be read.
        self._unread: dict[str, list[tuple[int, str]]] = {}
        if noted:
            self._take_up(noted)

    def noted(self) -> dict[str, Any]:
        """What was gathered so far, as JSON; empty where nothing was."""
        time = self._strange_time
        said = {
            "strange": [self._strange_times, time and time.isoformat()],
            "naive": [self._naive_times, self._naive_time],
            "unread": [self._unread_times, self._unread_time],
            "reasons": self._reasons,
            "damage": self._damage,
            "samples": self._unread,
        }
        odd = self._strange_times + self._naive_times + self._unread_times
        return said if odd or self._reasons or self._unread else {}

    def _take_up(self, noted: Mapping[str, Any]) -> None:
        self._strange_times, time = noted["strange"]
        self._strange_time = datetime.fromisoformat(time) if time else None
        self._naive_times, self._naive_time = noted["naive"]
        self._unread_times, self._unread_time = noted["unread"]
        self._reasons = dict(noted["reasons"])
        self._damage = noted["damage"]
        self._unread = {
            name: [(n, of) for n, of in each] for name, each in noted["samples"].items()
        }

    def look_at(self, parsed: Parsed) -> None:
        """One block."""
        records = parsed.records
        ts = records.column("ts")
        strange = pc.or_(
            pc.less(ts, pa.scalar(_EARLIEST, ts.type)),
            pc.greater(ts, pa.scalar(self._latest, ts.type)),
        )
        count = pc.sum(strange).as_py() or 0
        if count and self._strange_time is None:
            self._strange_time = ts.filter(strange)[0].as_py()
        self._strange_times += count
        for unread in parsed.unread:
            kept = self._unread.setdefault(unread.column, [])
            if len(kept) < SAMPLES:
                kept.append((unread.record_no, unread.value))
        self._look_at_unread(records.column("ts_text").drop_null())
        for reason in parsed.rejects.column("reason").to_pylist():
            kind, _, detail = reason.partition(": ")
            self._reasons[kind] = self._reasons.get(kind, 0) + 1
            if kind == "damaged file":
                self._damage = detail

    def _look_at_unread(self, texts: pa.Array) -> None:
        """Times that are NULL, as they were given: those that lack but a zone, and the others."""
        if not len(texts):
            return
        # Where a zone was named, whatever lacks but that was read in it.
        naive = pc.match_substring_regex(texts, _NAIVE)
        if zone_named(self._zone) is not None:
            naive = pc.and_(naive, pa.scalar(False))
        found, others = texts.filter(naive), texts.filter(pc.invert(naive))
        self._naive_times += len(found)
        self._unread_times += len(others)
        if len(found) and not self._naive_time:
            self._naive_time = found[0].as_py()
        if len(others) and self._texts and not self._unread_time:
            self._unread_time = others[0].as_py()

    def doubts(self, report: SourceReport) -> list[Doubt]:
        """What a person should look at in the whole file."""
        out: list[Doubt] = []
        records = report.accounting.records
        if self._damage:
            out.append(
                Doubt(
                    f"{self.name}: {self._damage}. It was loaded up to there.",
                    "Fetch it again from its source.",
                    "Fetch it again from its source.",
                )
            )
        others = {name: n for name, n in report.coerced_columns.items() if name != "ts"}
        if others:
            counts = "; ".join(
                f"{name} {count:,}{self._samples(name)}" for name, count in sorted(others.items())
            )
            out.append(Doubt(f"{self.name}: could not be read, so NULL: {counts}."))
        if self._naive_times:
            out.append(self._of_naive_times())
        if self._unread_times:
            times = plural(self._unread_times, "time", "times")
            example = f", for example {elide(self._unread_time, 40)!r}" if self._texts else ""
            kept = ", and the text as it was given is kept" if self._texts else ""
            out.append(
                Doubt(
                    f"{self.name}: {times} cannot be read{example}; "
                    f"{_null(self._unread_times)}{kept}."
                )
            )
        if self._strange_times:
            times = plural(self._strange_times, "record lies", "records lie")
            out.append(
                Doubt(
                    f"{self.name}: {times} before 2015 or after tomorrow, for example "
                    f"{_written(self._strange_time)}: check the clock or the unit."
                )
            )
        rejected = report.accounting.rejected
        if rejected > _MANY * records:
            # What waited for its other half is rejected when all files are read.
            waited = rejected - sum(self._reasons.values())
            self._reasons[_NO_EXCHANGE] = self._reasons.get(_NO_EXCHANGE, 0) + waited
            most = max(sorted(self._reasons), key=lambda kind: self._reasons[kind])
            share = self._reasons[most] / rejected
            how_many = "all of them as" if share == 1 else "most of them as"
            if rejected == 1:
                how_many = "as"
            elif share <= _HALF:
                how_many = f"{self._reasons[most]:,} of them as"
            out.append(
                Doubt(
                    f"{self.name}: {rejected:,} of {plural(records, 'record', 'records')} "
                    f"rejected, {how_many} {most!r}.",
                    command=SEE_REJECTS,
                    control="Import logs shows the first of them in its step Fields.",
                )
            )
        return out

    def _samples(self, column: str) -> str:
        """Where such values are, and what they are: " (record 12: "1e30", record 40)"."""
        said = [
            f"record {number:,}{f': {value}' if value else ''}"
            for number, value in self._unread.get(column, ())
        ]
        return f" ({', '.join(said)})" if said else ""

    def _of_naive_times(self) -> Doubt:
        """Of times that could be read in a zone: who chose to leave them needs no advice."""
        times = plural(self._naive_times, "time has", "times have")
        fact = (
            f"{self.name}: {times} no zone, for example {elide(self._naive_time, 40)!r}; "
            f"{_null(self._naive_times)}"
        )
        if self._zone == NO_ZONE:
            return Doubt(f"{fact}, as was asked for.")
        return Doubt(
            f"{fact}.",
            command="Say the zone with --zone, in a new case.",
            control="Import into a new case and give its Time zone in the step Where they come "
            "from.",
        )


def twice(report: SourceReport) -> Doubt:
    """A file that the case holds already, as another system's: what it says is there again."""
    loaded = plural(report.accounting.loaded, "record was", "records were")
    return Doubt(
        f"{report.path} was imported before as a log of another system, and {loaded} loaded again.",
        command="Give one system's logs the same --system, in a new case.",
        control="Give one system's logs the same System, in a new case.",
    )


def told_as_passed_over(error: InputError) -> Doubt:
    """A file of a folder or an archive that was not read: as no log, or although it may be one."""
    if isinstance(error, UnreadLogError):
        return Doubt(f"NOT READ, and may be a log: {error.fact}", command=error.remedy)
    return Doubt(f"Passed over, no log: {error.fact}", command=error.remedy)


def _null(count: int) -> str:
    return "it is NULL" if count == 1 else "they are NULL"


def refuse_absent_fields(sources: Sequence[SourceReader]) -> None:
    """A mapped field that is nowhere is a slip of the pen: its column would silently be empty.

    Raises:
        InputError: Names the file, the field, and the one that was probably meant.
    """
    for source in sources:
        layout = source.layout
        if not layout.absent:
            continue
        field = layout.absent[0]
        names = tuple(dict.fromkeys((*layout.recipe.columns, *field_names(layout.records))))
        fact, remedy = absent_field(source.place, field, layout.recipe.options.mapping, names)
        raise InputError(fact, remedy=remedy, safe=_SAFE)


def refuse_naive_times(sources: Sequence[SourceReader], options: ReadOptions) -> None:
    """Times whose zone nobody said would be lost to their records for good.

    Raises:
        InputError: Names the first such file and how to go on.
    """
    if options.zone:
        return
    naive = [source for source in sources if source.layout.naive_time]
    if not naive:
        return
    others = f" (and {plural(len(naive) - 1, 'other file', 'other files')})" if naive[1:] else ""
    raise InputError(
        f"{naive[0].place}{others} has times without a zone, for example "
        f"{elide(naive[0].layout.naive_time, 40)!r}.",
        remedy=f"Name it with --zone UTC or another IANA zone; --zone {NO_ZONE} loads such times "
        "as NULL.",
        safe=_SAFE,
    )


def _written(time: Any) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if isinstance(time, datetime) else ""


def refuse_nothing(reports: Sequence[SourceReport], total: Accounting) -> None:
    """An import that kept nothing is an error, unless the case held everything before.

    Raises:
        InputError: Names the files.
    """
    if total.exchanges or total.joined or total.duplicate or any(r.already for r in reports):
        return
    names = ", ".join(report.path for report in reports[:3])
    names += f" and {len(reports) - 3} more" if len(reports) > 3 else ""
    if total.rejected:
        were = plural(total.rejected, "record was", "records were")
        fact = f"Nothing in {names} could be loaded: {were} rejected."
    else:
        fact = f"{names} holds no records."
    raise InputError(
        fact,
        remedy="See the reasons with the import preview, or map its fields.",
        safe=_SAFE,
    )
