"""Members and elements by their brackets against a decoder that knows the whole text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.kernels.json_children import children


def found(text: str, opening: int = 0) -> list[tuple[str, int]]:
    """Each child as it is written, and whether it follows a colon."""
    data = text.encode()
    spans, _ = children(np.frombuffer(data, np.uint8), opening)
    return [(data[start:end].decode(), follows) for start, end, follows in spans.tolist()]


TEXTS = st.sampled_from(["", "a", '"', '\\"', "\\", "{", "]}", "[,", ":", "é\u2028", " x "])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1]))
@example([[], {}, [[]], ""], None)
@example(list(range(200)), None)
@example({str(n): [n] for n in range(100)}, 2)
def test_what_is_inside_decodes_to_what_is_inside(value: Any, indent: int | None) -> None:
    if not isinstance(value, dict | list):
        value = [value]
    inside = found(json.dumps(value, indent=indent, ensure_ascii=False))
    if isinstance(value, list):
        assert [json.loads(text) for text, _ in inside] == value
        assert not any(follows for _, follows in inside)
    else:
        assert [follows for _, follows in inside] == [0, 1] * len(value)
        decoded = [json.loads(text) for text, _ in inside]
        assert dict(zip(decoded[::2], decoded[1::2], strict=True)) == value


@given(VALUES.filter(bool), st.integers(0, 400))
def test_a_text_that_is_cut_has_the_same_beginning(value: Any, cut: int) -> None:
    whole = json.dumps([value, value, value])
    text = whole[: max(1, cut)]
    data = np.frombuffer(text.encode(), np.uint8)
    all_of_it = children(np.frombuffer(whole.encode(), np.uint8), 0)[0].tolist()
    for index, (first, end, follows) in enumerate(children(data, 0)[0].tolist()):
        assert first == all_of_it[index][0]
        assert follows == 0
        assert end == all_of_it[index][1] or (end <= len(data) and end < all_of_it[index][1])


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("[", []),
        ("[]", []),
        ("[,,]", []),
        ("[ 1 ,, nul ]", [("1", 0), ("nul", 0)]),
        ('{"a":,"b":1}', [('"a"', 0), ('"b"', 0), ("1", 1)]),
        ('{"a":"unclosed', [('"a"', 0), ('"unclosed', 1)]),
        ('["a\\', [('"a\\', 0)]),
        ('[{"a":1} x, 2', [('{"a":1} x', 0), ("2", 0)]),
        ("[1}, 2]", [("1", 0)]),
        ("[1] [2]", [("1", 0)]),
        ("[[1, [2]", [("[1, [2]", 0)]),
    ],
)
def test_what_is_no_json_ends(text: str, inside: list[tuple[str, int]]) -> None:
    assert found(text) == inside


def test_it_begins_where_it_is_told() -> None:
    assert found('{"x":[1,2],"y":3}', 5) == [("1", 0), ("2", 0)]


@pytest.mark.parametrize(
    ("text", "end"), [("[]x", 2), ('{"a":[1]} {', 9), ("[1,2", 4), ('["]', 3), ("[", 1), ("[[]", 3)]
)
def test_it_tells_where_the_bracket_is_closed(text: str, end: int) -> None:
    assert children(np.frombuffer(text.encode(), np.uint8), 0)[1] == end
