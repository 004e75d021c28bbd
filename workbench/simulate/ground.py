"""The ground that casting stands on: seed, world, library and the theme mixes made so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.simulate.chance import generator, pick
from workbench.simulate.library import BENIGN, CAPABILITIES, LANGUAGES
from workbench.simulate.networks import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.simulate.library import Library

#: Chance that a theme of somebody's own comes from the same source as the first one.
_FAITHFUL: Final = 0.7


class Ground:
    """What every casting function needs.

    Args:
        seed: Root of every random number.
        library: Where prompts come from.
        accounts: How many accounts there will be.
        days: Length of the observed span.
    """

    def __init__(self, seed: int, library: Library, accounts: int, days: int) -> None:
        self.seed = seed
        self.library = library
        self.days = days
        self.world = World(generator(seed, "world"), accounts)
        self._mixes: list[NDArray[np.float64]] = []

    def rng(self, stage: str) -> np.random.Generator:
        """The generator of one stage."""
        return generator(self.seed, stage)

    def add_mix(self, weights: NDArray[np.float64]) -> int:
        """Keep a distribution over themes; returns its row."""
        self._mixes.append(weights / weights.sum())
        return len(self._mixes) - 1

    def narrow(
        self, rng: np.random.Generator, weights: NDArray[np.float64], families: int
    ) -> NDArray[np.float64]:
        """A distribution on a few families, where the library has families."""
        return self.library.themes.narrowed(rng, weights, families)

    @property
    def mixes(self) -> NDArray[np.float64]:
        """Every distribution, shape (M, T)."""
        return np.stack(self._mixes)

    def mix_of(
        self, capabilities: Mapping[str, float], language: int, side: int, *, even: bool = False
    ) -> NDArray[np.float64]:
        """A distribution over themes, shape (T,), summing to 1.

        Args:
            capabilities: Share of each.
            language: Index into ``LANGUAGES``.
            side: Who asks.
            even: Every topic alike, instead of by popularity.
        """
        total = np.zeros(len(self.library.themes))
        for name, share in capabilities.items():
            weights = self.library.themes.weights(language, CAPABILITIES.index(name), side)
            if even:
                weights = (weights > 0).astype(np.float64)
            total += share * weights / weights.sum()
        return np.asarray(total / total.sum())

    def draw_themes(
        self,
        rng: np.random.Generator,
        capabilities: NDArray[np.float64],
        language: NDArray[np.int16],
        count: int,
        side: int = BENIGN,
    ) -> NDArray[np.int32]:
        """Themes of somebody's own, shape (n, count).

        Args:
            rng: Where chance comes from.
            capabilities: Shape (n, C) or (C,), weights over ``CAPABILITIES``.
            language: Shape (n,).
            count: Themes for each.
            side: Who asks.
        """
        rows = len(language)
        weights = np.broadcast_to(capabilities, (rows, len(CAPABILITIES)))
        cumulative = np.cumsum(weights, axis=1)
        drawn = rng.random((rows, count)) * cumulative[:, -1:]
        capability = (drawn[:, :, None] >= cumulative[:, None, :]).sum(axis=2)
        wide = np.broadcast_to(language[:, None], (rows, count))
        themes = self.library.themes
        own = themes.draw(rng, wide, capability.astype(np.int16), side)
        # Whoever asks from one source mostly asks from it again.
        first = np.repeat(own[:, :1], count, axis=1)
        faithful = (rng.random(own.shape) < _FAITHFUL) & (themes.family[own] >= 0)
        faithful[:, 0] = False
        own[faithful] = themes.akin(rng, first[faithful])
        return own

    def regions(self, rng: np.random.Generator, count: int) -> NDArray[np.int16]:
        """Where ``count`` accounts are, by the regions' shares."""
        shares = np.array([r.share for r in self.world.regions])
        return pick(rng, shares, count).astype(np.int16)

    def languages(self, rng: np.random.Generator, region: NDArray[np.int16]) -> NDArray[np.int16]:
        """What each account writes, by its region's shares; shape of ``region``."""
        out = np.zeros(len(region), dtype=np.int16)
        for number in np.unique(region):
            shares = self.world.regions[int(number)].languages
            known = {LANGUAGES.index(c): s for c, s in shares.items() if c in LANGUAGES} or {0: 1.0}
            here = np.flatnonzero(region == number)
            codes = np.array(list(known), dtype=np.int16)
            out[here] = codes[pick(rng, np.array(list(known.values())), len(here))]
        return out
