"""The canonical exchange: what every log format is turned into, and the fates of its records."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The canonical columns, in their order. Every one may be NULL: what is absent stays NULL and
#: later reads "not assessed". Times are UTC microseconds.
CANONICAL_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("request_id", pa.string()),
        ("ts", pa.timestamp("us")),
        ("account_id", pa.string()),
        ("org_id", pa.string()),
        ("end_user", pa.string()),
        ("session_id", pa.string()),
        ("ip", pa.string()),
        ("asn", pa.int64()),
        ("country", pa.string()),
        ("user_agent", pa.string()),
        ("ja3", pa.string()),
        ("ja4", pa.string()),
        ("account_created_at", pa.timestamp("us")),
        ("email_domain", pa.string()),
        ("payment_hash", pa.string()),
        ("provider", pa.string()),
        ("endpoint", pa.string()),
        ("model", pa.string()),
        ("status", pa.int32()),
        ("error_type", pa.string()),
        ("stop_reason", pa.string()),
        ("stream", pa.bool_()),
        ("in_tok", pa.int64()),
        ("out_tok", pa.int64()),
        ("reasoning_tok", pa.int64()),
        ("cached_tok", pa.int64()),
        ("temperature", pa.float64()),
        ("n", pa.int32()),
        ("max_tok", pa.int64()),
        ("logprobs", pa.bool_()),
        ("thinking", pa.bool_()),
        ("n_turns", pa.int32()),
        ("tools", pa.int32()),
        ("latency_ms", pa.float64()),
        ("ttft_ms", pa.float64()),
        ("system", pa.string()),
        ("prompt", pa.string()),
        ("completion", pa.string()),
        ("reasoning", pa.string()),
        ("dialogue", pa.string()),
        ("embedding", pa.list_(pa.float32())),
    ]
)

#: A record with none of these holds no exchange and is rejected.
CONTENT_COLUMNS: Final[tuple[str, ...]] = (
    "prompt",
    "completion",
    "system",
    "request_id",
    "in_tok",
    "out_tok",
    "model",
    "ts",
)

#: What a parsed record carries beside the canonical columns.
#: ``record_no`` counts records of the file from 1 (those inside others one by one, the ones around
#: them not at all); ``byte_offset`` is where the record starts in the decompressed file (-1 where
#: the container has no bytes of its own, as in Parquet);
#: ``ts_text`` is the original text of a time that was coerced, else NULL; ``coerced`` has bit
#: i set when column i of ``CANONICAL_SCHEMA`` was given but could not be read and became NULL.
RECORD_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("record_no", pa.int64()),
        ("byte_offset", pa.int64()),
        ("ts_text", pa.string()),
        ("coerced", pa.uint64()),
        *CANONICAL_SCHEMA,
    ]
)

#: Records that could not be read. ``raw`` holds the original bytes.
REJECT_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("record_no", pa.int64()),
        ("byte_offset", pa.int64()),
        ("reason", pa.string()),
        ("raw", pa.binary()),
    ]
)


class Side(IntEnum):
    """What a record that may be half of an exchange says.

    WHOLE, ASKED and ANSWERED are lines of batches, whose names hold within one batch only; AROUND
    says what many exchanges have in common, and WITHIN is one of them.
    """

    WHOLE = 0
    ASKED = 1
    ANSWERED = 2
    AROUND = 3
    WITHIN = 4


#: Which records of a block may be halves: ``row`` is the index among its records, ``kind`` what
#: joins them (halves of different kinds have nothing to do with each other), ``batch`` what the
#: record itself calls its batch (NULL: it says nothing), ``key`` what both halves are called.
#: ``raw`` holds the original bytes of what is no exchange by itself, else NULL.
HALVES_SCHEMA: Final[pa.Schema] = pa.schema(
    [
        ("row", pa.int64()),
        ("kind", pa.string()),
        ("side", pa.uint8()),
        ("batch", pa.string()),
        ("key", pa.string()),
        ("raw", pa.binary()),
    ]
)


class Fate(StrEnum):
    """What became of a record. Each record has exactly one."""

    LOADED = "loaded"
    JOINED = "joined"
    REJECTED = "rejected"
    BLANK = "blank"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    HEADER = "header"


class StoredFate(IntEnum):
    """The two fates that put a row into ``exchanges`` (COUNT(*) = loaded + conflict)."""

    LOADED = 0
    CONFLICT = 1


@dataclass(frozen=True, slots=True)
class Accounting:
    """Records of a file or an import by fate; ``records`` is always their sum.

    ``coerced`` counts fields, not records, and is no fate.
    """

    loaded: int = 0
    joined: int = 0
    rejected: int = 0
    blank: int = 0
    duplicate: int = 0
    conflict: int = 0
    header: int = 0
    coerced: int = 0

    @property
    def records(self) -> int:
        """Every record seen: the sum of the fates."""
        return sum(getattr(self, fate.value) for fate in Fate)

    @property
    def exchanges(self) -> int:
        """Rows that the case holds for them."""
        return self.loaded + self.conflict

    def __add__(self, other: Accounting) -> Accounting:
        return Accounting(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def as_dict(self) -> dict[str, int]:
        """The contract's order: records, the seven fates, coerced."""
        return {"records": self.records} | {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Alone:
    """Halves of one file whose other halves were not found.

    Attributes:
        source_id: The file; -1 where it is said of a file that is known otherwise.
        side: Which half they are.
        count: How many.
        why: "no other", "twice", "several", "lacking" or "contradicted".
    """

    source_id: int
    side: Side
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Where logs come from. An empty field was not said, and is shown as not said.

    Attributes:
        custodian: Who keeps the system that wrote the logs.
        system: The source system; duplicates are judged within one system.
        query: The extraction query, as it was run.
        population: Which traffic the extract covers ("all API accounts of region X").
        sampling: How it was sampled ("none", "1 in 10 by request id").
        zone: IANA zone of naive times; "none" and empty mean that naive times load as NULL.
        gaps: Known gaps, in plain words.
        benign: Whether the population is declared to be benign (a baseline).
    """

    custodian: str = ""
    system: str = ""
    query: str = ""
    population: str = ""
    sampling: str = ""
    zone: str = ""
    gaps: str = ""
    benign: bool = False


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What an import says of one file.

    Attributes:
        path: As given.
        size: Bytes on disk.
        sha256: Of the file as it lies on disk (of a member of an archive: as it lies once it is
            unpacked); empty when it could not be read.
        format: Name of the format that read it; empty when nothing was recognised.
        compression: "", "gzip", "zstd" or "bzip2".
        reason: Why this format was chosen, or why nothing could be loaded.
        already: True when the case held this file before, so that nothing changed.
        accounting: The fates of its records.
        coerced_columns: Fields that could not be read and became NULL, by column.
    """

    path: str
    size: int = 0
    sha256: str = ""
    format: str = ""
    compression: str = ""
    reason: str = ""
    already: bool = False
    accounting: Accounting = field(default_factory=Accounting)
    coerced_columns: dict[str, int] = field(default_factory=dict)

    def held_before(self, waited: int = 0) -> SourceReport:
        """The same file, met once more: each record that was kept of it then is a duplicate now.

        Args:
            waited: Records without a fate, that waited for their other halves.
        """
        again = self.accounting
        kept = again.exchanges + again.joined + again.duplicate + waited
        fates = replace(again, loaded=0, joined=0, conflict=0, duplicate=kept)
        return replace(self, already=True, accounting=fates)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> SourceReport:
        """A report that was written with ``dataclasses.asdict``."""
        return cls(**{**said, "accounting": Accounting(**said["accounting"])})
