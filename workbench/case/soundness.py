"""Whether the databases and files of a case hold what was written. Read whole, changed never.

DuckDB checks the sum of a block when it reads it, so that a flipped bit lies unseen until then.
This room must not mend anything.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb

from workbench.case.computed import ArtifactStore
from workbench.case.database import Database, is_made
from workbench.case.records import Held, lacking
from workbench.domain.errors import CaseError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from workbench.domain.label import JournalEntry

_TABLES: Final = "SELECT table_name FROM duckdb_tables() WHERE database_name = $name"
_SOURCES: Final = (
    "SELECT s.sha256 FROM sources s JOIN batches b USING (batch_id) WHERE b.state = 'closed'"
)
#: Reads every value of every row.
_THROUGH: Final = 'SELECT bit_xor(hash(COLUMNS(*))) FROM "{}"'


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with computed/.

    Attributes:
        fact: A sentence, without its full stop; empty where nothing is.
        whole: Whether the manifest itself cannot be relied on, and with it none of the files.
        stages: Else the stages whose files are not what was published.
    """

    fact: str = ""
    whole: bool = False
    stages: tuple[str, ...] = ()


def held(cursor: duckdb.DuckDBPyConnection) -> Held:
    """What given.duckdb holds of what the journals speak of."""
    tables = {name for (name,) in cursor.execute(_TABLES, {"name": "given"}).fetchall()}

    def all_of(text: str, table: str) -> list[tuple[Any, ...]]:
        return cursor.execute(text).fetchall() if table in tables else []

    return Held(
        tuple(row[0] for row in all_of(_SOURCES, "sources")),
        frozenset(row[0] for row in all_of("SELECT added_id FROM added", "added")),
        len(all_of("SELECT batch_id FROM frames", "frames")),
    )


def damage_of_given(
    folder: Path, spill: Path, entries: Sequence[JournalEntry], check: Callable[[], None]
) -> str:
    """Why given.duckdb of a case cannot be relied on; empty where every byte that counts is sound.

    Args:
        folder: The case folder.
        spill: Folder for what does not fit into memory.
        entries: Of all journals.
        check: Called between tables; may raise to end it.

    Raises:
        StorageError: The disk failed.
        CaseLockedError: Another process holds the file.
    """
    path = folder / "given.duckdb"
    if not path.exists():
        return "given.duckdb is missing"
    if said := _damage(path, "given", spill, check):
        return said
    with closing(Database(path, None, spill=spill, write=False)) as database:
        return lacking(entries, held(database.cursor("given"))).rstrip(".")


def damage_of_computed(
    folder: Path, spill: Path, recorded: Mapping[str, str], check: Callable[[], None]
) -> Damage:
    """What of computed/ is not what was published.

    Args:
        folder: The case folder.
        spill: Folder for what does not fit into memory.
        recorded: Stage -> digest, as the last run that ended well left them; empty where none did,
            or another came after it.
        check: Called between files; may raise to end it.

    Raises:
        StorageError: The disk failed.
        CaseLockedError: Another process holds the file.
    """
    computed = folder / "computed"
    manifest = computed / "computed.duckdb"
    files = [*computed.glob("*.npy"), *computed.glob("*.arrow")] if computed.is_dir() else []
    if not is_made(manifest):
        if files or recorded:
            return Damage("computed.duckdb is missing", whole=True)
        return Damage()
    if said := _damage(manifest, "computed", spill, check):
        return Damage(said, whole=True)
    # Attached alone, so that given.duckdb may be as it is.
    database = Database(folder / "given.duckdb", manifest, spill=spill, write=False)
    with closing(database):
        store = ArtifactStore(computed, database, write=False)
        names = sorted({stage.stage for stage in store.stages()} | store.lost, key=len)
        bad = set(store.lost)
        for path in store.verify():
            bad.add(next(name for name in reversed(names) if path.startswith(f"{name}.")))
            check()
        found = {stage.stage: stage.digest for stage in store.stages()}
    if bad:
        return Damage("files of computed/ are missing or damaged", stages=tuple(sorted(bad)))
    if any(found.get(stage) != digest for stage, digest in recorded.items()):
        return Damage("computed.duckdb is not that of the last analysis", whole=True)
    return Damage()


def _damage(path: Path, name: str, spill: Path, check: Callable[[], None]) -> str:
    """Why a database cannot be relied on, a sentence without its full stop; empty where it can."""
    try:
        # Whatever it is called in a case: it is the only one that is attached.
        with closing(Database(path, None, spill=spill, write=False)) as database:
            cursor = database.cursor("given")
            tables = cursor.execute(_TABLES, {"name": "given"}).fetchall()
            if not tables:
                return f"{path.name} holds nothing" if name == "given" else ""
            for (table,) in tables:
                cursor.execute(_THROUGH.format(str(table).replace('"', '""'))).fetchall()
                check()
    except CaseError as error:
        if type(error) is not CaseError:
            raise
        return error.fact.rstrip(".")
    except StorageError:
        raise
    except duckdb.Error as error:
        with suppress(IndexError):
            return f"{path.name} is damaged ({str(error).splitlines()[0]})"
        return f"{path.name} is damaged"
    return ""
