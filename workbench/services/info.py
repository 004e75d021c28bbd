"""What a case holds, in a line: read anew after each change, so it reads counts and nothing more.

Where it comes from, file by file, is the matter of ``provenance``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from workbench.domain.door import Door
from workbench.domain.ports import Statement
from workbench.services.access import Kept, kept_of

if TYPE_CHECKING:
    from workbench.domain.exchange import Accounting
    from workbench.services.open_case import OpenCase

_FACTS: Final = Statement.read(__file__, "case_facts")


@dataclass(frozen=True, slots=True)
class Info:
    """What the status bar and the dialogs of the window say of the case.

    Attributes:
        marking: TLP marking of exports.
        n_exchanges: COUNT(*) of exchanges.
        n_accounts: Accounts with an exchange.
        n_prompts: Distinct prompts asked.
        accounting: Fates of all records of all imports.
        door: What was left out of it; everything passes where there was no import yet.
        kept: What of its texts is kept back.
    """

    marking: str
    n_exchanges: int
    n_accounts: int
    n_prompts: int
    accounting: Accounting
    door: Door = field(default_factory=Door)
    kept: Kept = field(default_factory=Kept)


def info(held: OpenCase) -> Info:
    """Count it in the case."""
    case = held.case
    with held.engine() as engine:
        facts = engine.table(_FACTS).to_pylist()[0]
    return Info(
        marking=case.settings.marking,
        n_exchanges=facts["n_exchanges"],
        n_accounts=facts["n_accounts"],
        n_prompts=facts["n_prompts"],
        accounting=case.given.accounting(),
        door=case.given.door() or Door(),
        kept=kept_of(held.gate()),
    )
