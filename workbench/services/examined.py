"""What was looked at more closely in a cluster, read back and put in the order of telling.

Facts that speak against a finding stand with what speaks against it, the others apart; whatever
could not be assessed is said once, by reason.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc

from workbench.domain.finding import Examined
from workbench.domain.signal import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.domain.finding import Finding
    from workbench.services.results import Results

FOR: Final = "for"
AGAINST: Final = "against"
#: The examination whose curve is drawn.
COVERAGE: Final = "coverage_curve"
#: The examination that names accounts.
PARTS: Final = "parts"
_MISSING: Final = "not_assessed"


def examined(results: Results, cluster_id: str) -> tuple[Examined, ...]:
    """What was found in a cluster, in the order of the examinations; empty before they ran."""
    if results.facts is None:
        return ()
    rows = results.facts.filter(pc.equal(results.facts.column("cluster_id"), cluster_id))
    return tuple(_examined(row, results) for row in rows.to_pylist())


def against(facts: Sequence[Examined]) -> tuple[Message, ...]:
    """Those that speak against the finding."""
    return tuple(one.message for one in facts if one.speaks == AGAINST and one.message)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at, but for what speaks against.

    Attributes:
        speaking: What speaks for coordinated harvesting.
        quiet: What speaks neither for nor against.
        named: What ``quiet`` is called, and what was not assessed, by reason.
    """

    speaking: tuple[Message, ...]
    quiet: tuple[Message, ...]
    named: tuple[Message, ...]

    @property
    def missing(self) -> tuple[Message, ...]:
        """What was not assessed, by reason."""
        return tuple(one for one in self.named if _MISSING in one.key)

    @property
    def all(self) -> tuple[Message, ...]:
        """Every sentence, what speaks first; without what only names."""
        return (*self.speaking, *self.quiet, *self.missing)


def looked(finding: Finding) -> Looked:
    """What was looked at in a cluster, in the order of telling."""
    quiet = [one for one in finding.examined if one.message and one.speaks not in (FOR, AGAINST)]
    named = []
    if quiet:
        named.append(Message("fact.neither", {"facts": [one.name for one in quiet]}))
    missing: dict[str, list[str]] = {}
    for one in finding.examined:
        if one.message is None:
            missing.setdefault(one.reason, []).append(one.name)
    for reason, names in missing.items():
        named.append(Message("fact.not_assessed", {"facts": names, "reason": reason}))
    return Looked(
        tuple(one.message for one in finding.examined if one.speaks == FOR and one.message),
        tuple(one.message for one in quiet if one.message),
        tuple(named),
    )


def curve_of(finding: Finding) -> dict[str, list[float]]:
    """The coverage curve beside its peers; empty where it was not assessed."""
    return next((one.curve for one in finding.examined if one.name == COVERAGE), {})


def smaller_part(finding: Finding) -> tuple[str, ...]:
    """Account keys of the smaller part, where a cluster falls into two; empty otherwise."""
    told = (one.message for one in finding.examined if one.name == PARTS and one.message)
    return tuple(next((message.params.get("accounts", ()) for message in told), ()))


def _examined(row: dict[str, Any], results: Results) -> Examined:
    stored = json.loads(row["message"]) if row["message"] else None
    if stored and "places" in stored["params"]:
        places = stored["params"].pop("places")
        stored["params"]["accounts"] = [results.keys[place] for place in places]
    return Examined(
        name=row["name"],
        value=row["value"],
        p=row["p"],
        speaks=row["speaks"],
        message=Message(stored["key"], dict(stored["params"])) if stored else None,
        curve=json.loads(row["curve"]) if row["curve"] else {},
        reason=row["reason"] or "",
        # A case that an older program analysed says neither.
        n_null=row.get("n_null"),
        how=results.how.get(row["name"]),
    )
