"""Files that are recordings of server-sent events: a record is the events of one response."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.event_streams import (
    STREAMS,
    anthropic_message,
    anthropic_stream,
    chat_stream,
    recorded,
    responses_stream,
)
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats import blocks, read
from workbench.formats.batch import NO_EXCHANGE
from workbench.formats.event_streams import CUT_OFF, MIXED, NO_BEGINNING, Events, response_of
from workbench.formats.read import open_source
from workbench.formats.sse import assemble
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Record = dict[str, Any]
INTERFACES = pytest.mark.parametrize("name", STREAMS)


def load(path: Path, data: bytes) -> tuple[list[Record], list[Record], int]:
    """Rows, rejects, and blank records of a file."""
    path.write_bytes(data)
    parts = list(open_source(path, ReadOptions()).blocks(Job()))
    rows = [row for part in parts for row in part.records.to_pylist()]
    return (
        rows,
        [row for part in parts for row in part.rejects.to_pylist()],
        sum(part.blank for part in parts),
    )


@INTERFACES
def test_a_stream_is_the_response_that_would_have_been_sent_at_once(name: str) -> None:
    stream, whole = STREAMS[name]
    assert response_of(stream(3)) == whole(3) | {"stream": True}
    assert assemble(stream(3).decode()) == whole(3)


@INTERFACES
@pytest.mark.parametrize(
    "written",
    [
        bytes,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: b"\xef\xbb\xbf\n\n: keep alive\n\nretry: 5\n" + data + b"\n: bye\n",
        lambda data: data.replace(b"data: ", b"id: 7\ndata:"),
        gzip.compress,
    ],
    ids=["plain", "crlf", "cr", "comments", "ids", "gzip"],
)
def test_each_response_is_a_record_at_its_place(
    tmp_path: Path, name: str, written: Callable[[bytes], bytes]
) -> None:
    stream, whole = STREAMS[name]
    data = written(b"".join(map(stream, range(5))))
    (tmp_path / "log").write_bytes(data)
    assert open_source(tmp_path / "log", ReadOptions()).detection.format == name
    rows, rejects, blank = load(tmp_path / "log", data)
    assert (len(rows), rejects, blank) == (5, [], 0)
    plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    for number, row in enumerate(rows):
        assert row["record_no"] == number + 1
        assert row["request_id"] == whole(number)["id"]
        assert row["completion"].startswith("Answer")
        assert row["stream"] is True
    ends = [*(row["byte_offset"] for row in rows[1:]), len(plain)]
    for row, end in zip(rows, ends, strict=True):
        part = plain[row["byte_offset"] : end]
        assert part.count(row["request_id"].encode()) >= 1
        assert not part[:1].isspace()


def test_several_interfaces_in_one_file(tmp_path: Path) -> None:
    """Also with what some gateways write behind the end."""
    data = anthropic_stream(1) + chat_stream(2) + responses_stream(3) + b"data: [DONE]\n\n"
    data += anthropic_stream(4) + b'event: ping\ndata: {"type": "ping"}\n\n' + chat_stream(5)
    rows, rejects, blank = load(tmp_path / "log", data)
    names = ["msg_1", "chatcmpl-2", "resp_3", "msg_4", "chatcmpl-5"]
    assert ([row["request_id"] for row in rows], rejects, blank) == (names, [], 0)


@INTERFACES
def test_a_recording_that_is_cut_anywhere_loses_the_last_response_alone(
    tmp_path: Path, name: str
) -> None:
    stream, _ = STREAMS[name]
    first, last = stream(1), stream(2)
    ends = last.rindex(b"data: {") if name != "openai" else last.index(b'"tool_calls"}')
    for cut in range(1, len(last), 23):
        rows, rejects, blank = load(tmp_path / "log", first + last[:cut])
        assert rows[0]["request_id"].endswith("1")
        # Before the first data there is nothing of it yet.
        assert len(rows) + len(rejects) + blank == 1 + (b"data:" in last[:cut])
        if cut < ends and (b"data:" in last[:cut]):
            (reject,) = rejects
            assert reject["byte_offset"] == len(first)
            assert reject["raw"] == last[:cut].rstrip(b"\n")
            assert reject["reason"] == CUT_OFF or "of its stream: " in reject["reason"]


@INTERFACES
def test_a_recording_that_is_there_twice(tmp_path: Path, name: str) -> None:
    stream, _ = STREAMS[name]
    data = (stream(1) + stream(1) + stream(2)) * 2
    rows, rejects, blank = load(tmp_path / "log", data)
    assert ([row["request_id"][-1] for row in rows], rejects, blank) == (list("112112"), [], 0)


def test_chunks_without_an_identifier(tmp_path: Path) -> None:
    """Azure's first chunk has none; the chunks of some servers never have."""
    first = recorded([{"id": "", "choices": [], "prompt_filter_results": []}])
    rows, rejects, _ = load(tmp_path / "log", first + chat_stream(1) + first + chat_stream(2))
    assert ([row["request_id"] for row in rows], rejects) == (["chatcmpl-1", "chatcmpl-2"], [])
    assert rows[1]["byte_offset"] == len(first + chat_stream(1))
    data = (chat_stream(1) + chat_stream(2)).replace(b'"id": "chat', b'"di": "chat')
    rows, rejects, _ = load(tmp_path / "log", data)
    assert ([row["completion"] for row in rows], rejects) == (["Answer 1", "Answer 2"], [])


