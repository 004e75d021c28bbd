"""Everything that a bundle says, as plain values: gathered by ``services``, written by ``bag``.

A ``BundleContent`` holds no case, no database and no clock, so that the same content gives the
same bytes, and so that every file of a bundle can be tested with a few lines of made-up content.
Text in it is finished English or text from logs; both are treated as hostile when written. What is
said of one cluster is in ``subject``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA, Frame, SourceReport
from workbench.domain.text import plural

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.bundle.subject import MapPicture, Subject
    from workbench.domain.label import Label

#: Columns that hold what was said. They leave a case by choice only; their digests always do.
TEXT_COLUMNS: Final = ("system", "prompt", "completion", "reasoning", "dialogue")

#: Rows of ``evidence.parquet``: where each exchange was read, what it belongs to, what it was.
#: ``attribution`` is the probability that it belongs to what its cluster has in common, NULL where
#: that was not assessed. ``prompt_digest`` and its like are BLAKE2b-128 of the text's UTF-8 bytes,
#: hex, NULL where the log has none; the text itself, and the vector that a log gives of a prompt,
#: are NULL where they were not chosen (``Texts``).
EVIDENCE_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("exchange_id", pa.int64()),
        ("source_sha256", pa.string()),
        ("record_no", pa.int64()),
        ("byte_offset", pa.int64()),
        ("fate", pa.string()),
        ("account_key", pa.string()),
        ("cluster_id", pa.string()),
        ("attribution", pa.float32()),
        *CANONICAL_SCHEMA,
        *((f"{name}_digest", pa.string()) for name in TEXT_COLUMNS),
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
class Texts:
    """Which texts leave the case: none, those of exchanges chosen one by one, or all.

    Attributes:
        whole: All of them, and the bytes of rejected records.
        exhibits: Ids of exchanges chosen by a person, ascending.
        n_quarantined: Exchanges whose texts stay in the case whatever was chosen.
    """

    whole: bool = False
    exhibits: tuple[int, ...] = ()
    n_quarantined: int = 0

    def shows(self, exchange_id: int) -> bool:
        """Whether the texts of an exchange leave the case."""
        return self.whole or exchange_id in self.exhibits

    @property
    def words(self) -> str:
        """What is said of it wherever the bundle speaks of texts."""
        kept = ""
        if self.n_quarantined:
            are = plural(self.n_quarantined, "exchange is", "exchanges are")
            kept = f" {are} in quarantine (unlawful or privileged): nobody reads their texts."
        if self.whole:
            return f"Texts of prompts and answers are as the logs have them.{kept}"
        left = "Texts of prompts and answers are left out"
        if self.exhibits:
            one = "exchange that a person chose", "exchanges that a person chose one by one"
            left += f" but of {plural(len(self.exhibits), *one)}"
        return f"{left}; the digest of each is in data/evidence.parquet.{kept}"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case as a whole.

    Attributes:
        id: Of the case.
        name: Of the case.
        digested: What the case digest is of, RFC 8785 JSON: source digests, settings, stage keys,
            digests of decisions.
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
    digested: bytes
    marking: str
    as_of_us: int
    first_us: int | None
    last_us: int | None
    n_exchanges: int
    n_accounts: int
    n_prompts: int
    identity: str

    @property
    def digest(self) -> str:
        """The case digest: SHA-256, hex."""
        return hashlib.sha256(self.digested).hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """One import.

    Attributes:
        number: Batch id.
        opened_us: When it began, UTC microseconds.
        frame: Where its logs come from.
        options: How they were read (zone, mapping), JSON values.
        sources: Its files, with the fates of their records.
        left_out: What of its records was left out at the door, sentences.
    """

    number: int
    opened_us: int
    frame: Frame
    options: dict[str, Any]
    sources: tuple[SourceReport, ...]
    left_out: tuple[str, ...] = ()


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
        clock: Lines that were written after the clock was set back: number of the line, and by
            how many microseconds it is older than what came before it.
    """

    key: str
    lines: tuple[bytes, ...]
    head: dict[str, Any]
    clock: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class StampCopy:
    """A time stamp of journals' heads, as its files are in the case.

    Attributes:
        digest: SHA-256 (hex) of the file of heads: what was stamped.
        heads: The file of heads, which names a line of each journal.
        answer: The authority's answer (RFC 3161, DER).
        at: When the authority saw it, UTC.
        authority: Who stamped, as its certificate says it.
    """

    digest: str
    heads: bytes
    answer: bytes
    at: datetime
    authority: str


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
        program: Version and digest of the code that made it; empty where an older program did.
        result: Digest of the clusters that it left; empty where it came to none.
    """

    at_us: int
    analyst: str
    outcome: str
    settings: dict[str, Any]
    journal: str
    line: int
    body: dict[str, Any]
    program: tuple[str, ...] = ()
    result: str = ""


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure of a cluster, for the table of methods: what it is, its source, what evades."""

    axis: str
    title: str
    what: str
    source: str
    evades: str = ""


