"""Measures a layout independently of how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from workbench.export.bpmn_drawing import Drawing
from workbench.export.layout import Box, Item, Layout, Point


@dataclass(frozen=True)
class Faults:
    overlaps: list[tuple[str, str]]
    through: list[tuple[str, str, str]]
    """(source, target, shape) of flows that enter a shape."""
    outside_lane: list[str]
    loose_ends: list[tuple[str, str]]
    slanted: list[tuple[str, str]]
    labels: list[str]
    """Flow texts over a shape or another text."""
    shared_lines: int
    """Pairs of flows without a common end that run on one line."""
    crossings: int
    bends: int

    @property
    def none(self) -> bool:
        return not (self.overlaps or self.through or self.outside_lane or self.loose_ends or self.slanted)


def outline(item: Item, layout: Layout) -> Box:
    x, y = layout.centres[item.id]
    half = item.corner or None
    top, bottom = (half, half) if half else (item.above, item.below)
    return Box(x - item.half_width, y - top, 2 * item.half_width, top + bottom)


def reserved(item: Item, layout: Layout) -> Box:
    x, y = layout.centres[item.id]
    return Box(x - item.width / 2, y - item.above, item.width, item.above + item.below)


def check(items: Sequence[Item], layout: Layout) -> Faults:
    rooms = {item.id: reserved(item, layout) for item in items}
    shapes = {item.id: outline(item, layout) for item in items}
    nodes, sides = list(shapes), _sides(shapes.values())
    overlaps = [(nodes[a], nodes[b]) for a, b in _meeting(_sides(rooms.values()))]
    through, loose, slanted, segments = [], [], [], []
    bends = 0
    for k, route in enumerate(layout.routes):
        name = (route.arc.source, route.arc.target)
        bends += len(route.points) - 2
        ends = ((route.arc.source, route.points[0]), (route.arc.target, route.points[-1]))
        loose += [name for node, point in ends if not _on_outline(point, shapes[node])]
        for one, two in zip(route.points, route.points[1:], strict=False):
            if one[0] != two[0] and one[1] != two[1]:
                slanted.append(name)
            segments.append((k, _line(one, two)))
            through += [(*name, nodes[n]) for n in _entered(one, two, sides)]
    outside = []
    for item in items:
        band, box = layout.lanes[item.lane], rooms[item.id]
        if box.y < band.y or box.bottom > band.y + band.height:
            outside.append(item.id)
    crossings, shared = _meetings(segments, layout)
    return Faults(overlaps, through, outside, loose, slanted, _labels(rooms, layout), shared, crossings, bends)


def _labels(rooms: dict[str, Box], layout: Layout) -> list[str]:
    texts = [(r.arc.source, r.label) for r in layout.routes if r.label]
    sides = _sides(rooms.values())
    bad = [source for source, box in texts if _touched(box, sides)]
    return bad + [texts[a][0] for a, _ in _meeting(_sides(box for _, box in texts))]


def _on_outline(point: Point, box: Box) -> bool:
    x, y = point
    cx, cy = box.centre
    return (x in (box.x, box.right) and abs(y - cy) < box.height) or (x == cx and y in (box.y, box.bottom))


def _line(one: Point, two: Point) -> Box:
    return Box(min(one[0], two[0]), min(one[1], two[1]), abs(one[0] - two[0]), abs(one[1] - two[1]))


def _sides(boxes: Iterable[Box]) -> NDArray[np.float64]:
    """Left, upper, right and lower side of each box."""
    return np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], dtype=float).reshape(-1, 4)


def _meeting(sides: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of boxes that share more than their outline: `Box.meets` of all pairs."""
    x, y, right, bottom = sides.T
    both = (x[:, None] < right) & (x < right[:, None]) & (y[:, None] < bottom) & (y < bottom[:, None])
    return [(int(a), int(b)) for a, b in np.argwhere(np.triu(both, 1))]


