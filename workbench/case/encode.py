"""Kept records as rows of ``exchanges``, with values replaced by dictionary codes.

This room must not decide which records are kept, nor write to the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.case.codes import Counter, Dictionary, Fresh
from workbench.case.columns import as_blobs, digests_of, from_blobs
from workbench.domain.account import IdentityKind
from workbench.domain.door import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from numpy.typing import NDArray

    from workbench.case.sizes import Sizes
    from workbench.domain.ports import TextKeeper

#: Columns of ``exchanges`` that are canonical columns as they are.
_PLAIN: Final = (
    "request_id",
    "ts",
    "ts_text",
    "session_id",
    "asn",
    "country",
    "ja3",
    "ja4",
    "account_created_at",
    "email_domain",
    "payment_hash",
    "provider",
    "endpoint",
    "status",
    "error_type",
    "stop_reason",
    "stream",
    "in_tok",
    "out_tok",
    "reasoning_tok",
    "cached_tok",
    "temperature",
    "n",
    "max_tok",
    "logprobs",
    "thinking",
    "n_turns",
    "tools",
    "latency_ms",
    "ttft_ms",
    "completion",
    "reasoning",
    "dialogue",
)
#: Canonical column -> table, column of codes.
_CODED: Final = (
    ("ip", "addresses", "address_id"),
    ("user_agent", "agents", "agent_id"),
    ("model", "models", "model_id"),
    ("system", "systems", "system_id"),
    ("prompt", "prompts", "prompt_id"),
)
#: Canonical column -> kind of identity, column of codes.
_IDENTITIES: Final = (
    ("account_id", IdentityKind.KEY, "key_id"),
    ("end_user", IdentityKind.USER, "user_id"),
    ("org_id", IdentityKind.ORGANISATION, "org_id"),
)
#: What can be a time: no word and no name fits.
_TIMELIKE: Final = r"^[0-9TZtz:+\-., /]{1,40}$"
_WITH_DIGEST: Final = frozenset({"systems", "prompts"})
#: Table -> codes and values, or digests, that the case holds.
_HELD: Final = {
    "addresses": "SELECT address_id, value FROM addresses",
    "agents": "SELECT agent_id, value FROM agents",
    "models": "SELECT model_id, value FROM models",
    "systems": "SELECT system_id, digest FROM systems",
    "prompts": "SELECT prompt_id, digest FROM prompts",
}
#: Values of the case taken in at a time.
_BLOCK: Final = 122_880

#: Rows for one table.
Rows = tuple[str, pa.Table]


class Encoder:
    """The dictionaries of a case, in memory while an import runs.

    Args:
        namespace: The source system, which gives identities their meaning.
        sizes: What the case holds.
        keeper: Says what is kept of texts, where these are left out; None where they are stored.
    """

    def __init__(self, namespace: str, sizes: Sizes, keeper: TextKeeper | None = None) -> None:
        self._keeper = keeper
        self._namespace = namespace
        self._of_table = {
            table: Dictionary(Counter(getattr(sizes, table))) for _, table, _ in _CODED
        }
        self._identities = Counter(sizes.identities)
        self._of_kind = {kind: Dictionary(self._identities) for kind in IdentityKind}
        self._embedded = np.zeros(max(sizes.prompts, 1024), np.bool_)

    def load(self, cursor: duckdb.DuckDBPyConnection, counted: bytes = b"") -> None:
        """Take in the values that the case holds, and what the keeper had counted."""
        for _, table, _ in _CODED:
            stored = table in _WITH_DIGEST
            for codes, of in _read(cursor, _HELD[table]):
                digests = from_blobs(of) if stored else digests_of(of)
                self._of_table[table].load(digests, codes.to_numpy())
        for kind in IdentityKind:
            for codes, of in _read(
                cursor,
                "SELECT identity_id, value FROM identities WHERE kind = $kind AND namespace = $of",
                kind=kind.value,
                of=self._namespace,
            ):
                self._of_kind[kind].load(digests_of(of), codes.to_numpy())
        for (prompts,) in _read(cursor, "SELECT prompt_id FROM embeddings"):
            self._embedded[prompts.to_numpy()] = True
        if self._keeper is not None:
            tokens = [of.to_numpy() for (of,) in _read(cursor, "SELECT token FROM shared_words")]
            self._keeper.begin(np.concatenate([np.empty(0, np.uint64), *tokens]), counted)

    def counted(self) -> bytes:
        """What the keeper of texts has counted."""
        return b"" if self._keeper is None else self._keeper.counted()

    def counts(self) -> dict[str, int]:
        """Next free code of each dictionary table."""
        held = {table: part.counter.next for table, part in self._of_table.items()}
        return held | {"identities": self._identities.next}

    def encode(
        self,
        records: pa.RecordBatch,
        *,
        first_id: int,
        batch_id: int,
        source_ids: int | NDArray[np.int32],
        fates: NDArray[np.uint8],
        marks: NDArray[np.uint64],
    ) -> list[Rows]:
        """Rows of ``exchanges`` for the records, and rows of the tables of new values.

        Args:
            records: Rows of ``RECORD_SCHEMA``, all of them kept.
            first_id: Exchange id of the first.
            batch_id: Their batch.
            source_ids: Their file, or the file of each, shape (n,).
            fates: Stored fates, shape (n,).
            marks: Shape (n, 2).
        """
        n = records.num_rows
        if self._keeper is not None:
            records = _without_words(records, self._keeper)
        sources = np.full(n, source_ids, np.int32)
        rows: list[Rows] = []
        columns: dict[str, pa.Array | pa.ChunkedArray] = {
            "exchange_id": pa.array(np.arange(first_id, first_id + n, dtype=np.int64)),
            "batch_id": pa.array(np.full(n, batch_id, np.int32)),
            "source_id": pa.array(sources),
            "record_no": records.column("record_no"),
            "byte_offset": records.column("byte_offset"),
            "fate": pa.array(fates),
            "mark_hi": pa.array(marks[:, 0]),
            "mark_lo": pa.array(marks[:, 1]),
        }
        columns |= {name: records.column(name) for name in _PLAIN}
        if self._keeper is not None:
            columns |= _without_text(records, self._keeper)
        for name, table, column in _CODED:
            columns[column], fresh = self._of_table[table].encode(records.column(name))
            rows += _of_values(table, column, fresh, self._keeper)
        for name, kind, column in _IDENTITIES:
            columns[column], fresh = self._of_kind[kind].encode(records.column(name))
            rows += self._of_identities(kind, fresh)
        columns["fallback_id"], fresh = self._fallback(records, columns)
        rows += self._of_identities(IdentityKind.ADDRESS, fresh)
        rows += self._embeddings(records, columns["prompt_id"], sources)
        if n:
            rows.append(("exchanges", pa.table(columns)))
        return rows

    def _fallback(
        self, records: pa.RecordBatch, columns: dict[str, pa.Array | pa.ChunkedArray]
    ) -> tuple[pa.Array, Fresh]:
        """The address as identity, where a record names no key, user or organisation."""
        addresses = records.column("ip")
        named = np.zeros(records.num_rows, np.bool_)
        for _, _, column in _IDENTITIES:
            named |= columns[column].is_valid().to_numpy(zero_copy_only=False)
        nobody = pc.if_else(pa.array(named), pa.scalar(None, pa.string()), addresses)
        return self._of_kind[IdentityKind.ADDRESS].encode(nobody)

    def _of_identities(self, kind: IdentityKind, fresh: Fresh) -> list[Rows]:
        n = len(fresh.codes)
        if not n:
            return []
        columns = {
            "identity_id": pa.array(fresh.codes),
            "kind": pa.repeat(kind.value, n),
            "namespace": pa.repeat(self._namespace, n),
            "value": fresh.values,
        }
        return [("identities", pa.table(columns))]

    def _embeddings(
        self, records: pa.RecordBatch, codes: pa.Array, sources: NDArray[np.int32]
    ) -> list[Rows]:
        """The first vector of each prompt that has none yet."""
        vectors = records.column("embedding")
        if vectors.null_count == len(vectors):
            return []
        given = pc.and_(pc.greater(pc.list_value_length(vectors), 0), codes.is_valid())
        candidates = np.flatnonzero(given.fill_null(False).to_numpy(zero_copy_only=False))
        prompts = codes.take(pa.array(candidates)).to_numpy(zero_copy_only=False)
        prompts, at = np.unique(prompts, return_index=True)
        self._make_room(int(prompts[-1]) + 1 if len(prompts) else 0)
        new = ~self._embedded[prompts]
        if not new.any():
            return []
        self._embedded[prompts[new]] = True
        columns = {
            "prompt_id": pa.array(prompts[new].astype(np.int32)),
            "source_id": pa.array(sources[candidates[at[new]]]),
            "vector": vectors.take(pa.array(candidates[at[new]])),
        }
        return [("embeddings", pa.table(columns))]

    def _make_room(self, prompts: int) -> None:
        if prompts > len(self._embedded):
            larger = np.zeros(max(prompts, 2 * len(self._embedded)), np.bool_)
            larger[: len(self._embedded)] = self._embedded
            self._embedded = larger


def _of_values(table: str, column: str, fresh: Fresh, keeper: TextKeeper | None) -> list[Rows]:
    if not len(fresh.codes):
        return []
    columns: dict[str, pa.Array | pa.ChunkedArray] = {column: pa.array(fresh.codes)}
    words: list[Rows] = []
    if table in _WITH_DIGEST:
        columns["digest"] = as_blobs(fresh.digests)
    if keeper is None or table not in _WITH_DIGEST:
        columns["text" if table == "prompts" else "value"] = fresh.values
    elif table == "prompts":
        kept, shared = keeper.prompts(fresh.values)
        columns |= dict(zip(kept.column_names, kept.columns, strict=True))
        if shared.num_rows:
            codes = pa.array(fresh.codes).take(shared.column("prompt").combine_chunks())
            named = shared.select(["token", "word"]).append_column("prompt_id", codes)
            words = [("shared_words", named)]
    else:
        kept = keeper.systems(fresh.values)
        columns |= dict(zip(kept.column_names, kept.columns, strict=True))
    return [(table, pa.table(columns)), *words]


def _without_words(records: pa.RecordBatch, keeper: TextKeeper) -> pa.RecordBatch:
    """The records, columns of codes without what is none."""
    for name in CODES:
        index = records.schema.get_field_index(name)
        values = records.column(index)
        if values.null_count < len(values):
            records = records.set_column(index, name, keeper.codes(name, values))
    return records


def _without_text(
    records: pa.RecordBatch, keeper: TextKeeper
) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Columns of ``exchanges`` in place of those that hold what was said.

    A time that could not be read may be anything: only what can be one is kept as text.
    """
    kept = keeper.answers(records.column("completion"), records.column("reasoning"))
    texts = records.column("ts_text")
    is_time = pc.match_substring_regex(texts, _TIMELIKE)
    nothing = pa.nulls(records.num_rows, pa.string())
    return dict(zip(kept.column_names, kept.columns, strict=True)) | {
        "completion": nothing,
        "reasoning": nothing,
        "dialogue": nothing,
        "ts_text": pc.if_else(is_time, texts, pa.scalar(None, pa.string())),
    }


def _read(
    cursor: duckdb.DuckDBPyConnection, text: str, **params: object
) -> Iterator[list[pa.Array]]:
    """The columns of the answer, block by block: a case may hold millions of values."""
    for block in cursor.sql(text, params=params or None).to_arrow_reader(_BLOCK):
        yield block.columns
