"""Values that no log should hold, and what must hold when one does."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.known import KNOWN, Converter, format_named

_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(
        [
            *(
                "",
                "null",
                "{",
                "[{}]",
                '{"body": 1}',
                "data: {}",
                "2026-05-01",
                "Bearer ",
                "?",
                ",",
            ),
            *("\x00", "\u202e", "\ud800", '[{"role": 1, "content": 2}]', '{"choices": [[]]}'),
        ]
    ),
)
_NAMES = st.sampled_from(
    [
        *("role", "content", "messages", "choices", "message", "usage", "parts", "type", "text"),
        *("model", "input", "output", "total", "unit", "stop_reason", "system", "thinking"),
        *("candidates", "object", "prompt", "body", "headers", "error", "tools", "input_tokens"),
        *("prompt_tokens", "cache_read_input_tokens", "logprobs", "reasoning_effort", "_user"),
    ]
)
#: Any JSON, biased towards the names that the formats look for.
ANYTHING = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


def reads_anything(name: str, record: dict[str, Any]) -> None:
    """Every format looks at the record; its own reads it: one fate, no exception."""
    for known in KNOWN:
        known.matches(record)
        if known.matches(record):
            assert known.signature(record)
        Converter(known, ReadOptions()).convert(record)
    line = json.dumps(record).encode()
    parsed = Adapter(Recipe("lines", format_named(name).name)).read(line)
    assert parsed.records.num_rows + parsed.rejects.num_rows == 1
