"""The camera's arithmetic: there and back, zoom that holds the pointer, tiles that cover."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.kernels.pyramid import DEEPEST, Square
from workbench.ui.map.camera import Camera, TileKey, best_level, visible_tiles

PLACE = st.floats(-50, 50)
PIXEL = st.floats(-500, 2000)
CAMERA = st.builds(
    Camera, PLACE, PLACE, st.floats(0.01, 1e5), st.floats(50, 4000), st.floats(50, 4000)
)
SQUARE = Square(-10.0, -10.0, 20.0)


@given(CAMERA, PIXEL, PIXEL)
def test_there_and_back(camera: Camera, left: float, top: float) -> None:
    x, y = camera.to_data(left, top)
    assert camera.to_screen(x, y) == pytest.approx((left, top), abs=1e-3)


def test_up_is_up() -> None:
    camera = Camera(0, 0, 10, 200, 100)
    assert camera.to_screen(1, 1) == (110, 40)
    assert camera.window() == (-10, -5, 10, 5)


@given(CAMERA, st.floats(0.1, 10), PIXEL, PIXEL)
def test_zoom_holds_what_is_under_the_pointer(
    camera: Camera, factor: float, left: float, top: float
) -> None:
    x, y = camera.to_data(left, top)
    zoomed = camera.zoomed(factor, left, top)
    assert zoomed.scale == pytest.approx(camera.scale * factor)
    assert zoomed.to_screen(x, y) == pytest.approx((left, top), abs=1e-3)


@given(CAMERA, st.floats(-500, 500), st.floats(-500, 500))
def test_pan_follows_the_hand(camera: Camera, right: float, down: float) -> None:
    panned = camera.panned(right, down)
    left, top = camera.to_screen(camera.x, camera.y)
    assert panned.to_screen(camera.x, camera.y) == pytest.approx(
        (left + right, top + down), abs=1e-3
    )


@given(PLACE, PLACE, st.floats(0, 30), st.floats(0, 30), st.floats(40, 3000), st.floats(40, 3000))
@example(x0=0.0, y0=0.0, across=0.0, up=1.1125369292536007e-308, width=40.0, height=40.0)
def test_all_that_should_fit_fits(
    x0: float, y0: float, across: float, up: float, width: float, height: float
) -> None:
    camera = Camera.fitted((x0, y0, x0 + across, y0 + up), width, height)
    assert camera.scale > 0
    for x, y in ((x0, y0), (x0 + across, y0 + up)):
        left, top = camera.to_screen(x, y)
        assert -0.01 <= left <= width + 0.01
        assert -0.01 <= top <= height + 0.01


@given(CAMERA)
def test_the_allowed_view_is_kept(camera: Camera) -> None:
    home = Camera.fitted((-10, -10, 10, 10), camera.width, camera.height)
    allowed = camera.clamped(SQUARE, home)
    assert home.scale / 2 <= allowed.scale <= max(256 * 2**DEEPEST / 20, home.scale)
    assert -10 <= allowed.x <= 10
    assert -10 <= allowed.y <= 10
    assert allowed.clamped(SQUARE, home) == allowed


@given(CAMERA, CAMERA, st.floats(0, 1))
def test_a_motion_begins_and_ends_where_it_should(a: Camera, b: Camera, share: float) -> None:
    b = b.resized(a.width, a.height)
    assert a.between(b, 0).scale == pytest.approx(a.scale)
    assert a.between(b, 0).x == pytest.approx(a.x)
    assert a.between(b, 1) is b
    low, high = sorted((a.scale, b.scale))
    assert low * 0.999 <= a.between(b, share).scale <= high * 1.001


def test_a_zoom_on_the_way_holds_what_is_under_the_pointer() -> None:
    a = Camera(0, 0, 10, 800, 600)
    b = a.zoomed(4, 700, 100)
    x, y = a.to_data(700, 100)
    for share in (0.2, 0.5, 0.9):
        assert a.between(b, share).to_screen(x, y) == pytest.approx((700, 100), abs=1e-6)


@given(CAMERA, st.sampled_from([1.0, 1.5, 2.0]))
def test_tiles_are_never_drawn_far_from_their_size(camera: Camera, ratio: float) -> None:
    level = best_level(camera, SQUARE, ratio)
    drawn = camera.scale * ratio * SQUARE.side / 2**level / 256
    if 0 < level < DEEPEST:
        assert 0.70 <= drawn <= 1.42


@given(CAMERA, st.integers(0, 6))
def test_visible_tiles_are_those_that_touch_the_view(camera: Camera, level: int) -> None:
    size = SQUARE.side / 2**level
    x0, y0, x1, y1 = camera.window()
    expected = {
        TileKey(level, column, row)
        for column in range(2**level)
        for row in range(2**level)
        if SQUARE.x0 + column * size <= x1
        and SQUARE.x0 + (column + 1) * size > x0
        and SQUARE.y0 + row * size <= y1
        and SQUARE.y0 + (row + 1) * size > y0
    }
    found = visible_tiles(camera, SQUARE, level)
    assert set(found) == expected
    assert len(found) == len(expected)


def test_a_parent_holds_its_children() -> None:
    child = TileKey(3, 5, 2)
    assert child.parent() == TileKey(2, 2, 1)
    x0, y0, x1, y1 = child.parent().bounds(SQUARE)
    cx0, cy0, cx1, cy1 = child.bounds(SQUARE)
    assert x0 <= cx0 < cx1 <= x1
    assert y0 <= cy0 < cy1 <= y1
