"""The vector of every prompt, streamed: computed anew whenever a stage needs it.

Embedding again is faster than storing and reading a kilobyte a prompt. No stage keeps all
vectors at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.text.embed import ColumnEmbedder, make_embedder, unit_vectors
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.analysis.stage import Context

#: Prompts a block: 16 MB of vectors, a tenth of a second of work.
BLOCK: Final = 16_384
PROMPTS: Final = Statement.read(__file__, "prompts")
_COUNT = Statement.read(__file__, "prompt_count")
_STORED = Statement.read(__file__, "stored_vectors")

Block = tuple["NDArray[np.int64]", "NDArray[np.float32]"]


def prompt_count(context: Context) -> int:
    """Number of distinct prompts; prompt_id is dense below it."""
    return int(context.engine.table(_COUNT)["n"][0].as_py())


def prompt_vectors(context: Context) -> Iterator[Block]:
    """(prompt_id i64[n], unit vectors f32[n, D]) for every prompt, in order, in blocks.

    Reads settings ``embedder`` and ``jobs``. A prompt without a vector has zeros.

    Raises:
        InputError: No such embedder.
        CancelledError: The job was cancelled.
    """
    embedder = make_embedder(context.settings.embedder, context.engine)
    if isinstance(embedder, ColumnEmbedder):
        for batch in context.engine.scan(_STORED, rows=BLOCK, length=embedder.dimension):
            context.job.check()
            yield _stored(batch, embedder.dimension)
        return

    def embed(batch: pa.RecordBatch) -> Block:
        return batch["prompt_id"].to_numpy().astype(np.int64), embedder.embed(batch["text"])

    batches = context.engine.scan(PROMPTS, rows=BLOCK, first=0)
    yield from in_order(embed, batches, threads=context.settings.jobs, job=context.job)


def _stored(batch: pa.RecordBatch, dimension: int) -> Block:
    vectors = np.zeros((batch.num_rows, dimension), np.float32)
    there = batch["vector"].is_valid()
    vectors[there.to_numpy(zero_copy_only=False)] = unit_vectors(
        batch["vector"].filter(there), dimension
    )
    return batch["prompt_id"].to_numpy().astype(np.int64), vectors
