"""A small MaxMind DB, written by hand: search tree of 24-bit records, data section, metadata.

After the published format, version 2.0. Networks must not lie within each other.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKER = b"\xab\xcd\xefMaxMind.com"
#: Numbers of the metadata that the format gives another type than 32 bits.
_TYPES = {"build_epoch": 9, "record_size": 5, "ip_version": 5} | dict.fromkeys(
    ("binary_format_major_version", "binary_format_minor_version"), 5
)
_STRING, _UINT32, _MAP, _ARRAY = 2, 6, 7, 11


def mmdb(
    networks: Mapping[str, Mapping[str, Any]], *, ip_version: int = 6, kind: str = "Test-Country"
) -> bytes:
    """The file as bytes.

    Args:
        networks: Network ("192.0.2.0/24") -> record: maps, lists, texts and whole numbers.
        ip_version: 6 holds both; 4 IPv4 alone.
        kind: What the database calls itself.
    """
    nodes: list[list[int | bytes | None]] = [[None, None]]
    for text, record in networks.items():
        network = ipaddress.ip_network(text)
        bits, width = int(network.network_address), 128 if ip_version == 6 else 32
        length = network.prefixlen + width - network.max_prefixlen
        at = 0
        for depth in range(length):
            side = bits >> (width - 1 - depth) & 1
            if depth == length - 1:
                nodes[at][side] = _encoded(record)
                break
            below = nodes[at][side]
            if not isinstance(below, int):
                nodes.append([None, None])
                below = nodes[at][side] = len(nodes) - 1
            at = below
    count = len(nodes)
    tree, data = b"", b""
    for node in nodes:
        for value in node:
            if isinstance(value, bytes):
                tree += (count + 16 + len(data)).to_bytes(3, "big")
                data += value
            else:
                tree += (count if value is None else value).to_bytes(3, "big")
    about = {
        "node_count": count,
        "record_size": 24,
        "ip_version": ip_version,
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_780_000_000,
        "description": {"en": "made by a test"},
    }
    return tree + bytes(16) + data + _MARKER + _encoded(about)


def _encoded(value: Any, name: str = "") -> bytes:
    if isinstance(value, dict):
        inner = b"".join(_encoded(key) + _encoded(item, key) for key, item in value.items())
        return _control(_MAP, len(value)) + inner
    if isinstance(value, list):
        return _control(_ARRAY, len(value)) + b"".join(map(_encoded, value))
    if isinstance(value, str):
        data = value.encode()
        return _control(_STRING, len(data)) + data
    kind = _TYPES.get(name, _UINT32)
    data = struct.pack(">Q", value).lstrip(b"\0")
    return _control(kind, len(data)) + data


def _control(kind: int, size: int) -> bytes:
    assert size < 29 + 256
    short, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind < 8:
        return bytes([kind << 5 | short]) + more
    return bytes([short, kind - 7]) + more
