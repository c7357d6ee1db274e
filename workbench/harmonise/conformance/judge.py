"""How well a model describes each organisation: one alignment of all variants, scores per organisation."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining import walking
from workbench.mining.alignments import WORK_LIMIT, Alignments, align, f_score
from workbench.mining.model import PetriNet
from workbench.mining.states import StateGraph, state_graph
from workbench.progress import Progress, silent

Ints = NDArray[np.int64]


class Score(NamedTuple):
    """Fit of one model to one organisation's log; None where no dossier could be aligned in time."""

    fitness: float | None
    """Log fitness, every event counted."""
    precision: float | None
    """By escaping edges over the aligned runs."""
    f: float | None
    """Harmonic mean of the two."""
    dossiers: int
    limited: int
    """Dossiers whose alignment reached the limit and is in no figure."""


@dataclass(frozen=True)
class _Prefixes:
    """Prefixes of the aligned runs of all variants, flat: node 0 is the empty prefix."""

    starts: Ints
    """Where each variant's nodes begin in `nodes`; one more at the end."""
    nodes: Ints
    """Per variant, its nodes from the empty prefix to the whole run."""
    states: Ints
    """The state at each of them; -1 for a whole run, which is not judged."""
    parent: Ints


@dataclass(frozen=True)
class _Found:
    """What an alignment of all variants gives: costs (-1 where the limit was reached), prefixes, steps allowed."""

    costs: Ints
    shortest: int
    prefixes: _Prefixes
    enabled: tuple[frozenset[str], ...]


class Judge:
    """Scores models on the logs of organisations; answers are remembered."""

    def __init__(self, logs: OrganisationLogs, *, seconds: float = 10.0, memory: int = 256) -> None:
        self.logs = logs
        self.seconds = seconds
        self._known: OrderedDict[PetriNet, dict[str, Score]] = OrderedDict()
        self._memory = memory
        self.tree = walking.prepare([variant for variant, _ in logs.pooled])
        self._lengths = np.array([len(variant) for variant, _ in logs.pooled], dtype=np.int64)

    def align(self, net: PetriNet, progress: Progress = silent) -> Alignments:
        """The alignment of all organisations' variants together, with its moves."""
        return align(net, self.logs.pooled, seconds=self.seconds, progress=progress)

    def scores(self, net: PetriNet, progress: Progress = silent) -> dict[str, Score]:
        """The score of a model on every organisation."""
        if net not in self._known:
            graph = state_graph(net)
            if graph is not None and walking.work(graph, self.logs.pooled) <= WORK_LIMIT:
                self._known[net] = self.scores_of_graph(graph, progress)
            else:
                self._known[net] = self._score_all(_from_alignments(self.align(net, progress)))
            if len(self._known) > self._memory:
                self._known.popitem(last=False)
        return self._known[net]

    def scores_of_graph(self, graph: StateGraph, progress: Progress = silent) -> dict[str, Score]:
        """The score of a model given as its state graph; not remembered."""
        walked = walking.walk(graph, self.tree, progress)
        return self._score_all(_from_walk(graph, walked))

    def _score_all(self, found: _Found) -> dict[str, Score]:
        allowed = np.array([len(steps) for steps in found.enabled], dtype=np.int64)
        out = {}
        for name in self.logs.names:
            places, counts = self.logs.places[name]
            done = found.costs[places] >= 0
            limited = int(counts[~done].sum())
            places, counts = places[done], counts[done]
            if not len(places):
                out[name] = Score(None, None, None, self.logs.dossiers[name], limited)
                continue
            worst = int((counts * (self._lengths[places] + found.shortest)).sum())
            fitness = 1 - int((counts * found.costs[places]).sum()) / worst if worst else 1.0
            exact = _precision(found, allowed, places, counts)
            out[name] = Score(fitness, exact, f_score(fitness, exact), self.logs.dossiers[name], limited)
        return out


def mean_f(scores: dict[str, Score]) -> float | None:
    """Mean F over organisations, each counted once; None when one of them has none."""
    return _mean([score.f for score in scores.values()])


def mean_fitness(scores: dict[str, Score]) -> float | None:
    """Mean fitness over organisations, each counted once."""
    return _mean([score.fitness for score in scores.values()])