def _touched(box: Box, sides: NDArray[np.float64]) -> list[int]:
    """Boxes that share more than their outline with this one."""
    x, y, right, bottom = sides.T
    both = (x < box.right) & (box.x < right) & (y < box.bottom) & (box.y < bottom)
    return [int(n) for n in np.flatnonzero(both)]


def _entered(one: Point, two: Point, sides: NDArray[np.float64]) -> list[int]:
    """Boxes whose inside a straight piece of a flow reaches."""
    x, y, right, bottom = sides.T
    left, over = min(one[0], two[0]), min(one[1], two[1])
    inside = (left < right - 0.5) & (max(one[0], two[0]) > x + 0.5)
    inside &= (over < bottom - 0.5) & (max(one[1], two[1]) > y + 0.5)
    return [int(n) for n in np.flatnonzero(inside)]


def _meetings(segments: list[tuple[int, Box]], layout: Layout) -> tuple[int, int]:
    level = [(k, s) for k, s in segments if s.height == 0 and s.width > 0]
    upright = [(k, s) for k, s in segments if s.width == 0 and s.height > 0]
    crossings = sum(
        h.x + 0.5 < v.x < h.right - 0.5 and v.y + 0.5 < h.y < v.bottom - 0.5
        for k, h in level
        for j, v in upright
        if k != j
    )
    shared = 0
    for lines, flat in ((level, True), (upright, False)):
        by: dict[float, list[tuple[int, float, float]]] = {}
        for k, s in lines:
            by.setdefault(s.y if flat else s.x, []).append((k, s.x, s.right) if flat else (k, s.y, s.bottom))
        for group in by.values():
            for (k, a, b), (j, c, d) in combinations(group, 2):
                one, two = layout.routes[k].arc, layout.routes[j].arc
                if one.source != two.source and one.target != two.target and min(b, d) - max(a, c) > 1:
                    shared += 1
    return crossings, shared


def check_drawing(drawing: Drawing) -> list[str]:
    """Faults of a finished drawing: shapes, timers, texts, flows, messages and lanes as they are written to files."""
    faults = []
    boxes = {shape.id: shape.box for shape in drawing.shapes}
    host = {shape.id: shape.host for shape in drawing.shapes}
    names, sides = list(boxes), _sides(boxes.values())
    for a, b in ((names[one], names[two]) for one, two in _meeting(sides)):
        if host[a] != b and host[b] != a:
            faults.append(f"{a} overlaps {b}")
    for line in drawing.lines:
        for one, two in zip(line.points, line.points[1:], strict=False):
            faults += [f"{line.source}->{line.target} enters {names[n]}" for n in _entered(one, two, sides)]
    texts = [(s.id, s.text.box) for s in drawing.shapes if s.text and s.text.box is not s.box]
    texts += [(f"{n.source}->{n.target}", n.text.box) for n in drawing.lines if n.text]
    kinds = {shape.id: shape.kind for shape in drawing.shapes}
    for a, text in texts:
        for b in (names[n] for n in _touched(text, sides)):
            if host.get(a) == b:
                continue
            if kinds[b] not in ("xor", "and", "or") or _in_diamond(text, boxes[b]):
                faults.append(f"text of {a} over {b}")
    faults += [f"texts of {texts[a][0]} and {texts[b][0]}" for a, b in _meeting(_sides(box for _, box in texts))]
    for lane in drawing.lanes:
        faults += [f"{m} outside its lane" for m in lane.members if not _inside(boxes[m], lane.box)]
    faults += [f"{name} outside the pool" for name, box in boxes.items() if not _inside(box, drawing.pool)]
    return faults


def _in_diamond(text: Box, box: Box) -> bool:
    """Whether a text reaches inside the diamond drawn in a box."""
    x, y = box.centre
    dx = max(text.x - x, 0, x - text.right)
    dy = max(text.y - y, 0, y - text.bottom)
    return dx + dy < box.width / 2 - 1


def _inside(box: Box, outer: Box) -> bool:
    return outer.x <= box.x and outer.y <= box.y and box.right <= outer.right and box.bottom <= outer.bottom
