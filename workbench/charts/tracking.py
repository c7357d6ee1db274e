"""How far an organisation is from the unified procedure, month by month, before and after a date."""

from __future__ import annotations

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from workbench.charts.figures import figure
from workbench.charts.tokens import MARK, NEUTRAL
from workbench.i18n import Language, format_number, format_percent, t


def tracking_figure(months: pd.DataFrame, since: date | None, language: Language = "vi") -> go.Figure:
    """A line before and a line after the date with 95 % intervals; hollow dots are too early or too few to judge.

    in: rows of one organisation of the `months` table of a Tracking.
    """
    sides = [months[~months["after"].astype(bool)], months[months["after"].astype(bool)]]
    lines = [_line(side, colour, language) for side, colour in zip(sides, (NEUTRAL, MARK), strict=True) if len(side)]
    out = figure(*lines, height=300, language=language)
    out.update_layout(
        xaxis={"type": "date", "tickformat": "%m/%Y", "showgrid": False, "tickangle": 0},
        yaxis={"title": {"text": t(language, "charts.tracking.distance")}, "rangemode": "tozero"},
    )
    if since is not None:
        out.add_vline(x=since.isoformat(), line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    return out


def _line(side: pd.DataFrame, colour: str, language: Language) -> go.Scatter:
    unsure = (side["too_few"] | side["too_early"]).astype(bool)
    distance = side["distance"].astype(float)
    return go.Scatter(
        x=pd.to_datetime(side["month"]),
        y=distance,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 8, "color": colour, "symbol": ["circle-open" if one else "circle" for one in unsure]},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (side["high"] - distance).astype(float),
            "arrayminus": (distance - side["low"]).astype(float),
            "thickness": 1,
            "color": colour,
        },
        customdata=[
            [
                f"{pd.Timestamp(month):%m/%Y}",
                format_number(value, language, 3),
                format_number(low, language, 3),
                format_number(high, language, 3),
                format_number(n, language),
                format_percent(share, language),
            ]
            for month, value, low, high, n, share in zip(
                side["month"], distance, side["low"], side["high"], side["dossiers"], side["following"], strict=True
            )
        ],
        hovertemplate=t(language, "charts.tracking.hover") + "<extra></extra>",
    )
