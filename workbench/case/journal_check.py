"""Checks a whole journal: the chain of digests, and who signed it. Reads, never writes.

Each line is signed over the digest of the line before it, so the signature of the last line covers
the whole journal: by default it alone is checked, beside every link of the chain, and each line's
own signature where ``every`` asks for it. Where anything is amiss, lines are gone through one by
one to name the first bad one. This room must not know what entries decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
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
#: Bytes read at a time.
_BLOCK: Final = 1 << 20
#: Before the digest of the line before.
_PREVIOUS: Final = b',"previous":"'
#: Before the heads that a line had seen, and bytes behind them: the signature, the version.
_SEEN: Final = b',"seen":{'
_TAIL: Final = len(b'},"signature":"","version":1}') + 88
#: Before when it was written, behind who wrote it.
_WHEN: Final = b'},"at_us":'
#: Digits of microseconds between 2001 and 2286, and what each stands for.
_DIGITS: Final = 16
_PLACES: Final = 10 ** np.arange(_DIGITS - 1, -1, -1, dtype=np.int64)
#: Last lines that are kept: where one was changed, the line after it does not fit.
_KEPT: Final = 3
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
    chain = _Chain(key, case_id, keep)
    rest = b""
    with opened() as file:
        while block := file.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            if lines and not chain.takes(lines):
                return chain.sound()
            if len(rest) > LONGEST:
                return chain.sound()
    sound = chain.sound()
    return sound if rest or sound < chain.walked.number else chain.walked


class _Chain:
    """Follows a chain block by block, without reading what lines say.

    What makes it safe is little: each line holds the digest of the line before, and the last one
    is signed. Where lines look alike, the places of both are the same, and a block is compared at
    once.
    """

    def __init__(self, key: str, case_id: str, keep: bool) -> None:
        self.walked = Walked()
        self._key, self._case_id, self._keep = key, case_id, keep
        self._blob = _SEEN
        #: The last lines that fitted, with the digests that they follow.
        self._last: list[tuple[int, bytes, str]] = []

    def sound(self) -> int:
        """Lines that the last good signature among the last ones covers."""
        for number, line, follows in reversed(self._last):
            try:
                check_line(
                    read_line(line),
                    journal=self._key,
                    case=self._case_id,
                    number=number,
                    previous=follows,
                )
            except BadLineError:
                continue
            return number
        return 0

    def takes(self, lines: list[bytes]) -> bool:
        """Whether the next lines fit; those up to the first that does not are taken."""
        digests = [sha256(line).hexdigest() for line in lines]
        follows = [self.walked.digest, *digests[:-1]]
        fitting = _count_fitting(lines, follows)
        number, fits = self.walked.number, fitting == len(lines)
        begin = max(0, fitting - _KEPT)
        rows = zip(count(number + begin + 1), lines[begin:fitting], follows[begin:])
        self._last = [*self._last, *rows][-_KEPT:]
        if fits and self._keep:
            try:
                self._note(lines, digests)
            except (ValueError, BadLineError):
                return False
        self.walked.number += fitting
        if fitting:
            self.walked.digest = digests[fitting - 1]
        return fits

    def _note(self, lines: list[bytes], digests: list[str]) -> None:
        """Keep what is compared with other journals."""
        walked = self.walked
        walked.digests += digests
        if _ACCEPT in b"".join(lines):
            entries = (read_line(line).entry for line in lines if _ACCEPT in line)
            walked.accepted += [entry for entry in entries if entry.kind is EntryKind.ACCEPT]
        walked.times += _times(lines)
        end = -_TAIL - len(self._blob)
        if {line[end:-_TAIL] for line in lines} == {self._blob}:
            return
        for number, line in enumerate(lines, walked.number + 1):
            blob = line[line.rindex(_SEEN) : -_TAIL]
            if blob != self._blob:
                self._blob = blob
                walked.seen.append((number, orjson.loads(blob.removeprefix(_SEEN[:-1]) + b"}")))


def _count_fitting(lines: list[bytes], follows: list[str]) -> int:
    """How many lines, from the first, hold the digest of the line before."""
    end = len(lines[0]) - lines[0].rfind(_PREVIOUS) - len(_PREVIOUS)
    begin = 64 - end
    if b"".join([line[-end:begin] for line in lines]) == "".join(follows).encode():
        return len(lines)
    for number, (line, before) in enumerate(zip(lines, follows, strict=True)):
        if line.rfind(_PREVIOUS + before.encode() + b'"') < 0:
            return number
    return len(lines)


def _times(lines: list[bytes]) -> list[int]:
    """When each line was written; at once where all have the figure in one place."""
    start = lines[0].index(_WHEN)
    place = slice(start, start + len(_WHEN) + _DIGITS + 1)
    joined = b"".join([line[place] for line in lines])
    width = place.stop - place.start
    if len(joined) == width * len(lines):
        rows = np.frombuffer(joined, np.uint8).reshape(len(lines), width)
        figures = rows[:, len(_WHEN) : -1] - ord("0")
        as_expected = (
            (rows[:, : len(_WHEN)] == np.frombuffer(_WHEN, np.uint8)).all()
            and (rows[:, -1] == ord(",")).all()
            and (figures <= 9).all()
        )
        if as_expected:
            times: list[int] = (figures @ _PLACES).tolist()
            return times
    starts = [line.index(_WHEN) + len(_WHEN) for line in lines]
    return [int(line[at : line.index(b",", at)]) for at, line in zip(starts, lines, strict=True)]


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
            if entry.seen != (walked.seen[-1][1] if walked.seen else {}):
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
            ends = [number for number, _ in one.seen[1:]] + [one.number + 1]
            for (begin, heads), end in zip(one.seen, ends, strict=False):
                latest = max((when.get(head, 0) for head in heads.values()), default=0)
                for number in range(begin, end):
                    late = latest - one.times[number - 1]
                    if late > 0:
                        back[key, number] = max(back.get((key, number), 0), late)
    return tuple((key, number, us) for (key, number), us in sorted(back.items()))
