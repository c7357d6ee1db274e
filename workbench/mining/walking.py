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
    """Costs and paths; a path is (arc or -1, event or -1): -1 for the arc is a log move, for the event a model move."""

    costs: tuple[int, ...]
    paths: tuple[tuple[tuple[int, int], ...], ...]
    shortest: int


class _Roads:
    """Distances of a state graph, made once per graph."""

    def __init__(self, graph: StateGraph) -> None:
        size = graph.n_states
        first: dict[tuple[int, int], int] = {}
        for arc, (source, _, target) in enumerate(graph.arcs):
            first.setdefault((source, target), arc)
        self.first = first
        self.arc_source = [source for source, _, _ in graph.arcs]
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
        self.width = max((len(entry) for entry in by_target), default=0)
        self._make_roads(graph, by_target)
        self._paths: dict[tuple[int, int], tuple[int, ...]] = {}

    def _make_roads(self, graph: StateGraph, by_target: list[dict[int, list[int]]]) -> None:
        """Per label and target: cost from every state, and the arc that is taken."""
        size, n = graph.n_states, len(by_target)
        self.road: Ints = np.full((n, self.width, size), FAR, np.int32)
        self.road_arc: Ints = np.full((n, self.width, size), -1, np.int32)
        self.target: Ints = np.zeros((n, self.width), np.int32)
        for index, entry in enumerate(by_target):
            for place, target in enumerate(self.targets[index]):
                arcs = entry[target]
                costs = self.distance[:, [graph.arcs[arc][0] for arc in arcs]]
                best = costs.argmin(axis=1)
                self.road[index, place] = costs[np.arange(size), best]
                self.road_arc[index, place] = np.array(arcs)[best]
                self.target[index, place] = target

    def path(self, source: int, target: int) -> tuple[int, ...]:
        """Arcs of the shortest way between two states."""
        key = (source, target)
        if key not in self._paths:
            out: list[int] = []
            here = target
            while here != source:
                previous = int(self.before[source, here])
                out.append(self.first[previous, here])
                here = previous
            self._paths[key] = tuple(reversed(out))
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
    """Prefixes of one length: their last label (-1 unknown to the model) and their parents in the level before."""

    label: Ints
    parent: Ints
    sync: NDArray[np.bool_]
    origin: Ints


def walk(graph: StateGraph, variants: Sequence[Variant], progress: Progress = silent) -> Walked:
    """The cheapest path of every variant; ties go to the lower state and to taking the event."""
    roads = _roads(graph)
    shortest = int(roads.to_end[0])
    if shortest >= FAR:
        raise no_run()
    order = sorted(range(len(variants)), key=lambda i: variants[i])
    block = max(1, _BLOCK // max(1, graph.n_states * (roads.width + 1)))
    costs = [0] * len(variants)
    paths: list[tuple[tuple[int, int], ...]] = [()] * len(variants)
    for start in range(0, len(order), block):
        progress("align", start, len(order))
        chosen = order[start : start + block]
        for i, (cost, path) in zip(chosen, _walk_block(roads, [variants[i] for i in chosen]), strict=True):
            costs[i] = cost
            paths[i] = path
    progress("align", len(order), len(order))
    return Walked(tuple(costs), tuple(paths), shortest)


def _walk_block(roads: _Roads, variants: list[Variant]) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
    """Cost and path of each of some sorted variants."""
    steps, parents, ends = _prefixes(variants, roads.label_index)
    cost: Ints = np.full((1, len(roads.distance)), FAR, np.int32)
    cost[0, 0] = 0
    levels: list[_Level] = []
    done: dict[tuple[int, int], tuple[int, int]] = {}
    wanted: dict[int, list[int]] = {}
    for depth, node in sorted(set(ends)):
        wanted.setdefault(depth, []).append(node)
    for depth in range(len(steps) + 1):
        if depth:
            level, cost = _advance(roads, cost, steps[depth - 1], parents[depth - 1])
            levels.append(level)
        if depth in wanted:
            total = cost[wanted[depth]] + roads.to_end
            best = total.argmin(axis=1)
            for row, node in enumerate(wanted[depth]):
                done[depth, node] = (int(total[row, best[row]]), int(best[row]))
    paths = {end: (cost_of, _trace(roads, levels, end, state)) for end, (cost_of, state) in done.items()}
    return [paths[end] for end in ends]


def _prefixes(variants: list[Variant], index: dict[str, int]) -> tuple[list[Ints], list[Ints], list[tuple[int, int]]]:
    """Labels and parents of the prefixes per length, and where each variant ends, from sorted variants."""
    labels: list[list[int]] = []
    parents: list[list[int]] = []
    ends: list[tuple[int, int]] = []
    before: Variant = ()
    for variant in variants:
        shared = 0
        while shared < min(len(before), len(variant)) and before[shared] == variant[shared]:
            shared += 1
        for depth in range(shared, len(variant)):
            if depth == len(labels):
                labels.append([])
                parents.append([])
            parents[depth].append(len(labels[depth - 1]) - 1 if depth else 0)
            labels[depth].append(index.get(variant[depth], -1))
        ends.append((len(variant), len(labels[len(variant) - 1]) - 1 if variant else 0))
        before = variant
    return [np.array(one, np.int32) for one in labels], [np.array(one, np.int32) for one in parents], ends


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


def _trace(roads: _Roads, levels: list[_Level], end: tuple[int, int], state: int) -> tuple[tuple[int, int], ...]:
    """The path backwards from a prefix and the state it is left in."""
    depth, node = end
    out: list[tuple[int, int]] = [(arc, -1) for arc in reversed(roads.path(state, int(roads.end_of[state])))]
    while depth:
        level = levels[depth - 1]
        label = int(level.label[node])
        place = roads.targets[label].index(state) if label >= 0 and state in roads.targets[label] else -1
        if place >= 0 and level.sync[node, place]:
            origin = int(level.origin[node, place])
            arc = int(roads.road_arc[label, place, origin])
            source = roads.arc_source[arc]
            out.append((arc, depth - 1))
            out.extend((one, -1) for one in reversed(roads.path(origin, source)))
            state = origin
        else:
            out.append((-1, depth - 1))
        node = int(level.parent[node])
        depth -= 1
    return tuple(reversed(out))
