"""Events as points in time: the dotted chart, and the performance spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.charts.durations import short_duration
from workbench.charts.figures import figure
from workbench.charts.records import records
from workbench.charts.steps import calm_label, short_label
from workbench.charts.tokens import DURATION, OTHER_STEP
from workbench.i18n import Language, format_number, t
from workbench.mining.dotted import DottedChart, Spectrum

QUARTILES = ("#a9c8e8", "#4a8ace", DURATION[3], "#9c640c")
"""Passages from the quickest quarter to the slowest; told apart by lightness too."""
_BAND, _GAP = 1.0, 0.55
_SHOWN = 0.98


def dotted_figure(
    chart: DottedChart, colours: Mapping[str, str], *, since_receipt: bool = False, language: Language = "vi"
) -> go.Figure:
    """One row a dossier, one dot an event, in the colour of its step; against the calendar or days since receipt.

    All dots of one colour are one path, which a browser draws many times as fast as points; its strokes have no length
    and are seen where lines end round (`stroke-linecap`). The trace is not drawn, it says what a dot is.
    """
    points = chart.points
    points = points.assign(
        colour=[colours.get(step, OTHER_STEP) for step in points["step"]],
        place=(points["seconds"] / 86400).round(4) if since_receipt else points["at"].dt.strftime("%Y-%m-%d %H:%M:%S"),
    )
    hovered = {
        "type": "scatter", "mode": "none", "x": points["place"].tolist(), "y": points["row"].to_numpy(dtype="int32"),
        "customdata": _facts(points, language), "hovertemplate": t(language, "charts.dotted.hover") + "<extra></extra>",
    }  # fmt: skip
    out = figure(hovered, height=440, language=language)
    out.update_layout(
        shapes=[_dots(str(colour), rows) for colour, rows in points.groupby("colour", sort=False)],
        xaxis={"title": {"text": t(language, f"charts.dotted.{'since' if since_receipt else 'calendar'}")},
               **({"rangemode": "tozero"} if since_receipt else {"type": "date", "tickformat": "%m/%Y"})},
        yaxis={"title": {"text": t(language, "charts.dotted.rows")}, "autorange": "reversed", "showgrid": False,
               "showticklabels": False},
    )  # fmt: skip
    if since_receipt and len(points):
        out.update_xaxes(range=[-0.2, float(points["seconds"].quantile(_SHOWN)) / 86400 * 1.04 + 0.2])
    return out


def _dots(colour: str, rows: pd.DataFrame) -> dict[str, Any]:
    """The dots of one colour."""
    places = rows["place"].astype("str").str.replace(" ", "_")
    path = "".join(f"M{x},{y}Z" for x, y in zip(places.tolist(), rows["row"].tolist(), strict=True))
    return {"type": "path", "path": path, "line": {"width": 5, "color": colour}, "opacity": 0.85}


def _facts(rows: pd.DataFrame, language: Language) -> list[Any]:
    """What a dot says."""
    named = {step: calm_label(step) for step in rows["step"].unique()}
    return list(
        zip(
            rows["dossier_code"].tolist(),
            map(named.__getitem__, rows["step"].tolist()),
            rows["at"].dt.strftime("%d/%m/%Y %H:%M").tolist(),
            (short_duration(seconds, language) for seconds in rows["seconds"].tolist()),
            strict=True,
        )
    )


def spectrum_figure(spectrum: Spectrum, *, language: Language = "vi") -> go.Figure:
    """A band a pair of steps; every line runs from when the first was done (top) to when the second was (bottom).

    Colours are the quarters of the pair's durations over all passages. Source: Denisov, Fahland and van der Aalst
    (2018), Unbiased, fine-grained description of processes performance from event data.
    """
    names = {row.segment: (row.source, row.target) for row in records(spectrum.segments)}
    tops = {segment: -place * (_BAND + _GAP) for place, segment in enumerate(names)}
    traces = [_quarter(spectrum.lines, quartile, tops, language) for quartile in (1, 2, 3, 4)]
    out = figure(*traces, height=max(len(names) * 92 + 70, 200), language=language)
    out.update_layout(
        yaxis={"visible": False, "range": [-len(names) * (_BAND + _GAP) + _GAP - 0.1, _GAP]},
        xaxis={"type": "date", "tickformat": "%m/%Y"},
        hovermode="closest",
        annotations=[_heading(spectrum, segment, tops[segment], language) for segment in names],
        shapes=[
            {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": top - _BAND, "y1": top, "layer": "below",
             "line": {"width": 0}, "fillcolor": "rgba(138,148,163,0.10)"}
            for top in tops.values()
        ],
    )  # fmt: skip
    return out


def _quarter(lines: pd.DataFrame, quartile: int, tops: Mapping[int, float], language: Language) -> go.Scatter:
    rows = lines[lines["quartile"] == quartile]
    x: list[object] = []
    y: list[float | None] = []
    words: list[str] = []
    for row in records(rows):
        top = tops[row.segment]
        x += [row.begin, row.end, None]
        y += [top, top - _BAND, None]
        words += [
            f"{row.begin:%d/%m/%Y %H:%M} → {row.end:%d/%m/%Y %H:%M} · {short_duration(row.seconds, language)}"
        ] * 3
    return go.Scatter(
        x=x, y=y, mode="lines", line={"color": QUARTILES[quartile - 1], "width": 1}, opacity=0.75, text=words,
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _heading(spectrum: Spectrum, segment: int, top: float, language: Language) -> dict[str, object]:
    table = spectrum.segments
    row = next(records(table[table["segment"] == segment]))
    text = t(
        language, "charts.spectrum.heading", source=short_label(row.source, 60), target=short_label(row.target, 60),
        n=format_number(row.count, language), median=short_duration(row.q50, language),
        q25=short_duration(row.q25, language), q75=short_duration(row.q75, language),
    )  # fmt: skip
    return {"x": 0, "xref": "paper", "xanchor": "left", "y": top, "yanchor": "bottom", "text": text, "showarrow": False,
            "font": {"size": 12}, "align": "left"}  # fmt: skip


def spectrum_legend(language: Language = "vi") -> list[tuple[str, str]]:
    """(colour, words) from the quickest quarter to the slowest."""
    return [(colour, t(language, f"charts.spectrum.quarter_{place}")) for place, colour in enumerate(QUARTILES, 1)]
