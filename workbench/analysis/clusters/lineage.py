"""Cluster ids are minted once: a rerun gives a cluster its old id, and says what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Least share of common members (Jaccard) at which a cluster is the one that was there before.
SAME: Final = 0.3
#: Least share of an old cluster's members that makes a new one its descendant.
FROM: Final = 0.25


@dataclass(frozen=True, slots=True)
class Before:
    """Clusters of the run before. Members by account code, which later imports do not change.

    Attributes:
        members: Cluster id -> codes, ascending, of accounts that were bound to it.
        minted: Highest number ever given.
    """

    members: dict[str, NDArray[np.int32]]
    minted: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """Ids of the clusters of this run.

    Attributes:
        ids: Of each cluster, in the order given.
        lineage: Of each, JSON: ``{"became": "new" | "kept" | "grew" | "shrank" | "split" |
            "merged", "from": [old ids]}``.
        minted: Highest number ever given, this run included.
    """

    ids: tuple[str, ...]
    lineage: tuple[str, ...]
    minted: int


def name_clusters(members: Sequence[NDArray[np.int32]], before: Before) -> Named:
    """Give each cluster its id.

    Args:
        members: Account codes of each cluster, ascending; the best cluster first.
        before: The run before; empty on the first.
    """
    pairs = [
        (_jaccard(codes, old), -rank, old_id)
        for rank, codes in enumerate(members)
        for old_id, old in before.members.items()
    ]
    given: dict[int, str] = {}
    for share, negative_rank, old_id in sorted(pairs, key=lambda p: (-p[0], -p[1], p[2])):
        if share >= SAME and -negative_rank not in given and old_id not in given.values():
            given[-negative_rank] = old_id
    minted = before.minted
    ids, lineage = [], []
    for rank, codes in enumerate(members):
        if rank not in given:
            minted += 1
            given[rank] = f"C-{minted:03d}"
        ids.append(given[rank])
        lineage.append(_told(given[rank], codes, before))
    return Named(tuple(ids), tuple(lineage), minted)


def _told(cluster_id: str, codes: NDArray[np.int32], before: Before) -> str:
    parents = sorted(
        old_id
        for old_id, old in before.members.items()
        if len(old) and len(np.intersect1d(codes, old)) >= FROM * len(old)
    )
    own = before.members.get(cluster_id)
    if len(parents) > 1:
        became = "merged"
    elif own is None:
        became = "split" if parents else "new"
    elif len(codes) == len(own):
        became = "kept"
    else:
        became = "grew" if len(codes) > len(own) else "shrank"
    return json.dumps({"became": became, "from": parents}, sort_keys=True)


def _jaccard(a: NDArray[np.int32], b: NDArray[np.int32]) -> float:
    common = len(np.intersect1d(a, b))
    return common / (len(a) + len(b) - common) if common else 0.0
