"""One format claims a gateway's record, whatever else the record holds."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.formats.gateway_records import HELICONE, LANGFUSE, NGINX, PORTKEY, warehouse_row
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from workbench.formats.gateways import gateway_of, keys_found
from workbench.formats.known import KNOWN

RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("litellm", LITELLM),
    ("langfuse", LANGFUSE),
    ("langfuse", warehouse_row(LANGFUSE)),
    ("helicone", HELICONE),
    ("portkey", PORTKEY),
    ("nginx-json", NGINX),
]
OTHERS: list[dict[str, Any]] = [
    {"request_id": "r", "ts": "2026-05-01T12:00:00Z", "account_id": "a", "prompt": "p"},
    AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE},
    AROUND | {"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE},
    {**OPENAI_REQUEST, **OPENAI_RESPONSE},
]


def _claims(record: dict[str, Any]) -> list[str]:
    return [known.name for known in KNOWN if known.matches(record)]


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_the_gateway_that_wrote_it(name: str, record: dict[str, Any]) -> None:
    assert _claims(record) == [name]
    assert gateway_of(record) == name
    known = next(known for known in KNOWN if known.name == name)
    assert known.signature(record) == keys_found(record)
    for key in known.signature(record).removeprefix("keys ").split(", "):
        assert key in record
    # Cells of CSV that are empty leave no key behind, columns of a warehouse may be all NULL.
    assert _claims({key: value for key, value in record.items() if value}) == [name]
    assert _claims(dict.fromkeys(record)) == [name]


@pytest.mark.parametrize("record", OTHERS)
def test_what_no_gateway_wrote(record: dict[str, Any]) -> None:
    assert gateway_of(record) == ""
    assert len(_claims(record)) == 1


def test_two_shapes_in_one_record_have_one_reader() -> None:
    for (_, first), (_, second) in permutations(RECORDS, 2):
        assert _claims(first | second) == [gateway_of(first | second)]
    for _, record in RECORDS:
        for other in OTHERS:
            assert _claims(other | record) == [gateway_of(record)]
