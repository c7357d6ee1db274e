"""Alignments of variants with a Petri net, and the fitness and precision they give.

An alignment (Adriansyah 2014) pairs a variant with a run of the model at the least cost: every event the model
does not take and every step it takes without an event cost one, silent transitions nothing. Two exact engines:
the state graph of the net, walked for all variants at once (always the same answer), and r4pm's search for nets
whose state graph is too large (the same costs; which of several cheapest alignments it gives is not fixed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from r4pm import bindings as r4pm

from workbench.errors import ModelError
from workbench.mining import walking
from workbench.mining.model import PetriNet, Variant, VariantCounts
from workbench.mining.nets import arcs_of
from workbench.mining.states import CompiledNet, StateGraph, state_graph
from workbench.progress import Progress, silent, track
from workbench.results import Result

STATES_PER_SECOND = 200_000
"""States r4pm visits in a second on a slow machine; turns the time limit of a variant into a limit it can keep."""
WORK_LIMIT = 3e9
"""Additions the state-graph engine may need before r4pm is asked instead."""
_COSTS = {"log_move_cost": 1, "model_move_cost": 1, "silent_move_cost": 0, "sync_move_cost": 0}
Kind = Literal["sync", "log", "model"]


class Move(NamedTuple):
    """One move: `sync` event and step agree, `log` an event the model lacks, `model` a step without an event."""

    kind: Kind
    step: str
    transition: str | None
    """The net's transition; None for a log move."""


@dataclass(frozen=True, slots=True)
class Alignments(Result):
    """One cheapest alignment per variant of a log with one net; silent moves are left out."""

    counts: VariantCounts
    costs: tuple[int | None, ...]
    """Cost per variant; None where the limit was reached first."""
    moves: tuple[tuple[Move, ...] | None, ...]
    shortest: int
    """Visible steps of the model's shortest run: the cost of aligning an empty dossier."""
    engine: Literal["state_graph", "r4pm"]
    runs: tuple[tuple[int, ...] | None, ...] = field(repr=False, default=())
    """Per variant, the state after every visible step of the model's side; index into `enabled`."""
    enabled: tuple[frozenset[str], ...] = field(repr=False, default=())
    """Per state, the steps the model allows next."""

    @property
    def n_dossiers(self) -> int:
        """Dossiers of the log."""
        return sum(count for _, count in self.counts)

    @property
    def n_limited(self) -> int:
        """Dossiers whose variant reached the limit and is in no figure but `fitness_bounds`."""
        return sum(count for (_, count), cost in zip(self.counts, self.costs, strict=True) if cost is None)

    @property
    def fitness(self) -> float | None:
        """Log fitness: 1 - cost / worst-case cost over all aligned dossiers, every event counted; None without any.

        The worst case removes every event and takes the model's shortest run.
        """
        return self._fitness(dict(enumerate(self.costs)))

    @property
    def fitness_bounds(self) -> tuple[float, float] | None:
        """Log fitness if the limited variants were the worst possible, and if they fitted perfectly."""
        worst = {i: len(v) + self.shortest if c is None else c for i, (v, c) in enumerate(self._pairs())}
        best = {i: 0 if c is None else c for i, c in enumerate(self.costs)}
        low, high = self._fitness(worst), self._fitness(best)
        return None if low is None or high is None else (low, high)

    @property
    def average_fitness(self) -> float | None:
        """Mean over dossiers of 1 - cost / worst-case cost of the dossier; None without any."""
        total, weight = 0.0, 0
        for (variant, count), cost in zip(self.counts, self.costs, strict=True):
            if cost is not None:
                worst = len(variant) + self.shortest
                total += count * (1 - cost / worst if worst else 1.0)
                weight += count
        return total / weight if weight else None

    @property
    def perfect_share(self) -> float | None:
        """Share of the aligned dossiers that follow the model exactly."""
        done = self.n_dossiers - self.n_limited
        perfect = sum(count for (_, count), cost in zip(self.counts, self.costs, strict=True) if cost == 0)
        return perfect / done if done else None

    def _pairs(self) -> list[tuple[Variant, int | None]]:
        return [(variant, cost) for (variant, _), cost in zip(self.counts, self.costs, strict=True)]

    def _fitness(self, costs: Mapping[int, int | None]) -> float | None:
        cost = worst = 0
        for i, (variant, count) in enumerate(self.counts):
            if (one := costs[i]) is not None:
                cost += count * one
                worst += count * (len(variant) + self.shortest)
        if worst:
            return 1 - cost / worst
        return 1.0 if self.n_dossiers > self.n_limited else None


