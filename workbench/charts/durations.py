"""Durations as short as a label on an arrow needs."""

from __future__ import annotations

from workbench.i18n import Language, format_number, t


def short_duration(seconds: float | None, language: Language = "vi", *, working: bool = False) -> str:
    """`2,1 ngày`, `3,4 giờ`, `12 phút`; a working day has 8 hours. A dash for no value."""
    if seconds is None or seconds != seconds:  # noqa: PLR0124 - NaN
        return "–"
    day = 8.0 if working else 24.0
    hours = abs(seconds) / 3600
    if hours >= day:
        return t(language, "charts.short.days", value=format_number(hours / day, language, 1))
    if hours >= 1:
        return t(language, "charts.short.hours", value=format_number(hours, language, 1))
    return t(language, "charts.short.minutes", value=format_number(seconds / 60, language, 0))
