"""Who stands above whom in a column: long arcs cut into unit pieces, then few crossings inside the lanes."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.export.layout.layering import Layering, natural_loop
from workbench.export.layout.values import Arc, Item

_SWEEPS = 14
_PASSES = 4


@dataclass(slots=True)
class Vertex:
    """An item, or a piece of a long arc that passes a column."""

    column: int
    lane: int
    item: Item | None = None
    arc: int = -1
    rank: float = 0.0
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    tied: list[int] = field(default_factory=list)
    """Vertices of the same column joined with this one: an arc turns round between them."""

    @property
    def above(self) -> float:
        """Room needed over the centre."""
        return self.item.above if self.item else 0.0

    @property
    def below(self) -> float:
        """Room needed under the centre."""
        return self.item.below if self.item else 0.0


@dataclass(frozen=True, slots=True)
class Ordering:
    """Vertices, the columns from top to bottom, and each arc as the vertices it passes in its direction."""

    vertices: list[Vertex]
    columns: list[list[int]]
    paths: list[list[int]]


def arrange(items: Sequence[Item], arcs: Sequence[Arc], layering: Layering) -> Ordering:
    """The order of every column, lane by lane, with few crossings; the same input gives the same order."""
    vertices, index = _real(items, layering)
    paths = _paths(arcs, layering, vertices, index)
    for path in paths:
        for one, two in itertools.pairwise(path):
            a, b = vertices[one], vertices[two]
            if a.column == b.column:
                a.tied.append(two)
                b.tied.append(one)
            elif a.column < b.column:
                a.right.append(two)
                b.left.append(one)
            else:
                a.left.append(two)
                b.right.append(one)
    columns: list[list[int]] = [[] for _ in range(max((v.column for v in vertices), default=-1) + 1)]
    for k, vertex in enumerate(vertices):
        columns[vertex.column].append(k)
    for column in columns:
        column.sort(key=lambda k: (vertices[k].lane, vertices[k].rank, k))
    return Ordering(vertices, _few_crossings(vertices, columns), paths)


def _real(items: Sequence[Item], layering: Layering) -> tuple[list[Vertex], dict[str, int]]:
    vertices = [Vertex(layering.column[i.id], i.lane, item=i, rank=layering.order[i.id]) for i in items]
    return vertices, {item.id: k for k, item in enumerate(items)}


def _paths(arcs: Sequence[Arc], layering: Layering, vertices: list[Vertex], index: dict[str, int]) -> list[list[int]]:
    """Each arc's vertices; pieces are put into the emptier of the two lanes it joins."""
    load: dict[tuple[int, int], int] = {}
    for vertex in vertices:
        load[vertex.column, vertex.lane] = load.get((vertex.column, vertex.lane), 0) + 3
    paths: list[list[int]] = [[] for _ in arcs]
    by_span = sorted(range(len(arcs)), key=lambda k: (_span(arcs[k], layering), k))
    for k in by_span:
        arc = arcs[k]
        source, target = index[arc.source], index[arc.target]
        a, b = vertices[source], vertices[target]
        between = _passed(arc, k, layering)
        lane = min((a.lane, b.lane), key=lambda lane: sum(load.get((c, lane), 0) for c in between))
        path = [source]
        rank = a.rank + 0.5
        if k in layering.reversed:
            rank = max(layering.order[node] for node in natural_loop(arcs, k)) + 0.5
        for c in between:
            own = a.lane if c == a.column else b.lane if c == b.column else lane
            vertices.append(Vertex(c, own, arc=k, rank=rank))
            load[c, own] = load.get((c, own), 0) + 1
            path.append(len(vertices) - 1)
        paths[k] = [*path, target]
    return paths


def _passed(arc: Arc, k: int, layering: Layering) -> list[int]:
    """Columns in which the arc needs a piece: those between its ends, and an end's own where it turns round."""
    first, last = layering.column[arc.source], layering.column[arc.target]
    step = -1 if k in layering.reversed else 1
    turns_at_source = (step < 0) != (arc.source in layering.flipped)
    turns_at_target = (step < 0) != (arc.target in layering.flipped)
    begin = first if turns_at_source else first + step
    end = last if turns_at_target else last - step
    return list(range(begin, end + step, step)) if (end - begin) * step >= 0 else []


def _span(arc: Arc, layering: Layering) -> int:
    return abs(layering.column[arc.target] - layering.column[arc.source])


