"""Facts of planted clusters, as the stage examine publishes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from workbench.analysis.clusters.examine.stage import FACTS

if TYPE_CHECKING:
    from workbench.domain.ports import Artifacts

DEPTH = {"depth": 39.6, "low": 11.9, "high": 22.4, "regions": 87.0}
COVERAGE = {
    "n": 4_653, "n_all": 4_653, "n_groups": 198, "prompts": 3_445, "low": 2_092.4,
    "high": 3_021.5, "cells": 327, "cells_low": 426.0, "cells_high": 468.0, "n_accounts": 119,
    "needed": 51, "needed_low": 17.9, "needed_high": 54.2, "unseen": 0.6385,
    "completeness": 0.3615,
}  # fmt: skip
QUEUE = {
    "alike": 0.31, "low": 0.32, "high": 0.93, "repeated": 1_203, "predicted": 2_255.1,
    "repeated_low": 499.0, "repeated_high": 1_034.0,
}  # fmt: skip
#: A cluster that falls into two; the smaller part are the third and the fourth account.
PARTS = {
    "falls": True, "n": [5, 2], "across": 1, "low": 3.0, "high": 6.4, "p": 0.01,
    "places": [2, 3], "n_looked_at": 7, "n_accounts": 7,
}  # fmt: skip
CURVE: dict[str, list[float]] = {
    "exchanges": [0, 2_000, 4_653],
    "prompts": [0, 1_600, 3_445],
    "prompts_low": [0.0, 1_000.0, 2_092.4],
    "prompts_middle": [0.0, 1_200.0, 2_576.0],
    "prompts_high": [0.0, 1_400.0, 3_021.5],
    "cells": [0, 300, 327],
    "cells_low": [0.0, 400.0, 426.0],
    "cells_middle": [0.0, 420.0, 442.0],
    "cells_high": [0.0, 450.0, 468.0],
}


def fact(name: str, **said: Any) -> dict[str, Any]:
    """A row of the table, of the first cluster; not assessed where no message is given."""
    row: dict[str, Any] = dict.fromkeys(FACTS.names)
    row |= {"cluster_id": "C-001", "name": name, "speaks": "neither"}
    params, curve = said.pop("params", None), said.pop("curve", None)
    if params is None:
        return row | {"reason": "volume"} | said
    message = json.dumps({"key": f"fact.{name}", "params": params})
    return row | {"message": message, "curve": curve and json.dumps(curve)} | said


ROWS = (
    fact("coverage_curve", value=3_445.0, p=0.15, params=COVERAGE, curve=CURVE),
    fact("depth", value=39.6, p=0.01, speaks="for", params=DEPTH),
    fact("work_queue", value=0.31, p=0.98, speaks="against", params=QUEUE),
    fact("gap_filling", params={"waves": 1}),
    fact("release_pivot", reason="model"),
    fact("uniformity"),
)


def publish_facts(artifacts: Artifacts, *rows: dict[str, Any]) -> None:
    """Publish rows for the clusters that are published now."""
    judged = artifacts.current("clusters")
    assert judged is not None
    table = pa.Table.from_pylist(list(rows or ROWS), schema=FACTS)
    artifacts.publish(
        "examine", "x", arrays={}, tables={"facts": table}, info={"clusters": judged.digest}
    )
