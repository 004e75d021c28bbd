"""Everything that a bundle says, as plain values: gathered by ``services``, written by ``bag``.

A ``BundleContent`` holds no case, no database and no clock, so that the same content gives the
same bytes, and so that every file of a bundle can be tested with a few lines of made-up content.
Text in it is finished English or text from logs; both are treated as hostile when written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA, Frame, SourceReport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.domain.label import Label

#: Rows of ``evidence.parquet``: where each exchange was read, what it belongs to, what it was.
EVIDENCE_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("exchange_id", pa.int64()),
        ("source_sha256", pa.string()),
        ("record_no", pa.int64()),
        ("byte_offset", pa.int64()),
        ("fate", pa.string()),
        ("account_key", pa.string()),
        ("cluster_id", pa.string()),
        *CANONICAL_SCHEMA,
    ]
)

#: Rows of ``ingest/rejects.jsonl``.
REJECTS_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("source_sha256", pa.string()),
        ("record_no", pa.int64()),
        ("byte_offset", pa.int64()),
        ("reason", pa.string()),
        ("raw", pa.binary()),
    ]
)

#: A stream that can be asked for more than once.
Batches = Callable[[], Iterable[pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case as a whole.

    Attributes:
        id: Of the case.
        name: Of the case.
        digest: Case digest, SHA-256 hex: over source digests, settings, stage keys, decisions.
        marking: TLP mark ("TLP:AMBER+STRICT").
        as_of_us: When the newest thing in this bundle was given, computed or decided (UTC
            microseconds). It dates the report: a clock would make each export differ.
        first_us: Earliest exchange of the case; None when no exchange has a time.
        last_us: Latest exchange of the case.
        n_exchanges: All exchanges of the case.
        n_accounts: All accounts of the case.
        n_prompts: All distinct prompts of the case.
        identity: What "account" means in this case, in words.
    """

    id: str
    name: str
    digest: str
    marking: str
    as_of_us: int
    first_us: int | None
    last_us: int | None
    n_exchanges: int
    n_accounts: int
    n_prompts: int
    identity: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One import.

    Attributes:
        number: Batch id.
        opened_us: When it began, UTC microseconds.
        frame: Where its logs come from.
        options: How they were read (zone, mapping), JSON values.
        sources: Its files, with the fates of their records.
    """

    number: int
    opened_us: int
    frame: Frame
    options: dict[str, Any]
    sources: tuple[SourceReport, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's label, standing or withdrawn.

    Attributes:
        at_us: When, UTC microseconds.
        analyst: Caption of the analyst.
        fingerprint: The analyst's key.
        label: What was decided.
        why: In the analyst's words.
        accounts: Account keys that it binds, sorted.
        cluster_id: The cluster through which it was given; empty when accounts were named.
        journal: Name of the journal (KEY of ``audit/KEY.jsonl``).
        line: Line of that journal, from 1.
        entry: Digest of the entry.
        withdrawn: Digest of the entry that took it back; empty while it stands.
    """

    at_us: int
    analyst: str
    fingerprint: str
    label: Label
    why: str
    accounts: tuple[str, ...]
    cluster_id: str
    journal: str
    line: int
    entry: str
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class JournalCopy:
    """One analyst's journal, up to its last entry that is no export.

    Attributes:
        key: Name of the journal: hex of the SHA-256 of the public key, first 16.
        lines: The lines as they are on disk, each with its line feed.
        head: What ``heads.json`` says of it: number, digest and signature of the last line.
    """

    key: str
    lines: tuple[bytes, ...]
    head: dict[str, Any]


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
    """

    axis: str
    title: str
    value: str
    percentile: float | None
    sentence: str


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
    """Cells visited by exchanges sent, against comparison groups of other accounts.

    Attributes:
        sent: int64, shape (k,): exchanges sent so far.
        subject: int64, shape (k,): distinct cells the subject had visited by then.
        low: float64, shape (k,): 5th percentile of the comparison groups.
        median: float64, shape (k,).
        high: float64, shape (k,): 95th percentile.
        groups: How many comparison groups were drawn.
        cells: Cells on the whole map.
        baseline: What the groups are drawn from, in words.
    """

    sent: NDArray[np.int64]
    subject: NDArray[np.int64]
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]
    groups: int
    cells: int
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
class Subject:
    """What is exported: a cluster, or accounts that are in none.

    Attributes:
        id: Cluster id, or "Accounts" for accounts outside any cluster.
        is_cluster: False for accounts outside any cluster.
        category: Its colour: index into the six categories; -1 for the neutral one.
        label: The label that stands on most of its exported accounts; None when nobody decided.
        confirmed: Whether a person has confirmed it; if not, its pages are marked DRAFT.
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
        q: Benjamini-Hochberg q; None when not assessed.
        q_nominal: True where no benign frame was declared.
        stability: Share of the cluster that stays together when entities are left out, mean over
            the resamples; None when not assessed.
        axes: Axis -> p; None when the axis was not assessed.
        story: What it did, sentences in order.
        signals: The measured signals.
        against: What speaks against the finding, sentences; never empty.
        lookalike: Nearest benign look-alike in words, or "none near".
        lookalike_distance: Its distance; None when none is near.
        check_next: What to check next, sentences.
        loss: What was taken: name -> value as printed.
        timeline: None when no time is known.
        coverage: None when it could not be compared; ``coverage_missing`` says why.
        coverage_missing: Why there is no coverage curve; empty when there is one.
        place: Where it is on the map; None when the map was not computed.
        exhibits: Sample prompts.
        exhibit_rule: How the samples were chosen, one sentence.
        entries: Digests of the decisions that bind one of its exported accounts.
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
    loss: tuple[tuple[str, str], ...] = ()
    timeline: Timeline | None = None
    coverage: CoverageCurve | None = None
    coverage_missing: str = ""
    place: MapPicture | None = None
    exhibits: tuple[Exhibit, ...] = ()
    exhibit_rule: str = ""
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherCluster:
    """A cluster of the case that is not exported; listed so that nothing is left out."""

    id: str
    verdict: str
    label: Label | None
    n_accounts: int
    n_exchanges: int


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis run, finished or abandoned.

    Attributes:
        at_us: When it was recorded, UTC microseconds.
        analyst: Who ran it.
        outcome: "finished", "cancelled", "failed"; as recorded.
        settings: Its parameters.
        journal: Name of the journal.
        line: Line of that journal.
        body: The record as it stands in the journal.
    """

    at_us: int
    analyst: str
    outcome: str
    settings: dict[str, Any]
    journal: str
    line: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Method:
    """How the finding was computed: enough to judge it, and to run it again.

    Attributes:
        versions: Program and libraries -> version.
        settings: Parameters of the run that the finding rests on, the seed included.
        stages: One dict a stage: stage, key, digest, info.
        signals: Table of every signal: name, axis, title, unit, needs, source, evades,
            not_assessed.
        queries: File name -> SQL text.
        runs: Every run, in order.
        error_rates: What is known of wrong findings, sentences.
        limits: What the method cannot show, sentences.
    """

    versions: dict[str, str]
    settings: dict[str, Any]
    stages: tuple[dict[str, Any], ...]
    signals: pa.Table
    queries: dict[str, str]
    runs: tuple[Run, ...]
    error_rates: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BundleContent:
    """All that goes into a bundle.

    Attributes:
        case: The case as a whole.
        batches: Every import of the case.
        subjects: What is exported, best first; at least one.
        others: Clusters of the case that are not exported, best first.
        accounts: One row an exported account (columns of ``workbench accounts`` and more).
        clusters: One row a cluster of the case (columns of ``workbench clusters``).
        evidence: Exported exchanges, rows of ``EVIDENCE_SCHEMA`` in order of exchange_id.
        n_evidence: How many there are.
        rejects: Records that could not be read, rows of ``REJECTS_SCHEMA``.
        decisions: Every label of the case in order, withdrawn ones too.
        journals: The journals, by key.
        method: How it was computed.
        overview: The whole map; None when it was not computed.
        against: What speaks against the findings as a whole, for the first page.
    """

    case: CaseFacts
    batches: tuple[Batch, ...]
    subjects: tuple[Subject, ...]
    others: tuple[OtherCluster, ...]
    accounts: pa.Table
    clusters: pa.Table
    evidence: Batches
    n_evidence: int
    rejects: Batches
    decisions: tuple[Decision, ...]
    journals: tuple[JournalCopy, ...]
    method: Method
    overview: MapPicture | None
    against: tuple[str, ...] = field(default=())

    @property
    def sources(self) -> tuple[SourceReport, ...]:
        """The files of every import, in order."""
        return tuple(source for batch in self.batches for source in batch.sources)
