"""The stage ``answers``: what came back of each exchange, as arrays beside those of ``exchanges``.

Read once for the loss and for what is examined in answers. Of the text a hash of its normal form
is kept, and how long it was; it judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.answers.refusals import UNKNOWN, ended, refused
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.buffers import text_buffers
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement
from workbench.kernels.forms import normal_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.domain.ports import Artifacts, Engine

_ANSWERS = Statement.read(__file__, "answers")
_STEP: Final = "Reading answers"
#: Exchange ids a page: bounds what is sorted at a time.
_PAGE: Final = 131_072
#: Characters of an answer whose normal form is hashed.
HEAD: Final = 1000
_TOKENS: Final = ("in_tok", "out_tok", "reasoning_tok", "cached_tok")
_ARRAYS: Final[dict[str, Any]] = {
    **dict.fromkeys(_TOKENS, np.int64),
    "model": np.int32,
    "length": np.int32,
    "failed": np.int8,
    "refused": np.int8,
    "ended": np.int8,
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back, in the order of the stage ``exchanges``. -1 = not in the log.

    Attributes:
        in_tok: i64[N]; as the canonical columns, cached tokens included.
        out_tok: i64[N]; most providers count reasoning within it, some logs beside it.
        reasoning_tok: i64[N].
        cached_tok: i64[N], part of ``in_tok``.
        model: i32[N] code of the case.
        length: i32[N] characters of the completion.
        failed: i8[N], 1 where the status is 400 or above.
        refused: i8[N] of ``refusals``: answered, said by the record, read in the text.
        ended: i8[N] of ``refusals``: whole, cut, otherwise.
        form: u64[N] hash of the normal form of the completion's first 1,000 characters; 0 = none.
    """

    in_tok: NDArray[np.int64]
    out_tok: NDArray[np.int64]
    reasoning_tok: NDArray[np.int64]
    cached_tok: NDArray[np.int64]
    model: NDArray[np.int32]
    length: NDArray[np.int32]
    failed: NDArray[np.int8]
    refused: NDArray[np.int8]
    ended: NDArray[np.int8]
    form: NDArray[np.uint64]

    @classmethod
    def read(cls, artifacts: Artifacts) -> Answers:
        """The arrays as the stage published them."""
        names = (*_ARRAYS, "form")
        return cls(**{name: np.asarray(artifacts.array("answers", name)) for name in names})


def answers_stage() -> Stage:
    """Tokens, endings and refusals of every exchange."""
    return Stage("answers", _STEP, answers, after=("exchanges",), added=False, weight=5.0)


def answers(context: Context) -> StageResult:
    """Read what came back.

    Returns:
        The arrays of ``Answers``.
    """
    ids = np.asarray(context.artifacts.array("exchanges", "exchange_id"))
    order = np.argsort(ids, kind="stable")
    found: dict[str, NDArray[Any]] = {
        name: np.full(len(ids), UNKNOWN, kind) for name, kind in _ARRAYS.items()
    }
    found["form"] = np.zeros(len(ids), np.uint64)
    done = 0
    for page in in_order(
        _read, _pages(context.engine, ids), threads=context.settings.jobs, job=context.job
    ):
        # Ids come in order, and every exchange of an account comes once.
        at = order[done : done + len(page["form"])]
        for name, values in page.items():
            found[name][at] = values
        done += len(at)
        context.job.report(_STEP, count=done, total=len(ids), unit="exchanges")
    return StageResult(found, info={"n_exchanges": done})


def _pages(engine: Engine, ids: NDArray[np.int64]) -> Iterator[pa.Table]:
    if len(ids) == 0:
        return
    for low in range(int(ids.min()), int(ids.max()) + 1, _PAGE):
        yield engine.table(_ANSWERS, low=low, high=low + _PAGE)


def _read(table: pa.Table) -> dict[str, NDArray[Any]]:
    def column(name: str) -> pa.Array:
        return table.column(name).combine_chunks()

    found: dict[str, NDArray[Any]] = {
        # A log may hold a count below zero; it says nothing.
        name: np.maximum(_filled(column(name)), UNKNOWN)
        for name in (*_TOKENS, "length")
    }
    found["model"] = _filled(column("model_id"))
    status = _filled(column("status"))
    found["failed"] = np.where(status == UNKNOWN, UNKNOWN, status >= 400)
    heads, stop_reason = column("head"), column("stop_reason")
    kept = column("completion_refuses")
    found["refused"] = refused(stop_reason, column("error_type"), heads, kept)
    found["ended"] = ended(stop_reason)
    found["form"] = forms_of(heads)
    forms = column("completion_form")
    if forms.null_count < len(forms):
        there = forms.is_valid().to_numpy(zero_copy_only=False)
        found["form"][there] = forms.drop_null().to_numpy()
    return found


def forms_of(heads: pa.Array) -> NDArray[np.uint64]:
    """u64[n] hashes of the normal forms of beginnings of answers; 0 where nothing is left."""
    data, offsets = text_buffers(heads)
    letters = alphabet()
    found = np.empty(len(heads), np.uint64)
    normal_hashes(data, offsets, letters.fold, letters.kind, found)
    return found


def _filled(values: pa.Array) -> NDArray[np.int64]:
    filled: NDArray[np.int64] = values.cast(pa.int64()).fill_null(UNKNOWN).to_numpy()
    return filled
