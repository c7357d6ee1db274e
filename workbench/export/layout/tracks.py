"""Vertical pieces of flows inside the gap between two columns: each gets a track of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_APART = 8.0
"""Vertical pieces nearer than this do not share a track."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A vertical piece between two heights; `lefts` and `rights` are the heights where it goes on to a side."""

    key: tuple[int, int]
    top: float
    bottom: float
    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    group: tuple[str, str]
    """Source and target: pieces that share one end may run together."""


def assign_tracks(pieces: Sequence[Piece]) -> dict[tuple[int, int], int]:
    """A track for each piece, 0 is leftmost; few crossings, and no two flows on one line."""
    count = len(pieces)
    before: list[dict[int, float]] = [{} for _ in range(count)]
    for i in range(count):
        for j in range(i + 1, count):
            a, b = pieces[i], pieces[j]
            if not _touch(a, b):
                continue
            cost_ab, cost_ba = _cost(a, b), _cost(b, a)
            if cost_ab <= cost_ba:
                before[j][i] = cost_ba - cost_ab
            if cost_ba < cost_ab:
                before[i][j] = cost_ab - cost_ba
    order = _sequence(before)
    rank = {k: p for p, k in enumerate(order)}
    track: dict[int, int] = {}
    for k in order:
        near = [j for j in range(count) if rank[j] < rank[k] and _touch(pieces[j], pieces[k])]
        track[k] = max((track[j] + 1 for j in near), default=0)
    return {pieces[k].key: track[k] for k in range(count)}


def _touch(a: Piece, b: Piece) -> bool:
    return a.top <= b.bottom + _APART and b.top <= a.bottom + _APART


def _cost(left: Piece, right: Piece) -> float:
    """Crossings when `left` stands left of `right`; running on one line costs most."""
    cost = 0.0
    for y in left.rights:
        cost += right.top < y < right.bottom
        cost += 50 * any(abs(y - other) < 1 for other in right.lefts if left.group[1] != right.group[1])
    for y in right.lefts:
        cost += left.top < y < left.bottom
    return cost


def _sequence(before: list[dict[int, float]]) -> list[int]:
    """An order that breaks as little preference as a greedy choice can."""
    rest = set(range(len(before)))
    order = []
    while rest:
        scores = [(sum(w for j, w in before[k].items() if j in rest), k) for k in rest]
        free = [k for score, k in scores if score == 0 and not any(j in rest for j in before[k])]
        chosen = min(free) if free else min(scores)[1]
        order.append(chosen)
        rest.remove(chosen)
    return order
