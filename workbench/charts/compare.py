"""Organisations side by side: matrix with dendrogram, ranking with intervals, funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.charts.figures import figure, percent_axis
from workbench.charts.records import records
from workbench.charts.tokens import FREQUENCY, LATE, MARK, NEUTRAL
from workbench.harmonise.comparison.compare import Comparison
from workbench.i18n import Language, format_number, format_percent, t

MATRIX_VALUES = ("f", "fitness", "precision", "control_flow")
RANKINGS = ("on_time", "median")


def leaves(merges: pd.DataFrame, n: int) -> list[int]:
    """The rows of a dendrogram in the order in which no branches cross."""
    if n == 1 or not len(merges):
        return list(range(n))
    members = {place: [place] for place in range(n)}
    for step, row in enumerate(records(merges)):
        members[n + step] = members.pop(int(row.left)) + members.pop(int(row.right))
    return [place for group in members.values() for place in group]


def matrix_figure(
    comparison: Comparison, names: Mapping[str, str], *, value: str = "f", language: Language = "vi"
) -> go.Figure:
    """Model of the row on the log of the column, ordered by the dendrogram drawn at the side.

    `value` is f, fitness, precision, or control_flow for the distances. The medoid carries a star, outliers a ring.
    """
    order = leaves(comparison.merges, len(comparison.organisations))
    codes = [comparison.organisations["organisation"].iloc[place] for place in order]
    n = len(codes)
    square = _square(comparison, value).reindex(index=codes, columns=codes)
    x, y = _branches(comparison.merges, order)
    tree = go.Scatter(
        x=x, y=y, xaxis="x2", mode="lines", line={"color": NEUTRAL, "width": 1.2, "shape": "linear"}, hoverinfo="skip"
    )
    row = 30 if n <= 20 else 22
    out = figure(_heat(square, names, value, language), tree, height=n * row + 130, language=language)
    labels = [_label(comparison, code, names) for code in codes]
    ticks = {"tickmode": "array", "tickvals": list(range(n)), "ticktext": labels, "showgrid": False, "zeroline": False}
    out.update_layout(
        xaxis={
            **ticks,
            "range": [-0.5, n - 0.5],
            "domain": [0, 0.84],
            "side": "top",
            "tickangle": -55 if n > 5 else 0,
            "ticks": "",
        },
        yaxis={**ticks, "range": [n - 0.5, -0.5], "ticks": ""},
        xaxis2={"domain": [0.86, 1], "visible": False, "fixedrange": True, "anchor": "y"},
        margin={"l": 8, "r": 4, "t": 8, "b": 8},
    )
    return out


def _heat(square: pd.DataFrame, names: Mapping[str, str], value: str, language: Language) -> go.Heatmap:
    """The cells of the matrix; numbers stand in them while they are wide enough."""
    codes = list(square.index)
    cells = square.to_numpy(dtype="float64")
    n = len(codes)
    low, high = matrix_bounds(square)
    kind = "distance" if value == "control_flow" else "model"
    return go.Heatmap(
        z=cells,
        x=list(range(n)),
        y=list(range(n)),
        colorscale=_scale(FREQUENCY if value != "control_flow" else tuple(reversed(FREQUENCY))),
        zmin=low,
        zmax=high,
        xgap=1 if n > 12 else 3,
        ygap=1 if n > 12 else 3,
        showscale=False,
        text=[[_number(cell, language) for cell in row] for row in cells],
        texttemplate="%{text}" if n <= 14 else None,
        textfont={"size": 12},
        customdata=[
            [[names.get(row, row), names.get(column, column), row, column] for column in codes] for row in codes
        ],
        hovertemplate=t(language, f"charts.matrix.hover_{kind}") + "<extra></extra>",
    )


def matrix_bounds(square: pd.DataFrame) -> tuple[float, float]:
    """What light and dark mean: the values' range, widened to tenths so that small differences stay small."""
    cells = square.to_numpy(dtype="float64")
    if np.isnan(cells).all():
        return 0.0, 1.0
    low, high = np.floor(np.nanmin(cells) * 10) / 10, np.ceil(np.nanmax(cells) * 10) / 10
    return (float(low), float(high)) if high > low else (max(float(low) - 0.1, 0.0), float(high) + 0.1)


def matrix_legend(comparison: Comparison, value: str, language: Language = "vi") -> list[tuple[str, str]]:
    """(colour, words) for the ends of the matrix's scale."""
    low, high = (format_number(bound, language, 1) for bound in matrix_bounds(_square(comparison, value)))
    light, dark = (low, high) if value != "control_flow" else (high, low)
    return [
        (FREQUENCY[0], t(language, "charts.matrix.light", value=light)),
        (FREQUENCY[-1], t(language, "charts.matrix.dark", value=dark)),
    ]


def _square(comparison: Comparison, value: str) -> pd.DataFrame:
    if value != "control_flow":
        return comparison.square(value)
    pairs = comparison.distances
    both = pd.concat([pairs, pairs.rename(columns={"a": "b", "b": "a"})])
    square = both.pivot(index="a", columns="b", values="control_flow")
    names = list(comparison.organisations["organisation"])
    square = square.reindex(index=names, columns=names)
    for name in names:
        square.loc[name, name] = 0.0
    return square


def _label(comparison: Comparison, code: str, names: Mapping[str, str]) -> str:
    mark = " ★" if code == comparison.medoid else " ○" if code in comparison.outliers else ""
    return names.get(code, code) + mark


def _scale(colours: Sequence[str]) -> list[list[object]]:
    return [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)]


def _number(value: float, language: Language) -> str:
    return "–" if np.isnan(value) else format_number(value, language, 2)


