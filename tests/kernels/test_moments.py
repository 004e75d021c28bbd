"""Moments against the standard library."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.formats.times import read_time
from workbench.kernels.moments import NO_MOMENT, moment_at


def found(text: str) -> int | None:
    """What the kernel reads, the text lying among others."""
    data = np.frombuffer(b'":"' + text.encode() + b'",', np.uint8)
    moment = moment_at(data, 3, 3 + len(text.encode()))
    return None if moment == NO_MOMENT else int(moment)


@settings(max_examples=500)
@given(st.datetimes(), st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]))
def test_every_moment(moment: dt.datetime, digits: str) -> None:
    for end in ("Z", "+00:00"):
        text = moment.isoformat(timespec=digits) + end
        expected = dt.datetime.fromisoformat(text)
        assert found(text) == (expected - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(
            microseconds=1
        )


PIECES = st.sampled_from([*"0123456789-:T.Z+ z", "2026-05-01T12:00:00", "23:59:60", "-02-29"])


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_is_none_is_told_and_what_is_one_is_read_as_elsewhere(text: str) -> None:
    moment = found(text)
    assert moment is None or moment == read_time(text, None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-05-01", "2026-05-01T12:00Z", "2026-05-01T12:00:00", "2026-05-01 12:00:00Z"),
        *("2026-05-01T12:00:00.Z", "2026-05-01T12:00:00.1234567Z", "2026-05-01T12:00:00+01:00"),
        *("2026-13-01T12:00:00Z", "2026-02-29T12:00:00Z", "1900-02-29T12:00:00Z"),
        *("2026-05-01T24:00:00Z", "2026-05-01T12:60:00Z", "2026-05-01T12:00:60Z"),
        *("0000-05-01T12:00:00Z", "2026-00-01T12:00:00Z", "2026-05-00T12:00:00Z"),
        *("2026-05-01T12:00:00ZZ", "2026-05-01T12:00:00+0000", "2026-05-01T12:00:00.12345"),
    ],
)
def test_other_forms_are_not_read(text: str) -> None:
    assert found(text) is None


def test_leap_days() -> None:
    for year in (2000, 2024, 2400):
        assert found(f"{year}-02-29T00:00:00Z") == read_time(f"{year}-02-29T00:00:00Z", None)
