"""Leaks: how well any single column tells planted accounts apart.

A simulator is honest when no column alone gives the answer. Every column is put to each simple
use that a lazy detector could make of it; the table says how far each gets. Nothing here is a
detector: it has seen the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.evaluate.curves import average_precision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_FOLDS: Final = 5
_SKIP: Final = frozenset({"account_id", "embedding", "request_id"})


@dataclass(frozen=True, slots=True)
class Leak:
    """One use of one column.

    Attributes:
        column: Canonical column, or one derived from it ("ip/24").
        use: What was made of it, for each account ("mean", "rate of others, mean", ...).
        pr_auc: Average precision of that number, or of its negative if that is better.
    """

    column: str
    use: str
    pr_auc: float


def column_leaks(exchanges: pa.Table, truth: pa.Table, *, seed: int = 0) -> list[Leak]:
    """Every use of every column, best first.

    Args:
        exchanges: Canonical columns.
        truth: Columns account_id, campaign_id (empty when benign).
        seed: Of the folds.
    """
    ids = truth["account_id"]
    planted = np.asarray(pc.not_equal(truth["campaign_id"], ""))
    account = np.asarray(pc.index_in(exchanges["account_id"], ids.combine_chunks()))
    folds = np.random.default_rng(np.random.SeedSequence(seed)).integers(0, _FOLDS, len(ids))
    leaks = []
    for column, values in _columns(exchanges):
        for use, score in _uses(values, account, planted, folds):
            best = max(average_precision(planted, score), average_precision(planted, -score))
            leaks.append(Leak(column, use, best))
    return sorted(leaks, key=lambda leak: (-leak.pr_auc, leak.column, leak.use))


def _columns(exchanges: pa.Table) -> Iterator[tuple[str, pa.Array]]:
    """The columns that hold anything, and what is read off them at a glance."""
    for name in exchanges.column_names:
        column = exchanges[name].combine_chunks()
        if name in _SKIP or column.null_count == len(column):
            continue
        yield name, column
    for name in ("prompt", "completion", "system", "reasoning"):
        if name in exchanges.column_names:
            yield f"{name} length", pc.utf8_length(exchanges[name].combine_chunks())
    if "prompt" in exchanges.column_names:
        prompt = exchanges["prompt"].combine_chunks()
        for words in (1, 3):
            start = rf"^(?P<start>(?:\S+\s*){{1,{words}}})"
            yield f"prompt, first {words}", pc.struct_field(pc.extract_regex(prompt, start), 0)
        wide = pc.replace_substring_regex(prompt, r"[\x00-\x7f]+", "")
        yield "prompt, characters beyond ASCII", pc.utf8_length(wide)
        yield "prompt, first 12 characters", pc.utf8_slice_codeunits(prompt, 0, 12)
        yield "prompt, last 12 characters", pc.utf8_slice_codeunits(prompt, -12)
    if "ip" in exchanges.column_names:
        ip = exchanges["ip"].combine_chunks()
        yield "ip/24", pc.replace_substring_regex(ip, r"\.\d+$", "")
    if "ts" in exchanges.column_names:
        ts = exchanges["ts"].combine_chunks()
        yield "hour of day", pc.hour(ts)
        yield "day of week", pc.day_of_week(ts)
        yield "day", pc.cast(pc.floor_temporal(ts, unit="day"), pa.string())
    if "account_created_at" in exchanges.column_names:
        created = exchanges["account_created_at"].combine_chunks()
        days = pc.floor_temporal(created, unit="day")
        yield "created, day", pc.cast(days, pa.string())
        yield "created, week", pc.cast(pc.floor_temporal(created, unit="week"), pa.string())


def _uses(
    values: pa.Array,
    account: NDArray[np.int64],
    planted: NDArray[np.bool_],
    folds: NDArray[np.int64],
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """What each account's values come to; every array has one row an account."""
    accounts = len(planted)
    known = np.asarray(pc.is_valid(values))
    total = np.bincount(account, minlength=accounts).astype(np.float64)
    given = np.bincount(account[known], minlength=accounts).astype(np.float64)
    yield "share given", given / np.maximum(total, 1)
    here = account[known]
    some = values.filter(pa.array(known))
    if pa.types.is_timestamp(values.type):
        yield from _time_uses(_floats(some.cast(pa.int64())) / 86.4e9, here, accounts)
    elif not pa.types.is_string(values.type):
        yield from _number_uses(_floats(some), here, accounts)
    yield from _category_uses(some, here, planted, folds)


