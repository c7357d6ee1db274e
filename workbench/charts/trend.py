"""Change over time: bars of a count with a line of a share or a duration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd
import plotly.graph_objects as go

from workbench.charts.figures import figure
from workbench.charts.tokens import MARK
from workbench.i18n import Language, format_duration, format_number, format_percent, t

_SPARK_WIDTH, _SPARK_HEIGHT = 95.5, 76.0
"""Of a hundred, what the line of a sparkline spans; the rest is room for its mark."""


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


def sparkline(values: Sequence[Any], *, colour: str = MARK) -> str:
    """A line without axes, the last point marked, as the address of an SVG picture that takes any width and height.

    A gap in the values is a gap in the line. Widths of strokes stay as they are when the picture is stretched; the
    mark is a stroke without length.
    """
    known = [(place, float(value)) for place, value in enumerate(values) if not pd.isna(value)]
    least, most = min(value for _, value in known), max(value for _, value in known)
    across, up = _SPARK_WIDTH / max(len(values) - 1, 1), _SPARK_HEIGHT / (most - least) if most > least else 0.0
    points = {
        place: f"{1 + place * across:.1f} {88 - (value - least) * up if up else 50:.1f}" for place, value in known
    }
    line = "".join(f"{'L' if place - 1 in points else 'M'}{point}" for place, point in points.items())
    last = f"M{points[len(values) - 1]}h0" if len(values) - 1 in points else ""
    style = f"fill='none' stroke='{colour}' stroke-linecap='round' stroke-linejoin='round' vector-effect='non-scaling-stroke'"
    return "data:image/svg+xml," + quote(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100' preserveAspectRatio='none'>"
        f"<path {style} stroke-width='1.6' d='{line}'/><path {style} stroke-width='6' d='{last}'/></svg>"
    )


def percent_texts(values: Sequence[float], language: Language) -> list[str]:
    """Shares as texts for hover."""
    return [format_percent(value, language) for value in values]
