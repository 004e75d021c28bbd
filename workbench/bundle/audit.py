"""The journals of a bundle: each line chained, each journal signed and as long as said.

They are read line by line (``case.journal_check``), so that a journal of any length takes the
memory of its longest line, and a line beyond what any decision takes is cut, and fits nothing.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from workbench.bundle.layout import LONGEST_HEADS
from workbench.bundle.verification import Problem, Trouble
from workbench.bundle.walk import open_plain
from workbench.domain.errors import StorageError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

HEADS: Final = "data/audit/heads.json"
_JOURNAL: Final = re.compile(r"data/audit/([0-9a-f]{16})\.jsonl")
STAMPS: Final = "data/audit/stamps"
_STAMP: Final = re.compile(rf"{STAMPS}/[0-9a-f]{{64}}\.(?:json|tsr)")


def journals_in(names: Iterable[str]) -> dict[str, str]:
    """Name of a file -> name of the journal that it holds."""
    found = (match for name in names if (match := _JOURNAL.fullmatch(name)))
    return {match.group(): match.group(1) for match in found}


def stamps_in(names: Iterable[str]) -> list[str]:
    """Those of the files that are of time stamps of the journals."""
    return [name for name in names if _STAMP.fullmatch(name)]


def check_journals(
    root: Path,
    journals: dict[str, str],
    stamps: Collection[str],
    case_id: str,
    check: Callable[[], None],
) -> list[Problem]:
    """What is wrong with the journals of a bundle whose files are the ones that were signed.

    Of time stamps it is checked what they are of; who made them, only their authority's
    certificates tell.

    Args:
        root: The bundle's folder.
        journals: As ``journals_in`` gives them.
        stamps: As ``stamps_in`` gives them.
        case_id: Id of the case that every line must name.
        check: Called between journals; raises to cancel.
    """
    # Imported here: a bundle without decisions is verified without the journal's machinery.
    from workbench.case.journal_check import verify_journal

    problems, ends, digests = [], {}, {}
    for name, key in journals.items():
        check()
        try:
            walked = verify_journal(
                key, partial(open_plain, root / name), case_id, keep=bool(stamps)
            )
        except (OSError, VerificationError) as error:
            problems.append(Problem.of(Trouble.JOURNAL, name, getattr(error, "fact", str(error))))
            continue
        digests[key] = walked.digests
        if walked.number:
            ends[key] = {"number": walked.number, "digest": walked.digest}
    if not problems and _heads(root) != ends:
        problems.append(
            Problem.of(Trouble.JOURNAL, HEADS, "a journal does not end where this says")
        )
    return problems or (_stamps(root, stamps, digests, case_id) if stamps else [])


def _stamps(
    root: Path, stamps: Collection[str], digests: Mapping[str, Sequence[str]], case_id: str
) -> list[Problem]:
    """Time stamps that are damaged, lack a part, or are of lines that are not there."""
    from workbench.case.stamps import Stamps

    try:
        found = Stamps(root / STAMPS, case_id).all()
    except (StorageError, VerificationError) as error:
        return [Problem.of(Trouble.JOURNAL, STAMPS, error.fact)]
    problems = []
    for stamp in found:
        name = f"{STAMPS}/{stamp.digest}"
        if not {f"{name}.json", f"{name}.tsr"} <= set(stamps):
            problems.append(Problem.of(Trouble.JOURNAL, name, "a part of the time stamp lacks"))
        for key, pin in stamp.heads.items():
            lines = digests.get(key, ())
            if not 0 < pin.number <= len(lines) or lines[pin.number - 1] != pin.digest:
                said = f"it stamps line {pin.number} of {key}, which is not there"
                problems.append(Problem.of(Trouble.JOURNAL, f"{name}.json", said))
    if not problems and len(stamps) != 2 * len(found):
        problems.append(Problem.of(Trouble.JOURNAL, STAMPS, "an answer is of no file of heads"))
    return problems


def _heads(root: Path) -> Any:
    """What ``heads.json`` says; None where it says nothing."""
    try:
        with open_plain(root / HEADS) as file:
            data = file.read(LONGEST_HEADS + 1)
        return json.loads(data) if len(data) <= LONGEST_HEADS else None
    except (OSError, ValueError, RecursionError):
        return None
