"""PostgreSQL's COPY text: escapes, NULL, frames, and what stands around the rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.provider_records import LITELLM
from tests.formats.reading import imported
from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats import blocks
from workbench.formats.copy_text import CopyText, copied_columns
from workbench.formats.decode import KEPT_OF_LONGEST, TOO_LONG
from workbench.formats.detect import detect
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

#: In the order of the migrations; then what databases in the field have appended.
COLUMNS = (
    *("request_id", "call_type", "api_key", "spend", "total_tokens", "prompt_tokens"),
    *("completion_tokens", "startTime", "endTime", "completionStartTime", "model", "model_id"),
    *("model_group", "custom_llm_provider", "api_base", "user", "metadata", "cache_hit"),
    *("cache_key", "request_tags", "team_id", "end_user", "requester_ip_address", "messages"),
    *("response", "session_id", "status", "proxy_server_request"),
)
ROW: dict[str, Any] = LITELLM | {
    "startTime": "2026-05-01 12:30:15.25",
    "endTime": "2026-05-01 12:30:17.25",
    "completionStartTime": "2026-05-01 12:30:15.75",
    "total_tokens": 47,
    "cache_hit": "",
}
NAMES = ", ".join(f'"{name}"' if name in ("startTime", "user") else name for name in COLUMNS)
DUMP = b"""--
-- PostgreSQL database dump
--

\\restrict aBcD

-- Dumped from database version 16.10

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Data for Name: LiteLLM_SpendLogs; Type: TABLE DATA; Schema: public; Owner: llm
--

COPY public."LiteLLM_SpendLogs" (%s) FROM stdin;
%s\\.


--
-- PostgreSQL database dump complete
--

