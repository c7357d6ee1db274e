"""The ways of the flows: along free rows, in the gaps between columns, and out of the corners of gateways."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.export.layout.ordering import Ordering
from workbench.export.layout.tracks import Piece, assign_tracks
from workbench.export.layout.values import Arc, Point

_TRACK = 10.0
_BEFORE, _AFTER, _LEAST = 14.0, 20.0, 46.0
"""Room in a gap left of its tracks, right of them (an arrow head), and altogether."""
_CLEAR = 7.0
_STRIP = 14.0


@dataclass(frozen=True, slots=True)
class _Hop:
    """A change of height between two vertices of an arc.

    In a gap between columns (`gap` is the column left of it), or through the corner of a gateway
    (`corner` is "out" or "in") along the middle of its column.
    """

    one: int
    two: int
    gap: int = -2
    corner: str = ""


@dataclass(slots=True)
class Plan:
    """Where everything stands across: middles and sides of columns, and the points of every arc."""

    middles: list[float] = field(default_factory=list)
    lefts: list[float] = field(default_factory=list)
    rights: list[float] = field(default_factory=list)
    points: list[tuple[Point, ...]] = field(default_factory=list)
    strips: list[float] = field(default_factory=list)
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class _Gaps:
    """What the gaps between columns hold; a gap is named by the column left of it."""

    tracks: dict[tuple[int, int], int]
    """Track of each (arc, hop)."""
    counts: dict[int, int]
    """Number of tracks."""
    text: dict[int, tuple[float, bool]]
    """Width of the widest flow text that starts there, and whether it belongs right of the tracks."""


class Router:
    """Routes the arcs of one ordering whose heights are known."""

    def __init__(self, ordering: Ordering, arcs: Sequence[Arc], y: np.ndarray, flipped: frozenset[str]) -> None:
        self.o = ordering
        self.flipped = flipped
        self.arcs = arcs
        self.y = [float(v) for v in y]
        self._runs: dict[int, list[tuple[float, float, str]]] = {}
        self._rows: dict[int, list[tuple[float, str]]] = {}

    def route(self) -> Plan:
        """All ways, none through a shape: rows are free by construction, gaps hold no shape."""
        hops = [self._hops(k) for k in range(len(self.arcs))]
        gaps = self._gaps(hops)
        plan = self._across(gaps)
        plan.points = [self._points(k, hops[k], gaps, plan) for k in range(len(self.arcs))]
        return plan

    # changes of height ----------------------------------------------------------------------------------
    def _hops(self, k: int) -> list[_Hop]:
        path = self.o.paths[k]
        hops = []
        for step, (one, two) in enumerate(itertools.pairwise(path)):
            a, b = self.o.vertices[one], self.o.vertices[two]
            first, last = step == 0, step == len(path) - 2
            if a.column == b.column:
                out = a.item is not None
                host, piece = (one, two) if out else (two, one)
                if self._corner(host, piece, "out" if out else "in"):
                    hops.append(_Hop(one, two, corner="out" if out else "in"))
                else:
                    item = self.o.vertices[host].item
                    right = out != (item is not None and item.id in self.flipped)
                    hops.append(_Hop(one, two, gap=a.column if right else a.column - 1))
            elif self.y[one] != self.y[two]:
                if first and self._corner(one, two, "out"):
                    hops.append(_Hop(one, two, corner="out"))
                elif last and self._corner(two, one, "in"):
                    hops.append(_Hop(one, two, corner="in"))
                else:
                    hops.append(_Hop(one, two, gap=min(a.column, b.column)))
        return hops

    def _corner(self, host: int, other: int, way: str) -> bool:
        """Whether an arc may use the host's upper or lower corner to reach the other's row; takes it if so."""
        vertex = self.o.vertices[host]
        y, row = self.y[host], self.y[other]
        if vertex.item is None or not vertex.item.corner or abs(row - y) < vertex.item.corner + 8:
            return False
        low, high = min(y, row), max(y, row)
        owner = f"{host} {way}"
        for j in self.o.columns[vertex.column]:
            if j in (host, other):
                continue
            v = self.o.vertices[j]
            if v.item is None:
                if abs(self.y[j] - row) < _CLEAR:
                    return False
            elif self.y[j] + v.below + _CLEAR > low and self.y[j] - v.above - _CLEAR < high:
                return False
        runs = self._runs.setdefault(vertex.column, [])
        rows = self._rows.setdefault(vertex.column, [])
        if any(whose != owner and start - _CLEAR < high and end + _CLEAR > low for start, end, whose in runs):
            return False
        if any(whose != owner and abs(level - row) < _CLEAR for level, whose in rows):
            return False
        runs.append((low, high, owner))
        rows.append((row, owner))
        return True

    # gaps -----------------------------------------------------------------------------------------------
    def _gaps(self, hops: list[list[_Hop]]) -> _Gaps:
        gaps: dict[int, list[Piece]] = {}
        for k, own in enumerate(hops):
            for h, hop in enumerate(own):
                if not hop.corner:
                    gaps.setdefault(hop.gap, []).append(self._piece(k, h, hop))
        tracks: dict[tuple[int, int], int] = {}
        counts = {}
        for gap, pieces in gaps.items():
            found = assign_tracks(pieces)
            tracks.update(found)
            counts[gap] = max(found.values()) + 1
        return _Gaps(tracks, counts, self._text_room(hops))

    def _piece(self, k: int, h: int, hop: _Hop) -> Piece:
        sides: dict[bool, list[float]] = {True: [], False: []}
        for vertex in (hop.one, hop.two):
            sides[self.o.vertices[vertex].column <= hop.gap].append(self.y[vertex])
        low, high = sorted((self.y[hop.one], self.y[hop.two]))
        arc = self.arcs[k]
        return Piece((k, h), low, high, tuple(sides[True]), tuple(sides[False]), (arc.source, arc.target))

    def _text_room(self, hops: list[list[_Hop]]) -> dict[int, tuple[float, bool]]:
        room: dict[int, tuple[float, bool]] = {}
        for arc, path, own in zip(self.arcs, self.o.paths, hops, strict=True):
            if arc.label:
                here, there = self.o.vertices[path[0]].column, self.o.vertices[path[1]].column
                turned = there == here and arc.source in self.flipped
                gap = here if there >= here and not turned else here - 1
                width, right = room.get(gap, (0.0, False))
                turns = bool(own) and own[0].one == path[0] and not own[0].corner
                room[gap] = (max(width, arc.label[0] + 8), right or turns)
        return room

    def _across(self, gaps: _Gaps) -> Plan:
        plan = Plan()
        x = 0.0
        for c, column in enumerate(self.o.columns):
            tracks = gaps.counts.get(c - 1, 0)
            if c or tracks:
                words = gaps.text.get(c - 1, (0.0, False))[0]
                x += max(_LEAST, _BEFORE + _AFTER + words + max(tracks - 1, 0) * _TRACK)
            items = [item for k in column if (item := self.o.vertices[k].item) is not None]
            plan.strips.append(x + _STRIP / 2)
            x += _STRIP * sum(item.strip for item in items)
            half = max((item.width / 2 for item in items), default=0.0)
            plan.lefts.append(x)
            plan.middles.append(x + half)
            plan.rights.append(x + 2 * half)
            x += 2 * half
        last = len(self.o.columns) - 1
        plan.width = x + (_BEFORE + gaps.counts[last] * _TRACK if last in gaps.counts else 0.0)
        return plan

    # points ---------------------------------------------------------------------------------------------
    def _points(self, k: int, hops: list[_Hop], gaps: _Gaps, plan: Plan) -> tuple[Point, ...]:
        points: list[Point] = []
        for h, hop in enumerate(hops):
            if hop.corner:
                x = plan.middles[self.o.vertices[hop.one if hop.corner == "out" else hop.two].column]
            elif hop.gap < 0:
                x = plan.lefts[0] - _AFTER - (gaps.counts[-1] - 1 - gaps.tracks[k, h]) * _TRACK
            else:
                words, right = gaps.text.get(hop.gap, (0.0, True))
                x = plan.rights[hop.gap] + _BEFORE + (0.0 if right else words) + gaps.tracks[k, h] * _TRACK
            points += [(x, self.y[hop.one]), (x, self.y[hop.two])]
        path = self.o.paths[k]
        out = bool(hops) and hops[0].corner == "out"
        into = bool(hops) and hops[-1].corner == "in"
        far = plan.middles[self.o.vertices[path[-1]].column]
        start = self._port(path[0], points[1] if out else points[0] if points else (far, 0.0), plan, corner=out)
        points[: 1 if out else 0] = [start]
        end = self._port(path[-1], points[-2] if into else points[-1], plan, corner=into)
        points[len(points) - (1 if into else 0) :] = [end]
        return _simple(points)

    def _port(self, vertex: int, towards: Point, plan: Plan, *, corner: bool) -> Point:
        """Where a flow leaves or enters a shape: the middle of a side, or a corner of a gateway."""
        v = self.o.vertices[vertex]
        assert v.item is not None
        x, y = plan.middles[v.column], self.y[vertex]
        if corner:
            return x, y + (v.item.corner if towards[1] > y else -v.item.corner)
        return x + (v.item.half_width if towards[0] > x else -v.item.half_width), y


def _simple(points: list[Point]) -> tuple[Point, ...]:
    """The same way without repeated and needless corners."""
    out: list[Point] = []
    for point in points:
        if out and out[-1] == point:
            continue
        if len(out) > 1 and (out[-2][0] == out[-1][0] == point[0] or out[-2][1] == out[-1][1] == point[1]):
            out[-1] = point
        else:
            out.append(point)
    return tuple(out)
