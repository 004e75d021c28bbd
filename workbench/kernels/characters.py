"""Characters out of UTF-8 bytes, and their classes: what every text kernel begins with."""

from __future__ import annotations

from typing import Final

from numba import njit

#: Code points that have an entry in the tables; what lies beyond is Han or unknown.
SIZE: Final = 0x20000

#: Left out: controls, format characters, free-standing accents.
IGNORE: Final = 0
SPACE: Final = 1
#: Latin letters and digits: words for the vocabulary.
WORD: Final = 2
#: A token of its own.
PUNCTUATION: Final = 3
#: Letters of other scripts that put spaces between words.
SPACED: Final = 4
#: Scripts without spaces. Han carries meaning in each character; particles (hiragana, and the
#: function characters of Han) mostly grammar; the rest are alphabets.
HAN: Final = 5
PARTICLE: Final = 6
UNSPACED: Final = 7
#: Emoji and other signs.
SYMBOL: Final = 8


@njit(cache=True, nogil=True, inline="always")
def decode(data, i, end):  # type: ignore[no-untyped-def]
    """The code point that begins at byte ``i``, and where the next one begins.

    Args:
        data: u8 array of UTF-8 bytes.
        i: Index of the first byte; ``i < end``.
        end: End of the text; no byte at or behind it is read.

    Returns:
        (code point, next index). A byte that begins no character gives (0, i + 1): NUL is
        ignored by every kernel, so broken bytes cost nothing and stop nothing.
    """
    b = int(data[i])
    if b < 0x80:
        return b, i + 1
    if b < 0xE0:
        length, code, least = 2, b & 0x1F, 0x80
    elif b < 0xF0:
        length, code, least = 3, b & 0x0F, 0x800
    else:
        length, code, least = 4, b & 0x07, 0x10000
    if b < 0xC2 or b > 0xF4 or i + length > end:
        return 0, i + 1
    for j in range(i + 1, i + length):
        following = int(data[j])
        if following & 0xC0 != 0x80:
            return 0, i + 1
        code = code << 6 | (following & 0x3F)
    if code < least or code > 0x10FFFF:
        return 0, i + 1
    return code, i + length
