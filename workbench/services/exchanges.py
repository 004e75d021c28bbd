"""The exchanges that carry a prompt, and what was said in one of them. Changes nothing.

Safe from any thread. Which exchanges they are, when they were sent and by whom comes from the
published arrays; the case is asked only for the rows of a page and the texts of one exchange.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from workbench.domain.door import LEFT_OUT
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.ports import Statement
from workbench.domain.withheld import WORDS, Withheld
from workbench.services.conversations import Conversation, conversation_of
from workbench.services.dialogue_words import as_read
from workbench.services.results import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.domain.selection import SelectionDefinition
    from workbench.services.open_case import OpenCase
    from workbench.services.results import Points, Results
    from workbench.services.selecting import Selecting

_ROWS: Final = Statement.read(__file__, "exchange_rows")
_TEXTS: Final = Statement.read(__file__, "exchange_texts")
#: Text -> what says why it is kept back; the others go with the exchange.
_WHY: Final = {"system": "why_system", "prompt": "why_prompt"}
_LAST: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class ExchangePage:
    """A page of the exchanges that carry a prompt, the oldest first, those without a time last.

    Attributes:
        table: exchange_id, ts_us, account_key, account, model, status, in_tok, out_tok,
            attribution (probability that it belongs to what its cluster has in common); NULL
            where it is not recorded or not assessed.
        offset: Place of the first row among all of them.
        n_exchanges: All exchanges that carry the prompt inside the selection.
    """

    table: pa.Table
    offset: int
    n_exchanges: int


@dataclass(frozen=True, slots=True)
class Said:
    """A text of an exchange.

    Attributes:
        text: As logged, cut where it is very long.
        n_characters: Its whole length.
        left_out: It was left out at the door, or is kept back; ``text`` says so.
        withheld: Why it is kept back; None where it is not.
    """

    text: str
    n_characters: int
    left_out: bool = False
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class ExchangeTexts:
    """What was said in one exchange; None where it is not recorded.

    ``conversation``: the exchanges that it goes on with, or that go on with it; None = none.
    """

    system: Said | None
    prompt: Said | None
    completion: Said | None
    reasoning: Said | None
    dialogue: Said | None
    conversation: Conversation | None
    account_key: str | None = None

    @property
    def hidden(self) -> bool:
        """Whether any of it is read after a reveal."""
        every = (self.system, self.prompt, self.completion, self.reasoning)
        return any(one is not None and one.withheld is Withheld.HIDDEN for one in every)


class Exchanges:
    """Reads exchanges of an open case.

    Args:
        held: The open case.
        selecting: Marks the exchanges of a definition.
    """

    def __init__(self, held: OpenCase, selecting: Selecting) -> None:
        self._held = held
        self._selecting = selecting
        self._lock = threading.Lock()
        self._last: tuple[object, NDArray[np.int64]] | None = None

    def carrying(
        self, prompt_id: int, definition: SelectionDefinition, offset: int = 0, limit: int = 64
    ) -> ExchangePage:
        """Exchanges inside a definition that carry a prompt; an empty one is the whole case.

        Raises:
            NotAssessedError: The case has not been analysed.
        """
        results = self._held.results()
        points = results.points
        if points is None:
            raise NotAssessedError(
                "This case has not been analysed, so its exchanges are in no order yet.",
                remedy="Analyse the case.",
            )
        places = self._places(prompt_id, definition, results, points)
        page = places[offset : offset + limit]
        ids = points.exchange_id[page]
        with self._held.engine() as engine:
            rows = engine.table(_ROWS, ids=ids.tolist())
        row = pa.array(np.searchsorted(rows.column("exchange_id").to_numpy(), ids))
        ts = points.ts[page]
        account = points.account[page]
        table = pa.table(
            {
                "exchange_id": pa.array(ids),
                "ts_us": pa.array(ts, mask=ts == NO_TIME),
                "account_key": _named(results, "account_key", account),
                "account": _named(results, "value", account),
            }
            | {name: rows.column(name).take(row) for name in rows.column_names[1:]}
            | {"attribution": _attribution(results, ids)}
        )
        return ExchangePage(table, offset, int(places.size))

    def senders(self, exchange_ids: Sequence[int]) -> pa.Table:
        """When and by whom exchanges were sent, in the order asked; those off the map are left out.

        Returns:
            exchange_id, ts_us, account_key, account; NULL where it is not recorded.
        """
        results = self._held.results()
        points, wanted = results.points, np.array(exchange_ids, np.int64)
        ids = np.empty(0, np.int64) if points is None else points.exchange_id
        places = np.flatnonzero(np.isin(ids, wanted))
        place = dict(zip(ids[places].tolist(), places.tolist(), strict=True))
        rows = np.array([place[one] for one in wanted.tolist() if one in place], np.int64)
        if points is None or not rows.size:
            none = pa.array([], pa.int64())
            text = pa.array([], pa.string())
            return pa.table(
                {"exchange_id": none, "ts_us": none, "account_key": text, "account": text}
            )
        ts, account = points.ts[rows], points.account[rows]
        return pa.table(
            {
                "exchange_id": pa.array(ids[rows]),
                "ts_us": pa.array(ts, mask=ts == NO_TIME),
                "account_key": _named(results, "account_key", account),
                "account": _named(results, "value", account),
            }
        )

    def texts(self, exchange_id: int, most: int = 200_000) -> ExchangeTexts:
        """What was said in one exchange, each text cut at ``most`` characters.

        Raises:
            InputError: The case holds no such exchange.
        """
        with self._held.engine() as engine:
            found = engine.table(_TEXTS, id=exchange_id, most=most).to_pylist()
        if not found:
            raise InputError(f"The case holds no exchange {exchange_id}.")

        def said(name: str) -> Said | None:
            text, size = found[0][name], found[0][f"n_{name}"]
            if text is None and size is not None:
                kept = found[0][_WHY.get(name, "why_exchange")]
                why = None if kept is None else Withheld(kept)
                words = LEFT_OUT if why is None else WORDS[why]
                return Said(words, size, left_out=True, withheld=why)
            return None if text is None else Said(text, size)

        whole = found[0]["dialogue"]
        read = None if whole is None else as_read(whole)
        return ExchangeTexts(
            said("system"),
            said("prompt"),
            said("completion"),
            said("reasoning"),
            None if read is None else Said(read[:most], len(read)),
            conversation_of(self._held, exchange_id),
            found[0]["account_key"],
        )

    def _places(
        self, prompt_id: int, definition: SelectionDefinition, results: Results, points: Points
    ) -> NDArray[np.int64]:
        """Places in ``points``, by time, then id; the last answer is kept, for its pages."""
        key = (results.digest, definition, prompt_id)
        with self._lock:
            last = self._last
        if last is not None and last[0] == key:
            return last[1]
        places = np.flatnonzero(points.prompt == prompt_id)
        if definition.steps:
            places = places[self._selecting.marks(definition, results)[places]]
        ts = points.ts[places]
        ts = np.where(ts == NO_TIME, _LAST, ts)
        places = places[np.lexsort((points.exchange_id[places], ts))]
        with self._lock:
            self._last = (key, places)
        return places


def _attribution(results: Results, ids: NDArray[np.int64]) -> pa.Array:
    if results.attribution is None:
        return pa.nulls(len(ids), pa.float32())
    # NaN, not assessed, becomes NULL.
    return pa.array(results.attribution.of(ids), from_pandas=True)


def _named(results: Results, column: str, account: NDArray[np.int32]) -> pa.Array:
    """A column of the accounts table by index; NULL where an exchange has no account."""
    assert results.accounts is not None
    index = pa.array(account, mask=account < 0)
    return results.accounts.column(column).combine_chunks().take(index)
