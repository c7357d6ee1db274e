"""The process map: a directly-follows graph as elements of cytoscape, at places that do not move with filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.charts.detours import detours
from workbench.charts.durations import short_duration
from workbench.charts.layered import Layout, Point, layered
from workbench.charts.records import records
from workbench.charts.steps import short_label
from workbench.charts.tokens import DURATION, FREQUENCY, OTHER_STEP, REWORK, Theme, ramp, readable_on, scale_on
from workbench.i18n import Language, format_number, format_percent, t
from workbench.mining.dfg import Dfg

START, END = "\u25b6", "\u25a0"
Colouring = Literal["frequency", "duration", "rework"]
COLOURINGS: tuple[Colouring, ...] = ("frequency", "duration", "rework")
BOX = (176, 56)
_ALONG = 106.0
_ROUTED = 1000
"""Movements led around boxes, the most frequent first."""
MAIN_STEPS = 40
"""Steps whose places are found together; rarer ones are put beside them."""


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """What is drawn, and what the sliders hide."""

    elements: list[dict[str, Any]]
    legend: list[tuple[str, str]]
    """(colour, words), low to high."""
    steps_shown: int
    steps: int
    events_share: float
    """Share of events whose step is shown."""
    paths_shown: int
    paths: int
    movements_share: float
    """Share of movements whose path is shown."""


def movements(graph: Dfg) -> pd.DataFrame:
    """Edges with those from the start and to the end: source, target, count, and median times where known."""
    activities = graph.activities
    starts = activities[activities["start_count"] > 0]
    ends = activities[activities["end_count"] > 0]
    first = pd.DataFrame({"source": START, "target": starts["activity"], "count": starts["start_count"]})
    final = pd.DataFrame({"source": ends["activity"], "target": END, "count": ends["end_count"]})
    columns = ["source", "target", "count", "dossiers", "median_seconds", "median_working_seconds"]
    parts = [part for part in (first, graph.edges[columns], final) if len(part)]
    every = pd.concat(parts, ignore_index=True) if parts else graph.edges[columns]
    return every.sort_values(["count", "source", "target"], ascending=[False, True, True]).reset_index(drop=True)


def union_layout(graph: Dfg) -> Layout:
    """Places of all steps of a procedure, from the graph of all its dossiers in all organisations."""
    every = movements(graph)
    steps = _top(graph.activities, "activity", 0.99)[:MAIN_STEPS]
    ends = {START, END, *steps}
    moves = every[every["source"].isin(ends) & every["target"].isin(ends)].reset_index(drop=True)
    kept = moves[_chosen_paths(moves, set(steps), 0.97)]
    heavy = kept.head(max(90, len(steps) * 2))
    weights = {(s, e): float(n) for s, e, n in zip(heavy["source"], heavy["target"], heavy["count"], strict=True)}
    main = layered([START, *steps, END], weights, first=START, last=END, along=_ALONG)
    rare = [step for step in graph.activities["activity"] if step not in ends]
    return _with_rare(main, rare, every)


def _with_rare(main: Layout, rare: Sequence[str], moves: pd.DataFrame) -> Layout:
    """Rare steps stand right of the main ones, one layer below the step they mostly follow."""
    before = moves.drop_duplicates("target").set_index("target")["source"]
    nodes = dict(main.nodes)
    taken: dict[float, float] = {}
    for step in rare:
        above = nodes.get(before.get(step, START), (0.0, 0.0))
        y = min(above[1] + _ALONG, max(main.height - _ALONG, _ALONG))
        taken[y] = x = taken.get(y, main.width + 60.0) + 210.0
        nodes[step] = (x, y)
    heavy = moves.head(_ROUTED)
    edges = zip(heavy["source"], heavy["target"], strict=True)
    bends = {**main.bends, **detours(main, nodes, edges, box=BOX, along=_ALONG, end=END)}
    return Layout(nodes, bends, max(main.width, *taken.values()) if taken else main.width, main.height)


def process_map(
    graph: Dfg,
    layout: Layout,
    colours: Mapping[str, str],
    theme: Theme,
    *,
    colouring: Colouring = "frequency",
    steps_share: float = 1.0,
    paths_share: float = 0.9,
    frame: Sequence[str] = (),
    language: Language = "vi",
) -> ProcessMap:
    """The map of a selection at the places of the union.

    `steps_share`: the most frequent steps that hold this share of events; `paths_share`: the most frequent paths
    that hold this share of movements. Every step keeps its strongest path in and out. The places of the steps of
    `frame` are inside the picture even when the selection lacks them, so that a box stays where it is on the screen.
    """
    activities = graph.activities
    shown_steps = set(_top(activities, "activity", steps_share))
    moves = movements(graph)
    ends = {START, END} | shown_steps
    inside = moves[moves["source"].isin(ends) & moves["target"].isin(ends)]
    paths = inside[_chosen_paths(inside, shown_steps, paths_share)]
    working = bool(graph.edges["median_working_seconds"].notna().any())
    drawing = _Drawing(layout, colours, theme, colouring, language, working)
    nodes = drawing.nodes(activities[activities["activity"].isin(shown_steps)])
    elements = nodes + drawing.edges(paths, moves) + drawing.corners(frame)
    return ProcessMap(
        elements=elements,
        legend=drawing.legend(),
        steps_shown=len(shown_steps),
        steps=len(activities),
        events_share=_share(activities[activities["activity"].isin(shown_steps)]["count"], activities["count"]),
        paths_shown=len(paths),
        paths=len(moves),
        movements_share=_share(paths["count"], moves["count"]),
    )


def shown_steps(graph: Dfg, share: float) -> list[str]:
    """The most frequent steps that hold this share of events."""
    return _top(graph.activities, "activity", share)


def readable_share(graph: Dfg, most: int = 24) -> float:
    """The share of events of the `most` most frequent steps, 1 when there are no more."""
    counts = graph.activities["count"]
    return float(counts.head(most).sum() / counts.sum()) if len(counts) > most else 1.0


def _share(part: pd.Series, whole: pd.Series) -> float:
    return float(part.sum() / whole.sum()) if len(whole) and whole.sum() else 0.0


def _top(table: pd.DataFrame, name: str, share: float) -> list[str]:
    if not len(table):
        return []
    before = table["count"].cumsum().shift(fill_value=0) / table["count"].sum()
    return list(table.loc[(before < share - 1e-9) | (before == 0), name])


def _chosen_paths(moves: pd.DataFrame, steps: set[str], share: float) -> pd.Series:
    """Which rows are shown: the heaviest up to `share`, and each step's strongest way in and out."""
    if not len(moves):
        return pd.Series(dtype=bool)
    before = moves["count"].cumsum().shift(fill_value=0) / moves["count"].sum()
    apart = moves["source"] != moves["target"]
    best_in = moves[apart & moves["target"].isin(steps | {END})].drop_duplicates("target").index
    best_out = moves[apart & moves["source"].isin(steps | {START})].drop_duplicates("source").index
    return (before < share - 1e-9) | moves.index.isin(best_in) | moves.index.isin(best_out)