def _floats(values: pa.Array) -> NDArray[np.float64]:
    return np.asarray(values.cast(pa.float64()), dtype=np.float64)


def _number_uses(
    value: NDArray[np.float64], account: NDArray[np.int64], accounts: int
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    count = np.bincount(account, minlength=accounts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(account, value, accounts) / count
        square = np.bincount(account, value**2, accounts) / count
    yield "mean", mean
    yield "std", np.sqrt(np.maximum(square - mean**2, 0.0))
    top, bottom = np.full(accounts, -np.inf), np.full(accounts, np.inf)
    np.maximum.at(top, account, value)
    np.minimum.at(bottom, account, value)
    yield "max", np.where(count > 0, top, np.nan)
    yield "min", np.where(count > 0, bottom, np.nan)
    yield "sum", np.asarray(np.bincount(account, value, accounts), dtype=np.float64)
    order = np.lexsort((value, account))
    middle = np.full(accounts, np.nan)
    has = np.flatnonzero(count)
    first = np.cumsum(count) - count
    middle[has] = value[order][first[has] + count[has] // 2]
    yield "median", middle


def _time_uses(
    days: NDArray[np.float64], account: NDArray[np.int64], accounts: int
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    yield from _number_uses(days, account, accounts)
    order = np.lexsort((days, account))
    here, when = account[order], days[order]
    gaps = np.diff(when)[np.diff(here) == 0]
    owner = here[1:][np.diff(here) == 0]
    for use, score in _number_uses(np.log(gaps + 1e-6), owner, accounts):
        yield f"log gap, {use}", score
    count = np.bincount(account, minlength=accounts).astype(np.float64)
    low, high = np.full(accounts, np.inf), np.full(accounts, -np.inf)
    np.minimum.at(low, account, days)
    np.maximum.at(high, account, days)
    yield "count", count
    with np.errstate(invalid="ignore"):
        yield "span", np.where(count > 0, high - low, np.nan)
        yield "count a day", np.where(count > 0, count / (high - low + 1.0), np.nan)


def _category_uses(
    values: pa.Array,
    account: NDArray[np.int64],
    planted: NDArray[np.bool_],
    folds: NDArray[np.int64],
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    accounts = len(planted)
    code = _codes(values)
    size = int(code.max()) + 1 if len(code) else 1
    pair, times = np.unique(account * size + code, return_counts=True)
    owner, value = pair // size, pair % size
    distinct = np.bincount(owner, minlength=accounts).astype(np.float64)
    total = np.bincount(account, minlength=accounts).astype(np.float64)
    yield "distinct", distinct
    with np.errstate(invalid="ignore", divide="ignore"):
        yield "distinct an exchange", distinct / total
    users = np.bincount(value, minlength=size).astype(np.float64)
    yield from _both("frequency", np.log(users[value]), owner, times, accounts)
    # How often *other* accounts with this value are planted; an account's own fold is unseen.
    rate = np.empty(len(pair))
    prior = planted.mean()
    for fold in range(_FOLDS):
        seen = folds[owner] != fold
        hits = np.bincount(value[seen], planted[owner[seen]].astype(np.float64), size)
        others = np.bincount(value[seen], minlength=size)
        rate[~seen] = ((hits + prior) / (others + 1.0))[value[~seen]]
    yield from _both("rate of others", rate, owner, times, accounts)


def _both(
    use: str,
    score: NDArray[np.float64],
    owner: NDArray[np.int64],
    times: NDArray[np.int64],
    accounts: int,
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    weight = np.bincount(owner, times, accounts)
    with np.errstate(invalid="ignore", divide="ignore"):
        yield f"{use}, mean", np.bincount(owner, times * score, accounts) / weight
    top = np.full(accounts, -np.inf)
    np.maximum.at(top, owner, score)
    yield f"{use}, max", np.where(weight > 0, top, np.nan)


def _codes(values: pa.Array) -> NDArray[np.int64]:
    encoded: Any = values.dictionary_encode()
    return np.asarray(encoded.indices).astype(np.int64)
