"""How well a model describes each organisation: one alignment of all variants, scores per organisation."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining.alignments import Alignments, align, f_score
from workbench.mining.model import PetriNet
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
    n_nodes: int


class Judge:
    """Scores models on the logs of organisations; answers are remembered."""

    def __init__(self, logs: OrganisationLogs, *, seconds: float = 10.0, memory: int = 256) -> None:
        self.logs = logs
        self.seconds = seconds
        self._known: OrderedDict[PetriNet, dict[str, Score]] = OrderedDict()
        self._memory = memory
        self._lengths = np.array([len(variant) for variant, _ in logs.pooled], dtype=np.int64)

    def align(self, net: PetriNet, progress: Progress = silent) -> Alignments:
        """The alignment of all organisations' variants together."""
        return align(net, self.logs.pooled, seconds=self.seconds, progress=progress)

    def scores(self, net: PetriNet, progress: Progress = silent) -> dict[str, Score]:
        """The score of a model on every organisation."""
        if net not in self._known:
            self._known[net] = self._score_all(self.align(net, progress))
            if len(self._known) > self._memory:
                self._known.popitem(last=False)
        return self._known[net]

    def _score_all(self, found: Alignments) -> dict[str, Score]:
        prefixes = _prefixes(found)
        costs = np.array([-1 if cost is None else cost for cost in found.costs], dtype=np.int64)
        allowed = np.array([len(steps) for steps in found.enabled], dtype=np.int64)
        out = {}
        for name in self.logs.names:
            places, counts = self.logs.places[name]
            done = costs[places] >= 0
            limited = int(counts[~done].sum())
            places, counts = places[done], counts[done]
            if not len(places):
                out[name] = Score(None, None, None, self.logs.dossiers[name], limited)
                continue
            worst = int((counts * (self._lengths[places] + found.shortest)).sum())
            fitness = 1 - int((counts * costs[places]).sum()) / worst if worst else 1.0
            exact = _precision(prefixes, found, allowed, places, counts)
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


def _prefixes(found: Alignments) -> _Prefixes:
    children: list[dict[str, int]] = [{}]
    parent = [0]
    nodes: list[int] = []
    states: list[int] = []
    starts = [0]
    for moves, run in zip(found.moves, found.runs, strict=True):
        if moves is not None and run is not None:
            here = 0
            nodes.append(0)
            states.append(0)
            steps = [move.step for move in moves if move.kind != "log"]
            for step, state in zip(steps, run, strict=True):
                child = children[here].get(step)
                if child is None:
                    child = children[here][step] = len(parent)
                    children.append({})
                    parent.append(here)
                here = child
                nodes.append(here)
                states.append(state)
            if len(run):
                states[-1] = -1
        starts.append(len(nodes))
    arrays = [np.array(one, dtype=np.int64) for one in (starts, nodes, states, parent)]
    return _Prefixes(arrays[0], arrays[1], arrays[2], arrays[3], len(parent))


def _precision(prefixes: _Prefixes, found: Alignments, allowed: Ints, places: Ints, counts: Ints) -> float:
    """As `mining.alignments.precision`, over some of the variants."""
    lengths = prefixes.starts[places + 1] - prefixes.starts[places]
    at = np.repeat(prefixes.starts[places] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    nodes, states, weights = prefixes.nodes[at], prefixes.states[at], np.repeat(counts, lengths)
    visited = np.unique(nodes)
    visited = visited[visited > 0]
    seen_next = np.bincount(prefixes.parent[visited], minlength=prefixes.n_nodes)
    judged = states >= 0
    weight = np.bincount(nodes[judged], weights=weights[judged], minlength=prefixes.n_nodes)
    pairs = np.unique(nodes[judged] * len(allowed) + states[judged])
    pair_node, pair_state = pairs // len(allowed), pairs % len(allowed)
    size = np.zeros(prefixes.n_nodes, dtype=np.int64)
    size[pair_node] = allowed[pair_state]
    several = np.flatnonzero(np.bincount(pair_node, minlength=prefixes.n_nodes) > 1)
    for node in several:
        together = pair_state[pair_node == node]
        size[node] = len(frozenset().union(*(found.enabled[state] for state in together)))
    total = float((weight * size).sum())
    escaping = float((weight * np.where(size > 0, size - seen_next, 0)).sum())
    return 1 - escaping / total if total else 1.0