def align(net: PetriNet, counts: VariantCounts, *, seconds: float = 10.0, progress: Progress = silent) -> Alignments:
    """Cheapest alignments of all variants with a net; equal questions are answered from memory.

    `seconds` limits one variant where r4pm searches. A net without a run to its end raises ModelError.
    """
    key = (net, counts, seconds)
    if key in _DONE:
        _DONE[key] = _DONE.pop(key)
        return _DONE[key]
    graph = state_graph(net)
    if graph is not None and walking.work(graph, counts) <= WORK_LIMIT:
        made = _align_by_graph(graph, counts, progress)
    else:
        made = _align_by_r4pm(net, counts, seconds, progress)
    _DONE[key] = made
    while len(_DONE) > 64:
        del _DONE[next(iter(_DONE))]
    return made


_DONE: dict[tuple[PetriNet, VariantCounts, float], Alignments] = {}


def f_score(fitness: float | None, precision: float | None) -> float | None:
    """Harmonic mean of fitness and precision; None when either is unknown."""
    if fitness is None or precision is None:
        return None
    return 2 * fitness * precision / (fitness + precision) if fitness + precision else 0.0


def precision(alignments: Alignments) -> float | None:
    """Share of what the model allows that the log shows: 1 - escaping edges / enabled, over the aligned runs.

    Every prefix of the runs on the model's side counts with its dossiers; what the model allows after it is
    compared with what some run does next. Steps after the last of a run are not counted.
    None without an aligned dossier. Source: Adriansyah, A. et al. (2015), Measuring precision of modeled
    behavior, Inf. Syst. e-Bus. Manage. 13; Munoz-Gama, J., Carmona, J. (2010).
    """
    trie = _Trie()
    for (_, count), moves, run in zip(alignments.counts, alignments.moves, alignments.runs, strict=True):
        if moves is not None and run is not None:
            trie.add([move.step for move in moves if move.kind != "log"], run, count)
    if not trie.weight[0]:
        return None
    allowed = escaping = 0
    for node, weight in enumerate(trie.weight):
        states = trie.states[node]
        one = next(iter(states), None)
        if one is None:
            continue
        steps = alignments.enabled[one]
        if len(states) > 1:
            steps = frozenset().union(*(alignments.enabled[state] for state in states))
        allowed += weight * len(steps)
        escaping += weight * len(steps - trie.next[node].keys())
    return 1 - escaping / allowed if allowed else 1.0


class _Trie:
    """Prefixes of runs: dossiers through each, states reached by it, steps seen next."""

    def __init__(self) -> None:
        self.next: list[dict[str, int]] = [{}]
        self.weight = [0]
        self.states: list[set[int]] = [{0}]

    def add(self, steps: Sequence[str], run: Sequence[int], count: int) -> None:
        node = 0
        self.weight[0] += count
        last = len(steps) - 1
        for place, (step, state) in enumerate(zip(steps, run, strict=True)):
            child = self.next[node].get(step)
            if child is None:
                child = self.next[node][step] = len(self.weight)
                self.next.append({})
                self.weight.append(0)
                self.states.append(set())
            node = child
            if place < last:
                self.weight[node] += count
                self.states[node].add(state)


# state graph -----------------------------------------------------------------------------------------------
def _align_by_graph(graph: StateGraph, counts: VariantCounts, progress: Progress) -> Alignments:
    walked = walking.walk(graph, [variant for variant, _ in counts], progress)
    moves = tuple(_moves(graph, variant, walked.path(i)) for i, (variant, _) in enumerate(counts))
    return Alignments(
        counts=counts,
        costs=tuple(walked.costs.tolist()),
        moves=moves,
        shortest=walked.shortest,
        engine="state_graph",
        runs=tuple(tuple(graph.arcs[arc][2] for arc, _ in walked.path(i) if arc >= 0) for i in range(len(counts))),
        enabled=graph.enabled,
    )


def _moves(graph: StateGraph, variant: Variant, path: Sequence[tuple[int, int]]) -> tuple[Move, ...]:
    out = []
    for arc, event in path:
        if arc < 0:
            out.append(_move("log", variant[event], None))
        else:
            number = graph.arcs[arc][1]
            out.append(_move("model" if event < 0 else "sync", graph.labels[number] or "", graph.ids[number]))
    return tuple(out)


@lru_cache(maxsize=100_000)
def _move(kind: Kind, step: str, transition: str | None) -> Move:
    return Move(kind, step, transition)


