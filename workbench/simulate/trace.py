"""What happened to the dossiers of a chunk, on the axis of working time."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.simulate.worktime import Ints

CAUSES = ("contention", "batching", "prioritisation", "extraneous")
DONE, RETURNED, REFUSED, STOPPED = 0, 1, 2, 3
OFFICERS = 1 << 32
NONE = -1


@dataclass(frozen=True)
class Block:
    """One step as passed by some dossiers."""

    step: int
    rows: Ints
    ready: Ints
    """Working second at which the dossier was ready for it."""
    start: Ints
    end: Ints
    officer: Ints
    """OFFICERS * step + place among the officers of that step: (team * families + family) * staff + number."""
    waits: dict[str, Ints]
    """Working seconds waited by cause."""


@dataclass
class Trace:
    """What happened; working seconds throughout, NONE where it did not."""

    accepted: Ints
    closed: Ints
    returned: Ints
    due: Ints
    """Last due date, extended by the pauses."""
    term: Ints
    """Working second from which the term counts."""
    outcome: Ints
    blocks: list[Block] = field(default_factory=list)
    pauses: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)
    """(rows, from, to, reason): reason 0 supplement, 1 financial duty."""
