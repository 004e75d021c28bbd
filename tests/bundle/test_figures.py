import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.bundle import made_up
from workbench.bundle import figures
from workbench.bundle.shading import RAMP, equalised, paints
from workbench.bundle.subject import MapPicture, Timeline
from workbench.bundle.ticks import count_ticks, time_ticks

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> list[figures.Drawn]:
    return list(figures.draw_all(made_up.content()))


def test_every_figure_has_its_number_and_its_place(drawn: list[figures.Drawn]) -> None:
    assert [one.name for one in drawn] == [
        "01-map",
        "02-C-014-timeline",
        "03-C-014-coverage",
        "04-C-014-place",
        "05-C-021-timeline",
        "06-C-021-coverage",
        "07-C-021-place",
    ]
    assert all(one.alt for one in drawn)


def test_figures_are_plain_pictures(drawn: list[figures.Drawn]) -> None:
    for one in drawn:
        root = ElementTree.fromstring(one.svg)
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert not tags & {"script", "foreignObject", "a", "animate"}
        links = re.findall(r'(?:href|src)="([^"]{0,30})', one.svg)
        assert all(link.startswith("#") for link in links)


def test_all_of_a_figure_is_vector(drawn: list[figures.Drawn]) -> None:
    for one in drawn:
        root = ElementTree.fromstring(one.svg)
        assert not list(root.iter(f"{SVG}image"))
        assert one.kind not in {"map", "place"} or len(list(root.iter(f"{SVG}path"))) > 4


def test_text_in_figures_is_text_in_the_shipped_font(drawn: list[figures.Drawn]) -> None:
    for one in drawn:
        root = ElementTree.fromstring(one.svg)
        texts = list(root.iter(f"{SVG}text"))
        assert texts or one.kind == "place"
        assert all("'Inter'" in text.attrib["style"] for text in texts)


def test_the_same_content_draws_the_same_bytes(drawn: list[figures.Drawn]) -> None:
    again = list(figures.draw_all(made_up.content()))
    assert [one.svg for one in again] == [one.svg for one in drawn]
    assert not any("2026-" in one.svg or "Date" in one.svg for one in drawn)


def test_every_exchange_is_in_the_numbers_beside_the_map(drawn: list[figures.Drawn]) -> None:
    overview = made_up.content().overview
    assert overview is not None
    table = drawn[0].numbers
    assert table.column("exchanges").to_numpy().sum() == overview.counts.sum()
    for name, counts in overview.subjects.items():
        assert table.column(name).to_numpy().sum() == counts.sum()


def test_the_numbers_of_the_curves_are_those_drawn(drawn: list[figures.Drawn]) -> None:
    line, curve = made_up.timeline(0), made_up.coverage()
    assert drawn[1].numbers.column("subject").to_numpy().tolist() == line.subject.tolist()
    assert drawn[1].numbers.column("begins")[0].as_py().isoformat() == "2026-05-12T00:00:00"
    assert drawn[2].numbers.column("others_95").to_numpy().tolist() == curve.high.tolist()


def test_tags_of_neighbours_do_not_cover_each_other() -> None:
    spots = {f"C-{i:03d}": made_up.grid(i, [(400 + i, 240, 10, 300)]) for i in range(4)}
    counts = sum(spots.values(), np.zeros((120, 200), np.int64))
    svg = figures.draw_map(MapPicture(counts, spots, (0, 0, 1, 1)), {}, width_mm=104, height_mm=62)
    heights = re.findall(r'<text[^>]* y="([0-9.]+)"', svg)
    assert len(heights) == 4
    assert min(np.diff(sorted(float(y) for y in heights))) > 5


def test_an_empty_map_and_an_empty_timeline_draw() -> None:
    empty = np.zeros((10, 20), np.int64)
    picture = MapPicture(empty, {"C-001": empty}, (0, 0, 1, 1))
    assert "<svg" in figures.draw_map(picture, {}, width_mm=40, height_mm=20)
    line = Timeline(
        np.array([0, 1_000_000], np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64), "a second"
    )
    assert "<svg" in figures.draw_timeline(line, figures.CATEGORIES[0])


# --- shading ---------------------------------------------------------------------------------
def shade(counts: np.ndarray, layers: list[tuple[np.ndarray, str]]) -> np.ndarray:
    """The paths as a printer fills them: RGB, u8[height, width, 3]."""
    image = np.empty((0, 0, 3))
    for paint in paints(counts, layers):
        if not image.size:
            image = np.zeros((*paint.where.shape, 3))
        where = np.zeros(paint.where.shape, bool)
        for x, y, n, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", paint.path()):
            assert n == back
            where[int(y), int(x) : int(x) + int(n)] = True
        assert (where == paint.where).all()
        colour = np.array([int(paint.colour[i : i + 2], 16) for i in (1, 3, 5)])
        image[where] += (colour - image[where]) * paint.opacity
    return np.rint(image).astype(np.uint8)