# r4pm ------------------------------------------------------------------------------------------------------
def _align_by_r4pm(net: PetriNet, counts: VariantCounts, seconds: float, progress: Progress) -> Alignments:
    search = _search(net)
    states = max(1, int(seconds * STATES_PER_SECOND))
    shortest = search.shortest(states)
    found = [search.ask(variant, states) for variant, _ in track(counts, "align", progress, len(counts))]
    return Alignments(
        counts=counts,
        costs=tuple(one and one[0] for one in found),
        moves=tuple(one and one[1] for one in found),
        shortest=shortest,
        engine="r4pm",
        runs=tuple(one and one[2] for one in found),
        enabled=tuple(search.replay.enabled),
    )


class _Search:
    """r4pm's answers about one net, remembered."""

    def __init__(self, net: PetriNet) -> None:
        self.replay = _Replay(net)
        self.net = _as_r4pm(net)
        self.known: dict[tuple[Variant, int], tuple[int, tuple[Move, ...], tuple[int, ...]] | None] = {}

    def ask(self, variant: Variant, states: int) -> tuple[int, tuple[Move, ...], tuple[int, ...]] | None:
        """Cost, moves and run of a variant; None when more than `states` states were needed."""
        if (variant, states) not in self.known:
            options: Any = {"cost_fn": _COSTS, "max_states": states}
            try:
                given = r4pm.align_trace(self.net, list(variant), options)
            except TypeError as exc:  # r4pm reports every failure of its search so
                if "LimitReached" not in str(exc):
                    raise walking.no_run() from exc
                self.known[variant, states] = None
            else:
                self.known[variant, states] = (int(given["cost"]), *self.replay.read(variant, given["moves"]))
        return self.known[variant, states]

    def shortest(self, states: int) -> int:
        """Visible steps of the shortest run; asked with twenty times the limit of a variant."""
        found = self.ask((), 20 * states)
        if found is None:
            raise ModelError(
                "The shortest run of the model was not found within the limit.",
                fix="Raise the setting alignment_seconds or use a simpler model.",
            )
        return found[0]


@lru_cache(maxsize=8)
def _search(net: PetriNet) -> _Search:
    return _Search(net)


def _uuid(number: int) -> str:
    return str(UUID(int=number + 1))


def _as_r4pm(net: PetriNet) -> Any:
    place = {name: _uuid(number) for number, name in enumerate(net.places)}
    first = len(net.places)
    transition = {t.id: _uuid(first + number) for number, t in enumerate(net.transitions)}
    weights: dict[tuple[str, str, str], int] = {}
    for source, target in net.arcs:
        if source in place:
            key = ("PlaceTransition", place[source], transition[target])
        else:
            key = ("TransitionPlace", transition[source], place[target])
        weights[key] = weights.get(key, 0) + 1
    return {
        "places": {name: {"id": name} for name in place.values()},
        "transitions": {transition[t.id]: {"id": transition[t.id], "label": t.label} for t in net.transitions},
        "arcs": [
            {"from_to": {"type": kind, "nodes": [source, target]}, "weight": weight}
            for (kind, source, target), weight in weights.items()
        ],
        "initial_marking": {place[name]: count for name, count in net.initial},
        "final_markings": [{place[name]: count for name, count in net.final}],
    }


class _Replay:
    """Reads r4pm's moves as ours and notes what the model allows after each visible step."""

    def __init__(self, net: PetriNet) -> None:
        arcs_of(net)  # refuses arcs that touch no transition before r4pm sees them
        self.net = CompiledNet(net)
        self.number = {_uuid(len(net.places) + i): i for i in range(len(net.transitions))}
        self.state: dict[int, int] = {}
        self.enabled: list[frozenset[str]] = []
        self.note(self.net.initial)

    def note(self, marking: int) -> int:
        if marking not in self.state:
            self.state[marking] = len(self.enabled)
            labels = (
                self.net.labels[number]
                for inner in self.net.silent_closure(marking)
                for number in self.net.enabled(inner)
            )
            self.enabled.append(frozenset(label for label in labels if label is not None))
        return self.state[marking]

    def read(self, variant: Variant, given: list[dict[str, Any]]) -> tuple[tuple[Move, ...], tuple[int, ...]]:
        marking = self.net.initial
        moves: list[Move] = []
        run: list[int] = []
        event = 0
        for item in given:
            kind, facts = next(iter(item.items()))
            if kind == "LogMove":
                moves.append(_move("log", variant[event], None))
                event += 1
                continue
            number = self.number[facts["transition"]]
            marking += self.net.delta[number]
            label = self.net.labels[number]
            if label is None:
                continue
            event += kind == "SyncMove"
            moves.append(_move("sync" if kind == "SyncMove" else "model", label, self.net.ids[number]))
            run.append(self.note(marking))
        return tuple(moves), tuple(run)
