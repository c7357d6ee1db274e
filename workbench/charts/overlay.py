"""Two organisations on one map: who goes where more often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.charts.layered import Layout
from workbench.charts.process_map import END, START, bend_data, movements
from workbench.charts.records import records
from workbench.charts.steps import short_label
from workbench.charts.tokens import OTHER_STEP, Theme, readable_on, scale_on
from workbench.i18n import Language, format_percent
from workbench.mining.dfg import Dfg

FIRST, SECOND = ("#cfe1f3", "#75a6d8", "#1f5fae"), ("#f9e5bd", "#dfa43c", "#9c640c")
"""Light to dark: more often in the first, in the second organisation. Blue and orange are told apart by everybody."""
_STEPS = (0.05, 0.20, 0.50)
_LEAST = 0.02


def overlay_elements(
    first: Dfg, second: Dfg, layout: Layout, colours: Mapping[str, str], theme: Theme, *, language: Language = "vi"
) -> list[dict[str, Any]]:
    """Steps and paths of both, with the share of dossiers of each and a colour for the difference.

    A step or path that fewer than 2 % of either's dossiers have is left out.
    """
    nodes = _steps(first, second)
    shown = {START, END, *nodes["activity"]}
    out = [_mark(name, kind, layout) for name, kind in ((START, "start"), (END, "end"))]
    for row in records(nodes):
        fill = _colour(row.a - row.b, theme) or theme.surface
        data = {
            "id": row.activity, "kind": "step", "full": row.activity,
            "label": f"{short_label(row.activity)}\n{_both(row, language)}", "fill": fill, "ink": readable_on(fill),
            "stops": " ".join([colours.get(row.activity, OTHER_STEP)] * 2 + [fill] * 2),
        }  # fmt: skip
        out.append({"data": data, "position": _at(row.activity, layout), "classes": "step"})
    for row in records(_paths(first, second)):
        if row.source in shown and row.target in shown:
            out.append(_path(row, layout, theme, language))
    return out


def _steps(first: Dfg, second: Dfg) -> pd.DataFrame:
    parts = [_shares(graph.activities, ["activity"], graph, name) for graph, name in ((first, "a"), (second, "b"))]
    return _kept(parts[0].merge(parts[1], on="activity", how="outer"))


def _paths(first: Dfg, second: Dfg) -> pd.DataFrame:
    parts = []
    for graph, name in ((first, "a"), (second, "b")):
        moves = movements(graph)
        moves = moves.assign(dossiers=moves["dossiers"].fillna(moves["count"]))
        parts.append(_shares(moves, ["source", "target"], graph, name))
    return _kept(parts[0].merge(parts[1], on=["source", "target"], how="outer"))


def _shares(table: pd.DataFrame, keys: list[str], graph: Dfg, name: str) -> pd.DataFrame:
    return table[keys].assign(**{name: table["dossiers"].astype(float) / max(graph.basis.n_dossiers, 1)})


def _kept(table: pd.DataFrame) -> pd.DataFrame:
    table = table.fillna({"a": 0.0, "b": 0.0})
    return table[(table["a"] >= _LEAST) | (table["b"] >= _LEAST)].reset_index(drop=True)


def _colour(difference: float, theme: Theme, *, least: int = 0) -> str | None:
    """None below the first step; `least` is the faintest place of the scale to use: lines are thinner than boxes."""
    place = sum(abs(difference) >= step for step in _STEPS)
    return None if not place else scale_on(FIRST if difference > 0 else SECOND, theme)[max(place - 1, least)]


def _both(row: Any, language: Language) -> str:
    return f"{format_percent(row.a, language, 0)} · {format_percent(row.b, language, 0)}"


def _path(row: Any, layout: Layout, theme: Theme, language: Language) -> dict[str, Any]:
    points = layout.bends.get((row.source, row.target), ())
    loop = row.source == row.target
    bent = bool(points) and not loop
    data: dict[str, Any] = {
        "id": f"{row.source}\u2192{row.target}", "source": row.source, "target": row.target, "kind": "path",
        "label": _both(row, language) if abs(row.a - row.b) >= _STEPS[0] else "",
        "width": 1.2 + 5 * max(row.a, row.b), "line": _colour(row.a - row.b, theme, least=1) or theme.edge,
    }  # fmt: skip
    if bent and row.source in layout.nodes and row.target in layout.nodes:
        data |= bend_data(layout.nodes[row.source], layout.nodes[row.target], points)
    return {"data": data, "classes": "loop" if loop else "bent" if bent else "plain"}


def _mark(name: str, kind: str, layout: Layout) -> dict[str, Any]:
    return {
        "data": {"id": name, "kind": kind, "label": "", "full": kind},
        "position": _at(name, layout),
        "classes": kind,
    }


def _at(name: str, layout: Layout) -> dict[str, float]:
    x, y = layout.nodes.get(name, (0.0, layout.height))
    return {"x": round(x, 1), "y": round(y, 1)}
