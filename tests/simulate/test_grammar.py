"""Grammar: what a pattern becomes, against a row-by-row reading of the notation."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.simulate.grammar import Grammar, Pattern

SLOTS = {
    "name": ["Ada", "Bo", "Cy", "Di"],
    "thing": ["a lamp", "{int:2:4} cups", "the book of {name}"],
    "empty": [""],
}
PATTERNS = [
    "plain",
    "",
    "{name} and {name} own {thing}.",
    'json {{"a": {int:1:9}}}',
    "{empty}x{empty}",
    "{facet}!",
]


def seeds(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.uint64)


@given(st.lists(st.integers(0, len(PATTERNS) - 1), max_size=40))
def test_many_at_once_equal_one_at_a_time(index: list[int]) -> None:
    grammar = Grammar(SLOTS)
    patterns = [Pattern.parse(text) for text in PATTERNS]
    count = len(index)
    facet = pa.array([f"facet {i}" for i in range(count)], pa.string())
    got = grammar.expand_each(
        patterns, np.array(index, dtype=np.int64), seeds(count), {"facet": facet}
    )
    alone = [
        grammar.expand(patterns[which], seeds(count)[i : i + 1], {"facet": facet[i : i + 1]})[0]
        for i, which in enumerate(index)
    ]
    assert got.to_pylist() == [text.as_py() for text in alone]


def test_numbers_stay_in_their_range_and_take_every_value() -> None:
    texts = Grammar({}).expand(Pattern.parse("{int:3:7}"), seeds(500)).to_pylist()
    assert set(texts) == {"3", "4", "5", "6", "7"}


def test_two_slots_of_one_name_are_filled_apart() -> None:
    texts = Grammar(SLOTS).expand(Pattern.parse("{name} {name}"), seeds(300)).to_pylist()
    pairs = {tuple(text.split()) for text in texts}
    assert len(pairs) == 16


def test_prompt_and_answer_agree_on_a_slot() -> None:
    grammar = Grammar(SLOTS)
    asked = grammar.expand(Pattern.parse("ask {name}"), seeds(50)).to_pylist()
    told = grammar.expand(Pattern.parse("dear {name}"), seeds(50)).to_pylist()
    assert [a.split()[1] for a in asked] == [t.split()[1] for t in told]


def test_fillers_are_filled_and_braces_unescaped() -> None:
    texts = Grammar(SLOTS).expand(Pattern.parse("{{ {thing} }}"), seeds(200)).to_pylist()
    assert all(re.fullmatch(r"\{ (a lamp|[2-4] cups|the book of \w+) \}", t) for t in texts)
    assert len(set(texts)) == 8


@pytest.mark.parametrize("text", ["{", "a } b", "{}", "{name"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"brace|name|expected|Single"):
        Pattern.parse(text)


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError):
        Grammar({}).expand(Pattern.parse("{nobody}"), seeds(1))
