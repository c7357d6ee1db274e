"""Where the text of a flow stands: beside its first free stretch, clear of shapes and of other texts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from workbench.export.layout.values import Arc, Box, Point

_OFF = 3.0
_CELL = 200.0


class _Grid:
    """Boxes by the cells they touch, so that a few neighbours are compared, not all."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Box, int]]] = {}

    def add(self, box: Box, owner: int) -> None:
        for cell in self._over(box):
            self._cells.setdefault(cell, []).append((box, owner))

    def near(self, box: Box) -> Iterator[tuple[Box, int]]:
        for cell in self._over(box):
            yield from self._cells.get(cell, ())

    @staticmethod
    def _over(box: Box) -> Iterator[tuple[int, int]]:
        for i in range(int(box.x // _CELL), int(box.right // _CELL) + 1):
            for j in range(int(box.y // _CELL), int(box.bottom // _CELL) + 1):
                yield i, j


def place_labels(
    arcs: Sequence[Arc], points: Sequence[tuple[Point, ...]], shapes: Sequence[Box], edge: float
) -> list[Box | None]:
    """A box for the text of each arc that has one; `edge` is the picture's width.

    A text never covers a shape or another text as long as one of its candidate places is free of both;
    among those the place that covers fewest flows and is nearest to the source is taken.
    """
    blocked, lines = _Grid(), _Grid()
    for shape in shapes:
        blocked.add(shape, -1)
    for k, way in enumerate(points):
        for (x1, y1), (x2, y2) in itertools.pairwise(way):
            lines.add(Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)), k)
    out: list[Box | None] = []
    for k, arc in enumerate(arcs):
        best: Box | None = None
        if arc.label:
            cost_of_best = float("inf")
            shared = _shared(k, arcs, points)
            for rank, box in enumerate(_candidates(points[k], shared, *arc.label)):
                hard = sum(box.meets(other) for other, _ in blocked.near(box)) + (box.right > edge) + (box.x < 0)
                soft = len({owner for line, owner in lines.near(box) if line.meets(box)})
                cost = 1000.0 * hard + 10.0 * soft + rank
                if cost < cost_of_best:
                    best, cost_of_best = box, cost
                if cost_of_best <= rank:
                    break
            assert best is not None
            blocked.add(best, k)
        out.append(best)
    return out


def _shared(k: int, arcs: Sequence[Arc], points: Sequence[tuple[Point, ...]]) -> set[int]:
    """Stretches of a way on which another flow of the same source runs too: a text there would be ambiguous."""
    own = points[k]
    out = set()
    for j, arc in enumerate(arcs):
        if j == k or arc.source != arcs[k].source:
            continue
        for place, (one, two) in enumerate(itertools.pairwise(own)):
            for a, b in zip(points[j], points[j][1:], strict=False):
                for flat, along in ((1, 0), (0, 1)):
                    level = one[flat] == two[flat] == a[flat] == b[flat]
                    ends = sorted((one[along], two[along])), sorted((a[along], b[along]))
                    if level and min(ends[0][1], ends[1][1]) - max(ends[0][0], ends[1][0]) > 1:
                        out.add(place)
    return out


def _candidates(way: tuple[Point, ...], shared: set[int], width: float, height: float) -> Iterator[Box]:
    """Places from the source on: above, then below the level stretches of its own; then beside upright ones."""
    stretches = list(enumerate(itertools.pairwise(way)))
    own = [(one, two) for k, (one, two) in stretches if k not in shared]
    common = [(one, two) for k, (one, two) in stretches if k in shared]
    for part in (own, common):
        for (x1, y1), (x2, y2) in part:
            if y1 == y2:
                for along in range(0, max(int(abs(x2 - x1) - width), 0) + 1, 12):
                    x = min(x1, x2) + 4 + along if x2 > x1 else max(x1, x2) - 4 - width - along
                    yield Box(x, y1 - height - _OFF, width, height)
                    yield Box(x, y1 + _OFF, width, height)
        for (x1, y1), (_, y2) in part:
            if y1 != y2:
                for along in range(0, max(int(abs(y2 - y1) - height), 0) + 1, 12):
                    y = min(y1, y2) + 4 + along if y2 > y1 else max(y1, y2) - 4 - height - along
                    yield Box(x1 + 5, y, width, height)
                    yield Box(x1 - 5 - width, y, width, height)
