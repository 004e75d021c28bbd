"""Edges between entities against brute force; nothing between accounts of one customer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from tests.analysis.fakes import RecordingJob
from tests.analysis.hand_made import DAY, HOUR, MONDAY, held_by, profiles_of
from workbench.analysis.clusters import graph
from workbench.analysis.clusters.graph import (
    FLOOR,
    PARTNERS,
    SIGN_UP_US,
    TIE_CAP,
    Neighbours,
    content_neighbours,
    fit_prior,
    sign_up_density,
    tie_matrix,
)
from workbench.analysis.signals.ties import HUB, KINDS, Ties
from workbench.domain.errors import CancelledError
from workbench.kernels.timing import UNKNOWN

CELLS, WORDINGS = 12, 6


def planted(
    people: int, harvesters: int, *, seed: int = 0, prompts: int = 40
) -> tuple[np.ndarray, np.ndarray]:
    """(dense counts, whose profile it is): people with tastes of their own, and one source."""
    random = np.random.default_rng(seed)
    width = CELLS + WORDINGS
    common = random.dirichlet(np.full(width, 1.0))
    source = random.dirichlet(np.full(width, 0.3))
    rows = [random.multinomial(prompts, random.dirichlet(30.0 * common)) for _ in range(people)]
    rows += [random.multinomial(prompts, source) for _ in range(harvesters)]
    return np.array(rows), np.arange(people + harvesters) >= people


def log_dm(row: np.ndarray, alpha: np.ndarray) -> float:
    whole = gammaln(alpha.sum()) - gammaln(alpha.sum() + row.sum())
    return float(whole + (gammaln(alpha + row) - gammaln(alpha)).sum())


def log_dms(row: np.ndarray, alpha: np.ndarray) -> float:
    return log_dm(row[:CELLS], alpha[:CELLS]) + log_dm(row[CELLS:], alpha[CELLS:])


def slow_factors(dense: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """log DM(h_a + h_b) - log DM(h_a) - log DM(h_b) of every pair; -inf on the diagonal."""
    alone = np.array([log_dms(row, alpha) for row in dense])
    both = np.array([[log_dms(one + other, alpha) for other in dense] for one in dense])
    found: np.ndarray = both - alone[:, None] - alone[None, :]
    np.fill_diagonal(found, -np.inf)
    return found


def test_the_prior_is_the_population_smoothed_and_the_likeliest_strength() -> None:
    dense, _ = planted(60, 0)
    held = profiles_of(dense, CELLS, WORDINGS)
    prior = fit_prior(held)
    for number, (begin, end) in enumerate(((0, CELLS), (CELLS, CELLS + WORDINGS))):
        pooled = dense[:, begin:end].sum(axis=0) + 0.5
        share = pooled / pooled.sum()
        np.testing.assert_allclose(prior.share[begin:end], share)

        def surprise(log_strength: float, at: slice = slice(begin, end), profile=share) -> float:  # type: ignore[no-untyped-def]
            return -sum(log_dm(row[at], math.exp(log_strength) * profile) for row in dense)

        best = minimize_scalar(surprise, bounds=(0.0, math.log(1_000.0)), method="bounded")
        assert math.log(prior.strengths[number]) == pytest.approx(best.x, abs=0.05)
        np.testing.assert_allclose(prior.alpha[begin:end], prior.strengths[number] * share)


def test_neighbours_equal_those_of_all_pairs() -> None:
    dense, _ = planted(50, 12, seed=3)
    held = profiles_of(dense, CELLS, WORDINGS)
    prior = fit_prior(held)
    factors = slow_factors(dense, prior.alpha)
    found = content_neighbours(held, prior, RecordingJob())
    assert found.partner.shape == (62, PARTNERS)
    for row, everybody in enumerate(factors):
        order = np.argsort(-everybody, kind="stable")[:PARTNERS]
        expected = order[everybody[order] >= FLOOR]
        got = found.partner[row][found.partner[row] >= 0]
        assert got.tolist() == expected.tolist()
        np.testing.assert_allclose(found.factor[row][: len(got)], everybody[got], rtol=1e-9)
        assert (found.factor[row][len(got) :] == -np.inf).all()
    assert found.degree.tolist() == (found.partner >= 0).sum(axis=1).tolist()
    assert 0 < found.degree.sum() < found.partner.size


def test_one_source_finds_itself() -> None:
    dense, harvester = planted(150, 20, seed=4, prompts=80)
    held = profiles_of(dense, CELLS, WORDINGS)
    found = content_neighbours(held, fit_prior(held), RecordingJob())
    near = found.partner[harvester]
    assert harvester[near[near >= 0]].mean() > 0.9
    assert found.degree[harvester].min() >= 10


def test_each_pair_is_one_edge_whichever_side_chose_it() -> None:
    partner = np.array([[1, 2], [0, -1], [3, -1], [-1, -1]], dtype=np.int32)
    factor = np.array([[9.0, 5.0], [9.0, -np.inf], [4.0, -np.inf], [-np.inf, -np.inf]])
    low, high, weight = Neighbours(partner, factor).edges()
    assert list(zip(low.tolist(), high.tolist(), weight.tolist(), strict=True)) == [
        (0, 1, 9.0), (0, 2, 5.0), (2, 3, 4.0),
    ]  # fmt: skip


def test_beyond_the_exact_size_candidates_still_find_nearly_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Among nearest neighbours only, but by the same factor: what is found is exact."""
    dense, harvester = planted(250, 30, seed=5, prompts=60)
    held = profiles_of(dense, CELLS, WORDINGS)
    prior = fit_prior(held)
    exact = content_neighbours(held, prior, RecordingJob())
    monkeypatch.setattr(graph, "EXACT_BELOW", 100)
    near = content_neighbours(held, prior, RecordingJob())
    factors = slow_factors(dense, prior.alpha)
    rows, places = np.nonzero(near.known)
    others = near.partner[rows, places]
    assert (rows != others).all()
    np.testing.assert_allclose(near.factor[rows, places], factors[rows, others], rtol=1e-9)
    for row in np.flatnonzero(harvester):
        shared = set(near.partner[row].tolist()) & set(exact.partner[row].tolist())
        assert len(shared - {-1}) >= 0.8 * exact.degree[row]


