# ruff: noqa: RUF001  (full-width letters are what is tested)
"""MinHash against sets of shingles, and groups against a slow search over all leaders."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.groups import Leaders, leaders_of
from workbench.kernels import minhash

Signed = tuple[np.ndarray, np.ndarray]


def sign(texts: list[str]) -> Signed:
    letters = alphabet()
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    offsets = np.cumsum([0] + [len(e) for e in encoded]).astype(np.int64)
    exact = np.empty(len(texts), np.uint64)
    minima = np.empty((len(texts), minhash.WIDTH), np.uint32)
    minhash.signatures(data, offsets, letters.fold, letters.kind, exact, minima)
    return exact, minima


def normal_form(text: str) -> str:
    """For ASCII."""
    text = re.sub(r"[\x00-\x08\x0e-\x1b\x7f]", "", text.lower())
    return re.sub(r"[0-9]+", "0", re.sub(r"\s+", " ", text).strip())


def shingles(text: str) -> set[str]:
    form = normal_form(text)
    return {form[i : i + 5] for i in range(len(form) - 4)} or ({form} if form else set())


ascii_text = st.text(st.characters(max_codepoint=0x7F), max_size=40)
similar = st.tuples(ascii_text, st.sampled_from([" ", "\t\n", "12", "7", "X", "", "\x00"])).map(
    lambda parts: f"the {parts[1]} common words of all texts {parts[0]}"
)


@settings(max_examples=300)
@given(similar, similar)
def test_equal_normal_forms_are_what_hashes_equal(a: str, b: str) -> None:
    exact, minima = sign([a, b])
    assert (exact[0] == exact[1]) == (normal_form(a) == normal_form(b))
    if shingles(a) == shingles(b):
        np.testing.assert_array_equal(minima[0], minima[1])


@settings(max_examples=100)
@given(st.lists(ascii_text, min_size=1, max_size=8))
def test_a_signature_holds_the_minimum_over_the_shingles(texts: list[str]) -> None:
    """A union's signature is the least of the parts': true of minima over sets, of little else."""
    _, minima = sign(texts)
    for text, row in zip(texts, minima, strict=True):
        parts = sorted(shingles(text))
        if parts:
            _, single = sign(parts)
            whole = [p for p in parts if normal_form(p) == p]
            if len(whole) == len(parts):
                np.testing.assert_array_equal(row, single.min(axis=0))


def test_signatures_estimate_jaccard() -> None:
    random = np.random.default_rng(0)
    words = ["".join(chr(97 + c) for c in random.integers(0, 26, 6)) for _ in range(400)]
    errors = []
    for _ in range(400):
        base = list(random.choice(words, 30))
        other = list(base)
        for at in random.integers(0, 30, random.integers(0, 30)):
            other[at] = random.choice(words)
        a, b = " ".join(base), " ".join(other)
        truth = len(shingles(a) & shingles(b)) / len(shingles(a) | shingles(b))
        _, minima = sign([a, b])
        errors.append(float((minima[0] == minima[1]).mean()) - truth)
    # Unbiased, and no wider than a binomial of 32 draws.
    assert abs(np.mean(errors)) < 0.015
    assert np.std(errors) < 0.085


def test_folding_makes_variants_the_same() -> None:
    exact, _ = sign(
        [
            "Résumé  of case 12",
            "resume of\nCASE 7",
            "ＲＥＳＵＭＥ of\u200b case 1234",
            "resume case 1",
        ]
    )
    assert exact[0] == exact[1] == exact[2]
    assert exact[0] != exact[3]


def slow_lead(exact: np.ndarray, minima: np.ndarray) -> list[int]:
    """Every leader that shares a band is compared; no hash tables, no bucket limit."""
    leaders: list[np.ndarray] = []
    forms: dict[int, int] = {}
    groups = []
    for form, signature in zip(exact.tolist(), minima, strict=True):
        best, most = forms.get(form, -1), 19
        if best >= 0 and (leaders[best] == signature).sum() <= most:
            best = -1
        if best < 0:
            for number, leader in enumerate(leaders):
                bands = (leader.reshape(8, 4) == signature.reshape(8, 4)).all(axis=1)
                agreeing = int((leader == signature).sum())
                if bands.any() and agreeing > most:
                    best, most = number, agreeing
        if best < 0:
            best = len(leaders)
            leaders.append(signature)
        forms.setdefault(form, best)
        groups.append(best)
    return groups


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 31), max_size=18)), max_size=60),
    st.integers(1, 20),
)
def test_groups_as_the_slow_search(changes: list[tuple[int, list[int]]], block: int) -> None:
    random = np.random.default_rng(7)
    bases = random.integers(0, 2**32, (6, 32), dtype=np.uint32)
    minima = np.array(
        [_changed(bases[base], places) for base, places in changes], np.uint32
    ).reshape(-1, 32)
    exact = np.array([hash(row.tobytes()) & (2**64 - 1) for row in minima], np.uint64)
    leaders = Leaders()
    group: list[int] = []
    for first in range(0, len(minima), block):
        part = slice(first, first + block)
        group.extend(leaders.take(exact[part], minima[part]).tolist())
    # At most four leaders of one bucket are kept: stay below that in the comparison.
    if len(set(group)) <= 4:
        assert group == slow_lead(exact, minima)
    assert sorted(set(group)) == list(range(leaders.count))


def _changed(base: np.ndarray, places: list[int]) -> np.ndarray:
    row = base.copy()
    row[places] ^= np.uint32(0x5555)
    return row


def test_no_chains_each_member_agrees_with_its_leader() -> None:
    random = np.random.default_rng(3)
    words = ["".join(chr(97 + c) for c in random.integers(0, 26, 6)) for _ in range(60)]
    line = list(random.choice(words, 25))
    texts = []
    for _ in range(3000):
        line[random.integers(25)] = str(random.choice(words))
        texts.append(" ".join(line))
    exact, minima = sign(texts)
    group = Leaders().take(exact, minima)
    leader = leaders_of(group)
    agreeing = (minima == minima[leader[group]]).sum(axis=1)
    assert agreeing.min() >= 20
    assert len(leader) > 10


def test_a_forged_hash_does_not_join_a_group() -> None:
    _, minima = sign(["one thing entirely", "something else altogether"])
    group = Leaders().take(np.array([5, 5], np.uint64), minima)
    assert group.tolist() == [0, 1]


def test_later_texts_change_no_earlier_group() -> None:
    texts = [
        f"please translate line {i} of chapter {'ab'[i % 2]} " * (i % 3 + 1) for i in range(99)
    ]
    exact, minima = sign(texts)
    whole = Leaders().take(exact, minima)
    part = Leaders().take(exact[:40], minima[:40])
    np.testing.assert_array_equal(whole[:40], part)
