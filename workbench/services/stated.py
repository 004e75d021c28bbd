"""What a bundle states of its own making, read for whoever recomputes it.

The bundle was verified, but whoever signed it may mean harm: what is read here has the form that
this program writes, or is refused. Recomputes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from workbench.bundle.audit import HEADS
from workbench.bundle.content import Texts
from workbench.bundle.layout import PRICES, RERUN
from workbench.bundle.walk import open_plain
from workbench.case.casefile import CaseFile
from workbench.case.journal import Journals
from workbench.case.records import GIVEN, own
from workbench.domain.account import IdentityLevel
from workbench.domain.added import AddedKind
from workbench.domain.errors import InputError, KnownError
from workbench.domain.label import EntryKind, Label
from workbench.domain.settings import AnalysisSettings, CaseSettings
from workbench.services.analysing import DONE
from workbench.services.export_scope import Scope, tlp_mark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from workbench.domain.label import JournalEntry

#: Bytes of a file of ``method/`` that is read whole.
_LONGEST: Final = 16 << 20
_SHARED: Final = "data/redactions.json"
_VERSIONS: Final = "data/method/versions.json"
_STAGES: Final = "data/method/stages.json"
_TEXTS: Final = "data/method/texts.json"
_TRY: Final = "Ask the sender for a bundle that a current workbench exported."


# --- the form of what is read ----------------------------------------------------------------
class _Case(msgspec.Struct):
    id: str
    name: str
    created: str
    identity: str
    marking: str


class _Asked(msgspec.Struct):
    clusters: list[str]
    label: Label | None
    accounts: list[str]


class _Rerun(msgspec.Struct):
    case: _Case
    asked: _Asked
    marking: str
    prices: str | None
    planted: list[dict[str, Any]]
    reader: str = ""


class _Texts(msgspec.Struct):
    all: bool
    exhibits: list[int]


class Stage(msgspec.Struct):
    """A stage of the analysis, as ``stages.json`` has it."""

    stage: str
    key: str
    digest: str
    info: dict[str, Any]


class _Log(msgspec.Struct):
    path: str
    size: int
    sha256: str
    format: str
    reason: str


class _Import(msgspec.Struct):
    batch: int
    files: list[_Log]
    frame: dict[str, Any]
    mapping: dict[str, str]
    door: dict[str, Any] = {}
    opened_us: int = 0
    closed_us: int = 0


class _Join(msgspec.Struct):
    id: int
    kind: str
    path: str
    size: int
    sha256: str
    format: str
    at_us: int
    zone: str
    columns: dict[str, Any]
    coerced_columns: dict[str, int]
    reach: int
    mapping: dict[str, str] = {}


class _Frame(msgspec.Struct):
    batch: int
    frame: dict[str, Any]


class _Head(msgspec.Struct):
    number: int


class _Merge(msgspec.Struct):
    before: dict[str, _Head] = {}
    theirs: dict[str, _Head] = {}


class _Settings(msgspec.Struct):
    seed: Annotated[int, msgspec.Meta(ge=0)]
    embedder: str
    landmarks: Annotated[int, msgspec.Meta(ge=1, le=50_000)]
    cells: Annotated[int, msgspec.Meta(ge=1, le=4_096)]
    q: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    baseline: str = ""


class _Run(msgspec.Struct):
    settings: _Settings


_FORMS: Final[dict[EntryKind, type[msgspec.Struct]]] = {
    EntryKind.IMPORT: _Import,
    EntryKind.JOIN: _Join,
    EntryKind.FRAME: _Frame,
    EntryKind.MERGE: _Merge,
    EntryKind.RUN: _Run,
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What a bundle states.

    Attributes:
        path: The bundle.
        case: As its case.toml was.
        scope: What was asked to be exported.
        marking: TLP mark of the bundle.
        texts: Which texts are in it.
        records: Of imports, tables, frames, and analyses that ended well, in order.
        runs: Digest of an entry of ``records`` -> parameters of the analysis.
        cut_runs: Analyses that did not end well, after the last one that did.
        prices: Name of the file of the price list in it; empty without one.
        versions: Program and libraries -> version.
        stages: As computed.
        planted: Campaigns that were planted to see what would have been found.
        reader: Fingerprint of the key whose reveals counted.
    """

    path: Path
    case: CaseFile
    scope: Scope
    marking: str
    texts: Texts
    records: tuple[JournalEntry, ...]
    runs: dict[str, AnalysisSettings]
    cut_runs: int
    prices: str
    versions: dict[str, str]
    stages: tuple[Stage, ...]
    planted: list[dict[str, Any]]
    reader: str


