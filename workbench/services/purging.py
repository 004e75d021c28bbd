"""The use case purge: exchanges of accounts, or of before a day, are erased from the case's files.

The journal is told first, with how many, the digest over what is erased, and why; then the case is
opened anew, which carries it out (``case.purging``), as it would after a kill. Nothing takes it
back.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.ports import Statement
from workbench.services.access import account_of
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from workbench.case.engine import CaseEngine
    from workbench.domain.progress import JobContext

_ROWS: Final = Statement.read(__file__, "purged_rows")
_COUNTS: Final = Statement.read(__file__, "purged_counts")
_TEXTS: Final = ("completion", "reasoning", "dialogue")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a purge by date would erase.

    Attributes:
        n_exchanges: Exchanges of the case.
        n_before: Of these, sent before the instant.
        n_undated: Of these, without a time: before no instant.
        first_us: When the first one was sent, UTC microseconds; None where none says.
        retention_days: For how long the case may keep exchanges; None: as long as it likes.
        refused: Why nothing may be erased now, and what to do; empty where it may.
    """

    n_exchanges: int
    n_before: int
    n_undated: int
    first_us: int | None
    retention_days: int | None
    refused: str


@dataclass(frozen=True, slots=True)
class Purged:
    """What was erased.

    Attributes:
        n_exchanges: How many exchanges.
        sha256: Digest over them, hex: see ``digest_of``.
        entry: The tombstone: the journal's entry.
    """

    n_exchanges: int
    sha256: str
    entry: str

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"purged": self.n_exchanges, "sha256": self.sha256, "entry": self.entry}


def outlook(workspace: Workspace, before_us: int | None = None) -> Outlook:
    """What a purge of exchanges sent before an instant (UTC microseconds) would erase."""
    refused = ""
    try:
        _refuse(workspace)
    except InputError as error:
        refused = str(error)
    with workspace._held.engine() as engine:
        (row,) = engine.table(_COUNTS, before=before_us).to_pylist()
    return Outlook(**row, retention_days=workspace.policies.now().retention_days, refused=refused)


def purge(
    path: Path,
    job: JobContext,
    why: str,
    *,
    accounts: Sequence[str] = (),
    before_us: int | None = None,
    analyst: str | None = None,
) -> Purged:
    """Erase exchanges from a case that nobody has open.

    Args:
        path: The case folder.
        job: Progress and cancellation, until the journal is told.
        why: The reason.
        accounts: Accounts whose exchanges are erased: keys, or values as the log gave them.
        before_us: Exchanges of before this instant, UTC microseconds.
        analyst: Caption of the analyst's key; None for the one it has.

    Raises:
        InputError: The reason lacks, the case is on legal hold, an import waits to go on, there is
            no such account, or nothing to erase.
        CaseError: It is no case, or another process holds it.
        StorageError: The disk is full or failing; the purge is carried out at the next open.
        CancelledError: The user cancelled; nothing was erased.
    """
    if not why.strip():
        raise InputError("The purge has no reason.", remedy="Say why: --why TEXT.")
    if bool(accounts) == (before_us is not None):
        raise InputError(
            "A purge takes accounts or a date.", remedy="Give --account ID or --before DATE."
        )
    with Workspace.open(path, analyst=analyst) as workspace:
        _refuse(workspace)
        held = workspace._held
        keys = sorted({account_of(held, name) for name in accounts})
        case = held.case
        below = case.given.sizes().exchanges
        engine = case.engine()
        try:
            level = engine.level.value
            count, digest = digest_of(engine, keys, before_us, below, job)
        finally:
            engine.close()
        if not count:
            raise InputError(
                "There is nothing to erase.",
                remedy="Exchanges without a time are before no date: name their accounts.",
            )
        body: dict[str, Any] = {
            "accounts": keys,
            "before_us": before_us,
            "level": level,
            "below": below,
            "n_exchanges": count,
            "sha256": digest,
            "why": why,
        }
        job.check()
        entry = case.journals.append(EntryKind.PURGE, body, workspace.signer())
    job.report("Writing the case without them", done=None)
    Workspace.open(path, analyst=analyst).close()
    return Purged(count, digest, entry.digest)


def digest_of(
    engine: CaseEngine, keys: Sequence[str], before_us: int | None, below: int, job: JobContext
) -> tuple[int, str]:
    """How many exchanges are erased, and SHA-256 (hex) over them.

    Of one line an exchange in the order of their ids, each ended by a newline: a JSON array without
    blanks of SHA-256 of the log, number of the record, byte offset, and BLAKE2b-128 (hex) of the
    UTF-8 bytes of system prompt, prompt, completion, reasoning, whole conversation; null for none.
    """
    engine.with_table("named", pa.table({"account_key": pa.array(keys, pa.string())}))
    found, count = hashlib.sha256(), 0
    for batch in engine.scan(_ROWS, below=below, before=before_us):
        job.check()
        job.report("Reading what is erased", done=None)
        for row in batch.to_pylist():
            line = [row["sha256"], row["record_no"], row["byte_offset"]]
            line += [row[name].hex() if row[name] else None for name in ("system", "prompt")]
            line += [_digest(row[name]) for name in _TEXTS]
            found.update(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        count += batch.num_rows
    return count, found.hexdigest()


def _digest(text: str | None) -> str | None:
    return None if text is None else blake2b(text.encode(), digest_size=16).hexdigest()


def _refuse(workspace: Workspace) -> None:
    if workspace.policies.now().legal_hold:
        raise InputError(
            "The case is on legal hold: nothing is purged.",
            remedy="Whoever may lift it does so first, in the settings of the case: workbench "
            "settings CASE --legal-hold no --why TEXT.",
            safe="Nothing was erased.",
        )
    if workspace.importing.interrupted() is not None:
        raise InputError(
            "An import into the case was cut short and may go on.",
            remedy="Let it go on, or take it back: workbench import CASE --help.",
            safe="Nothing was erased.",
        )
