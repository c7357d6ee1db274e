"""Until when an instance waited for a batch: the batch to gather, a set hour to come, the due day to come.

The first is batching as in Lashkevich et al. (2023). The other two are batches by the clock, which their batch firing
rules name (time and day as what starts a batch: Lashkevich, K. et al. (2022), Data-driven analysis of batch processing
inefficiencies in business processes): a step done only at certain hours of the week, and dossiers kept until their
due day although whoever works on them was free.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.mining.instances import Bools, Instances
from workbench.mining.worktime import HOUR, WEEK_SLOTS, Floats, Ints

GAP = 600.0
"""Working seconds between two instances of one step that still belong to one batch; also the least free time that
makes an accumulation a choice."""
SIZE = 2
GROUP = 50
"""Instances an organisation needs of a step before set hours are looked for."""
SET_SHARE = 0.8
SET_SLOTS = 0.3
"""A step has set hours when this share of its starts lies in at most this share of the organisation's hours, and in
at most half as many hours as hold the same share of its enablements."""
OPEN_SHARE = 0.98
"""An organisation's hours are the fewest of the week that hold this share of its completions."""
WORKING_DAY = 8 * HOUR
FREE_SHARE = 0.5
"""Least free part of the waiting of a dossier that is said to be kept for its due day."""


def gathered(found: Instances) -> tuple[Ints, Floats]:
    """Members of batches and when the last member of their batch was enabled.

    A batch is two or more instances of one step that a resource takes one after the other, all enabled before the
    first begins.
    """
    known = np.flatnonzero((found.resource >= 0) & ~np.isnan(found.enabled))
    keys = (found.completed[known], found.started[known], found.step[known], found.resource[known])
    order = known[np.lexsort(keys)]
    if len(order) < SIZE:
        return np.empty(0, dtype=np.int64), np.empty(0)
    worked = [found.clocks.worked(found.group[order], moment[order]) for moment in (found.started, found.completed)]
    resource, step = found.resource[order], found.step[order]
    alike = (resource[1:] == resource[:-1]) & (step[1:] == step[:-1])
    run = np.concatenate([[0], np.cumsum(~(alike & (worked[0][1:] - worked[1][:-1] <= GAP)))])
    frame = pd.DataFrame({"run": run, "enabled": found.enabled[order], "started": found.started[order]})
    member = frame["enabled"] <= frame.groupby("run")["started"].transform("first")
    inside = frame[member]
    size = inside.groupby("run")["enabled"].transform("size")
    last = inside.groupby("run")["enabled"].transform("max")
    kept = (size >= SIZE).to_numpy()
    return order[member.to_numpy()][kept], last.to_numpy()[kept]


def opened(found: Instances) -> Floats:
    """For instances of a step with set hours, when the hours in which it began had opened; NaN for all others."""
    out = np.full(len(found.step), np.nan)
    known = np.flatnonzero(~np.isnan(found.enabled))
    if not len(known):
        return out
    key = found.organisation[known] * (int(found.step.max()) + 1) + found.step[known]
    names, group = np.unique(key, return_inverse=True)
    large = np.bincount(group, minlength=len(names)) >= GROUP
    inside = large[group]
    known, group = known[inside], np.cumsum(large)[group[inside]] - 1
    if not len(known):
        return out
    slot = _slot(found.started[known])
    starts = _grid(group, slot, int(large.sum()))
    enablements = _grid(group, _slot(found.enabled[known]), int(large.sum()))
    needed, wide = _narrowest(starts, SET_SHARE), _narrowest(enablements, SET_SHARE)
    hours = _open_hours(found)[found.organisation[known]]
    room = np.zeros(len(starts))
    room[group] = hours
    regular = (needed.sum(axis=1) <= SET_SLOTS * room) & (2 * needed.sum(axis=1) <= wide.sum(axis=1))
    chosen = needed & regular[:, None]
    back = _hours_since_opening(chosen)
    hit = chosen[group, slot]
    begun = np.floor(found.started[known[hit]] / HOUR) * HOUR
    out[known[hit]] = begun - back[group[hit], slot[hit]] * HOUR
    return out


def _slot(moments: Floats) -> Ints:
    return (moments // HOUR % WEEK_SLOTS).astype(np.int64)


def _grid(group: Ints, slot: Ints, n: int) -> Ints:
    return np.bincount(group * WEEK_SLOTS + slot, minlength=n * WEEK_SLOTS).reshape(n, WEEK_SLOTS)


def _narrowest(counts: Ints, share: float) -> Bools:
    """Per row the fewest hours of the week that together hold the share of the counts."""
    order = np.argsort(-counts, axis=1, kind="stable")
    held = np.cumsum(np.take_along_axis(counts, order, axis=1), axis=1)
    total = held[:, -1:]
    before = np.concatenate([np.zeros_like(total), held[:, :-1]], axis=1)
    out = np.zeros(counts.shape, dtype=bool)
    np.put_along_axis(out, order, before < share * total, axis=1)
    return out


def _open_hours(found: Instances) -> Ints:
    """Per organisation the number of hours of the week in which its work is done, rare ones left out."""
    grid = _grid(found.organisation, _slot(found.completed), len(found.organisations))
    return np.asarray(_narrowest(grid, OPEN_SHARE).sum(axis=1))


def _hours_since_opening(chosen: Bools) -> Ints:
    """Per row and hour how many chosen hours come right before it; the week goes round."""
    twice = np.concatenate([chosen, chosen], axis=1)
    place = np.arange(2 * WEEK_SLOTS)
    gap = np.where(~twice, place, -1)
    last_gap = np.maximum.accumulate(gap, axis=1)
    return np.maximum(place - last_gap - 1, 0)[:, WEEK_SLOTS:]


def kept_for_due_day(found: Instances, place: Ints, free: Floats) -> Bools:
    """Which waiting instances were kept for their due day; `free` is the resource's free working time of the wait.

    Completed within the last working day before the deadline of the step, else of the dossier, enabled more than a
    working day before that, with the resource free at least FREE_SHARE of the time, and not while the clock stood.
    """
    group = found.group[place]
    deadline = found.deadline[place]
    due = found.clocks.worked(group, np.where(np.isnan(deadline), found.completed[place], deadline))
    left = due - found.clocks.worked(group, found.completed[place])
    ready = found.clocks.worked(group, found.enabled[place])
    waited = found.clocks.worked(group, found.started[place]) - ready
    late = (left >= 0) & (left <= WORKING_DAY) & (due - ready > 2 * WORKING_DAY) & ~np.isnan(deadline)
    return late & (free >= FREE_SHARE * waited) & (waited > 0) & np.isnan(found.resumed[place])
