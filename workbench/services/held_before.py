"""What the case held before an import, and what a person should know of the two together.

A file that the case holds is never read again, in whatever way it was asked for; and what two
systems logged of one exchange is one only where both are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError
from workbench.domain.text import elide, plural
from workbench.services.import_checks import Doubt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.case.batches import Batch
    from workbench.case.given import GivenStore
    from workbench.domain.exchange import SourceReport
    from workbench.domain.ports import ReadOptions

_ANEW: Final = "To read it so, import it into a new case."
_ONE_SYSTEM: Final = "Where they are of one system, give all its logs the same {} in a new case."


def files_held(
    given: GivenStore,
    reports: Sequence[SourceReport],
    system: str,
    options: ReadOptions,
    format_name: str,
) -> list[Doubt]:
    """What is told of each file that the case held: how it was read where that is not as asked.

    Args:
        given: What the case was given before.
        reports: Of all files of the import.
        system: The import's source system.
        options: Zone and mapping, as they were asked for.
        format_name: As it was asked for; empty where content tells it.

    Raises:
        InputError: There is no other file, and one was to be read otherwise.
    """
    held = [report for report in reports if report.already]
    if not held:
        return []
    batches = {b.batch_id: b for b in given.batches() if b.frame.system == system}
    rows = {row["sha256"]: row for row in given.sources().to_pylist() if row["batch_id"] in batches}
    doubts: list[Doubt] = []
    otherwise: list[str] = []
    for report in held:
        row = rows.get(report.sha256)  # None: it was met in this very import
        then = batches[row["batch_id"]].options if row else {}
        asked = _not_applied(row["format"], then, options, format_name) if row else ""
        if row is None or not asked:
            doubts.append(Doubt(f"{report.path} was imported before: nothing changed."))
            continue
        otherwise.append(
            f"{report.path} was imported before, {_read_then(row, then)}: nothing changed, and "
            f"{asked} not applied."
        )
        doubts.append(Doubt(otherwise[-1], command=_ANEW, control=_ANEW))
    if otherwise and len(held) == len(reports):
        more = len(otherwise) - 1
        others = f" So for {plural(more, 'other file', 'other files')}." if more else ""
        raise InputError(otherwise[0] + others, remedy=_ANEW)
    return doubts


def _not_applied(
    format_then: str, then: Mapping[str, Any], options: ReadOptions, format_name: str
) -> str:
    """What was asked for now and is not how the file was read; empty where nothing was."""
    asked = []
    if format_name and format_name != format_then:
        asked.append(f"the format {format_name}")
    if options.zone and options.zone != then.get("zone"):
        asked.append(f"the zone {options.zone}")
    if options.mapping and dict(options.mapping) != then.get("mapping"):
        asked.append(f"the mapping {_listed(options.mapping)}")
    return f"{' and '.join(asked)} {'were' if asked[1:] else 'was'}" if asked else ""


def _read_then(row: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    zone, mapping = then.get("zone"), then.get("mapping")
    return (
        f"in import {row['batch_id']}, as {row['format']} ({elide(row['reason'], 200)}), "
        f"{f'in the zone {zone}' if zone else 'without a zone'}, "
        f"{f'by the mapping {_listed(mapping)}' if mapping else 'without a mapping'}"
    )


def _listed(mapping: Mapping[str, str]) -> str:
    return elide(", ".join(f"{name}={source}" for name, source in sorted(mapping.items())), 200)


def other_systems(before: Sequence[Batch], system: str) -> list[Doubt]:
    """A system that the case did not hold beside others: what both logged may be there twice.

    Args:
        before: Imports before this one.
        system: The import's source system; empty = not said.
    """
    systems = {batch.frame.system for batch in before}
    if not systems or system in systems:
        return []
    mine = f"is of the system {elide(system, 80)}" if system else "names no system"
    if system and "" in systems:
        theirs, what = "imports that name none", "what both logged counts twice"
    else:
        theirs = f"imports of {', '.join(elide(s, 80) for s in sorted(systems) if s)}"
        what = "what both logged counts twice"
        if system:
            what = "what both logged is joined by its request id, and counts twice without one"
    return [
        Doubt(
            f"This import {mine}, and the case holds {theirs}: {what}.",
            command=_ONE_SYSTEM.format("--system"),
            control=_ONE_SYSTEM.format("System"),
        )
    ]
