"""Reporting periods: days from first to last, whole or cut into months, quarters or years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from workbench.errors import SelectionError

Every = Literal["month", "quarter", "year"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inclusive."""

    start: date
    end: date

    @property
    def begins(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.start, time())

    @property
    def over(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.end + timedelta(days=1), time())


def cut(start: date, end: date, every: Every | None = None) -> tuple[Period, ...]:
    """The periods between two days; the first and the last may be parts of a month, quarter or year."""
    if start > end:
        raise SelectionError(f"The period begins on {start} and ends on {end}.", fix="Give the earlier day first.")
    if every is None:
        return (Period(start, end),)
    if every not in _MONTHS:
        raise SelectionError(f"{every!r} is no kind of period.", fix=f"Use one of: {', '.join(_MONTHS)}.")
    out = []
    first = start
    while first <= end:
        last = _last_day(first, _MONTHS[every])
        out.append(Period(first, min(last, end)))
        first = last + timedelta(days=1)
    return tuple(out)


def _last_day(day: date, months: int) -> date:
    """Last day of the calendar month, quarter or year that holds `day`."""
    after = (day.month - 1) // months * months + months
    return date(day.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