def test_a_damaged_event_costs_its_response(tmp_path: Path) -> None:
    spoilt = anthropic_stream(2).replace(b'"text_delta"', b'"text_del', 1)
    data = anthropic_stream(1) + spoilt + anthropic_stream(3)
    rows, (reject,), _ = load(tmp_path / "log", data)
    assert [row["request_id"] for row in rows] == ["msg_1", "msg_3"]
    assert reject["reason"].startswith("event 9 of its stream: ")
    assert reject["raw"] == spoilt.rstrip(b"\n")
    # A stream that was broken off is followed by another.
    broken = anthropic_stream(2).partition(b"event: message_delta")[0]
    rows, (reject,), _ = load(tmp_path / "log", anthropic_stream(1) + broken + chat_stream(3))
    assert [row["request_id"] for row in rows] == ["msg_1", "chatcmpl-3"]
    assert (reject["reason"], reject["byte_offset"]) == (CUT_OFF, len(anthropic_stream(1)))


@pytest.mark.parametrize("stream", [anthropic_stream, chat_stream])
def test_streams_among_each_other_are_no_responses(
    tmp_path: Path, stream: Callable[[int], bytes]
) -> None:
    """Two clients at once, and one writer for both: never the words of one in the other."""
    one, other = (stream(number).split(b"\n\n")[:-1] for number in (1, 2))
    mixed = b"".join(a + b"\n\n" + b + b"\n\n" for a, b in zip(one, other, strict=True))
    rows, rejects, _ = load(tmp_path / "log", mixed + stream(3))
    assert [row["request_id"][-1] for row in rows] == ["3"]
    assert {reject["reason"] for reject in rejects} <= {CUT_OFF, MIXED, NO_BEGINNING, NO_EXCHANGE}
    assert rejects


def test_a_recording_that_begins_in_the_middle(tmp_path: Path) -> None:
    data = anthropic_stream(1).partition(b"\n\n")[2] + anthropic_stream(2)
    (row,), (reject,), _ = load(tmp_path / "log", data)
    assert (row["request_id"], reject["reason"]) == ("msg_2", NO_BEGINNING)


def test_where_blocks_are_cut_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = (anthropic_stream, chat_stream, responses_stream)
    data = b"".join(stream(number) for number in range(8) for stream in streams)
    whole = load(tmp_path / "log", data)
    assert len(whole[0]) == 24
    cut = blocks.cut_blocks
    monkeypatch.setattr(read, "cut_blocks", lambda *a, **k: cut(*a, **{**k, "size": 700}))
    monkeypatch.setattr("workbench.formats.stream.CHUNK", 300)
    assert load(tmp_path / "log", data) == whole
    torn = gzip.compress(data, mtime=0)[:-400]
    rows, rejects, blank = load(tmp_path / "log", torn)
    assert rows == whole[0][: len(rows)]
    assert rejects[-1]["reason"].startswith("damaged file: ")
    assert blank == 0


def test_a_container_holds_every_byte_of_its_responses() -> None:
    data = b": hello\n\n" + anthropic_stream(1) + b"\n\n" + chat_stream(2)
    starts, items = Events().split(data)
    for start, item in zip(starts.tolist(), items, strict=True):
        assert data[start : start + len(item)] == item
    assert data[: starts[0]].strip() == b""
    assert Events().boundary(data) == len(data) - 1
    assert Events().boundary(data[:-40]) == starts[1]
    assert Events().boundary(b"") == 0