def read_stated(bundle: Path) -> Stated:
    """Read what a bundle states.

    Args:
        bundle: Its folder, verified.

    Raises:
        InputError: It is a share edition, of a version that could not be recomputed, or has not
            the form that this program writes.
    """
    if (bundle / _SHARED).exists():
        raise InputError(
            f"{bundle} is a share edition: it leaves out accounts and journals, so that nothing "
            "can be recomputed from it.",
            remedy="Only the full bundle can be recomputed, by whoever may see it.",
        )
    if not (bundle / RERUN).is_file():
        raise InputError(
            f"{bundle} does not say how to recompute it: it has no {RERUN}.", remedy=_TRY
        )
    rerun = _read(bundle, RERUN, _Rerun)
    texts = _read(bundle, _TEXTS, _Texts)
    if rerun.prices is not None and f"data/method/{rerun.prices}" not in PRICES:
        raise _refused(bundle / RERUN, "prices is no file of a bundle")
    entries = _entries(bundle, rerun.case.id)
    if any(entry.kind is EntryKind.PURGE for entry in entries):
        raise InputError(
            f"{bundle} is of a case from which exchanges were purged: the logs hold more than it "
            "did.",
            remedy=f"It can be verified: workbench verify {bundle}.",
        )
    records, runs, cut = _records(bundle, entries)
    settings = CaseSettings(_identity(bundle, rerun.case.identity), rerun.case.marking)
    asked = rerun.asked
    return Stated(
        path=bundle,
        case=CaseFile(rerun.case.id, rerun.case.name, rerun.case.created, settings=settings),
        scope=Scope(tuple(asked.clusters), asked.label, tuple(asked.accounts)),
        marking=tlp_mark(rerun.marking),
        texts=Texts(texts.all, tuple(texts.exhibits)),
        records=records,
        runs=runs,
        cut_runs=cut,
        prices=f"data/method/{rerun.prices}" if rerun.prices else "",
        versions=_read(bundle, _VERSIONS, dict[str, str]),
        stages=tuple(_read(bundle, _STAGES, list[Stage])),
        planted=rerun.planted,
        reader=rerun.reader,
    )


def _identity(bundle: Path, said: str) -> IdentityLevel:
    try:
        return IdentityLevel(said)
    except ValueError:
        raise _refused(bundle / RERUN, "its case has no identity level") from None


def _read(bundle: Path, name: str, form: Any) -> Any:
    path = bundle / name
    try:
        with open_plain(path) as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", remedy=_TRY) from error
    if len(data) > _LONGEST:
        raise _refused(path, "it is too long")
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, str(error)) from None


def _entries(bundle: Path, case_id: str) -> list[JournalEntry]:
    try:
        folder = (bundle / HEADS).parent
        entries: list[JournalEntry] = Journals(
            folder, case_id=case_id, write=False, pinned=False
        ).entries()
    except InputError:
        raise
    except KnownError as error:
        raise InputError(error.fact, remedy=_TRY) from error
    for entry in entries:
        _check(bundle, entry)
    return entries


def _check(bundle: Path, entry: JournalEntry) -> None:
    """Refuse a record that has not the form that this program writes."""
    form, body = _FORMS.get(entry.kind), entry.body
    if form is None or ("action" in body and entry.kind is EntryKind.IMPORT):
        return
    if entry.kind is EntryKind.RUN and "run" in body:
        return
    try:
        msgspec.convert(body, type=form)
        if entry.kind is EntryKind.JOIN:
            AddedKind(body["kind"])
    except (msgspec.ValidationError, ValueError) as error:
        where = f"line {entry.number} of {entry.analyst.name}'s journal"
        raise _refused(bundle / "data" / "audit", f"{where}: {error}") from None


def _records(
    bundle: Path, entries: Sequence[JournalEntry]
) -> tuple[tuple[JournalEntry, ...], dict[str, AnalysisSettings], int]:
    """What is done again, in order; parameters of its analyses; how many ended badly after."""
    ends = {
        str(e.body["run"]): e.body for e in entries if e.kind is EntryKind.RUN and "run" in e.body
    }
    records: list[JournalEntry] = []
    runs: dict[str, AnalysisSettings] = {}
    cut = 0
    for entry in own(entries, GIVEN | {EntryKind.RUN}):
        if entry.kind is not EntryKind.RUN:
            records.append(entry)
        elif "run" not in entry.body and ends.get(entry.digest, {}).get("state") == DONE:
            records.append(entry)
            said = msgspec.convert(entry.body, type=_Run).settings
            runs[entry.digest] = AnalysisSettings(**msgspec.structs.asdict(said))
            cut = 0
        elif "run" not in entry.body:
            cut += 1
    if not runs:
        raise InputError(
            f"{bundle} names no analysis that ended well, so there is none to run again.",
            remedy=_TRY,
        )
    return tuple(records), runs, cut


def _refused(path: Path, detail: str) -> InputError:
    return InputError(f"{path} does not say what bundles say there: {detail}.", remedy=_TRY)
