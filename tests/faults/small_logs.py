"""Small logs of every shape and layout, with some records in them changed at random."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.mutations import changed
from tests.formats.batch_records import (
    generation,
    openai_answered,
    openai_asked,
    openai_expired,
    trace,
)
from tests.formats.conversation_records import LMSYS, SHAREGPT, WILDCHAT
from tests.formats.event_streams import STREAMS, anthropic_stream, chat_stream
from tests.formats.gateway_records import HELICONE, LANGFUSE, NGINX, PORTKEY, warehouse_row
from tests.formats.holders import hub, saved
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
    STANDARD_LOGGING,
)
from tests.formats.span_records import CURRENT, EVENTS, INDEXED, INFERENCE, document
from tests.formats.test_anthropic_batch import CAME, SENT
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged
from tests.formats.test_copy_text import dump, rows
from tests.formats.test_openai_responses import REQUEST, RESPONSE
from tests.formats.test_text_logs import ACCESS, CHAT, request

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Record = dict[str, Any]

CANONICAL: Final[Record] = {
    "request_id": "r",
    "ts": "2026-05-01T12:00:00Z",
    "account_id": "k",
    "prompt": 'said "this", and\nthat \\ 你好',
    "in_tok": 7,
    "temperature": 0.5,
    "stream": True,
}
#: Completions before there was chat, and calls before there were tools.
_OLDER: Final[Record] = AROUND | {
    "request": {"model": "text-3", "prompt": "First question", "max_tokens": 16, "logprobs": 5},
    "response": {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1_777_638_615,
        "model": "text-3",
        "choices": [{"text": "First answer", "index": 0, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
    },
}
_CALL: Final = {"name": "now", "arguments": '{"zone": "UTC"}'}
_OLDER_CALL: Final[Record] = AROUND | {
    "request": OPENAI_REQUEST | {"functions": [{"name": "now"}]},
    "response": OPENAI_RESPONSE
    | {
        "choices": [
            {
                "index": 0,
                "finish_reason": "function_call",
                "message": {"role": "assistant", "content": None, "function_call": _CALL},
            }
        ]
    },
}
SHAPES: Final[dict[str, Record]] = {
    "canonical": CANONICAL,
    "openai": AROUND | {"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE},
    "openai-older": _OLDER,
    "openai-older-call": _OLDER_CALL,
    "openai-streamed": AROUND
    | {"request": OPENAI_REQUEST | {"stream": True}, "response": chat_stream(1).decode()},
    "openai-asked": openai_asked(1),
    "openai-answered": openai_answered(1),
    "openai-expired": openai_expired(1),
    "anthropic": AROUND | {"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE},
    "anthropic-streamed": AROUND
    | {"request": ANTHROPIC_REQUEST, "response": anthropic_stream(1).decode()},
    "litellm": LITELLM,
    "openai-responses": AROUND | {"request": REQUEST, "response": RESPONSE},
    "bedrock": logged(CONVERSE, CONVERSE_ANSWER),
    "azure-openai": AZURE,
    "anthropic-batch": SENT | CAME,
    "langfuse": LANGFUSE,
    "langfuse-warehouse": warehouse_row(LANGFUSE),
    "langfuse-trace": trace(1),
    "helicone": HELICONE,
    "portkey": PORTKEY,
    "nginx-json": NGINX,
    "wildchat": WILDCHAT,
    "lmsys": LMSYS,
    "sharegpt": SHAREGPT,
    "litellm-payload": STANDARD_LOGGING,
    "opentelemetry": document(CURRENT, INDEXED) | document(EVENTS, INFERENCE, {"name": "x"}),
    "page": {"object": "list", "data": [CANONICAL, LANGFUSE, {"records": [AZURE]}]},
    "saved": saved(generation(1, of=1), generation(2, of=1)),
    "hub": hub(AZURE, openai_answered(1)),
    "cloudwatch": {
        "logGroup": "g",
        "logEvents": [
            {"id": "1", "timestamp": 1, "message": json.dumps(logged(CONVERSE, CONVERSE_ANSWER))},
            {"id": "2", "timestamp": 1, "message": "START RequestId: 1"},
        ],
    },
}
#: Those that hold records: a line of them is several.
HOLDERS: Final = ("opentelemetry", "page", "saved", "hub", "cloudwatch")
#: What a record of a shape is called by, where that is not its request id.
_NAMES: Final = {
    "openai-asked": "custom_id",
    "openai-answered": "custom_id",
    "openai-expired": "custom_id",
    "langfuse-trace": "id",
}


def records_of(rng: random.Random, shape: str) -> list[Record]:
    """Up to 39 records of a shape, of which some are not as they should be."""
    name = _NAMES.get(shape, "request_id")
    records = [
        SHAPES[shape] | ({} if shape in HOLDERS else {name: f"r{i}"})
        for i in range(rng.randrange(1, 40))
    ]
    for at in range(len(records)):
        if rng.random() < 0.3:
            records[at] = changed(rng, records[at])
        if not isinstance(records[at], dict):
            records[at] = {"prompt": str(records[at])}
    return records


def is_sound(record: Record, shape: str) -> bool:
    """Whether nothing was changed in a record but that it was given a name of its own."""
    name = _NAMES.get(shape, "request_id")
    own = record.get(name)
    return isinstance(own, str) and own[:1] == "r" and record == SHAPES[shape] | {name: own}


def line_of(record: Record) -> bytes:
    """A record as one line, without its end."""
    return json.dumps(record, ensure_ascii=False).encode()


def as_lines(records: list[Record]) -> bytes:
    """A record a line."""
    return b"".join(line_of(record) + b"\n" for record in records)


def as_csv(records: list[Record]) -> bytes:
    """The columns of the first record; what holds something as JSON text."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(records[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(
        {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in r.items()}
        for r in records
    )
    return sink.getvalue().encode("utf-8", "replace")


