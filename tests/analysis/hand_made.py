"""Small populations and profiles, written out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.signals.content.elicitation_patterns import PATTERNS
from workbench.analysis.signals.population import Population
from workbench.analysis.signals.profiles import Profiles
from workbench.analysis.signals.recorded import Recorded
from workbench.analysis.signals.ties import Held, Ties
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
#: Monday 2 March 2026, 00:00 UTC.
MONDAY = 1_772_409_600 * SECOND

#: Columns that signals may need.
COLUMNS = (
    "ts", "prompt", "ip", "payment_hash", "email_domain", "ja3", "ja4", "user_agent",
    "account_created_at", "model", "out_tok", "reasoning_tok", "temperature", "n", "max_tok",
    "logprobs", "thinking",
)  # fmt: skip


def held_by(pairs: Iterable[tuple[int, object]]) -> Held:
    """From (account, value) pairs."""
    listed = list(pairs)
    codes = {value: n for n, value in enumerate(dict.fromkeys(value for _, value in listed))}
    return Held.of(
        np.array([account for account, _ in listed], dtype=np.int64),
        np.array([codes[value] for _, value in listed], dtype=np.int64),
    )


def population(
    sent: Sequence[Sequence[tuple[int | None, int | None]]],
    *,
    cell: Sequence[int] = (),
    template: Sequence[int] = (),
    group: Sequence[int] = (),
    landmark: Sequence[int] = (),
    vectors: Sequence[Sequence[float]] = (),
    elicits: Mapping[str, Sequence[bool]] | None = None,
    shown: Mapping[str, Iterable[tuple[int, object]]] | None = None,
    customer: Sequence[int] | None = None,
    created: Sequence[int | None] | None = None,
    recorded: Mapping[str, Sequence[float | None]] | None = None,
    model: Sequence[str | None] | None = None,
    again: Sequence[bool] = (),
    filled: Iterable[str] = COLUMNS,
    seed: int = 7,
) -> Population:
    """What each account sent: (time or None, prompt or None), sorted here as the stage sorts it.

    Args:
        sent: Exchanges by account.
        cell: Of each prompt; none by default, as for ``template`` and ``landmark``.
        template: Of each prompt.
        group: Of each prompt; each its own by default.
        landmark: Of each prompt.
        vectors: Of the landmarks.
        elicits: Class -> of each prompt; False where a class is left out.
        shown: Kind -> (account, value).
        customer: Of each account; each its own by default.
        created: Of each account, None = unknown.
        recorded: Column -> value of each exchange, in the order given; not recorded by default.
        model: Of each exchange, in the order given.
        again: Of each exchange, in the order given; none by default.
        filled: Columns that hold a value.
        seed: Of the generator.
    """
    number, rows = 0, []
    for row in sent:
        numbered = [
            (UNKNOWN if at is None else at, number + k, what) for k, (at, what) in enumerate(row)
        ]
        rows.append(sorted(numbered, key=lambda exchange: exchange[:2]))
        number += len(row)
    flat = [exchange for row in rows for exchange in row]
    order = [given for _, given, _ in flat]
    prompt = np.array([-1 if what is None else what for *_, what in flat], dtype=np.int32)
    n_prompts = max(
        [len(codes) for codes in (cell, template, group, landmark)]
        + [int(prompt.max(initial=-1)) + 1]
    )

    def codes(given: Sequence[int], default: Sequence[int]) -> np.ndarray:
        return np.array(given if len(given) else default, dtype=np.int32)

    none = [-1] * n_prompts
    asks = {name: np.zeros(n_prompts + 1, dtype=np.bool_) for name in PATTERNS}
    for name, values in (elicits or {}).items():
        asks[name][: len(values)] = values
    n_accounts = len(sent)
    return Population(
        offsets=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        ts=np.array([at for at, *_ in flat], dtype=np.int64),
        prompt=prompt,
        again=np.array(again or [False] * len(order), dtype=np.bool_)[order],
        template=codes(template, none),
        group=codes(group, range(n_prompts)),
        cell=codes(cell, none),
        landmark=codes(landmark, none),
        vectors=np.array(vectors, dtype=np.float32).reshape(len(vectors), -1 if vectors else 0),
        elicits={name: values[prompt] for name, values in asks.items()},
        ties=Ties(
            {kind: held_by(pairs) for kind, pairs in (shown or {}).items()},
            np.array(range(n_accounts) if customer is None else customer, dtype=np.int32),
        ),
        created=np.array(
            [UNKNOWN if at is None else at for at in (created or [None] * n_accounts)],
            dtype=np.int64,
        ),
        filled=dict.fromkeys(filled, 1),
        random=np.random.default_rng(seed),
        recorded=_recorded(order, recorded or {}, model),
    )


def _recorded(
    order: Sequence[int],
    given: Mapping[str, Sequence[float | None]],
    model: Sequence[str | None] | None,
) -> Recorded:
    found = Recorded.nothing(len(order))
    numbers = {
        name: np.array([np.nan if v is None else float(v) for v in values])[order]
        for name, values in given.items()
    }
    if model is None:
        return replace(found, numbers={**found.numbers, **numbers})
    names = tuple(sorted({name for name in model if name is not None}))
    codes = np.array([-1 if name is None else names.index(name) for name in model], dtype=np.int32)
    return Recorded({**found.numbers, **numbers}, codes[order], names)


def profiles_of(dense: Sequence[Sequence[int]] | np.ndarray, *widths: int) -> Profiles:
    """From dense counts; one vocabulary by default, else one of each width."""
    counts = np.array(dense, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(widths or [counts.shape[1]])]).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum((counts > 0).sum(axis=1))]).astype(np.int64)
    return Profiles(indptr, np.nonzero(counts)[1].astype(np.int32), counts[counts > 0], starts)


def dense_of(profiles: Profiles) -> np.ndarray:
    """i64[A,C]."""
    found = np.zeros((len(profiles.indptr) - 1, profiles.n_cells), dtype=np.int64)
    found[profiles.row, profiles.cells] = profiles.counts
    return found
