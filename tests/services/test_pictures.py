"""The numbers of the figures against slow, readable references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.bundle.subject import CoverageCurve
from workbench.services import pictures
from workbench.services.exhibits import choose
from workbench.services.results import NO_TIME, Points

DAY_US = 86_400_000_000


def points(n: int = 300, n_accounts: int = 12, seed: int = 2) -> Points:
    random = np.random.default_rng(seed)
    x = random.normal(0, 3, n).astype(np.float32)
    y = random.normal(1, 2, n).astype(np.float32)
    account = random.integers(-1, n_accounts, n).astype(np.int32)
    prompt = random.integers(-1, 60, n).astype(np.int32)
    ts = random.integers(0, 30, n).astype(np.int64) * DAY_US
    ts[::17] = NO_TIME
    bounds = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    offsets = np.array([0, n], np.int64)
    return Points(x, y, account, prompt, ts, np.arange(n, dtype=np.int64), offsets, bounds)


def chosen(n_accounts: int = 12, first: int = 4) -> np.ndarray:
    return np.arange(n_accounts) < first


def test_every_exchange_is_on_the_whole_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_BLOCK", 64)
    given_points = points()
    picture = pictures.overview(given_points, {"C-001": chosen()})
    assert picture.counts.sum() == 300
    assert picture.counts.shape == pictures.OVERVIEW[::-1]
    assert picture.subjects["C-001"].sum() == given_points.of(chosen()).sum()
    assert (picture.subjects["C-001"] <= picture.counts).all()


def test_the_map_is_not_turned_over_and_not_squeezed() -> None:
    given_points = points()
    picture = pictures.overview(given_points, {})
    x0, y0, x1, y1 = picture.bounds
    width, height = pictures.OVERVIEW
    assert (x1 - x0) / width == pytest.approx((y1 - y0) / height)
    top = int(np.argmax(given_points.y))
    row = int((y1 - given_points.y[top]) / (y1 - y0) * height)
    column = int((given_points.x[top] - x0) / (x1 - x0) * width)
    assert picture.counts[row, column] > 0
    assert row < height / 4


def test_a_place_shows_most_of_its_subject() -> None:
    given_points = points()
    picture = pictures.place(given_points, "C-001", chosen(), "words")
    mine = given_points.of(chosen()).sum()
    assert picture.subjects["C-001"].sum() > 0.9 * mine
    assert picture.region == "words"
    nobody = pictures.place(given_points, "C-002", chosen(first=0), "")
    assert nobody.subjects["C-002"].sum() == 0


def test_a_region_holds_nine_tenths_and_no_more_cells_than_needed() -> None:
    given_points = points()
    cell = (np.arange(60) % 7).astype(np.int32)
    cells = pictures.region_cells(given_points, chosen(), cell)
    prompt = given_points.prompt[given_points.of(chosen())]
    held = np.bincount(cell[prompt[prompt >= 0]], minlength=7)
    assert held[cells].sum() >= 0.9 * held.sum()
    assert held[cells[:-1]].sum() < 0.9 * held.sum()
    assert pictures.region_cells(given_points, chosen(first=0), cell).size == 0


# --- coverage --------------------------------------------------------------------------------
@given(
    st.lists(st.integers(0, 8), max_size=40),
    st.lists(st.integers(1, 50), min_size=1, max_size=6, unique=True),
)
def test_visited_counts_distinct_cells_so_far(cells: list[int], steps: list[int]) -> None:
    steps = sorted(steps)
    expected = [len(set(cells[:step])) for step in steps]
    found = pictures.visited(np.array(cells, np.int32), np.array(steps, np.int64), 9)
    assert found.tolist() == expected


def sent(n_accounts: int = 40, each: int = 30, n_cells: int = 50) -> pictures.Sent:
    """Account 0 to 3 sweep the cells evenly; the others stay with five cells each."""
    random = np.random.default_rng(1)
    cell = np.concatenate(
        [
            (np.arange(each) + a * each) % n_cells
            if a < 4
            else random.choice(random.integers(0, n_cells, 5), each)
            for a in range(n_accounts)
        ]
    ).astype(np.int32)
    offsets = np.arange(n_accounts + 1, dtype=np.int64) * each
    ts = np.tile(np.arange(each, dtype=np.int64), n_accounts)
    return pictures.Sent(offsets, ts, cell, n_cells)


def test_a_sweep_lies_above_the_comparison_groups() -> None:
    everybody = np.ones(40, np.bool_)
    curve = pictures.coverage(sent(), chosen(40), everybody, seed=1, baseline="others")
    assert isinstance(curve, CoverageCurve)
    assert curve.sent[0] == curve.subject[0] == 0
    assert curve.sent[-1] == 120
    assert curve.subject[-1] == 50
    assert curve.high[-1] < 50
    assert (curve.low <= curve.median).all()
    assert (curve.median <= curve.high).all()
    assert (np.diff(curve.median) >= 0).all()


def test_the_same_seed_draws_the_same_groups() -> None:
    everybody = np.ones(40, np.bool_)
    one, two, three = (
        pictures.coverage(sent(), chosen(40), everybody, seed=seed, baseline="others")
        for seed in (1, 1, 2)
    )
    assert isinstance(one, CoverageCurve)
    assert isinstance(two, CoverageCurve)
    assert isinstance(three, CoverageCurve)
    assert (one.high == two.high).all()
    assert (one.high != three.high).any()


def test_comparison_groups_never_hold_the_subject() -> None:
    # Everybody else stays in cell 0: a group with a sweeping account would visit more.
    everything = sent()
    cell = everything.cell.copy()
    cell[4 * 30 :] = 0
    alone = pictures.Sent(everything.offsets, everything.ts, cell, 50)
    curve = pictures.coverage(alone, chosen(40), np.ones(40, np.bool_), seed=1, baseline="others")
    assert isinstance(curve, CoverageCurve)
    assert curve.high[-1] == 1


def test_too_few_others_are_not_compared_with() -> None:
    pool = np.arange(40) < 10
    said = pictures.coverage(sent(), chosen(40), pool, seed=1, baseline="others")
    assert said == (
        "Not compared: others sent 180 exchanges, and groups of equal volume need at least 360."
    )
    nothing = pictures.coverage(sent(), chosen(40, 0), pool, seed=1, baseline="others")
    assert nothing == "Not assessed: fewer than two exchanges have a prompt."


# --- events ----------------------------------------------------------------------------------
def test_sign_ups_of_following_days_are_one_event() -> None:
    created = [3 * DAY_US] * 4 + [4 * DAY_US + 5] * 6 + [5 * DAY_US] + [9 * DAY_US] * 3
    events = pictures.sign_ups(created, 20, 0, 30 * DAY_US)
    assert events == ((3 * DAY_US, "10 sign-ups"), (9 * DAY_US, "3 sign-ups"))


def test_sign_ups_outside_the_timeline_or_too_few_are_no_event() -> None:
    created = [1 * DAY_US] * 5 + [20 * DAY_US] * 2 + [40 * DAY_US] * 5
    assert pictures.sign_ups(created, 12, 10 * DAY_US, 30 * DAY_US) == ()
    assert pictures.sign_ups([], 12, 0, DAY_US) == ()
    inside = pictures.sign_ups([DAY_US] * 5, 5, DAY_US + 7, 30 * DAY_US)
    assert inside == ((DAY_US + 7, "5 sign-ups"),)


# --- exhibits --------------------------------------------------------------------------------
def test_exhibits_show_templates_first_and_many_accounts() -> None:
    given_points = points()
    template = np.where(np.arange(60) < 30, np.arange(60) % 2, -1).astype(np.int32)
    choices = choose(given_points, chosen(), template)
    ids = [choice.exchange_id for choice in choices]
    assert len(set(ids)) == len(ids) <= 8
    assert choices[0].reason.startswith("template 1, ")
    assert sum(choice.reason.startswith("template") for choice in choices) <= 6
    assert {int(given_points.account[i]) for i in ids} <= {0, 1, 2, 3}
    first_two = {int(given_points.account[i]) for i in ids[:2]}
    assert len(first_two) == 2


def test_exhibits_of_nobody_and_without_templates() -> None:
    given_points = points()
    assert choose(given_points, chosen(first=0), None) == ()
    choices = choose(given_points, chosen(), None)
    assert choices
    assert all("no template" in choice.reason for choice in choices)
