"""When a term begins and ends: the 15:00 rule, the eight hours for acceptance, due dates.

Sources: a dossier received after 15:00 is appointed for the next day (linhchieu ward, HCMC; sourced). Online
dossiers are accepted or refused within 8 working hours (Gia Lai, 4/11/2025; sourced). One working day is 8
hours; a procedure's limit may be in hours, working days, calendar days or months (sourced). That a term in
calendar days or months which ends on a day off runs to the end of the next working day is general knowledge,
to be checked.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from workbench.clock.calendar import Calendar
from workbench.clock.working_time import add_working, next_opening, working_seconds

WORKING_DAY_SECONDS = 8 * 3600
ACCEPTANCE_SECONDS = 8 * 3600
CUTOFF = time(15, 0)
TermUnit = Literal["working_days", "hours", "calendar_days", "months"]


def term_starts(calendar: Calendar, received: datetime, *, cutoff: time = CUTOFF) -> datetime:
    """The instant a term counts from: receipt, or the next working day's opening when received after 15:00.

    15:00:00 itself is in time. A dossier received on a day off counts from the next opening.
    """
    if calendar.hours(received.date()).seconds and received.time() <= cutoff:
        return received
    return next_opening(calendar, received.date())


def due_date(
    calendar: Calendar,
    received: datetime,
    amount: float,
    unit: TermUnit = "working_days",
    *,
    cutoff: time | None = CUTOFF,
) -> datetime:
    """The appointment for a dossier received at `received` with a limit of `amount` units.

    `cutoff` None leaves the 15:00 rule out. Working days and hours count working time; calendar days and
    months end at the same time of day, or at the end of the next working day when that day is off.
    """
    if amount < 0:
        raise ValueError(f"amount is {amount}; a limit is zero or more")
    start = received if cutoff is None else term_starts(calendar, received, cutoff=cutoff)
    if unit == "working_days":
        return add_working(calendar, start, round(amount * WORKING_DAY_SECONDS))
    if unit == "hours":
        return add_working(calendar, start, round(amount * 3600))
    if unit == "calendar_days":
        return _on_working_day(calendar, start + timedelta(days=amount))
    return _on_working_day(calendar, _add_months(start, amount))


def acceptance_due(calendar: Calendar, submitted: datetime) -> datetime:
    """Until when an online dossier must be accepted or refused: 8 working hours after it was sent."""
    return add_working(calendar, submitted, ACCEPTANCE_SECONDS)


def accepted_in_time(calendar: Calendar, submitted: datetime, decided: datetime) -> bool:
    """Whether an online dossier was accepted or refused within 8 working hours."""
    return working_seconds(calendar, submitted, decided) <= ACCEPTANCE_SECONDS


def _on_working_day(calendar: Calendar, moment: datetime) -> datetime:
    if calendar.hours(moment.date()).seconds:
        return moment
    start = next_opening(calendar, moment.date())
    hours = calendar.hours(start.date())
    end = hours.pm_to if hours.pm_to > hours.pm_from else hours.am_to
    return datetime.combine(start.date(), time()) + timedelta(seconds=end)


def _add_months(moment: datetime, months: float) -> datetime:
    if months != int(months):
        raise ValueError(f"months is {months}; give whole months")
    place = moment.month - 1 + int(months)
    year, month = moment.year + place // 12, place % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month, day=min(moment.day, last))
