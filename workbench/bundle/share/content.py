"""Everything that a share edition says: the list of what may leave the house.

Nothing comes into a share edition that has no field here, and no field takes text of a log but
skeletons and exhibits, which are scrubbed. Whoever adds a field answers for it: accounts, prompts
and journals go by keyed words, analysts by their keys, logs by their digests, times by the hour; no
prices, no volume of other customers, no paths, no journals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from workbench.bundle.subject import CoverageCurve, Timeline
    from workbench.domain.label import Label

#: Digits behind the point of whatever stands in a row: more would join editions row by row.
DIGITS: Final = 2
_HOUR_US: Final = 3_600_000_000


def hour_of(us: int | None) -> int | None:
    """The beginning of the hour, UTC microseconds.

    A time to the millisecond is of one exchange alone: any other log of the same exchanges, of a
    proxy or behind a bill, would tell by it who an account is.
    """
    return None if us is None else us - us % _HOUR_US


#: Rows of ``evidence.parquet``. ``ts`` is the hour. ``exchange`` counts from 1 through what is
#: shared: as the full edition of the same accounts has them, in order of exchange_id.
EVIDENCE: Final[pa.Schema] = pa.schema(
    [
        ("exchange", pa.int64()),
        ("account", pa.string()),
        ("cluster_id", pa.string()),
        ("ts", pa.timestamp("us")),
        ("prompt", pa.string()),
        ("template", pa.string()),
        ("attribution", pa.float32()),
        ("source_sha256", pa.string()),
    ]
)
#: Rows of ``accounts.csv``.
ACCOUNTS: Final[pa.Schema] = pa.schema(
    [
        ("account", pa.string()),
        ("cluster_id", pa.string()),
        ("n_exchanges", pa.int64()),
        ("first_ts", pa.timestamp("us")),
        ("last_ts", pa.timestamp("us")),
        ("membership", pa.float64()),
        ("score", pa.float64()),
        ("label", pa.string()),
    ]
)
#: Rows of ``templates.csv``; ``skeleton`` is NULL where too few have it in common.
TEMPLATES: Final[pa.Schema] = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("template", pa.string()),
        ("n_prompts", pa.int64()),
        ("n_exchanges", pa.int64()),
        ("n_accounts", pa.int64()),
        ("skeleton", pa.string()),
    ]
)
#: Rows of ``sources.csv``: only logs that hold what is shared, and only how much of it.
SOURCES: Final[pa.Schema] = pa.schema([("sha256", pa.string()), ("n_exchanges", pa.int64())])


@dataclass(frozen=True, slots=True)
class SharedMeasure:
    """One measure of a cluster: axis, title, value as printed, percentile (None: not assessed)."""

    axis: str
    title: str
    value: str
    percentile: float | None


@dataclass(frozen=True, slots=True)
class SharedDecision:
    """A label that binds an account that is shared.

    Attributes:
        at_us: When, UTC microseconds.
        analyst: Name of the analyst where names are wanted, else empty.
        fingerprint: The analyst's key.
        label: What was decided.
        cluster_id: The cluster through which it was given; empty for accounts one by one.
        n_accounts: Shared accounts that it binds.
        entry: Digest of its line in the journal, for whoever has the journal.
        withdrawn: Whether it was taken back.
    """

    at_us: int
    analyst: str
    fingerprint: str
    label: Label
    cluster_id: str
    n_accounts: int
    entry: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class SharedExhibit:
    """An exchange whose prompt a person chose, scrubbed; ``number`` counts from 1."""

    number: int
    account: str
    cluster_id: str
    at_us: int | None
    prompt: str


@dataclass(frozen=True, slots=True)
class SharedSubject:
    """A cluster, or accounts that are in none; fields as those of ``bundle.subject.Subject``.

    Attributes:
        said: How many they are, what they sent, and how much of it belongs together: sentences.
        untold: Sentences on what was found that a share edition does not tell.
        against: What speaks against it, sentences without words of the log; never empty.
        left_out: Sentences left out because they name values of the log.
    """

    id: str
    is_cluster: bool
    category: int
    label: Label | None
    confirmed: bool
    n_accounts: int
    n_exchanges: int
    first_us: int | None
    last_us: int | None
    said: tuple[str, ...]
    untold: int
    verdict: str
    score: float | None
    q: float | None
    q_nominal: bool
    level: float | None
    axes: dict[str, float | None]
    measures: tuple[SharedMeasure, ...]
    against: tuple[str, ...]
    left_out: int
    lookalike: str
    lookalikes: tuple[str, ...]
    timeline: Timeline | None = None
    coverage: CoverageCurve | None = None

    @property
    def draft(self) -> bool:
        """Whether it says something of a cluster that nobody has confirmed."""
        return self.is_cluster and not self.confirmed


@dataclass(frozen=True, slots=True)
class Redaction:
    """One rule that was applied.

    Attributes:
        what: Of what ("accounts", "prompts", "texts").
        rule: What was done.
        count: How often.
        keyed: Whether it took the key of this recipient.
    """

    what: str
    rule: str
    count: int
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class ShareContent:
    """All that goes into a share edition.

    Attributes:
        recipient: Whom it is for; on every page.
        key_id: Id of the key by which accounts and prompts are replaced.
        marking: TLP mark.
        case_id: Id of the case: random, and no name.
        digest: Case digest.
        as_of_us: What dates it, as of the full edition.
        subjects: What is shared, best first; at least one.
        accounts: Rows of ``ACCOUNTS``.
        templates: Rows of ``TEMPLATES``.
        withheld: How many have no skeleton because what their prompts say is withheld.
        sources: Rows of ``SOURCES``.
        evidence: Rows of ``EVIDENCE``, in order.
        n_evidence: How many.
        decisions: Labels that bind what is shared, in order.
        heads: Word of a journal -> number and digest of its last line.
        exhibits: Prompts chosen one by one.
        versions: Program and libraries.
        settings: Numbers that the analysis was asked for.
        error_rates: What is known of wrong findings, sentences.
        stages: (stage, key, digest) of what was computed.
        limits: What the method cannot show.
        redactions: What was done to what is shared.
        stix: STIX 2.1; empty where no fingerprint could be taken.
    """

    recipient: str
    key_id: str
    marking: str
    case_id: str
    digest: str
    as_of_us: int
    subjects: tuple[SharedSubject, ...]
    accounts: pa.Table
    templates: pa.Table
    withheld: int
    sources: pa.Table
    evidence: Callable[[], Iterable[pa.RecordBatch]]
    n_evidence: int
    decisions: tuple[SharedDecision, ...]
    heads: dict[str, dict[str, str | int]]
    exhibits: tuple[SharedExhibit, ...]
    versions: dict[str, str]
    settings: dict[str, int | float | str]
    stages: tuple[tuple[str, str, str], ...]
    error_rates: tuple[str, ...]
    limits: tuple[str, ...]
    redactions: tuple[Redaction, ...] = field(default=())
    stix: bytes = b""
