"""Tokens and the tree of skeletons against slow, readable versions."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.text.alphabet import alphabet
from workbench.kernels.skeletons import WIDTH, ends, grow, index_skeletons, match, spans


def tokens(text: str) -> list[tuple[int, str]]:
    data = text.encode()
    room = max(1, len(data))
    letters = alphabet()
    hashes, begins, stops = np.empty(room, np.uint64), np.empty(room, int), np.empty(room, int)
    n = spans(np.frombuffer(data, np.uint8), letters.fold, letters.kind, hashes, begins, stops)
    return [
        (int(h), data[a:b].decode())
        for h, a, b in zip(hashes[:n], begins[:n], stops[:n], strict=True)
    ]


@settings(max_examples=200)
@given(st.text(st.sampled_from("ab C1-2 9.!\n\té中文のไท😀"), max_size=40))
def test_tokens_are_words_and_single_signs(text: str) -> None:
    expected = re.findall(r"[abcé0-9]+|[^\sabcé0-9]", text, flags=re.IGNORECASE)
    assert [piece for _, piece in tokens(text)] == expected


def test_a_token_is_known_by_its_folded_form_with_numbers_as_one() -> None:
    def hashes(text: str) -> list[int]:
        return [h for h, _ in tokens(text)]

    assert hashes("Résumé item12 7") == hashes("resume ITEM3 123456")
    assert hashes("a") != hashes("b")
    assert hashes("-") != hashes("x")
    assert len(set(hashes("a b - . 中 1"))) == 6


@settings(max_examples=100)
@given(st.lists(st.text(st.sampled_from("ab c. 中"), max_size=60), max_size=5))
def test_ends_are_the_first_and_last_tokens(texts: list[str]) -> None:
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    offsets = np.cumsum([0] + [len(e) for e in encoded]).astype(np.int64)
    head = np.empty((len(texts), WIDTH), np.uint64)
    tail = np.empty((len(texts), WIDTH), np.uint64)
    letters = alphabet()
    ends(data, offsets, letters.fold, letters.kind, head, tail)
    for text, first, last in zip(texts, head, tail, strict=True):
        hashes = [h for h, _ in tokens(text)]
        fill = [0] * max(0, WIDTH - len(hashes))
        assert first.tolist() == hashes[:WIDTH] + fill
        assert last.tolist() == hashes[::-1][:WIDTH] + fill


def slow_grow(rows: list[tuple[int, ...]], least: int, least_tokens: int) -> set[tuple[int, ...]]:
    """The same rule over prefixes as tuples."""

    def starting(prefix: tuple[int, ...]) -> list[tuple[int, ...]]:
        return [row for row in rows if row[: len(prefix)] == prefix]

    def following(prefix: tuple[int, ...]) -> Counter:
        found = Counter(row[len(prefix)] for row in starting(prefix))
        del found[0]
        return found

    def tight(prefix: tuple[int, ...]) -> bool:
        for _ in range(2):
            if len(prefix) >= WIDTH:
                return True
            size = len(starting(prefix))
            most = following(prefix)
            if not most or max(most.values()) < max(least, size / 2):
                return False
            # Of equals the smaller token: rows are sorted.
            prefix = (*prefix, min(most, key=lambda token: (-most[token], token)))
        return True

    entered: list[tuple[int, ...]] = [()]
    parent: dict[tuple[int, ...], tuple[int, ...]] = {}
    for node in entered:
        if len(node) == WIDTH:
            continue
        size = len(starting(node))
        for token, n in following(node).items():
            child = (*node, token)
            if n >= least and (n >= size / 2 or tight(child)):
                entered.append(child)
                parent[child] = node
    left = {node: len(starting(node)) for node in entered}
    for child, node in parent.items():
        left[node] -= len(starting(child))
    good = set()
    for node in sorted(parent, key=len, reverse=True):
        if left[node] >= least and len(node) >= least_tokens:
            good.add(node)
        else:
            left[parent[node]] += left[node]
    return good


@st.composite
def token_rows(draw: st.DrawFn) -> list[tuple[int, ...]]:
    frames = draw(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=6), max_size=5))
    rows = []
    for frame in frames:
        for _ in range(draw(st.integers(1, 8))):
            row = frame + draw(st.lists(st.integers(1, 9), max_size=4))
            rows.append(tuple((row + [0] * WIDTH)[:WIDTH]))
    return rows


@settings(max_examples=200)
@given(token_rows(), st.integers(2, 4), st.integers(1, 3))
def test_the_tree_as_the_slow_one(
    rows: list[tuple[int, ...]], least: int, least_tokens: int
) -> None:
    array = np.array(sorted(rows), np.uint64).reshape(-1, WIDTH)
    example, depth = grow(array, least, least_tokens)
    found = {tuple(array[e, :d].tolist()) for e, d in zip(example, depth, strict=True)}
    expected = slow_grow(rows, least, least_tokens)
    assert found == expected
    keys, numbers = index_skeletons(array, example, depth)
    matched = np.empty(len(array), np.int32)
    match(array, keys, numbers, matched)
    for row, number in zip(array.tolist(), matched.tolist(), strict=True):
        prefixes = [tuple(row[:d]) for d in range(WIDTH, 0, -1) if tuple(row[:d]) in expected]
        got = tuple(array[example[number], : depth[number]].tolist()) if number >= 0 else None
        assert got == (prefixes[0] if prefixes else None)


def test_what_is_filled_in_is_no_skeleton() -> None:
    """A frequent first word of what is filled in does not split its template."""
    random = np.random.default_rng(0)
    frame = [101, 102, 103, 104]
    rows = [
        [*frame, 7 if n < 40 else 1000 + n, *random.integers(10**6, size=8)] for n in range(200)
    ]
    rows += [[201, 202, 203, n] for n in range(20)]
    array = np.array(sorted([*r, *[0] * (WIDTH - len(r))] for r in rows), np.uint64)
    example, depth = grow(array, 6, 2)
    found = {tuple(array[e, :d].tolist()) for e, d in zip(example, depth, strict=True)}
    assert found == {tuple(frame), (201, 202, 203)}
