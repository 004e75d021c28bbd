"""A case: the folder with everything about one investigation.

Opens and closes its three parts together and sees that one process writes at a time. This room
must not interpret what the parts hold.
"""

from __future__ import annotations

import errno
import hashlib
import secrets
import shutil
import tempfile
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from workbench.case.added import AddedStore
from workbench.case.casefile import CaseFile, fsync_folder
from workbench.case.computed import ArtifactStore
from workbench.case.database import RESTORE, Database, is_made, storage_error, translated
from workbench.case.engine import CaseEngine
from workbench.case.entrance import refuse_links, require_case
from workbench.case.given import GivenStore
from workbench.case.identity import config_folder
from workbench.case.journal import Journals
from workbench.case.layer import Layer
from workbench.case.lock import CaseLock
from workbench.case.migrate import bring_up_to_date
from workbench.case.pins import Remembered, journal_files
from workbench.case.purging import PURGING, carried_out, carry_out, purges
from workbench.case.records import lacking
from workbench.case.soundness import held
from workbench.domain.errors import CaseError, KnownError
from workbench.domain.label import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from workbench.case.gate import Gate
    from workbench.domain.label import JournalEntry
    from workbench.domain.settings import CaseSettings

#: Version of given from which on there is a layer for added tables.
_WITH_LAYER: Final = 2
#: And the one that can hold what is kept of texts.
_WITH_KEPT: Final = 3
#: And the one whose imports go on after a kill.
_WITH_MILESTONES: Final = 4
#: And the one that holds whole conversations.
_WITH_DIALOGUE: Final = 5
#: Version of decided from which on pins are always there.
_WITH_PINS: Final = 2
#: Bytes of journals that are not read only to see whether given.duckdb holds what they say.
_LONG: Final = 4 << 20
#: Where a new given.duckdb is made (``services.repairing``), until it takes the place of the old.
REPAIRING: Final = "repairing"
#: Bytes copied at a time.
_COPIED: Final = 16 << 20
#: What the system answers where a folder that is not empty lies at the new name.
_TAKEN: Final = {errno.EEXIST, errno.ENOTEMPTY}


