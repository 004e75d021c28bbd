"""Tables of digests against dictionaries."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.kernels.digest_tables import COPY, NEW, OTHER_CONTENT, DigestTable, RequestTable

# Few distinct words, so that keys agree in slots, halves and wholes.
_WORDS = st.sampled_from([0, 1, 2, 1024, 1025, 2048, 2**63, 2**64 - 1])
_KEYS = st.lists(st.tuples(_WORDS, _WORDS), max_size=60)


def _array(keys: list[tuple[int, int]]) -> np.ndarray:
    return np.array(keys, np.uint64).reshape(len(keys), 2)


@pytest.fixture(autouse=True)
def _wrapping_is_meant() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


@given(st.lists(_KEYS, max_size=4))
def test_codes_are_given_in_order_of_first_appearance(blocks: list[list[tuple[int, int]]]) -> None:
    table = DigestTable()
    codes: dict[tuple[int, int], int] = {}
    for keys in blocks:
        before = len(codes)
        found, fresh = table.encode(_array(keys), len(codes))
        for key in keys:
            codes.setdefault(key, len(codes))
        assert found.tolist() == [codes[key] for key in keys]
        first_rows = [keys.index(key) for key, code in codes.items() if code >= before]
        assert fresh.tolist() == first_rows
    assert len(table) == len(codes)
    wanted = [(2**63, 7), *codes]
    assert table.lookup(_array(wanted)).tolist() == [codes.get(key, -1) for key in wanted]


@given(st.lists(_KEYS, max_size=4))
def test_counts_go_up(blocks: list[list[tuple[int, int]]]) -> None:
    table = DigestTable()
    seen: dict[tuple[int, int], int] = {}
    for keys in blocks:
        expected = []
        for key in keys:
            seen[key] = seen.get(key, 0) + 1
            expected.append(seen[key])
        assert table.count(_array(keys)).tolist() == expected
    assert table.lookup(_array([*seen])).tolist() == [*seen.values()]


def test_storing_keeps_the_larger_value() -> None:
    table = DigestTable()
    table.store(_array([(1, 1), (2, 2), (1, 1)]), np.array([5, 6, 3], np.int32))
    assert table.lookup(_array([(1, 1), (2, 2), (3, 3)])).tolist() == [5, 6, -1]
    assert len(table) == 2


def test_a_table_grows_and_forgets_nothing() -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 2**64, (20_000, 2), np.uint64)
    table = DigestTable()
    for start in range(0, len(keys), 700):
        block = keys[start : start + 700]
        codes, fresh = table.encode(block, start)
        assert codes.tolist() == list(range(start, start + len(block)))
        assert len(fresh) == len(block)
    assert table.lookup(keys).tolist() == list(range(len(keys)))
    # Four to six sevenths of the slots are used, on average over the parts.
    assert 20 / 0.8 <= table.nbytes / len(keys) <= 20 / 0.8 * 1.4


def test_a_table_takes_in_another() -> None:
    table, other = DigestTable(), DigestTable()
    table.store(_array([(1, 1), (2, 2)]), np.array([5, 6], np.int32))
    other.store(_array([(2, 2), (1, 1), (3, 3)]), np.array([4, 9, 7], np.int32))
    table.take_in(other)
    assert table.lookup(_array([(1, 1), (2, 2), (3, 3)])).tolist() == [9, 6, 7]
    assert len(table) == 3


# Marks are outputs of a keyed hash: no structure, but here all in one of two slots.
_SPREAD = [
    int(word) << 10 | i % 2 for i, word in enumerate(np.random.default_rng(1).integers(1, 2**53, 8))
]
_MARKS = st.lists(st.tuples(st.sampled_from(_SPREAD), st.sampled_from(_SPREAD)), max_size=60)


@given(st.lists(_MARKS, max_size=4))
def test_requests_are_judged_as_by_a_dictionary(blocks: list[list[tuple[int, int]]]) -> None:
    table = RequestTable()
    contents: dict[int, set[int]] = {}
    for marks in blocks:
        expected = []
        for request, content in marks:
            of = contents.setdefault(request, set())
            expected.append(NEW if not of else COPY if content in of else OTHER_CONTENT)
            of.add(content)
        assert table.judge(_array(marks)).tolist() == expected
    found = table.first(np.array(_SPREAD, np.uint64)) != -1
    assert found.tolist() == [request in contents for request in _SPREAD]


def test_a_request_that_hashes_to_zero_is_a_request() -> None:
    table = RequestTable()
    assert table.first(np.zeros(1, np.uint64)).tolist() == [-1]
    assert table.judge(_array([(0, 5), (0, 5), (0, 6)])).tolist() == [NEW, COPY, OTHER_CONTENT]
    assert table.first(np.zeros(1, np.uint64)).tolist() == [5]


def test_the_first_id_of_a_request_is_found_again() -> None:
    table = RequestTable()
    table.judge(_array([(10, 100), (11, 101), (10, 102)]))
    assert table.first(np.array([10, 11, 12], np.uint64)).tolist() == [100, 101, -1]


def test_one_request_with_very_many_contents_takes_linear_time() -> None:
    """A log whose request ids are all "-": chains would make this quadratic (hours)."""
    n = 300_000
    marks = np.column_stack([np.full(n, 12345), np.arange(n)]).astype(np.uint64)
    table = RequestTable()
    verdict = table.judge(marks)
    assert verdict[0] == NEW
    assert (verdict[1:] == OTHER_CONTENT).all()
    assert (table.judge(marks) == COPY).all()
    assert len(table) == n


def test_a_request_table_grows_and_forgets_nothing() -> None:
    rng = np.random.default_rng(5)
    marks = rng.integers(1, 2**63, (4000, 2), np.uint64)  # as ids, second words are below 2**63
    marks[:, 0] = rng.integers(0, 2**64, 4000, np.uint64)
    # A request of which a second content was seen holds a second entry, which moves as well.
    marks[1::2, 0] = marks[::2, 0]
    table = RequestTable()
    for start in range(0, len(marks), 300):
        table.judge(marks[start : start + 300])
    assert 16 / 0.8 <= table.nbytes / len(marks) <= 16 / 0.8 * 1.4
    assert (table.judge(marks) == COPY).all()
    assert len(table) == len(marks)
    assert table.first(marks[:, 0]).tolist() == np.repeat(marks[::2, 1], 2).tolist()
