"""What is published of a run: its judgement and facts, a line of JSON under the code's digest.

Tables are made from records alone. The accounts behind them stay on the machine that ran them
(``store``); records go with the project, so that anyone can look a table's cell up, repeat the run
behind it, and go on where others stopped.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import orjson
import pyarrow.compute as pc

from workbench.domain.finding import MEMBERSHIP_THRESHOLD, Verdict
from workbench.evaluate.alerts import FirstAlert
from workbench.evaluate.report import Evaluation

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.evaluation.runs import Outcome

NO_CLUSTER: Final = "no cluster"
#: Classes of membership.
TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Record:
    """A run, judged.

    Attributes:
        run: As planned, ``Run.as_dict``.
        facts: ``Outcome.facts``.
        judged: The accounts against the truth.
        verdicts: Verdict -> planted accounts that inherit it; those that the case does not hold
            are not assessed.
        largest: Verdict of the cluster that binds most of a campaign, or ``NO_CLUSTER``; empty
            where none was planted.
        members: Of the accounts at and near clusters under multi-axis, by tenths of membership
            from 0 to 1: how many, how many of them planted, sum of what membership says. Empty
            where the record is older than that.
    """

    run: dict[str, Any]
    facts: dict[str, Any]
    judged: Evaluation
    verdicts: dict[str, int]
    largest: str
    members: list[tuple[int, int, float]] = field(default_factory=list)

    @property
    def alert(self) -> FirstAlert | None:
        """When the campaign was first seen; None where that was not asked."""
        said = self.facts.get("first_alert")
        return None if said is None else FirstAlert(**said)


def judge(outcome: Outcome) -> Record:
    """The record of a run."""
    judged = outcome.judged
    return Record(
        outcome.run,
        outcome.facts,
        judged,
        _verdicts(outcome),
        _largest(outcome, judged),
        _members(outcome),
    )


def _verdicts(outcome: Outcome) -> dict[str, int]:
    accounts = outcome.accounts
    said = dict(
        zip(accounts["account_id"].to_pylist(), accounts["verdict"].to_pylist(), strict=True)
    )
    counts: dict[str, int] = {}
    for row in outcome.truth.to_pylist():
        if row["campaign_id"]:
            verdict = said.get(row["account_id"], "not-assessed")
            counts[verdict] = counts.get(verdict, 0) + 1
    return counts


def _largest(outcome: Outcome, judged: Evaluation) -> str:
    if not judged.campaigns:
        return ""
    best = max(judged.campaigns, key=lambda campaign: campaign.recall)
    if not best.cluster_id:
        return NO_CLUSTER
    binding = pc.and_kleene(
        pc.equal(outcome.accounts["cluster_id"], best.cluster_id),
        pc.greater_equal(outcome.accounts["membership"], MEMBERSHIP_THRESHOLD),
    )
    return str(outcome.accounts["verdict"].filter(binding)[0].as_py())


def _members(outcome: Outcome) -> list[tuple[int, int, float]]:
    accounts = outcome.accounts
    found = pc.equal(accounts["verdict"], Verdict.MULTI_AXIS.value)
    clusters = pc.unique(accounts["cluster_id"].filter(found))
    near = accounts.filter(pc.is_in(accounts["cluster_id"], clusters.drop_null()))
    ids, campaigns = outcome.truth["account_id"], outcome.truth["campaign_id"]
    planted_ids = ids.filter(pc.not_equal(campaigns, "")).combine_chunks()
    planted = np.asarray(pc.is_in(near["account_id"], planted_ids))
    said = near["membership"].to_numpy()
    tenth = np.minimum((said * TENTHS).astype(np.int64), TENTHS - 1)
    return [
        (int((tenth == k).sum()), int(planted[tenth == k].sum()), float(said[tenth == k].sum()))
        for k in range(TENTHS)
    ]


@dataclass(frozen=True, slots=True)
class Published:
    """Records of one state of the code.

    Attributes:
        records: Key of a run -> its record.
        steps: Name of another benchmark -> the objects that it printed.
    """

    records: dict[str, Record]
    steps: dict[str, list[dict[str, Any]]]


def read(path: Path, code: str) -> Published:
    """What is published of a state of the code; nothing where the file tells of another one.

    Args:
        path: JSON Lines, as ``write`` leaves them.
        code: Digest of the state.
    """
    found = Published({}, {})
    lines = path.read_bytes().splitlines() if path.exists() else []
    for line in map(orjson.loads, lines):
        if line["code"] != code:
            continue
        if "step" in line:
            found.steps[line["step"]] = line["said"]
        else:
            judged = msgspec.convert(_numbers(line["judged"]), Evaluation)
            found.records[line["key"]] = Record(
                line["run"],
                line["facts"],
                judged,
                line["verdicts"],
                line["largest"],
                [tuple(one) for one in line.get("members", [])],
            )
    return found


def _numbers(value: Any) -> Any:
    """JSON knows no NaN, and nothing else in an evaluation is null."""
    if isinstance(value, dict):
        return {name: _numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    return math.nan if value is None else value


def write(path: Path, code: str, published: Published) -> None:
    """Publish a state of the code in place of what the file told.

    Args:
        path: The file.
        code: Digest of the state.
        published: What is known of it.
    """
    lines: list[dict[str, Any]] = [
        {"code": code, "key": key, **asdict(record)} for key, record in published.records.items()
    ]
    lines += [{"code": code, "step": name, "said": said} for name, said in published.steps.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
