"""What if: the same dossiers, once as today and once with changes, with the same luck.

Each simulated dossier takes a route of the practice (a variant, by its frequency) and arrives as dossiers did.
A step takes one of its observed times. Changes remove, speed up or run steps at the same time. A unit whose staff
is asked about is simulated as a queue instead: its officers work the observed times of work (start to completion),
first come first served, and the waiting is whatever arises.

Not known and therefore not simulated: how long steps depend on each other, on the case or on the season; staff
that two units share; what people do with the time they gain. `calibration` says how near today's simulation comes
to today's log.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import norm

from workbench.errors import ModelError, TooFewCases
from workbench.progress import Progress, silent
from workbench.results import Basis, Result
from workbench.simulate.practice import FEWEST, Practice
from workbench.simulate.worktime import HOUR, Floats, Ints

VISITS = 6
"""Draws a dossier has per step; a sixth repetition takes the first draw again."""


@dataclass(frozen=True, slots=True)
class Remove:
    """The step is left out wherever it occurs."""

    step: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The step takes `factor` of its time."""

    step: str
    factor: float


@dataclass(frozen=True, slots=True)
class Together:
    """Where these steps follow one another directly, in any order, they are done at the same time."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """The unit has `officers` instead of `today` officers for these dossiers."""

    unit: str
    today: int
    officers: int


Change = Remove | Scale | Together | Staff


@dataclass(frozen=True, slots=True)
class WhatIf(Result):
    """Working hours from the first to the last event, today and changed."""

    table: pd.DataFrame
    """world (today, changed), dossiers, mean, median, p90 in working hours."""
    steps: pd.DataFrame
    """step, unit, and for both worlds: times passed per dossier, mean working hours per pass."""
    saved_hours: float
    """Mean over the dossiers of today minus changed."""
    interval: tuple[float, float]
    """Of the saved hours, over the simulated dossiers (paired); not over what the practice leaves unknown."""
    calibration: tuple[float, float]
    """Mean hours in the log and in today's simulation."""
    basis: Basis


@dataclass
class _World:
    """The rules of one world."""

    removed: set[str] = field(default_factory=set)
    factor: dict[str, float] = field(default_factory=dict)
    together: list[frozenset[str]] = field(default_factory=list)
    officers: dict[str, int] = field(default_factory=dict)


def what_if(
    practice: Practice,
    changes: Sequence[Change],
    *,
    dossiers: int = 2_000,
    seed: int = 1,
    confidence: float = 0.95,
    progress: Progress = silent,
) -> WhatIf:
    """Simulate `dossiers` dossiers twice and compare.

    Raises ModelError when a change names a step or unit the practice does not have, TooFewCases when the work
    of a unit is on record too rarely to simulate its queue.
    """
    today, changed = _worlds(practice, changes)
    routes, arrivals = _draw(practice, dossiers, seed)
    runs = []
    for done, world in enumerate((today, changed)):
        progress("what_if", done, 2)
        runs.append(_simulate(practice, world, routes, arrivals, seed))
    progress("what_if", 2, 2)
    saved = (runs[0].hours - runs[1].hours).astype(float)
    spread = float(saved.std(ddof=1)) / len(saved) ** 0.5 if len(saved) > 1 else 0.0
    half = float(norm.ppf(0.5 + confidence / 2)) * spread
    mean = float(saved.mean())
    return WhatIf(
        table=pd.DataFrame([_summary("today", runs[0].hours), _summary("changed", runs[1].hours)]),
        steps=_steps(practice, runs[0], runs[1]),
        saved_hours=mean,
        interval=(mean - half, mean + half),
        calibration=(practice.observed_hours, float(runs[0].hours.mean())),
        basis=practice.basis,
    )


def _worlds(practice: Practice, changes: Sequence[Change]) -> tuple[_World, _World]:
    today, changed = _World(), _World()
    units = sorted({time.unit for time in practice.times.values() if time.unit})
    for change in changes:
        if isinstance(change, Staff):
            if change.unit not in units:
                raise ModelError(f"No step is done by {change.unit!r}.", fix=f"Choose one of: {', '.join(units)}.")
            if min(change.today, change.officers) < 1:
                raise ModelError(f"{change.unit} would have no officer.", fix="Give at least one.")
            today.officers[change.unit], changed.officers[change.unit] = change.today, change.officers
            continue
        for step in change.steps if isinstance(change, Together) else (change.step,):
            if step not in practice.times:
                known = ", ".join(sorted(practice.times))
                raise ModelError(f"The practice has no step {step!r}.", fix=f"Choose one of: {known}.", step=step)
        if isinstance(change, Remove):
            changed.removed.add(change.step)
        elif isinstance(change, Scale):
            if change.factor < 0:
                raise ModelError(f"The factor of {change.step!r} is {change.factor}.", fix="Give 0 or more.")
            changed.factor[change.step] = change.factor
        else:
            changed.together.append(frozenset(change.steps))
    _enough_work(practice, today.officers)
    return today, changed


