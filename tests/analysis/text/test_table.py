# ruff: noqa: RUF001, E501  (characters of many scripts)
"""The shipped table is what its page says, and the alphabet is what Unicode says."""

from __future__ import annotations

import hashlib
import unicodedata

import numpy as np
import pytest

from workbench.analysis.text.alphabet import alphabet
from workbench.domain.resources import resource_path
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

FOLDER = resource_path("embedding")


def test_the_files_are_those_that_the_page_names() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    for name in ("vocabulary.txt", "vectors.npy", "scales.npy"):
        digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
        assert f"{digest}  {name}" in page
    assert "Apache License" in (FOLDER / "LICENSE").read_text("utf-8")
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 32 * 2**20


def test_a_row_for_every_token() -> None:
    tokens = (FOLDER / "vocabulary.txt").read_text("utf-8").splitlines()
    vectors = np.load(FOLDER / "vectors.npy")
    assert vectors.shape == (len(tokens), 256)
    assert vectors.dtype == np.int8
    assert np.load(FOLDER / "scales.npy").shape == (len(tokens),)
    assert len(set(tokens)) == len(tokens)


def test_function_words_name_their_language_and_mean_nothing_in_english() -> None:
    lines = (FOLDER / "function_words.txt").read_text("utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("#")]
    assert len(lines) == 27
    assert all(len(line.split(":")[0]) == 2 for line in lines)
    words = {word for line in lines for word in line.split()[1:]}
    assert not words & {"die", "war", "hat", "care", "pour", "door", "era", "son", "sin"}


@pytest.mark.parametrize(
    ("character", "folded", "kind"),
    [
        ("A", "a", WORD), ("É", "e", WORD), ("１", "1", WORD), ("ß", "ß", WORD), ("𝐀", "a", WORD),
        ("٣", "3", WORD), ("Ё", "е", SPACED), ("ا", "ا", SPACED), ("ह", "ह", SPACED),
        ("中", "中", HAN), ("が", "が", PARTICLE), ("ｶ", "カ", UNSPACED), ("ไ", "ไ", UNSPACED),
        ("่", "่", UNSPACED), ("한", "한", UNSPACED), ("😀", "😀", SYMBOL), ("€", "€", SYMBOL),
        ("«", "«", PUNCTUATION), ("$", "$", PUNCTUATION), ("\u00a0", " ", SPACE), ("\t", "\t", SPACE),
        ("\u200b", "\u200b", IGNORE), ("\u202e", "\u202e", IGNORE), ("\u0301", "\u0301", IGNORE),
        ("\x00", "\x00", IGNORE), ("\ue000", "\ue000", IGNORE),
    ],
)  # fmt: skip
def test_characters(character: str, folded: str, kind: int) -> None:
    letters = alphabet()
    assert letters.kind[ord(character)] == kind
    if kind not in (SPACE, IGNORE):
        assert chr(letters.fold[ord(character)]) == folded


def test_folding_is_done_once() -> None:
    letters = alphabet()
    assert len(letters.fold) == len(letters.kind) == len(letters.script) == SIZE
    known = np.flatnonzero(letters.kind != IGNORE)
    once = letters.fold[known]
    once = once[once < SIZE]
    assert (letters.fold[once] == once).mean() > 0.9999
    assert (letters.script[letters.kind == SPACED] > 0).all()
    assert not letters.script[letters.kind == WORD].any()
    surrogates = letters.kind[0xD800:0xE000]
    assert (surrogates == IGNORE).all()
    assert unicodedata.category(chr(0x378)) == "Cn"
    assert letters.kind[0x378] == IGNORE
