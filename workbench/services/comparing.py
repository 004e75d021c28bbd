"""Use case: published detectors on the accounts of a case with a known truth. Changes nothing.

Every exchange of the accounts that the truth names stands as a vector of the shipped embedder,
whatever the analysis used, so that all detectors see the same; about 5 KB of memory each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.analysis.text.embed import static_embedder
from workbench.analysis.text.vectors import PROMPTS, embedded
from workbench.domain.errors import NotAssessedError
from workbench.domain.ports import Statement
from workbench.evaluate.baselines.pool import Pool
from workbench.evaluate.comparison import MOST, compare
from workbench.evaluate.truth import read_truth

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from workbench.domain.progress import JobContext
    from workbench.evaluate.comparison import Compared
    from workbench.services.browsing import Browsing
    from workbench.services.open_case import OpenCase

_TOKENS: Final = Statement.read(__file__, "answer_tokens")


class Comparing:
    """Published detectors beside the program's own score.

    Args:
        held: The open case; only read.
        browsing: Its accounts.
    """

    def __init__(self, held: OpenCase, browsing: Browsing) -> None:
        self._held = held
        self._browsing = browsing

    def run(self, truth: Path, job: JobContext, *, seed: int = 0) -> list[Compared]:
        """The program's score and each published detector's, over the accounts of a truth.

        Args:
            truth: A truth.csv.
            job: Progress and cancellation.
            seed: Of the detectors, and of the deal of benign accounts.

        Raises:
            InputError: The truth cannot be used.
            NotAssessedError: The case was not analysed.
            CancelledError: The job was cancelled.
        """
        known = read_truth(truth)
        accounts = self._browsing.accounts()
        if accounts.num_rows == 0:
            raise NotAssessedError(
                "This case holds no analysed accounts.", remedy="Run workbench analyse first."
            )
        row = pc.index_in(known["account_id"], accounts["account_id"].combine_chunks())
        own = pc.cast(accounts["score"].combine_chunks().take(row), "float64")
        pool, windows = self._windows(accounts["index"].combine_chunks().take(row), job)
        job.report("Comparing detectors", done=0.6)
        return compare(
            pool,
            windows,
            np.asarray(pc.not_equal(known["campaign_id"], "")),
            np.asarray(own).astype(np.float64),
            seed=seed,
        )

    def _windows(self, index: pa.Array, job: JobContext) -> tuple[Pool, list[NDArray[np.int64]]]:
        """Prompts of the first exchanges of some accounts, and each account's rows among them.

        Args:
            index: Places of the accounts in the reading; NULL = not in the case.
            job: Progress and cancellation.
        """
        offsets = self._held.artifacts.array("exchanges", "offsets")
        prompt = np.asarray(self._held.artifacts.array("exchanges", "prompt"))
        spans = [
            np.zeros(0, np.int64) if at is None else np.arange(offsets[at], offsets[at + 1])
            for at in index.to_pylist()
        ]
        spans = [span[prompt[span] >= 0][:MOST] for span in spans]
        rows = np.concatenate([np.zeros(0, np.int64), *spans])
        ends = np.cumsum([len(span) for span in spans])
        windows = np.split(np.arange(len(rows)), ends[:-1])
        asked, place = np.unique(prompt[rows], return_inverse=True)
        exchange_id = np.asarray(self._held.artifacts.array("exchanges", "exchange_id"))[rows]
        return Pool.of(self._vectors(asked, job)[place], self._tokens(exchange_id)), windows

    def _vectors(self, prompts: NDArray[np.int32], job: JobContext) -> NDArray[np.float32]:
        """Vectors of some prompts (ascending ids)."""
        embedder = static_embedder()
        found = np.zeros((len(prompts), embedder.dimension), np.float32)
        with self._held.computing() as engine:
            for batch in engine.scan(PROMPTS, rows=8_192, first=0):
                job.check()
                ids = batch["prompt_id"].to_numpy()
                wanted = np.isin(ids, prompts)
                at = np.searchsorted(prompts, ids[wanted])
                found[at] = embedded(batch.filter(pa.array(wanted)), embedder)
                if len(at):
                    job.report("Reading prompts", done=0.5 * float(at[-1] + 1) / len(prompts))
        return found

    def _tokens(self, exchange_id: NDArray[np.int64]) -> NDArray[np.float64]:
        """Tokens of the answers: for reasoning where the log counts any, else all; NaN unknown."""
        with self._held.engine() as engine:
            table = engine.table(_TOKENS)
        reasoning = pc.cast(table["reasoning_tok"], "float64").combine_chunks()
        output = pc.cast(table["out_tok"], "float64").combine_chunks()
        counted = pc.max(reasoning).as_py()
        tokens = np.asarray(reasoning if counted else output).astype(np.float64)
        at = np.searchsorted(table["exchange_id"].to_numpy(), exchange_id)
        return tokens[at]
