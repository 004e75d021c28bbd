"""The typed decoder of canonical lines gives what the slow path gives, whatever it is fed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.domain.exchange import CANONICAL_SCHEMA, Accounting
from workbench.domain.ports import Parsed, ReadOptions
from workbench.formats.adapter import Adapter, Recipe
from workbench.formats.canonical import TELLTALES

_FAST = Adapter(Recipe("lines", "canonical"))
_SLOW = Adapter(Recipe("lines", "canonical"), fast=False)
_IN_ZONE = Recipe("lines", "canonical", ReadOptions(zone="Asia/Tokyo"))

_TEXT = st.text(st.characters(codec=None), max_size=6)
_ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 200, 2**31, 2**32, 2**63, -1, 1_777_638_615, 1_777_638_615_250]),
    st.floats(),
    st.sampled_from(["", "null", "12", "1e3", "true", "AS64500", "2026-05-01T12:30:15Z"]),
    st.sampled_from(["2026-05-01 12:30:15", "2026-05-01T12:30:15.1234567+02:00", "soon"]),
    _TEXT,
    st.lists(st.floats(width=32) | st.integers(0, 3), max_size=3),
    st.just([1e300]),
    st.just({"text": "x"}),
    st.just([{"type": "text", "text": "part"}]),
)
_KEYS = st.sampled_from([*CANONICAL_SCHEMA.names, *TELLTALES, "junk", "Prompt"])
_RECORDS = st.dictionaries(_KEYS, _ANY, max_size=6)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode()


_LINES = st.one_of(
    _RECORDS.map(_line),
    st.builds(
        lambda record, at, byte: _line(record)[:at] + byte + _line(record)[at + 1 :],
        _RECORDS,
        st.integers(0, 60),
        st.binary(max_size=2),
    ),
    st.sampled_from(
        [
            b"",
            b" \t\r",
            b"[1]",
            b"null",
            b'{"prompt":"a","prompt":"b"}',
            b'{"prompt":"a","account_id":"k","account_id":"k"}',
            b'{"prompt":"a","account_id":"k","in_tok":1,"account_id":"l"}',
            b'{"prompt":"a","ts":1777638615,"ts":"2026-05-01T12:30:15Z"}',
            b'{"prompt":"a","junk":{"x":1,"x":2}}',
            b'{"prompt":"a\\n\\ud83d\\ude00\\u00e9 \\"q\\""}',
            b'{"prompt":"\xc3\xa9","temperature":0.1234567890123456789,"in_tok":-0}',
            b'{"prompt":"a","temperature":-0,"latency_ms":-0.0,"ttft_ms":1E-3}',
            b'{"prompt":"\\ud800"}',
            b'{"junk":"\\ud800","prompt":"a"}',
            b'{"junk":"\xff","prompt":"a"}',
            b'{"junk":1e999,"prompt":"a"}',
            b'{"junk":"\\q","prompt":"a"}',
            b'{"pr\\u006fmpt":"a"}',
            b'{"prompt":"a\\u0000b"}',
            b'{"in_tok":1.0,"prompt":"a"}',
            b'{"prompt":"a"}{"prompt":"b"}',
            b'{"prompt":"a"}\r',
            b'{"temperature":1e400,"prompt":"a"}',
            b"\xef\xbb\xbf{}",
        ]
    ),
)


def _same(fast: Parsed, slow: Parsed) -> None:
    assert fast.records.to_pylist() == slow.records.to_pylist() or str(
        fast.records.to_pylist()
    ) == str(slow.records.to_pylist())  # NaN is not equal to itself
    assert fast.rejects.to_pylist() == slow.rejects.to_pylist()
    assert (fast.blank, fast.header) == (slow.blank, slow.header)


def _count(parsed: Parsed) -> int:
    return Accounting(
        loaded=parsed.records.num_rows,
        rejected=parsed.rejects.num_rows,
        blank=parsed.blank,
        header=parsed.header,
    ).records


@settings(max_examples=300)
@given(st.lists(_LINES, min_size=1, max_size=5))
@example([b'{"prompt":"a","messages":null}'])
@example([b'{"prompt":"a","messages":[]}'])
@example([b'{"model":"m","messages":[{"role":"user","content":"q"}]}'])
@example([b'{"request_id":""}'])
@example([b'{"prompt":"a","asn":-1}', b'{"prompt":"a","asn":4294967296}'])
@example([b'{"prompt":"a","n":2147483648}', b'{"prompt":"a","embedding":[1e39]}'])
def test_fast_equals_slow(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    fast = _FAST.read(data)
    _same(fast, _SLOW.read(data))
    records = data.split(b"\n")
    assert _count(fast) == len(records) - (not records[-1])


def test_fast_equals_slow_in_a_zone() -> None:
    data = (
        b'{"prompt":"a","ts":"2026-05-01 09:00:00"}\n{"prompt":"b","ts":"2026-05-01T00:00:00Z"}\n'
    )
    fast = Adapter(_IN_ZONE).read(data)
    _same(fast, Adapter(_IN_ZONE, fast=False).read(data))
    assert fast.records["ts"][0] == fast.records["ts"][1]


@settings(max_examples=100)
@given(st.lists(_LINES, min_size=1, max_size=5))
def test_typed_equals_slow(lines: list[bytes]) -> None:
    """In a JSON array, which goes to the typed decoder at once."""
    data = b",".join(lines)
    _same(
        Adapter(Recipe("values", "canonical")).read(data),
        Adapter(Recipe("values", "canonical"), fast=False).read(data),
    )


def test_a_thread_reads_what_is_flat_and_nothing_else() -> None:
    flat = [_line({"prompt": f"p{i}", "in_tok": i}) for i in range(300)]
    odd = _line({"prompt": "a", "in_tok": "12"})
    data = b"\n".join([*flat, odd])
    parsed = _FAST.read_at_once(data)
    assert parsed is not None
    _same(parsed, _SLOW.read(data))
    assert _FAST.read_at_once(b"\n".join([*flat, *[odd] * 30])) is None
    assert _SLOW.read_at_once(data) is None


@pytest.mark.parametrize("count", [1023, 1024, 1025, 2500])
def test_records_keep_their_order_across_chunks(count: int) -> None:
    lines = [_line({"prompt": f"p{i}", "in_tok": "x" if i % 700 == 0 else i}) for i in range(count)]
    lines[count // 2] = b"{"
    parsed = _FAST.read(b"\n".join(lines))
    numbers = parsed.records["record_no"].to_pylist()
    assert numbers == [i + 1 for i in range(count) if i != count // 2]
    assert parsed.records["prompt"].to_pylist() == [f"p{n - 1}" for n in numbers]
    masks = parsed.records["coerced"].to_pylist()
    flagged = [number for number, bits in zip(numbers, masks, strict=True) if bits]
    assert flagged == [i + 1 for i in range(0, count, 700) if i != count // 2]
    assert parsed.rejects["record_no"].to_pylist() == [count // 2 + 1]
