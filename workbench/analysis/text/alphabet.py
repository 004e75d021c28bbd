"""What each character is to the text kernels: its folded form, its class, its script.

Built from the Unicode data of the running Python, so that kernels need plain arrays only.
Folding is NFKC-like, case-insensitive and without accents, one character to one: that is all
that hashing and word pieces need. No text is rewritten here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.kernels.characters import (
    HAN,
    IGNORE,
    PARTICLE,
    PUNCTUATION,
    SIZE,
    SPACE,
    SPACED,
    SYMBOL,
    UNSPACED,
    WORD,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: First word of a character's Unicode name -> class, where it is not SPACED.
_SCRIPTS: Final = {
    "LATIN": WORD,
    "CJK": HAN,
    "IDEOGRAPHIC": HAN,
    "HIRAGANA": PARTICLE,
    "KATAKANA": UNSPACED,
    "KATAKANA-HIRAGANA": UNSPACED,
    "THAI": UNSPACED,
    "LAO": UNSPACED,
    "KHMER": UNSPACED,
    "MYANMAR": UNSPACED,
    "TIBETAN": UNSPACED,
    # Syllables, two or three a word: spaces end a run, n-grams inside it carry the word.
    "HANGUL": UNSPACED,
}
#: Scripts whose marks are ornaments of a base letter: folded away. Elsewhere (Thai,
#: Devanagari) a mark is a vowel and stays.
_FOLD_MARKS: Final = frozenset({"LATIN", "GREEK", "CYRILLIC"})


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Tables over the first ``SIZE`` code points.

    Attributes:
        fold: u32[SIZE], the folded code point.
        kind: u8[SIZE], the class (``kernels.characters``).
        script: u8[SIZE], a number for the script; 0 for none.
        digest: SHA-256 over the three, hex.
    """

    fold: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    script: NDArray[np.uint8]
    digest: str


@cache
def alphabet() -> Alphabet:
    """The tables; 0.3 s the first time."""
    fold = np.arange(SIZE, dtype=np.uint32)
    kind = np.full(SIZE, IGNORE, dtype=np.uint8)
    script = np.zeros(SIZE, dtype=np.uint8)
    numbers: dict[str, int] = {}
    for code in range(SIZE):
        character = chr(code)
        category = unicodedata.category(character)
        if category in ("Cn", "Co", "Cs"):
            continue
        folded = _folded(character)
        fold[code] = ord(folded)
        kind[code] = _kind(folded)
        if kind[code] >= SPACED:
            name = _script(folded)
            script[code] = numbers.setdefault(name, len(numbers) % 250 + 1)
    digest = hashlib.sha256()
    for table in (fold, kind, script):
        digest.update(table.tobytes())
        table.setflags(write=False)
    return Alphabet(fold, kind, script, digest.hexdigest())


def _folded(character: str) -> str:
    """One character for one: compatible form, lower case, accents of letters taken off."""
    if unicodedata.category(character).startswith("M"):
        return character
    digit: Any = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character).lstrip()[:1] or character
    lower = compatible.lower()[:1]
    if _script(lower) in _FOLD_MARKS:
        lower = unicodedata.normalize("NFD", lower)[:1]
    return lower


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ", 1)[0]


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    script = _script(character)
    if character.isspace() or category.startswith("Z"):
        return SPACE
    if category.startswith("C"):
        return IGNORE
    if category.startswith("M"):
        # Free-standing accents and the points of Arabic and Hebrew are left out by writers.
        ornament = script in ("COMBINING", "ARABIC", "HEBREW", "VARIATION", "CYRILLIC")
        return IGNORE if ornament else _SCRIPTS.get(script, SPACED)
    if category.startswith("P") or (category.startswith("S") and character.isascii()):
        return PUNCTUATION
    if category.startswith("S"):
        return SYMBOL
    if character.isascii():
        return WORD
    return _SCRIPTS.get(script, SPACED)
