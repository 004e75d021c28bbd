"""Databases and computed files of a case, deleted or flipped at random places, and then repaired.

What was given is made again from the journal and the log, what was computed is computed again:
row by row and digest by digest what it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.command_line import workbench
from tests.faults.trouble import Analysed, cases, decided, digests, laid_out
from tests.services.cut_short import logical

if TYPE_CHECKING:
    import random
    from pathlib import Path


def break_(path: Path, rng: random.Random) -> str:
    """Delete a file, or flip bits, overwrite a stretch or cut it at a random place."""
    data = bytearray(path.read_bytes())
    how = rng.choice(["deleted", "a bit", "a bit", "bits", "a stretch", "a header", "cut"])
    place = rng.randrange(len(data))
    if how == "deleted":
        path.unlink()
        return how
    if how == "cut":
        del data[place:]
    elif how == "a stretch":
        length = min(rng.choice([512, 4096, 70_000]), len(data) - place)
        data[place : place + length] = rng.randbytes(length)
    else:
        places = [place]
        if how == "bits":
            places = [rng.randrange(len(data)) for _ in range(8)]
        elif how == "a header":
            places = [rng.randrange(min(len(data), 3 * 4096))]
        for one in places:
            data[one] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    return f"{how} at {place:,}"


def test_what_was_given_is_made_again(
    analysed: Analysed, rng: random.Random, tmp_path: Path
) -> None:
    case = tmp_path / "a.case"
    tables = logical(analysed.case)
    n_repaired = 0
    for number in cases(100, least=10):
        laid_out(analysed.case, case)
        before = decided(case)
        did = break_(case / "given.duckdb", rng)
        if number % 4 == 0:  # whoever looks before the repair is told, in one line
            assert workbench("info", case) in {0, 2}, (number, did)
        assert workbench("repair", case, "--logs", analysed.log.parent) == 0, (number, did)
        assert logical(case) == tables, (number, did)
        assert digests(case) == analysed.digests, (number, did)
        n_repaired += (case / "damaged").exists()
        assert decided(case)[: len(before)] == before
    assert n_repaired > 4


def test_what_was_computed_is_computed_again(
    analysed: Analysed, rng: random.Random, tmp_path: Path
) -> None:
    case = tmp_path / "a.case"
    tables = logical(analysed.case)
    whole = "computed.duckdb"  # then every stage is computed again, which takes longest
    found = sorted(path.name for path in (analysed.case / "computed").iterdir() if path.is_file())
    files = [name for name in found if name != whole]
    n_repaired = 0
    for number in cases(100, least=10):
        laid_out(analysed.case, case)
        name = whole if number % 20 == 0 else rng.choice(files)
        did = break_(case / "computed" / name, rng)
        assert workbench("repair", case) == 0, (number, name, did)
        assert digests(case) == analysed.digests, (number, name, did)
        n_repaired += (case / "damaged").exists()
    assert logical(case) == tables
    assert n_repaired > 4
