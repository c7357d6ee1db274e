"""A layered layout of a directed graph: stable, deterministic, with room for the bends of long edges.

After Sugiyama, Tagawa and Toda (1981): break cycles (Eades, Lin and Smyth 1993), layer, order each layer by the
barycentre of its neighbours, then place nodes by least squares with a minimum distance (pool adjacent violators).
Edges that span several layers get bends of their own, so that they run between boxes and not through them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
_Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Centre of each node and the bends of each edge, source to target; layers run along y."""

    nodes: Mapping[str, Point]
    bends: Mapping[_Edge, tuple[Point, ...]]
    width: float
    height: float


def layered(
    nodes: Sequence[str],
    weights: Mapping[_Edge, float],
    *,
    first: str | None = None,
    last: str | None = None,
    across: float = 210.0,
    along: float = 104.0,
    lane: float = 34.0,
) -> Layout:
    """The layout of `nodes` joined by weighted edges; `first` and `last` are kept at the two ends.

    `across` is the distance of neighbouring boxes in a layer, `along` of layers, `lane` of passing edges. The same
    input gives the same layout; self-loops are left to the drawing.
    """
    edges = {e: w for e, w in weights.items() if e[0] != e[1]}
    order = {node: place for place, node in enumerate(_sequence(nodes, edges, first, last))}
    forward: dict[_Edge, float] = {}
    for (source, target), weight in edges.items():
        one = (source, target) if order[source] < order[target] else (target, source)
        forward[one] = forward.get(one, 0.0) + weight
    layer = _layers(sorted(nodes, key=order.__getitem__), forward, last)
    graph = _Graph.of(nodes, forward, layer)
    rows = _ordered(graph, order)
    x = _placed(graph, rows, across, lane)
    return _layout(graph, edges, order=order, layer=layer, x=x, along=along)


def _sequence(nodes: Sequence[str], edges: Mapping[_Edge, float], first: str | None, last: str | None) -> list[str]:
    """Nodes in an order with little weight going backwards."""
    left = set(nodes) - {first, last}
    head: list[str] = []
    tail: list[str] = []
    into: dict[str, dict[str, float]] = defaultdict(dict)
    out: dict[str, dict[str, float]] = defaultdict(dict)
    for (source, target), weight in edges.items():
        out[source][target] = weight
        into[target][source] = weight
    rank = {node: place for place, node in enumerate(nodes)}

    def balance(node: str) -> tuple[float, int]:
        gain = sum(w for t, w in out[node].items() if t in left) - sum(w for s, w in into[node].items() if s in left)
        return gain, -rank[node]

    while left:
        sinks = [n for n in left if not any(t in left for t in out[n])]
        if sinks:
            chosen = max(sinks, key=rank.__getitem__)
            tail.append(chosen)
        else:
            sources = [n for n in left if not any(s in left for s in into[n])]
            chosen = min(sources, key=rank.__getitem__) if sources else max(left, key=balance)
            head.append(chosen)
        left.discard(chosen)
    middle = head + tail[::-1]
    return [n for n in (first,) if n is not None] + middle + [n for n in (last,) if n is not None]


def _layers(order: Sequence[str], forward: Mapping[_Edge, float], last: str | None) -> dict[str, int]:
    """Longest path from the top; nodes that belong more to what follows are pulled down to it."""
    before, after = defaultdict(list), defaultdict(list)
    for source, target in forward:
        before[target].append(source)
        after[source].append(target)
    layer: dict[str, int] = {}
    for node in order:
        layer[node] = max((layer[s] + 1 for s in before[node]), default=0)
    for node in reversed(order):
        if after[node] and node != last:
            room = min(layer[t] for t in after[node]) - 1
            down = sum(forward[(node, t)] for t in after[node])
            up = sum(forward[(s, node)] for s in before[node])
            if room > layer[node] and down > up:
                layer[node] = room
    used = {old: new for new, old in enumerate(sorted(set(layer.values())))}
    return {node: used[place] for node, place in layer.items()}


