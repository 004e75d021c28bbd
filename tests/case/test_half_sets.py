"""Which results answer which requests, against the rules written out slowly."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from workbench.case.half_sets import Candidate, Couple, chosen

_SETS = st.dictionaries(st.sampled_from("ABCD"), st.sets(st.integers(0, 5), min_size=1), min_size=1)
_RESULTS = st.dictionaries(
    st.sampled_from("wxyz"), st.sets(st.integers(0, 5), min_size=1), min_size=1
)


def decide(
    requests: dict[str, set[int]], results: dict[str, set[int]]
) -> tuple[set[Couple], set[Couple]]:
    """What is chosen for names that are laid out in memory."""
    fits = [("k", a, w) for a in requests for w in results if results[w] <= requests[a]]
    overlapping = [
        ("k", a, w, x)
        for a in requests
        for w, x in itertools.combinations(sorted(results), 2)
        if ("k", a, w) in fits and ("k", a, x) in fits and results[w] & results[x]
    ]
    return chosen(fits, overlapping)


@given(_SETS, _RESULTS)
def test_what_is_chosen_is_the_only_way_there_is(
    requests: dict[str, set[int]], results: dict[str, set[int]]
) -> None:
    taken, undecided = decide(requests, results)
    assert not taken & undecided
    owner = {w: a for _, a, w in taken}
    assert len(owner) == len(taken)
    for w, a in owner.items():
        assert results[w] <= requests[a]
        # Nobody else that is chosen answers one of its requests, ...
        others = [x for x in owner if x != w and owner[x] == a]
        assert not any(results[w] & results[x] for x in others)
        # ... and any other set that would do has these requests answered by one that is chosen.
        for b in requests:
            if b != a and results[w] <= requests[b]:
                assert any(owner[x] == b and results[w] & results[x] for x in owner if x != w)
    for w in results:
        can = [a for a in requests if results[w] <= requests[a]]
        assert (w in owner) or any(x == w for _, _, x in undecided) or not can


@given(_SETS, _RESULTS, st.permutations("wxyz"))
def test_names_and_order_decide_nothing(
    requests: dict[str, set[int]], results: dict[str, set[int]], order: list[str]
) -> None:
    called = dict(zip("wxyz", order, strict=True))
    taken, _ = decide(requests, results)
    again, _ = decide(
        {a.lower(): requests[a] for a in reversed(list(requests))},
        {called[w]: results[w] for w in reversed(list(results))},
    )
    assert {(k, a.lower(), called[w]) for k, a, w in taken} == again


def test_two_that_answer_the_same_are_both_left() -> None:
    assert decide({"A": {1, 2}}, {"w": {1}, "x": {1, 2}}) == (
        set(),
        {("k", "A", "w"), ("k", "A", "x")},
    )


def test_an_output_and_an_error_file_are_of_one_batch() -> None:
    taken, undecided = decide({"A": {1, 2, 3}}, {"w": {1, 3}, "x": {2}})
    assert (taken, undecided) == ({("k", "A", "w"), ("k", "A", "x")}, set())


def test_a_request_that_could_not_be_read_may_be_the_one_that_lacks() -> None:
    assert Candidate(("k", "A", "w"), shared=3, answered=4, unread=1).fits
    assert not Candidate(("k", "A", "w"), shared=3, answered=4, unread=0).fits