@dataclass(frozen=True, slots=True)
class _Drawing:
    layout: Layout
    colours: Mapping[str, str]
    theme: Theme
    colouring: Colouring
    language: Language
    working: bool

    def nodes(self, activities: pd.DataFrame) -> list[dict[str, Any]]:
        shares, texts = self._node_values(activities)
        scale = self._scale()
        out = [self._mark(START, "start"), self._mark(END, "end")]
        for step, count, share, text in zip(activities["activity"], activities["count"], shares, texts, strict=True):
            fill = ramp(scale, share)
            data = {
                "id": step,
                "kind": "step",
                "label": f"{short_label(step)}\n{text}",
                "full": step,
                "count": int(count),
                "fill": fill,
                "ink": readable_on(fill),
                "stops": " ".join([self.colours.get(step, OTHER_STEP)] * 2 + [fill] * 2),
            }
            out.append({"data": data, "position": self._at(step), "classes": "step"})
        return out

    def corners(self, frame: Sequence[str]) -> list[dict[str, Any]]:
        """Two invisible corners around the places of some steps."""
        places = [self.layout.nodes[name] for name in (START, END, *frame) if name in self.layout.nodes]
        if not frame or not places:
            return []
        edges = ((min(x for x, _ in places), min(y for _, y in places)),
                 (max(x for x, _ in places), max(y for _, y in places)))  # fmt: skip
        return [
            {"data": {"id": f"corner{place}", "kind": "corner"}, "classes": "corner", "selectable": False,
             "position": {"x": round(x + sign * BOX[0] / 2, 1), "y": round(y + sign * BOX[1] / 2, 1)}}
            for place, ((x, y), sign) in enumerate(zip(edges, (-1, 1), strict=True))
        ]  # fmt: skip

    def _node_values(self, activities: pd.DataFrame) -> tuple[Sequence[float], list[str]]:
        if self.colouring == "frequency":
            return _scaled(activities["count"]), [format_number(n, self.language) for n in activities["count"]]
        if self.colouring == "duration":
            waits = activities["median_wait_working_seconds" if self.working else "median_wait_seconds"]
            return _scaled(waits), [self._time(value) for value in waits]
        again = 1 - activities["dossiers"] / activities["count"]
        return list(again.clip(0, 0.6) / 0.6), [format_percent(value, self.language) for value in again]

    def edges(self, paths: pd.DataFrame, moves: pd.DataFrame) -> list[dict[str, Any]]:
        most = float(moves["count"].max()) if len(moves) else 1.0
        column = "median_working_seconds" if self.working else "median_seconds"
        timed = self.colouring == "duration"
        shares = _scaled(paths[column]) if timed else _scaled(paths["count"])
        out = []
        for row, share in zip(records(paths), shares, strict=True):
            seconds = getattr(row, column)
            known = seconds == seconds  # noqa: PLR0124 - NaN
            label = self._time(seconds) if timed and known else "" if timed else format_number(row.count, self.language)
            data = {
                "id": f"{row.source}\u2192{row.target}",
                "source": row.source,
                "target": row.target,
                "kind": "path",
                "label": label,
                "width": 1.2 + 5.8 * float(np.sqrt(row.count / most)),
                "line": self._line(share if known or not timed else None),
                **self._bends(row.source, row.target),
            }
            out.append({"data": data, "classes": self._edge_class(row.source, row.target)})
        return out

    def _line(self, share: float | None) -> str:
        if self.colouring == "rework" or share is None:
            return self.theme.edge
        return ramp(self._scale()[3 if self.theme.name == "dark" else 2 :], share)

    def _scale(self) -> tuple[str, ...]:
        scale = {"frequency": FREQUENCY, "duration": DURATION, "rework": REWORK}[self.colouring]
        return scale_on(scale, self.theme)

    def _edge_class(self, source: str, target: str) -> str:
        if source == target:
            return "loop"
        return "bent" if self.layout.bends.get((source, target)) else "plain"

    def _bends(self, source: str, target: str) -> dict[str, Any]:
        points = self.layout.bends.get((source, target), ())
        if not points or source == target:
            return {}
        return bend_data(self.layout.nodes[source], self.layout.nodes[target], points)

    def _mark(self, name: str, kind: str) -> dict[str, Any]:
        data = {"id": name, "kind": kind, "label": "", "full": t(self.language, f"charts.map.{kind}")}
        return {"data": data, "position": self._at(name), "classes": kind}

    def _at(self, name: str) -> dict[str, float]:
        x, y = self.layout.nodes.get(name, (0.0, self.layout.height))
        return {"x": round(x, 1), "y": round(y, 1)}

    def _time(self, seconds: float) -> str:
        return short_duration(seconds, self.language, working=self.working)

    def legend(self) -> list[tuple[str, str]]:
        scale = self._scale()
        words = ("low", "middle", "high")
        return [
            (scale[place], t(self.language, f"charts.map.{self.colouring}.{word}"))
            for place, word in zip((1, 3, 5), words, strict=True)
        ]


