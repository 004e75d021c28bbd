"""What a bundle says of one cluster, or of accounts that are in none, as plain values.

Gathered by ``services``, drawn by ``figures``, worded by ``report_data``; like all of a bundle's
``content`` it holds no case and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.domain.label import Label


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal of a subject, worded.

    Attributes:
        axis: "content", "automation" or "coordination".
        title: Name of the signal.
        value: With its unit, or as deviation from ordinary groups, as printed; empty when not
            assessed.
        percentile: In the population, 0 to 100; None when not assessed.
        sentence: What it means here.
        tested: Whether detection read it; otherwise it is context.
    """

    axis: str
    title: str
    value: str
    percentile: float | None
    sentence: str
    tested: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the report says of a subject, with the exact values behind it.

    Attributes:
        part: Where it is said ("story", "axes").
        of: What of: a measure, an axis, the key of a sentence.
        text: The sentence as printed; empty for a row of a table.
        values: What it was written from; plain JSON values.
        how: Formula, baseline, source and the rest by which it can be checked, by name; empty for
            a sentence whose numbers are rows of a table.
    """

    part: str
    of: str
    text: str
    values: Mapping[str, Any]
    how: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactLine:
    """One thing that was looked at more closely, in numbers.

    Attributes:
        title: What it is called.
        value: With its unit, as printed.
        p: As printed; empty where it only describes, or was not assessed.
        comparisons: How many comparisons p rests on, as printed; empty without p.
        speaks: "for", "against" or "neither".
        formula: What the value is.
        null: What p compares it with.
        source: Where the formula comes from.
        evades: What would make it miss.
    """

    title: str
    value: str
    p: str
    comparisons: str
    speaks: str
    formula: str
    null: str
    source: str
    evades: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One exchange shown with its prompt.

    Attributes:
        number: "E-1", counted through the report.
        exchange_id: Of the exchange, as in ``evidence.parquet``.
        account: Account as the log named it.
        at_us: When; None when the log does not say.
        source: Name of the source file.
        record_no: Its record there.
        prompt: The text, whole or cut.
        n_characters: Length of the whole prompt.
        reason: Why it is shown ("largest template, 412 prompts").
    """

    number: str
    exchange_id: int
    account: str
    at_us: int | None
    source: str
    record_no: int
    prompt: str
    n_characters: int
    reason: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Exchanges in time, in equal bins.

    Attributes:
        edges_us: int64, shape (bins + 1,), UTC microseconds.
        subject: int64, shape (bins,): exchanges of the subject.
        other: int64, shape (bins,): exchanges of other accounts in the same region of the map.
        per: How a bin is said: "an hour", "in 6 hours".
        events: (UTC microseconds, words) of what happened meanwhile, in order.
    """

    edges_us: NDArray[np.int64]
    subject: NDArray[np.int64]
    other: NDArray[np.int64]
    per: str
    events: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CoverageCurve:
    """Different prompts by prompts sent, against comparison groups of other accounts.

    Attributes:
        sent: int64, shape (k,): prompts sent so far.
        subject: int64, shape (k,): different ones by then, near-duplicates counted once.
        low: float64, shape (k,): 5th percentile of the comparison groups.
        median: float64, shape (k,).
        high: float64, shape (k,): 95th percentile.
        groups: How many comparison groups were drawn.
        baseline: What the groups are drawn from, in words.
    """

    sent: NDArray[np.int64]
    subject: NDArray[np.int64]
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]
    groups: int
    baseline: str


@dataclass(frozen=True, slots=True)
class MapPicture:
    """Counts of exchanges on a grid over the map; row 0 is at the top.

    Attributes:
        counts: int64, shape (height, width): every exchange of the case.
        subjects: Subject or cluster id -> int64, shape (height, width): its exchanges.
        bounds: x0, y0, x1, y1 of the grid in map coordinates.
        region: Words that name the place, from the texts there; empty for the whole map.
    """

    counts: NDArray[np.int64]
    subjects: dict[str, NDArray[np.int64]]
    bounds: tuple[float, float, float, float]
    region: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """One capability in the table of what was delivered.

    Attributes:
        name: Words from the prompts, or the class.
        n_exchanges: Exchanges that asked for it.
        share: Of the subject's exchanges, 0 to 1.
        out_tok: Output tokens as printed.
        reasoning_tok: Reasoning tokens as printed.
    """

    name: str
    n_exchanges: int
    share: float
    out_tok: str
    reasoning_tok: str


@dataclass(frozen=True, slots=True)
class Priced:
    """What it costs by a list of the user's. Kept apart: an edition to share leaves it out.

    Attributes:
        rows: (model, amount as printed for each part).
        notes: What a reader must know, sentences.
        numbers: Every row, for a file of its own.
    """

    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    numbers: pa.Table


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a subject was delivered.

    Attributes:
        parts: What each value of ``facts`` counts ("All exchanges", "Attributed").
        facts: (name, value as printed for each part).
        capabilities: (head, rows) of each kind; the rows of a kind add up to all exchanges.
        notes: What a reader must know of the numbers, sentences.
        numbers: Every row by model, for a file of its own; nothing of prices.
        price: None without a price list.
        totals: What ``facts`` was written from, exact, by part; nothing of prices.
    """

    parts: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]
    capabilities: tuple[tuple[str, tuple[Taken, ...]], ...]
    notes: tuple[str, ...]
    numbers: pa.Table
    price: Priced | None = None
    totals: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported: a cluster, or accounts that are in none.

    Attributes:
        id: Cluster id, or "Accounts" for accounts outside any cluster.
        is_cluster: False for accounts outside any cluster.
        category: Its colour: index into the six categories; -1 for the neutral one.
        label: The label that stands on most of its exported accounts; None when nobody decided.
        confirmed: Whether a person has confirmed it.
        labelled: Exported accounts by label value.
        n_unreviewed: Members that joined after the label, or were never labelled.
        n_accounts: Accounts exported under it.
        n_members: Accounts that the cluster has.
        n_entities: Entities among them; None when not assessed.
        n_exchanges: Exchanges of the exported accounts.
        first_us: Their earliest exchange; None when no time is known.
        last_us: Their latest.
        verdict: The finding's verdict value.
        score: In [0, 1]; None when not assessed.
        q: False discovery rate of the claim; None when not assessed.
        q_nominal: True where the comparison groups are of the log itself.
        stability: Share of the cluster that stays together when entities are left out, mean over
            the resamples; None when not assessed.
        axes: Axis -> p; None when the axis was not assessed.
        story: What it did, sentences in order.
        signals: The measured signals.
        against: What speaks against the finding, sentences; never empty.
        lookalike: Nearest benign look-alike in words, or "none near".
        lookalike_distance: Its distance; None when none is near.
        check_next: What to check next, sentences.
        looked: What was looked at more closely, sentences.
        facts: The same in numbers.
        sure: On which axes it stands out, how surely, compared with whom; sentences.
        lookalikes: Every benign explanation that it was held against, sentences, nearest first.
        delivered: What was delivered; None where it was not counted.
        timeline: None when no time is known.
        coverage: None when it could not be compared; ``coverage_missing`` says why.
        coverage_missing: Why there is no coverage curve; empty when there is one.
        place: Where it is on the map; None when the map was not computed.
        exhibits: Sample prompts.
        exhibit_rule: How the samples were chosen, one sentence.
        entries: Digests of the decisions that bind one of its exported accounts.
        level: The false discovery rate up to which there is a finding; None where not known.
        statements: What is said of it, with the values behind it.
    """

    id: str
    is_cluster: bool
    category: int
    label: Label | None
    confirmed: bool
    labelled: dict[str, int]
    n_unreviewed: int
    n_accounts: int
    n_members: int
    n_entities: int | None
    n_exchanges: int
    first_us: int | None
    last_us: int | None
    verdict: str
    score: float | None
    q: float | None
    q_nominal: bool
    stability: float | None
    axes: dict[str, float | None]
    story: tuple[str, ...]
    signals: tuple[SignalLine, ...]
    against: tuple[str, ...]
    lookalike: str
    lookalike_distance: float | None
    check_next: tuple[str, ...] = ()
    looked: tuple[str, ...] = ()
    facts: tuple[FactLine, ...] = ()
    sure: tuple[str, ...] = ()
    lookalikes: tuple[str, ...] = ()
    delivered: Delivered | None = None
    timeline: Timeline | None = None
    coverage: CoverageCurve | None = None
    coverage_missing: str = ""
    place: MapPicture | None = None
    exhibits: tuple[Exhibit, ...] = ()
    exhibit_rule: str = ""
    entries: tuple[str, ...] = ()
    level: float | None = None
    statements: tuple[Statement, ...] = ()

    @property
    def title(self) -> str:
        """Its heading."""
        if self.is_cluster:
            return self.id
        return f"{plural(self.n_accounts, 'account', 'accounts')} in no cluster"

    @property
    def lookalike_told(self) -> bool:
        """Whether what speaks against it tells its nearest look-alike already."""
        return self.lookalike_distance is not None and any(
            self.lookalike in line for line in self.against
        )

    @property
    def is_group(self) -> bool:
        """Whether accounts of a cluster are exported together: one alone shows no coordination."""
        return self.is_cluster and self.n_accounts > 1

    @property
    def draft(self) -> bool:
        """Whether it says something of a cluster that nobody has confirmed."""
        return self.is_cluster and not self.confirmed


def numbers_name(subject: Subject) -> str:
    """Name without ending of the file that holds what a subject was delivered."""
    return f"{subject.id}-delivered"


def prices_name(subject: Subject) -> str:
    """Name without ending of the file that holds what that costs."""
    return f"{subject.id}-price"
