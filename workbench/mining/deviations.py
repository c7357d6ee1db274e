"""What an alignment says of the steps of a dossier: skipped, extra, repeated, out of order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from workbench.mining.alignments import Move

Kind = Literal["skipped", "extra", "repeated", "out_of_order"]
KINDS: tuple[Kind, ...] = ("skipped", "extra", "repeated", "out_of_order")


def deviations(moves: Iterable[Move], known: frozenset[str]) -> dict[tuple[Kind, str], int]:
    """How often each step deviates in one alignment, by kind.

    A step that the model wants at one place and the dossier has at another is out of order: one of its model moves
    is paired with one of its log moves. Of what remains, model moves are skipped steps; log moves are repeated when
    the dossier has the step at another time too, else extra. Which of two equal events the alignment takes for the
    surplus one is chance, so the order of the moves does not count. A step the model does not know (`known`) is
    always extra.
    """
    listed = list(moves)
    asked = Counter(move.step for move in listed if move.kind == "model")
    given = Counter(move.step for move in listed if move.kind == "log")
    agreed = {move.step for move in listed if move.kind == "sync"}
    moved = asked & given
    out: dict[tuple[Kind, str], int] = {}
    for step, n in moved.items():
        out["out_of_order", step] = n
    for step, n in (asked - moved).items():
        out["skipped", step] = n
    for step, n in (given - moved).items():
        first = 0 if step in agreed or step in moved else 1
        extra = n if step not in known else first
        if extra:
            out["extra", step] = extra
        if n > extra:
            out["repeated", step] = n - extra
    return out
