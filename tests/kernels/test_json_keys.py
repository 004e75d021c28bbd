"""The cheap look for repeated keys against a decoder that sees every pair."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.kernels.json_keys import may_repeat_keys


def looked(text: str) -> bool:
    return bool(may_repeat_keys(np.frombuffer(text.encode(), np.uint8)))


def reference(text: str) -> bool:
    """Whether any object has a key twice."""
    found = False

    def pairs(items: list[tuple[str, Any]]) -> None:
        nonlocal found
        found |= len({key for key, _ in items}) < len(items)

    json.loads(text, object_pairs_hook=pairs)
    return found


KEYS = st.sampled_from(["a", "b", "ab", "", "prompt", "prompt "])
TEXTS = st.sampled_from(["a", '"a":1', 'x"', "\\", '\\":', "{", "}", ":", "é"])


def written(items: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{json.dumps(key)} : {value}" for key, value in items) + "}"


DOCUMENTS = st.recursive(
    st.one_of(st.integers().map(str), TEXTS.map(json.dumps)),
    lambda inner: st.one_of(
        st.lists(st.tuples(KEYS, inner), max_size=4).map(written),
        st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]"),
    ),
    max_leaves=12,
)


@given(DOCUMENTS)
@example('{"a":{"b":1},"b":{"a":1}}')
@example('[{"a":1},{"a":1}]')
@example('{"a":{"b":1,"c":{}},"d":1,"a":2}')
@example('{"a":[{"b":1}],"b":2}')
def test_it_sees_what_the_decoder_sees(text: str) -> None:
    assert looked(text) == reference(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"\\u0061":2}',
        "{" + ",".join(f'"{i}":0' for i in range(80)) + "}",
        '{"a":' * 70 + "1" + "}" * 70,
    ],
)
def test_what_it_cannot_tell_is_a_may(text: str) -> None:
    assert looked(text)


@pytest.mark.parametrize("text", ["", '"', '"a', '{"a', '"a":', '{"a"', "}{", "}", '{"a":"\\'])
def test_what_is_no_json_ends(text: str) -> None:
    assert not looked(text)
