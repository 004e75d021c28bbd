"""Suggestions for an unknown shape, by the names of its fields."""

import pytest

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.suggest import _NAMES, suggested


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("Question asked", "prompt"), ("Key ID", "account_id"), ("keyID", "account_id"),
        ("API_KEY", "account_id"), ("clientIP", "ip"), ("meta.request_time", "ts"),
        ('["Time.stamp"]', "ts"), ("answerText", "completion"), ("events[-1].when", "ts"),
    ],
)  # fmt: skip
def test_a_name_says_its_column(field: str, column: str) -> None:
    assert suggested([field]) == {column: field}


@pytest.mark.parametrize("field", ["keyboard", "questionnaire_id", "updated", "text", "质问", "n1"])
def test_what_only_resembles_a_name_is_left_alone(field: str) -> None:
    assert suggested([field]) == {}


def test_the_likeliest_name_wins_and_no_field_serves_twice() -> None:
    fields = ["time", "timestamp", "key", "account", "a.prompt", "b.prompt"]
    assert suggested(fields) == {"ts": "timestamp", "account_id": "account", "prompt": "a.prompt"}
    names = [name for names in _NAMES.values() for name in names]
    assert len(names) == len(set(names))
    assert _NAMES.keys() <= set(CANONICAL_SCHEMA.names)
