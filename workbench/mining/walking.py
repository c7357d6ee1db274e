"""Alignments on a state graph: shortest paths for all variants at once.

With g(s) the least cost of having read some events and being in state s, an event of step a adds one to every
g(s) (the event is left out) and lowers g(t) for each state t that an arc of step a enters to the least
g(s) + d(s, t), where d counts the steps the model takes on its own before that arc. Variants that share a prefix
share the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from workbench.errors import ModelError
from workbench.mining.model import Variant, VariantCounts
from workbench.mining.states import StateGraph
from workbench.progress import Progress, silent

FAR = 1 << 20
"""A cost no alignment has."""
_BLOCK = 40_000_000
"""Numbers held at once by one level of prefixes; more are done in blocks of variants."""
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Walked:
    """One cheapest path per variant, all in flat arrays."""

    costs: Ints
    starts: Ints
    """Where each variant's moves begin in `arcs` and `events`; one more at the end."""
    arcs: Ints
    """Arc of the state graph a move takes; -1 for a log move."""
    events: Ints
    """Place of the event a move reads; -1 for a model move."""
    shortest: int

    def path(self, variant: int) -> list[tuple[int, int]]:
        """(arc or -1, event or -1) of every move of one variant."""
        span = slice(self.starts[variant], self.starts[variant + 1])
        return list(zip(self.arcs[span].tolist(), self.events[span].tolist(), strict=True))


class _Roads:
    """Distances of a state graph, made once per graph."""

    def __init__(self, graph: StateGraph) -> None:
        size = graph.n_states
        first: dict[tuple[int, int], int] = {}
        for arc, (source, _, target) in enumerate(graph.arcs):
            first.setdefault((source, target), arc)
        self.first = first
        self.arc_source = np.array([source for source, _, _ in graph.arcs] or [0], np.int32)
        rows = [source for source, _ in first]
        columns = [target for _, target in first]
        links = csr_array((np.ones(len(first)), (rows, columns)), shape=(size, size))
        found, self.before = shortest_path(links, unweighted=True, return_predecessors=True)
        self.distance: Ints = np.where(np.isfinite(found), found, FAR).astype(np.int32)
        np.fill_diagonal(self.distance, 0)
        accepting = list(graph.accepting)
        to_end = self.distance[:, accepting] if accepting else np.full((size, 1), FAR, np.int32)
        self.to_end: Ints = to_end.min(axis=1)
        self.end_of = np.array(accepting or [0])[to_end.argmin(axis=1)]
        self.label_index: dict[str, int] = {}
        by_target: list[dict[int, list[int]]] = []
        for arc, (_, number, target) in enumerate(graph.arcs):
            label = graph.labels[number]
            assert label is not None  # the state graph holds visible arcs only
            index = self.label_index.setdefault(label, len(self.label_index))
            if index == len(by_target):
                by_target.append({})
            by_target[index].setdefault(target, []).append(arc)
        self.targets = [sorted(entry) for entry in by_target]
        self.width = max((len(entry) for entry in by_target), default=1)
        self._make_roads(graph, by_target)
        self._paths: dict[int, list[int]] = {}

    def _make_roads(self, graph: StateGraph, by_target: list[dict[int, list[int]]]) -> None:
        """Per label and target: cost from every state, and the arc that is taken."""
        size, n = graph.n_states, max(1, len(by_target))
        self.road: Ints = np.full((n, self.width, size), FAR, np.int32)
        self.road_arc: Ints = np.full((n, self.width, size), -1, np.int32)
        self.target: Ints = np.zeros((n, self.width), np.int32)
        self.place_of: Ints = np.full((n, size), -1, np.int32)
        for index, entry in enumerate(by_target):
            for place, target in enumerate(self.targets[index]):
                arcs = entry[target]
                costs = self.distance[:, [graph.arcs[arc][0] for arc in arcs]]
                best = costs.argmin(axis=1)
                self.road[index, place] = costs[np.arange(size), best]
                self.road_arc[index, place] = np.array(arcs)[best]
                self.target[index, place] = target
                self.place_of[index, target] = place

    def ways(self, keys: NDArray[np.int64]) -> list[list[int]]:
        """Arcs of the shortest way for each key, a key being source x states + target."""
        return [self._way(int(key)) for key in keys]

    def _way(self, key: int) -> list[int]:
        if key not in self._paths:
            source, here = divmod(key, len(self.distance))
            out: list[int] = []
            while here != source:
                previous = int(self.before[source, here])
                out.append(self.first[previous, here])
                here = previous
            self._paths[key] = out[::-1]
        return self._paths[key]


