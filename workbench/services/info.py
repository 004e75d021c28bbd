"""A case at a glance: how much it holds, where it comes from, what became of every record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from workbench.case.given import Batch
    from workbench.domain.exchange import Accounting
    from workbench.services.open_case import OpenCase

_FACTS: Final = Statement.read(__file__, "case_facts")


@dataclass(frozen=True, slots=True)
class Info:
    """What ``workbench info`` and the status bar say.

    Attributes:
        id: Of the case.
        name: Of the case.
        path: Its folder, as text.
        versions: Part of the case -> version.
        identity: The level taken as account.
        marking: TLP marking of exports.
        n_exchanges: COUNT(*) of exchanges.
        n_accounts: Accounts with an exchange.
        n_prompts: Distinct prompts asked.
        first_us: Earliest time, UTC microseconds; None without any.
        last_us: Latest.
        accounting: Fates of all records of all imports.
        batches: Imports, each with its frame.
        sources: Files, one dictionary each, as ``sources`` of given.duckdb.
    """

    id: str
    name: str
    path: str
    versions: dict[str, int]
    identity: str
    marking: str
    n_exchanges: int
    n_accounts: int
    n_prompts: int
    first_us: int | None
    last_us: int | None
    accounting: Accounting
    batches: tuple[Batch, ...]
    sources: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        out = {name: getattr(self, name) for name in self.__slots__}
        out["accounting"] = self.accounting.as_dict()
        out["batches"] = [
            asdict(batch) | {"accounting": batch.accounting.as_dict()} for batch in self.batches
        ]
        out["sources"] = list(self.sources)
        return out


def info(held: OpenCase) -> Info:
    """Read it all from the case."""
    case = held.case
    with held.engine() as engine:
        facts = engine.table(_FACTS).to_pylist()[0]
    return Info(
        id=case.id,
        name=case.name,
        path=str(case.path),
        versions=case.versions,
        identity=case.settings.identity.value,
        marking=case.settings.marking,
        n_exchanges=facts["n_exchanges"],
        n_accounts=facts["n_accounts"],
        n_prompts=facts["n_prompts"],
        first_us=facts["first_us"],
        last_us=facts["last_us"],
        accounting=case.given.accounting(),
        batches=tuple(case.given.batches()),
        sources=tuple(case.given.sources().to_pylist()),
    )
