"""The library of what can be asked: themes, and the texts that stand behind them.

A theme is one topic of one capability in one language. Who asks what, and when, is decided
elsewhere; here a (theme, template, seed) triple becomes a prompt, its answer, a follow-up.
Equal triples give equal text: that is how repeats and shared prompts come about.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pyarrow as pa

from workbench.domain.resources import resource_path
from workbench.simulate.chance import below, pick, salt, zipf_weights
from workbench.simulate.grammar import Grammar, Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: What a model is asked to do, in the order of their codes.
CAPABILITIES: Final = (
    "code",
    "maths",
    "explain",
    "write",
    "roleplay",
    "chat",
    "translate",
    "summarise",
    "extract",
    "label",
    "plan",
    "support",
)
#: Languages with a grammar, in the order of their codes.
LANGUAGES: Final = ("en", "zh", "es", "de", "fr", "pt", "ja", "ru", "ar")

#: Bits of ``Themes.sides``.
BENIGN: Final = 1
CAMPAIGN: Final = 2
LOOKALIKE: Final = 4
ANY: Final = BENIGN | CAMPAIGN | LOOKALIKE


@dataclass(frozen=True, slots=True)
class Themes:
    """Every theme of a library; arrays of length T.

    Attributes:
        language: Index into ``LANGUAGES``; -1 where it is not known.
        capability: Index into ``CAPABILITIES``.
        sides: Who may ask it: bits BENIGN, CAMPAIGN, LOOKALIKE.
        popularity: How often people come to it, relative within its capability.
        templates: How many wordings it has.
        family: Themes of one source belong together; -1 where that means nothing.
    """

    language: NDArray[np.int16]
    capability: NDArray[np.int16]
    sides: NDArray[np.uint8]
    popularity: NDArray[np.float64]
    templates: NDArray[np.int64]
    family: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.language)

    def weights(self, language: int, capability: int, side: int) -> NDArray[np.float64]:
        """Popularity where the theme fits, 0 elsewhere; shape (T,).

        A library that lacks the combination falls back: any language of that capability, then
        anything that side may ask.
        """
        allowed = (self.sides & side) != 0
        fits = allowed & (self.capability == capability)
        for mask in (fits & (self.language == language), fits, allowed):
            if mask.any():
                return np.where(mask, self.popularity, 0.0)
        raise ValueError("the library has nothing for this side")

    def draw(
        self,
        rng: np.random.Generator,
        language: NDArray[np.int16],
        capability: NDArray[np.int16],
        side: int,
    ) -> NDArray[np.int32]:
        """One theme for each (language, capability); shape of ``language``, same as capability."""
        drawn = np.empty(language.shape, dtype=np.int32)
        for lang in np.unique(language):
            for cap in np.unique(capability):
                mask = (language == lang) & (capability == cap)
                count = int(mask.sum())
                if count:
                    drawn[mask] = pick(rng, self.weights(int(lang), int(cap), side), count)
        return drawn

    def akin(self, rng: np.random.Generator, theme: NDArray[np.int32]) -> NDArray[np.int32]:
        """Another theme of each theme's family; the theme itself where it has none."""
        out = theme.copy()
        for family in np.unique(self.family[theme]):
            if family >= 0:
                rows = np.flatnonzero(self.family[theme] == family)
                out[rows] = rng.choice(np.flatnonzero(self.family == family), len(rows))
        return out

    def narrowed(
        self, rng: np.random.Generator, weights: NDArray[np.float64], families: int
    ) -> NDArray[np.float64]:
        """``weights`` on a few of the families they hold; unchanged where families mean nothing."""
        held = np.unique(self.family[(weights > 0) & (self.family >= 0)])
        if len(held) <= families:
            return weights
        return np.where(np.isin(self.family, rng.choice(held, families, replace=False)), weights, 0)


class Library(Protocol):
    """Where prompts come from."""

    @property
    def themes(self) -> Themes:
        """What can be asked."""
        ...

    @property
    def systems(self) -> pa.StringArray:
        """System prompts that anybody may use."""
        ...

    def prompts(
        self, theme: NDArray[np.int32], template: NDArray[np.int64], seed: NDArray[np.uint64]
    ) -> pa.StringArray:
        """The prompt of each triple; arrays of length n."""
        ...

    def answers(
        self, theme: NDArray[np.int32], template: NDArray[np.int64], seed: NDArray[np.uint64]
    ) -> pa.StringArray:
        """A plausible, short completion of each triple."""
        ...

    def follow_ups(self, theme: NDArray[np.int32], seed: NDArray[np.uint64]) -> pa.StringArray:
        """A later turn of a conversation on each theme."""
        ...

    def refusals(self, theme: NDArray[np.int32], seed: NDArray[np.uint64]) -> pa.StringArray:
        """A refusal in the theme's language."""
        ...


@dataclass(frozen=True, slots=True)
class _Language:
    """One language's grammar and its patterns by capability."""

    grammar: Grammar
    follow_ups: list[Pattern]
    refusals: list[Pattern]
    templates: dict[int, list[Pattern]]
    answers: dict[int, list[Pattern]]


