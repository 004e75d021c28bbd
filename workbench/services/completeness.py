"""Whether a case holds all requests that a provider counted: counts side by side, nothing judged.

Compared is what the logs say themselves. A difference may have many reasons, and this room knows
none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.account import IdentityKind
from workbench.domain.ports import Statement
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.added import Counted
    from workbench.services.door import Doorkeeper
    from workbench.services.open_case import OpenCase

_COUNTED: Final = Statement.read(__file__, "counted")
#: Column of an exchange that names an identity, and the canonical column that may go by pseudonyms.
_COLUMNS: Final = {
    IdentityKind.KEY: ("key_id", "account_id"),
    IdentityKind.USER: ("user_id", "end_user"),
    IdentityKind.ORGANISATION: ("org_id", "org_id"),
}
_WORDS: Final = {
    IdentityKind.KEY: ("key", "keys"),
    IdentityKind.USER: ("user", "users"),
    IdentityKind.ORGANISATION: ("project", "projects"),
}
#: Spans told one by one.
_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Span:
    """One identity in one span of time.

    Attributes:
        kind: Whether a key, a user or an organisation.
        value: Its name in the case.
        start_us: From then on, UTC microseconds.
        end_us: Until then, exclusive.
        counted: Requests that the provider counted.
        held: Exchanges of the case.
        failed: Those of them that the log says failed.
    """

    kind: IdentityKind
    value: str
    start_us: int
    end_us: int
    counted: int
    held: int
    failed: int

    @property
    def missing(self) -> int:
        """Requests that the case lacks; below zero those that it has beyond the count."""
        return self.counted - self.held

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "kind": self.kind.value,
            "value": self.value,
            "start": _when(self.start_us),
            "end": _when(self.end_us),
            "counted": self.counted,
            "held": self.held,
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a provider counted beside what the case holds, by identity and span of time.

    Attributes:
        spans: All of them, in the order of identities and times.
    """

    spans: tuple[Span, ...]

    @property
    def counted(self) -> int:
        """Requests that the provider counted."""
        return sum(span.counted for span in self.spans)

    @property
    def held(self) -> int:
        """Exchanges of the case."""
        return sum(span.held for span in self.spans)

    @property
    def failed(self) -> int:
        """Exchanges of the case that failed."""
        return sum(span.failed for span in self.spans)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: the sums, and every span that differs."""
        return {
            "counted": self.counted,
            "held": self.held,
            "failed": self.failed,
            "differ": [span.as_dict() for span in self.spans if span.missing],
        }

    def lines(self) -> list[str]:
        """In words: the sums, whose requests are not there at all, and the widest differences."""
        first = min(span.start_us for span in self.spans)
        last = max(span.end_us for span in self.spans)
        said = (
            f"The provider counted {plural(self.counted, 'request', 'requests')} of "
            f"{self._whose(self.spans)} from {_when(first)} until {_when(last)}; the case holds "
            f"{plural(self.held, 'exchange', 'exchanges')} of theirs in these spans: "
            f"{_difference(self.counted - self.held)}."
        )
        if self.failed:
            said += f" {self.failed:,} of them failed; a provider may not count such."
        lines = [said]
        there = {(span.kind, span.value) for span in self.spans if span.held}
        absent = [span for span in self.spans if (span.kind, span.value) not in there]
        if absent and there:
            names = ", ".join(dict.fromkeys(elide(span.value, 40) for span in absent[:_TOLD]))
            whose = self._whose(absent)
            lines.append(f"In these spans the case holds nothing of {whose}: {names}.")
        differ = [span for span in self.spans if span.missing and (span.kind, span.value) in there]
        differ.sort(key=lambda span: -abs(span.missing))
        lines += [
            f"{elide(span.value, 40)}, {_when(span.start_us)} until {_when(span.end_us)}: counted "
            f"{span.counted:,}, held {span.held:,}, {_difference(span.missing)}."
            for span in differ[:_TOLD]
        ]
        if len(differ) > _TOLD:
            lines.append(f"{plural(len(differ) - _TOLD, 'more span', 'more spans')} differ; --json")
        return lines

    def _whose(self, spans: Sequence[Span]) -> str:
        sets = {kind: {span.value for span in spans if span.kind is kind} for kind in _WORDS}
        return ", ".join(plural(len(sets[kind]), *_WORDS[kind]) for kind in _WORDS if sets[kind])


def compare(held: OpenCase, counted: Sequence[Counted], keeper: Doorkeeper) -> Completeness | None:
    """What a provider counted beside what the case holds; None where it counted nothing.

    Args:
        held: The open case.
        counted: By identity and span of time.
        keeper: Of a case whose names go by pseudonyms: those of the provider are replaced, too.
    """
    if not counted:
        return None
    names = [_name(one, keeper) for one in counted]
    found: dict[int, dict[str, Any]] = {}
    with held.engine() as engine:
        for kind, (column, _) in _COLUMNS.items():
            rows = [number for number, one in enumerate(counted) if one.kind is kind]
            if not rows:
                continue
            table = {
                "number": rows,
                "kind": [kind.value] * len(rows),
                "value": [names[number] for number in rows],
                "start_us": [counted[number].start_us for number in rows],
                "end_us": [counted[number].end_us for number in rows],
            }
            engine.with_table("counted", pa.table(table))
            text = _COUNTED.text.replace("e.key_id", f"e.{column}")
            for row in engine.table(Statement(f"counted_{column}", text)).to_pylist():
                found[row["number"]] = row
    spans = []
    for number, one in enumerate(counted):
        row = found.get(number, {"held": 0, "failed": 0})
        spans.append(
            Span(
                one.kind,
                names[number],
                one.start_us,
                one.end_us,
                one.requests,
                row["held"],
                row["failed"],
            )
        )
    return Completeness(tuple(spans))


def _name(one: Counted, keeper: Doorkeeper) -> str:
    column = _COLUMNS[one.kind][1]
    if column not in keeper.door.pseudonymised:
        return one.value
    return keeper.names(column, [one.value])[0]


def _difference(missing: int) -> str:
    if not missing:
        return "no difference"
    return f"{abs(missing):,} {'fewer' if missing > 0 else 'more'} than counted"


def _when(at_us: int) -> str:
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    return f"{at:%Y-%m-%d}" if not at_us % 86_400_000_000 else f"{at:%Y-%m-%d %H:%M} UTC"
