"""What people decided: a journal per analyst key under decided/. The only truth for labels.

Lines are only ever added, each made durable before ``append`` returns; then the head is pinned in
``heads.json``, because a chain whose last lines were cut off still fits together. This room must
not know what a decision means (``labels`` does).
"""

from __future__ import annotations

import json
import os
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.case.casefile import fsync_folder, replace_file
from workbench.case.clock import now_us
from workbench.case.database import storage_error
from workbench.case.journal_lines import (
    NOTHING,
    BadLineError,
    Line,
    LineSigner,
    check_line,
    make_line,
    read_line,
)
from workbench.domain.errors import CaseError, StorageError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workbench.domain.label import EntryKind, JournalEntry

_NAME: Final = re.compile(r"[0-9a-f]{16}\.jsonl")
_PINS: Final = "heads.json"


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """What ``verify`` went through without finding fault.

    Attributes:
        journals: How many.
        entries: Lines of all of them.
    """

    journals: int
    entries: int


class Journals:
    """All journals of a case. Safe from any thread.

    Args:
        folder: The folder decided/.
        case_id: Id of the case; each line names it.
        write: Whether entries may be added.

    Raises:
        CaseError: A journal cannot be read; names file and line.
        StorageError: The disk failed.
    """

    def __init__(self, folder: Path, *, case_id: str, write: bool) -> None:
        self._folder = folder
        self._case_id = case_id
        self._write = write
        self._lock = threading.RLock()
        self._journals: dict[str, list[Line]] = {}
        #: Sentences about journals whose last line was cut off by a crash.
        self.notices: list[str] = []
        try:
            for path in sorted(folder.glob("*.jsonl")):
                if _NAME.fullmatch(path.name):
                    self._journals[path.stem] = self._read(path)
        except OSError as error:
            raise storage_error(error, f"The folder {folder}") from error

    # --- reading -----------------------------------------------------------------------------
    def entries(self) -> list[JournalEntry]:
        """All entries of all journals, in the order in which they count.

        What an analyst had seen comes before what they wrote; what nobody had seen of each other
        goes by the clock, then by journal.
        """
        with self._lock:
            return [line.entry for line in _merged(self._journals)]

    def keys(self) -> list[str]:
        """Names of the journals, sorted."""
        with self._lock:
            return sorted(self._journals)

    def names(self) -> dict[str, str]:
        """Name of the journal of each key that has decided, by the key's fingerprint."""
        with self._lock:
            return {
                lines[0].entry.analyst.fingerprint: key
                for key, lines in self._journals.items()
                if lines
            }

    def lines(self, key: str) -> list[bytes]:
        """The lines of one journal as they are on disk, each with its line feed."""
        with self._lock:
            return [line.data + b"\n" for line in self._journals.get(key, [])]

    def head(self, key: str) -> str:
        """Digest of the last line of a journal; 64 zeros when it has none."""
        with self._lock:
            lines = self._journals.get(key)
            return lines[-1].entry.digest if lines else NOTHING

    def verify(self) -> JournalCheck:
        """Check every line, signature and pinned head, as they are on disk now.

        Raises:
            VerificationError: Names the first bad line, or the journal that was cut off.
            StorageError: The disk failed.
        """
        with self._lock:
            try:
                files = {
                    path.stem: path.read_bytes()
                    for path in sorted(self._folder.glob("*.jsonl"))
                    if _NAME.fullmatch(path.name)
                }
                pins = self._pins()
            except OSError as error:
                raise storage_error(error, f"The folder {self._folder}") from error
            journals = {
                key: verify_journal(key, data, self._case_id) for key, data in files.items()
            }
        _verify_heads(journals, pins)
        return JournalCheck(len(journals), sum(map(len, journals.values())))

    # --- writing -----------------------------------------------------------------------------
    def append(self, kind: EntryKind, body: Mapping[str, Any], signer: LineSigner) -> JournalEntry:
        """Add an entry to the signer's journal; durable when this returns.

        Raises:
            InputError: The body cannot be written exactly.
            CaseError: The case is open for reading only.
            StorageError: The disk is full or failing; nothing was decided.
        """
        if not self._write:
            raise CaseError(
                "The case is open for reading only, so nothing can be decided.",
                remedy="Open it for writing.",
            )
        with self._lock:
            key = signer.journal
            lines = self._journals.setdefault(key, [])
            data = make_line(
                kind,
                body,
                signer=signer,
                case=self._case_id,
                number=len(lines) + 1,
                previous=self.head(key),
                seen={
                    k: of[-1].entry.digest for k, of in self._journals.items() if of and k != key
                },
                at_us=now_us(),
            )
            _add(self._folder / f"{key}.jsonl", data + b"\n")
            line = read_line(data)
            lines.append(line)
            self._pin()
            return line.entry

    def _with_lines(self) -> list[str]:
        return sorted(key for key, lines in self._journals.items() if lines)

    def _pin(self) -> None:
        pins = {
            key: {"number": len(self._journals[key]), "digest": self.head(key)}
            for key in self._with_lines()
        }
        text = json.dumps(pins, indent=1, sort_keys=True) + "\n"
        try:
            replace_file(self._folder / _PINS, text.encode())
        except StorageError as error:
            # The entry itself is durable, and an older pin is true as well.
            self.notices.append(f"The head of the journal could not be pinned: {error.fact}")

    def _pins(self) -> dict[str, tuple[int, str]]:
        try:
            found = json.loads((self._folder / _PINS).read_bytes())
            return {key: (int(pin["number"]), str(pin["digest"])) for key, pin in found.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise VerificationError(
                f"{self._folder / _PINS} is damaged, so a cut-off journal could not be noticed.",
                remedy="Compare the journals with a copy of the case or with a signed bundle.",
            ) from None

    # --- reading files -----------------------------------------------------------------------
    def _read(self, path: Path) -> list[Line]:
        whole, torn = _split(path.read_bytes())
        lines = []
        for number, data in enumerate(whole, 1):
            try:
                lines.append(read_line(data))
            except BadLineError as error:
                raise CaseError(
                    f"Line {number} of the journal {path} cannot be read: {error}.",
                    remedy="Restore decided/ from a copy of the case folder.",
                    safe="Nothing was changed.",
                ) from None
        if torn:
            self._set_aside(path, torn, lines)
        return lines

    def _set_aside(self, path: Path, torn: bytes, lines: list[Line]) -> None:
        """Deal with a last line without its line feed: a crash while it was written.

        It was never reported as decided. A line that is whole but for its line feed is kept all
        the same; any other is moved to a file beside.
        """
        previous = lines[-1].entry.digest if lines else NOTHING
        try:
            line = read_line(torn)
            check_line(
                line,
                journal=path.stem,
                case=self._case_id,
                number=len(lines) + 1,
                previous=previous,
            )
        except BadLineError:
            self.notices.append(
                f"The last line of the journal {path.name} was cut off by a crash while it was "
                "written; what it would have decided was not decided."
            )
            if self._write:
                _add(path.with_suffix(".torn"), torn + b"\n")
                os.truncate(path, path.stat().st_size - len(torn))
            return
        lines.append(line)
        if self._write:
            _add(path, b"\n")


def verify_journal(key: str, data: bytes, case_id: str) -> list[Line]:
    """Check the chain and the signatures of one journal.

    Args:
        key: Name of the journal.
        data: Its bytes.
        case_id: Id of the case that its lines must name.

    Raises:
        VerificationError: Names the first bad line.
    """
    whole, torn = _split(data)
    lines: list[Line] = []
    for number, text in enumerate([*whole, *([torn] if torn else [])], 1):
        try:
            line = read_line(text)
            previous = lines[-1].entry.digest if lines else NOTHING
            check_line(line, journal=key, case=case_id, number=number, previous=previous)
            if number > len(whole):
                raise BadLineError("it was cut off")
        except BadLineError as error:
            raise VerificationError(
                f"Line {number} of the journal {key}.jsonl does not verify: {error}.",
                remedy="Compare the journal with a copy of the case or with a signed bundle.",
            ) from None
        lines.append(line)
    return lines


def _verify_heads(journals: Mapping[str, list[Line]], pins: Mapping[str, tuple[int, str]]) -> None:
    """Check that no journal lost its end, by the pins and by what other journals had seen."""
    for key, (number, digest) in sorted(pins.items()):
        lines = journals.get(key, [])
        if len(lines) < number:
            raise VerificationError(
                f"The journal {key}.jsonl was cut off: it has {len(lines)} lines, {number} were "
                "written.",
                remedy="Restore it from a copy of the case.",
            )
        if lines[number - 1].entry.digest != digest:
            raise VerificationError(
                f"Line {number} of the journal {key}.jsonl is not the one that was written.",
                remedy="Restore it from a copy of the case.",
            )
    digests = {key: {line.entry.digest for line in lines} for key, lines in journals.items()}
    for key, lines in sorted(journals.items()):
        for line in lines:
            for other, head in sorted(line.entry.seen.items()):
                if head not in digests.get(other, set()):
                    raise VerificationError(
                        f"The journal {other}.jsonl was cut off or replaced: line "
                        f"{line.entry.number} of {key}.jsonl had seen an entry that it lacks.",
                        remedy="Restore it from a copy of the case.",
                    )


def _merged(journals: Mapping[str, list[Line]]) -> list[Line]:
    """All lines: after everything they had seen, else by time, journal and number."""
    position = {
        line.entry.digest: (key, i)
        for key, lines in journals.items()
        for i, line in enumerate(lines)
    }
    taken = dict.fromkeys(journals, 0)

    def ready(line: Line) -> bool:
        places = [position[head] for head in line.entry.seen.values() if head in position]
        return all(taken[key] > i for key, i in places)

    merged: list[Line] = []
    while True:
        heads = [
            (lines[taken[key]].entry.at_us, key)
            for key, lines in sorted(journals.items())
            if taken[key] < len(lines)
        ]
        if not heads:
            return merged
        # Lines that have seen each other in a circle cannot be honest; then the clock decides.
        at = [head for head in heads if ready(journals[head[1]][taken[head[1]]])] or heads
        _, key = min(at)
        merged.append(journals[key][taken[key]])
        taken[key] += 1


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Lines without their line feeds, and what follows the last line feed."""
    *whole, torn = data.split(b"\n")
    return whole, torn


def _add(path: Path, data: bytes) -> None:
    """Append and fsync; on failure the file is as it was."""
    new = not path.exists()
    try:
        with path.open("ab") as file:
            before = file.tell()
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(path, before)
                raise
        if new:
            fsync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, f"The journal {path.name}", "Nothing was decided.") from error