class Case:
    """An open case. Close it, or use it as a context manager.

    Made by ``Case.create`` and ``Case.open``. Safe from any thread, but for imports: one at a
    time.

    Attributes:
        path: The folder.
        given: What was given.
        added: The tables that were added beside the logs.
        artifacts: What was computed (port ``Artifacts``).
        journals: What people decided.
        recovered: True when an import that did not finish, and cannot go on, was taken back at
            open.
    """

    path: Path
    given: GivenStore
    added: AddedStore
    artifacts: ArtifactStore
    journals: Journals
    recovered: bool

    def __init__(self, path: Path, file: CaseFile, *, write: bool, resources: ExitStack) -> None:
        self.path = path
        self.write = write
        self._file = file
        self._resources = resources
        computed = path / "computed"
        if write:
            _make_folder(computed)
            _make_folder(path / "decided")
        manifest = computed / "computed.duckdb"
        manifested = is_made(manifest)
        if write and not manifested:
            manifest.unlink(missing_ok=True)
        self._database = Database(
            path / "given.duckdb",
            manifest if write or manifested else None,
            spill=(computed if write else _apart(resources)) / "spill",
            write=write,
        )
        resources.callback(self._database.close)
        self.given = GivenStore(
            self._database,
            write=write,
            folder=path,
            there=file.versions["given"] >= _WITH_MILESTONES,
        )
        there = file.versions["given"] >= _WITH_LAYER
        self._layer = Layer(
            self._database,
            there=there,
            kept=file.versions["given"] >= _WITH_KEPT,
            dialogue=file.versions["given"] >= _WITH_DIALOGUE,
        )
        self.added = AddedStore(
            self._database,
            self.given,
            self._layer,
            identity=file.settings.identity,
            there=there,
        )
        if write:
            self.added.sweep()
        self.recovered = write and self.given.recover()
        attached = self._database if write or manifested else None
        self.artifacts = ArtifactStore(computed, attached, write=write)
        self.journals = Journals(
            path / "decided",
            case_id=file.id,
            write=write,
            pinned=file.versions["decided"] >= _WITH_PINS,
            remembered=Remembered(config_folder() / "heads", file.id, path),
        )
        self._refuse_less()

    def _refuse_less(self) -> None:
        """A given.duckdb that lost its newest headers is sound, and older than the journals are.

        Where journals are only read, those that are long or damaged are left to whoever asks.
        """
        decided = self.path / "decided"
        try:
            if not self.write and sum(f.stat().st_size for f in journal_files(decided)) > _LONG:
                return
            entries = self.journals.entries()
        except (OSError, KnownError):
            return
        with (
            closing(self._database.cursor("given")) as cursor,
            self._database.settling,
            translated("given.duckdb of the case"),
        ):
            lost = lacking(entries, held(cursor))
        if lost:
            raise CaseError(lost, remedy=RESTORE, safe="Nothing was changed.")

    # --- opening -----------------------------------------------------------------------------
    @classmethod
    def create(cls, path: str | Path, *, name: str = "") -> Case:
        """Make an empty case and open it for writing.

        Args:
            path: Must not exist, or be an empty folder; ``NAME.case`` by custom.
            name: Caption; the folder's name without ending when empty.

        Raises:
            CaseError: Something lies there already.
            StorageError: The folder cannot be made.
        """
        path = Path(path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise _exists(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made beside and renamed whole: a creation that fails leaves nothing that looks
            # like a case.
            made = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        except OSError as error:
            raise storage_error(error, f"The folder {path}") from error
        try:
            # For its owner alone, as mkdtemp makes it: whoever shares a case opens it to others.
            _fill(made, name or path.stem)
            made.replace(path)
            fsync_folder(path.parent)
        except OSError as error:
            if error.errno in _TAKEN:  # by another process, meanwhile
                raise _exists(path) from error
            raise storage_error(error, f"The folder {path}") from error
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path, *, write: bool = True) -> Case:
        """Open a case.

        Args:
            path: The folder.
            write: False only reads, also where nothing can be written; several processes may
                read at once.

        Raises:
            CaseError: Not a case, or damaged.
            VersionError: Written by a newer version of this program.
            CaseLockedError: Another process holds it.
            StorageError: It cannot be read, or not written although asked to.
        """
        path = Path(path)
        require_case(path)
        if not (path / "given.duckdb").is_file():
            raise CaseError(
                f"{path} is damaged: given.duckdb is missing.",
                remedy=RESTORE,
                safe="Nothing was changed.",
            )
        refuse_links(path)
        with ExitStack() as resources:
            lock = CaseLock(path / "lock", write=write)
            resources.callback(lock.release)
            file = bring_up_to_date(path, CaseFile.read(path / "case.toml"), write=write)
            if write:  # of a repair that was killed
                shutil.rmtree(path / REPAIRING, ignore_errors=True)
                shutil.rmtree(path / PURGING, ignore_errors=True)
            case = cls(path, file, write=write, resources=resources)
            if write and (left := case._purges_left()):
                case._database.close()
                carry_out(path, left)
                case = cls(path, file, write=write, resources=resources)
            case._resources = resources.pop_all()
        return case

    def _purges_left(self) -> list[JournalEntry]:
        """Purges that a journal asks for and that a kill kept from being carried out."""
        try:
            asked = purges(self.journals.entries())
        except (OSError, KnownError):
            return []
        if not asked or self.given.interrupted() is not None:
            return []
        with closing(self._database.cursor("given")) as cursor:
            done = carried_out(cursor)
        return [entry for entry in asked if entry.digest not in done]

    def close(self) -> None:
        """Close all parts and let go of the lock. Closing twice is fine."""
        self._resources.close()

    def discard(self) -> None:
        """Close the case and take its folder away: for whoever just made it, and needs it no more.

        It is out of the way before the lock is let go, so that nobody opens what is about to go,
        and what another process makes there afterwards stays.
        """
        self._database.close()
        aside = self.path.with_name(f".{self.path.name}.{self.id}")
        with suppress(OSError):
            self.path.replace(aside)
        self.close()
        shutil.rmtree(aside, ignore_errors=True)

    def __enter__(self) -> Case:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- what it is --------------------------------------------------------------------------
    @property
    def id(self) -> str:
        """Random, hex."""
        return self._file.id

    @property
    def name(self) -> str:
        """Caption."""
        return self._file.name

    @property
    def created(self) -> str:
        """RFC 3339, UTC."""
        return self._file.created

    @property
    def versions(self) -> dict[str, int]:
        """Part -> version."""
        return dict(self._file.versions)

    @property
    def settings(self) -> CaseSettings:
        """As in case.toml."""
        return self._file.settings

    def engine(self, gate: Gate | None = None) -> CaseEngine:
        """An engine for the calling thread, over the batches closed by now; close it after use.

        Args:
            gate: Which texts it shows; all of them when None.
        """
        return CaseEngine(self._database, self.settings.identity, self._layer, gate)

    def copy_given(self, path: Path, check: Callable[[], None]) -> None:
        """Make a case folder that was given the same; nothing in it is computed or decided.

        Args:
            path: The folder to make.
            check: Called between the parts of a large copy; may raise to end it.

        Raises:
            StorageError: The disk is full or failing; the folder is incomplete.
        """
        try:
            path.mkdir(parents=True)
            # While it is checkpointed the file is in between two states.
            with self._database.settling:
                for name in ("case.toml", "given.duckdb"):
                    with (self.path / name).open("rb") as source, (path / name).open("wb") as copy:
                        while part := source.read(_COPIED):
                            copy.write(part)
                            check()
        except OSError as error:
            raise storage_error(error, f"The copy {path}") from error

    def digest(self) -> str:
        """The case digest of the bundle: SHA-256 (hex) of all that its findings rest on."""
        return hashlib.sha256(self.digested()).hexdigest()

    def digested(self) -> bytes:
        """Digests of sources, settings, stage keys, decisions, added tables: RFC 8785 JSON."""
        content: dict[str, Any] = {
            "sources": sorted(self.given.sources().column("sha256").to_pylist()),
            "settings": {
                "identity": self.settings.identity.value,
                "marking": self.settings.marking,
            },
            "stages": {stage.stage: stage.key for stage in self.artifacts.stages()},
            "decisions": sorted(
                entry.digest for entry in self.journals.entries() if entry.kind in DECISIONS
            ),
        }
        if added := self.added.tables(counted=False):
            content["added"] = [[one.kind.value, one.sha256, one.reach] for one in added]
        return rfc8785.dumps(content)


def _exists(path: Path) -> CaseError:
    return CaseError(
        f"{path} exists already.",
        remedy="Open it, or choose another name.",
        safe="Nothing was changed.",
    )


def _fill(folder: Path, name: str) -> None:
    (folder / "computed").mkdir()
    (folder / "decided").mkdir()
    database = Database(
        folder / "given.duckdb", None, spill=folder / "computed" / "spill", write=True
    )
    try:
        GivenStore(database, write=True, folder=folder).create()
    finally:
        database.close()
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    CaseFile(secrets.token_hex(16), name, created).write(folder / "case.toml")


def _apart(resources: ExitStack) -> Path:
    """A folder of the reader's own, where others on this computer do not look; gone at the end.

    Where none can be made, what needs it says so: most of what is read needs none.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"workbench-{secrets.token_hex(8)}"
    return Path(resources.enter_context(made))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise storage_error(error, f"The folder {folder}") from error
