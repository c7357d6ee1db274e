"""Models searched by edits, with alignments as the judge.

Iterated local search: of the edits the alignments suggest all are judged, the improving ones are taken together as
far as they stay improving, until none improves; then some edits that cost little are taken at random and the climb
begins again; the best model is kept. The value of a model is the mean F over organisations less a price for every
node. Each organisation counts once, but one with too few dossiers to judge by only in proportion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from workbench.errors import Cancelled, ModelError
from workbench.harmonise.conformance.judge import Judge
from workbench.harmonise.discovery.edits import Edit, Usage, apply, propose, usage
from workbench.harmonise.discovery.routing import Routes
from workbench.mining import walking
from workbench.mining.durations import TOO_FEW
from workbench.progress import Progress, silent

PRICE = 0.0005
"""Mean F a node must earn: 20 nodes more are worth it for 0.01."""
EVALUATIONS = 2_500
"""The budget of a search: models judged. Counted, not timed, so that the same seed gives the same result everywhere."""
SECONDS = 900.0
"""Upper limit of a search, for machines on which the budget would take too long; a result cut by it says so."""
MUCH = 0.003
"""Loss of value beyond which an edit is not tried again soon."""
IDLE = 10
"""Random restarts in a row that led to models judged before, after which a search is over."""
Stopped = Literal["done", "time", "cancelled"]


@dataclass(frozen=True, slots=True)
class Found:
    """The best routes and how they were found."""

    routes: Routes
    value: float
    """Mean F less the price of its nodes."""
    f: float
    stopped: Stopped
    """`done` gives the same result for the same seed everywhere; `time` and `cancelled` are the best so far."""
    evaluations: int
    history: tuple[tuple[int, float, float, int], ...]
    """(evaluations, value, F, size) whenever a better model was found."""


@dataclass
class _Run:
    judge: Judge
    price: float
    keep: frozenset[str]
    penalty: Callable[[Routes], float]
    propose: Callable[[Routes, Usage], list[Edit]]
    deadline: float
    clock: Callable[[], float]
    progress: Progress
    limit: int
    thorough: bool = True
    """Whether a climb ends only when no edit at all improves; off after the first climb."""
    evaluations: int = 0
    known: dict[Routes, float] = field(default_factory=dict)
    history: list[tuple[int, float, float, int]] = field(default_factory=list)
    losses: dict[Edit, float] = field(default_factory=dict)
    """What an edit lost when it was last judged, whatever the model then."""
    best: Routes | None = None
    best_value: float = -1.0
    shares: dict[str, float] = field(init=False)
    weights: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        logs = self.judge.logs
        raw = {name: min(1.0, logs.dossiers[name] / TOO_FEW) for name in logs.names}
        self.shares = {name: weight / sum(raw.values()) for name, weight in raw.items()}
        self.weights = np.zeros(len(logs.pooled))
        for name in logs.names:
            places, counts = logs.places[name]
            self.weights[places] += counts / counts.sum() * self.shares[name]

    def value(self, given: Routes) -> float:
        """The value of routes; remembers the best. Raises _Over when the budget is spent."""
        if given in self.known:
            return self.known[given]
        if self.evaluations >= self.limit:
            raise _Over("done")
        if self.clock() > self.deadline:
            raise _Over("time")
        self.progress("search", self.evaluations, self.limit)
        self.evaluations += 1
        scores = self.judge.scores_of_graph(given.graph)
        f = sum(self.shares[name] * (score.f or 0.0) for name, score in scores.items())
        value = f - self.price * given.size - len(self.keep - given.numbers.keys()) - self.penalty(given)
        self.known[given] = value
        if value > self.best_value + 1e-9:
            self.best, self.best_value = given, value
            self.history.append((self.evaluations, value, f, given.size))
        return value

    def usage(self, given: Routes) -> Usage:
        walked = walking.walk(given.graph, self.judge.tree)
        variants = [variant for variant, _ in self.judge.logs.pooled]
        return usage(given, walked, variants, self.weights)


class _Over(Exception):
    """The budget is spent."""

    def __init__(self, why: Stopped) -> None:
        super().__init__(why)
        self.why: Stopped = why


def search(
    judge: Judge,
    starts: Sequence[Routes],
    *,
    seed: int,
    seconds: float = SECONDS,
    evaluations: int = EVALUATIONS,
    price: float = PRICE,
    keep: Sequence[str] = (),
    penalty: Callable[[Routes], float] = lambda _: 0.0,
    proposals: Callable[[Routes, Usage], list[Edit]] = propose,
    clock: Callable[[], float] = time.monotonic,
    progress: Progress = silent,
) -> Found:
    """The best routes found from `starts` within `evaluations` judgements; `seconds` is an upper limit.

    Models without a step of `keep` are worth one less for each, and all are worth less by their `penalty`; `proposals`
    are the edits tried.
    When cancelled, the best so far is given back. Raises ModelError without a start.
    """
    if not starts:
        raise ModelError("There is no model to start the search from.", fix="Give at least one candidate.")
    run = _Run(judge, price, frozenset(keep), penalty, proposals, clock() + seconds, clock, progress, evaluations)
    random = np.random.default_rng(seed)
    stopped: Stopped = "done"
    try:
        values = [(run.value(start), -place) for place, start in enumerate(dict.fromkeys(starts))]
        order = [list(dict.fromkeys(starts))[-place] for _, place in sorted(values, reverse=True)]
        _iterate(run, order, random)
    except _Over as over:
        stopped = over.why
    except Cancelled:
        stopped = "cancelled"
    if run.best is None:
        raise ModelError("No model could be judged within the limit.", fix="Allow more seconds.")
    return Found(run.best, run.best_value, run.history[-1][2], stopped, run.evaluations, tuple(run.history))


def _iterate(run: _Run, starts: list[Routes], random: np.random.Generator) -> None:
    here, slight = _climb(run, starts[0])
    for other in starts[1:2]:
        found, also = _climb(run, other)
        if run.value(found) > run.value(here):
            here, slight = found, also
    run.thorough = False
    idle = 0
    while idle < IDLE:
        before = run.evaluations
        kicked = _kick(here, slight, run.usage(here), random)
        found, also = _climb(run, kicked)
        if run.value(found) >= run.value(here):
            here, slight = found, also
        idle = 0 if run.evaluations > before else idle + 1


def _climb(run: _Run, start: Routes) -> tuple[Routes, list[Edit]]:
    """A model no promising edit improves, and the edits of it that cost least.

    Edits that lost much when last judged are judged again only when the others bring nothing more.
    """
    here = start
    everything = run.thorough
    while True:
        used = run.usage(here)
        now = run.value(here)
        judged: list[tuple[float, int, Edit]] = []
        for place, edit in enumerate(run.propose(here, used)):
            if not everything and run.losses.get(edit, 0.0) > MUCH:
                continue
            after = apply(here, edit, used)
            if after is not None:
                judged.append((run.value(after), -place, edit))
                run.losses[edit] = now - judged[-1][0]
        judged.sort(key=lambda item: item[:2], reverse=True)
        better = [edit for value, _, edit in judged if value > now + 1e-6]
        moved = _take_together(run, here, better[:25], used)
        if moved == here and (everything or not run.thorough):
            return here, [edit for value, _, edit in judged if value > now - MUCH][:30]
        everything = moved == here
        here = moved


def _take_together(run: _Run, here: Routes, edits: list[Edit], used: Usage) -> Routes:
    for edit in edits:
        after = apply(here, edit, used)
        if after is not None and run.value(after) > run.value(here) + 1e-6:
            here = after
    return here


def _kick(here: Routes, slight: list[Edit], used: Usage, random: np.random.Generator) -> Routes:
    """Some random steps sideways: edits that cost little, or flows dropped when there are none."""
    edits = slight or [Edit("drop_flow", edge=edge) for edge in sorted(here.edges)]
    for place in random.permutation(len(edits))[: int(random.integers(2, 6))]:
        after = apply(here, edits[place], used)
        here = here if after is None else after
    return here
