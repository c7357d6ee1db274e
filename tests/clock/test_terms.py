"""The 15:00 rule, the eight hours for acceptance, due dates."""

from __future__ import annotations

from datetime import datetime

import pytest

from workbench.clock import acceptance_due, accepted_in_time, default_calendar, due_date, term_starts
from workbench.clock.terms import CUTOFF

C = default_calendar()
FRIDAY, MONDAY = datetime(2024, 3, 8), datetime(2024, 3, 11)


def test_after_three_the_term_counts_from_the_next_working_day():
    assert CUTOFF.hour == 15
    assert term_starts(C, FRIDAY.replace(hour=15)) == FRIDAY.replace(hour=15)
    assert term_starts(C, FRIDAY.replace(hour=15, second=1)) == MONDAY.replace(hour=7)
    assert term_starts(C, datetime(2024, 3, 9, 9)) == MONDAY.replace(hour=7)  # a Saturday
    assert term_starts(C, datetime(2024, 2, 7, 16)) == datetime(2024, 2, 15, 7)  # before Tết


def test_due_dates():
    assert due_date(C, datetime(2024, 3, 8, 9), 1) == datetime(2024, 3, 11, 9)
    assert due_date(C, datetime(2024, 3, 8, 16), 1) == datetime(2024, 3, 11, 17)
    assert due_date(C, datetime(2024, 3, 8, 16), 1, cutoff=None) == datetime(2024, 3, 11, 16)
    assert due_date(C, datetime(2024, 3, 8, 16), 0.25, cutoff=None) == datetime(2024, 3, 11, 8)
    assert due_date(C, datetime(2024, 3, 8, 9), 4, "hours") == datetime(2024, 3, 8, 15)
    assert due_date(C, datetime(2024, 3, 4, 9), 3, "calendar_days") == datetime(2024, 3, 7, 9)
    assert due_date(C, datetime(2024, 3, 4, 9), 5, "calendar_days") == datetime(2024, 3, 11, 17)
    assert due_date(C, datetime(2024, 1, 31, 9), 1, "months") == datetime(2024, 2, 29, 9)
    assert due_date(C, datetime(2023, 12, 15, 9), 14, "months") == datetime(2025, 2, 17, 17)
    with pytest.raises(ValueError, match="-1"):
        due_date(C, FRIDAY, -1)
    with pytest.raises(ValueError, match="whole"):
        due_date(C, FRIDAY, 0.5, "months")


def test_eight_working_hours_to_accept():
    submitted = datetime(2024, 3, 8, 20)
    assert acceptance_due(C, submitted) == datetime(2024, 3, 11, 17)
    assert accepted_in_time(C, submitted, datetime(2024, 3, 11, 23))
    assert not accepted_in_time(C, submitted, datetime(2024, 3, 12, 7, 1))