BENT_EDGE = {
    "selector": "edge.bent",
    "style": {
        "curve-style": "unbundled-bezier",
        "control-point-distances": "data(distances)",
        "control-point-weights": "data(weights)",
        "edge-distances": "node-position",
    },
}
"""How an edge with the data of `bend_data` looks."""
STRIPED_BOX = {
    "shape": "round-rectangle",
    "background-fill": "linear-gradient",
    "background-gradient-direction": "to-right",
    "background-gradient-stop-colors": "data(stops)",
    "background-gradient-stop-positions": "0 3.5 3.5 100",
}
"""A step with its colour as a stripe at the left; `stops` are two of that colour and two of the filling."""


def bend_data(source: Point, target: Point, points: Sequence[Point]) -> dict[str, str]:
    """Bends in cytoscape's terms: how far along the straight line, and how far beside it."""
    dx, dy = target[0] - source[0], target[1] - source[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    along, beside = [], []
    for x, y in _around(source, target, points):
        px, py = x - source[0], y - source[1]
        along.append(round((px * dx + py * dy) / length**2, 4))
        beside.append(round((px * dy - py * dx) / -length, 1))
    return {"weights": " ".join(map(str, along)), "distances": " ".join(map(str, beside))}


def _around(source: Point, target: Point, points: Sequence[Point]) -> list[Point]:
    """Two control points for each bend, above and below it: the curve then passes through the bend itself."""
    step = 30.0 if target[1] >= source[1] else -30.0
    return [(x, y + shift) for x, y in points for shift in (-step, step)]


def _scaled(values: pd.Series) -> Sequence[float]:
    """0 to 1 on a square-root scale, missing values as 0."""
    numbers = values.astype("float64").fillna(0.0).clip(lower=0)
    most = numbers.max() if len(numbers) else 0.0
    return list(np.sqrt(numbers / most)) if most else [0.0] * len(numbers)


def stylesheet(theme: Theme) -> list[dict[str, Any]]:
    """How elements look; what differs between elements is in their data."""
    font = "Be Vietnam Pro, Inter, Noto Sans, sans-serif"
    return [
        {
            "selector": "node.step",
            "style": {
                **STRIPED_BOX, "width": BOX[0], "height": BOX[1], "label": "data(label)", "color": "data(ink)", "font-family": font, "font-size": 13,
                "line-height": 1.25, "text-wrap": "wrap", "text-max-width": BOX[0] - 22, "text-valign": "center",
                "text-halign": "center", "text-margin-x": 3, "border-width": 1, "border-color": theme.line,
            },
        },
        {
            "selector": "node.start, node.end",
            "style": {"shape": "ellipse", "width": 22, "height": 22, "background-color": theme.canvas,
                      "border-width": 2, "border-color": theme.muted},
        },
        {"selector": "node.end", "style": {"border-width": 5}},
        {"selector": "node.corner", "style": {"width": 1, "height": 1, "opacity": 0, "events": "no"}},
        {
            "selector": "edge",
            "style": {
                "width": "data(width)", "line-color": "data(line)", "target-arrow-color": "data(line)",
                "target-arrow-shape": "triangle", "arrow-scale": 0.9, "label": "data(label)", "font-family": font,
                "font-size": 12, "color": theme.text, "text-background-color": theme.canvas,
                "text-background-opacity": 1, "text-background-padding": "2px", "curve-style": "bezier",
                "control-point-step-size": 46,
            },
        },
        BENT_EDGE,
        {"selector": "edge.loop", "style": {"loop-direction": "90deg", "loop-sweep": "-40deg"}},
        {"selector": ":selected", "style": {"border-width": 3, "border-color": "#1b2430" if theme.name == "light"
                                            else "#ffffff", "line-color": "#d98e04",
                                            "target-arrow-color": "#d98e04"}},
    ]  # fmt: skip
