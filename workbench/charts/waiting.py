"""Waiting by cause, and when work is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from workbench.charts.figures import figure
from workbench.charts.records import records
from workbench.charts.tokens import FREQUENCY
from workbench.i18n import Language, format_number, format_percent, t
from workbench.mining.waiting_causes import CAUSES

CAUSE_COLOURS: Mapping[str, str] = {
    "batching": "#b05a96",
    "contention": "#d98e04",
    "prioritisation": "#7b5cb8",
    "unavailability": "#a9b3bf",
    "extraneous": "#4481c1",
}


def cause_figure(
    shares: pd.DataFrame, names: Mapping[str, str], order: Sequence[str], *, language: Language = "vi"
) -> go.Figure:
    """Causes of waiting by organisation as bars of 100 %, in the given order from top to bottom.

    in: organisation, cause, share with low and high (95 %).
    """
    traces = []
    for cause in CAUSES:
        rows = shares[shares["cause"] == cause].set_index("organisation").reindex(list(order))
        word = t(language, f"mining.cause.{cause}")
        traces.append(
            go.Bar(
                y=[names.get(code, code) for code in order],
                x=rows["share"],
                orientation="h",
                name=word,
                marker={"color": CAUSE_COLOURS[cause], "line": {"width": 0}},
                customdata=[
                    [word, format_percent(r.share, language), format_percent(r.low, language),
                     format_percent(r.high, language)]
                    for r in records(rows)
                ],
                hovertemplate=t(language, "charts.cause.hover") + "<extra></extra>",
            )
        )  # fmt: skip
    out = figure(*traces, height=max(len(order) * 24 + 90, 190), language=language)
    out.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"traceorder": "normal"},
        xaxis={"tickformat": ".0%", "range": [0, 1]},
        yaxis={"autorange": "reversed", "showgrid": False, "type": "category"},
    )
    return out


def week_figure(counts: pd.DataFrame, language: Language = "vi") -> go.Figure:
    """Events by weekday and hour as a field of squares. in: weekday (0 Monday), hour, n."""
    days = [t(language, f"charts.weekday.{day}") for day in range(7)]
    square = counts.pivot(index="weekday", columns="hour", values="n").reindex(index=range(7), columns=range(24))
    values = square.fillna(0).to_numpy()
    heat = go.Heatmap(
        z=values,
        x=[f"{hour:02d}" for hour in range(24)],
        y=days,
        colorscale=[[place / (len(FREQUENCY) - 1), colour] for place, colour in enumerate(FREQUENCY)],
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=[[format_number(n, language) for n in row] for row in values],
        hovertemplate=t(language, "charts.weekday.hover") + "<extra></extra>",
    )
    out = figure(heat, height=250, language=language)
    out.update_layout(
        yaxis={"autorange": "reversed", "showgrid": False, "ticks": ""},
        xaxis={"showgrid": False, "title": {"text": t(language, "charts.weekday.hour")}, "type": "category"},
    )
    return out
