"""Azure OpenAI diagnostics: what they say, what they do not, and masked addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.formats.reading import Path, claimed, columns, read, spoilt, survives, with_value
from workbench.formats.adapter import Adapter, Recipe

NAME = "azure-openai"
PROPERTIES: dict[str, Any] = {
    "apiName": "Azure OpenAI API version 2026-02-15",
    "requestTime": 639_132_354_152_500_009,
    "requestLength": 128,
    "responseTime": 639_132_354_162_500_009,
    "responseLength": 1411,
    "objectId": "person-9",
    "streamType": "Non-Streaming",
    "modelDeploymentName": "our-large",
    "modelName": "large-4",
    "modelVersion": "2026-01-01",
}
RESOURCE = "/SUBSCRIPTIONS/AB-12/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/A"
RECORD: dict[str, Any] = {
    "Tenant": "eastus",
    "time": "2026-05-01T12:30:18.4350000Z",
    "resourceId": RESOURCE,
    "category": "RequestResponse",
    "operationName": "ChatCompletions_Create",
    "event": "ShoeboxCallResult",
    "location": "eastus",
    "resultSignature": "200",
    "durationMs": 1000,
    "callerIpAddress": "81.2.69.***",
    "correlationId": "r-1",
    "properties": PROPERTIES,
}
ROW: dict[str, Any] = {
    "TimeGenerated": "2026-05-01T12:30:18.435Z",
    "ResourceId": RESOURCE.lower(),
    "Category": "RequestResponse",
    "OperationName": "ChatCompletions_Create",
    "SubscriptionId": "AB-12",
    "ResultSignature": "200",
    "DurationMs": "1000",
    "CallerIPAddress": "81.2.69.***",
    "CorrelationId": "r-1",
    "properties_s": json.dumps(PROPERTIES),
}
#: 2026-05-01T12:30:15.250000900Z in ticks, cut to microseconds.
MOMENT = 1_777_638_615_250_000
EXPECTED = {
    "request_id": "r-1",
    "ts": MOMENT,
    "account_id": RESOURCE.lower(),
    "org_id": "ab-12",
    "end_user": "person-9",
    "ip": "81.2.69.0/24",
    "endpoint": "ChatCompletions_Create",
    "model": "large-4-2026-01-01",
    "status": 200,
    "stream": False,
    "latency_ms": 1000.0,
}


@pytest.mark.parametrize(
    "record",
    [RECORD, RECORD | {"properties": json.dumps(PROPERTIES)}, ROW],
    ids=["", "text", "row"],
)
def test_a_request(record: dict[str, Any]) -> None:
    assert columns(record, NAME) == EXPECTED


def test_what_is_not_there_stays_null() -> None:
    """A call that needs no model has none, and nothing says who asked."""
    other = {"apiName": PROPERTIES["apiName"], "requestLength": 2, "objectId": ""}
    found = columns(RECORD | {"operationName": "Create_Thread", "properties": other}, NAME)
    assert found == {
        **{key: EXPECTED[key] for key in ("request_id", "account_id", "org_id", "ip", "status")},
        "ts": RECORD["time"],
        "endpoint": "Create_Thread",
        "latency_ms": 1000.0,
    }
    assert columns({k: RECORD[k] for k in ("category", "operationName")}, NAME) == {
        "endpoint": "ChatCompletions_Create"
    }


def test_a_deployment_names_the_model_where_nothing_else_does() -> None:
    record = RECORD | {"properties": {"modelDeploymentName": "our-large"}}
    assert columns(record, NAME)["model"] == "our-large"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("81.2.69.***", "81.2.69.0/24"),
        ("81.2.69.xxx", "81.2.69.0/24"),
        ("81.2.69.160", "81.2.69.160"),
        ("2001:db8::7", "2001:db8::7"),
        ("", None),
    ],
)
def test_addresses(written: str, read_as: str | None) -> None:
    assert columns(RECORD | {"callerIpAddress": written}, NAME).get("ip") == read_as


@pytest.mark.parametrize(
    "written",
    ["***", "81.2.***.***", "*.*.*.*", "2001:db8:***", "999.2.69.***", "10.0.0.***", "192.168.1.*"],
)
def test_an_address_that_names_no_network_ties_nobody(written: str) -> None:
    found, unreadable = read(RECORD | {"callerIpAddress": written}, NAME)
    assert "ip" not in found
    assert unreadable == {"ip"}


@pytest.mark.parametrize(("written", "stream"), [("Streaming", True), ("Non-Streaming", False)])
def test_whether_it_was_streamed(written: str, stream: bool) -> None:
    properties = PROPERTIES | {"streamType": written}
    assert columns(RECORD | {"properties": properties}, NAME)["stream"] is stream


def test_other_services_log_beside_it() -> None:
    speech = {"apiName": "Speech to text", "requestTime": 1}
    assert claimed(RECORD | {"properties": speech}) == []
    assert claimed(RECORD | {"category": "Audit"}) == []


@pytest.mark.parametrize("fast", [True, False])
def test_in_a_canonical_file_it_is_read_as_what_it_is(fast: bool) -> None:
    lines = [{"prompt": "p", "model": "m"}, {**RECORD, "properties": json.dumps(PROPERTIES)}, ROW]
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    parsed = Adapter(Recipe("lines", "canonical"), fast=fast).read(data)
    assert parsed.records.column("request_id").to_pylist() == [None, "r-1", "r-1"]


@pytest.mark.parametrize(
    ("path", "column", "junk"),
    [
        *[(("resourceId",), "account_id", junk) for junk in ({"a": 1}, [1], True)],
        *[(("callerIpAddress",), "ip", junk) for junk in ({"a": 1}, [1], True)],
        *[(("durationMs",), "latency_ms", junk) for junk in ({"a": 1}, [1], True, "soon")],
        *[(("resultSignature",), "status", junk) for junk in ({"a": 1}, [1], True, "OK")],
        *[(("properties", "streamType"), "stream", junk) for junk in ({"a": 1}, [1], "x", 7)],
        *[(("correlationId",), "request_id", junk) for junk in ({"a": 1}, [1], True)],
    ],
)
def test_a_wrong_type_is_null_and_counted(path: Path, column: str, junk: Any) -> None:
    found, unreadable = read(with_value(RECORD, path, junk), NAME)
    assert column not in found
    assert unreadable >= {column}


@given(spoilt(RECORD, ROW))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
