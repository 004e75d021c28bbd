"""What was attributed, read back: counts in words, exhibits, what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from tests.analysis.fakes import FakeArtifacts
from workbench.services import wording
from workbench.services.attributions import (
    STAGE,
    Attributions,
    told_of_account,
    told_of_cluster,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

BOUND = np.array([0, -1, 0], dtype=np.int32)


def published(
    counts: Sequence[tuple[int, int, int]] = ((20, 20, 15), (24, 22, 3)),
    ids: Sequence[int] = (30, 10, 20, 40),
) -> FakeArtifacts:
    """Accounts 0 and 2 of C-001 with (exchanges, assessed, attributed)."""
    artifacts = FakeArtifacts()
    artifacts.publish(
        "exchanges", "", arrays={"exchange_id": np.array(ids, np.int64)}, tables={}, info={}
    )
    whole = [sum(column) for column in zip(*counts, strict=True)]
    names = ("n_exchanges", "n_assessed", "n_attributed")
    artifacts.publish(
        STAGE,
        "",
        arrays={
            "attribution": np.array([0.9, np.nan, 0.2, np.nan], dtype=np.float32),
            "witness": np.array([0.3, np.nan, -0.1, np.nan], dtype=np.float32),
        },
        tables={
            "accounts": pa.table(
                {"account": pa.array([0, 2], pa.int32()), "cluster_id": ["C-001"] * 2}
                | {
                    name: list(column)
                    for name, column in zip(names, zip(*counts, strict=True), strict=True)
                }
            ),
            "clusters": pa.table(
                {"cluster_id": ["C-001"]} | {n: [v] for n, v in zip(names, whole, strict=True)}
            ),
            "shown": pa.table({"cluster_id": ["C-001", "C-002"], "rank": [1, 1]}),
        },
        info={},
    )
    return artifacts


def read(artifacts: FakeArtifacts) -> Attributions:
    found = Attributions.read(artifacts, BOUND)
    assert found is not None
    return found


def test_a_cluster_is_told_in_plain_counts() -> None:
    (message,) = told_of_cluster(read(published()), "C-001")
    assert wording.text(message) == (
        "Of their 42 exchanges with a prompt 18 belong to what these accounts have in common; the "
        "others are like what accounts without a finding ask, and may be their holders' or "
        "customers' own; they are more than three quarters of what 1 account sent."
    )
    assert told_of_cluster(read(published()), "C-404") == ()
    assert told_of_cluster(None, "C-001") == ()


def test_an_account_is_told_in_plain_counts_and_without_accusing() -> None:
    found = read(published())
    harvester = [wording.text(message) for message in told_of_account(found, 0)]
    assert harvester == [
        "Of its 20 exchanges 15 belong to what the accounts of C-001 have in common; 5 are like "
        "what accounts without a finding ask."
    ]
    counted, plain = (wording.text(message) for message in told_of_account(found, 2))
    assert counted.startswith("Of its 22 exchanges with a prompt 3 belong")
    assert plain.startswith("Little of what it asked belongs to the cluster")
    assert told_of_account(found, 1) == ()
    assert told_of_account(None, 0) == ()


@pytest.mark.parametrize(("assessed", "attributed", "told"), [(12, 2, 2), (12, 3, 1), (11, 0, 1)])
def test_little_is_said_of_enough_exchanges_only(assessed: int, attributed: int, told: int) -> None:
    found = read(published(((assessed, assessed, attributed), (5, 5, 5))))
    assert len(told_of_account(found, 0)) == told


def test_nothing_assessed_is_not_told() -> None:
    found = read(published(((9, 0, 0), (9, 0, 0))))
    assert told_of_cluster(found, "C-001") == ()
    assert told_of_account(found, 0) == ()


def test_exchanges_are_looked_up_by_id() -> None:
    found = read(published())
    np.testing.assert_array_equal(
        found.of(np.array([20, 30, 99, 10])), np.array([0.2, 0.9, np.nan, np.nan], np.float32)
    )
    np.testing.assert_array_equal(
        found.of(np.array([30, 99]), found.witness), np.array([0.3, np.nan], np.float32)
    )
    assert found.of(np.zeros(0, np.int64)).shape == (0,)
    floats = np.zeros(0, np.float32)
    nothing = Attributions(np.zeros(0, np.int64), floats, floats, *(pa.table({}) for _ in range(3)))
    assert np.isnan(nothing.of(np.array([1]))).all()


def test_what_is_of_other_clusters_or_exchanges_counts_as_not_there() -> None:
    assert Attributions.read(published(), np.array([0, 0, -1], np.int32)) is None
    assert Attributions.read(published(ids=(1, 2)), BOUND) is None


def test_what_shows_a_cluster_is_its_own() -> None:
    assert read(published()).shown_of("C-001").num_rows == 1


def test_prompts_count_what_was_attributed_of_those_assessed() -> None:
    found = read(published())
    ids, prompt = np.array([30, 20, 10, 40]), np.array([0, 0, 1, -1], dtype=np.int32)
    counts = found.by_prompt(ids, prompt, np.array([1, 0, 2]))
    # Prompt 0: one of two assessed; of 1 and 2 none was assessed.
    assert counts.to_pylist() == [None, 1, None]
    assert len(found.by_prompt(ids[:0], prompt[:0], np.zeros(0, np.int64))) == 0
