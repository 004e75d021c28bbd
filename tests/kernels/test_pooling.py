"""Pooling against a slow reading of the same rules, and the decoder against Python's."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.embed import static_embedder
from workbench.domain.resources import resource_path
from workbench.kernels import pooling
from workbench.kernels.characters import SIZE, decode

MASK = (1 << 64) - 1
WORDS = ["play", "##ing", "##s", "un", "##know", "##n", "a", "!", "##a", "song", "x", "42"]


def fnv(text: str, basis: int) -> int:
    for character in text:
        basis = ((basis ^ ord(character)) * 0x100000001B3) & MASK
    return basis


def direction(h: int, dimension: int) -> np.ndarray:
    signs = []
    for _ in range(dimension // 32):
        h = (h + 0x9E3779B97F4A7C15) & MASK
        z = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        signs += [-1 if z >> (32 + bit) & 1 else 1 for bit in range(32)]
    return np.array(signs, np.int64)


def pieces(word: str, vocabulary: dict[str, int]) -> list[int]:
    """WordPiece: greedy longest match; characters that begin no piece are skipped."""
    if word in vocabulary:
        return [vocabulary[word]]
    found, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = [e for e in range(len(word), start, -1) if prefix + word[start:e] in vocabulary]
        if ends:
            found.append(vocabulary[prefix + word[start : ends[0]]])
        start = ends[0] if ends else start + 1
    return found


def slow_pool(text: str, table: np.ndarray, unit: int) -> np.ndarray:
    """Latin text only: words, punctuation, and words that were split."""
    vocabulary = {word: row for row, word in enumerate(WORDS)}
    total = np.zeros(table.shape[1], np.int64)
    strange = np.zeros(table.shape[1], np.int64)
    words = split = 0
    for token in re.findall(r"[a-z0-9]+|[^a-z0-9\s]", text.lower()):
        if not token[0].isalnum():
            if token in vocabulary:
                total += table[vocabulary[token]]
            continue
        words += 1
        found = pieces(token, vocabulary)
        total += table[found].astype(np.int64).sum(axis=0)
        if token in vocabulary:
            continue
        split += 1
        if len(token) > 3:
            strange += 24 * unit * direction(fnv(token, int(pooling._BASIS)), total.size)
            for i in range(len(token) - 3):
                h = fnv(token[i : i + 4], int(pooling._INSIDE))
                strange += 24 * unit * direction(h, total.size)
    if split:
        eighths = int(8 * min(1.0, max(0.0, (split / words - 0.2) / (0.4 - 0.2))))
        total += strange * eighths >> 3
    length = np.sqrt(float((total.astype(float) ** 2).sum()))
    return (total / length if length else total).astype(np.float32)


def run_pool(texts: list[str], table: np.ndarray, unit: int) -> np.ndarray:
    letters = alphabet()
    codes = [[ord(c) for c in word.removeprefix("##")] for word in WORDS]
    keys, rows = pooling.index_tokens(
        np.array([code for word in codes for code in word], np.uint32),
        np.cumsum([0] + [len(c) for c in codes]).astype(np.int64),
        np.array([word.startswith("##") for word in WORDS]),
        np.arange(len(WORDS), dtype=np.int32),
    )
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    offsets = np.cumsum([0] + [len(e) for e in encoded]).astype(np.int64)
    out = np.empty((len(texts), table.shape[1]), np.float32)
    pooling.pool(
        data, offsets, letters.fold, letters.kind, letters.script,
        keys, rows, table, unit, 0.5, out,
    )  # fmt: skip
    return out


TABLE = np.random.default_rng(1).integers(-32_767, 32_767, (len(WORDS), 64)).astype(np.int16)
latin = st.lists(
    st.sampled_from([*WORDS, "playing", "songs", "unknown", "zzzz", "Playa", "9", ".", "\n", "é"]),
    max_size=12,
).map(lambda parts: " ".join(p.removeprefix("##") for p in parts).replace("é", "e\u0301"))


@settings(max_examples=200)
@given(st.lists(latin, min_size=1, max_size=5))
def test_latin_text_as_the_slow_reading(texts: list[str]) -> None:
    fast = run_pool(texts, TABLE, 50)
    for text, row in zip(texts, fast, strict=True):
        plain = unicodedata.normalize("NFC", text).replace("é", "e")
        np.testing.assert_allclose(row, slow_pool(plain, TABLE, 50), atol=1e-6)


@settings(max_examples=300)
@given(st.binary(max_size=40), st.text(max_size=10))
def test_decoder_reads_what_python_reads_and_survives_the_rest(noise: bytes, text: str) -> None:
    whole = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    i, found = 0, []
    while i < whole.size:
        code, i = decode(whole, i, whole.size)
        found.append(code)
    assert found == [ord(c) for c in text.encode("utf-8", "replace").decode()]
    broken = np.frombuffer(noise, np.uint8)
    i = 0
    while i < broken.size:
        code, after = decode(broken, i, broken.size)
        assert i < after <= broken.size
        if code:
            assert broken[i:after].tobytes() == chr(code).encode("utf-8", "surrogatepass")
        i = after


@settings(max_examples=100)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_a_vector_depends_on_its_text_alone(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    together = run_pool(texts, TABLE, 50)
    lengths = np.linalg.norm(together, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_array_equal(run_pool([text], TABLE, 50)[0], row)


def test_a_huge_text_is_bounded_and_finite() -> None:
    rows = run_pool(["play " * 400_000, "x" * 200_000, "中" * 200_000], TABLE, 322)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u0000", "\ue000"])
def test_a_text_without_tokens_has_no_direction(text: str) -> None:
    assert not run_pool([text], TABLE, 50).any()


def test_planes_beyond_the_tables_are_han() -> None:
    rare, other = run_pool(["\U00020000\U00020001", "\U00020002\U00020003"], TABLE, 50)
    assert SIZE <= 0x20000
    assert 0 < rare @ other < 0.9


def test_every_token_of_the_shipped_table_is_found_whole() -> None:
    tokens = resource_path("embedding/vocabulary.txt").read_text("utf-8").splitlines()
    embedder = static_embedder()
    whole = [t for t in tokens if not t.startswith("##") and t.isascii() and len(t) > 4][:2000]
    import pyarrow as pa

    rows = embedder.embed(pa.array(whole))
    twice = embedder.embed(pa.array([f"{t.upper()} {t}" for t in whole]))
    same = np.einsum("nd,nd->n", rows, twice)
    assert (same > 0.999).all()
