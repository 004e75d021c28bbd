"""nginx access logs as JSON: one line a request, named as nginx names its variables.

Must not keep a key: a credential becomes its hash, and the query of a path is cut off. A log that
was not written with ``escape=json`` is no JSON where it quotes anything.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.bodies import BodiesInARecord, with_bodies
from workbench.formats.shape import UNREADABLE, Record, Rule, Unread

if TYPE_CHECKING:
    from collections.abc import Mapping


_CREDENTIALS: Final = (
    *("http_authorization", "authorization", "http_x_api_key", "x_api_key"),
    *("http_api_key", "api_key", "http_x_goog_api_key"),
)

_RULES: Final[tuple[Rule, ...]] = with_bodies(
    Rule("request_id", ("request_id", "http_x_request_id", "response.id")),
    Rule(
        "ts",
        ("msec", "time_iso8601", "@timestamp", "timestamp", "time", "time_local"),
        "when nginx wrote the line, which is when the answer was done",
    ),
    Rule(
        "account_id",
        ("account_id", "api_key_id", "key_id", "key_hash"),
        f"else the SHA-256 of the key in {', '.join(f'`{name}`' for name in _CREDENTIALS)}",
    ),
    Rule("org_id", ("org_id", "http_openai_organization")),
    Rule("end_user", ("remote_user",)),
    Rule(
        "ip",
        ("remote_addr",),
        "but the first public address of `http_x_forwarded_for`, where it holds one",
    ),
    Rule("country", ("geoip_country_code", "http_cf_ipcountry")),
    Rule("user_agent", ("http_user_agent",)),
    Rule("ja3", ("http_ssl_ja3_hash", "ja3")),
    Rule("ja4", ("ja4",)),
    Rule(
        "endpoint",
        ("uri", "request_uri", "request_path"),
        "else the path in `request`; without its query",
    ),
    Rule("status", ("status",)),
    Rule("latency_ms", (), "`request_time` (seconds)"),
)


class NginxJson(BodiesInARecord):
    """nginx access logs as JSON."""

    name: ClassVar[str] = "nginx-json"
    about: ClassVar[str] = (
        "nginx access logs written by `log_format ... escape=json` with nginx's own names of its "
        "variables; `request_body` (and `response_body`) where they are logged, OpenAI's or "
        "Anthropic's."
    )
    rules: ClassVar[tuple[Rule, ...]] = _RULES
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(("args", "query_string"), "the query of the path: keys are sent in it"),
        Unread(
            (
                *("body_bytes_sent", "bytes_sent", "request_length", "content_length"),
                *("content_type", "gzip_ratio"),
            ),
            "sizes on the wire: the tokens are counted",
        ),
        Unread(
            (
                *("server_name", "server_addr", "server_port", "server_protocol", "scheme"),
                *("host", "http_host", "hostname", "pid", "pipe", "connection"),
                *("connection_requests", "upstream_addr", "upstream_status"),
                *("upstream_response_time", "upstream_connect_time", "upstream_header_time"),
                *("upstream_cache_status", "ssl_protocol", "ssl_cipher", "remote_port"),
            ),
            "how it was served: says nothing of who asked what",
        ),
        Unread(("http_referer", "http_origin"), "the page that a browser came from"),
        Unread(("response.created",), "the provider's time: that of nginx is kept"),
        Unread(("request_method", "method"), "whether it asked anything", looked_at=True),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one line; None when it is none, or neither a POST nor anybody's request."""
        if not self.matches(record):
            return None
        # nginx writes "-" for a variable without a value, "unix:" for a peer without address.
        said = {key: value for key, value in record.items() if value not in ("-", "unix:")}
        method, path = _request_line(said)
        account = _account(said)
        if method not in ("", "POST") and account is None:
            return None
        if path and not said.get("request_uri"):
            said["request_uri"] = path
        columns = self.columns_of(said)
        if account is not None:
            columns.setdefault("account_id", account)
        if said.get("request_time") is not None:
            columns["latency_ms"] = _in_milliseconds(said["request_time"])
        if isinstance(columns.get("ts"), str):
            columns["ts"] = _as_iso(columns["ts"])
        _add_client(columns, said.get("http_x_forwarded_for"))
        return columns


def _request_line(record: Record) -> tuple[str, str]:
    """Method and path of ``POST /v1/messages?beta=true HTTP/1.1``; empty where nothing says so."""
    line = record.get("request")
    words = line.split() if isinstance(line, str) else []
    method, path = (words[0], words[1]) if len(words) == 3 else ("", "")
    named = record.get("request_method", record.get("method"))
    return (named if isinstance(named, str) else method).upper(), path.partition("?")[0]


def _account(record: Record) -> str | None:
    """SHA-256 of the key, as LiteLLM keeps it; None where there is none, or only its mask."""
    for name in _CREDENTIALS:
        value = record.get(name)
        if isinstance(value, str):
            key = _SCHEME.sub("", value.strip(), count=1)
            if key and not _MASKED.fullmatch(key):
                return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()
    return None


_SCHEME: Final = re.compile(r"(?:bearer|basic|token|api-?key)(?:\s+|\Z)", re.IGNORECASE)
#: All masked keys are alike: their hash would make one account of everybody.
_MASKED: Final = re.compile(
    r"(?:sk-)?[\W_xX]*|\W*(?:redacted|masked|filtered|hidden|removed)\W*", re.IGNORECASE
)


def _in_milliseconds(seconds: Any) -> Any:
    """The time in milliseconds; what is no number is handed on, to be counted as unreadable."""
    if isinstance(seconds, bool):
        return seconds
    try:
        return round(float(seconds) * 1000, 3)
    except (TypeError, ValueError, OverflowError):
        return seconds


def _as_iso(text: str) -> str:
    """A time as ``time_local`` writes it (``01/May/2026:12:30:15 +0200``) in ISO 8601."""
    match = _LOCAL.fullmatch(text.strip())
    if match is None or match[2].title() not in _MONTHS:
        return text
    month = _MONTHS.index(match[2].title()) + 1
    return f"{match[3]}-{month:02}-{match[1]}T{match[4]}{match[5]}"


_LOCAL: Final = re.compile(r"(\d\d)/([A-Za-z]{3})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})", re.ASCII)
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def _add_client(columns: Record, forwarded: Any) -> None:
    """The first public address that the proxies on the way named, where they named one."""
    if isinstance(forwarded, str):
        client = next(filter(None, map(_public, forwarded.split(","))), None)
        if client is not None:
            columns["ip"] = client
    elif forwarded is not None:
        # The last proxy's address, which is there, is not the client's.
        columns["ip"] = UNREADABLE


def _public(text: str) -> str | None:
    """An address that is not of an inner network, without its port; None for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_multicast or any(address in network for network in _INNER):
        return None
    return str(address)


#: RFC 6890: this network, private use, shared by carriers, loopback, link-local, reserved.
_INNER: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "240.0.0.0/4"),
        *("::/128", "::1/128", "fc00::/7", "fe80::/10"),
    )
)