def as_parquet(records: list[Record]) -> bytes:
    """All columns as JSON text."""
    flat = [{k: json.dumps(v) for k, v in record.items()} for record in records]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(flat), sink)
    return sink.getvalue()


def _arrow(records: list[Record], *, stream: bool = False) -> bytes:
    flat = [{k: json.dumps(v) for k, v in record.items()} for record in records]
    table = pa.Table.from_pylist(flat)
    sink = io.BytesIO()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _text(records: list[Record]) -> bytes:
    """A server's log: a request for each record, and what stands between them."""
    lines = (
        f"{request(CHAT + str(record), number)}\n{ACCESS}" for number, record in enumerate(records)
    )
    return "\n".join(lines).encode("utf-8", "replace")


def _recording(records: list[Record]) -> bytes:
    """As many streams as there are records, of each interface in turn."""
    streams = [stream for stream, _ in STREAMS.values()]
    return b"".join(streams[n % len(streams)](n) for n in range(len(records)))


LAYOUTS: Final[dict[str, Callable[[list[Record]], bytes]]] = {
    "lines": as_lines,
    "array": lambda records: json.dumps(records, ensure_ascii=False).encode(),
    "pretty": lambda records: b"\n".join(json.dumps(r, indent=1).encode() for r in records),
    "csv": as_csv,
    "parquet": as_parquet,
    "tsv": lambda records: as_csv(records).replace(b",", b"\t"),
    "copy": lambda records: dump(rows(*records)),
    "arrow": _arrow,
    "arrow-stream": lambda records: _arrow(records, stream=True),
    "text": _text,
    "recording": _recording,
}
COLUMNAR: Final = ("parquet", "arrow", "arrow-stream")
#: Layouts that do not care for what a record is need not meet every shape.
_FEW: Final = {
    "tsv": ("canonical", "litellm", "wildchat"),
    "copy": ("canonical", "litellm", "wildchat"),
    "arrow": ("canonical", "litellm", "wildchat"),
    "arrow-stream": ("canonical", "litellm"),
    "text": ("canonical", "wildchat"),
    "recording": ("canonical",),
}
#: A table of nothing but empty responses: nobody writes it, and it is no format's.
_NEVER: Final = ("openai-expired", "csv")
PAIRS: Final = [
    (shape, layout)
    for shape in SHAPES
    for layout in LAYOUTS
    if shape in _FEW.get(layout, tuple(SHAPES)) and (shape, layout) != _NEVER
]
