"""Hours of a day and what makes a calendar wrong."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.clock import Calendar, CalendarError, Hours, default_calendar, parse_hours
from workbench.clock.calendar import DAY_OFF


def test_hours():
    assert parse_hours([]) == DAY_OFF
    assert parse_hours(["7:30-11:30", "13:00-17:00"]) == Hours(27000, 41400, 46800, 61200)
    assert parse_hours(["7h30 - 11h30"]).seconds == 4 * 3600
    assert parse_hours(["13:00-17:00"]).pm_from == 13 * 3600
    assert parse_hours(["0:00-12:00", "12:00-24:00"]).seconds == 24 * 3600


@pytest.mark.parametrize(
    "spans", [["7-11"], ["11:00-7:00"], ["7:00-25:00"], ["7:61-8:00"], ["13:00-17:00", "7:00-11:00"], ["7:00-8:00"] * 3]
)
def test_wrong_hours(spans):
    with pytest.raises(CalendarError):
        parse_hours(spans)


def test_default_calendar_covers_old_logs_and_far_due_dates():
    calendar = default_calendar()
    frame = calendar.frame()
    assert (calendar.first_day, calendar.last_day) == (date(2000, 1, 1), date(2040, 12, 31))
    assert len(frame) == 14976
    assert frame.before_seconds.is_monotonic_increasing
    year = frame[frame.day.dt.year == 2024]
    assert ((year.am_to > year.am_from) & (year.pm_to > year.pm_from)).sum() == 251  # 262 weekdays - 12 off + 1 made up


def test_wrong_calendars():
    with pytest.raises(CalendarError, match="never works"):
        Calendar("x", (DAY_OFF,) * 7)
    with pytest.raises(CalendarError, match="3 weekdays"):
        Calendar("x", (DAY_OFF,) * 3)
    with pytest.raises(CalendarError, match="ends before"):
        Calendar("x", (Hours(0, 1),) * 7, {}, date(2024, 1, 2), date(2024, 1, 1))
