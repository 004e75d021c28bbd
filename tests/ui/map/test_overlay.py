"""Names on the map: nothing collides, the fuller stays, nothing lies under a card."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from workbench.ui.map.camera import Camera
from workbench.ui.map.overlay import Overlay, Place
from workbench.ui.theme import Theme

VIEW = Camera(5, 5, 60, 800, 600)
SPOT = st.floats(-3, 13)
PLACES = st.lists(
    st.builds(Place, st.text(max_size=30), SPOT, SPOT, st.integers(0, 10**8)), max_size=25
)


@given(PLACES, PLACES, st.lists(st.tuples(st.floats(0, 600), st.floats(0, 450)), max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_never_collide_and_never_lie_under_a_card(
    theme: Theme, regions: list[Place], tags: list[Place], corners: list[tuple[float, float]]
) -> None:
    overlay = Overlay(theme)
    overlay.set_regions(regions)
    overlay.set_tags(tags)
    cards = [QRectF(left, top, 180, 120) for left, top in corners]
    placed = overlay.placed(VIEW, cards, 1.0)
    for name in placed:
        assert QRectF(0, 0, 800, 600).contains(name.box)
        assert not any(name.box.intersects(card) for card in cards)
    for first, second in itertools.combinations(placed, 2):
        assert not first.box.intersects(second.box)


def test_the_fuller_region_stays(theme: Theme) -> None:
    overlay = Overlay(theme)
    crowd = [Place(f"Region {i}", 5, 5, count=i) for i in range(12)]
    overlay.set_regions(crowd)
    placed = overlay.placed(VIEW, [], 1.0)
    assert 0 < len(placed) < 12
    kept = sorted(name.place.count for name in placed)
    assert kept == list(range(12 - len(kept), 12))


def test_a_tag_keeps_its_side_while_the_map_moves(theme: Theme) -> None:
    overlay = Overlay(theme)
    overlay.set_tags(
        [Place("C-014", 5, 5, colour="cat1", radius=1), Place("C-007", 5.2, 5, colour="cat2")]
    )
    first = overlay.placed(VIEW, [], 1.0)
    moved = overlay.placed(VIEW.panned(37, -21), [], 1.0)
    for before, after in zip(first, moved, strict=True):
        shift = after.box.topLeft() - before.box.topLeft()
        assert (shift.x(), shift.y()) == pytest.approx((37, -21), abs=1)


def test_a_tag_stays_out_of_its_cluster(theme: Theme) -> None:
    overlay = Overlay(theme)
    overlay.set_tags([Place("C-014", 5, 5, radius=2)])
    (tag,) = overlay.placed(VIEW, [], 1.0)
    dx = tag.box.center().x() - tag.anchor.x()
    dy = tag.box.center().y() - tag.anchor.y()
    assert (dx**2 + dy**2) ** 0.5 > 2 * VIEW.scale


def test_names_out_of_view_are_left_out(theme: Theme) -> None:
    overlay = Overlay(theme)
    overlay.set_regions([Place("Far", 500, 500, 9)])
    overlay.set_tags([Place("C-001", -500, 0)])
    assert overlay.placed(VIEW, [], 1.0) == []
