"""Checks a whole journal: the chain of digests, and who signed it. Reads, never writes.

Each line is signed over the digest of the line before it, so the signature of the last line covers
the whole journal: by default it alone is checked, beside every link of the chain, and each line's
own signature where ``every`` asks for it. Where anything is amiss, lines are gone through one by
one to name the first bad one. This room must not know what entries decide.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import orjson

from workbench.case.journal_lines import NOTHING, BadLineError, check_line, read_line
from workbench.domain.errors import VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from workbench.domain.label import JournalEntry

#: Longest line that is read, in bytes: a label of three million accounts.
LONGEST: Final = 128 << 20
#: Between this and the field after it stand the heads that a line had seen.
_SEEN: Final = b'"seen":{'
#: And before this is who wrote it, behind it when.
_WHEN: Final = b'},"at_us":'
_LINE_FEED: Final = 10
_ACCEPT: Final = f'"kind":"{EntryKind.ACCEPT.value}"'.encode()


@dataclass(slots=True)
class Walked:
    """A journal that was gone through without finding fault.

    Attributes:
        number: Lines.
        digest: Of the last one; 64 zeros without any.

    And where it was asked to keep them:
        digests: Of every line (hex), in order.
        seen: What a line had seen of other journals, where it differs from the line before:
            its number, and journal -> digest.
        times: When each line was written, UTC microseconds.
        accepted: Entries by which somebody went on without lines that are missing.
    """

    number: int = 0
    digest: str = NOTHING
    digests: list[str] = field(default_factory=list)
    seen: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    accepted: list[JournalEntry] = field(default_factory=list)


def verify_journal(
    key: str,
    opened: Callable[[], BinaryIO],
    case_id: str,
    *,
    every: bool = False,
    keep: bool = True,
) -> Walked:
    """Check the chain of one journal and the signature of its last line.

    Args:
        key: Name of the journal.
        opened: Opens its file anew; read in one line after the other.
        case_id: Id of the case that its lines must name.
        every: Check form and signature of each line, not of the last one alone.
        keep: Keep what other journals are compared with; memory is flat without.

    Raises:
        VerificationError: Names the first bad line.
        OSError: It cannot be read.
    """
    found = 0 if every else _chain(key, opened, case_id, keep)
    walked = found if isinstance(found, Walked) else _each(key, opened, case_id, found)
    return walked if keep else Walked(walked.number, walked.digest)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a journal with their line feeds; the last may lack it.

    A line that is longer than any entry is cut there: it then fits nothing.
    """
    while line := file.readline(LONGEST):
        yield line


def _chain(key: str, opened: Callable[[], BinaryIO], case_id: str, keep: bool) -> Walked | int:
    """The chain followed by its bytes.

    Where anything is amiss, how many lines are sound all the same: a good signature covers them.
    """
    sha256 = hashlib.sha256
    walked = Walked()
    digests = walked.digests
    previous, number, line, blob = NOTHING, 0, b"", b""
    #: The last lines that fitted, with the digests that they follow.
    last: deque[tuple[int, bytes, str]] = deque(maxlen=3)

    def sound() -> int:
        for place, data, follows in reversed(last):
            try:
                check_line(
                    read_line(data), journal=key, case=case_id, number=place, previous=follows
                )
            except BadLineError:
                continue
            return place
        return 0

    with opened() as file:
        for line in lines_of(file):
            number += 1
            link = b',"number":%d,"previous":"%b",' % (number, previous.encode())
            at = line.rfind(link)
            if at < 0 or line[-1] != _LINE_FEED:
                return sound()
            start = at + len(link)
            end = line.find(b"}", start)
            if line[start : start + len(_SEEN)] != _SEEN:
                return sound()
            heads = line[start + len(_SEEN) : end]
            if heads != blob:
                blob = heads
                try:
                    walked.seen.append((number, orjson.loads(b"{%b}" % heads)))
                except ValueError:
                    return sound()
            data = line[:-1]
            if _ACCEPT in line:
                try:
                    entry = read_line(data).entry
                except BadLineError:
                    return sound()
                if entry.kind is EntryKind.ACCEPT:
                    walked.accepted.append(entry)
            last.append((number, data, previous))
            previous = sha256(data).hexdigest()
            if keep:
                digests.append(previous)
                start = line.find(_WHEN) + len(_WHEN)
                walked.times.append(int(line[start : line.find(b",", start)]))
    if number and (good := sound()) < number:
        return good
    walked.number, walked.digest = number, previous
    return walked


def _each(key: str, opened: Callable[[], BinaryIO], case_id: str, sound: int) -> Walked:
    """Every line checked for itself, but for the first ``sound``; raises at the first bad one."""
    walked = Walked()
    with opened() as file:
        for number, data in enumerate(lines_of(file), 1):
            try:
                line = read_line(data.removesuffix(b"\n"))
                if number > sound:
                    check_line(
                        line, journal=key, case=case_id, number=number, previous=walked.digest
                    )
                if not data.endswith(b"\n"):
                    raise BadLineError("it was cut off")
            except BadLineError as error:
                raise VerificationError(
                    f"Line {number} of the journal {key}.jsonl does not verify: {error}.",
                    remedy="Compare the journal with a copy of the case or with a signed bundle.",
                ) from None
            entry = line.entry
            walked.number, walked.digest = number, entry.digest
            walked.digests.append(entry.digest)
            walked.times.append(entry.at_us)
            if not walked.seen or walked.seen[-1][1] != entry.seen:
                walked.seen.append((number, dict(entry.seen)))
            if entry.kind is EntryKind.ACCEPT:
                walked.accepted.append(entry)
    return walked


def clock_walked(found: Mapping[str, Walked]) -> tuple[tuple[str, int, int], ...]:
    """Lines that are older than the line before them, or than what they had seen of others.

    Returns:
        Journal, line, and by how many microseconds, in the order of journals and lines.
    """
    back: dict[tuple[str, int], int] = {}
    for key, one in found.items():
        for number, (earlier, at_us) in enumerate(pairwise(one.times), 2):
            if at_us < earlier:
                back[key, number] = earlier - at_us
    if len(found) > 1:
        when = {
            digest: at_us
            for one in found.values()
            for digest, at_us in zip(one.digests, one.times, strict=True)
        }
        for key, one in found.items():
            for number, heads in one.seen:
                at_us = one.times[number - 1]
                late = max((when.get(head, at_us) for head in heads.values()), default=at_us)
                if late > at_us:
                    back[key, number] = max(back.get((key, number), 0), late - at_us)
    return tuple((key, number, us) for (key, number), us in sorted(back.items()))
