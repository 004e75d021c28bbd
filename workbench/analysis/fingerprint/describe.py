"""Takes the fingerprint of a cluster: what can be looked for elsewhere, and how rare it is here.

Nothing is taken that fewer than ``FEWEST`` accounts of the cluster show. Every rate is measured
among ordinary accounts of the case, members judge each other in halves: whoever is measured has no
part in the profile that measures them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from workbench.analysis.fingerprint import likeness
from workbench.analysis.fingerprint.form import (
    ELICITATIONS,
    FORMAT,
    MOST_CLIENTS,
    MOST_REGIONS,
    MOST_VALUES,
    MOST_WORDINGS,
    OCTAVES,
    PARTS,
    VERSION,
    Client,
    Fingerprint,
    Measured,
    Regions,
    Seen,
    Threshold,
    Value,
    Wording,
    unpacked,
)
from workbench.analysis.fingerprint.log import placed
from workbench.analysis.fingerprint.wordings import skeletons_of
from workbench.domain.errors import NotAssessedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.fingerprint.counting import Counts
    from workbench.analysis.fingerprint.form import Origin, ValueKind
    from workbench.analysis.fingerprint.log import Log
    from workbench.analysis.fingerprint.wordings import Skeleton
    from workbench.analysis.stage import Context

#: Accounts of the cluster that must show something, and prompts, before it is taken.
FEWEST: Final = 3
_FEWEST_PROMPTS: Final = 6
#: Prompts and accounts of the whole case that a region must hold: its middle tells nobody's prompt.
_REGION_PROMPTS, _REGION_ACCOUNTS = 12, 5
#: A value that more ordinary accounts show than this is nobody's own.
_HUB: Final = 0.01
#: Ordinary accounts, one in so many, that may have more evidence than the threshold.
_ONE_IN: Final = 1_000
_MILLION: Final = 1_000_000
#: Kinds of value whose sharing within the cluster is told, and what that is called.
_POOLED: Final[dict[str, Literal["network", "payment", "domain", "client"]]] = {
    "networks": "network",
    "payments": "payment",
    "domains": "domain",
    "clients": "client",
}


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a fingerprint is about.

    Attributes:
        members: bool[A], accounts of the cluster.
        ordinary: bool[A], accounts without a finding; rates are measured among them.
    """

    members: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]

    def seen(self, counts: Counts) -> list[Seen]:
        """Accounts that have each word."""
        members, ordinary = counts.holders(self.members), counts.holders(self.ordinary)
        return [Seen(*pair) for pair in zip(members.tolist(), ordinary.tolist(), strict=True)]

    def passing(self, evidence: NDArray[np.float64], more_than: float) -> Seen:
        """Accounts with more evidence than that."""
        passes = evidence > more_than
        return Seen(int(passes[self.members].sum()), int(passes[self.ordinary].sum()))


def describe(
    context: Context,
    log: Log,
    who: Who,
    origin: Origin,
    *,
    ask: Sequence[ValueKind] = (),
    words: bool = False,
    unsaid: Sequence[int] = (),
) -> Fingerprint:
    """The fingerprint of a cluster.

    Args:
        context: The case.
        log: The same, read.
        who: The cluster, and the ordinary accounts beside it.
        origin: What is said of where it was taken.
        ask: Kinds of value that somebody asked for (``form.VALUE_KINDS``).
        words: Whether skeletons are written out.
        unsaid: Prompts whose words are not: nor is a skeleton that one of them has.

    Raises:
        NotAssessedError: Its accounts show nothing.
    """
    rows, _ = log.taken(who.members)
    skeletons = _skeletons(context, log, rows)
    centroids = _regions(log, rows)
    wording, region = placed(context, skeletons, centroids)
    skeletons, wording = _told(log, skeletons, wording, rows)
    families = _families(log, who)
    used = log.by_family(families) if families else None
    asked = [
        ("wordings", wording if skeletons else None, len(skeletons) + 1),
        ("regions", region, len(centroids)),
    ]
    pace = log.by_pace()
    found: dict[str, tuple[Counts | None, Counts | None]] = {
        **{
            part: (log.by_prompt(code, size), log.by_prompt(code, size, rows))
            for part, code, size in asked
            if code is not None
        },
        "elicitation": (log.by_elicitation(), log.by_elicitation(rows)),
        "pace": (pace, pace),
        "clients": (used, used),
    }
    parts = {
        part: (counts, own.rows(who.members))
        for part, (counts, own) in found.items()
        if counts is not None and own is not None and own.totals[who.members].any()
    }
    if not parts:
        raise NotAssessedError(
            "The cluster's accounts show nothing that could be looked for: no prompt, no times and "
            "no client.",
            remedy="Import a log that has one of them.",
        )
    values = _values(log, who, ask)

    evidence: dict[str, NDArray[np.float64]] = {}
    kinds: dict[str, NDArray[np.float64]] = {}
    for part, (counts, own) in parts.items():
        evidence[part], kinds[part] = _measured(counts, own, who)
    if values:
        evidence["values"] = _by_values(log, values, who)
    total = np.sum(list(evidence.values()), axis=0)
    threshold = _threshold(total[who.ordinary])
    taken = {part: own.pooled(who.members.astype(np.float64)) for part, (_, own) in parts.items()}
    hushed = set(wording[[one for one in unsaid if one < len(wording)]].tolist())
    said = [words and at not in hushed for at in range(len(skeletons))]
    return Fingerprint(
        format=FORMAT,
        version=VERSION,
        origin=origin,
        ordinary=int(who.ordinary.sum()),
        wordings=_wordings(skeletons, parts, taken, who, said),
        regions=_as_regions(log, centroids, parts, taken, who),
        elicitation=_whole(taken.get("elicitation"), ELICITATIONS),
        pace=_whole(taken.get("pace"), OCTAVES),
        clients=[
            Client(family, seen)
            for family, seen in zip(families, who.seen(used) if used else (), strict=False)
        ],
        pooling={
            name: round(_MILLION * share)
            for kind, name in _POOLED.items()
            if (share := log.pooled(kind, who.members)) is not None
        },
        values=values,
        parts=[
            Measured(
                part, who.passing(evidence[part], likeness.CLEAR), _millionths(kinds.get(part))
            )
            for part in PARTS
            if part in evidence
        ],
        threshold=Threshold(threshold, who.passing(total, threshold / 1_000)),
    )


