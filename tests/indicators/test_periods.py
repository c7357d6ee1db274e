"""Months, quarters and years between two days."""

from __future__ import annotations

from datetime import date

from workbench.indicators import cut


def test_parts():
    assert [(p.start, p.end) for p in cut(date(2023, 11, 15), date(2024, 2, 3), "month")] == [
        (date(2023, 11, 15), date(2023, 11, 30)),
        (date(2023, 12, 1), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2024, 1, 31)),
        (date(2024, 2, 1), date(2024, 2, 3)),
    ]
    assert [p.end for p in cut(date(2024, 2, 1), date(2024, 12, 31), "quarter")] == [
        date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31),
    ]  # fmt: skip
    assert [p.end for p in cut(date(2023, 5, 1), date(2024, 5, 1), "year")] == [date(2023, 12, 31), date(2024, 5, 1)]
    assert len(cut(date(2024, 1, 1), date(2024, 1, 1))) == 1
