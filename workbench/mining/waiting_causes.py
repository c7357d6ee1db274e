"""Why step instances waited: the wait of each split into batching, contention, prioritisation, unavailability and
extraneous causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.mining import batches
from workbench.mining.dominance import windowed_sums
from workbench.mining.instances import Instances
from workbench.mining.worktime import Floats, Ints

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous")


@dataclass(frozen=True)
class Causes:
    """Per waiting instance its wait and what of it each cause made, in clock and in working seconds."""

    place: Ints
    """Index into the instances."""
    clock: Mapping[str, Floats]
    working: Mapping[str, Floats]
    """Unavailability is nothing here by definition: working time leaves it out."""


@dataclass(frozen=True)
class _Timeline:
    """The busy time of all resources as pieces that do not overlap, ordered by resource and time."""

    start: Floats
    """resource * span + start of the piece; ascending."""
    end: Floats
    weight: Floats
    """Clock and working seconds of the piece."""
    enabled: Floats
    span: float
    origin: float

    def key(self, resource: Ints, moment: Floats) -> Floats:
        return resource * self.span + (moment - self.origin)


def find_causes(found: Instances) -> Causes:
    """The causes of every target instance that waited.

    Definitions and their order as in Lashkevich, K., Milani, F., Chapela-Campa, D., Suvorau, I., Dumas, M. (2023),
    Why am I waiting? Data-driven analysis of waiting times in business processes, CAiSE 2023:

    1. batching: from enablement until the last member of its batch was enabled, or until the set hour or the due day
       it was kept for (see batches.py);
    2. contention: the resource worked on an instance that was enabled no later;
    3. prioritisation: the resource worked on an instance that was enabled later;
    4. unavailability: outside the hours of work;
    5. extraneous: the rest.

    Only members of a batch whose resource had free working time while the batch gathered wait for batching:
    otherwise every queue of a one-step officer would be a batch. Without a resource 2 and 3 cannot be told.
    """
    place = np.flatnonzero(found.target & (found.started > found.enabled))
    line = _timeline(found)
    begin, end = found.enabled[place], found.started[place]
    after = np.clip(np.fmax(begin, _batch_until(found, line, place)), begin, end)
    group = found.group[place]
    worked = [found.clocks.worked(group, moment) for moment in (begin, after, end)]
    before, busy = _busy(found, line, place, after, end)
    closed = (end - after) - (worked[2] - worked[1]) - (busy[:, 0] - busy[:, 1])
    clock = {
        "batching": after - begin,
        "contention": before[:, 0],
        "prioritisation": busy[:, 0] - before[:, 0],
        "unavailability": np.maximum(closed, 0.0),
    }
    working = {
        "batching": worked[1] - worked[0],
        "contention": before[:, 1],
        "prioritisation": busy[:, 1] - before[:, 1],
        "unavailability": np.zeros(len(place)),
    }
    clock["extraneous"] = np.maximum(end - begin - sum(clock.values()), 0.0)
    working["extraneous"] = np.maximum(worked[2] - worked[0] - sum(working.values()), 0.0)
    return Causes(place, clock, working)


def _timeline(found: Instances) -> _Timeline:
    known = np.flatnonzero(found.resource >= 0)
    order = known[np.lexsort((found.completed[known], found.started[known], found.resource[known]))]
    origin = float(np.fmin(found.started[known], found.enabled[known]).min()) if len(known) else 0.0
    span = float(found.completed[known].max() - origin + 1.0) if len(known) else 1.0
    offset = found.resource[order] * span
    until = np.maximum.accumulate(offset + found.completed[order] - origin) if len(order) else np.empty(0)
    earlier = np.concatenate([[-np.inf], until[:-1]]) if len(order) else np.empty(0)
    start = np.maximum(offset + found.started[order] - origin, earlier)
    group = found.group[order]
    begin, end = start - offset + origin, until - offset + origin
    weight = np.column_stack([until - start, found.clocks.worked(group, end) - found.clocks.worked(group, begin)])
    enabled = np.where(np.isnan(found.enabled[order]), found.started[order], found.enabled[order])
    return _Timeline(start, until, np.maximum(weight, 0.0), enabled, span, origin)


def _busy(found: Instances, line: _Timeline, place: Ints, begin: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Clock and working seconds in [begin, end] in which the resource worked on others: on those enabled no later
    than the instance itself, and on any."""
    window = _window(found, line, place, begin, end)
    if window is None:
        return np.zeros((len(place), 2)), np.zeros((len(place), 2))
    order = np.argsort(line.enabled, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    own = found.enabled[place]
    below = np.searchsorted(line.enabled[order], own, side="right")
    every = window.sums(line)
    before = windowed_sums(line.weight, rank, window.left, window.right, below)
    for piece, over in window.overhangs(found, line, place):
        every = every - over
        before = before - over * (line.enabled[piece] <= own)[:, None]
    return np.maximum(before, 0.0), np.maximum(every, 0.0)


def _busy_at_all(found: Instances, line: _Timeline, place: Ints, begin: Floats, end: Floats) -> Floats:
    """Clock and working seconds in [begin, end] in which the resource worked."""
    window = _window(found, line, place, begin, end)
    if window is None:
        return np.zeros((len(place), 2))
    every = window.sums(line)
    for _, over in window.overhangs(found, line, place):
        every = every - over
    return np.maximum(every, 0.0)


@dataclass(frozen=True)
class _Window:
    """Per instance the pieces of its resource that touch a stretch of time."""

    left: Ints
    right: Ints
    low: Floats
    high: Floats

    def sums(self, line: _Timeline) -> Floats:
        total = np.vstack([np.zeros(2), np.cumsum(line.weight, axis=0)])
        return total[self.right] - total[self.left]

    def overhangs(self, found: Instances, line: _Timeline, place: Ints) -> list[tuple[Ints, Floats]]:
        """The first and the last piece with what of it lies outside the stretch."""
        some = (self.right > self.left)[:, None]
        head = np.minimum(self.left, len(line.start) - 1)
        tail = np.maximum(self.right - 1, 0)
        return [
            (head, np.where(some, _length(found, line, place, line.start[head], self.low), 0.0)),
            (tail, np.where(some, _length(found, line, place, self.high, line.end[tail]), 0.0)),
        ]


def _window(found: Instances, line: _Timeline, place: Ints, begin: Floats, end: Floats) -> _Window | None:
    if not len(line.start) or not len(place):
        return None
    resource = found.resource[place]
    has = (resource >= 0) & (end > begin)
    low, high = line.key(resource, begin), line.key(resource, end)
    left = np.where(has, np.searchsorted(line.end, low, side="right"), 0)
    right = np.where(has, np.maximum(np.searchsorted(line.start, high, side="left"), left), 0)
    return _Window(left, right, low, high)


def _length(found: Instances, line: _Timeline, place: Ints, first: Floats, last: Floats) -> Floats:
    """Clock and working seconds between two keys of the timeline; nothing where the second is not later."""
    last = np.maximum(first, last)
    back = line.origin - found.resource[place] * line.span
    group = found.group[place]
    worked = found.clocks.worked(group, last + back) - found.clocks.worked(group, first + back)
    return np.column_stack([last - first, np.maximum(worked, 0.0)])


def _batch_until(found: Instances, line: _Timeline, place: Ints) -> Floats:
    """Until when the waiting instances waited for a batch; NaN where they did not."""
    until = np.full(len(found.step), np.nan)
    member, ready = batches.gathered(found)
    until[member] = np.where(_free(found, line, member, ready) > batches.GAP, ready, np.nan)
    until = np.fmax(until, batches.opened(found))[place]
    free = _free(found, line, place, found.started[place])
    return np.where(batches.kept_for_due_day(found, place, free), found.started[place], until)


def _free(found: Instances, line: _Timeline, place: Ints, end: Floats) -> Floats:
    """Working seconds from enablement to `end` in which the resource did nothing."""
    begin = found.enabled[place]
    end = np.maximum(begin, end)
    span = found.clocks.worked(found.group[place], end) - found.clocks.worked(found.group[place], begin)
    return span - _busy_at_all(found, line, place, begin, end)[:, 1]
