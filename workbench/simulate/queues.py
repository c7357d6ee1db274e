"""Queues in working time: one officer serves one dossier at a time.

Both disciplines take, per job, the officer, the working second at which the job is ready, and the seconds it
needs; they give the working second at which it starts. Offices never close on this axis.
"""

from __future__ import annotations

import heapq

import numpy as np

from workbench.simulate.worktime import Ints

_APART = 1 << 36
"""More working seconds than any horizon: keeps the officers apart in one running maximum."""


def first_come(officer: Ints, ready: Ints, seconds: Ints) -> Ints:
    """Start of each job when every officer takes the job that became ready first (ties in row order).

    Lindley's recursion for all officers at once: end(i) = work done so far + the largest
    (ready(j) - work before j) over the officer's jobs j up to i.
    """
    if not len(officer):
        return ready.copy()
    order = np.lexsort((ready, officer))
    group, at, work = officer[order], ready[order], seconds[order]
    first = np.empty(len(group), dtype=bool)
    first[0] = True
    np.not_equal(group[1:], group[:-1], out=first[1:])
    rank = np.cumsum(first) - 1
    done = np.cumsum(work)
    before = done - work
    before -= before[first][rank]
    slack = at - before + rank * _APART
    latest = np.maximum.accumulate(slack) - rank * _APART
    start = np.empty_like(ready)
    start[order] = latest + before
    return start


def most_urgent(officer: Ints, ready: Ints, seconds: Ints, due: Ints) -> tuple[Ints, Ints]:
    """Start of each job when an officer takes, of the jobs that are ready, the one due first.

    The second array is the part of the wait that priority caused: seconds the officer spent, while the job was
    ready, on jobs that had become ready later.
    """
    start, overtaken = ready.copy(), np.zeros_like(ready)
    order = np.lexsort((ready, officer))
    group = officer[order]
    if not len(group):
        return start, overtaken
    cuts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    for low, high in zip(cuts, np.append(cuts[1:], len(group)), strict=True):
        rows = order[low:high]
        begun = _urgent(ready[rows].tolist(), seconds[rows].tolist(), due[rows].tolist())
        start[rows] = begun
        overtaken[rows] = _overtaken(ready[rows], start[rows], seconds[rows])
    return start, overtaken


def _urgent(ready: list[int], seconds: list[int], due: list[int]) -> list[int]:
    """Starts of one officer's jobs, given in order of readiness."""
    begun = [0] * len(ready)
    waiting: list[tuple[int, int]] = []
    free, following, n = 0, 0, len(ready)
    while following < n or waiting:
        if not waiting and free < ready[following]:
            free = ready[following]
        while following < n and ready[following] <= free:
            heapq.heappush(waiting, (due[following], following))
            following += 1
        job = heapq.heappop(waiting)[1]
        begun[job] = free
        free += seconds[job]
    return begun


def _overtaken(ready: Ints, start: Ints, seconds: Ints) -> Ints:
    """Seconds of later-ready jobs that were served before each job; jobs are in order of readiness."""
    out = np.zeros_like(ready)
    if np.all(start[1:] >= start[:-1]):
        return out
    place = np.empty(len(start), dtype=np.int64)
    place[np.argsort(start, kind="stable")] = np.arange(len(start))
    for job in np.flatnonzero(place != np.arange(len(start))):
        later = slice(job + 1, int(np.searchsorted(ready, start[job], side="right")))
        out[job] = seconds[later][start[later] < start[job]].sum()
    return out
