"""Working hours: which seconds of which days an office works.

A calendar has the hours of each weekday and the days that are not what their weekday says (public holidays,
substitutes, make-up Saturdays). A day has at most two spans, a morning and an afternoon.

The holiday table covers 2018-2027. Days before and after it follow their weekday alone, so working time there
is too long by about eleven days a year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import SettingError
from workbench.reference import holidays

DEFAULT_ID = "vn-default"
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2040, 12, 31)
"""Days the calendars span, so that old public logs and far due dates have working time."""

_SPAN = re.compile(r"(\d{1,2})[:h.](\d{2})\s*[-–]\s*(\d{1,2})[:h.](\d{2})")


class CalendarError(SettingError):
    """A calendar is wrongly described, or an instant lies outside its days."""

    code = "setting.calendar"


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of one day as seconds since midnight; a span with equal ends is not worked."""

    am_from: int = 0
    am_to: int = 0
    pm_from: int = 0
    pm_to: int = 0

    @property
    def seconds(self) -> int:
        """Working seconds of the day."""
        return self.am_to - self.am_from + self.pm_to - self.pm_from


DAY_OFF = Hours()


def parse_hours(spans: Sequence[str]) -> Hours:
    """Hours from none, one or two spans such as "7:30-11:30"; CalendarError when they cannot be read.

    A single span is the morning when it begins before noon, else the afternoon. 24:00 is the end of the day.
    """
    if len(spans) > 2:
        raise CalendarError(f"A day has {len(spans)} spans of work: {', '.join(spans)}.", fix="Give one or two spans.")
    pairs = [_span(text) for text in spans]
    if len(pairs) == 2 and pairs[0][1] > pairs[1][0]:
        raise CalendarError(f"{spans[0]} and {spans[1]} overlap.", fix="Give the morning first, then the afternoon.")
    if not pairs:
        return DAY_OFF
    if len(pairs) == 2:
        return Hours(*pairs[0], *pairs[1])
    start, end = pairs[0]
    return Hours(start, end, end, end) if start < 12 * 3600 else Hours(start, start, start, end)


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise CalendarError(f"{text!r} is no span of hours.", fix='Write it as "7:30-11:30".', value=text)
    h1, m1, h2, m2 = (int(part) for part in found.groups())
    start, end = h1 * 3600 + m1 * 60, h2 * 3600 + m2 * 60
    if m1 > 59 or m2 > 59 or not start < end <= 24 * 3600:
        raise CalendarError(f"{text!r} does not end after it begins.", fix='Write it as "7:30-11:30".', value=text)
    return start, end


@dataclass(frozen=True, slots=True)
class DayTable:
    """One row a day: working seconds before it and its hours; the arrays have one entry a day."""

    first_day: date
    before: npt.NDArray[np.int64]
    am_from: npt.NDArray[np.int64]
    am_to: npt.NDArray[np.int64]
    pm_from: npt.NDArray[np.int64]
    pm_to: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.before)

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """Working seconds from the first day to the end of each day."""
        return self.before + self.am_to - self.am_from + self.pm_to - self.pm_from


@dataclass(frozen=True)
class Calendar:
    """Working hours by weekday (Monday first) and the days that differ from their weekday."""

    calendar_id: str
    week: tuple[Hours, ...]
    exceptions: Mapping[date, Hours] = field(default_factory=dict)
    first_day: date = FIRST_DAY
    last_day: date = LAST_DAY

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise CalendarError(f"{self.calendar_id} has {len(self.week)} weekdays.", fix="Give seven, Monday first.")
        if not any(hours.seconds for hours in self.week):
            raise CalendarError(f"{self.calendar_id} never works.", fix="Give at least one weekday its hours.")
        if self.first_day > self.last_day:
            raise CalendarError(f"{self.calendar_id} ends before it begins.", fix="Give the first day first.")

    def hours(self, day: date) -> Hours:
        """The hours of a day."""
        found = self.exceptions.get(day)
        return self.week[day.weekday()] if found is None else found

    @cached_property
    def days(self) -> DayTable:
        """All days with cumulated working seconds."""
        n = (self.last_day - self.first_day).days + 1
        weekday = (np.arange(n) + self.first_day.weekday()) % 7
        week = np.array([[h.am_from, h.am_to, h.pm_from, h.pm_to] for h in self.week], dtype=np.int64)
        table = week[weekday]
        for day, hours in self.exceptions.items():
            place = (day - self.first_day).days
            if 0 <= place < n:
                table[place] = (hours.am_from, hours.am_to, hours.pm_from, hours.pm_to)
        length = table[:, 1] - table[:, 0] + table[:, 3] - table[:, 2]
        before = np.concatenate(([0], np.cumsum(length)[:-1])).astype(np.int64)
        return DayTable(self.first_day, before, table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    def frame(self) -> pd.DataFrame:
        """The rows of the store's calendar_day table."""
        days = self.days
        return pd.DataFrame(
            {
                "calendar_id": self.calendar_id,
                "day": pd.date_range(self.first_day, self.last_day, freq="D").astype("datetime64[us]"),
                "before_seconds": days.before,
                "am_from": days.am_from.astype("int32"),
                "am_to": days.am_to.astype("int32"),
                "pm_from": days.pm_from.astype("int32"),
                "pm_to": days.pm_to.astype("int32"),
            }
        )


def vietnamese_days(week: Sequence[Hours]) -> dict[date, Hours]:
    """The national days off and make-up Saturdays; a make-up day has the hours of the weekday it replaces."""
    out: dict[date, Hours] = {}
    for day in holidays():
        if day.works and day.swapped_with is not None:
            out[day.day] = week[day.swapped_with.weekday()]
        else:
            out[day.day] = DAY_OFF
    return out


def vietnamese_calendar(calendar_id: str, week: Sequence[Hours], *, off: Iterable[date] = ()) -> Calendar:
    """A calendar with the national days and further days `off`."""
    exceptions = vietnamese_days(week) | dict.fromkeys(off, DAY_OFF)
    return Calendar(calendar_id, tuple(week), exceptions)


def default_calendar() -> Calendar:
    """7:00-11:30 and 13:30-17:00, Monday to Friday, with the national days: 8 hours a day.

    Source of the hours: the default of a live one-stop system (TDVC, vnptigate).
    """
    return _DEFAULT


_WORKDAY = parse_hours(["7:00-11:30", "13:30-17:00"])
_DEFAULT = vietnamese_calendar(DEFAULT_ID, [_WORKDAY] * 5 + [DAY_OFF] * 2)
