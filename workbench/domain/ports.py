"""Ports: what a layer needs from another, without importing it.

Implementations live above: ``Engine`` and ``Artifacts`` in ``case``, ``Format`` in
``formats``, ``Embedder`` and ``Signal`` in ``analysis``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    import numpy as np


# --- analysis reaches data -------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Statement:
    """A named SQL statement: one file, bound parameters only, allow-listed functions only.

    Attributes:
        name: File name without ending, for messages ("account_summary").
        text: The SQL. Reads the views of the case's logical schema; named parameters ``$x``.
    """

    name: str
    text: str

    @classmethod
    def read(cls, beside: str | Path, name: str) -> Statement:
        """Read ``NAME.sql`` from the folder of the module ``beside`` (pass ``__file__``)."""
        return cls(name, (Path(beside).parent / f"{name}.sql").read_text("utf-8"))


class Engine(Protocol):
    """Runs statements over what was given. One engine a thread; close it when done."""

    def table(self, statement: Statement, /, **params: Any) -> pa.Table:
        """The whole result."""
        ...

    def scan(
        self, statement: Statement, /, *, rows: int = 65_536, **params: Any
    ) -> Iterator[pa.RecordBatch]:
        """The result in order, in batches of at most ``rows``."""
        ...

    def with_table(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table visible to this engine's statements under ``name``."""
        ...

    def close(self) -> None:
        """Give the cursor back."""
        ...


# --- what was computed -----------------------------------------------------------------------
Arrays = Mapping[str, NDArray[Any]]
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Published:
    """One current stage in the manifest.

    Attributes:
        stage: Name of the stage ("space.place").
        key: Digest of everything it depends on (hex).
        digest: Logical digest of everything it published (hex).
        info: Small JSON facts that the stage wanted kept (counts, notes).
    """

    stage: str
    key: str
    digest: str
    info: dict[str, Any] = field(default_factory=dict)


class Artifacts(Protocol):
    """The manifest of computed/: arrays and tables by stage and name; atomic to publish."""

    def current(self, stage: str) -> Published | None:
        """The manifest's entry, or None when the stage never ran."""
        ...

    def publish(
        self, stage: str, key: str, *, arrays: Arrays, tables: Tables, info: Mapping[str, Any]
    ) -> Published:
        """Write, fsync, rename, then commit in one transaction; replaces the stage's entry."""
        ...

    def array(self, stage: str, name: str) -> NDArray[Any]:
        """A read-only memory map.

        Raises:
            KeyError: The stage has not been published or has no such array.
        """
        ...

    def table(self, stage: str, name: str) -> pa.Table:
        """A published table.

        Raises:
            KeyError: The stage has not been published or has no such table.
        """
        ...


# --- text to vectors -------------------------------------------------------------------------
class Embedder(Protocol):
    """Texts to vectors; deterministic."""

    @property
    def name(self) -> str:
        """As in ``--embedder``."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def digest(self) -> str:
        """Digest of code and resources; part of stage keys."""
        ...

    def embed(self, texts: pa.StringArray) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension), C order.

        A text without any known or hashable token gives the zero vector.
        """
        ...


# --- texts that do not enter a case ------------------------------------------------------------
class TextKeeper(Protocol):
    """What is kept of texts that a case shall not hold. Used by one import at a time."""

    def begin(self, tokens: NDArray[np.uint64], counted: bytes = b"") -> None:
        """Count anew, or go on counting.

        Args:
            tokens: u64[n], those whose words the case holds.
            counted: What another has counted.
        """
        ...

    def counted(self) -> bytes:
        """What was counted so far, for another that goes on."""
        ...

    def prompts(self, texts: pa.StringArray) -> tuple[pa.Table, pa.Table]:
        """``KEPT_OF_PROMPT`` of distinct prompts, and ``SHARED_WORDS`` that became shared."""
        ...

    def systems(self, texts: pa.StringArray) -> pa.Table:
        """``KEPT_OF_SYSTEM`` of distinct system prompts."""
        ...

    def answers(self, completions: pa.StringArray, reasonings: pa.StringArray) -> pa.Table:
        """``KEPT_OF_ANSWER`` of exchanges."""
        ...

    def codes(self, column: str, values: pa.StringArray) -> pa.StringArray:
        """What is kept of a column of ``domain.door.CODES``, value by value."""
        ...


# --- logs to exchanges -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Detection:
    """Why a format believes that it can read a file.

    Attributes:
        format: Name of the format.
        confidence: In [0, 1].
        reason: One phrase: "keys request_id, prompt, account_id in 64 of 64 records".
    """

    format: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: the same for every block of an import, picklable.

    Attributes:
        zone: IANA zone for naive times; "none" means that they become NULL and count as coerced,
            empty that nobody has said, which an import of such times refuses.
        mapping: Canonical column -> path in the source record, from --map or a profile.
    """

    zone: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that its column could not take, so that it became NULL.

    Attributes:
        record_no: Of the record.
        column: The canonical column.
        value: As JSON has it, shortened; empty where values are left out.
    """

    record_no: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A block of records, read. Every record of the block is counted exactly once.

    Attributes:
        records: Rows of ``RECORD_SCHEMA``.
        rejects: Rows of ``REJECT_SCHEMA``.
        blank: Records that were empty or white space.
        header: Header records.
        halves: Rows of ``HALVES_SCHEMA``: which of the records may be halves; None without any.
        unread: Of each column a few values that could not be read, in the order of the records.
    """

    records: pa.RecordBatch
    rejects: pa.RecordBatch
    blank: int = 0
    header: int = 0
    halves: pa.RecordBatch | None = None
    unread: tuple[Unread, ...] = ()


class Format(Protocol):
    """One log format: recognises records by their keys, turns them into canonical columns."""

    @property
    def name(self) -> str:
        """As in ``--format``."""
        ...

    def detect(self, records: Sequence[Mapping[str, Any]]) -> Detection | None:
        """Judge the first records of a file, already decoded; None when it is not this format."""
        ...

    def convert(self, record: Mapping[str, Any], options: ReadOptions) -> Mapping[str, Any] | None:
        """Canonical column -> raw value of one decoded record; None when it holds no exchange.

        Values are coerced to the canonical types by the caller, which counts failures.
        """
        ...
