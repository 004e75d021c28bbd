"""Of two shapes that a record has at once, one is its own: no two formats claim one record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from tests.formats.reading import claimed, spoilt, survives
from tests.formats.test_anthropic_batch import CAME, SENT
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged
from tests.formats.test_openai_responses import REQUEST, RESPONSE

BEDROCK = logged(CONVERSE, CONVERSE_ANSWER)
#: Records of two shapes, and the more telling one.
MIXED: list[tuple[dict[str, Any], str]] = [
    (BEDROCK | AZURE | SENT | LITELLM, "litellm"),
    (AZURE | SENT | BEDROCK, "bedrock"),
    (AZURE | SENT | CAME, "azure-openai"),
    (SENT | CAME | OPENAI_REQUEST | OPENAI_RESPONSE, "anthropic-batch"),
    (RESPONSE | ANTHROPIC_RESPONSE, "anthropic"),
    (RESPONSE | OPENAI_REQUEST | {"object": "response"}, "openai-responses"),
    ({"input": OPENAI_REQUEST["messages"], "output": RESPONSE}, "openai-responses"),
    (AROUND | {"request": REQUEST, "response": OPENAI_RESPONSE}, "openai"),
    (AROUND | {"request": OPENAI_REQUEST, "response": RESPONSE}, "openai-responses"),
    (AROUND | {"request": ANTHROPIC_REQUEST, "response": RESPONSE}, "openai-responses"),
]


@pytest.mark.parametrize(("record", "name"), MIXED)
def test_the_more_telling_shape_has_it(record: dict[str, Any], name: str) -> None:
    assert claimed(record) == [name]


def test_a_gateway_that_only_names_its_fields_like_bedrock() -> None:
    around = {key: BEDROCK[key] for key in ("accountId", "requestId", "modelId", "operation")}
    record = around | {"input": OPENAI_REQUEST, "output": OPENAI_RESPONSE}
    assert claimed(record) == ["openai"]


@given(spoilt(*(record for record, _ in MIXED)))
def test_spoilt_mixtures_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