def test_the_work_is_reported_and_can_be_cancelled() -> None:
    held = profiles_of(planted(8, 0)[0], CELLS, WORDINGS)
    prior = fit_prior(held)
    job = RecordingJob()
    content_neighbours(held, prior, job)
    assert job.checks == 1

    class Cancelled(RecordingJob):
        def check(self) -> None:
            raise CancelledError

    with pytest.raises(CancelledError):
        content_neighbours(held, prior, Cancelled())


N = 6
SHOWN = st.dictionaries(
    st.sampled_from(["network", "payment", "domain", "client", "asn", "organisation"]),
    st.lists(st.tuples(st.integers(0, N - 1), st.sampled_from("abc")), min_size=1, max_size=12),
)
CUSTOMERS = st.lists(st.integers(0, 4), min_size=N, max_size=N).map(
    lambda drawn: np.unique(drawn, return_inverse=True)[1].astype(np.int32)
)


@given(SHOWN, CUSTOMERS)
@settings(deadline=None)
def test_ties_are_what_two_strangers_share(
    shown: dict[str, list[tuple[int, str]]], customer: np.ndarray
) -> None:
    """-log of the share of customers who hold a value, summed over shared values, capped."""
    matrix = tie_matrix(Ties({k: held_by(pairs) for k, pairs in shown.items()}, customer), N)
    expected = np.zeros((N, N))
    n_customers = len(set(customer.tolist()))
    for kind, pairs in shown.items():
        if kind == "organisation":
            continue
        for value in {value for _, value in pairs}:
            holders = {account for account, held in pairs if held == value}
            customers = {int(customer[account]) for account in holders}
            if len(customers) < 2:
                continue
            weight = KINDS[kind] * math.log(n_customers / len(customers))
            for a in holders:
                for b in holders:
                    if customer[a] != customer[b]:
                        expected[a, b] += weight
    np.testing.assert_allclose(matrix.toarray(), np.minimum(expected, TIE_CAP), atol=1e-12)
    for row in range(N):
        columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        assert (np.diff(columns) > 0).all()


def test_no_edge_inside_one_customer_and_none_through_a_hub() -> None:
    n = 3 * HUB
    customer = np.array([0, 0, *range(1, n - 1)], dtype=np.int32)
    shown = {
        "payment": held_by([(0, "card"), (1, "card"), (2, "card")]),
        "network": held_by([(account, "carrier") for account in range(HUB + 1)]),
    }
    matrix = tie_matrix(Ties(shown, customer), n).toarray()
    assert matrix[0, 1] == 0.0
    assert matrix[0, 2] == matrix[2, 1] == pytest.approx(math.log((n - 1) / 2))
    assert np.count_nonzero(matrix) == 4


def test_evidence_of_one_pair_is_capped() -> None:
    shown = {kind: held_by([(0, "x"), (1, "x")]) for kind in ("network", "payment", "domain")}
    matrix = tie_matrix(Ties(shown, np.arange(500, dtype=np.int32)), 500)
    assert matrix[0, 1] == matrix[1, 0] == TIE_CAP
    assert 3 * math.log(250) > TIE_CAP


def test_no_ties_at_all() -> None:
    assert tie_matrix(Ties({}, np.arange(4, dtype=np.int32)), 4).nnz == 0
    assert tie_matrix(Ties({}, np.zeros(0, dtype=np.int32)), 0).shape == (0, 0)


@given(
    st.lists(
        st.one_of(st.just(UNKNOWN), st.integers(0, 24 * 20).map(lambda h: MONDAY + h * HOUR)),
        max_size=15,
    )
)
@settings(deadline=None)
def test_sign_up_density(created: list[int]) -> None:
    """The share of the others within five days, half an account added."""
    found = sign_up_density(np.array(created, dtype=np.int64))
    known = [at for at in created if at != UNKNOWN]
    for at, share in zip(created, found, strict=True):
        if at == UNKNOWN or len(known) < 2:
            assert math.isnan(share)
        else:
            near = sum(abs(other - at) <= SIGN_UP_US for other in known) - 1
            assert share == pytest.approx((near + 0.5) / (len(known) - 0.5))
            assert 0.0 < share <= 1.0


def test_a_crowded_week_is_denser_than_a_lonely_one() -> None:
    created = MONDAY + np.array([*range(0, 10 * HOUR, HOUR), 90 * DAY])
    density = sign_up_density(created)
    assert density[0] > 10 * density[-1] > 0
