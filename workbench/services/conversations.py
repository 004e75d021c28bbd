"""The conversation that an exchange is part of, turn by turn. Changes nothing.

Which exchanges go on with one another the analysis found; the case is asked for the rows around
the one that is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from workbench.services.open_case import OpenCase

STAGE: Final = "conversations"
_ROWS: Final = Statement.read(__file__, "conversation_rows")
#: Characters of each prompt that are shown, and exchanges before and behind the one that is read.
_EXCERPT: Final = 120
_AROUND: Final = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation.

    Attributes:
        exchange_id: Its id.
        ts_us: When it was sent; None = not recorded.
        prompt: The beginning of what was asked; None = not recorded.
        again: It asks nothing new: tools answered.
    """

    exchange_id: int
    ts_us: int | None
    prompt: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """Exchanges that go on with one another, the oldest first.

    Attributes:
        turns: Those around the one that is read.
        offset: Place of the first of them in the conversation.
        place: Place of the one that is read.
        n_exchanges: All of the conversation.
    """

    turns: tuple[Turn, ...]
    offset: int
    place: int
    n_exchanges: int


def conversation_of(held: OpenCase, exchange_id: int) -> Conversation | None:
    """The conversation of an exchange; None where it stands alone, or nobody has looked.

    Args:
        held: The open case.
        exchange_id: Of one that the case holds.
    """
    artifacts = held.artifacts
    if artifacts.current(STAGE) is None or artifacts.current("exchanges") is None:
        return None
    ids = artifacts.array("exchanges", "exchange_id")
    root = artifacts.array(STAGE, "conversation")
    # An import since, or an analysis that was stopped: they are of different exchanges.
    if len(root) != len(ids):
        return None
    own = np.flatnonzero(ids == exchange_id)
    if not own.size:
        return None
    # Rows of an account are in the order of time.
    rows = np.flatnonzero(root == root[own[0]])
    if len(rows) == 1:
        return None
    place = int(np.searchsorted(rows, own[0]))
    offset = max(0, place - _AROUND)
    shown = rows[offset : place + _AROUND + 1]
    with held.engine() as engine:
        found = engine.table(_ROWS, ids=ids[shown].tolist(), most=_EXCERPT).to_pylist()
    said = {row["exchange_id"]: row for row in found}
    again = artifacts.array(STAGE, "again")[shown].tolist()
    return Conversation(
        tuple(
            Turn(number, said[number]["ts_us"], said[number]["prompt"], repeats)
            for number, repeats in zip(ids[shown].tolist(), again, strict=True)
        ),
        offset,
        place,
        len(rows),
    )
