"""nginx access logs: who the client is, what becomes of a key, and which lines are exchanges."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.formats.gateway_records import NGINX, NGINX_KEY
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    OPENAI_DIALOGUE,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
)
from tests.formats.reading import as_lines, columns, imported, read, spoilt, survives
from tests.formats.test_openai_responses import ANSWERED, ASKED, REQUEST, RESPONSE
from tests.formats.test_shapes import CHAT
from workbench.domain.ports import ReadOptions
from workbench.formats.known import Converter, format_named

if TYPE_CHECKING:
    from pathlib import Path

AROUND = {
    "request_id": "req-1",
    "ts": "1777638615.250",
    "account_id": hashlib.sha256(NGINX_KEY.encode()).hexdigest(),
    "ip": "203.0.113.7",
    "user_agent": "sdk/1.2",
    "endpoint": "/v1/chat/completions",
    "status": 200,
    "latency_ms": 1977.0,
}
CHAT_ASKED = {
    "model": "large-4",
    "stream": False,
    "temperature": 0.2,
    "n": 2,
    "max_tok": 300,
    "logprobs": True,
    "thinking": True,
    "n_turns": 2,
    "tools": 2,
    "end_user": "person-9",
    "system": "Be brief.",
    "prompt": "Second question",
}


def test_a_line_with_its_request() -> None:
    assert columns(NGINX) == AROUND | CHAT_ASKED | {"dialogue": OPENAI_DIALOGUE}


def test_a_line_with_both_bodies() -> None:
    found = columns(NGINX | {"response_body": json.dumps(OPENAI_RESPONSE)})
    assert found == AROUND | CHAT_ASKED | CHAT


def test_a_request_of_anthropic() -> None:
    record = NGINX | {
        "request_uri": "/v1/messages",
        "http_authorization": "",
        "http_x_api_key": NGINX_KEY,
        "request_body": json.dumps(ANTHROPIC_REQUEST),
    }
    found = columns(record)
    assert found["account_id"] == AROUND["account_id"]
    assert (found["endpoint"], found["prompt"]) == ("/v1/messages", "The question")
    assert (found["model"], found["thinking"]) == ("claude-next", True)


def test_a_line_of_responses() -> None:
    record = NGINX | {
        "request_uri": "/v1/responses",
        "request_body": json.dumps(REQUEST),
        "response_body": json.dumps(RESPONSE),
    }
    expected = ANSWERED | ASKED | AROUND | {"endpoint": "/v1/responses"}
    assert columns(record) == expected
    short = {key: value for key, value in NGINX.items() if key != "request_uri"} | {
        "request": "POST /v1/responses?api_key=x HTTP/1.1",
        "request_body": '{"model": "m", "input": "Hello"}',
    }
    assert columns(short)["prompt"] == "Hello"
    assert "prompt" not in columns(short | {"request": "POST /v1/embeddings HTTP/1.1"})


def test_a_line_without_a_body() -> None:
    assert columns(NGINX | {"request_body": "-", "remote_user": "-"}) == AROUND
    found = columns(NGINX | {"request_body": "", "request_uri": "-", "request_method": "-"})
    assert found == AROUND


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 198.51.100.1", "203.0.113.7"),
        ("10.1.1.1,192.168.0.1, 172.16.9.9 ,100.64.0.1, 198.51.100.1", "198.51.100.1"),
        ("unknown, 127.0.0.1, 169.254.1.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:5123", "203.0.113.7"),
        ("[2001:db8::7]:5123, 203.0.113.7", "2001:db8::7"),
        ("fd00::1, fe80::1, ::1, 2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:10.0.0.1", "10.0.0.3"),
        ("10.1.1.1", "10.0.0.3"),
        ("999.1.1.1, <script>", "10.0.0.3"),
        ("", "10.0.0.3"),
        ("-", "10.0.0.3"),
        (None, "10.0.0.3"),
    ],
)
def test_the_client_is_the_first_public_address(forwarded: Any, client: str) -> None:
    assert columns(NGINX | {"http_x_forwarded_for": forwarded})["ip"] == client


def test_a_peer_without_address() -> None:
    found = columns(NGINX | {"http_x_forwarded_for": "", "remote_addr": "unix:"})
    assert "ip" not in found


@pytest.mark.parametrize("value", [f"bearer  {NGINX_KEY}", NGINX_KEY, f" Basic {NGINX_KEY} "])
def test_a_key_becomes_its_hash(value: str) -> None:
    found = columns(NGINX | {"http_authorization": value})
    assert found["account_id"] == AROUND["account_id"]
    assert NGINX_KEY not in str(found)
    assert columns(NGINX | {"api_key_id": "key-7"})["account_id"] == "key-7"


@pytest.mark.parametrize(
    "mask", ["", "-", "Bearer", "Bearer ***", "sk-****", "Bearer [REDACTED]", "xxxxxxxx"]
)
def test_a_masked_key_names_nobody(mask: str) -> None:
    assert "account_id" not in columns(NGINX | {"http_authorization": mask})
    partly = columns(NGINX | {"http_authorization": "Bearer sk-abc***"})
    assert len(partly["account_id"]) == 64


def test_what_is_no_exchange_and_holds_no_key(tmp_path: Path) -> None:
    health = {"remote_addr": "10.0.0.9", "msec": "1777638616.000", "status": "200",
              "request": "GET /healthz HTTP/1.1"}  # fmt: skip
    listing = NGINX | {"request_method": "GET", "request_uri": "/v1/models", "request_body": ""}
    post = {k: v for k, v in NGINX.items() if k != "http_authorization"}
    loaded, rejected, detected = imported(
        tmp_path / "log", as_lines([health, NGINX, listing, health, post])
    )
    assert detected == "nginx-json"
    assert [row["record_no"] for row in loaded] == [2, 3, 5]
    assert [row["endpoint"] for row in loaded][1] == "/v1/models"
    assert [row["record_no"] for row in rejected] == [1, 4]
    assert NGINX_KEY not in str(loaded)
    assert NGINX_KEY not in str(rejected)
    assert str(loaded[0]["ts"]) == "2026-05-01 12:30:15.250000"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("01/May/2026:14:30:15 +0200", "2026-05-01T14:30:15+0200"),
        ("01/Mai/2026:14:30:15 +0200", "01/Mai/2026:14:30:15 +0200"),
        ("1/May/2026", "1/May/2026"),
    ],
)
def test_local_time(written: str, read: str) -> None:
    bare = {k: v for k, v in NGINX.items() if k not in ("msec", "time_iso8601")}
    assert columns(bare | {"time_local": written})["ts"] == read


def test_a_generic_record_with_an_address_stays_what_it_was() -> None:
    """One familiar name is no nginx: ``request_time`` is a time elsewhere."""
    record = {
        "remote_addr": "198.51.100.7",
        "request_time": "2026-05-01T12:30:15Z",
        "key_id": "k",
        "request_method": "POST",
        "request_body": OPENAI_REQUEST,
    }
    found = columns(record)
    assert (found["ts"], found["account_id"]) == ("2026-05-01T12:30:15Z", "k")


def test_a_line_among_another_format() -> None:
    converter = Converter(format_named("openai"), ReadOptions())
    found = converter.convert(NGINX)
    assert found is not None
    assert found["account_id"] == AROUND["account_id"]
    assert NGINX_KEY not in str(found)


def test_wrong_types_are_counted() -> None:
    wrong = {
        "msec": {"x": 1},
        "time_iso8601": [],
        "request_id": [1],
        "status": "fine",
        "request_time": "soon",
        "http_x_forwarded_for": 7,
        "http_user_agent": True,
        "request_uri": {"path": "/"},
        "http_authorization": {"Bearer": NGINX_KEY},
    }
    found, unreadable = read(NGINX | wrong | {"request_body": 7}, "nginx-json")
    assert NGINX_KEY not in str(found)
    assert unreadable == {
        *("ts", "request_id", "status", "latency_ms", "ip", "user_agent", "endpoint"),
    }


@given(spoilt(NGINX, NGINX | {"request_body": REQUEST, "response_body": RESPONSE}))
def test_spoilt_records_break_nothing(record: dict[str, Any]) -> None:
    survives(record)