# --- what is taken -----------------------------------------------------------------------------
def _skeletons(context: Context, log: Log, rows: NDArray[np.int64]) -> list[Skeleton]:
    """Skeletons of the templates that enough accounts ask enough prompts with."""
    prompt = log.prompt[rows]
    template = log.template[prompt].astype(np.int64)
    has = template >= 0
    pairs = np.unique(np.column_stack((template[has], prompt[has])), axis=0)
    found, n_prompts = np.unique(pairs[:, 0], return_counts=True)
    asked = np.unique(np.column_stack((template[has], log.account[rows][has])), axis=0)[:, 0]
    n_accounts = np.bincount(asked, minlength=int(template.max(initial=0)) + 1)[found]
    enough = (n_prompts >= _FEWEST_PROMPTS) & (n_accounts >= FEWEST)
    order = np.lexsort((found[enough], -n_prompts[enough]))
    chosen = found[enough][order][: 2 * MOST_WORDINGS]
    starts = np.searchsorted(pairs[:, 0], chosen)
    stops = np.searchsorted(pairs[:, 0], chosen, side="right")
    groups = [pairs[a:b, 1].astype(np.int64) for a, b in zip(starts, stops, strict=True)]
    return [skeleton for _, skeleton in skeletons_of(context, groups)]


def _told(
    log: Log, skeletons: list[Skeleton], wording: NDArray[np.int32], rows: NDArray[np.int64]
) -> tuple[list[Skeleton], NDArray[np.int32]]:
    """Those that are still asked so when longer ones go first, most prompts first; and codes."""
    counts = log.by_prompt(wording, len(skeletons) + 1, rows)
    everybody = np.ones(log.n_accounts, np.bool_)
    n_accounts = counts.holders(everybody)[:-1]
    n_prompts = counts.pooled(everybody.astype(np.float64))[:-1]
    enough = np.flatnonzero((n_prompts >= _FEWEST_PROMPTS) & (n_accounts >= FEWEST))
    order = enough[np.lexsort((enough, -n_prompts[enough]))][:MOST_WORDINGS]
    code = np.full(len(skeletons) + 2, len(order), np.int32)
    code[order] = np.arange(len(order))
    code[-1] = -1  # what -1 meets
    return [skeletons[at] for at in order.tolist()], code[wording]