def _branches(merges: pd.DataFrame, order: Sequence[int]) -> tuple[list[float | None], list[float | None]]:
    """The dendrogram as one broken line: distance across, rows down."""
    n = len(order)
    at: dict[int, tuple[float, float]] = {leaf: (0.0, float(row)) for row, leaf in enumerate(order)}
    x: list[float | None] = []
    y: list[float | None] = []
    for step, row in enumerate(records(merges)):
        (ax, ay), (bx, by) = at[int(row.left)], at[int(row.right)]
        reach = float(row.distance)
        x += [ax, reach, reach, bx, None]
        y += [ay, ay, by, by, None]
        at[n + step] = (reach, (ay + by) / 2)
    return x, y


def ranking_figure(
    comparison: Comparison, names: Mapping[str, str], *, measure: str = "on_time", language: Language = "vi"
) -> go.Figure:
    """Organisations by a figure with its 95 % interval, best on top; grey where there are too few dossiers."""
    table = comparison.organisations
    column = "on_time" if measure == "on_time" else "median_working_seconds"
    rows = table[table[column].notna()].sort_values(column, ascending=measure == "on_time")
    if measure == "on_time":
        middle, low, high = rows["on_time"], rows["on_time_low"], rows["on_time_high"]
    else:
        middle, low, high = (rows[name] / 28800 for name in (column, f"{column}_low", f"{column}_high"))
    texts = [
        _interval(measure, values, n, language)
        for values, n in zip(zip(middle, low, high, strict=True), rows["dossiers"], strict=True)
    ]
    dots = go.Scatter(
        x=middle,
        y=[names.get(code, code) for code in rows["organisation"]],
        mode="markers",
        marker={"size": 8, "color": [NEUTRAL if few else MARK for few in rows["too_few"]]},
        error_x={
            "type": "data", "symmetric": False, "array": (high - middle).fillna(0), "arrayminus": (middle - low).fillna(0),
            "thickness": 1.4, "width": 0, "color": "rgba(61,127,199,0.55)",
        },
        customdata=[[text, code] for text, code in zip(texts, rows["organisation"], strict=True)],
        hovertemplate="%{y}<br>%{customdata[0]}<extra></extra>",
    )  # fmt: skip
    out = figure(dots, height=max(len(rows) * 22 + 60, 160), language=language)
    axis = (
        percent_axis(language)
        if measure == "on_time"
        else {"title": {"text": t(language, "charts.trend.working_days")}}
    )
    out.update_layout(xaxis=axis, yaxis={"showgrid": False, "type": "category"})
    return out


def _interval(measure: str, values: tuple[float, float, float], n: int, language: Language) -> str:
    write: Callable[[float], str] = (
        (lambda v: format_percent(v, language)) if measure == "on_time" else lambda v: format_number(v, language, 1)
    )
    middle, low, high = (write(value) for value in values)
    return t(language, "charts.ranking.interval", value=middle, low=low, high=high, n=format_number(n, language))


def funnel_figure(comparison: Comparison, names: Mapping[str, str], *, language: Language = "vi") -> go.Figure:
    """On-time rate against number of dossiers, with the limits chance alone would keep (95 % and 99.8 %).

    Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance; normal approximation.
    """
    rows = comparison.organisations.dropna(subset=["on_time", "on_time_dossiers"])
    sizes = rows["on_time_dossiers"].astype("float64")
    overall = float((rows["on_time"] * sizes).sum() / sizes.sum()) if len(rows) else 0.0
    limit = 3.09 * np.sqrt(overall * (1 - overall) / sizes)
    low = rows["on_time"] < overall - limit
    apart = (rows["on_time"] - overall).abs() > limit
    labels = [names.get(code, code) for code in rows["organisation"]]
    dots = go.Scatter(
        x=sizes, y=rows["on_time"], mode="markers+text",
        text=[label if out else "" for label, out in zip(labels, apart, strict=True)],
        textposition="middle right", textfont={"size": 12},
        marker={"size": 9, "color": [LATE if one else MARK for one in low],
                "symbol": ["diamond" if one else "circle" for one in low]},
        customdata=[[label, format_percent(rate, language), format_number(n, language), code]
                    for label, rate, n, code in zip(labels, rows["on_time"], sizes, rows["organisation"], strict=True)],
        hovertemplate=t(language, "charts.funnel.hover") + "<extra></extra>",
    )  # fmt: skip
    out = figure(*_chance_limits(sizes, overall), dots, height=380, language=language)
    out.update_layout(
        xaxis={"title": {"text": t(language, "charts.funnel.dossiers")}, "rangemode": "tozero"},
        yaxis={**percent_axis(language), "title": {"text": t(language, "charts.funnel.rate")}},
        shapes=[{"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": overall, "y1": overall,
                 "line": {"color": NEUTRAL, "width": 1}}],
    )  # fmt: skip
    return out


def _chance_limits(sizes: pd.Series, overall: float) -> Iterator[go.Scatter]:
    """The lines between which 95 % and 99.8 % of the rates lie when all have the overall one."""
    most = float(sizes.max()) if len(sizes) else 1.0
    grid = np.linspace(max(most / 200, 5), most * 1.05, 120)
    spread = np.sqrt(overall * (1 - overall) / grid)
    for factor, dash in ((1.96, "dot"), (3.09, "solid")):
        for sign in (-1, 1):
            yield go.Scatter(
                x=grid,
                y=np.clip(overall + sign * factor * spread, 0, 1),
                mode="lines",
                hoverinfo="skip",
                line={"color": NEUTRAL, "width": 1, "dash": dash},
            )
