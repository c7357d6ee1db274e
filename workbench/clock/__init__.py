"""Working time and the four legal clocks.

Working time between two instants is one subtraction, W(b) - W(a), in the calendar of the unit. Four clocks are in
use and give different on-time rates for one log; every figure names its clock, its end event and its calendar.
"""

from workbench.clock.acceptance import AcceptanceCheck, check_acceptance
from workbench.clock.calendar import Calendar, CalendarError, Hours, default_calendar, parse_hours, vietnamese_calendar
from workbench.clock.calendar_file import CalendarRule, CalendarSet, parse_calendars, read_calendars
from workbench.clock.causes import CAUSES
from workbench.clock.evaluate import (
    ClockDifferences,
    ClockEvaluation,
    OnTimeRates,
    clock_differences,
    evaluate_clocks,
    on_time_rates,
)
from workbench.clock.install import ensure_calendars, install_calendars, installed_calendars
from workbench.clock.intervals import wilson
from workbench.clock.keeping import prepare_clocks
from workbench.clock.legal import VERDICTS, ClockRules, compute_verdicts, latest_event
from workbench.clock.prepared import counted, judged, judging_moment
from workbench.clock.terms import acceptance_due, accepted_in_time, due_date, term_starts
from workbench.clock.working_time import add_working, next_opening, opening, worked, working_seconds

__all__ = [
    "CAUSES",
    "VERDICTS",
    "AcceptanceCheck",
    "Calendar",
    "CalendarError",
    "CalendarRule",
    "CalendarSet",
    "ClockDifferences",
    "ClockEvaluation",
    "ClockRules",
    "Hours",
    "OnTimeRates",
    "acceptance_due",
    "accepted_in_time",
    "add_working",
    "check_acceptance",
    "clock_differences",
    "compute_verdicts",
    "counted",
    "default_calendar",
    "due_date",
    "ensure_calendars",
    "evaluate_clocks",
    "install_calendars",
    "installed_calendars",
    "judged",
    "judging_moment",
    "latest_event",
    "next_opening",
    "on_time_rates",
    "opening",
    "parse_calendars",
    "parse_hours",
    "prepare_clocks",
    "read_calendars",
    "term_starts",
    "vietnamese_calendar",
    "wilson",
    "worked",
    "working_seconds",
]