@dataclass(frozen=True, slots=True)
class PlantedTable:
    """What would have been found of campaigns planted in copies of the case.

    Attributes:
        head: Names of the columns.
        rows: One a size and share; empty where none was planted.
        notes: When and how, what it cannot show; or that it was not measured.
        numbers: The figures behind it, for machines.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    numbers: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """How the finding was computed: enough to judge it, and to run it again.

    Attributes:
        versions: Program and libraries -> version.
        settings: Parameters of the run that the finding rests on, the seed included.
        stages: One dict a stage: stage, key, digest, info.
        signals: Table of every signal: name, axis, title, unit, formula, needs, source, evades,
            tested (yes or no), not_assessed.
        queries: File name -> SQL text.
        runs: Every run, in order.
        error_rates: What is known of wrong findings, sentences.
        limits: What the method cannot show, sentences.
        measures: The measures of a cluster; empty where no cluster is exported.
        planted: What would have been found; None is said nowhere.
    """

    versions: dict[str, str]
    settings: dict[str, Any]
    stages: tuple[dict[str, Any], ...]
    signals: pa.Table
    queries: dict[str, str]
    runs: tuple[Run, ...]
    error_rates: tuple[str, ...]
    limits: tuple[str, ...]
    measures: tuple[MeasureLine, ...] = ()
    planted: PlantedTable | None = None


@dataclass(frozen=True, slots=True)
class Rerun:
    """What neither logs nor journals say, and whoever recomputes the bundle needs.

    Attributes:
        case: Id, name, time of making and settings of the case.
        asked: What was asked to be exported: clusters, label or accounts.
        marking: TLP mark of this bundle.
        prices: Price list that the case keeps, as it was given; None without one.
        prices_name: As it was called.
        planted: Every campaign that was planted to see what would have been found.
        reader: Fingerprint of the key whose reveals counted; empty where every text may be read.
    """

    case: Mapping[str, str]
    asked: Mapping[str, Any]
    marking: str
    planted: Sequence[Mapping[str, Any]] = ()
    reader: str = ""
    prices: bytes | None = None
    prices_name: str = ""


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
        texts: Which texts are in it.
        rerun: What whoever recomputes it needs besides.
        stamps: Time stamps of lines that the journals hold, by when they were stamped.
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
    texts: Texts = field(default=Texts())
    rerun: Rerun | None = None
    stamps: tuple[StampCopy, ...] = ()

    @property
    def campaigns(self) -> tuple[Subject, ...]:
        """What a person has confirmed: clusters of which more than one account is exported."""
        return tuple(one for one in self.subjects if one.confirmed and one.is_group)

    @property
    def makes_claims(self) -> bool:
        """Whether a finding is exported, not only accounts that somebody picked."""
        return any(one.is_group for one in self.subjects)

    @property
    def sources(self) -> tuple[SourceReport, ...]:
        """The files of every import, in order."""
        return tuple(source for batch in self.batches for source in batch.sources)
