"""Looks for a fingerprint in another log: how much of it each account and each cluster shows.

Evidence is added up over the parts that both sides know, then told beside what it is worth here:
p is how many ordinary accounts of this log have as much (conformal; whoever is judged does not
judge), q what that is among so many accounts. Where a campaign comes back in a few accounts that
nobody has found, they are among these ordinary ones, so that p cannot tell them; then what counts
is how many pass the fingerprint's threshold beside how many would by chance, at the rate of where
it was taken and by the slope of this log's own evidence, whichever is more. None of these accuses
anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.fingerprint import likeness
from workbench.analysis.fingerprint.form import PARTS, VALUE_KINDS
from workbench.analysis.fingerprint.log import placed
from workbench.analysis.fingerprint.wordings import Skeleton

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.fingerprint.counting import Counts
    from workbench.analysis.fingerprint.form import Fingerprint
    from workbench.analysis.fingerprint.log import Log
    from workbench.analysis.stage import Context

#: Why a part was not weighed.
NOT_TAKEN, NOT_HERE, OTHER_FRAME = "not taken", "not in this log", "placed by another embedder"
LEFT_OUT: Final = "the texts of this case were left out at the door"
#: Groups of ordinary accounts that a cluster is compared with, and accounts they are drawn of.
_GROUPS, _AMONG = 499, 20_000
_LARGEST_GROUP: Final = 64
#: Quantiles of ordinary accounts' evidence that give its slope, and accounts needed for them.
_TAIL: Final = (0.75, 0.95)
_LEAST_FOR_TAIL: Final = 100
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """What a log shows of a fingerprint. A accounts.

    Attributes:
        parts: Part -> f64[A] nats.
        lacking: Part -> why it was not weighed.
        total: f64[A] nats, their sum.
        p: f64[A], share of ordinary accounts with as much evidence, themselves left out.
        q: f64[A], Benjamini-Hochberg over all accounts.
        passes: bool[A], more evidence than the fingerprint's threshold; where it has none, q of
            ``LEVEL`` or less.
        by_chance: f64[A], accounts of this log expected to have as much evidence by chance
            (``tail``); NaN where that is not known.
        expected_home: Accounts that would pass by chance at the rate of where it was taken; None
            without a threshold.
        expected_here: Accounts that would by the slope of this log's ordinary accounts; None
            where it is not known.
        chance: Probability of as many as pass, the larger of what both expect; None without a
            threshold.
        asked: What accounts asked, for drawing groups that are alike; None where nothing is known.
    """

    parts: Mapping[str, NDArray[np.float64]]
    lacking: Mapping[str, str]
    total: NDArray[np.float64]
    p: NDArray[np.float64]
    q: NDArray[np.float64]
    passes: NDArray[np.bool_]
    by_chance: NDArray[np.float64]
    expected_home: float | None
    expected_here: float | None
    chance: float | None
    asked: Counts | None


@dataclass(frozen=True, slots=True)
class Indicators:
    """What somebody else's indicators say: values and wordings without counts.

    Attributes:
        skeletons: Wordings.
        values: Kind (``form.VALUE_KINDS``) -> values.
    """

    skeletons: tuple[Skeleton, ...]
    values: Mapping[str, tuple[str, ...]]


#: Of q, where there is no threshold from elsewhere.
LEVEL: Final = 0.05


def compare(
    context: Context, log: Log, wanted: Fingerprint, ordinary: NDArray[np.bool_]
) -> Compared:
    """Weigh every account of a log.

    Args:
        context: The case.
        log: The same, read.
        wanted: What is looked for.
        ordinary: bool[A], accounts without a finding.
    """
    regions = wanted.regions
    same = regions is not None and log.shared_frame and regions.embedder == log.embedder
    centroids = regions.vectors() if regions is not None and same else None
    skeletons = [Skeleton(w.head, w.tail, int(w.key, 16)) for w in wanted.wordings]
    wording, region = placed(context, skeletons, centroids)
    size = len(skeletons) + 1
    # Where texts were left out, their words were hashed with the case's own key.
    told = bool((wording >= 0).any())
    n_others = max(0, wanted.origin.n_prompts - sum(w.prompts for w in wanted.wordings))
    counts: dict[str, Counts | None] = {
        "wordings": log.by_prompt(wording, size) if skeletons and told else None,
        "regions": None,
        "elicitation": log.by_elicitation() if wanted.elicitation else None,
        "pace": log.by_pace() if wanted.pace else None,
        "clients": log.by_family([c.family for c in wanted.clients]) if wanted.clients else None,
    }
    profiles: dict[str, list[int]] = {
        "wordings": [*(w.prompts for w in wanted.wordings), n_others],
        "elicitation": wanted.elicitation,
        "pace": wanted.pace,
        "clients": [*(c.seen.members for c in wanted.clients), 0],
    }
    taken = {
        "wordings": bool(skeletons),
        "regions": regions is not None,
        "elicitation": bool(wanted.elicitation),
        "pace": bool(wanted.pace),
        "clients": bool(wanted.clients),
        "values": bool(wanted.values),
    }
    if regions is not None and region is not None:
        counts["regions"] = log.by_prompt(region, len(regions.prompts))
        profiles["regions"] = regions.prompts
    parts: dict[str, NDArray[np.float64]] = {}
    for measured in wanted.parts:
        part, held = measured.part, counts.get(measured.part)
        if held is None or len(measured.kinds) != len(likeness.KINDS):
            continue
        everybody = likeness.Everybody.of(held, ordinary)
        profile = np.array(profiles[part], np.float64)
        value = likeness.as_members(held, profile, everybody)
        mix = np.array(measured.kinds, np.float64) / _MILLION
        parts[part] = likeness.ratio(held, value, mix, everybody)
    values = by_values(log, _grouped(wanted), ordinary)
    if values is not None:
        parts["values"] = values
    lacking = {
        part: NOT_TAKEN if not taken[part] else NOT_HERE for part in PARTS if part not in parts
    }
    if regions is not None and not same:
        lacking["regions"] = OTHER_FRAME
    if skeletons and not told and len(wording):
        lacking["wordings"] = LEFT_OUT
    asked = counts["regions"] if counts["regions"] is not None else counts["wordings"]
    total = np.sum([np.zeros(log.n_accounts), *parts.values()], axis=0)
    level = wanted.threshold.nats / 1_000
    passes = total > level
    known, had = wanted.ordinary, wanted.threshold.seen.ordinary
    above = tail(total, ordinary)
    here = None if above is None else float(above(np.array([level]))[0]) * log.n_accounts
    return Compared(
        parts,
        lacking,
        total,
        *_calibrated(total, ordinary),
        passes,
        _by_chance(total, ordinary),
        (had + 1) / (known + 1) * log.n_accounts,
        here,
        _chance(int(passes.sum()), had, known, log.n_accounts, here),
        asked,
    )


def compare_indicators(
    context: Context, log: Log, wanted: Indicators, ordinary: NDArray[np.bool_]
) -> Compared:
    """Weigh every account by how rare the indicators are that it shows; arguments as above."""
    parts: dict[str, NDArray[np.float64]] = {}
    asked = None
    if wanted.skeletons:
        size = len(wanted.skeletons)
        wording, _ = placed(context, wanted.skeletons, None)
        asked = log.by_prompt(wording, size + 1)
        if (wording >= 0).any():
            parts["wordings"] = likeness.rarest(asked, np.arange(size), ordinary)
    values = by_values(log, wanted.values, ordinary)
    if values is not None:
        parts["values"] = values
    lacking = {part: NOT_TAKEN for part in PARTS if part not in parts}
    if wanted.values and values is None:
        lacking["values"] = NOT_HERE
    if wanted.skeletons and "wordings" not in parts:
        lacking["wordings"] = LEFT_OUT
    total = np.sum([np.zeros(log.n_accounts), *parts.values()], axis=0)
    p, q = _calibrated(total, ordinary)
    passes = (total > 0) & (q <= LEVEL)
    by_chance = _by_chance(total, ordinary)
    return Compared(parts, lacking, total, p, q, passes, by_chance, None, None, None, asked)


def by_values(
    log: Log, values: Mapping[str, Sequence[str]], ordinary: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """f64[A] nats of what accounts show of some values; None where the log has no such kind."""
    found = np.zeros(log.n_accounts)
    known = False
    for kind in VALUE_KINDS:
        texts = values.get(kind, ())
        counts = log.by_value(kind, texts) if texts else None
        if counts is not None:
            known = True
            found += likeness.rarest(counts, np.arange(len(texts)), ordinary)
    return np.minimum(found, likeness.CAP) if known else None


def group_p(
    found: Compared, ordinary: NDArray[np.bool_], members: Sequence[NDArray[np.int64]]
) -> list[float | None]:
    """How often groups that are as alike have as much evidence a head: p of each group.

    Clusters are found because their accounts are alike, so that accounts drawn at random are no
    comparison: each drawn group is an ordinary account and those that ask most as it does.

    Args:
        found: What the log shows.
        ordinary: bool[A].
        members: Indices of each group's accounts.

    Returns:
        (1 + groups with as much) / (groups + 1); None without ordinary accounts enough.
    """
    rows = np.flatnonzero(ordinary)
    if found.asked is None or len(rows) < 4 * 2:
        return [None] * len(members)
    random = np.random.default_rng(np.random.SeedSequence([len(rows), _GROUPS]))
    if len(rows) > _AMONG:
        rows = np.sort(random.choice(rows, _AMONG, replace=False))
    alike = _profiles(found.asked, rows)
    seeds = random.permutation(len(rows))[:_GROUPS]
    largest = min(_LARGEST_GROUP, len(rows) // 4)
    order = np.argsort(-(alike[seeds] @ alike.T), axis=1, kind="stable")[:, :largest]
    sums = np.cumsum(found.total[rows][order], axis=1)
    result: list[float | None] = []
    for group in members:
        if len(group) == 0:
            result.append(None)
            continue
        size = min(len(group), largest)
        drawn = sums[:, size - 1] / size
        more = int((drawn >= found.total[group].mean()).sum())
        result.append((1 + more) / (len(seeds) + 1))
    return result


def discovery(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """The false discovery rate at each p: Benjamini and Hochberg 1995, step up."""
    n = len(p)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * n / np.arange(1, n + 1)
    found = np.empty(n)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found


def _calibrated(
    total: NDArray[np.float64], ordinary: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(p, q) of every account; an ordinary one is judged by the others."""
    known = np.sort(total[ordinary])
    # As many as have at least as much, an ordinary account itself not counted.
    more = len(known) - np.searchsorted(known, total, side="left") - ordinary
    p = (1.0 + more) / (len(known) - ordinary + 1.0)
    return p, discovery(p)