@lru_cache(maxsize=128)
def _roads(graph: StateGraph) -> _Roads:
    return _Roads(graph)


def no_run() -> ModelError:
    """The error for a model that cannot reach its end."""
    return ModelError("The model has no run from its start to its end.", fix="Check its end event and gateways.")


def work(graph: StateGraph, counts: VariantCounts) -> float:
    """About how many additions `walk` needs, without shared prefixes."""
    entered: dict[str, set[int]] = {}
    for _, number, target in graph.arcs:
        label = graph.labels[number]
        if label is not None:
            entered.setdefault(label, set()).add(target)
    width = max((len(targets) for targets in entered.values()), default=0)
    return float(graph.n_states * (width + 1)) * (sum(len(variant) for variant, _ in counts) + graph.n_states)


@dataclass(slots=True)
class _Level:
    """Prefixes of one length: last label (-1 unknown to the model), prefix in the level before, best way to read it.

    `sync` and `origin` have one column per state the label leads to: whether the event is taken, and from where.
    """

    label: Ints
    parent: Ints
    sync: NDArray[np.bool_]
    origin: Ints


@dataclass(frozen=True, slots=True)
class Tree:
    """Variants as a tree of shared prefixes, prepared once for many models."""

    variants: tuple[Variant, ...]
    """Sorted."""
    order: NDArray[np.int64]
    """Place of each in the order given."""
    labels: tuple[str, ...]
    steps: tuple[Ints, ...]
    """Per length, the label of the last step of every prefix."""
    parents: tuple[Ints, ...]
    """Per length, the prefix without its last step, in the length before."""
    depths: Ints
    """Length of each variant."""
    nodes: Ints
    """Its prefix of that length."""


def prepare(variants: Sequence[Variant]) -> Tree:
    """The tree of prefixes of some variants."""
    order = sorted(range(len(variants)), key=lambda i: variants[i])
    index: dict[str, int] = {}
    labels: list[list[int]] = []
    parents: list[list[int]] = []
    ends: list[int] = []
    before: Variant = ()
    for i in order:
        variant = variants[i]
        shared = 0
        for one, other in zip(before, variant, strict=False):
            if one != other:
                break
            shared += 1
        for depth in range(shared, len(variant)):
            if depth == len(labels):
                labels.append([])
                parents.append([])
            parents[depth].append(len(labels[depth - 1]) - 1 if depth else 0)
            labels[depth].append(index.setdefault(variant[depth], len(index)))
        ends.append(len(labels[len(variant) - 1]) - 1 if variant else 0)
        before = variant
    return Tree(
        variants=tuple(variants[i] for i in order),
        order=np.array(order, np.int64),
        labels=tuple(index),
        steps=tuple(np.array(one, np.int32) for one in labels),
        parents=tuple(np.array(one, np.int32) for one in parents),
        depths=np.array([len(variants[i]) for i in order], np.int32),
        nodes=np.array(ends, np.int32),
    )


