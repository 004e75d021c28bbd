"""Ids are minted once, and a cluster says what became of it."""

import json

import numpy as np

from workbench.analysis.clusters.lineage import Before, name_clusters


def _codes(*ranges: tuple[int, int]) -> np.ndarray:
    return np.concatenate([np.arange(a, b, dtype=np.int32) for a, b in ranges])


def test_a_first_run_counts_from_one() -> None:
    named = name_clusters([_codes((0, 10)), _codes((20, 30))], Before({}))
    assert named.ids == ("C-001", "C-002")
    assert named.minted == 2
    assert json.loads(named.lineage[0]) == {"became": "new", "from": []}
    assert name_clusters([], Before({})).ids == ()


def test_a_cluster_that_grew_keeps_its_id_whatever_its_rank() -> None:
    before = Before({"C-001": _codes((0, 10)), "C-002": _codes((20, 30))}, minted=2)
    named = name_clusters([_codes((50, 60)), _codes((20, 34)), _codes((0, 10))], before)
    assert named.ids == ("C-003", "C-002", "C-001")
    became = [json.loads(text)["became"] for text in named.lineage]
    assert became == ["new", "grew", "kept"]


def test_a_split_and_a_merger_name_their_parents() -> None:
    before = Before({"C-001": _codes((0, 20)), "C-002": _codes((30, 40))}, minted=7)
    named = name_clusters([_codes((0, 12)), _codes((12, 20))], before)
    assert named.ids == ("C-001", "C-008")
    assert json.loads(named.lineage[1]) == {"became": "split", "from": ["C-001"]}
    merged = name_clusters([_codes((0, 20), (30, 40))], before)
    assert merged.ids == ("C-001",)
    assert json.loads(merged.lineage[0]) == {"became": "merged", "from": ["C-001", "C-002"]}


def test_no_id_is_given_twice() -> None:
    before = Before({"C-001": _codes((0, 20))}, minted=1)
    named = name_clusters([_codes((0, 10)), _codes((10, 20))], before)
    assert len(set(named.ids)) == 2
