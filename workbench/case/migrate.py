"""Bringing a case of an older version up to date, one numbered step at a time.

A step changes one part from version n to n + 1. It must be safe to run again: a process may end
between the step and the line in case.toml that records it. Versions newer than this program's are
refused before anything is opened. This room must not be called by anything but ``Case.open``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workbench.case.casefile import VERSIONS, CaseFile
from workbench.case.database import Database, translated
from workbench.case.pins import make_pins
from workbench.case.statements import statement
from workbench.domain.errors import CaseError, VersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Migration:
    """One step.

    Attributes:
        part: "given", "computed" or "decided".
        number: The version it starts from; it leads to the next.
        apply: Changes the case folder; idempotent.
        readable: Whether a case that lacks the step can be read all the same.
    """

    part: str
    number: int
    apply: Callable[[Path], None]
    readable: bool = False


def _make_added_tables(folder: Path) -> None:
    """Given 1 to 2: a layer for tables that are added beside the logs."""
    _run(folder, "added_schema")


def _make_room_for_kept(folder: Path) -> None:
    """Given 2 to 3: what is kept of texts that were left out."""
    _run(folder, "kept_schema")


def _make_milestones(folder: Path) -> None:
    """Given 3 to 4: how far an import that runs is durable."""
    _run(folder, "milestones_schema")


def _make_room_for_dialogue(folder: Path) -> None:
    """Given 4 to 5: what a conversation holds beside one question and its answer."""
    _run(folder, "dialogue_schema")


def _make_room_for_purges(folder: Path) -> None:
    """Given 5 to 6: rows whose exchange was erased, and which entry asked for it."""
    _run(folder, "purged_schema")


def _pin_journals(folder: Path) -> None:
    """Decided 1 to 2: kinds of entries that version 1 does not know; pins are always there."""
    make_pins(folder / "decided")


def _run(folder: Path, name: str) -> None:
    database = Database(
        folder / "given.duckdb", None, spill=folder / "computed" / "spill", write=True
    )
    try:
        with translated("given.duckdb of the case", safe="The case is as it was."):
            cursor = database.cursor("given")
            cursor.execute(statement(name))
            cursor.execute("CHECKPOINT given")
    finally:
        database.close()


#: Every step there is. ``tests/case/test_migrate.py`` fails for a step without a test.
MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration("given", 1, _make_added_tables, readable=True),
    Migration("given", 2, _make_room_for_kept, readable=True),
    Migration("given", 3, _make_milestones, readable=True),
    Migration("given", 4, _make_room_for_dialogue, readable=True),
    Migration("given", 5, _make_room_for_purges, readable=True),
    Migration("decided", 1, _pin_journals, readable=True),
)


def bring_up_to_date(
    folder: Path,
    file: CaseFile,
    *,
    write: bool,
    migrations: Sequence[Migration] = MIGRATIONS,
    versions: Mapping[str, int] = VERSIONS,
) -> CaseFile:
    """Run the steps that are missing, recording each in case.toml.

    Args:
        folder: The case folder, locked by the caller.
        file: What case.toml says.
        write: Whether the case may be changed.
        migrations: The steps there are.
        versions: What this program writes.

    Returns:
        What case.toml says now; of a case that is only read, versions may be older.

    Raises:
        VersionError: A part is newer than this program, or older than any step reaches.
        CaseError: It is older, and opened for reading only.
    """
    refuse_newer(folder, file, versions)
    steps = {(step.part, step.number): step for step in migrations}
    for part, known in sorted(versions.items()):
        while file.versions[part] < known:
            number = file.versions[part]
            if (part, number) not in steps:
                raise VersionError(
                    f"{folder} is too old: part {part!r} has version {number}.",
                    remedy="Open it with an earlier workbench first.",
                    safe="Nothing was changed.",
                )
            if not write and steps[part, number].readable:
                break
            if not write:
                raise CaseError(
                    f"{folder} was written by an older workbench and must be updated first.",
                    remedy="Open it for writing once.",
                    safe="Nothing was changed.",
                )
            steps[part, number].apply(folder)
            file = replace(file, versions=file.versions | {part: number + 1})
            file.write(folder / "case.toml")
    return file


def refuse_newer(folder: Path, file: CaseFile, versions: Mapping[str, int] = VERSIONS) -> None:
    """Refuse a case of which a part is newer than this program.

    Raises:
        VersionError: One is.
    """
    for part, known in sorted(versions.items()):
        if file.versions[part] > known:
            raise VersionError(
                f"{folder} was written by a newer workbench: its part {part!r} has version "
                f"{file.versions[part]}, this program knows {known}.",
                remedy="Update the workbench.",
                safe="Nothing was changed.",
            )
