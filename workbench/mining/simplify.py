"""A directly-follows graph reduced to its main activities and paths, still connected from start to end."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from workbench.mining.dfg import Dfg

START, END = "\0start", "\0end"
"""Marks for the begin and the end of dossiers; no label contains the character."""
Path = tuple[str, str]
T = TypeVar("T")


def simplify(dfg: Dfg, *, activities: float = 1.0, paths: float = 1.0) -> Dfg:
    """The graph of the most frequent activities and paths that hold these shares of all events and all steps taken.

    Every activity that stays can be reached from the start and reaches the end: where the chosen paths do not do it,
    the path whose rarest part is most frequent is added, with the activities it passes. Counts and durations stay as
    they were observed.
    """
    for name, value in (("activities", activities), ("paths", paths)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}; give a share from 0 to 1")
    count = _paths(dfg)
    keep = set(_top(zip(dfg.activities["activity"], dfg.activities["count"], strict=True), activities))
    inside = {path: n for path, n in count.items() if set(path) <= keep | {START, END}}
    chosen = set(_top(inside.items(), paths))
    chosen |= _links(count, inside, keep)
    keep |= {name for path in chosen for name in path} - {START, END}
    edges = [path in chosen for path in zip(dfg.edges["source"], dfg.edges["target"], strict=True)]
    return replace(
        dfg,
        edges=dfg.edges[pd.Series(edges, index=dfg.edges.index, dtype=bool)].reset_index(drop=True),
        activities=dfg.activities[dfg.activities["activity"].isin(keep)].reset_index(drop=True),
    )


def _paths(dfg: Dfg) -> dict[Path, int]:
    """All paths with counts, start and end included."""
    rows = dfg.activities
    out = {(START, name): n for name, n in zip(rows["activity"], rows["start_count"], strict=True) if n}
    out |= {(name, END): n for name, n in zip(rows["activity"], rows["end_count"], strict=True) if n}
    edges = dfg.edges
    return out | {(s, t): n for s, t, n in zip(edges["source"], edges["target"], edges["count"], strict=True)}


def _top(items: Iterable[tuple[T, int]], share: float) -> list[T]:
    """The most frequent items that together hold the share; ties in name order; at least one."""
    ordered = sorted(items, key=lambda item: (-item[1], str(item[0])))
    wanted = share * sum(n for _, n in ordered)
    out: list[T] = []
    held = 0
    for item, n in ordered:
        if out and held >= wanted:
            break
        out.append(item)
        held += n
    return out


def _links(count: dict[Path, int], inside: dict[Path, int], keep: set[str]) -> set[Path]:
    """For every kept activity a way from the start and a way to the end, inside the kept ones where there is one."""
    out: set[Path] = set()
    for graph in (inside, count):
        ahead = _widest(graph, START, forward=True)
        back = _widest(graph, END, forward=False)
        here = keep if graph is inside else {name for name in keep if not _linked(out, name)}
        for name in sorted(here):
            if name in ahead and name in back:
                out |= _way(ahead, name, forward=True) | _way(back, name, forward=False)
    return out


def _linked(paths: set[Path], name: str) -> bool:
    return any(target == name for _, target in paths) and any(source == name for source, _ in paths)


def _widest(count: dict[Path, int], root: str, *, forward: bool) -> dict[str, str]:
    """Per reachable activity its neighbour towards the root on the path whose rarest part is most frequent."""
    after: dict[str, list[tuple[str, int]]] = {}
    for (source, target), n in sorted(count.items()):
        here, there = (source, target) if forward else (target, source)
        after.setdefault(here, []).append((there, n))
    towards: dict[str, str] = {}
    queue: list[tuple[int, int, str, str]] = [(-(1 << 62), 0, root, root)]
    while queue:
        width, steps, name, before = heapq.heappop(queue)
        if name in towards:
            continue
        towards[name] = before
        for there, n in after.get(name, []):
            if there not in towards:
                heapq.heappush(queue, (max(width, -n), steps + 1, there, name))
    return towards


def _way(towards: dict[str, str], name: str, *, forward: bool) -> set[Path]:
    out: set[Path] = set()
    while towards[name] != name:
        before = towards[name]
        out.add((before, name) if forward else (name, before))
        name = before
    return out