def _enough_work(practice: Practice, officers: Mapping[str, int]) -> None:
    for step, time in practice.times.items():
        if time.unit in officers and len(time.work) < FEWEST:
            raise TooFewCases(
                f"Start and completion of {step!r} are both known {len(time.work)} times; {FEWEST} are needed to "
                f"simulate the officers of {time.unit}.",
                fix="Ask about staff where start times are on record.",
                step=step,
            )


def _draw(practice: Practice, dossiers: int, seed: int) -> tuple[list[tuple[str, ...]], Ints]:
    """Routes by their frequency, and a stretch of as many arrivals as they came (repeated when too few)."""
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    weight = np.array([count for _, count in practice.routes], dtype=float)
    chosen = random.choice(len(weight), dossiers, p=weight / weight.sum())
    n = len(practice.arrivals)
    start = int(random.integers(0, max(1, n - dossiers)))
    rounds, place = np.divmod(np.arange(dossiers) + start, n)
    span = int(practice.arrivals[-1] - practice.arrivals[0]) + HOUR
    return [practice.routes[row][0] for row in chosen], practice.arrivals[place] + rounds * span


@dataclass(frozen=True)
class _Run:
    hours: Floats
    passes: dict[str, int]
    seconds: dict[str, int]
    dossiers: int


class _Offices:
    """When steps are completed in one world: by observed times, or by a queue where staff is asked about."""

    def __init__(self, practice: Practice, world: _World) -> None:
        self._times, self._world = practice.times, world
        self._free = {unit: [0] * officers for unit, officers in world.officers.items()}

    def complete(self, step: str, now: int, luck: float, *, arrives: bool) -> int:
        """When a step that may begin `now` is completed; the event with which a dossier arrives takes no time."""
        time, factor = self._times[step], self._world.factor.get(step, 1.0)
        if time.unit in self._free:
            officers = self._free[time.unit]
            start = max(now, heapq.heappop(officers))
            done = start + round(factor * int(time.work[int(luck * len(time.work))]))
            heapq.heappush(officers, done)
            return done
        if arrives or not len(time.passing):
            return now
        return now + round(factor * int(time.passing[int(luck * len(time.passing))]))


def _simulate(practice: Practice, world: _World, routes: list[tuple[str, ...]], arrivals: Ints, seed: int) -> _Run:
    """All dossiers through their stages; a stage is one step, or steps done together."""
    luck = {step: _luck(step, len(routes), seed) for step in practice.times}
    stages = [_stages(route, world) for route in routes]
    offices = _Offices(practice, world)
    visits: list[dict[str, int]] = [{} for _ in routes]
    waiting = [(int(at), dossier, 0) for dossier, at in enumerate(arrivals)]
    heapq.heapify(waiting)
    end = arrivals.copy()
    passes, seconds = dict.fromkeys(practice.times, 0), dict.fromkeys(practice.times, 0)
    while waiting:
        now, dossier, stage = heapq.heappop(waiting)
        if stage == len(stages[dossier]):
            end[dossier] = now
            continue
        finish = now
        for step in stages[dossier][stage]:
            visit = visits[dossier].get(step, 0)
            visits[dossier][step] = visit + 1
            arrives = stage == 0 and step == routes[dossier][0]
            done = offices.complete(step, now, luck[step][dossier, visit % VISITS], arrives=arrives)
            passes[step] += 1
            seconds[step] += done - now
            finish = max(finish, done)
        heapq.heappush(waiting, (finish, dossier, stage + 1))
    return _Run((end - arrivals) / HOUR, passes, seconds, len(routes))


def _luck(step: str, dossiers: int, seed: int) -> Floats:
    """Uniform numbers of a step, the same in every world."""
    key = np.random.SeedSequence(seed, spawn_key=(1, zlib.crc32(step.encode("utf-8"))))
    return np.random.default_rng(key).random((dossiers, VISITS))


def _stages(route: tuple[str, ...], world: _World) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = []
    for step in route:
        if step in world.removed:
            continue
        group = next((group for group in world.together if step in group), None)
        if group and out and set(out[-1]) <= group and step not in out[-1]:
            out[-1] = (*out[-1], step)
        else:
            out.append((step,))
    return out


def _summary(world: str, hours: Floats) -> dict[str, object]:
    return {
        "world": world,
        "dossiers": len(hours),
        "mean": float(hours.mean()),
        "median": float(np.median(hours)),
        "p90": float(np.quantile(hours, 0.9)),
    }


def _steps(practice: Practice, today: _Run, changed: _Run) -> pd.DataFrame:
    rows = []
    for step, time in practice.times.items():
        row: dict[str, object] = {"step": step, "unit": time.unit}
        for name, run in (("today", today), ("changed", changed)):
            row[f"passes_{name}"] = run.passes[step] / run.dossiers
            row[f"hours_{name}"] = run.seconds[step] / HOUR / run.passes[step] if run.passes[step] else float("nan")
        rows.append(row)
    return pd.DataFrame(rows)
