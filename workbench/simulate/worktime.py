"""Working time of several calendars at once, for whole arrays of dossiers.

Instants are whole seconds since the midnight that begins `FIRST_DAY`; working time W is whole working seconds
since then in the calendar of each dossier. Work is simulated on the W axis, where offices never close, and is
put back on the clock by the inverse. The day tables are those of workbench.clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.clock.calendar import DEFAULT_ID, Calendar, default_calendar
from workbench.clock.calendar_file import CalendarSet, parse_calendars

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FIRST_DAY = date(2022, 12, 1)
LAST_DAY = date(2027, 12, 31)
DAY = 86_400
HOUR = 3_600
WORKING_DAY = 8 * HOUR
EPOCH = np.datetime64(FIRST_DAY, "us")
_LEAP = 1 << 40
"""Keeps the calendars apart in one sorted array."""


@dataclass(frozen=True)
class WorkTime:
    """Day tables of the calendars, concatenated; a calendar is named by its place."""

    names: tuple[str, ...]
    before: Ints
    am_from: Ints
    am_to: Ints
    pm_from: Ints
    pm_to: Ints
    keys: Ints
    """`before` with the calendars kept apart, ascending."""
    days: int

    def place(self, day: date) -> int:
        """Number of the day."""
        return (day - FIRST_DAY).days

    def length(self, calendar: int) -> Ints:
        """Working seconds of every day of a calendar."""
        part = slice(calendar * self.days, (calendar + 1) * self.days)
        morning = self.am_to[part] - self.am_from[part]
        return morning + self.pm_to[part] - self.pm_from[part]

    def worked(self, moment: Ints, calendar: Ints) -> Ints:
        """W of instants."""
        row = calendar * self.days + moment // DAY
        second = moment % DAY
        am_from, pm_from = self.am_from[row], self.pm_from[row]
        morning = np.clip(second - am_from, 0, self.am_to[row] - am_from)
        return self.before[row] + morning + np.clip(second - pm_from, 0, self.pm_to[row] - pm_from)

    def ends(self, worked: Ints, calendar: Ints) -> Ints:
        """The first instant at which W is reached: work that fills a day ends that evening."""
        return self._moment(worked, calendar, "left")

    def begins(self, worked: Ints, calendar: Ints) -> Ints:
        """The instant at which the next second of work begins: after a full day, the next opening."""
        return self._moment(worked, calendar, "right")

    def day_start(self, worked: Ints, calendar: Ints) -> Ints:
        """W at the opening of the day in which W lies; a full day still counts as that day."""
        return self.before[self._row(worked, calendar, "left")]

    def day_end(self, worked: Ints, calendar: Ints) -> Ints:
        """W at the closing of the day in which the next second of work after W lies."""
        row = self._row(worked, calendar, "right")
        return self.before[row] + self.am_to[row] - self.am_from[row] + self.pm_to[row] - self.pm_from[row]

    def _row(self, worked: Ints, calendar: Ints, side: str) -> Ints:
        wanted = worked + calendar * _LEAP
        row = np.searchsorted(self.keys, wanted, side=side) - 1  # type: ignore[call-overload]
        return np.maximum(row, calendar * self.days).astype(np.int64)

    def _moment(self, worked: Ints, calendar: Ints, side: str) -> Ints:
        row = self._row(worked, calendar, side)
        rest = worked - self.before[row]
        morning = self.am_to[row] - self.am_from[row]
        early = rest <= morning if side == "left" else rest < morning
        second = np.where(early & (morning > 0), self.am_from[row] + rest, self.pm_from[row] + rest - morning)
        return (row - calendar * self.days) * DAY + second


def work_time(calendars: Sequence[Calendar]) -> WorkTime:
    """The tables of some calendars."""
    n = (LAST_DAY - FIRST_DAY).days + 1
    parts: list[tuple[Ints, ...]] = []
    for calendar in calendars:
        first = (FIRST_DAY - calendar.days.first_day).days
        cut = slice(first, first + n)
        table = calendar.days
        before = table.before[cut] - table.before[first]
        parts.append((before, table.am_from[cut], table.am_to[cut], table.pm_from[cut], table.pm_to[cut]))
    before, am_from, am_to, pm_from, pm_to = (np.concatenate(column) for column in zip(*parts, strict=True))
    keys = before + np.repeat(np.arange(len(parts)), n) * _LEAP
    names = tuple(calendar.calendar_id for calendar in calendars)
    return WorkTime(names, before, am_from, am_to, pm_from, pm_to, keys, n)


def scenario_calendars(tables: Mapping[str, Any], *, uniform: bool) -> CalendarSet:
    """The calendars and rules of a scenario; with `uniform` the default one for everybody."""
    return parse_calendars({} if uniform else tables)


def calendar_of(rules: CalendarSet, province_code: str) -> str:
    """Name of a province's calendar."""
    for rule in rules.rules:
        if rule.province_code == province_code and rule.agency_code is None:
            return rule.calendar_id
    found = next((rule.calendar_id for rule in rules.rules if rule.province_code == "*"), DEFAULT_ID)
    return found or default_calendar().calendar_id


def session_moments(time: WorkTime, hours: Sequence[float], weekdays: Sequence[int] | None = None) -> list[Ints]:
    """Per calendar, W of all batch moments: `hours` after opening on the given weekdays (all when None)."""
    out = []
    for calendar in range(len(time.names)):
        length = time.length(calendar)
        before = time.before[calendar * time.days : (calendar + 1) * time.days]
        weekday = (np.arange(time.days) + FIRST_DAY.weekday()) % 7
        chosen = np.isin(weekday, weekdays) if weekdays is not None else np.ones(time.days, dtype=bool)
        offsets = np.array([round(hour * HOUR) for hour in hours], dtype=np.int64)
        open_then = (offsets[None, :] < length[:, None]) & chosen[:, None]
        out.append(np.sort((before[:, None] + offsets[None, :])[open_then]))
    return out


def next_session(moments: list[Ints], worked: Ints, calendar: Ints) -> Ints:
    """W of the first batch moment not before `worked`."""
    out = np.empty_like(worked)
    for place, own in enumerate(moments):
        there = calendar == place
        if there.any():
            row = np.searchsorted(own, worked[there], side="left")
            out[there] = own[np.minimum(row, len(own) - 1)]
    return out


def day_of(number: int) -> date:
    """The day with this number."""
    return FIRST_DAY + timedelta(days=number)


def running(group: Ints) -> Ints:
    """Running number, from 0, inside each group of equal consecutive values."""
    if not len(group):
        return group
    first = np.concatenate(([True], group[1:] != group[:-1]))
    place = np.arange(len(group))
    return place - np.maximum.accumulate(np.where(first, place, 0))
