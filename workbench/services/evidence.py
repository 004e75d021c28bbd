"""The exchanges and prompts that leave a case: streamed in order, page by page.

One engine a call, given back at the end. Canonical text passes unchanged; escaping is the
business of whoever writes a viewing copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from workbench.bundle.content import EVIDENCE_SCHEMA, REJECTS_SCHEMA, TEXT_COLUMNS, Texts
from workbench.domain.exchange import StoredFate
from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.case.gate import Ids
    from workbench.services.attributions import Attributions
    from workbench.services.export_scope import Group
    from workbench.services.open_case import OpenCase
    from workbench.services.results import Results

_EVIDENCE: Final = Statement.read(__file__, "evidence")
#: The same with what added tables fill.
_FILLED: Final = Statement("evidence_filled", _EVIDENCE.text.replace("logged_exchange", "exchange"))
_SENT: Final = Statement.read(__file__, "sent")
_WITHHELD: Final = Statement.read(__file__, "withheld")
_CREATED: Final = Statement.read(__file__, "created")
_EXHIBITS: Final = Statement.read(__file__, "exhibits")
_FACTS: Final = Statement.read(__file__, "case_facts")
#: Exchange ids of a page: bounds what the database sorts at a time.
_PAGE: Final = 131_072
#: Most characters of a prompt in an exhibit.
EXHIBIT_CHARACTERS: Final = 900
_REJECTS: Final = 4_096
#: Texts, and what can be guessed from: NULL unless chosen.
_SAID: Final = frozenset({*TEXT_COLUMNS, "embedding"})
_FATES: Final = pa.array([fate.name.lower() for fate in sorted(StoredFate)])


def chosen_table(groups: Sequence[Group], results: Results) -> pa.Table:
    """The exported accounts as the statements see them, ordered by account.

    Columns: account_id (code), account_key, cluster_id (NULL outside any), subject (number of the
    group).
    """
    assert results.accounts is not None
    rows = [
        (int(i), group.id if group.row >= 0 else None, number)
        for number, group in enumerate(groups)
        for i in group.indices
    ]
    rows.sort()
    index = pa.array([row[0] for row in rows], pa.int64())
    return pa.table(
        {
            "account_id": results.accounts.column("code").take(index),
            "account_key": results.accounts.column("account_key").take(index),
            "cluster_id": pa.array([row[1] for row in rows], pa.string()),
            "subject": pa.array([row[2] for row in rows], pa.int32()),
        }
    )


@dataclass(frozen=True)
class Evidence:
    """What leaves a case about chosen accounts.

    Args:
        held: The open case.
        chosen: As ``chosen_table`` gives it.
        texts: Which texts leave the case.
    """

    held: OpenCase
    chosen: pa.Table
    texts: Texts = field(default=Texts(whole=True))

    def facts(self) -> dict[str, Any]:
        """The case as a whole: n_exchanges, n_accounts, n_prompts, first_us, last_us, last_id."""
        with self.held.engine() as engine:
            row: dict[str, Any] = engine.table(_FACTS).to_pylist()[0]
        return row

    def sent(self) -> dict[int, int]:
        """By number of the group: exchanges of its accounts."""
        with self.held.engine() as engine:
            engine.with_table("chosen", self.chosen)
            rows = engine.table(_SENT).to_pylist()
        return {row["subject"]: row["n_exchanges"] for row in rows}

    def withheld(self) -> dict[str, int]:
        """Exchanges of the chosen accounts that are kept back: hidden, quarantined."""
        with self.held.engine() as engine:
            engine.with_table("chosen", self.chosen)
            row: dict[str, int] = engine.table(_WITHHELD).to_pylist()[0]
        return row

    def created(self) -> dict[int, list[int]]:
        """By number of the group: when its accounts were created, UTC microseconds, ascending."""
        with self.held.engine() as engine:
            engine.with_table("chosen", self.chosen)
            rows = engine.table(_CREATED).to_pylist()
        found: dict[int, list[int]] = {}
        for row in rows:
            found.setdefault(row["subject"], []).append(row["created_us"])
        return found

    def exhibits(self, exchange_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Exchange id -> code and value of the account, ts_us, path, record_no, prompt (cut), more.

        ``text`` is NULL without a prompt, and in place of one that does not leave the case its
        digest, of which ``n_characters`` is the length then.
        """
        if not exchange_ids:
            return {}
        with self.held.engine() as engine:
            rows = engine.table(_EXHIBITS, ids=list(exchange_ids), most=EXHIBIT_CHARACTERS)
        found = {row["exchange_id"]: row for row in rows.to_pylist()}
        for exchange_id, row in found.items():
            left_out = row["text"] is not None and not self.texts.shows(exchange_id)
            if left_out:
                row["text"] = f"(text left out; BLAKE2b-128 {row['digest'].hex()})"
            if left_out or row["n_characters"] is None:
                # What stands in its place is all of it.
                row["n_characters"] = len(row["text"] or "")
        return found

    def stream(self, *, filled: bool = False) -> Iterator[pa.RecordBatch]:
        """Every exchange of the chosen accounts in order of id: rows of ``EVIDENCE_SCHEMA``.

        Args:
            filled: With what added tables fill, for reading within the case, so without digests;
                otherwise as the logs have it.
        """
        found = self.held.results().attribution
        gate = None if filled else self.held.gate()
        closed = None if gate is None else gate.quarantined
        # Digests are of texts that need not be shown.
        with self.held.computing() as engine:
            engine.with_table("chosen", self.chosen)
            last = engine.table(_FACTS).column("last_id")[0].as_py()
            for low in range(0, last + 1, _PAGE):
                for batch in engine.scan(
                    _FILLED if filled else _EVIDENCE, low=low, high=low + _PAGE
                ):
                    yield self._canonical(batch, found, digests=not filled, closed=closed)

    def _canonical(
        self,
        batch: pa.RecordBatch,
        found: Attributions | None,
        *,
        digests: bool,
        closed: Ids | None,
    ) -> pa.RecordBatch:
        shown = None
        if not self.texts.whole:
            exhibits = pa.array(self.texts.exhibits, pa.int64())
            shown = pc.is_in(batch.column("exchange_id"), value_set=exhibits)
        kept = {} if closed is None else _kept(batch, closed)
        columns = []
        for one in EVIDENCE_SCHEMA:
            if one.name == "attribution":
                column = _attribution(batch, found)
            elif one.name == "fate":
                column = _FATES.take(batch.column("fate").cast(pa.int64()))
            elif one.name.endswith("_digest"):
                no = pa.nulls(batch.num_rows, one.type)
                column = _digest(batch, one.name) if digests else no
            else:
                column = batch.column(one.name).cast(one.type)
                if shown is not None and one.name in _SAID:
                    column = _only(column, shown)
                if one.name in kept:
                    column = _only(column, pc.invert(kept[one.name]))
            columns.append(column.cast(one.type))
        return pa.RecordBatch.from_arrays(columns, schema=EVIDENCE_SCHEMA)

    def rejects(self) -> Iterator[pa.RecordBatch]:
        """Every record of the case that could not be read: rows of ``REJECTS_SCHEMA``."""
        digest = self.held.case.given.sources().select(["source_id", "sha256"])
        by_source = dict(zip(*(column.to_pylist() for column in digest.columns), strict=True))
        offset = 0
        while (page := self.held.rejects(offset=offset, limit=_REJECTS)).num_rows:
            offset += page.num_rows
            sources = [by_source[one] for one in page.column("source_id").to_pylist()]
            table = pa.table(
                {
                    "source_sha256": pa.array(sources, pa.string()),
                    **{name: page.column(name) for name in REJECTS_SCHEMA.names[1:]},
                }
            )
            yield from table.cast(REJECTS_SCHEMA).combine_chunks().to_batches()


