"""Both verifiers on everything that may be done to a bundle: all of it caught, and named alike."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.bundle.forgeries import SIGNER
from tests.bundle.mutation import Mutation, Outcome
from tests.bundle.mutations import byte_flips, mutations, small_bundle
from tests.bundle.verifiers import Answer, by_program, by_script, plain, shells
from tests.faults.trouble import FULL, cases
from workbench.bundle.verification import Trouble

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

_SIGNATURE = "signatures/tagmanifest-sha256.txt.sig"
#: All bytes take more than an hour: a part each, so that a run cut off need not begin again.
_PARTS = 20 if FULL else 1


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_bundle(tmp_path_factory.mktemp("small") / "bundle")


def judged(
    mutation: Mutation,
    folder: Path,
    *,
    script: bool,
    trusts: tuple[str | None, ...] = (None, SIGNER.fingerprint),
) -> None:
    """Ask both, with and without a trusted key, and compare with what must be said."""
    for trust in trusts:
        said = by_program(folder, trust)
        if script:
            assert by_script(folder, trust) == said, (mutation.name, trust)
        if mutation.outcome is Outcome.NEWER:
            assert said == Answer(2), mutation.name
        elif mutation.outcome is Outcome.STRANGER:
            refused = Answer(1, Trouble.SIGNER.value, _SIGNATURE)
            assert said == (refused if trust else Answer(0)), mutation.name
        else:
            assert said.status == 1, (mutation.name, said)
            items = {plain(item) for item in mutation.items}
            assert not items or said.item in items, (mutation.name, said)


def broken(small: Path, mutation: Mutation, room: Path) -> Path:
    """A copy of the bundle to which it was done."""
    copy = room / "copy"
    shutil.copytree(small, copy)
    mutation.apply(copy)
    return copy


def cleared(room: Path) -> None:
    for path in room.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def test_whatever_is_done_to_a_bundle_is_named_by_both(
    small: Path, tmp_path: Path, rng: random.Random
) -> None:
    every = mutations(small)
    assert len({one.name for one in every}) == len(every) > 300
    asked = set(rng.sample(range(len(every)), len(cases(len(every), least=40))))
    for number, mutation in enumerate(every):
        folder = broken(small, mutation, tmp_path)
        judged(mutation, folder, script=number in asked)
        cleared(tmp_path)


def some_flips(small: Path, rng: random.Random, part: int) -> Iterator[tuple[Mutation, bool]]:
    """Every byte of a part when all is tried; else a fiftieth, a few for the script as well."""
    every = list(byte_flips(small, rng))
    if FULL:
        yield from ((one, True) for one in every[part::_PARTS])
    else:
        chosen = rng.sample(every, len(every) // 50)
        yield from ((one, number < 20) for number, one in enumerate(chosen))


@pytest.mark.parametrize("part", range(_PARTS))
def test_each_byte_matters_to_both(
    small: Path, tmp_path: Path, rng: random.Random, part: int
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(small, copy)
    for mutation, script in some_flips(small, rng, part):
        mutation.apply(copy)
        judged(mutation, copy, script=script, trusts=(None,))
        # The same bit once more is as it was.
        mutation.apply(copy)
    assert by_program(copy) == by_script(copy) == Answer(0)


@pytest.mark.parametrize("where", ["behind", "in the middle of"])
@pytest.mark.parametrize("name", ["tagmanifest-sha256.txt", "manifest-sha256.txt", "bag-info.txt"])
def test_no_shell_takes_a_nul_for_nothing(
    small: Path, tmp_path: Path, name: str, where: str
) -> None:
    """``$(...)`` drops them, some shells with a warning; each line of a file is given one."""
    copy = tmp_path / "copy"
    shutil.copytree(small, copy)
    whole = (copy / name).read_bytes()
    every_line = re.sub(rb"(?m)(: |  )(.)", rb"\1\2" + b"\0", whole)
    (copy / name).write_bytes(whole + b"\0" if where == "behind" else every_line)
    said = by_program(copy)
    assert said.status == 1
    for shell_name, shell in shells(tmp_path).items():
        assert by_script(copy, shell=shell) == said, shell_name


def test_every_shell_says_the_same(small: Path, tmp_path: Path, rng: random.Random) -> None:
    every = mutations(small)
    found = shells(tmp_path)
    assert {"sh", "bash"} <= set(found)
    room = tmp_path / "room"
    room.mkdir()
    for number in cases(len(every), least=12):
        mutation = every[number] if FULL else rng.choice(every)
        folder = broken(small, mutation, room)
        said = by_program(folder)
        for name, shell in found.items():
            assert by_script(folder, shell=shell) == said, (mutation.name, name)
        cleared(room)
    for shell in found.values():
        assert by_script(small, SIGNER.fingerprint, shell) == Answer(0)
