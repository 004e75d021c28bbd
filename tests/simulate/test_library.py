"""The shipped grammars: every pattern can be written, in every language, and much of it."""

from __future__ import annotations

import numpy as np

from workbench.simulate.chance import generator
from workbench.simulate.library import (
    BENIGN,
    CAMPAIGN,
    CAPABILITIES,
    LANGUAGES,
    GrammarLibrary,
    Themes,
)


def every_template(themes: Themes) -> tuple[np.ndarray, np.ndarray]:
    """Each (theme, template) once."""
    theme = np.repeat(np.arange(len(themes), dtype=np.int32), themes.templates)
    template = np.concatenate([np.arange(n) for n in themes.templates.tolist()])
    return theme, template


def test_every_wording_of_every_theme_can_be_written(library: GrammarLibrary) -> None:
    theme, template = every_template(library.themes)
    for repeat in range(2):
        seed = np.arange(len(theme), dtype=np.uint64) + np.uint64(repeat << 32)
        for texts in (
            library.prompts(theme, template, seed),
            library.answers(theme, template, seed),
            library.follow_ups(theme, seed),
            library.refusals(theme, seed),
        ):
            assert texts.null_count == 0
            for text in texts.to_pylist():
                assert text.strip()
                assert "{int" not in text
                assert "{facet" not in text


def test_every_language_asks_for_the_main_capabilities(library: GrammarLibrary) -> None:
    themes = library.themes
    for number in range(len(LANGUAGES)):
        held = {CAPABILITIES[c] for c in themes.capability[themes.language == number].tolist()}
        assert held >= {"code", "maths", "explain", "write", "chat", "translate", "support"}


def test_many_thousand_distinct_prompts(library: GrammarLibrary) -> None:
    rng = generator(0, "test")
    theme = rng.integers(0, len(library.themes), 40_000).astype(np.int32)
    template = (rng.random(40_000) * library.themes.templates[theme]).astype(np.int64)
    texts = library.prompts(theme, template, rng.integers(0, 1 << 62, 40_000).astype(np.uint64))
    assert len(set(texts.to_pylist())) > 25_000


def test_equal_triples_give_equal_text(library: GrammarLibrary) -> None:
    theme = np.array([5, 90, 5], dtype=np.int32)
    template = np.array([1, 0, 1])
    seed = np.array([7, 8, 7], dtype=np.uint64)
    first, _, third = library.prompts(theme, template, seed).to_pylist()
    assert first == third
    assert library.prompts(theme[:1], template[:1], seed[:1])[0].as_py() == first


def test_no_theme_belongs_to_one_side(library: GrammarLibrary) -> None:
    assert np.all(library.themes.sides & BENIGN)
    assert np.all(library.themes.sides & CAMPAIGN)


def test_a_missing_combination_falls_back(library: GrammarLibrary) -> None:
    themes = library.themes
    arabic, label = LANGUAGES.index("ar"), CAPABILITIES.index("label")
    assert not ((themes.language == arabic) & (themes.capability == label)).any()
    weights = themes.weights(arabic, label, BENIGN)
    assert set(themes.capability[weights > 0].tolist()) == {label}
