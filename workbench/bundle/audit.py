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
from workbench.domain.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

HEADS: Final = "data/audit/heads.json"
_JOURNAL: Final = re.compile(r"data/audit/([0-9a-f]{16})\.jsonl")


def journals_in(names: Iterable[str]) -> dict[str, str]:
    """Name of a file -> name of the journal that it holds."""
    found = (match for name in names if (match := _JOURNAL.fullmatch(name)))
    return {match.group(): match.group(1) for match in found}


def check_journals(
    root: Path, journals: dict[str, str], case_id: str, check: Callable[[], None]
) -> list[Problem]:
    """What is wrong with the journals of a bundle whose files are the ones that were signed.

    Args:
        root: The bundle's folder.
        journals: As ``journals_in`` gives them.
        case_id: Id of the case that every line must name.
        check: Called between journals; raises to cancel.
    """
    # Imported here: a bundle without decisions is verified without the journal's machinery.
    from workbench.case.journal_check import verify_journal

    problems, ends = [], {}
    for name, key in journals.items():
        check()
        try:
            walked = verify_journal(key, partial(open_plain, root / name), case_id, keep=False)
        except (OSError, VerificationError) as error:
            problems.append(Problem.of(Trouble.JOURNAL, name, getattr(error, "fact", str(error))))
            continue
        if walked.number:
            ends[key] = {"number": walked.number, "digest": walked.digest}
    if not problems and _heads(root) != ends:
        problems.append(
            Problem.of(Trouble.JOURNAL, HEADS, "a journal does not end where this says")
        )
    return problems


def _heads(root: Path) -> Any:
    """What ``heads.json`` says; None where it says nothing."""
    try:
        with open_plain(root / HEADS) as file:
            data = file.read(LONGEST_HEADS + 1)
        return json.loads(data) if len(data) <= LONGEST_HEADS else None
    except (OSError, ValueError, RecursionError):
        return None
