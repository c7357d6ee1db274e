"""Units' hours from TOML, and errors that name what is wrong."""

from __future__ import annotations

import tomllib
from datetime import date, datetime

import pytest

from workbench.clock import CalendarError, CalendarRule, parse_calendars, read_calendars, working_seconds

WARD = """
[calendars.hcm-ward]
weekdays = ["7:30-11:30", "13:00-17:00"]
saturday = ["7:30-11:30"]
friday = ["7:30-11:30"]
days_off = [2024-03-04]
[calendars.hcm-ward.extra_days]
2024-12-31 = ["7:30-9:30"]
[[rules]]
province = "H29"
agency = "H29.12"
calendar = "hcm-ward"
"""


def test_read(tmp_path):
    (tmp_path / "hours.toml").write_text(WARD)
    read = read_calendars(tmp_path / "hours.toml")
    assert [c.calendar_id for c in read.calendars] == ["vn-default", "hcm-ward"]
    assert read.rules == (CalendarRule("hcm-ward", "H29", "H29.12"), CalendarRule("vn-default"))
    ward = read.calendars[1]
    assert working_seconds(ward, datetime(2024, 3, 4), datetime(2024, 3, 11)) == (3 * 8 + 4 + 4) * 3600
    assert ward.hours(date(2024, 12, 31)).seconds == 7200
    assert ward.hours(date(2024, 9, 2)).seconds == 0


def test_without_national_days():
    read = parse_calendars(tomllib.loads('[calendars.nl]\nweekdays = ["9:00-17:00"]\nholidays = "none"'))
    assert read.calendars[1].hours(date(2024, 9, 2)).seconds == 8 * 3600


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[calendars.a]\nweekday = ["7:00-11:00"]', "Calendar 'a' has the key 'weekday'"),
        ('[calendars.a]\nmonday = "7:00-11:00"', "monday = '7:00-11:00'"),
        ('[calendars.a]\nmonday = ["7:00"]', "Calendar 'a', monday: '7:00' is no span"),
        ("[calendars.a]\nmonday = []", "'a' never works|a never works"),
        ('[calendars.a]\nmonday = ["7:00-9:00"]\nholidays = "us"', "holidays = 'us'"),
        ('[calendars.a]\nmonday = ["7:00-9:00"]\ndays_off = ["1/2/2024"]', "names the day '1/2/2024'"),
        ('[[rules]]\ncalendar = "b"', "names the calendar 'b'"),
        ('[[rules]]\ncalendar = "vn-default"\n[[rules]]\ncalendar = "vn-default"', "Two rules"),
        ("[calendar]", "The file has the key 'calendar'"),
        ("calendars = 1\n[x", "not TOML"),
    ],
)
def test_errors_name_the_place(tmp_path, text, message):
    file = tmp_path / "hours.toml"
    file.write_text(text)
    with pytest.raises(CalendarError, match=message) as caught:
        read_calendars(file)
    assert caught.value.fix
    assert "hours.toml" in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(CalendarError, match="no file"):
        read_calendars(tmp_path / "none.toml")