def _few_crossings(vertices: list[Vertex], columns: list[list[int]]) -> list[list[int]]:
    """Barycentre sweeps, the best kept, then swaps of neighbours while they help."""
    best, best_score = [list(c) for c in columns], _score(vertices, columns)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for c in range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1):
            _by_barycentre(vertices, columns, c, forward)
        _swap_neighbours(vertices, columns)
        score = _score(vertices, columns)
        if score < best_score:
            best, best_score = [list(c) for c in columns], score
        if best_score == 0:
            break
    return best


def _by_barycentre(vertices: list[Vertex], columns: list[list[int]], c: int, forward: bool) -> None:
    other = columns[c - 1] if forward else columns[c + 1]
    here = {k: p for p, k in enumerate(columns[c])}
    place = {k: p for p, k in enumerate(other)}
    scale = len(other) / max(len(here), 1)
    value: dict[int, float] = {}
    for k in columns[c]:
        near = vertices[k].left if forward else vertices[k].right
        value[k] = sum(place[j] for j in near) / len(near) if near else here[k] * scale
    for k in columns[c]:  # a turning arc stays beside the shape it turns at
        vertex = vertices[k]
        if vertex.item is None and vertex.tied and not (vertex.left if forward else vertex.right):
            host = vertex.tied[0]
            value[k] = value[host] + (0.01 if here[k] > here[host] else -0.01)
    columns[c].sort(key=lambda k: (vertices[k].lane, value[k], here[k]))


def _swap_neighbours(vertices: list[Vertex], columns: list[list[int]]) -> None:
    place = [{k: p for p, k in enumerate(column)} for column in columns]
    settled: set[int] = set()  # columns in which nothing is left to swap until one beside them changes
    for _ in range(_PASSES):
        better = False
        for c in range(len(columns)):
            if c in settled:
                continue
            if _swap_in(vertices, columns[c], place, c):
                better = True
                settled -= {c - 1, c, c + 1}
            else:
                settled.add(c)
        if not better:
            return


def _swap_in(vertices: list[Vertex], column: list[int], place: list[dict[int, int]], c: int) -> bool:
    """Swap neighbours of one column where that takes crossings away; whether any was swapped."""
    here, swapped = place[c], False
    beside = [
        {k: sorted(place[c + step][j] for j in near) for k in column if (near := getattr(vertices[k], side))}
        for side, step in (("left", -1), ("right", 1))
    ]
    for p in range(len(column) - 1):
        u, v = column[p], column[p + 1]
        if vertices[u].lane != vertices[v].lane:
            continue
        gain = sum(_gain(reached[u], reached[v]) for reached in beside if u in reached and v in reached)
        if vertices[u].tied or vertices[v].tied:
            gain += _stretch(vertices, here, u, v, p) - _stretch(vertices, here, v, u, p)
        if gain > 0:
            column[p], column[p + 1] = v, u
            here[u], here[v] = p + 1, p
            swapped = True
    return swapped


def _gain(ups: list[int], lows: list[int]) -> int:
    """Crossings less of two neighbours' arcs to one side, ending at these places, when the two are swapped."""
    if len(ups) == 1 and len(lows) == 1:
        return (ups[0] > lows[0]) - (ups[0] < lows[0])
    return sum(bisect_left(lows, place) for place in ups) - sum(bisect_left(ups, place) for place in lows)


def _stretch(vertices: list[Vertex], here: dict[int, int], upper: int, lower: int, top: int) -> int:
    """What stands between two neighbours, `upper` at the place `top`, and the shapes their arcs turn at."""
    total = sum(abs(top - here[j]) for j in vertices[upper].tied if j != lower)
    return total + sum(abs(top + 1 - here[j]) for j in vertices[lower].tied if j != upper)


def _score(vertices: list[Vertex], columns: list[list[int]]) -> int:
    """Crossings between columns, and what stands between turning arcs and the shapes they turn at."""
    total = 0
    for c, column in enumerate(columns):
        here = {k: p for p, k in enumerate(column)}
        total += sum(abs(here[k] - here[j]) - 1 for k in column for j in vertices[k].tied if j > k)
        if c + 1 < len(columns):
            place = {k: p for p, k in enumerate(columns[c + 1])}
            total += _inversions([p for k in column for p in sorted(place[j] for j in vertices[k].right)])
    return total


def _inversions(sequence: list[int]) -> int:
    seen: list[int] = []
    total = 0
    for value in sequence:
        total += len(seen) - bisect_left(seen, value + 1)
        insort(seen, value)
    return total