def tail(
    total: NDArray[np.float64], ordinary: NDArray[np.bool_]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
    """Share of ordinary accounts with more evidence than something, by an exponential tail.

    Its slope is that between two quantiles of theirs, both below where a campaign of a twentieth
    of them would begin: what they hold above is not asked. docs/fingerprints.md shows how well it
    predicts. None where too few are known, or these quantiles are one.
    """
    known = total[ordinary]
    if len(known) < _LEAST_FOR_TAIL:
        return None
    low, high = np.quantile(known, _TAIL)
    if high - low < 1e-9:
        return None
    slope = (high - low) / np.log((1.0 - _TAIL[0]) / (1.0 - _TAIL[1]))
    return lambda level: np.minimum(
        1.0, (1.0 - _TAIL[1]) * np.exp(-(np.asarray(level) - high) / slope)
    )


def _by_chance(total: NDArray[np.float64], ordinary: NDArray[np.bool_]) -> NDArray[np.float64]:
    above = tail(total, ordinary)
    return np.full(len(total), np.nan) if above is None else len(total) * above(total)


def _chance(found: int, had: int, known: int, n_accounts: int, here: float | None) -> float:
    """Probability of as many or more as pass, under the more forgiving of two expectations.

    Of the rate at home is known what so many accounts tell: Gamma(had + 1) over known + 1, so that
    the number here is negative binomial. By the slope here it is Poisson.
    """
    # Imported here: scipy takes a part of a second.
    from scipy.stats import nbinom, poisson

    at_home = float(nbinom.sf(found - 1, had + 1, (known + 1) / (known + 1 + n_accounts)))
    return at_home if here is None else max(at_home, float(poisson.sf(found - 1, here)))


def _profiles(counts: Counts, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """f32[n, size]: square roots of each account's shares, so that products say how alike."""
    dense = np.zeros((len(rows), counts.size), np.float32)
    place = np.full(len(counts.indptr) - 1, -1, np.int64)
    place[rows] = np.arange(len(rows))
    at = place[counts.row]
    mine = at >= 0
    dense[at[mine], counts.cells[mine]] = counts.counts[mine]
    dense /= np.maximum(dense.sum(axis=1, keepdims=True), 1.0)
    return np.sqrt(dense)


def _grouped(wanted: Fingerprint) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in wanted.values:
        found.setdefault(value.kind, []).append(value.value)
    return found
