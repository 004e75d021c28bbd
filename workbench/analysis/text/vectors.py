"""The vector of every prompt, streamed: computed anew whenever a stage needs it.

Embedding again is faster than storing and reading a kilobyte a prompt. No stage keeps all
vectors at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import pyarrow as pa

from workbench.analysis.text.embed import ColumnEmbedder, make_embedder, unit_vectors
from workbench.analysis.text.shared import SharedWords, named_by
from workbench.analysis.text.stored import is_kept, unpacked
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from workbench.analysis.stage import Context
    from workbench.domain.ports import Embedder

#: Prompts a block: 4 MB of vectors; even of prompts of 10 KB less than a second of work, which
#: is what cancel waits for.
BLOCK: Final = 4_096
PROMPTS: Final = Statement.read(__file__, "prompts")
_BY_ID = Statement.read(__file__, "prompts_by_id")
_COUNT = Statement.read(__file__, "prompt_count")
_STORED = Statement.read(__file__, "stored_vectors")
_STORED_BY_ID = Statement.read(__file__, "stored_vectors_by_id")

_Answer = TypeVar("_Answer")


def prompt_count(context: Context) -> int:
    """Number of distinct prompts; prompt_id is dense below it."""
    return int(context.engine.table(_COUNT)["n"][0].as_py())


def each_block(
    context: Context, use: Callable[[NDArray[np.int64], NDArray[np.float32]], _Answer]
) -> Iterator[_Answer]:
    """``use(prompt_id i64[n], unit vectors f32[n, D])`` over all prompts, in order, in blocks.

    Reads settings ``embedder`` and ``jobs``. A prompt without a vector has zeros. ``use`` runs
    on worker threads.

    Raises:
        InputError: No such embedder.
        CancelledError: The job was cancelled.
    """
    embedder = make_embedder(context.settings.embedder, context.engine)
    if isinstance(embedder, ColumnEmbedder):
        dimension = embedder.dimension
        batches = context.engine.scan(_STORED, rows=BLOCK, length=dimension)

        def answer(batch: pa.RecordBatch) -> _Answer:
            return use(_ids(batch), _stored(batch, dimension))
    else:
        batches = context.engine.scan(PROMPTS, rows=BLOCK, first=0)

        def answer(batch: pa.RecordBatch) -> _Answer:
            return use(_ids(batch), embedded(batch, embedder))

    yield from in_order(answer, batches, threads=context.settings.jobs, job=context.job)


def vectors_of(context: Context, prompts: NDArray[np.integer]) -> NDArray[np.float32]:
    """Unit vectors of chosen prompts (ascending prompt_id), f32[n, D]."""
    embedder = make_embedder(context.settings.embedder, context.engine)
    if isinstance(embedder, ColumnEmbedder):
        _choose(context, prompts)
        found = context.engine.table(_STORED_BY_ID, length=embedder.dimension)
        return _stored(_one_batch(found), embedder.dimension)
    return embedded(_chosen(context, prompts), embedder)


def texts_of(context: Context, prompts: NDArray[np.integer]) -> pa.StringArray:
    """Texts of chosen prompts (ascending prompt_id); NULL where they were left out."""
    return _chosen(context, prompts)["text"]


def names_of(context: Context, prompts: NDArray[np.integer]) -> list[str]:
    """What chosen prompts (ascending prompt_id) may be named by: their texts, or what is kept."""
    chosen = _chosen(context, prompts)
    return named_by(chosen["text"], chosen["ends"], SharedWords(context.engine))


def _choose(context: Context, prompts: NDArray[np.integer]) -> None:
    context.engine.with_table("chosen", pa.table({"prompt_id": prompts.astype(np.int32)}))


def _chosen(context: Context, prompts: NDArray[np.integer]) -> pa.RecordBatch:
    _choose(context, prompts)
    return _one_batch(context.engine.table(_BY_ID))


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    columns = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays(columns, names=table.column_names)


def embedded(batch: pa.RecordBatch, embedder: Embedder) -> NDArray[np.float32]:
    """Vectors of a batch of prompts, text or vector; the kept ones where texts were left out."""
    vectors = embedder.embed(batch["text"])
    kept = batch["embedded"]
    if kept.null_count < len(kept):
        vectors[is_kept(kept)] = unpacked(kept, np.float32, embedder.dimension)
    return vectors


def _ids(batch: pa.RecordBatch) -> NDArray[np.int64]:
    ids: NDArray[np.int64] = batch["prompt_id"].to_numpy().astype(np.int64)
    return ids


def _stored(batch: pa.RecordBatch, dimension: int) -> NDArray[np.float32]:
    vectors = np.zeros((batch.num_rows, dimension), np.float32)
    there = batch["vector"].is_valid()
    vectors[there.to_numpy(zero_copy_only=False)] = unit_vectors(
        batch["vector"].filter(there), dimension
    )
    return vectors
