"""Times: every writing that is read, what is refused, and the fast path against the slow one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.errors import InputError
from workbench.formats.times import read_time, read_times, zone_named

UTC = dt.UTC
#: 2026-05-01T12:30:15.250000Z
NOON = 1_777_638_615_250_000
BERLIN = zone_named("Europe/Berlin")


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-01T12:30:15.25Z",
        "2026-05-01T12:30:15.250000+00:00",
        "2026-05-01t12:30:15.25z",
        "2026-05-01 12:30:15.250 UTC",
        "2026-05-01 12:30:15.25+00",
        "2026-05-01T14:30:15,25+0200",
        "2026-05-01T12:30:15.250000999Z",
        "2026-05-01T05:30:15.25-07:00",
        " 2026-05-01T12:30:15.25Z ",
        1_777_638_615.25,
        1_777_638_615_250,
        1_777_638_615_250_000,
        1_777_638_615_250_000_999,
        "1777638615.25",
        "1777638615250",
        dt.datetime(2026, 5, 1, 12, 30, 15, 250_000, tzinfo=UTC),
    ],
)
def test_every_writing_of_one_moment(value: object) -> None:
    assert read_time(value, None) == NOON


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-05-01T25:00:00Z",
        "2026-05-01T12:30:15+24:00",
        "2026-05-01T12:30:15+01:60",
        "2026-W18-5",
        "20260501T123015Z",
        "٢٠٢٦-05-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        10**21,
        float("inf"),
        "1e400",
        True,
        [1],
        {},
    ],
)
def test_what_is_no_time(value: object) -> None:
    assert read_time(value, UTC) is None


@pytest.mark.parametrize("text", ["2026-05-01 14:30:15.25", "2026-05-01T14:30:15.250"])
def test_a_naive_time_needs_a_zone(text: str) -> None:
    assert read_time(text, None) is None
    assert read_time(text, BERLIN) == NOON
    assert read_time(dt.datetime.fromisoformat(text), BERLIN) == NOON
    assert read_time(dt.datetime.fromisoformat(text), None) is None


def test_a_date_alone_is_its_midnight() -> None:
    midnight = read_time("2026-05-01T00:00:00Z", None)
    assert read_time("2026-05-01", UTC) == read_time(dt.date(2026, 5, 1), UTC) == midnight
    assert read_time("2026-05-01", None) is None


def test_a_leap_second_is_the_moment_after_it() -> None:
    assert read_time("2016-12-31T23:59:60Z", None) == read_time("2017-01-01T00:00:00Z", None)
    assert read_time("2016-12-31T23:59:60.5Z", None) == read_time("2017-01-01T00:00:00Z", None)


def test_an_hour_that_a_zone_has_twice_is_the_first_of_them() -> None:
    assert read_time("2026-10-25 02:30:00", BERLIN) == read_time("2026-10-25T00:30:00Z", None)


@pytest.mark.parametrize(
    ("number", "microseconds"),
    [
        (10**11 - 1, (10**11 - 1) * 1_000_000),
        (10**11, 10**14),
        (10**14 - 1, (10**14 - 1) * 1_000),
        (10**14, 10**14),
        (10**17 - 1, 10**17 - 1),
        (10**17, 10**14),
    ],
)
def test_the_magnitude_tells_the_unit(number: int, microseconds: int) -> None:
    assert read_time(number, None) == microseconds
    assert read_time(str(number), None) == microseconds


def test_times_of_1970_and_2099_are_read_as_they_are() -> None:
    assert read_time(0, None) == 0
    assert read_time("2099-01-01T00:00:00Z", None) == 4_070_908_800_000_000
    assert read_time(-1, None) == -1_000_000


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InputError, match="Mars"):
        zone_named("Mars/Olympus")
    with pytest.raises(InputError):
        zone_named("../../etc/passwd")
    assert zone_named("") is None


def test_a_column_marks_what_it_could_not_read() -> None:
    array, failed = read_times(["2026-05-01T12:30:15.25Z", None, "soon", "", "null", 12], None)
    assert failed == [2]
    values = array.cast("int64").to_pylist()
    assert values == [NOON, None, None, None, None, 12_000_000]


_MOMENTS = st.datetimes(dt.datetime(1600, 1, 1), dt.datetime(2400, 1, 1))


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Texts near RFC 3339, right and wrong."""
    moment = draw(_MOMENTS)
    date = draw(st.sampled_from([moment.strftime("%Y-%m-%d"), "2026-02-31", "2026-5-1"]))
    between = draw(st.sampled_from(["T", " ", "t", "", "_"]))
    clock = draw(st.sampled_from([moment.strftime("%H:%M:%S"), "12:30", "24:00:00", "7:00:00"]))
    digits = draw(st.integers(0, 9))
    fraction = "." + f"{moment.microsecond:06d}999"[:digits] if digits else ""
    zone = draw(st.sampled_from(["Z", "z", "", "+00:00", "-0730", "+05", "+14:00", "+24:00", " Z"]))
    return f"{date}{between}{clock}{fraction}{zone}"


@given(st.lists(_texts(), min_size=1, max_size=6))
def test_the_fast_way_reads_as_the_slow_one(texts: list[str]) -> None:
    array, failed = read_times(texts, None)
    slow = [read_time(text, None) for text in texts]
    assert array.cast("int64").to_pylist() == slow
    assert failed == [i for i, value in enumerate(slow) if value is None]


@given(_texts())
def test_one_text_alone_too(text: str) -> None:
    array, _ = read_times([text], None)
    assert array.cast("int64").to_pylist() == [read_time(text, None)]
