"""Working time between two instants by one subtraction, and its inverse.

W(t) is the working seconds from the calendar's first day to t; working(a, b) = W(b) - W(a). Fractions of a
second are cut, as in the store's `worked_at`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.clock.calendar import Calendar, CalendarError

Instants = pd.Series | pd.DatetimeIndex | npt.NDArray[np.datetime64]


@overload
def worked(calendar: Calendar, moment: datetime) -> int:
    """Of one instant."""


@overload
def worked(calendar: Calendar, moment: Instants) -> pd.Series:
    """Of a series."""


def worked(calendar: Calendar, moment: datetime | Instants) -> int | pd.Series:
    """W(t): working seconds from the calendar's first day to the instant.

    A series gives a series of Int64, missing where the instant is missing. An instant outside the calendar's
    days raises CalendarError.
    """
    if isinstance(moment, datetime):
        _naive(moment.tzinfo)
        return int(_worked(calendar, np.array([moment], dtype="datetime64[s]"))[0])
    series = _series(moment)
    out = pd.Series(pd.NA, index=series.index, dtype="Int64")
    there = series.notna()
    if there.any():
        out[there] = _worked(calendar, series[there].to_numpy("datetime64[s]"))
    return out


@overload
def working_seconds(calendar: Calendar, start: datetime, end: datetime) -> int:  # type: ignore[overload-overlap]
    """Of two instants."""


@overload
def working_seconds(calendar: Calendar, start: Instants | datetime, end: Instants | datetime) -> pd.Series:
    """Of series."""


def working_seconds(calendar: Calendar, start: Any, end: Any) -> Any:
    """Working seconds from `start` to `end`; negative when `end` comes first.

    Of two series, or a series and one instant, a series of Int64.
    """
    return worked(calendar, end) - worked(calendar, start)


def add_working(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """The first instant at which `seconds` working seconds have passed since `start`.

    Zero seconds give `start` itself. Eight hours from a Friday 17:00 end on Monday 17:00, not on Tuesday 7:00.
    """
    if seconds < 0:
        raise ValueError(f"seconds is {seconds}; add a duration of zero or more")
    if seconds == 0:
        return start
    return moment_of(calendar, worked(calendar, start) + seconds)


def moment_of(calendar: Calendar, seconds: int) -> datetime:
    """The first instant t with W(t) = `seconds`, which must be positive."""
    days = calendar.days
    place = int(np.searchsorted(days.ends, seconds, side="left"))
    if seconds <= 0 or place >= len(days):
        raise CalendarError(
            f"{seconds} working seconds lie outside {calendar.first_day} to {calendar.last_day}.",
            fix="Give the calendar an earlier first_day or a later last_day.",
            calendar_id=calendar.calendar_id,
        )
    rest = seconds - int(days.before[place])
    morning = int(days.am_to[place] - days.am_from[place])
    second = int(days.am_from[place]) + rest if rest <= morning else int(days.pm_from[place]) + rest - morning
    return _midnight(days.first_day + timedelta(days=place)) + timedelta(seconds=second)


def opening(calendar: Calendar, day: date) -> datetime | None:
    """When the office opens on `day`; None on a day off."""
    hours = calendar.hours(day)
    if not hours.seconds:
        return None
    return _midnight(day) + timedelta(seconds=hours.am_from if hours.am_to > hours.am_from else hours.pm_from)


def next_opening(calendar: Calendar, after: date) -> datetime:
    """Opening of the first working day after the day `after`."""
    day = after
    while day < calendar.last_day:
        day += timedelta(days=1)
        if (found := opening(calendar, day)) is not None:
            return found
    raise CalendarError(
        f"{calendar.calendar_id} has no working day after {after}.", fix="Give the calendar a later last_day."
    )


def _worked(calendar: Calendar, moments: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    days = calendar.days
    day = moments.astype("datetime64[D]")
    place = (day - np.datetime64(days.first_day, "D")).astype(np.int64)
    outside = (place < 0) | (place >= len(days))
    if outside.any():
        raise CalendarError(
            f"{moments[outside][0]} lies outside {calendar.first_day} to {calendar.last_day}.",
            fix="Correct the time, or give the calendar an earlier first_day or a later last_day.",
            calendar_id=calendar.calendar_id,
        )
    second = (moments - day.astype("datetime64[s]")).astype(np.int64)
    morning = np.clip(second - days.am_from[place], 0, days.am_to[place] - days.am_from[place])
    afternoon = np.clip(second - days.pm_from[place], 0, days.pm_to[place] - days.pm_from[place])
    out: npt.NDArray[np.int64] = days.before[place] + morning + afternoon
    return out


def _series(moments: Instants) -> pd.Series:
    series = moments if isinstance(moments, pd.Series) else pd.Series(moments)
    _naive(getattr(series.dtype, "tz", None))
    return series


def _naive(zone: object) -> None:
    if zone is not None:
        raise ValueError("instants are local times without a zone; convert them first")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
