"""Measures a layout independently of how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

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
    overlaps = [(a, b) for a, b in combinations(rooms, 2) if rooms[a].meets(rooms[b])]
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
            line = _line(one, two)
            segments.append((k, line))
            through += [(*name, node) for node, box in shapes.items() if _enters(line, box)]
    outside = []
    for item in items:
        band, box = layout.lanes[item.lane], rooms[item.id]
        if box.y < band.y or box.bottom > band.y + band.height:
            outside.append(item.id)
    crossings, shared = _meetings(segments, layout)
    return Faults(overlaps, through, outside, loose, slanted, _labels(rooms, layout), shared, crossings, bends)


def _labels(rooms: dict[str, Box], layout: Layout) -> list[str]:
    texts = [(r.arc.source, r.label) for r in layout.routes if r.label]
    bad = [source for source, box in texts if any(box.meets(room) for room in rooms.values())]
    return bad + [a for (a, one), (_, two) in combinations(texts, 2) if one.meets(two)]


def _on_outline(point: Point, box: Box) -> bool:
    x, y = point
    cx, cy = box.centre
    return (x in (box.x, box.right) and abs(y - cy) < box.height) or (x == cx and y in (box.y, box.bottom))


def _line(one: Point, two: Point) -> Box:
    return Box(min(one[0], two[0]), min(one[1], two[1]), abs(one[0] - two[0]), abs(one[1] - two[1]))


def _enters(line: Box, box: Box) -> bool:
    return (
        line.x < box.right - 0.5
        and line.right > box.x + 0.5
        and line.y < box.bottom - 0.5
        and line.bottom > box.y + 0.5
    )


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
    for a, b in combinations(boxes, 2):
        attached = host[a] == b or host[b] == a
        if boxes[a].meets(boxes[b]) and not attached:
            faults.append(f"{a} overlaps {b}")
    for line in drawing.lines:
        for one, two in zip(line.points, line.points[1:], strict=False):
            for name, box in boxes.items():
                if _enters(_line(one, two), box):
                    faults.append(f"{line.source}->{line.target} enters {name}")
    texts = [(s.id, s.text.box) for s in drawing.shapes if s.text and s.text.box is not s.box]
    texts += [(f"{n.source}->{n.target}", n.text.box) for n in drawing.lines if n.text]
    kinds = {shape.id: shape.kind for shape in drawing.shapes}
    for a, text in texts:
        for b, box in boxes.items():
            if host.get(a) == b or not text.meets(box):
                continue
            if kinds[b] not in ("xor", "and", "or") or _in_diamond(text, box):
                faults.append(f"text of {a} over {b}")
    faults += [f"texts of {a} and {b}" for (a, one), (b, two) in combinations(texts, 2) if one.meets(two)]
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
