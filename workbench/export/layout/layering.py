"""Which column each shape stands in: cycles opened, then columns by a small linear programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from workbench.export.layout.values import Arc, Item

_MORE_COLUMNS = 2
"""How many columns a repeated part may add when it is drawn from right to left."""
_LONGEST_REPEAT = 6
"""A repeated part with a longer chain of shapes is drawn in reading direction."""


@dataclass(frozen=True, slots=True)
class Layering:
    """Columns of the items, and how cycles were opened."""

    column: dict[str, int]
    reversed: frozenset[int]
    """Positions of arcs that run from right to left."""
    flipped: frozenset[str]
    """Items of repeated parts, entered from the right and left to the left."""
    order: dict[str, int]
    """Rank of each item in a walk from the start, the first arc first."""


def layer(items: Sequence[Item], arcs: Sequence[Arc]) -> Layering:
    """Columns for `items` so that most arcs run from left to right and are short."""
    back, order = _walk(items, arcs)
    flipped: set[str] = set()
    backward = set(back)
    count = _length(items, arcs, backward)
    leaves: set[str] = set()
    todo = _repeated_parts(items, arcs, back, leaves)
    while todo:
        part = todo.pop(0)
        trial = set(backward)
        for k, arc in enumerate(arcs):
            if arc.source in part and arc.target in part and k in back:
                trial.discard(k)
            elif arc.source in part or arc.target in part:
                trial.add(k)
        if _chain(part, arcs, back) > _LONGEST_REPEAT:
            more = {a.source for k, a in enumerate(arcs) if k in back and a.source in part and a.target not in part}
            if not more <= leaves:
                leaves |= more
                todo = [p for p in _repeated_parts(items, arcs, back, leaves) if not p & flipped]
            continue
        length = _length(items, arcs, trial)
        if length is not None and (count is None or length <= count + _MORE_COLUMNS):
            backward, flipped = trial, flipped | part
    return Layering(_columns(items, arcs, backward), frozenset(backward), frozenset(flipped), order)


def _walk(items: Sequence[Item], arcs: Sequence[Arc]) -> tuple[set[int], dict[str, int]]:
    """Arcs that close a cycle in a depth-first walk, and each item's rank in reverse postorder."""
    out: dict[str, list[int]] = {item.id: [] for item in items}
    entered = set()
    for k, arc in enumerate(arcs):
        out[arc.source].append(k)
        if arc.source != arc.target:
            entered.add(arc.target)
    roots = [item.id for item in items if item.id not in entered] + [item.id for item in items]
    back: set[int] = set()
    state: dict[str, int] = {}
    finished: list[str] = []
    for root in roots:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            node, todo = stack[-1]
            for k in todo:
                target = arcs[k].target
                if state.get(target) == 1:
                    back.add(k)
                elif target not in state:
                    state[target] = 1
                    stack.append((target, iter(out[target])))
                    break
            else:
                state[node] = 2
                finished.append(node)
                stack.pop()
    return back, {node: rank for rank, node in enumerate(reversed(finished))}


def _repeated_parts(
    items: Sequence[Item], arcs: Sequence[Arc], back: set[int], also_leaves: set[str]
) -> list[set[str]]:
    """Connected sets of items from which only a backward arc leads on: the bodies of repetitions.

    `also_leaves` are items taken as ends of their own, so that repetitions inside a long one are found.
    """
    into: dict[str, list[str]] = {item.id: [] for item in items}
    leaves = ({item.id for item in items} - {arc.source for arc in arcs}) | also_leaves
    for k, arc in enumerate(arcs):
        if k not in back:
            into[arc.target].append(arc.source)
    reached, stack = set(leaves), list(leaves)
    while stack:
        for source in into[stack.pop()]:
            if source not in reached:
                reached.add(source)
                stack.append(source)
    rest = {item.id for item in items} - reached
    parts = []
    for item in items:
        if item.id in rest:
            part, stack = {item.id}, [item.id]
            while stack:
                node = stack.pop()
                for k, arc in enumerate(arcs):
                    if k in back or node not in (arc.source, arc.target):
                        continue
                    other = arc.target if arc.source == node else arc.source
                    if other in rest and other not in part:
                        part.add(other)
                        stack.append(other)
            rest -= part
            parts.append(part)
    return parts


def _chain(part: set[str], arcs: Sequence[Arc], back: set[int]) -> int:
    """Number of shapes on the longest chain inside a part."""
    inner = [arc for k, arc in enumerate(arcs) if k not in back and arc.source in part and arc.target in part]
    members = [Item(node, 0, 0, 0, 0) for node in sorted(part)]
    return _length(members, inner, set()) or len(part)


def natural_loop(arcs: Sequence[Arc], k: int) -> set[str]:
    """The shapes a backward arc repeats: its target and all that reach its source without passing it."""
    body, stack = {arcs[k].target, arcs[k].source}, [arcs[k].source]
    while stack:
        node = stack.pop()
        if node == arcs[k].target:
            continue
        for arc in arcs:
            if arc.target == node and arc.source not in body:
                body.add(arc.source)
                stack.append(arc.source)
    return body


def _length(items: Sequence[Item], arcs: Sequence[Arc], backward: set[int]) -> int | None:
    """Number of columns the longest chain needs; None when a cycle is left."""
    out: dict[str, list[str]] = {item.id: [] for item in items}
    degree = {item.id: 0 for item in items}
    for k, arc in enumerate(arcs):
        left, right = (arc.target, arc.source) if k in backward else (arc.source, arc.target)
        if left != right:
            out[left].append(right)
            degree[right] += 1
    level = {item.id: 0 for item in items}
    ready = [item.id for item in items if degree[item.id] == 0]
    seen = 0
    while ready:
        node = ready.pop()
        seen += 1
        for other in out[node]:
            level[other] = max(level[other], level[node] + 1)
            degree[other] -= 1
            if degree[other] == 0:
                ready.append(other)
    return max(level.values(), default=-1) + 1 if seen == len(items) else None


def _columns(items: Sequence[Item], arcs: Sequence[Arc], backward: set[int]) -> dict[str, int]:
    """Columns that make the arcs shortest in sum; every arc spans at least one column."""
    place = {item.id: k for k, item in enumerate(items)}
    pairs = [
        (place[arc.target], place[arc.source]) if k in backward else (place[arc.source], place[arc.target])
        for k, arc in enumerate(arcs)
        if arc.source != arc.target
    ]
    n, m = len(items), len(pairs)
    if m == 0:
        return {item.id: k for k, item in enumerate(items)}
    rows = np.repeat(np.arange(m), 2)
    matrix = coo_matrix((np.tile([1.0, -1.0], m), (rows, np.array(pairs).ravel())), shape=(m, n)).tocsr()
    cost = np.full(n, 1e-3)  # a tie goes to the left
    for left, right in pairs:
        cost[left] -= 1.0
        cost[right] += 1.0
    found = linprog(cost, A_ub=matrix, b_ub=-np.ones(m), bounds=(0, None), method="highs-ds")
    columns = np.rint(found.x).astype(int)
    used = {column: rank for rank, column in enumerate(sorted(set(columns.tolist())))}
    return {item.id: used[int(columns[k])] for k, item in enumerate(items)}
