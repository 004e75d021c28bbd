"""The fast way to canonical JSON writes what RFC 8785 says, or leaves it to the library."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workbench.case.canonical import canonical

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=30,
)


@given(_VALUES)
def test_it_is_what_the_library_writes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.lists(st.text(st.characters(max_codepoint=0x9F)), min_size=1))
def test_control_characters_and_quotes_are_escaped_alike(value: list[str]) -> None:
    assert canonical({"a": value}) == rfc8785.dumps({"a": value})


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), float("nan"), float("inf"), {1: 2}, "\ud800", ["\udc80"], b""],
)
def test_what_json_cannot_carry_is_an_error(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"a": [value]})


def test_keys_beyond_ascii_are_in_the_order_of_utf_16() -> None:
    value = {"\U0001f600": 1, "\ufb33": 2, "a": 3, "\u20ac": 4}
    assert canonical(value) == rfc8785.dumps(value)
    assert list(value) != sorted(value)


def test_what_is_nested_deep_is_left_to_the_library() -> None:
    value: Any = "x"
    for _ in range(300):
        value = [value]
    assert canonical(value) == rfc8785.dumps(value)
