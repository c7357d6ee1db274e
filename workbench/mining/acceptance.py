"""Conformance when deviations a person holds to be right no longer count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.mining.alignments import Alignments, align
from workbench.mining.deviations import deviations
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.pm4py_door import to_petri
from workbench.mining.variants import sequences
from workbench.progress import Progress, silent
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class Discounted(Result):
    """Fitness and exact following with accepted deviations left out of the costs."""

    fitness: float | None
    perfect_share: float | None
    cost: int
    """Cost of all alignments with every deviation."""
    discounted_cost: int
    basis: Basis


def discount_accepted(
    store: LogStore,
    selection: Selection,
    model: Bpmn | PetriNet,
    accepted: Iterable[tuple[str, str]],
    *,
    progress: Progress = silent,
) -> Discounted:
    """The selection against a model, the deviations `accepted` (kind, step) at no cost.

    The alignments are those of `check_conformance`: they are not searched again under the new costs, so fitness is a
    lower bound where accepting makes another alignment cheaper. The worst case it is divided by stays the same.
    """
    net = to_petri(model) if isinstance(model, Bpmn) else model
    aligned = align(net, sequences(store, selection).counts(), progress=progress)
    free = replace(aligned, costs=_costs(aligned, frozenset(accepted), frozenset(net.steps)))
    return Discounted(free.fitness, free.perfect_share, _total(aligned), _total(free), store.basis(selection))


def _costs(aligned: Alignments, accepted: frozenset[tuple[str, str]], known: frozenset[str]) -> tuple[int | None, ...]:
    out: list[int | None] = []
    for cost, moves in zip(aligned.costs, aligned.moves, strict=True):
        if cost is None or moves is None:
            out.append(cost)
            continue
        found = deviations(moves, known)
        # a step out of order costs two moves: where it is missing, and where it is too much
        out.append(
            cost - sum(n * (2 if one[0] == "out_of_order" else 1) for one, n in found.items() if one in accepted)
        )
    return tuple(out)


def _total(aligned: Alignments) -> int:
    return sum(count * (cost or 0) for (_, count), cost in zip(aligned.counts, aligned.costs, strict=True))