def _regions(log: Log, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """f32[C,D]: the case's regions that hold enough, as whoever reads the file has them.

    At most ``MOST_REGIONS``: those where the cluster asked most, then those where all did.
    """
    if not log.shared_frame or len(log.centroid) == 0:
        return log.centroid[:0]
    size = len(log.centroid)
    everybody = np.ones(log.n_accounts)
    counts = log.by_prompt(log.cell, size)
    n_prompts, n_accounts = counts.pooled(everybody), counts.holders(everybody > 0)
    mine = log.by_prompt(log.cell, size, rows).pooled(everybody)
    enough = (n_prompts >= _REGION_PROMPTS) & (n_accounts >= _REGION_ACCOUNTS)
    order = np.lexsort((np.arange(size), -n_prompts, -mine))
    chosen = order[enough[order]][:MOST_REGIONS]
    centroids = log.centroid[np.sort(chosen)]
    return unpacked(Regions.packed(centroids), centroids.shape[1]) if len(chosen) else centroids


def _families(log: Log, who: Who) -> list[str]:
    held = log.families
    if held is None:
        return []
    users = held.counts.holders(who.members)
    order = np.lexsort((np.arange(len(users)), -users))[:MOST_CLIENTS]
    return [held.values[at] for at in order.tolist() if users[at] >= FEWEST]


def _values(log: Log, who: Who, ask: Sequence[ValueKind]) -> list[Value]:
    """Values of the kinds asked for that several of the cluster show and hardly anybody else."""
    most = _HUB * int(who.ordinary.sum())
    found: list[tuple[int, Value]] = []
    for kind in ask:
        held = log.shown.get(kind)
        if held is None:
            continue
        for value, seen in zip(held.values, who.seen(held.counts), strict=True):
            if seen.members >= 2 and seen.ordinary <= most and 0 < len(value) <= 1_000:
                found.append((-seen.members, Value(kind, value, seen)))
    found.sort(key=lambda one: (one[0], one[1].kind, one[1].value))
    chosen = [value for _, value in found[:MOST_VALUES]]
    return sorted(chosen, key=lambda value: (value.kind, value.value))


# --- what it is worth --------------------------------------------------------------------------
def _measured(
    counts: Counts, own: Counts, who: Who
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Evidence of every account (f64[A]; members by the other half's profile) and its kinds."""
    everybody = likeness.Everybody.of(counts, who.ordinary)
    half = np.zeros(len(who.members), np.bool_)
    half[np.flatnonzero(who.members)[::2]] = True
    value = np.empty((len(likeness.KINDS), len(who.members)))
    for mine, others in ((half, who.members & ~half), (who.members & ~half, half)):
        profile = own.pooled(others.astype(np.float64))
        value[:, mine] = likeness.as_members(counts, profile, everybody)[:, mine]
    profile = own.pooled(who.members.astype(np.float64))
    rest = ~who.members
    value[:, rest] = likeness.as_members(counts, profile, everybody)[:, rest]
    mix = likeness.common_kinds(value, who.members & (counts.totals > 0))
    return likeness.ratio(counts, value, mix, everybody), mix


def _by_values(log: Log, values: Sequence[Value], who: Who) -> NDArray[np.float64]:
    """As ``compare`` weighs values; a member's counts for nothing that only it shows."""
    found = np.zeros(log.n_accounts)
    for kind in sorted({value.kind for value in values}):
        texts = [value.value for value in values if value.kind == kind]
        counts = log.by_value(kind, texts)
        if counts is not None:
            found += likeness.rarest(counts, np.arange(len(texts)), who.ordinary)
    return np.minimum(found, likeness.CAP)


def _threshold(ordinary: NDArray[np.float64]) -> int:
    """Thousandths of a nat that at most one ordinary account in a thousand exceeds; from 0 on."""
    if len(ordinary) == 0:
        return 0
    allowed = len(ordinary) // _ONE_IN
    value = float(np.sort(ordinary)[::-1][min(allowed, len(ordinary) - 1)])
    return max(0, int(np.ceil(1_000 * value)))


# --- as the file has it ------------------------------------------------------------------------
def _wordings(
    skeletons: Sequence[Skeleton],
    parts: Mapping[str, tuple[Counts, Counts]],
    taken: Mapping[str, NDArray[np.float64]],
    who: Who,
    said: Sequence[bool],
) -> list[Wording]:
    if "wordings" not in parts:
        return []
    seen = who.seen(parts["wordings"][0])
    return [
        Wording(
            head=one.head,
            tail=one.tail,
            key=f"{one.key:016x}",
            prompts=int(taken["wordings"][at]),
            seen=seen[at],
            skeleton=one.words[:4_000] if said[at] else None,
        )
        for at, one in enumerate(skeletons)
    ]


def _as_regions(
    log: Log,
    centroids: NDArray[np.float32],
    parts: Mapping[str, tuple[Counts, Counts]],
    taken: Mapping[str, NDArray[np.float64]],
    who: Who,
) -> Regions | None:
    if "regions" not in parts:
        return None
    seen = who.seen(parts["regions"][0])
    # Where only one or two of the cluster have been is theirs, not the campaign's.
    counts = [
        int(count) if one.members >= FEWEST else 0
        for count, one in zip(taken["regions"], seen, strict=True)
    ]
    return Regions(
        embedder=log.embedder,
        dimension=centroids.shape[1],
        centroids=Regions.packed(centroids),
        prompts=counts,
        seen=[one if one.members >= FEWEST else Seen(0, one.ordinary) for one in seen],
    )


def _whole(counts: NDArray[np.float64] | None, size: int) -> list[int]:
    return [] if counts is None else [int(count) for count in counts[:size]]


def _millionths(mix: NDArray[np.float64] | None) -> list[int]:
    return [] if mix is None else [round(_MILLION * share) for share in mix.tolist()]
