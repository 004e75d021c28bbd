"""An account that is openly one customer with others says so, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from tests.services.planted import plant
from workbench.services import wording
from workbench.services.findings import account_finding
from workbench.services.results import Results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.services.planted import Planted


def entities(planted: Planted, together: int, reasons: Sequence[str]) -> None:
    """The first accounts are one customer, the others one each."""
    n = len(planted.keys)
    entity = np.maximum(np.arange(n, dtype=np.int32) - together + 1, 0)
    sizes = np.bincount(entity)
    how = [json.dumps({"key": "entity.joined", "params": {"reasons": list(reasons)}})]
    how += [json.dumps({"key": "entity.single", "params": {"reasons": []}})] * (len(sizes) - 1)
    table = pa.table({"entity": range(len(sizes)), "n_accounts": sizes, "how": how})
    planted.artifacts.publish(
        "entities", "x", arrays={"entity": entity}, tables={"entities": table}, info={}
    )


def story(planted: Planted, account: int) -> list[str]:
    results = Results.read(planted.artifacts)
    return [wording.text(one) for one in account_finding(results, planted.keys[account]).story]


@pytest.mark.parametrize(
    ("together", "reasons", "said"),
    [
        (2, ["organisation"], "with 1 other account (same organisation)"),
        (
            3,
            ["payer_network", "payer_domain"],
            "with 2 other accounts (same payer and network and same payer and domain)",
        ),
    ],
)
def test_who_is_openly_one_customer(together: int, reasons: list[str], said: str) -> None:
    planted = plant()
    entities(planted, together, reasons)
    (line,) = (line for line in story(planted, 0) if "openly one customer" in line)
    assert said in line
    sent = planted.artifacts.tables["accounts", "accounts"].column("n_exchanges").to_pylist()
    assert f"together they sent {sum(sent[:together]):,} exchanges" in line
    assert not any("openly" in line for line in story(planted, together))


def test_of_another_population_or_none_nothing_is_said() -> None:
    planted = plant()
    before = story(planted, 0)
    entities(planted, 2, ["organisation"])
    planted.artifacts.arrays["entities", "entity"] = np.zeros(3, np.int32)
    assert story(planted, 0) == before