def _kept(batch: pa.RecordBatch, closed: Ids) -> dict[str, pa.Array]:
    """By name of a text: whether it is in quarantine."""

    def among(name: str, ids: pa.Array) -> pa.Array:
        return pc.is_in(batch.column(name), value_set=ids.cast(batch.column(name).type))

    whole = among("exchange_id", closed.exchanges)
    return dict.fromkeys(_SAID, whole) | {
        "system": pc.or_(whole, among("system_id", closed.systems)),
        "dialogue": pc.or_(whole, among("account_code", closed.accounts)),
    }


def _only(column: pa.Array, shown: pa.Array) -> pa.Array:
    """The values that are shown, NULL for the others."""
    indices = pa.array(range(len(column)), pa.int64())
    return column.take(pc.if_else(shown, indices, pa.scalar(None, pa.int64())))


def _digest(batch: pa.RecordBatch, name: str) -> pa.Array:
    """BLAKE2b-128 of a text, hex: as the case holds it where it does, else made here."""
    held = name in batch.schema.names
    column = batch.column(name if held else name.removesuffix("_digest")).dictionary_encode()
    values = column.dictionary.to_pylist()
    if held:
        made = [value.hex() for value in values]
    else:
        made = [blake2b(value.encode(), digest_size=16).hexdigest() for value in values]
    return pa.array(made, pa.string()).take(column.indices)


def _attribution(batch: pa.RecordBatch, attributed: Attributions | None) -> pa.Array:
    if attributed is None:
        return pa.nulls(batch.num_rows, pa.float32())
    # NaN, not assessed, becomes NULL.
    return pa.array(attributed.of(batch.column("exchange_id").to_numpy()), from_pandas=True)
