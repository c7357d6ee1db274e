"""Waiting by cause, and when work is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.charts.durations import short_duration
from workbench.charts.figures import figure, percent_axis
from workbench.charts.records import records
from workbench.charts.steps import short_label
from workbench.charts.tokens import DURATION, FREQUENCY
from workbench.i18n import Language, format_number, format_percent, t
from workbench.mining.waiting_causes import CAUSES

CAUSE_COLOURS: Mapping[str, str] = {
    "batching": "#b05a96",
    "contention": "#d98e04",
    "prioritisation": "#7b5cb8",
    "unavailability": "#a9b3bf",
    "extraneous": "#4481c1",
}
CAUSE_PATTERNS: Mapping[str, str] = {"prioritisation": "x", "extraneous": "/"}
"""Of colours that some people see as one."""


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
                marker={
                    "color": CAUSE_COLOURS[cause], "line": {"width": 0},
                    "pattern": {"shape": CAUSE_PATTERNS.get(cause, ""), "size": 5, "solidity": 0.25,
                                "fillmode": "overlay", "fgcolor": "#ffffff"},
                },
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
        margin={"l": 8, "r": 30, "t": 8, "b": 8},
        xaxis={**percent_axis(language), "range": [0, 1.002], "dtick": 0.25},
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
        colorbar=_colour_bar(values, lambda n: format_number(n, language)),
        zmin=0,
        zmax=max(float(values.max()), 1.0),
        xgap=2,
        ygap=2,
        customdata=[[format_number(n, language) for n in row] for row in values],
        hovertemplate=t(language, "charts.weekday.hover") + "<extra></extra>",
    )
    out = figure(heat, height=310, language=language)
    out.update_layout(
        margin={"b": 84},
        yaxis={"autorange": "reversed", "showgrid": False, "ticks": ""},
        xaxis={"showgrid": False, "title": {"text": t(language, "charts.weekday.hour")}, "type": "category"},
    )
    return out


def transition_figure(
    waits: pd.DataFrame, names: Mapping[str, str], *, few: int, language: Language = "vi"
) -> go.Figure:
    """Mean waiting of a dossier on the heaviest pairs of steps (rows) in every organisation (columns).

    in: the `by_transition` table of WaitingCauses. A cell with fewer than `few` dossiers stays empty; a row or column
    without any other cell is left out.
    """
    spent = waits.assign(
        path=[
            f"{short_label(a, 30)} →<br>{short_label(b, 30)}"
            for a, b in zip(waits["source"], waits["target"], strict=True)
        ],
        waited=waits[[f"{cause}_seconds" for cause in CAUSES]].sum(axis=1),
    )
    most = waits[[f"{cause}_seconds" for cause in CAUSES]].to_numpy().argmax(axis=1)
    spent["cause"] = [CAUSES[place] for place in most]
    spent["mean"] = (spent["waited"] / spent["dossiers"]).where(spent["dossiers"] >= few)
    told = spent[spent["mean"].notna()]
    paths = list(told.groupby("path")["waited"].sum().sort_values(ascending=False).index[:8])
    shown = spent[spent["path"].isin(paths) & spent["organisation"].isin(told["organisation"])]
    worst = shown.groupby("organisation")["waited"].sum() / shown.groupby("organisation")["dossiers"].sum()
    codes = list(worst.sort_values(ascending=False).index)
    cells = {(row.path, row.organisation): row for row in records(shown)}
    hours = [[getattr(cells.get((path, code)), "mean", float("nan")) / 3600 for code in codes] for path in paths]
    heat = go.Heatmap(
        z=hours, x=[names.get(code, code) for code in codes], y=paths, xgap=2, ygap=2, zmin=0,
        colorbar=_colour_bar(np.array(hours), lambda hour: short_duration(hour * 3600, language)),
        colorscale=[[place / (len(DURATION) - 1), colour] for place, colour in enumerate(DURATION)],
        customdata=[[[_waited_text(cells.get((path, code)), few, language), code] for code in codes] for path in paths],
        zmax=max(float(np.nanmax(hours, initial=0.0)), 0.01),
        hovertemplate="%{y}<br>%{x}: %{customdata[0]}<extra></extra>",
    )  # fmt: skip
    out = figure(heat, height=len(paths) * 40 + 190, language=language)
    out.update_layout(
        margin={"b": 48},
        yaxis={"autorange": "reversed", "showgrid": False, "type": "category", "ticks": ""},
        xaxis={"type": "category", "showgrid": False, "tickangle": -45, "side": "top", "ticks": ""},
    )
    return out


def _colour_bar(values: np.ndarray, write: Callable[[float], str]) -> dict[str, Any]:
    """The scale below a field, from none to the most, with words at three places."""
    most = float(np.nanmax(values)) if values.size and not np.isnan(values).all() else 0.0
    places = [0.0, most / 2, most]
    return {
        "orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yanchor": "bottom", "yref": "container", "ypad": 2, "xpad": 0,
        "len": 220, "lenmode": "pixels", "thickness": 10, "outlinewidth": 0, "ticks": "", "tickfont": {"size": 12},
        "tickmode": "array", "tickvals": places, "ticktext": [write(place) for place in places],
    }  # fmt: skip


def _waited_text(row: Any, few: int, language: Language) -> str:
    if row is None:
        return t(language, "charts.transition.none")
    if row.dossiers < few:
        return t(language, "charts.transition.few", n=format_number(row.dossiers, language), few=few)
    cause = t(language, f"mining.cause.{row.cause}")
    return t(language, "charts.transition.hover", time=short_duration(row.mean, language), cause=cause,
             n=format_number(row.dossiers, language))  # fmt: skip


def open_figure(months: pd.DataFrame, language: Language = "vi") -> go.Figure:
    """Received and finished by month with what is still open. in: the `by_month` table of Workload."""
    days = pd.to_datetime(months["month"])
    bars = [
        go.Bar(x=days, y=months[name], name=t(language, f"charts.load.{name}"), marker={"color": colour},
               hovertemplate="%{x|%m/%Y}: %{y:,}<extra>" + t(language, f"charts.load.{name}") + "</extra>")
        for name, colour in (("received", "#a9c8e8"), ("closed", "#1f5fae"))
    ]  # fmt: skip
    line = go.Scatter(
        x=days, y=months["open_at_end"], name=t(language, "charts.load.open"), mode="lines", yaxis="y2",
        line={"color": "#d98e04", "width": 2},
        hovertemplate="%{x|%m/%Y}: %{y:,}<extra>" + t(language, "charts.load.open") + "</extra>",
    )  # fmt: skip
    out = figure(*bars, line, height=300, language=language)
    out.update_layout(
        barmode="group", showlegend=True,
        yaxis={"domain": [0, 0.56], "nticks": 4, "title": {"text": t(language, "charts.load.dossiers")}},
        yaxis2={**out.layout.yaxis.to_plotly_json(), "domain": [0.66, 1], "nticks": 3, "anchor": "x", "rangemode": "tozero",
                "title": {"text": t(language, "charts.load.open"), "font": {"size": 12}}},
        xaxis={"type": "date", "tickformat": "%m/%Y", "showgrid": False},
    )  # fmt: skip
    return out
