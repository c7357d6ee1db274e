"""Days off and make-up Saturdays."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from workbench.reference import covered_years, holidays


def test_kinds_and_range():
    assert covered_years() == (2018, 2027)
    assert Counter(h.kind for h in holidays()) == {"holiday": 122, "substitute": 13, "swap_off": 6, "makeup_work": 6}


def test_swaps_point_at_each_other():
    by_day = {h.day: h for h in holidays()}
    swaps = [h for h in holidays() if h.kind in ("swap_off", "makeup_work")]
    for one in swaps:
        assert by_day[one.swapped_with].swapped_with == one.day
        assert one.works == (one.day.weekday() == 5)


def test_only_the_unsourced_swap_is_unverified():
    assert [h.day for h in holidays() if not h.verified] == [date(2026, 1, 2), date(2026, 1, 10)]


def test_working_days_a_year():
    """The domain facts give 249-252 working days a year."""
    off = {h.day for h in holidays() if not h.works}
    extra = {h.day for h in holidays() if h.works}
    for year in range(2018, 2028):
        days = [date(year, 1, 1) + timedelta(n) for n in range(365 + (year % 4 == 0))]
        n = sum((day.weekday() < 5 and day not in off) or day in extra for day in days)
        assert 249 <= n <= 252, year
