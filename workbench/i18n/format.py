"""Numbers, dates and durations as people of a language write them; machine output never passes here."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

from workbench.i18n.catalogue import Language, t

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_RANK = {letter: place for place, letter in enumerate(_ALPHABET, 1)}


def format_number(value: float | int | None, language: Language = "vi", digits: int | None = None) -> str:
    """`1.234,5` in Vietnamese, `1,234.5` in English; a dash for no value."""
    if value is None or _nan(value):
        return "–"
    places = digits if digits is not None else (0 if float(value).is_integer() else 1)
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def format_percent(share: float | None, language: Language = "vi", digits: int = 1) -> str:
    """A share of 1 as percent: 0.9812 is `98,1 %` in Vietnamese, `98.1%` in English."""
    if share is None or _nan(share):
        return "–"
    return format_number(share * 100, language, digits) + (" %" if language == "vi" else "%")


def format_date(value: date | datetime | None, language: Language = "vi") -> str:
    """dd/MM/yyyy in both languages, as Vietnamese documents use it."""
    return "–" if value is None or _nan(value) else value.strftime("%d/%m/%Y")


def format_datetime(value: datetime | None, language: Language = "vi") -> str:
    """dd/MM/yyyy HH:mm."""
    return "–" if value is None or _nan(value) else value.strftime("%d/%m/%Y %H:%M")


def format_duration(seconds: float | None, language: Language = "vi", day_hours: float = 24.0) -> str:
    """The duration in its largest fitting unit with one decimal: minutes, hours or days.

    `day_hours` is 8 for working time (1 working day = 8 hours) and 24 for clock time.
    """
    if seconds is None or _nan(seconds):
        return "–"
    hours = abs(seconds) / 3600
    working = "working_" if day_hours < 24 else ""
    if hours >= day_hours:
        unit, value = f"{working}days", seconds / 3600 / day_hours
    elif hours >= 1:
        unit, value = f"{working}hours", seconds / 3600
    else:
        unit, value = "minutes", seconds / 60
    return f"{format_number(value, language, 1)} {t(language, f'common.unit.{unit}')}"


def collation_key(text: str) -> tuple[tuple[int, int], ...]:
    """Sort key in Vietnamese order: base letter first (a ă â b … d đ …), then tone, case ignored."""
    out: list[tuple[int, int]] = []
    for char in unicodedata.normalize("NFC", text.casefold()):
        parts = unicodedata.normalize("NFD", char)
        tone = max((_TONES.get(mark, 0) for mark in parts[1:]), default=0)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        out.append((_RANK.get(base, 0) * 1000 if base in _RANK else -1000 + min(ord(base[0]), 900), tone))
    return tuple((letter, 0) for letter, _ in out) + tuple((-2000, tone) for _, tone in out)


def _nan(value: object) -> bool:
    """NaN and NaT do not equal themselves."""
    return value != value  # noqa: PLR0124