@given(st.lists(st.integers(0, 50), min_size=4, max_size=40))
def test_equalised_is_the_rank_among_what_is_there(values: list[int]) -> None:
    counts = np.array(values, np.int64).reshape(1, -1)
    above = [v for v in values if v > 0]
    expected = [sum(o <= v for o in above) / len(above) if v else 0.0 for v in values]
    assert np.allclose(equalised(counts), [expected])


def test_nothing_is_the_lightest_and_a_subject_shows_its_colour() -> None:
    empty = np.zeros((4, 4), np.int64)
    lightest = [int(RAMP[0][i : i + 2], 16) for i in (1, 3, 5)]
    assert (shade(empty, []) == lightest).all()
    counts = np.full((4, 4), 100, np.int64)
    alone = shade(counts, [(counts, "#C71F7C")])[0, 0]
    assert abs(int(alone[0]) - 0xC7) < 20
    assert int(alone[0]) - int(alone[1]) > 100


def test_a_lone_exchange_is_drawn_large_enough_for_print() -> None:
    counts = np.zeros((9, 9), np.int64)
    counts[0, 0] = counts[4, 4] = 1  # 2 of 81: below a twelfth
    changed = (shade(counts, []) != shade(counts * 0, [])).any(axis=2)
    assert changed[3:6, 3:6].all()
    assert changed[:2, :2].all()
    assert changed.sum() == 9 + 4


@pytest.mark.parametrize(("filled", "side"), [(1, 7), (12, 5), (50, 3), (400, 1)])
def test_marks_grow_as_the_grid_empties(filled: int, side: int) -> None:
    counts = np.zeros((50, 60), np.int64)
    away = np.flatnonzero(np.abs(np.arange(3_000) % 60 - 30) > 7)
    counts.ravel()[away[np.linspace(0, away.size - 1, filled - 1).astype(int)]] = 1
    counts[25, 30] = 9
    changed = (shade(counts, []) != shade(counts * 0, [])).any(axis=2)
    rows = np.flatnonzero(changed[:, 30])
    assert rows.max() - rows.min() + 1 == len(rows) == side


def test_a_wide_grid_is_drawn_coarser_and_counts_the_same() -> None:
    counts = np.random.default_rng(7).integers(0, 3, (551, 799))
    layer = np.where(np.arange(799) < 100, counts, 0)
    ground, *rest = paints(counts, [(layer, "#C71F7C")])
    assert ground.where.shape == (276, 400)
    coloured = np.logical_or.reduce([paint.where for paint in rest if paint.colour == "#C71F7C"])
    assert coloured[:, :50].mean() > 0.9
    assert not coloured[:, 50:].any()


# --- axes ------------------------------------------------------------------------------------
@example(4.75, 2)
@given(st.floats(0.1, 1e9), st.integers(2, 6))
def test_count_ticks_are_whole_few_and_inside(highest: float, most: int) -> None:
    ticks, labels = count_ticks(highest, most=most)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= most + 1
    assert all(tick == int(tick) for tick in ticks)
    assert labels == [f"{int(tick):,}" for tick in ticks]
    assert len({round(b - a, 6) for a, b in itertools.pairwise(ticks)}) <= 1


@given(st.integers(0, 4_000_000_000), st.integers(1, 400_000_000))
def test_time_ticks_are_few_ordered_and_inside(first_s: int, span_s: int) -> None:
    first, last = first_s * 1_000_000, (first_s + span_s) * 1_000_000
    ticks, labels = time_ticks(first, last)
    assert len(ticks) <= 10
    assert ticks == sorted(ticks)
    assert all(first <= tick <= last for tick in ticks)
    assert len(labels) == len(ticks)
    if span_s > 90_000:
        assert ticks


def test_time_ticks_at_the_ends_of_the_calendar() -> None:
    year = 365 * 86_400_000_000
    last = 253_402_300_799_000_000  # 9999-12-31
    assert time_ticks(last - 3 * year, last)[1]
    first = -62_135_596_800_000_000  # 0001-01-01
    assert time_ticks(first, first + 3 * year)[1]


def test_time_ticks_read_as_days() -> None:
    day = 86_400_000_000
    _, labels = time_ticks(made_up.FIRST_US, made_up.FIRST_US + 44 * day)
    assert labels == ["12 May", "19 May", "26 May", "2 Jun", "9 Jun", "16 Jun", "23 Jun"]
    _, hours = time_ticks(made_up.FIRST_US, made_up.FIRST_US + day // 4)
    assert hours[:2] == ["12 May 00:00", "12 May 01:00"]
