"""What the analysis says of a cluster. A finding is never an accusation: a person labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from workbench.domain.signal import Measured, Message


class Verdict(StrEnum):
    """Computed, of a cluster; handed to members above the membership threshold. Best first."""

    MULTI_AXIS = "multi-axis"
    TRIAGE = "triage"
    NO_FINDING = "no-finding"
    NOT_ASSESSED = "not-assessed"


#: A member at or above this inherits its cluster's verdict, and a label of the cluster binds it.
MEMBERSHIP_THRESHOLD: Final = 0.5
#: Between fewer customers than this there are no groups to compare: clusters are not looked for.
LEAST_CUSTOMERS: Final = 30
#: An exchange attributed with this probability or more belongs to what its cluster has in common.
ATTRIBUTED: Final = 0.5


@dataclass(frozen=True, slots=True)
class How:
    """How a number comes about, for whoever checks it.

    Attributes:
        formula: What it is, one line.
        unit: Of the value; empty for a pure number.
        null: What its p compares it with, and how; what that is not, where it only describes.
        source: Where the formula comes from (paper, or "own proposal").
        evades: What would make it miss, or that it tells nothing.
    """

    formula: str
    unit: str
    null: str
    source: str
    evades: str


@dataclass(frozen=True, slots=True)
class Examined:
    """One examination of a cluster that was judged: it explains, and never enters a verdict.

    Attributes:
        name: Of the examination ("coverage_curve").
        value: In the unit that the sentence names; None when not assessed.
        p: Of its own test against its own null; None = it only describes, or was not assessed.
        speaks: "for", "against" or "neither", towards coordinated harvesting.
        message: The sentence that tells it; None when not assessed.
        curve: Numbers of a small chart; empty where there is none.
        reason: Why it was not assessed: columns that lack, or "volume"; empty when it was.
        n_null: Fewest comparisons behind p, so that it cannot be below 1 / (n_null + 1); None
            where there is no p.
        how: How the number comes about; None in cases of older programs.
    """

    name: str
    value: float | None
    p: float | None
    speaks: str
    message: Message | None
    curve: dict[str, list[float]] = field(default_factory=dict)
    reason: str = ""
    n_null: int | None = None
    how: How | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The explanation of one cluster or account, ready to be worded.

    Attributes:
        subject: Cluster id ("C-014") or account key.
        verdict: The finding.
        score: In [0, 1]; higher is more like coordinated harvesting; None when not assessed.
        q: False discovery rate of the cluster's claim; None for an account that no cluster binds.
        q_nominal: True when the comparison groups are of the log itself, so that q is nominal.
        axes: p of each assessed axis, by name; an axis that is missing was not assessed.
        others: p of "automation or coordination", of which the claim takes one; None where neither
            was assessed, or an older program did not say it.
        story: What it did, in order.
        signals: Per signal the value, the percentile and one sentence.
        against: What speaks against it; never empty.
        nearest_lookalike: Kind of the nearest benign look-alike, or "none near".
        check_next: What to check next.
        examined: What was looked at more closely after the cluster was judged.
        level: The q up to which the analysis has a finding; None where it is not known.
        lookalikes: Every benign explanation that it was held against, nearest first.
    """

    subject: str
    verdict: Verdict
    score: float | None
    q: float | None
    q_nominal: bool
    axes: dict[str, float] = field(default_factory=dict)
    story: tuple[Message, ...] = ()
    signals: tuple[Measured, ...] = ()
    against: tuple[Message, ...] = ()
    nearest_lookalike: str = "none near"
    check_next: tuple[Message, ...] = ()
    examined: tuple[Examined, ...] = ()
    level: float | None = None
    lookalikes: tuple[Message, ...] = ()
    others: float | None = None


#: Columns of ``workbench accounts`` (contract), best first.
ACCOUNTS_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("account_id", pa.string()),
        ("org_id", pa.string()),
        ("n_exchanges", pa.int64()),
        ("first_ts", pa.timestamp("us")),
        ("last_ts", pa.timestamp("us")),
        ("cluster_id", pa.string()),
        ("membership", pa.float64()),
        ("score", pa.float64()),
        ("cluster_q", pa.float64()),
        ("verdict", pa.string()),
        ("nearest_lookalike", pa.string()),
        ("label", pa.string()),
    ]
)

#: Columns of ``workbench clusters`` (contract), best first.
CLUSTERS_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("n_accounts", pa.int64()),
        ("n_exchanges", pa.int64()),
        ("stability", pa.float64()),
        ("score", pa.float64()),
        ("q", pa.float64()),
        ("verdict", pa.string()),
        ("axes", pa.string()),
        ("nearest_lookalike", pa.string()),
        ("n_labelled", pa.int64()),
        ("n_unreviewed", pa.int64()),
        ("loss_tokens", pa.int64()),
    ]
)