def mean_precision(scores: dict[str, Score]) -> float | None:
    """Mean precision over organisations, each counted once."""
    return _mean([score.precision for score in scores.values()])


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def _from_walk(graph: StateGraph, walked: walking.Walked) -> _Found:
    labels: dict[str | None, int] = {}
    label_of = np.array([labels.setdefault(graph.labels[number], len(labels)) for _, number, _ in graph.arcs] or [0])
    state_of = np.array([target for _, _, target in graph.arcs] or [0])
    steps = np.flatnonzero(walked.arcs >= 0)
    taken = walked.arcs[steps]
    starts = np.searchsorted(steps, walked.starts)
    prefixes = _prefixes(starts, label_of[taken], state_of[taken], max(1, len(labels)))
    return _Found(walked.costs.astype(np.int64), walked.shortest, prefixes, graph.enabled)


def _from_alignments(found: Alignments) -> _Found:
    labels: dict[str, int] = {}
    steps: list[int] = []
    states: list[int] = []
    starts = [0]
    for moves, run in zip(found.moves, found.runs, strict=True):
        if moves is not None and run is not None:
            steps += [labels.setdefault(move.step, len(labels)) for move in moves if move.kind != "log"]
            states += run
        starts.append(len(steps))
    costs = np.array([-1 if cost is None else cost for cost in found.costs], dtype=np.int64)
    flat = [np.array(one, dtype=np.int64) for one in (starts, steps, states)]
    return _Found(costs, found.shortest, _prefixes(flat[0], flat[1], flat[2], max(1, len(labels))), found.enabled)


def _prefixes(starts: Ints, steps: Ints, states: Ints, n_labels: int) -> _Prefixes:
    """Nodes of runs given flat: `steps` and the `states` after them, of variant i from starts[i] to starts[i + 1]."""
    lengths = np.diff(starts)
    own = np.arange(len(starts)) + starts  # each variant has one node more than steps, the empty prefix
    nodes = np.zeros(own[-1], dtype=np.int64)
    where = np.zeros(own[-1], dtype=np.int64)
    parents = [np.zeros(1, dtype=np.int64)]
    at = np.zeros(len(lengths), dtype=np.int64)
    count = 1
    for place in range(int(lengths.max(initial=0))):
        here = np.flatnonzero(lengths > place)
        keys, index = np.unique(at[here] * n_labels + steps[starts[here] + place], return_inverse=True)
        at[here] = count + index
        parents.append(keys // n_labels)
        count += len(keys)
        nodes[own[here] + place + 1] = at[here]
        where[own[here] + place + 1] = np.where(lengths[here] == place + 1, -1, states[starts[here] + place])
    return _Prefixes(own, nodes, where, np.concatenate(parents))


def _precision(found: _Found, allowed: Ints, places: Ints, counts: Ints) -> float:
    """As `mining.alignments.precision`, over some of the variants."""
    prefixes = found.prefixes
    n_nodes = len(prefixes.parent)
    lengths = prefixes.starts[places + 1] - prefixes.starts[places]
    at = np.repeat(prefixes.starts[places] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    nodes, states, weights = prefixes.nodes[at], prefixes.states[at], np.repeat(counts, lengths)
    visited = np.zeros(n_nodes, dtype=bool)
    visited[nodes] = True
    visited[0] = False
    seen_next = np.bincount(prefixes.parent[visited], minlength=n_nodes)
    judged = states >= 0
    weight = np.bincount(nodes[judged], weights=weights[judged], minlength=n_nodes)
    pairs = np.unique(nodes[judged] * len(allowed) + states[judged])
    pair_node, pair_state = pairs // len(allowed), pairs % len(allowed)
    size = np.zeros(n_nodes, dtype=np.int64)
    size[pair_node] = allowed[pair_state]
    for node in np.flatnonzero(np.bincount(pair_node, minlength=n_nodes) > 1):
        together = pair_state[np.searchsorted(pair_node, node) : np.searchsorted(pair_node, node, "right")]
        size[node] = len(frozenset().union(*(found.enabled[state] for state in together)))
    total = float((weight * size).sum())
    escaping = float((weight * np.where(size > 0, size - seen_next, 0)).sum())
    return 1 - escaping / total if total else 1.0
