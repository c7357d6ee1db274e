"""Ways around boxes: an arrow that would run straight through a box takes a lane between the columns instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import cycle

from workbench.charts.layered import Layout, Point

Edge = tuple[str, str]
_OFFSETS = (0.0, 8.0, -8.0, 4.0, -4.0, 12.0, -12.0)
"""Arrows in one lane run beside each other."""


def detours(
    main: Layout, nodes: Mapping[str, Point], edges: Iterable[Edge], *, box: tuple[float, float], along: float, end: str
) -> dict[Edge, tuple[Point, ...]]:
    """Bends for the edges whose straight line crosses the box of another node.

    `main` is the part laid out in layers; nodes beside it have a lane at their left. An edge within the main part goes
    past the boxes of the layers it spans, one to the next layer runs between them. `end` is entered from the side.
    """
    offsets = cycle(_OFFSETS)
    out: dict[Edge, tuple[Point, ...]] = {}
    for source, target in edges:
        if source == target or source not in nodes or target not in nodes or main.bends.get((source, target)):
            continue
        start, stop = nodes[source], nodes[target]
        if abs(stop[1] - start[1]) < along / 2 or not _crosses(start, stop, nodes, {source, target}, box):
            continue
        half = along / 2 if stop[1] > start[1] else -along / 2
        if abs(stop[1] - start[1]) < along * 1.5:
            side = stop[0] + (-105.0 if stop[0] > start[0] else 105.0)
            out[(source, target)] = ((side, start[1] + half),)
            continue
        beside = next((nodes[name][0] for name in (source, target) if name not in main.nodes), None)
        if beside is None:
            out[(source, target)] = _past(start, stop, nodes, next(offsets), box[0] / 2)
            continue
        lane = beside - 105.0 + next(offsets)
        points = [(lane, start[1] + half), (lane, stop[1] - half)]
        if source in main.nodes:
            points.insert(0, (start[0], start[1] + half + _clear(half)))
        if target in main.nodes and target != end:
            points.append((stop[0], stop[1] - half - _clear(half)))
        out[(source, target)] = tuple(points)
    return out


def _past(start: Point, stop: Point, nodes: Mapping[str, Point], offset: float, half: float) -> tuple[Point, ...]:
    """Bends beside the boxes between two heights, in the free column nearest to the straight line."""
    low, high = sorted((start[1], stop[1]))
    between = [place for place in nodes.values() if low + 1 < place[1] < high - 1]
    middle = (start[0] + stop[0]) / 2
    columns = sorted((x + side for x, _ in between for side in (-105.0, 105.0)), key=lambda x: (abs(x - middle), x))
    free = [x for x in columns if all(abs(x - other) >= half + 16 for other, _ in between)]
    lane = (free or [max(x for x, _ in between) + 105.0])[0] + offset
    rows = sorted({y for _, y in between}, reverse=start[1] > stop[1])
    return tuple((lane, y) for y in rows)


def _clear(half: float) -> float:
    """What keeps both control points of a bend above or below a box out of the box."""
    return 10.0 if half > 0 else -10.0


def _crosses(start: Point, stop: Point, nodes: Mapping[str, Point], ends: set[str], box: tuple[float, float]) -> bool:
    """Whether the straight line runs through the box of another node."""
    wide, high = box[0] / 2 + 4, box[1] / 2 + 4
    (x, y), dx, dy = start, stop[0] - start[0], stop[1] - start[1]
    for name, (left, top) in nodes.items():
        if name in ends:
            continue
        first, last = sorted(((top - high - y) / dy, (top + high - y) / dy))
        first, last = max(first, 0.0), min(last, 1.0)
        if first < last:
            near, far = sorted((x + dx * first, x + dx * last))
            if near < left + wide and far > left - wide:
                return True
    return False
