"""The pyramid's measures fit the points, and reading them compiles nothing."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from workbench.kernels.pyramid import CHOSEN, DEEPEST, KINDS, MARGIN, TILE, Inks, kinds_of_points


def test_the_deepest_level_still_tells_neighbouring_points_apart() -> None:
    """A pixel of the deepest level is at least one step of an f32 at the far edge of the square."""
    pixel = 1.0 / (TILE << DEEPEST)
    assert np.spacing(np.float32(1.0)) <= pixel
    assert np.spacing(np.float32(1.0)) > pixel / 4.0


def test_tiles_nest_and_dots_reach_in_from_one_neighbour_only() -> None:
    assert TILE & (TILE - 1) == 0
    assert 0 < MARGIN < TILE
    assert CHOSEN == KINDS - 1


def test_kinds_follow_the_account() -> None:
    account = np.array([0, 2, -1, 1], np.int32)
    kinds = kinds_of_points(account, np.array([3, 4, 5], np.uint8))
    assert kinds.tolist() == [3, 5, 0, 4]
    assert kinds.dtype == np.uint8
    assert kinds_of_points(account[2:3], np.zeros(0, np.uint8)).tolist() == [0]


def test_inks_do_not_change() -> None:
    strength = np.ones(KINDS, np.float32)
    inks = Inks(np.zeros((256, 3), np.uint8), np.zeros((KINDS, 3), np.float32), strength)
    with pytest.raises(dataclasses.FrozenInstanceError):
        inks.strength = strength  # type: ignore[misc]


def test_the_window_reads_it_without_compiling_anything() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, workbench.kernels.pyramid; print('numba' in sys.modules)",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.split() == ["False"]
