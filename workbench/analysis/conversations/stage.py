"""The stage ``conversations``: which exchanges are turns, or rounds of tools, of one conversation.

Loads what requests repeat, and asks ``linking``. Where a log keeps no earlier turns, their numbers
within a session serve. Knows nothing of who talks.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.answers.stage import HEAD, forms_of
from workbench.analysis.conversations.history import START, chains, followed, history_of
from workbench.analysis.conversations.linking import Known, Links, by_history, by_sitting, roots
from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.buffers import text_buffers
from workbench.domain.ports import Statement
from workbench.kernels.hashing import blake2b_128

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TURNS: Final = Statement.read(__file__, "turns")
_DIALOGUES: Final = Statement.read(__file__, "dialogues")
_DIGESTS: Final = Statement.read(__file__, "prompt_digests")
_STEP: Final = "Reading conversations"
#: Exchange ids a page: a dialogue may be long.
_PAGE: Final = 16_384


def conversations_stage() -> Stage:
    """Find which exchanges go on with one another."""
    return Stage(
        "conversations", _STEP, conversations, after=("exchanges", "answers"), added=False,
        weight=3.0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Exchanges whose dialogue tells what was asked before; m of them, by row.

    Attributes:
        row: i64[m] of N.
        before: u64[m], chain of the turns before.
        rounds: i64[m], how many times tools have answered since the prompt.
        heard: u64[m], form of the last answer before the prompt; 0 = none.
    """

    row: NDArray[np.int64]
    before: NDArray[np.uint64]
    rounds: NDArray[np.int64]
    heard: NDArray[np.uint64]


def conversations(context: Context) -> StageResult:
    """Link the exchanges of each conversation.

    Returns:
        In the order of ``exchanges``: ``conversation`` i32[N], the row of its first exchange, its
        own where it stands alone; ``again`` bool[N], whether it asks only what the exchange
        before it in the conversation asked, tools having answered.
    """
    artifacts = context.artifacts
    ids = np.asarray(artifacts.array("exchanges", "exchange_id"))
    offsets = np.asarray(artifacts.array("exchanges", "offsets"))
    account = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    session, turn, told = _turns(context, ids)
    links = Links(np.full(len(ids), -1, np.int32), np.zeros(len(ids), np.bool_))
    free = np.ones(len(ids), np.bool_)
    if told.any():
        repeated = _repeated(context, ids, told)
        links = by_history(_known(context, account, turn, told, repeated), len(ids))
        # What was asked before is known: numbers say nothing more, but within a named session.
        free[repeated.row] = session[repeated.row] >= 0
    by_sitting(links, free, account, session, turn)
    root = roots(links.parent)
    goes_on = links.parent >= 0
    return StageResult(
        {"conversation": root, "again": links.again},
        info={
            "n_conversations": len(np.unique(root[goes_on])),
            "n_continuing": int(goes_on.sum()),
            "n_again": int(links.again.sum()),
        },
    )


def _turns(
    context: Context, ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Session (a hash; -1 = not recorded), turn (0 = not recorded), has a dialogue; N each."""
    session = np.full(len(ids), -1, dtype=np.int64)
    turn = np.zeros(len(ids), dtype=np.int64)
    told = np.zeros(len(ids), dtype=np.bool_)
    order = np.argsort(ids, kind="stable")
    read = 0
    for batch in context.engine.scan(_TURNS, rows=262_144):
        context.job.check()
        at = order[np.searchsorted(ids, batch.column("exchange_id").to_numpy(), sorter=order)]
        turn[at] = batch.column("n_turns").fill_null(0).to_numpy()
        told[at] = batch.column("told").to_numpy(zero_copy_only=False)
        named = batch.column("session_id")
        data, places = text_buffers(named)
        # 63 bits tell sessions of one account apart.
        hashed = (blake2b_128(places, data)[:, 0] >> np.uint64(1)).astype(np.int64)
        session[at] = np.where(named.is_valid().to_numpy(zero_copy_only=False), hashed, -1)
        read += batch.num_rows
        context.job.report(
            _STEP, done=0.3 * read / len(ids), count=read, total=len(ids), unit="exchanges"
        )
    return session, turn, told


def _repeated(context: Context, ids: NDArray[np.int64], told: NDArray[np.bool_]) -> _Repeated:
    """What dialogues tell; those that cannot be read tell nothing."""
    has = np.sort(ids[told])
    order = np.argsort(ids, kind="stable")
    pages: list[_Repeated] = []
    done = 0
    while done < len(has):
        context.job.check()
        low = int(has[done])
        page = context.engine.table(_DIALOGUES, low=low, high=low + _PAGE)
        read = [history_of(text) for text in page.column("dialogue").to_pylist()]
        histories = [each for each in read if each is not None]
        legible = np.array([each is not None for each in read], dtype=np.bool_)
        mine = page.column("exchange_id").to_numpy()[legible]
        answers = [None if each.answer is None else each.answer[:HEAD] for each in histories]
        pages.append(
            _Repeated(
                row=order[np.searchsorted(ids, mine, sorter=order)],
                before=chains(histories),
                rounds=np.array([each.rounds for each in histories], dtype=np.int64),
                heard=forms_of(pa.array(answers, pa.large_string())),
            )
        )
        done = int(np.searchsorted(has, low + _PAGE))
        context.job.report(
            _STEP, done=0.3 + 0.6 * done / len(has), count=done, total=len(has),
            unit="conversations",
        )  # fmt: skip
    by_row = np.argsort(np.concatenate([page.row for page in pages]))
    return _Repeated(
        *(
            np.concatenate([getattr(page, each.name) for page in pages])[by_row]
            for each in fields(_Repeated)
        )
    )


def _known(
    context: Context,
    account: NDArray[np.int64],
    turn: NDArray[np.int64],
    told: NDArray[np.bool_],
    repeated: _Repeated,
) -> Known:
    """Exchanges of the accounts that repeat anything, where what was asked before is known."""
    prompt = np.asarray(context.artifacts.array("exchanges", "prompt"))
    repeats = (repeated.before != START) | (repeated.rounds > 0)
    repeating = np.unique(account[repeated.row[repeats]])
    # A first turn in words alone has no dialogue.
    clear = ~told & (turn <= 1)
    clear[repeated.row] = True
    row = np.flatnonzero(clear & (prompt >= 0) & np.isin(account, repeating))
    # What has no dialogue meets the element appended at the end.
    at = np.searchsorted(repeated.row, row)
    at = np.where(np.append(repeated.row, -1)[at] == row, at, len(repeated.row))
    before = np.append(repeated.before, START)[at]
    asked = _digests(context)[prompt[row]] if len(row) else np.zeros(0, np.uint64)
    return Known(
        row=row,
        account=account[row],
        before=before,
        now=followed(before, asked),
        rounds=np.append(repeated.rounds, 0)[at],
        heard=np.append(repeated.heard, np.uint64(0))[at],
        said=np.asarray(context.artifacts.array("answers", "form"))[row],
    )


def _digests(context: Context) -> NDArray[np.uint64]:
    """u64[P]: the first eight bytes of each prompt's digest."""
    parts = [np.zeros(0, np.uint64)]
    for batch in context.engine.scan(_DIGESTS, rows=262_144):
        context.job.check()
        column = batch.column("digest").cast(pa.binary(16))
        data = np.frombuffer(column.buffers()[1], np.uint64)
        parts.append(data.reshape(-1, 2)[column.offset : column.offset + len(column), 0].copy())
    return np.concatenate(parts)
