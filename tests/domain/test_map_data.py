"""Map data: arrays that do not fit together are refused."""

import numpy as np
import pytest

from workbench.domain.map_data import MapData


def made(**changes: object) -> MapData:
    fields: dict[str, object] = {
        "x": np.zeros(3, np.float32),
        "y": np.zeros(3, np.float32),
        "account": np.array([0, 1, -1], np.int32),
        "exchange_id": np.arange(3),
        "segment_offsets": np.array([0, 2, 3]),
        "bounds": (0.0, 0.0, 1.0, 1.0),
        "n_accounts": 2,
    }
    return MapData(**(fields | changes))  # type: ignore[arg-type]


def test_what_fits_is_taken() -> None:
    assert len(made()) == 3
    assert len(MapData.empty()) == 0


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"y": np.zeros(2, np.float32)}, "equally long"),
        ({"account": np.zeros(4, np.int32)}, "equally long"),
        ({"exchange_id": np.arange(1)}, "equally long"),
        ({"segment_offsets": np.array([0, 2])}, "segment_offsets"),
        ({"segment_offsets": np.array([1, 3])}, "segment_offsets"),
        ({"segment_offsets": np.array([0, 3, 2, 3])}, "segment_offsets"),
        ({"segment_offsets": np.array([], np.int64)}, "segment_offsets"),
        ({"n_accounts": 1}, "n_accounts"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, object], fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        made(**changes)


def test_the_ground_has_room_around_the_outermost_points() -> None:
    x0, y0, x1, y1 = made(bounds=(1.0, 2.0, 11.0, 4.0)).ground
    assert (x0, y0, x1, y1) == pytest.approx((0.7, 1.7, 11.3, 4.3))
    assert np.isnan(made(bounds=(np.nan,) * 4).ground).all()