def test_an_import_accounts_for_every_response(tmp_path: Path) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(anthropic_stream(1) + anthropic_stream(2) * 2 + anthropic_stream(3)[:200])
    with Workspace.create(tmp_path / "a.case") as workspace:
        report = workspace.importing.run([log], Frame(), ReadOptions(), Job())
    assert report.total.as_dict() | {"coerced": 0} == {
        "records": 4, "loaded": 2, "joined": 0, "rejected": 1, "blank": 0,
        "duplicate": 1, "conflict": 0, "header": 0, "coerced": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", [b"data: {}\n\n", b'data: {"a": 1}\n\n', b"data: hello\n", b"event: a\nid: 3\n\n"]
)
def test_events_of_something_else_are_no_log(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "log").write_bytes(text)
    with pytest.raises(Exception, match="recognised") as caught:
        open_source(tmp_path / "log", ReadOptions())
    assert type(caught.value).__name__ in {"InputError", "UnreadLogError"}


def test_what_was_cut_off_of_a_call_is_kept_as_text() -> None:
    """In an envelope, where a stream that its client left is read as far as it goes."""
    text = anthropic_stream(1).decode()
    cut = assemble(text.partition("ls ")[0] + 'ls "}}\n')
    assert cut is not None
    assert [block["type"] for block in cut["content"]] == ["thinking", "text", "tool_use"]
    pieces = [{"type": "content_block_delta", "index": 0, "delta": {"partial_json": '{"a": '}}]
    found = assemble(recorded(pieces).decode())
    assert found is not None
    assert found["content"] == [{"type": "text", "input": '{"a": '}]
    text = responses_stream(1).decode()
    found = assemble(text[: text.index('"\\"ls\\"}"')])
    assert found is not None
    assert found["output"][-1]["arguments"] == '{"cmd": '


def test_a_stream_of_several_answers_keeps_those_that_were_not_taken(tmp_path: Path) -> None:
    """Their pieces come among each other, told apart by their index."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "large-4"}
    pieces = [(1, "Or "), (0, "S"), (1, "so."), (0, "o."), ("x", "junk"), (-1, "junk")]
    chunks: list[Record] = [
        head | {"choices": [{"index": index, "delta": {"content": text}}]} for index, text in pieces
    ]
    ends: list[Record] = [
        {"index": index, "delta": {}, "finish_reason": "stop"} for index in (0, 1)
    ]
    chunks += [head | {"choices": [end]} for end in ends]
    rows, rejects, _ = load(tmp_path / "log", recorded(chunks, done=True))
    assert ([row["completion"] for row in rows], rejects) == (["So."], [])
    assert json.loads(rows[0]["dialogue"]) == [
        {"role": "assistant", "parts": [{"in": "completion"}]},
        {"role": "assistant", "parts": [{"text": "Or so."}]},
    ]


def test_servers_that_give_a_call_whole_need_no_index() -> None:
    calls = [
        {"id": str(i), "type": "function", "function": {"name": "f", "arguments": "{}"}}
        for i in range(2)
    ]
    chunks: list[Record] = [{"choices": [{"delta": {"tool_calls": [call]}}]} for call in calls]
    chunks.append({"choices": [{"delta": {"function_call": {"name": "g", "arguments": "{"}}}]})
    chunks.append({"choices": [{"delta": {"function_call": {"arguments": "}"}}}]})
    found = assemble(recorded(chunks).decode())
    assert found is not None
    message = found["choices"][0]["message"]
    assert message["tool_calls"] == calls
    assert message["function_call"] == {"name": "g", "arguments": "{}"}


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [{}], {"a": 1}, [7], {"type": []}])
def test_junk_in_events_is_survived(junk: Any) -> None:
    """Whatever stands in place of a value, a response is put together, or is none."""
    for stream in (anthropic_stream, chat_stream, responses_stream):
        lines = stream(1).decode().split("\n")
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        for index, event in enumerate(events):
            for path in _paths(event):
                changed = json.loads(json.dumps(event))
                place = changed
                for step in path[:-1]:
                    place = place[step]
                place[path[-1]] = junk
                text = recorded([*events[:index], changed, *events[index + 1 :]])
                assemble(text.decode())
                assert sum(map(len, Events().split(text)[1])) > 0


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in below:
        found.append((*here, key))
        if isinstance(inner, dict | list):
            found += _paths(inner, (*here, key))
    return found


def test_the_fixture_is_what_it_says() -> None:
    assert anthropic_message(1)["content"][2]["input"] == {"cmd": 'ls "a"'}
