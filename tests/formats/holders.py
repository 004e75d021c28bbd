"""Records that hold records, as clouds and APIs write them, and what must be true of any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.formats.provider_records import AROUND, OPENAI_REQUEST, OPENAI_RESPONSE
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged

if TYPE_CHECKING:
    from workbench.domain.ports import Parsed

Record = dict[str, Any]

CHAT = AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE}
BEDROCK = logged(CONVERSE, CONVERSE_ANSWER)
OWN = {"prompt": "q", "account_id": "k", "in_tok": 1, "ts": 1_777_638_615}


def page(*records: Any) -> Record:
    return {"object": "list", "data": list(records), "first_id": "a", "has_more": False}


def answer(*records: Record) -> Record:
    return {"data": list(records), "meta": {"page": 1, "totalItems": len(records)}}


def saved(*records: Record) -> Record:
    """A trace as Langfuse's interface saves it: its observations whole, once more by their ids."""
    trace = {
        "id": "trace-1",
        "userId": "person-7",
        "sessionId": "s-7",
        "input": {"messages": [{"role": "user", "content": "of the application"}]},
        "observations": ["obs-1"],
    }
    return {"trace": trace, "observations": list(records)}


def hub(*records: Record) -> Record:
    return {"records": list(records)}


def event(number: int, record: Any) -> Record:
    text = record if isinstance(record, str) else json.dumps(record)
    return {"id": f"{number:056}", "timestamp": 1_777_638_615_250, "message": text}


def delivered(*records: Any) -> Record:
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "bedrock",
        "logStream": "aws/bedrock/modelinvocations",
        "subscriptionFilters": ["all"],
        "logEvents": [event(number, record) for number, record in enumerate(records)],
    }


def fetched(*records: Any) -> Record:
    events = [
        {"timestamp": 1, "message": json.dumps(record), "ingestionTime": 2} for record in records
    ]
    return {"events": events, "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}


def check(data: bytes, parsed: Parsed) -> int:
    """How many records there are: each once, in order, its bytes where it says that they are."""
    rows = [*parsed.records.to_pylist(), *parsed.rejects.to_pylist()]
    rows.sort(key=lambda row: int(row["record_no"]))
    count = len(rows) + parsed.blank
    numbers = [row["record_no"] for row in rows]
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= count for number in numbers)
    offsets = [row["byte_offset"] for row in rows]
    assert offsets == sorted(offsets)
    for row in parsed.rejects.to_pylist():
        place, raw = data[row["byte_offset"] :], row["raw"]
        # Inside a text that is escaped it lies as that text has it.
        assert (
            place.startswith(raw)
            or json.dumps(raw.decode("utf-8", "surrogatepass"))[1:-1].encode() in place
        )
        assert row["reason"]
    return count
