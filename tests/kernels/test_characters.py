"""Characters out of bytes against Python's own decoder."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.kernels.characters import decode

#: Bytes that begin, follow and break characters, oftener than chance would draw them.
TRICKY = st.sampled_from(
    [0x00, 0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5]
)
BYTES = st.lists(st.one_of(TRICKY, st.integers(0, 255)), max_size=12).map(bytes)


def decoded(data: bytes) -> list[tuple[int, int]]:
    """(code point, next index) all the way through, by the kernel."""
    array, found, i = np.frombuffer(data, np.uint8), [], 0
    while i < len(data):
        code, after = decode(array, i, len(data))
        found.append((int(code), int(after)))
        i = int(after)
    return found


def slowly(data: bytes) -> list[tuple[int, int]]:
    """The same by Python: the character that begins here, or (0, next byte)."""
    found, i = [], 0
    while i < len(data):
        for length in (1, 2, 3, 4):
            try:
                text = data[i : i + length].decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                continue
            if len(text) == 1 and i + length <= len(data):
                found.append((ord(text), i + length))
                break
        else:
            found.append((0, i + 1))
        i = found[-1][1]
    return found


@given(st.text(max_size=40))
@example("a\x00é\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff")
def test_text_comes_back(text: str) -> None:
    assert [code for code, _ in decoded(text.encode())] == [ord(letter) for letter in text]


@given(BYTES)
@settings(max_examples=500)
@example(b"\xe0\x80\x80")  # overlong
@example(b"\xf0\x8f\xbf\xbf")  # overlong
@example(b"\xf4\x90\x80\x80")  # beyond U+10FFFF
@example(b"\xed\xa0\x80")  # a lone surrogate keeps its code point
@example(b"\xe2\x82")  # cut off
@example(b"\xe2A\x82")
def test_any_bytes_are_read_as_python_reads_them(data: bytes) -> None:
    assert decoded(data) == slowly(data)


@given(st.text(min_size=1, max_size=6), st.integers(1, 30))
def test_nothing_is_read_behind_the_end(text: str, cut: int) -> None:
    """Texts lie one behind another: a broken end must not take from the next text."""
    data = text.encode()
    end = min(cut, len(data))
    array, i, behind = np.frombuffer(data, np.uint8), 0, []
    while i < end:
        code, i = decode(array, i, end)
        behind.append((int(code), int(i)))
    assert behind == slowly(data[:end])