def walk(graph: StateGraph, variants: Sequence[Variant] | Tree, progress: Progress = silent) -> Walked:
    """The cheapest path of every variant; ties go to the lower state and to taking the event."""
    roads = _roads(graph)
    shortest = int(roads.to_end[0])
    if shortest >= FAR:
        raise no_run()
    tree = variants if isinstance(variants, Tree) else prepare(variants)
    size = len(tree.variants)
    block = max(1, _BLOCK // max(1, graph.n_states * (roads.width + 1)))
    parts = []
    for start in range(0, size, block):
        progress("align", start, size)
        parts.append(_walk_tree(roads, tree if block >= size else prepare(tree.variants[start : start + block])))
    progress("align", size, size)
    return _in_order(tree.order, parts, shortest)


def _in_order(order: NDArray[np.int64], parts: list[Walked], shortest: int) -> Walked:
    """The parts as one, variants in their given order."""
    if not parts:
        none = np.zeros(0, np.int32)
        return Walked(none, np.zeros(1, np.int32), none, none, shortest)
    lengths = np.concatenate([np.diff(part.starts) for part in parts])
    begins = np.cumsum(lengths) - lengths
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    starts = np.concatenate([[0], np.cumsum(lengths[back])])
    at = _ragged(begins[back], lengths[back])
    arcs, events = (np.concatenate([getattr(part, name) for part in parts])[at] for name in ("arcs", "events"))
    return Walked(np.concatenate([part.costs for part in parts])[back], starts, arcs, events, shortest)


def _ragged(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """begins[0], begins[0] + 1, ... for every length, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - ends + lengths, lengths)


def _walk_tree(roads: _Roads, tree: Tree) -> Walked:
    """Costs and paths of some sorted variants."""
    known: Ints = np.array([roads.label_index.get(label, -1) for label in tree.labels] or [-1], np.int32)
    cost: Ints = np.full((1, len(roads.distance)), FAR, np.int32)
    cost[0, 0] = 0
    levels: list[_Level] = []
    costs: Ints = np.zeros(len(tree.depths), np.int32)
    states: Ints = np.zeros(len(tree.depths), np.int32)
    for depth in range(len(tree.steps) + 1):
        if depth:
            level, cost = _advance(roads, cost, known[tree.steps[depth - 1]], tree.parents[depth - 1])
            levels.append(level)
        here = np.flatnonzero(tree.depths == depth)
        if len(here):
            total = cost[tree.nodes[here]] + roads.to_end
            states[here] = total.argmin(axis=1)
            costs[here] = total[np.arange(len(here)), states[here]]
    return _trace(roads, levels, (tree.depths, tree.nodes, states), costs)


def _advance(roads: _Roads, cost: Ints, label: Ints, parent: Ints) -> tuple[_Level, Ints]:
    rows = len(label)
    before = cost[parent]
    after = before + 1
    sync = np.zeros((rows, roads.width), np.bool_)
    origin = np.zeros((rows, roads.width), np.int32)
    widths = np.array([len(targets) for targets in roads.targets] or [0])
    known = np.flatnonzero(label >= 0)
    for place in range(roads.width):
        chosen = known[widths[label[known]] > place]
        if not len(chosen):
            break
        total = before[chosen] + roads.road[label[chosen], place]
        best = total.argmin(axis=1)
        value = total[np.arange(len(chosen)), best]
        target = roads.target[label[chosen], place]
        better = value <= after[chosen, target]
        after[chosen[better], target[better]] = value[better]
        sync[chosen, place] = better
        origin[chosen, place] = best
    return _Level(label, parent, sync, origin), np.minimum(after, FAR)


def _trace(roads: _Roads, levels: list[_Level], ends: tuple[Ints, Ints, Ints], costs: Ints) -> Walked:
    """The paths backwards from where each variant ends: depth, prefix, state."""
    depths, node, state = (one.copy() for one in ends)
    size, last = len(roads.distance), roads.end_of[ends[2]]
    width = len(levels) + 1
    arc: Ints = np.full((len(depths), width), -1, np.int32)
    way = np.zeros((len(depths), width), np.int64)  # key of the model moves before the event; the end in place `depth`
    way[np.arange(len(depths)), depths] = ends[2].astype(np.int64) * size + last
    for depth in range(len(levels), 0, -1):
        level = levels[depth - 1]
        here = np.flatnonzero(depths >= depth)
        label, before = level.label[node[here]], state[here]
        place = np.where(label >= 0, roads.place_of[label, before], -1)
        sync = (place >= 0) & level.sync[node[here], place]
        chosen, place, label = here[sync], place[sync], label[sync]
        origin = level.origin[node[chosen], place]
        taken = roads.road_arc[label, place, origin]
        arc[chosen, depth - 1] = taken
        way[chosen, depth - 1] = origin.astype(np.int64) * size + roads.arc_source[taken]
        state[chosen] = origin
        node[here] = level.parent[node[here]]
    return _assemble(roads, depths, costs, arc, way)


def _assemble(roads: _Roads, depths: Ints, costs: Ints, arc: Ints, way: NDArray[np.int64]) -> Walked:
    """Model moves and events of every variant in their order."""
    keys, index = np.unique(way, return_inverse=True)
    ways = roads.ways(keys)
    lengths = np.array([len(one) for one in ways], np.int64)
    flat = np.array([item for one in ways for item in one], np.int32)
    begins = np.cumsum(lengths) - lengths
    place = np.arange(arc.shape[1])
    inside = place[None, :] <= depths[:, None]  # events and, last, the way to the end
    rows, columns = np.nonzero(inside)
    used = index.reshape(way.shape)[rows, columns]
    moves = lengths[used]
    is_event = columns < depths[rows]
    total = moves + is_event
    ends = np.cumsum(total)
    arcs: Ints = np.full(ends[-1] if len(ends) else 0, -1, np.int32)
    events: Ints = np.full(len(arcs), -1, np.int32)
    arcs[_ragged(ends - total, moves)] = flat[_ragged(begins[used], moves)]
    at = ends[is_event] - 1
    arcs[at] = arc[rows[is_event], columns[is_event]]
    events[at] = columns[is_event]
    per_variant = np.bincount(rows, weights=total, minlength=len(depths)).astype(np.int64)
    return Walked(costs, np.concatenate([[0], np.cumsum(per_variant)]), arcs, events, 0)