@dataclass(frozen=True, slots=True)
class _Graph:
    """Real and passing nodes by layer, and the neighbours of each above and below with weights."""

    layers: list[list[str]]
    above: dict[str, dict[str, float]]
    below: dict[str, dict[str, float]]
    chain: dict[_Edge, list[str]]
    """Passing nodes of each edge, from the upper to the lower end."""

    @classmethod
    def of(cls, nodes: Sequence[str], forward: Mapping[_Edge, float], layer: Mapping[str, int]) -> _Graph:
        depth = max(layer.values(), default=0) + 1
        layers: list[list[str]] = [[] for _ in range(depth)]
        for node in nodes:
            layers[layer[node]].append(node)
        above: dict[str, dict[str, float]] = defaultdict(dict)
        below: dict[str, dict[str, float]] = defaultdict(dict)
        chain: dict[_Edge, list[str]] = {}
        for (source, target), weight in forward.items():
            passing = []
            for place in range(layer[source] + 1, layer[target]):
                name = f"\0{source}\0{target}\0{place}"
                layers[place].append(name)
                passing.append(name)
            chain[(source, target)] = passing
            path = [source, *passing, target]
            for upper, lower in pairwise(path):
                below[upper][lower] = weight
                above[lower][upper] = weight
        return cls(layers, above, below, chain)


def _ordered(graph: _Graph, order: Mapping[str, int]) -> list[list[str]]:
    """Each layer in an order with few crossings; the best of several sweeps is kept."""
    rows = [sorted(row, key=lambda n: (order.get(n, 0), n)) for row in graph.layers]
    best, fewest = [list(row) for row in rows], _crossings(graph, rows)
    for sweep in range(12):
        down = sweep % 2 == 0
        places = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        near = graph.above if down else graph.below
        for place in places:
            fixed = {node: i for i, node in enumerate(rows[place - 1 if down else place + 1])}
            here = {node: i for i, node in enumerate(rows[place])}
            rows[place].sort(key=lambda n, f=fixed, h=here: (_barycentre(near[n], f, h[n]), h[n]))  # type: ignore[misc]
        count = _crossings(graph, rows)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    return best


def _barycentre(near: Mapping[str, float], place: Mapping[str, int], otherwise: float) -> float:
    total = sum(near.values())
    return sum(place[n] * w for n, w in near.items()) / total if total else otherwise


def _crossings(graph: _Graph, rows: Sequence[Sequence[str]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        place = {node: i for i, node in enumerate(lower)}
        ends = [place[n] for node in upper for n in sorted(graph.below[node], key=place.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _placed(graph: _Graph, rows: Sequence[Sequence[str]], across: float, lane: float) -> dict[str, float]:
    """x of every node: near its neighbours, in order, far enough apart."""

    def half(node: str) -> float:
        return lane / 2 if node.startswith("\0") else across / 2

    x: dict[str, float] = {}
    for row in rows:
        at = 0.0
        for node in row:
            at += half(node)
            x[node] = at
            at += half(node)
        middle = at / 2
        for node in row:
            x[node] -= middle
    for sweep in range(24):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            near = graph.above if down else graph.below
            wanted, trust = [], []
            for node in row:
                total = sum(near[node].values())
                if total:
                    wanted.append(sum(x[n] * w for n, w in near[node].items()) / total)
                    trust.append(max(total, 1e-9))
                else:
                    wanted.append(x[node])
                    trust.append(1e-9)
            gaps = [half(a) + half(b) for a, b in pairwise(row)]
            for node, value in zip(row, _spread(wanted, trust, gaps), strict=True):
                x[node] = value
    return x


def _spread(wanted: Sequence[float], trust: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The values nearest to `wanted` (weighted squares) whose neighbours keep their gaps."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[list[float]] = []  # sum of weighted values, sum of weights, number of members
    for value, weight, offset in zip(wanted, trust, offsets, strict=True):
        blocks.append([(value - offset) * weight, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            value_sum, weight_sum, members = blocks.pop()
            blocks[-1] = [blocks[-1][0] + value_sum, blocks[-1][1] + weight_sum, blocks[-1][2] + members]
    flat = [block[0] / block[1] for block in blocks for _ in range(int(block[2]))]
    return [value + offset for value, offset in zip(flat, offsets, strict=True)]


def _layout(
    graph: _Graph,
    edges: Mapping[_Edge, float],
    *,
    order: Mapping[str, int],
    layer: Mapping[str, int],
    x: Mapping[str, float],
    along: float,
) -> Layout:
    left = min(x.values(), default=0.0)
    at = {node: (x[node] - left, place * along) for node, place in layer.items()}
    bends: dict[_Edge, tuple[Point, ...]] = {}
    for source, target in edges:
        down = order[source] < order[target]
        chain = graph.chain[(source, target) if down else (target, source)]
        first = layer[source if down else target]
        points = [(x[node] - left, (first + 1 + i) * along) for i, node in enumerate(chain)]
        bends[(source, target)] = tuple(points if down else points[::-1])
    width = max(x.values(), default=0.0) - left
    return Layout(at, bends, width, max(layer.values(), default=0) * along)
