"""A scaled fingerprint tells rates, and not among how many customers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.analysis.fingerprint.made_up import fingerprint
from workbench.analysis.fingerprint.form import Fingerprint, Seen, decoded
from workbench.analysis.fingerprint.scaled import scaled


def counted(found: Fingerprint) -> list[Seen]:
    regions = found.regions.seen if found.regions else []
    each: tuple[Any, ...] = (
        *found.wordings,
        *found.clients,
        *found.values,
        *found.parts,
        found.threshold,
    )
    return [*regions, *(one.seen for one in each)]


@pytest.mark.parametrize(
    ("n", "of"), [(500, 100), (999, 100), (1_000, 1_000), (3_003, 1_000), (999_999, 100_000)]
)
def test_counts_are_out_of_a_power_of_ten_and_never_less_common(n: int, of: int) -> None:
    whole = msgspec.structs.replace(fingerprint(), ordinary=n)
    found = scaled(whole)
    assert found.ordinary == of
    for before, after in zip(counted(whole), counted(found), strict=True):
        assert after.members == before.members
        assert before.ordinary / n <= after.ordinary / of < before.ordinary / n + 1 / of
    assert decoded(found.data, Path("a.json")) == found


def test_everything_else_is_as_it_was() -> None:
    whole = fingerprint()
    found = scaled(whole)
    same = {"origin", "elicitation", "pace", "pooling", "format", "version"}
    assert all(getattr(found, name) == getattr(whole, name) for name in same)
    assert found.threshold.nats == whole.threshold.nats
    assert (found.regions is None) == (whole.regions is None)
    assert scaled(found) == found
