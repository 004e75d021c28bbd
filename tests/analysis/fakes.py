"""In-memory stand-ins for the ports, so that stages are tested without a case folder.

``FakeCase`` holds the logical schema of docs/architecture.md in a DuckDB in memory; rows are
given as dictionaries with canonical column names. ``FakeArtifacts`` keeps what is published.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from workbench.domain.ports import Published

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.domain.ports import Arrays, Statement, Tables

_SCHEMA = """
CREATE TABLE exchange (
    exchange_id BIGINT, batch_id INTEGER, account_id INTEGER, user_id INTEGER, org_id INTEGER,
    address_id INTEGER, ts_us BIGINT, session_id VARCHAR, asn BIGINT, country VARCHAR,
    agent_id INTEGER, ja3 VARCHAR, ja4 VARCHAR, account_created_us BIGINT, email_domain VARCHAR,
    payment_hash VARCHAR, provider VARCHAR, endpoint VARCHAR, model_id INTEGER, status SMALLINT,
    error_type VARCHAR, stop_reason VARCHAR, stream BOOLEAN, in_tok BIGINT, out_tok BIGINT,
    reasoning_tok BIGINT, cached_tok BIGINT, temperature DOUBLE, n INTEGER, max_tok BIGINT,
    logprobs BOOLEAN, thinking BOOLEAN, n_turns INTEGER, tools VARCHAR, latency_ms DOUBLE,
    ttft_ms DOUBLE, system_id INTEGER, prompt_id INTEGER, request_id VARCHAR, completion VARCHAR,
    reasoning VARCHAR, dialogue VARCHAR, completion_length INTEGER, completion_form UBIGINT,
    completion_refuses BOOLEAN, reasoning_length INTEGER, withheld UTINYINT
);
CREATE TABLE prompt (
    prompt_id INTEGER, text VARCHAR, form BLOB, ends BLOB, embedded BLOB, asks INTEGER,
    n_characters INTEGER, digest BLOB, withheld UTINYINT
);
CREATE TABLE shared_word (token UBIGINT, word VARCHAR);
CREATE TABLE prompt_embedding (prompt_id INTEGER, vector FLOAT[]);
CREATE TABLE account (
    account_id INTEGER, kind VARCHAR, namespace VARCHAR, value VARCHAR, fallback BOOLEAN
);
CREATE TABLE identity (
    identity_id INTEGER, kind VARCHAR, namespace VARCHAR, value VARCHAR
);
CREATE TABLE system (system_id INTEGER, value VARCHAR, asks INTEGER, n_characters INTEGER,
    withheld UTINYINT
);
CREATE TABLE model (model_id INTEGER, value VARCHAR);
CREATE TABLE agent (agent_id INTEGER, value VARCHAR);
CREATE TABLE address (address_id INTEGER, value VARCHAR);
CREATE TABLE added (
    added_id INTEGER, kind VARCHAR, path VARCHAR, sha256 VARCHAR, zone VARCHAR, columns VARCHAR,
    loaded BIGINT, reach INTEGER
);
CREATE TABLE event (
    account_id INTEGER, at_us BIGINT, event VARCHAR, detail VARCHAR, added_id INTEGER
);
CREATE TABLE release (model_id INTEGER, released_us BIGINT, added_id INTEGER);
"""

#: Canonical column -> column of ``exchange`` that holds its code, and the dictionary's name.
_CODED = {
    "account_id": ("account_id", "key"),
    "end_user": ("user_id", "user"),
    "org_id": ("org_id", "organisation"),
    "ip": ("address_id", "address"),
    "user_agent": ("agent_id", "agent"),
    "model": ("model_id", "model"),
    "system": ("system_id", "system"),
    "prompt": ("prompt_id", "prompt"),
}
_PLAIN = (
    "session_id", "asn", "country", "ja3", "ja4", "email_domain", "payment_hash", "provider",
    "endpoint", "status", "error_type", "stop_reason", "stream", "in_tok", "out_tok",
    "reasoning_tok", "cached_tok", "temperature", "n", "max_tok", "logprobs", "thinking",
    "n_turns", "tools", "latency_ms", "ttft_ms", "request_id", "completion", "reasoning",
    "dialogue",
)  # fmt: skip


class FakeEngine:
    """Port ``Engine`` over a cursor of the fake case."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.closed = False

    def table(self, statement: Statement, /, **params: Any) -> pa.Table:
        return self._connection.sql(statement.text, params=params or None).to_arrow_table()

    def scan(
        self, statement: Statement, /, *, rows: int = 65_536, **params: Any
    ) -> Iterator[pa.RecordBatch]:
        for batch in self.table(statement, **params).to_batches(max_chunksize=rows):
            if batch.num_rows:
                yield batch

    def with_table(self, name: str, table: pa.Table) -> None:
        self._connection.register(name, table)

    def close(self) -> None:
        self._connection.close()
        self.closed = True


