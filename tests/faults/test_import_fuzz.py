"""Small logs of every format, mutated at random: every record has one fate, nothing breaks.

The seed is printed; set WORKBENCH_FAULTS_SEED to run it again.
"""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.mutations import shelled, spoilt
from tests.faults.parsed import check_counted, check_raw
from tests.faults.small_logs import (
    COLUMNAR,
    HOLDERS,
    LAYOUTS,
    PAIRS,
    is_sound,
    line_of,
    records_of,
)
from tests.faults.trouble import SEED, cases
from workbench.domain.errors import InputError
from workbench.domain.ports import Parsed, ReadOptions
from workbench.domain.progress import Job
from workbench.formats import blocks, read
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.place import OnDisk, Place
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

#: Logs of each pair of shape and layout: more than 100,000 of all.
_COUNT = 615


@pytest.mark.parametrize(("shape", "layout"), PAIRS)
def test_mutated_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str, layout: str
) -> None:
    cut = blocks.cut_blocks
    for number in cases(_COUNT, least=8):
        seed = f"{SEED}/{shape}/{layout}/{number}"
        rng = random.Random(seed)
        records = records_of(rng, shape)
        plain, kinds = spoilt(rng, LAYOUTS[layout](records), text=layout not in COLUMNAR)
        sys.stdout.write(f"seed {seed}: {kinds}\n")  # pytest shows it with a failure
        path = tmp_path / str(number)
        place: Place = OnDisk(path)
        path.write_bytes(plain)
        torn = False
        if rng.random() < 0.3 and plain and layout not in COLUMNAR:
            place, torn = shelled(rng, path, plain)
        size = rng.choice([1, 100, 1 << 20])
        monkeypatch.setattr(
            read, "cut_blocks", lambda *a, size=size, **k: cut(*a, **{**k, "size": size})
        )
        refusal = ""
        try:
            source = open_source(place, ReadOptions())
            parts = list(source.blocks(Job()))
        except InputError as error:
            refusal = str(error)
        if refusal:
            assert str(path) in refusal
            assert "\n" not in refusal
            continue
        check_counted(source.records, parts)
        in_lines = source.layout.recipe.container == "lines" and not source.layout.columnar
        if in_lines and not torn and shape not in HOLDERS:
            assert source.records == plain.count(b"\n") + (not plain.endswith(b"\n"))
        if not source.layout.columnar and not torn:
            check_raw(parts, plain)
        if in_lines and not torn:
            _check_quick(source.layout.recipe, plain)
            if layout == "lines" and shape not in HOLDERS:
                sound = {line_of(record) for record in records if is_sound(record, shape)}
                _check_untouched(parts, plain, sound)


def _check_quick(recipe: Recipe, plain: bytes) -> None:
    """What reads many lines at once reads them as the path does that takes them one by one."""
    quick, slow = (Adapter(recipe, fast=fast).read(plain) for fast in (True, False))
    for one, other in zip(quick.records.to_pylist(), slow.records.to_pylist(), strict=True):
        assert repr(one) == repr(other)
    assert quick.rejects.equals(slow.rejects)


def _check_untouched(parts: list[Parsed], plain: bytes, sound: set[bytes]) -> None:
    """Whatever happened to the lines around it: a line that was sound and still is, is loaded."""
    loaded = {number for part in parts for number in part.records["record_no"].to_pylist()}
    still = [n for n, line in enumerate(plain.split(b"\n"), 1) if line in sound]
    assert not [number for number in still if number not in loaded]
