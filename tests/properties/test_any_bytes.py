"""Whatever the bytes of a file are: it is refused, or each of its records has one fate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.faults.corpus import files
from tests.faults.parsed import check_counted, check_raw
from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.decode import KEPT_OF_LONGEST
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

#: What JSON, tables, streams and shells are made of.
_PIECES = st.sampled_from(
    [
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b":",
            b",",
            b'"',
            b"\\",
            b"\n",
            b"\r\n",
            b"\r",
            b" ",
            b"\t",
            b";",
        ),
        *(b"null", b"true", b"-0", b"1e999", b"9" * 30, b"NaN", b'"\\ud800"', b"\0", b"\xff"),
        *(
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\x1f\x8b\x08\x00",
            b"\x28\xb5\x2f\xfd",
            b"BZh9",
            b"PK\x03\x04",
        ),
        *(b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff", b"data: ", b"event: x\n", b"[DONE]\n\n"),
        *(b'"prompt"', b'"request_id"', b'"ts"', b'"data"', b'"messages"', b'"choices"', b'"body"'),
        *(b'"custom_id"', b'"resourceSpans"', b'"scopeSpans"', b'"spans"', b'"logEvents"'),
        *(
            b"request_id,prompt\n",
            b"a,b\n",
            b'a,"b',
            b'c"\n',
            b"COPY t (a, b) FROM stdin;\n",
            b"\\.\n",
        ),
        *(b'{"prompt":"p"}', b'{"prompt":"p"}\n', b'{"data":[{"prompt":"p"}]}\n', b'{"a":1}\n'),
        json.dumps({"request_id": "r", "messages": [{"role": "user", "content": "q"}]}).encode(),
        json.dumps({"custom_id": "c", "response": {"body": {"choices": [{}]}}}).encode(),
        b'data: {"id":"c","object":"chat.completion.chunk","choices":[]}\n\n',
    ]
)
_LINES = st.lists(_PIECES | st.binary(max_size=3), max_size=30).map(b"".join)
#: Files of the corpus with something put into them.
_KNOWN = st.sampled_from([path.read_bytes()[:4000] for path in files()])
_SPOILT = st.builds(
    lambda data, at, piece, lost: data[: at % (len(data) + 1)] + piece + data[at + lost :],
    _KNOWN,
    st.integers(0, 4000),
    _PIECES,
    st.integers(0, 20),
)


@given(st.binary(max_size=300) | _LINES | _SPOILT)
@example(b"zeit,gr\xfc\xdfe.x\n1,2\n")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_it_is_refused_or_every_record_has_one_fate(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    refusal = ""
    try:
        source = open_source(path, ReadOptions())
        parts = list(source.blocks(Job()))
    except InputError as error:
        refusal = str(error)
    if refusal:
        assert str(path) in refusal
        assert "\n" not in refusal
        return
    check_counted(source.records, parts)
    if source.compression or source.layout.columnar:
        return
    check_raw(parts, data)
    for part in parts:
        for row in part.rejects.to_pylist():
            assert row["reason"]
            assert len(row["raw"]) <= KEPT_OF_LONGEST