class FakeCase:
    """A log in memory. ``add`` is one import; account = the key, else user, else organisation.

    Rows are dictionaries with canonical names (``account_id``, ``org_id``, ``ts`` in
    microseconds, ``prompt``, ``embedding``, ``account_created_at`` in microseconds ...).
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(_SCHEMA)
        self._codes: dict[tuple[str, str], int] = {}
        self._sizes: dict[str, int] = {}
        self._next_exchange = 1
        self._next_batch = 1
        listed = list(rows)
        if listed:
            self.add(listed)

    def engine(self) -> FakeEngine:
        return FakeEngine(self._connection.cursor())

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Import a batch."""
        exchanges: list[dict[str, Any]] = []
        new: dict[str, list[tuple[Any, ...]]] = {}
        vectors: list[tuple[int, list[float]]] = []
        for row in rows:
            exchange: dict[str, Any] = {name: row.get(name) for name in _PLAIN}
            for name, (column, kind) in _CODED.items():
                code, fresh = self._code(kind, row.get(name))
                exchange[column] = code
                if fresh:
                    new.setdefault(kind, []).append((code, row[name]))
                    if kind == "prompt" and row.get("embedding") is not None:
                        vectors.append((code, list(row["embedding"])))
            for column in ("account_id", "user_id", "org_id", "address_id"):
                if exchange["account_id"] is None and exchange[column] is not None:
                    exchange["account_id"] = exchange[column]
            exchange["exchange_id"] = self._next_exchange
            exchange["batch_id"] = self._next_batch
            exchange["ts_us"] = row.get("ts")
            exchange["account_created_us"] = row.get("account_created_at")
            exchanges.append(exchange)
            self._next_exchange += 1
        self._next_batch += 1
        self._insert("exchange", exchanges)
        identities = [
            {"identity_id": code, "kind": kind, "namespace": "", "value": value}
            for kind in ("key", "user", "organisation", "address")
            for code, value in new.get(kind, [])
        ]
        self._insert("identity", identities)
        self._connection.execute("DELETE FROM account")
        self._connection.execute(
            "INSERT INTO account SELECT identity_id, kind, namespace, value, kind <> 'key'"
            " FROM identity WHERE identity_id IN (SELECT account_id FROM exchange)"
        )
        prompts = [
            {
                "prompt_id": c,
                "text": v,
                "digest": hashlib.blake2b(v.encode(), digest_size=16).digest(),
            }
            for c, v in new.get("prompt", [])
        ]
        self._insert("prompt", prompts)
        self._insert("prompt_embedding", [{"prompt_id": c, "vector": v} for c, v in vectors])
        for kind in ("system", "model", "agent"):
            named = [{f"{kind}_id": c, "value": v} for c, v in new.get(kind, [])]
            self._insert(kind, named)
        self._insert("address", [{"address_id": c, "value": v} for c, v in new.get("address", [])])

    def _code(self, kind: str, value: Any) -> tuple[Any, bool]:
        if value is None:
            return None, False
        known = self._codes.get((kind, value))
        if known is not None:
            return known, False
        space = "identity" if kind in ("key", "user", "organisation", "address") else kind
        code = self._sizes.get(space, 0)
        self._sizes[space] = code + 1
        self._codes[kind, value] = code
        return code, True

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        empty: pa.Table = self._connection.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table()
        schema = empty.schema
        columns = {f.name: [row.get(f.name) for row in rows] for f in schema}
        self._connection.register("incoming", pa.table(columns, schema=schema))
        self._connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")
        self._connection.unregister("incoming")


@dataclass
class FakeArtifacts:
    """Port ``Artifacts`` in memory. ``published`` counts how often each stage was published."""

    entries: dict[str, Published] = field(default_factory=dict)
    arrays: dict[tuple[str, str], NDArray[Any]] = field(default_factory=dict)
    tables: dict[tuple[str, str], pa.Table] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)

    def current(self, stage: str) -> Published | None:
        return self.entries.get(stage)

    def publish(
        self, stage: str, key: str, *, arrays: Arrays, tables: Tables, info: Mapping[str, Any]
    ) -> Published:
        digest = hashlib.sha256()
        self.arrays = {name: kept for name, kept in self.arrays.items() if name[0] != stage}
        self.tables = {name: kept for name, kept in self.tables.items() if name[0] != stage}
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
            digest.update(array.tobytes())
            array = array.copy()
            array.setflags(write=False)
            self.arrays[stage, name] = array
        for name in sorted(tables):
            digest.update(f"{name}|{tables[name].schema}|{tables[name].to_pylist()!r}|".encode())
            self.tables[stage, name] = tables[name]
        digest.update(json.dumps(dict(info), sort_keys=True).encode())
        entry = Published(stage, key, digest.hexdigest(), dict(info))
        self.entries[stage] = entry
        self.published[stage] = self.published.get(stage, 0) + 1
        return entry

    def array(self, stage: str, name: str) -> NDArray[Any]:
        return self.arrays[stage, name]

    def table(self, stage: str, name: str) -> pa.Table:
        return self.tables[stage, name]


class RecordingJob:
    """A ``JobContext`` that keeps every report, and cancels when told to."""

    def __init__(self, cancel_at: str = "") -> None:
        self.reports: list[tuple[str, float | None]] = []
        self.checks = 0
        self._cancel_at = cancel_at

    def report(
        self,
        step: str,
        *,
        done: float | None = None,
        count: int | None = None,
        total: int | None = None,
        unit: str = "",
    ) -> None:
        self.reports.append((step, done))

    def check(self) -> None:
        from workbench.domain.errors import CancelledError

        self.checks += 1
        if self._cancel_at and any(step == self._cancel_at for step, _ in self.reports):
            raise CancelledError
