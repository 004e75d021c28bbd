"""Halves of exchanges in the report of an import: their fates, and why some stayed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.domain.exchange import Side
from workbench.domain.text import plural
from workbench.services.import_checks import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.exchange import Alone, SourceReport

_HALF: Final = {Side.ASKED: ("request", "requests"), Side.ANSWERED: ("result", "results")}
_OTHER: Final = {Side.ASKED: "result", Side.ANSWERED: "request"}
_WHY: Final = {
    "no other": "no {other} of this import has its custom_id",
    "twice": "the custom_id is there more than once, with different contents",
    "several": "more than one file could hold the {other}, by their custom_ids",
    "lacking": "the files that share custom_ids with it lack some of the results' requests, so "
    "they are of another batch, or cut",
    "contradicted": "the {other} with the same custom_id contradicts it (model, account, time, or "
    "number of tokens), so it is of another batch",
}
_ONE_FILE: Final = (
    "Where you know that two files are of one batch, put both into one file and import that into "
    "a new case."
)
_TOGETHER: Final = (
    "Halves are joined within one import: where the others were imported before, import both into "
    "a new case, together."
)


def with_fates(
    reports: Sequence[SourceReport], settled: Sequence[SourceReport]
) -> list[SourceReport]:
    """Every file's report, those that were stored as they were settled."""
    of_stored = iter(settled)
    return [report if report.already else next(of_stored) for report in reports]


def not_joined(alone: Sequence[tuple[str, Alone]]) -> list[Doubt]:
    """A doubt for each file and reason."""
    return [
        Doubt(
            f"{path}: {plural(each.count, *_HALF[each.side])} loaded without the other half: "
            f"{_WHY[each.why].format(other=_OTHER[each.side])}.",
            command=_TOGETHER if each.why == "no other" else _ONE_FILE,
            control=_TOGETHER if each.why == "no other" else _ONE_FILE,
        )
        for path, each in alone
    ]
