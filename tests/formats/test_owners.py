"""Of the shapes that a record has at once one is its own: no two formats claim one record."""

from __future__ import annotations

from itertools import permutations
from typing import Any, Literal

import pytest
from hypothesis import given

from tests.formats.gateway_records import HELICONE, LANGFUSE, NGINX, PORTKEY, warehouse_row
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from tests.formats.reading import as_lines, claimed, spoilt, survives
from tests.formats.span_records import CURRENT, INFERENCE
from tests.formats.test_anthropic_batch import CAME, SENT
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_azure_openai import ROW as AZURE_ROW
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged
from tests.formats.test_openai_responses import REQUEST, RESPONSE
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.known import format_named
from workbench.formats.owners import TELLING, owner_of

BEDROCK = logged(CONVERSE, CONVERSE_ANSWER)
OWNED: list[tuple[str, dict[str, Any]]] = [
    ("litellm", LITELLM),
    ("langfuse", LANGFUSE),
    ("langfuse", warehouse_row(LANGFUSE)),
    ("opentelemetry", CURRENT),
    ("opentelemetry", INFERENCE),
    ("helicone", HELICONE),
    ("portkey", PORTKEY),
    ("bedrock", BEDROCK),
    ("bedrock", {key: value for key, value in BEDROCK.items() if key != "schemaType"}),
    ("azure-openai", AZURE),
    ("azure-openai", AZURE_ROW),
    ("anthropic-batch", SENT),
    ("anthropic-batch", CAME),
    ("nginx-json", NGINX),
]
NOBODYS: list[dict[str, Any]] = [
    {"request_id": "r", "ts": "2026-05-01T12:00:00Z", "account_id": "a", "prompt": "p"},
    AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE},
    AROUND | {"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE},
    AROUND | {"request": REQUEST, "response": RESPONSE},
    {**OPENAI_REQUEST, **OPENAI_RESPONSE},
    RESPONSE,
]
#: Records of two shapes, and the more telling one.
MIXED: list[tuple[dict[str, Any], str]] = [
    (BEDROCK | AZURE | SENT | LITELLM, "litellm"),
    (AZURE | SENT | BEDROCK, "bedrock"),
    (AZURE | SENT | CAME, "azure-openai"),
    (NGINX | SENT, "anthropic-batch"),
    (SENT | CAME | OPENAI_REQUEST | OPENAI_RESPONSE, "anthropic-batch"),
    (RESPONSE | ANTHROPIC_RESPONSE, "anthropic"),
    (RESPONSE | OPENAI_REQUEST | {"object": "response"}, "openai-responses"),
    ({"input": OPENAI_REQUEST["messages"], "output": RESPONSE}, "openai-responses"),
    (AROUND | {"request": REQUEST, "response": OPENAI_RESPONSE}, "openai"),
    (AROUND | {"request": OPENAI_REQUEST, "response": RESPONSE}, "openai-responses"),
    (AROUND | {"request": ANTHROPIC_REQUEST, "response": RESPONSE}, "openai-responses"),
]


@pytest.mark.parametrize(("name", "record"), OWNED)
def test_whose_record_it_is(name: str, record: dict[str, Any]) -> None:
    assert claimed(record) == [name]
    assert owner_of(record) == name
    found = format_named(name).signature(record)
    for key in found.removeprefix("keys ").split(", "):
        assert key in record
    # Cells of CSV that are empty leave no key behind.
    assert claimed({key: value for key, value in record.items() if value}) == [name]
    telling = set(TELLING) & record.keys()
    assert telling
    assert owner_of(record | dict.fromkeys(telling)) == ""


@pytest.mark.parametrize("name", ["langfuse", "helicone", "portkey", "nginx-json", "litellm"])
def test_columns_that_are_all_null(name: str) -> None:
    """As warehouses have them; what tells the record is never null."""
    record = next(record for owner, record in OWNED if owner == name)
    bare = {key: record[key] if key in TELLING else None for key in record}
    assert claimed(bare) == [name]


@pytest.mark.parametrize("record", NOBODYS)
def test_what_is_nobodys(record: dict[str, Any]) -> None:
    assert owner_of(record) == ""
    assert len(claimed(record)) == 1


@pytest.mark.parametrize(("record", "name"), MIXED)
def test_the_more_telling_shape_has_it(record: dict[str, Any], name: str) -> None:
    assert claimed(record) == [name]


def test_two_shapes_in_one_record_have_one_reader() -> None:
    for (_, first), (_, second) in permutations(OWNED, 2):
        assert claimed(first | second) == [owner_of(first | second)]
    for name, record in OWNED:
        for other in NOBODYS:
            if name == "anthropic-batch" and "response" in other:
                continue  # lines of other batches have one
            assert claimed(other | record) == [name]


def test_a_gateway_that_only_names_its_fields_like_bedrock() -> None:
    around = {key: BEDROCK[key] for key in ("accountId", "requestId", "modelId", "operation")}
    record = around | {"input": OPENAI_REQUEST, "output": OPENAI_RESPONSE}
    assert claimed(record) == ["openai"]


@pytest.mark.parametrize("chosen", ["canonical", "litellm", "openai", "anthropic", "langfuse"])
@pytest.mark.parametrize("container", ["lines", "values"])
@pytest.mark.parametrize("fast", [True, False])
def test_in_a_file_of_another_format_its_owner_reads_it(
    chosen: str, container: Literal["lines", "values"], fast: bool
) -> None:
    """Also where it has columns of the program's own, in which the two may mean other things."""
    own = {"model": "m", "in_tok": 1}
    apart = Adapter(Recipe(container, chosen), fast=fast)
    for name, record in OWNED:
        line = as_lines([own | record])
        found = apart.read(line).records.drop_columns(["coerced"]).to_pylist()
        expected = Adapter(Recipe(container, name)).read(line).records
        assert found == expected.drop_columns(["coerced"]).to_pylist(), name


@given(spoilt(*(record for record, _ in MIXED), *(record for _, record in OWNED)))
def test_spoilt_mixtures_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
