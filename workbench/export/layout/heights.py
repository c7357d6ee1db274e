"""How high each shape stands: a linear programme that keeps arcs straight, lanes whole and the picture low."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from workbench.export.layout.ordering import Ordering, Vertex
from workbench.export.layout.values import Arc, Band

_SHAPES, _SHAPE_LINE, _LINES = 26.0, 16.0, 12.0
"""Least distance between two shapes, a shape and a passing line, two passing lines."""
_PADDING = 18.0
_COMPACT = 0.4
"""What one pixel of the picture's height costs against one pixel of an arc's bend."""


def place_vertically(
    ordering: Ordering, arcs: Sequence[Arc], least: Sequence[float]
) -> tuple[np.ndarray, tuple[Band, ...]]:
    """y of every vertex and the lanes; `least` is the least height of each lane.

    The programme has difference constraints only, so its corners are whole numbers when the sizes are.
    """
    n, lanes = len(ordering.vertices), len(least)
    rows = _separations(ordering, n, lanes)
    rows += [(n + k, n + k + 1, float(height)) for k, height in enumerate(least)]
    pulls = _pulls(ordering, arcs)
    size = n + lanes + 1 + len(pulls)
    cost = np.zeros(size)
    cost[n + lanes] = _COMPACT
    cost[:n] = 1e-4
    entries: list[tuple[int, int, float]] = []
    bound: list[float] = []
    for upper, lower, gap in rows:
        entries += [(len(bound), upper, 1.0), (len(bound), lower, -1.0)]
        bound.append(-gap)
    for k, (one, two, weight) in enumerate(pulls):
        stretch = n + lanes + 1 + k
        cost[stretch] = weight
        for sign in (1.0, -1.0):
            entries += [(len(bound), one, sign), (len(bound), two, -sign), (len(bound), stretch, -1.0)]
            bound.append(0.0)
    row, column, value = zip(*entries, strict=True)
    matrix = coo_matrix((value, (row, column)), shape=(len(bound), size)).tocsr()
    fixed: list[tuple[float, float | None]] = [(0.0, None)] * size
    fixed[n] = (0.0, 0.0)
    found = linprog(cost, A_ub=matrix, b_ub=bound, bounds=fixed, method="highs-ds")
    y = np.rint(found.x[:n])
    tops = np.rint(found.x[n : n + lanes + 1])
    return _centred(ordering, y, tops), tuple(Band(float(tops[k]), float(tops[k + 1] - tops[k])) for k in range(lanes))


def _separations(ordering: Ordering, n: int, lanes: int) -> list[tuple[int, int, float]]:
    """(upper variable, lower variable, least distance), lane borders included."""
    rows = []
    for column in ordering.columns:
        for p, k in enumerate(column):
            vertex = ordering.vertices[k]
            before = ordering.vertices[column[p - 1]] if p else None
            if before is None or before.lane != vertex.lane:
                rows.append((n + vertex.lane, k, np.ceil(vertex.above + _PADDING)))
            else:
                rows.append((column[p - 1], k, np.ceil(before.below + vertex.above + _gap(before, vertex))))
            after = ordering.vertices[column[p + 1]] if p + 1 < len(column) else None
            if after is None or after.lane != vertex.lane:
                rows.append((k, n + vertex.lane + 1, np.ceil(vertex.below + _PADDING)))
    return rows


def _gap(one: Vertex, two: Vertex) -> float:
    if one.item and two.item:
        return _SHAPES
    return _SHAPE_LINE if one.item or two.item else _LINES


def _pulls(ordering: Ordering, arcs: Sequence[Arc]) -> list[tuple[int, int, float]]:
    """Pairs of vertices that should stand level: pieces of one arc most, then heavy arcs.

    The branching side of a gateway pulls less: its flows leave by the corners at any height, so that a
    bend goes there and not beside a step.
    """
    leaving: dict[str, int] = {}
    entering: dict[str, int] = {}
    for arc in arcs:
        leaving[arc.source] = leaving.get(arc.source, 0) + 1
        entering[arc.target] = entering.get(arc.target, 0) + 1
    pulls = []
    for arc, path in zip(arcs, ordering.paths, strict=True):
        branch = {path[0]: leaving[arc.source] > 1, path[-1]: entering[arc.target] > 1}
        for one, two in itertools.pairwise(path):
            a, b = ordering.vertices[one], ordering.vertices[two]
            pieces = (a.item is None) + (b.item is None)
            strength = 0.3 if a.column == b.column else (1.2, 2.0, 8.0)[pieces]
            if branch.get(one) or branch.get(two):
                strength *= 0.6
            if a.lane != b.lane:  # bent in any case
                strength *= 0.02
            pulls.append((one, two, strength * (0.5 + arc.weight)))
    return pulls


def _centred(ordering: Ordering, y: np.ndarray, tops: np.ndarray) -> np.ndarray:
    """Each lane's content moved to the middle of its band, as a whole."""
    y = y.copy()
    for lane in range(len(tops) - 1):
        inside = [k for k, v in enumerate(ordering.vertices) if v.lane == lane]
        if inside:
            high = min(y[k] - ordering.vertices[k].above for k in inside)
            low = max(y[k] + ordering.vertices[k].below for k in inside)
            y[inside] += np.rint((tops[lane] + tops[lane + 1] - high - low) / 2)
    return y
