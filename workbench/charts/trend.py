"""Change over time: bars of a count with a line of a share or a duration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.charts.figures import figure
from workbench.charts.tokens import MARK
from workbench.i18n import Language, format_duration, format_number, format_percent, t


def month_figure(months: pd.DataFrame, language: Language = "vi", *, height: int = 260) -> go.Figure:
    """Dossiers received by month as bars, the median working time of the closed ones as a line above them.

    in: month, n, closed, median_working_seconds (see app facts). Two panels share the time axis, so neither
    needs a second scale.
    """
    working = bool(months["median_working_seconds"].notna().any())
    out = figure(
        _received(months, language), _waiting(months, language, working=working), height=height, language=language
    )
    out.update_layout(
        yaxis={"domain": [0, 0.46], "title": {"text": t(language, "charts.trend.received")}, "nticks": 4},
        yaxis2={
            **out.layout.yaxis.to_plotly_json(),
            "domain": [0.56, 1],
            "title": {
                "text": t(language, f"charts.trend.{'working_days' if working else 'days'}"),
                "font": {"size": 12},
            },
            "rangemode": "tozero",
            "nticks": 4,
            "anchor": "x",
        },
        xaxis={"type": "date", "tickformat": "%m/%Y", "showgrid": False, "tickangle": 0},
    )
    return out


def _received(months: pd.DataFrame, language: Language) -> go.Bar:
    return go.Bar(
        x=list(months["month"]),
        y=months["n"],
        text=_month_names(months),
        textposition="none",
        marker={"color": "#a9c8e8"},
        customdata=[format_number(n, language) for n in months["n"]],
        hovertemplate=f"%{{text}}<br>{t(language, 'charts.trend.received')}: %{{customdata}}<extra></extra>",
    )


def _waiting(months: pd.DataFrame, language: Language, *, working: bool) -> go.Scatter:
    """The median times in days of eight working hours, or in whole days where working time is not known."""
    seconds = months["median_working_seconds" if working else "median_seconds"].astype("float64")
    day = 8.0 if working else 24.0
    return go.Scatter(
        x=list(months["month"]),
        text=_month_names(months),
        y=seconds / 3600 / day,
        yaxis="y2",
        mode="lines+markers",
        line={"color": MARK, "width": 2},
        marker={"size": 5, "color": MARK},
        customdata=[format_duration(value, language, day) for value in seconds],
        hovertemplate=f"%{{text}}<br>{t(language, 'charts.trend.median')}: %{{customdata}}<extra></extra>",
    )


def _month_names(months: pd.DataFrame) -> list[str]:
    return [f"{day:%m/%Y}" for day in months["month"]]


def sparkline(values: Sequence[Any], *, colour: str = MARK, height: int = 36) -> go.Figure:
    """A line without axes, the last point marked."""
    numbers = [None if pd.isna(value) else float(value) for value in values]
    places = list(range(len(numbers)))
    line = go.Scatter(x=places, y=numbers, mode="lines", line={"color": colour, "width": 1.6}, hoverinfo="skip")
    last = go.Scatter(
        x=places[-1:], y=numbers[-1:], mode="markers", marker={"size": 6, "color": colour}, hoverinfo="skip"
    )
    return figure(
        line,
        last,
        height=height,
        margin={"l": 2, "r": 6, "t": 4, "b": 4},
        xaxis={"visible": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True},
    )


def percent_texts(values: Sequence[float], language: Language) -> list[str]:
    """Shares as texts for hover."""
    return [format_percent(value, language) for value in values]