class GrammarLibrary:
    """Prompts written by the grammars under ``resources/simulate``.

    Raises:
        FileNotFoundError: A grammar is not part of this installation.
    """

    def __init__(self) -> None:
        self._languages: list[_Language] = []
        self._facets: list[list[Pattern]] = []
        rows: list[tuple[int, int, float, int]] = []
        systems: list[str] = []
        for number, code in enumerate(LANGUAGES):
            data = tomllib.loads(resource_path(f"simulate/{code}.toml").read_text("utf-8"))
            language = _Language(
                Grammar(data["slots"]),
                [Pattern.parse(t) for t in data["follow_ups"]["all"]],
                [Pattern.parse(t) for t in data["refusals"]["all"]],
                {},
                {},
            )
            systems += data["systems"]["all"]
            for capability, name in enumerate(CAPABILITIES):
                if name not in data:
                    continue
                part = data[name]
                language.templates[capability] = [Pattern.parse(t) for t in part["templates"]]
                language.answers[capability] = [Pattern.parse(t) for t in part["answers"]]
                topics = part["topics"]
                shares = zipf_weights(len(topics), 0.7)
                for share, facets in zip(shares.tolist(), topics.values(), strict=True):
                    self._facets.append([Pattern.parse(t) for t in facets])
                    rows.append((number, capability, share, len(part["templates"])))
            self._languages.append(language)
        columns = list(zip(*rows, strict=True))
        self._themes = Themes(
            language=np.array(columns[0], dtype=np.int16),
            capability=np.array(columns[1], dtype=np.int16),
            sides=np.full(len(rows), ANY, dtype=np.uint8),
            popularity=np.array(columns[2], dtype=np.float64),
            templates=np.array(columns[3], dtype=np.int64),
            family=np.full(len(rows), -1, dtype=np.int16),
        )
        self._systems = pa.array(systems)

    @property
    def themes(self) -> Themes:
        """One theme for each topic of each capability of each language."""
        return self._themes

    @property
    def systems(self) -> pa.StringArray:
        """System prompts of all languages."""
        return self._systems

    def prompts(
        self, theme: NDArray[np.int32], template: NDArray[np.int64], seed: NDArray[np.uint64]
    ) -> pa.StringArray:
        """See ``Library.prompts``."""
        return self._by_group(
            theme, seed, lambda lang, cap, rows: (lang.templates[cap], template[rows])
        )

    def answers(
        self, theme: NDArray[np.int32], template: NDArray[np.int64], seed: NDArray[np.uint64]
    ) -> pa.StringArray:
        """See ``Library.answers``; which answer depends on template and seed."""
        stream = seed ^ template.astype(np.uint64)
        return self._by_group(
            theme,
            seed,
            lambda lang, cap, rows: (
                lang.answers[cap],
                below(stream[rows], salt("answer"), len(lang.answers[cap])),
            ),
        )

    def follow_ups(self, theme: NDArray[np.int32], seed: NDArray[np.uint64]) -> pa.StringArray:
        """See ``Library.follow_ups``."""
        return self._by_group(
            theme,
            seed,
            lambda lang, _, rows: (
                lang.follow_ups,
                below(seed[rows], salt("follow-up"), len(lang.follow_ups)),
            ),
        )

    def refusals(self, theme: NDArray[np.int32], seed: NDArray[np.uint64]) -> pa.StringArray:
        """See ``Library.refusals``."""
        return self._by_group(
            theme,
            seed,
            lambda lang, _, rows: (
                lang.refusals,
                below(seed[rows], salt("refusal"), len(lang.refusals)),
            ),
        )

    def _by_group(
        self,
        theme: NDArray[np.int32],
        seed: NDArray[np.uint64],
        choose: Callable[
            [_Language, int, NDArray[np.int64]], tuple[list[Pattern], NDArray[np.int64]]
        ],
    ) -> pa.StringArray:
        """Expand rows language by language and capability by capability, in the rows' order."""
        themes = self._themes
        group = themes.language[theme].astype(np.int64) * len(CAPABILITIES)
        group += themes.capability[theme]
        order = np.argsort(group, kind="stable")
        used, starts = np.unique(group[order], return_index=True)
        bounds = [*starts.tolist(), len(theme)]
        chunks: list[pa.StringArray] = []
        for key, low, high in zip(used.tolist(), bounds, bounds[1:], strict=False):
            rows = order[low:high]
            language = self._languages[key // len(CAPABILITIES)]
            patterns, index = choose(language, key % len(CAPABILITIES), rows)
            facet = self._facet(language, theme[rows], seed[rows])
            chunks.append(
                language.grammar.expand_each(patterns, index, seed[rows], {"facet": facet})
            )
        if not chunks:
            return pa.array([], pa.string())
        back = np.empty(len(theme), dtype=np.int64)
        back[order] = np.arange(len(theme))
        return pa.concat_arrays(chunks).take(pa.array(back))

    def _facet(
        self, language: _Language, theme: NDArray[np.int32], seed: NDArray[np.uint64]
    ) -> pa.StringArray:
        used, inverse = np.unique(theme, return_inverse=True)
        sizes = np.array([len(self._facets[t]) for t in used.tolist()], dtype=np.int64)
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        patterns = [p for t in used.tolist() for p in self._facets[t]]
        within = below(seed, salt("facet"), 1 << 31) % sizes[inverse]
        return language.grammar.expand_each(patterns, first[inverse] + within, seed, path="facet")
