"""The vector of every prompt, streamed: computed anew whenever a stage needs it.

Embedding again is faster than storing and reading a kilobyte a prompt. No stage keeps all
vectors at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import pyarrow as pa

from workbench.analysis.text.embed import ColumnEmbedder, make_embedder, unit_vectors
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from workbench.analysis.stage import Context

#: Prompts a block: 4 MB of vectors; even of prompts of 10 KB less than a second of work, which
#: is what cancel waits for.
BLOCK: Final = 4_096
PROMPTS: Final = Statement.read(__file__, "prompts")
_BY_ID = Statement.read(__file__, "prompts_by_id")
_COUNT = Statement.read(__file__, "prompt_count")
_STORED = Statement.read(__file__, "stored_vectors")

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
            return use(_ids(batch), embedder.embed(batch["text"]))

    yield from in_order(answer, batches, threads=context.settings.jobs, job=context.job)


def vectors_of(context: Context, prompts: NDArray[np.integer]) -> NDArray[np.float32]:
    """Unit vectors of chosen prompts (ascending prompt_id), f32[n, D]."""
    embedder = make_embedder(context.settings.embedder, context.engine)
    return embedder.embed(texts_of(context, prompts))


def texts_of(context: Context, prompts: NDArray[np.integer]) -> pa.StringArray:
    """Texts of chosen prompts (ascending prompt_id)."""
    context.engine.with_table("chosen", pa.table({"prompt_id": prompts.astype(np.int32)}))
    return context.engine.table(_BY_ID)["text"].combine_chunks()


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
