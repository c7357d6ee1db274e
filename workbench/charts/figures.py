"""The frame all figures share: type, colours, quiet axes, room for labels."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from workbench.charts.tokens import FONT, NEUTRAL
from workbench.i18n import Language

_INK = "#6b7686"
_GRID = "rgba(138,148,163,0.22)"


def figure(*traces: Any, height: int = 280, language: Language = "vi", **layout: Any) -> go.Figure:
    """A figure on a transparent ground that reads on light and dark pages."""
    axis = {
        "gridcolor": _GRID,
        "zerolinecolor": _GRID,
        "linecolor": _GRID,
        "tickfont": {"size": 12},
        "title": {"font": {"size": 12}},
        "automargin": True,
        "fixedrange": True,
    }
    base: dict[str, Any] = {
        "template": "none",
        "font": {"family": FONT, "size": 12, "color": _INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "separators": ",." if language == "vi" else ".,",
        "xaxis": axis,
        "yaxis": axis,
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "hoverlabel": {
            "bgcolor": "#1b2430",
            "bordercolor": "#1b2430",
            "font": {"family": FONT, "size": 12, "color": "#ffffff"},
            "align": "left",
        },
        "hovermode": "closest",
        "bargap": 0.28,
        "colorway": [NEUTRAL],
        "dragmode": False,
    }
    out = go.Figure(list(traces), layout=base)
    out.update_layout(**layout)
    return out


def percent_axis(language: Language = "vi") -> dict[str, Any]:
    """An axis of shares; a Vietnamese percent sign stands apart from its number."""
    apart = {f"{n}%": f"{n}\u00a0%" for n in range(101)} if language == "vi" else {}
    return {"tickformat": ".0%", **({"labelalias": apart} if apart else {})}


CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "responsive": True,
    "displaylogo": False,
    "plotlyServerURL": "",
    "showTips": False,
}
"""Settings of every graph in the app: no tool bar of the library, no link to a server."""
