"""W(t) is additive and monotone, its inverse inverts it, and both agree with counting minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.clock import (
    Calendar,
    CalendarError,
    add_working,
    default_calendar,
    next_opening,
    opening,
    parse_hours,
    vietnamese_calendar,
    worked,
    working_seconds,
)

WARD = vietnamese_calendar(
    "ward", [parse_hours(["7:30-11:30", "13:00-17:00"])] * 5 + [parse_hours(["7:30-11:30"]), parse_hours([])]
)
calendars = st.sampled_from([default_calendar(), WARD])
instants = st.datetimes(datetime(2018, 1, 1), datetime(2027, 12, 31)).map(lambda t: t.replace(microsecond=0))
minutes = st.integers(0, 6 * 24 * 60)


def by_minutes(calendar: Calendar, start: datetime, n: int) -> int:
    """Working seconds of the `n` minutes from `start`, one minute after the other."""
    total = 0
    for minute in range(n):
        moment = start + timedelta(minutes=minute)
        hours = calendar.hours(moment.date())
        second = moment.hour * 3600 + moment.minute * 60
        total += 60 * (hours.am_from <= second < hours.am_to or hours.pm_from <= second < hours.pm_to)
    return total


@given(calendars, instants, minutes)
def test_equals_counting_minutes(calendar, start, n):
    start = start.replace(second=0)
    assert working_seconds(calendar, start, start + timedelta(minutes=n)) == by_minutes(calendar, start, n)


@given(calendars, instants, instants, instants)
def test_additive(calendar, a, b, c):
    assert working_seconds(calendar, a, b) + working_seconds(calendar, b, c) == working_seconds(calendar, a, c)


@given(calendars, instants, instants)
def test_monotone_and_never_longer_than_the_clock(calendar, a, b):
    a, b = min(a, b), max(a, b)
    assert 0 <= working_seconds(calendar, a, b) <= (b - a).total_seconds()


@given(calendars, instants, st.integers(1, 60 * 8 * 3600))
def test_adding_inverts(calendar, start, seconds):
    end = add_working(calendar, start, seconds)
    assert working_seconds(calendar, start, end) == seconds
    assert working_seconds(calendar, start, end - timedelta(seconds=1)) == seconds - 1


@given(calendars, instants, st.integers(0, 10**6), st.integers(0, 10**6))
def test_adding_in_two_parts(calendar, start, a, b):
    if b:
        assert add_working(calendar, add_working(calendar, start, a), b) == add_working(calendar, start, a + b)


def test_by_hand():
    c = default_calendar()
    assert working_seconds(c, datetime(2024, 1, 5, 16), datetime(2024, 1, 8, 8)) == 2 * 3600  # Friday to Monday
    assert working_seconds(c, datetime(2024, 1, 8, 8), datetime(2024, 1, 5, 16)) == -2 * 3600
    assert working_seconds(c, datetime(2024, 2, 7, 17), datetime(2024, 2, 15, 7)) == 0  # Tết
    assert working_seconds(c, datetime(2024, 5, 4), datetime(2024, 5, 5)) == 8 * 3600  # make-up Saturday
    assert working_seconds(c, datetime(2024, 4, 29), datetime(2024, 4, 30)) == 0
    assert working_seconds(WARD, datetime(2024, 5, 4), datetime(2024, 5, 5)) == 8 * 3600  # a full Monday is made up
    assert working_seconds(WARD, datetime(2024, 1, 6), datetime(2024, 1, 7)) == 4 * 3600
    assert working_seconds(WARD, datetime(2018, 2, 17), datetime(2018, 2, 18)) == 0  # Saturday in Tết


def test_a_full_day_ends_in_the_evening():
    c = default_calendar()
    assert add_working(c, datetime(2024, 1, 5, 17), 8 * 3600) == datetime(2024, 1, 8, 17)
    assert add_working(c, datetime(2024, 1, 6, 9), 0) == datetime(2024, 1, 6, 9)
    assert add_working(c, datetime(2024, 1, 8, 11), 1800) == datetime(2024, 1, 8, 11, 30)
    assert add_working(c, datetime(2024, 1, 8, 11), 1801) == datetime(2024, 1, 8, 13, 30, 1)


def test_years_outside_the_holiday_table_know_weekends_only():
    c = default_calendar()
    assert working_seconds(c, datetime(2004, 1, 1), datetime(2004, 1, 2)) == 8 * 3600  # New Year's Day, a Thursday
    assert working_seconds(c, datetime(2004, 1, 3), datetime(2004, 1, 5)) == 0


def test_series():
    c = default_calendar()
    start = pd.Series([datetime(2024, 1, 5, 16), None, datetime(2024, 1, 8, 7)], index=[5, 6, 7])
    out = working_seconds(c, start, datetime(2024, 1, 8, 8))
    assert out.index.tolist() == [5, 6, 7]
    assert out.fillna(-1).tolist() == [7200, -1, 3600]


def test_openings():
    c = default_calendar()
    assert opening(c, datetime(2024, 1, 6).date()) is None
    assert next_opening(c, datetime(2024, 2, 7).date()) == datetime(2024, 2, 15, 7)


def test_bad_instants():
    c = default_calendar()
    with pytest.raises(CalendarError, match=r"1999-12-31.*outside 2000-01-01"):
        worked(c, datetime(1999, 12, 31, 9))
    with pytest.raises(CalendarError, match="outside"):
        add_working(c, datetime(2040, 12, 31, 16), 7200)
    with pytest.raises(ValueError, match="zero or more"):
        add_working(c, datetime(2024, 1, 1), -1)
    with pytest.raises(ValueError, match="zone"):
        worked(c, pd.Timestamp("2024-01-01", tz="UTC"))
    with pytest.raises(ValueError, match="zone"):
        worked(c, pd.Series(pd.to_datetime(["2024-01-01"], utc=True)))
