"""Single values: how each type is read, what counts as unreadable, and hostile text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.adapter import TWICE, Adapter, Recipe
from workbench.formats.coerce import INDEX, NAMES, coerce
from workbench.formats.text import text_of, without_surrogates

NULL = object()
UNREADABLE = object()


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("account_id", "k", "k"),
        ("account_id", "", NULL),
        ("account_id", 12, "12"),
        ("account_id", True, UNREADABLE),
        ("account_id", {"id": 1}, UNREADABLE),
        ("account_id", b"k", "k"),
        ("account_id", b"\xff", UNREADABLE),
        ("prompt", "", ""),
        ("prompt", [{"type": "text", "text": "a"}, {"type": "image_url"}, "b"], "a\nb"),
        ("prompt", [{"type": "image_url"}], UNREADABLE),
        ("prompt", [], NULL),
        ("prompt", 5, "5"),
        ("in_tok", 5, 5),
        ("in_tok", 5.0, 5),
        ("in_tok", "5", 5),
        ("in_tok", " 5.0 ", 5),
        ("in_tok", "1e3", 1000),
        ("in_tok", Decimal("7"), 7),
        ("in_tok", 5.5, UNREADABLE),
        ("in_tok", "five", UNREADABLE),
        ("in_tok", "1_000", UNREADABLE),
        ("in_tok", "٣", UNREADABLE),
        ("in_tok", True, UNREADABLE),
        ("in_tok", 2**63, UNREADABLE),
        ("in_tok", "null", NULL),
        ("in_tok", float("nan"), NULL),
        ("status", 2**31, UNREADABLE),
        ("asn", "AS64500", 64500),
        ("asn", "as12", 12),
        ("asn", -1, UNREADABLE),
        ("tools", [{}, {}], 2),
        ("tools", 3, 3),
        ("temperature", "0.7", 0.7),
        ("temperature", 1, 1.0),
        ("temperature", Decimal("0.5"), 0.5),
        ("temperature", float("inf"), UNREADABLE),
        ("temperature", float("nan"), NULL),
        ("temperature", "hot", UNREADABLE),
        ("stream", True, True),
        ("stream", 0, False),
        ("stream", "TRUE", True),
        ("stream", "f", False),
        ("stream", "maybe", UNREADABLE),
        ("stream", 2, UNREADABLE),
        ("stream", "", NULL),
        ("ts", True, UNREADABLE),
        ("ts", [1], UNREADABLE),
        ("embedding", [1, 2.5], [1.0, 2.5]),
        ("embedding", "[1, 2.5]", [1.0, 2.5]),
        ("embedding", [], NULL),
        ("embedding", [1, None], UNREADABLE),
        ("embedding", [1e300], UNREADABLE),
        ("embedding", "[1,", UNREADABLE),
        ("embedding", 3, UNREADABLE),
    ],
)
def test_one_value(column: str, value: Any, expected: object) -> None:
    values, unreadable = coerce({column: value})
    if expected is UNREADABLE:
        assert unreadable == 1 << INDEX[column]
    else:
        assert unreadable == 0
    wanted = None if expected in (NULL, UNREADABLE) else expected
    assert values[INDEX[column]] == wanted
    assert all(v is None for i, v in enumerate(values) if i != INDEX[column])


_THINGS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(NAMES), _THINGS))
def test_whatever_comes_fits_its_column_or_is_marked(raw: dict[str, Any]) -> None:
    """Arrow takes every value; a value that was dropped is either marked or said nothing."""
    values, unreadable = coerce(raw)
    for index, (field, value) in enumerate(zip(CANONICAL_SCHEMA, values, strict=True)):
        if field.name in ("ts", "account_created_at"):
            continue  # read by column
        pa.array([value], field.type)
        if unreadable >> index & 1:
            assert value is None
            assert raw[field.name] is not None


def test_other_keys_are_ignored() -> None:
    assert coerce({"nonsense": 1}) == ((None,) * len(NAMES), 0)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\ud800b", "a\\ud800b"),
        ("\udfff", "\\udfff"),
        ("😀", "😀"),
        ("a\x00\x1b[31m\u202e", "a\x00\x1b[31m\u202e"),
    ],
)
def test_lone_surrogates_stay_visible_and_all_else_stays_itself(text: str, written: str) -> None:
    assert without_surrogates(text) == written
    assert coerce({"prompt": text})[0][INDEX["prompt"]] == written


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        (None, None),
        (7, None),
        ([], None),
        ({"text": "a"}, "a"),
        ({"type": "text", "text": {"value": "a"}}, "a"),
        ([{"type": "input_text", "text": "a"}, {"type": "output_text", "text": "b"}], "a\nb"),
        ([{"type": "tool_result", "content": "x"}], None),
        ([{"type": "text", "text": 4}, None], None),
    ],
)
def test_text_of_a_message(content: Any, text: str | None) -> None:
    assert text_of(content) == text


_OPENAI = (
    '{"id":"r","ts":"2026-05-01T00:00:00Z","api_key_id":"k","request":{"model":"m","messages":'
    '[{"role":"user","content":"q"}]},"response":{"choices":[],"usage":{"prompt_tokens":1%s}}}'
)


@pytest.mark.parametrize(
    ("recipe", "line", "unreadable"),
    [
        ("canonical", '{"prompt":"p","account_id":"a","account_id":"b"}', "account_id"),
        ("canonical", '{"prompt":"p","in_tok":1,"in_tok":2,"in_tok":1}', "in_tok"),
        ("canonical", '{"prompt":"p","stream":true,"stream":1}', None),
        ("canonical", '{"prompt":"p","account_id":"a","account_id":"a"}', None),
        ("canonical", '{"prompt":"p","junk":1,"junk":2}', None),
        ("openai", _OPENAI % ',"prompt_tokens":2', "in_tok"),
        ("openai", _OPENAI % ',"prompt_tokens":1', None),
    ],
)
def test_a_key_with_two_values_is_no_value(recipe: str, line: str, unreadable: str | None) -> None:
    """Else a log could be made to say which of two accounts sent it."""
    parsed = Adapter(Recipe("lines", recipe)).read(line.encode())
    assert parsed.rejects.num_rows == 0
    (row,) = parsed.records.to_pylist()
    if unreadable is None:
        assert row["coerced"] == 0
    else:
        assert row[unreadable] is None
        assert row["coerced"] == 1 << INDEX[unreadable]


def test_two_prompts_and_nothing_else_are_no_exchange() -> None:
    parsed = Adapter(Recipe("lines", "canonical")).read(b'{"prompt":"a","prompt":"b"}')
    assert parsed.records.num_rows == 0
    assert parsed.rejects["reason"].to_pylist() == [TWICE]
