"""Candidates for the unified procedure: how well they fit against how large they are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from workbench.charts.figures import figure
from workbench.charts.records import records
from workbench.charts.tokens import MARK, NEUTRAL
from workbench.i18n import Language, format_number, t


def candidate_figure(
    candidates: pd.DataFrame, names: Mapping[str, str], numbers: Mapping[str, str], language: Language = "vi"
) -> go.Figure:
    """Mean F against size; the Pareto front is joined, the recommended candidate has a ring.

    in: the `candidates` table of a Harmonisation; names and short numbers by candidate.
    """
    known = candidates.dropna(subset=["f"])
    front = known[known["on_front"]].sort_values("size")
    line = go.Scatter(
        x=front["size"], y=front["f"], mode="lines", line={"color": MARK, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    out = figure(line, _dots(known, names, numbers, language), height=380, language=language)
    out.update_layout(
        xaxis={"title": {"text": t(language, "charts.candidates.size")}, "zeroline": False},
        yaxis={"title": {"text": t(language, "charts.candidates.f")}, "zeroline": False},
        margin={"l": 8, "r": 60, "t": 30, "b": 8},
    )
    return out


def _beside(known: pd.DataFrame) -> list[str]:
    """Where the number of each dot stands: numbers of dots close together go above and below."""
    places = list(zip(known["size"], known["f"], strict=True))
    near = [[abs(a - x) <= 1.5 and abs(b - y) <= 0.04 for a, b in places] for x, y in places]
    return [
        "bottom right" if any(row[:place]) else "top right" if any(row[place + 1 :]) else "middle right"
        for place, row in enumerate(near)
    ]


def _dots(known: pd.DataFrame, names: Mapping[str, str], numbers: Mapping[str, str], language: Language) -> go.Scatter:
    rows = list(records(known))
    return go.Scatter(
        x=known["size"],
        y=known["f"],
        mode="markers+text",
        text=[numbers.get(name, "") for name in known["name"]],
        textposition=_beside(known),
        textfont={"size": 12},
        cliponaxis=False,
        marker={
            "size": [15 if row.recommended else 10 for row in rows],
            "color": [MARK if row.on_front else NEUTRAL for row in rows],
            "line": {"width": [3 if row.recommended else 0 for row in rows], "color": "#d98e04"},
        },
        customdata=[
            [
                names.get(row.name, row.name),
                format_number(row.f, language, 3),
                format_number(row.fitness, language, 3),
                format_number(row.precision, language, 3),
                format_number(row.size, language),
                format_number(row.changes, language),
                row.name,
            ]
            for row in rows
        ],
        hovertemplate=t(language, "charts.candidates.hover") + "<extra></extra>",
    )
