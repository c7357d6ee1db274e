"""Values on the map of provinces: colour, text and what each tile says on hover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.charts.records import records
from workbench.charts.tokens import DURATION, FREQUENCY, LATE_TINT, readable_on
from workbench.i18n import Language, format_number, format_percent, t
from workbench.reference import is_province

ON_TIME = ((0.99, "#1f5fae"), (0.97, "#3a74b4"), (0.95, "#75a6d8"), (0.90, "#b9d2ec"))
"""Lower bounds of the classes of an on-time rate, best first; below the last it is late."""


@dataclass(frozen=True, slots=True)
class TileValue:
    """What one tile shows."""

    text: str
    hint: str
    colour: str | None
    text_colour: str | None
    few: bool = False
    """Too few dossiers for a colour."""


@dataclass(frozen=True, slots=True)
class CountryMap:
    """The values of all tiles and the legend in words."""

    values: Mapping[str, TileValue]
    legend: Sequence[tuple[str, str]]
    """(colour, text), in order."""
    known: bool
    """False when no organisation of the selection is a Vietnamese province."""


def country_map(measure: str, result: Any, clock: str, *, language: Language = "vi", few: int = 30) -> CountryMap:
    """The map of `measure`: on_time from OnTimeRates (one clock), median or n from a table by organisation."""
    if measure == "on_time":
        return _on_time(result.table, clock, language, few)
    return _counted(result.table, measure, language, few)


def _on_time(table: pd.DataFrame, clock: str, language: Language, few: int) -> CountryMap:
    rows = table[(table["clock"] == clock) & table["group"].map(lambda code: is_province(str(code))).astype(bool)]
    values = {}
    for row in records(rows):
        text = format_percent(row.rate, language)
        hint = t(
            language,
            "charts.country.on_time",
            rate=text,
            n=format_number(row.n, language),
            low=format_percent(row.low, language),
            high=format_percent(row.high, language),
        )
        colour = _class(row.rate) if row.n else None
        values[str(row.group)] = _tile(text, hint, colour, int(row.n), few)
    bounds = [format_percent(bound, language, 0) for bound, _ in ON_TIME]
    legend = [(colour, f"≥ {bound}") for (_, colour), bound in zip(ON_TIME, bounds, strict=True)]
    return CountryMap(values, [*legend, (LATE_TINT, f"< {bounds[-1]}")], bool(values))


def _class(rate: float) -> str:
    """The colour of a rate as it is written: one that reads 90.0 % is not below 90 %."""
    return next((colour for bound, colour in ON_TIME if round(rate, 3) >= bound), LATE_TINT)


def _counted(table: pd.DataFrame, measure: str, language: Language, few: int) -> CountryMap:
    rows = table[table["code"].map(lambda code: is_province(str(code))).astype(bool)]
    column = "n" if measure == "n" else "median_working_seconds"
    scale = FREQUENCY if measure == "n" else DURATION
    numbers = rows[column].astype("float64")
    bounds = _classes(numbers.dropna(), len(scale) - 2)
    values = {}
    for row, number in zip(records(rows), numbers, strict=True):
        text = _text(measure, number, language)
        hint = t(language, f"charts.country.{measure}", value=text, n=format_number(row.n, language))
        colour = scale[1 + sum(number > bound for bound in bounds)] if number == number else None  # noqa: PLR0124
        values[str(row.code)] = _tile(text, hint, colour, int(row.n), few if measure != "n" else 0)
    legend = [(scale[1 + place], _range_text(measure, bounds, place, language)) for place in range(len(bounds) + 1)]
    return CountryMap(values, legend if len(rows) else [], bool(values))


def _classes(numbers: pd.Series, most: int) -> list[float]:
    """Bounds of up to `most` + 1 classes with equally many provinces each."""
    if numbers.nunique() < 2:
        return []
    parts = min(most, numbers.nunique() - 1, 4)
    return sorted({float(numbers.quantile((place + 1) / (parts + 1))) for place in range(parts)})


def _range_text(measure: str, bounds: Sequence[float], place: int, language: Language) -> str:
    texts = [_text(measure, bound, language) for bound in bounds]
    if not texts:
        return t(language, "charts.country.all")
    if place == 0:
        return f"≤ {texts[0]}"
    return f"> {texts[place - 1]}"


def _text(measure: str, number: float, language: Language) -> str:
    if measure == "n":
        return format_number(number, language, 0)
    return format_number(number / 28800, language, 1) if number == number else "–"  # noqa: PLR0124


def _tile(text: str, hint: str, colour: str | None, n: int, few: int) -> TileValue:
    if n < few:
        return TileValue(text, hint, None, None, few=True)
    return TileValue(text, hint, colour, readable_on(colour) if colour else None)