"""


def escaped(value: Any) -> str:
    if value is None:
        return "\\N"
    text = value if isinstance(value, str) else json.dumps(value)
    for plain, code in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, code)
    return text


def rows(*records: dict[str, Any], columns: tuple[str, ...] = COLUMNS) -> bytes:
    lines = ("\t".join(escaped(record.get(name)) for name in columns) for record in records)
    return "".join(f"{line}\n" for line in lines).encode()


def dump(data: bytes) -> bytes:
    return DUMP % (NAMES.encode(), data)


def test_a_dump_is_read_as_the_rows_are(tmp_path: Path) -> None:
    given_rows = [ROW | {"request_id": f"r{i}"} for i in range(3)]
    plain = imported(
        tmp_path / "lines", b"".join(json.dumps(r).encode() + b"\n" for r in given_rows)
    )
    data = dump(rows(*given_rows))
    (tmp_path / "log").write_bytes(data)
    source = open_source(tmp_path / "log", ReadOptions("UTC"))
    assert source.detection.format == "litellm"
    (part,) = source.blocks(Job())
    found = part.records.to_pylist()
    assert [{**row, "record_no": 0, "byte_offset": 0} for row in found] == [
        {**row, "record_no": 0, "byte_offset": 0} for row in plain[0]
    ]
    # Every line has a fate: the statements are header.
    lines = data.split(b"\n")[:-1]
    assert part.rejects.num_rows == 0
    assert part.blank == sum(not line for line in lines)
    assert len(found) + part.blank + part.header == len(lines)
    for number, row in enumerate(found):
        assert data[row["byte_offset"] :].startswith(b"r%d\tacompletion" % number)


def test_with_a_header_and_without_anything(tmp_path: Path) -> None:
    header = "\t".join(COLUMNS).encode() + b"\n"
    for data in (header + rows(ROW), rows(ROW, ROW | {"request_id": "r2"}), dump(rows(ROW))):
        found, rejects, name = imported(tmp_path / "log", data)
        assert (name, rejects) == ("litellm", [])
        assert (found[0]["prompt"], found[0]["in_tok"], found[0]["ttft_ms"]) == (
            "Second question", 40, 500.0,
        )  # fmt: skip
        assert found[0]["end_user"] == "person-9"


def test_without_names_only_the_first_columns_are_known(tmp_path: Path) -> None:
    columns = copied_columns(rows(ROW))
    assert columns[:25] == COLUMNS[:25]
    assert columns[25:] == ("column_26", "column_27", "column_28")
    found = imported(tmp_path / "log", rows(ROW))[0]
    assert found[0]["session_id"] is None
    # Another order is not guessed at.
    turned = (COLUMNS[0], *reversed(COLUMNS[1:]))
    with pytest.raises(InputError):
        detect_of(tmp_path, rows(ROW, columns=turned))


def detect_of(folder: Path, data: bytes) -> Any:
    (folder / "log").write_bytes(data)
    return detect(folder / "log", ReadOptions("UTC"))


def test_what_is_no_row_is_rejected_with_its_reason(tmp_path: Path) -> None:
    other = b'COPY public."LiteLLM_UserTable" (user_id, spend) FROM stdin;\nu1\t7\n\\.\n'
    data = dump(rows(ROW) + b"cut\toff\n" + b"\xff" + rows(ROW)) + other
    found, rejects, _ = imported(tmp_path / "log", data)
    assert len(found) == 1
    assert [reject["reason"] for reject in rejects] == [
        "wrong number of fields: 2 fields where the table has 28 columns",
        "not UTF-8: bytes that are no text",
        "a row of another table",
    ]
    assert [reject["raw"][:7] for reject in rejects] == [b"cut\toff", b"\xffchatcm", b"u1\t7"]


def test_blocks_and_workers_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = dump(rows(*(ROW | {"request_id": f"r{i}"} for i in range(200))))
    (tmp_path / "log").write_bytes(data)
    whole = list(open_source(tmp_path / "log", ReadOptions("UTC")).blocks(Job()))
    monkeypatch.setattr(blocks.cut_blocks, "__kwdefaults__", {"opening": b"", "size": 4096})
    monkeypatch.setattr("workbench.formats.unpack.CHUNK", 4096)
    monkeypatch.setattr("workbench.formats.stream.CHUNK", 4096)
    parts = list(open_source(tmp_path / "log", ReadOptions("UTC")).blocks(Job()))
    assert len(parts) > 5
    table = pa.Table.from_batches([part.records for part in parts])
    assert table.to_pylist() == whole[0].records.to_pylist()
    assert sum(part.header for part in parts) == whole[0].header


@given(st.lists(st.none() | st.text(), min_size=2, max_size=2))
def test_any_text_comes_back(values: list[str | None]) -> None:
    line = "\t".join(map(escaped, values)).encode("utf-8", "surrogatepass") + b"\n"
    ((_, end, fields),) = CopyText(("a", "b")).rows(line)
    assert end == len(line) - 1
    plain = "".join(value or "" for value in values)
    if any("\ud800" <= character <= "\udfff" for character in plain):
        assert fields == "not UTF-8: bytes that are no text"
    elif fields != "blank":
        assert fields == tuple(values)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\\x41\\101\\b\\f\\v", "AA\b\f\x0b"),
        ("\\q\\8\\\\n", "q8\\n"),
        ("\\303\\251", "é"),
        ("\\", "\\"),
    ],
)
def test_every_escape(written: str, meant: str) -> None:
    ((_, _, fields),) = CopyText(("a", "b")).rows(f"{written}\tx".encode())
    assert fields == (meant, "x")


def test_a_line_that_is_too_long_is_one_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("blocks", "copy_text"):
        monkeypatch.setattr(f"workbench.formats.{module}.LONGEST_RECORD", 1 << 20)
    for size in (2, 20):  # within one block, and over several
        long = ROW | {"request_id": "long", "messages": "y" * (size << 20)}
        (tmp_path / "log").write_bytes(dump(rows(ROW, long, ROW)))
        parts = list(open_source(tmp_path / "log", ReadOptions("UTC")).blocks(Job()))
        (reject,) = [row for part in parts for row in part.rejects.to_pylist()]
        assert reject["reason"] == TOO_LONG
        assert reject["raw"].startswith(b"long\t")
        assert len(reject["raw"]) == KEPT_OF_LONGEST
        assert sum(part.records.num_rows for part in parts) == 2
