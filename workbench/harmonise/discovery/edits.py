"""Edits of routes that the alignments suggest: what is hardly used, what is skipped, what is missing or elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.harmonise.discovery.routing import END, START, Edge, Routes, routes
from workbench.mining import walking
from workbench.mining.model import Variant

Kind = Literal[
    "drop_flow", "add_flow", "drop_step", "add_steps", "insert_steps", "repeat_steps", "move_step", "side_by_side"
]
"""`add_steps` puts steps beside what is there, `insert_steps` in place of the direct flow, `repeat_steps` as new steps
even where the model has them elsewhere, `side_by_side` lets two steps that follow each other come in either order."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of routes. `edge` is the flow or the place between two steps; `steps` are labels put there."""

    kind: Kind
    edge: Edge = (START, END)
    number: int = 0
    steps: tuple[str, ...] = ()

    def key(self) -> tuple[str, Edge, int, tuple[str, ...]]:
        """A fixed order among edits of equal promise."""
        return self.kind, self.edge, self.number, self.steps


@dataclass(slots=True)
class Usage:
    """How the aligned dossiers use routes; weights add up to 1 over all dossiers."""

    flows: Counter[Edge] = field(default_factory=Counter)
    through: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    """(before, step, after) of the runs."""
    skipped: Counter[Edge] = field(default_factory=Counter)
    """Between two steps that happened: steps of the model that did not, times weight."""
    extra: Counter[tuple[int, tuple[str, ...], int]] = field(default_factory=Counter)
    """Between two steps that happened: events the model has no place for, in their order."""


def usage(given: Routes, walked: walking.Walked, variants: Sequence[Variant], weights: NDArray[np.float64]) -> Usage:
    """How weighted variants use routes, from their alignment."""
    out = Usage()
    numbers = [number for number, _ in given.labels]
    targets = [numbers[target - 1] for _, _, target in given.graph.arcs]
    for i, variant in enumerate(variants):
        weight = float(weights[i])
        before, here, happened, waiting, missed = START, START, START, [], 0
        for arc, event in walked.path(i):
            if arc < 0:
                waiting.append(variant[event])
                continue
            number = targets[arc]
            _pass(out, before, here, number, weight)
            before, here = here, number
            if event < 0:
                missed += 1
                continue
            _note(out, (happened, here), missed, waiting, weight)
            happened, waiting, missed = here, [], 0
        _pass(out, before, here, END, weight)
        _note(out, (happened, END), missed, waiting, weight)
    return out


def _pass(out: Usage, before: int, here: int, after: int, weight: float) -> None:
    out.flows[here, after] += weight  # type: ignore[assignment]
    if here != START:
        out.through[before, here, after] += weight  # type: ignore[assignment]


def _note(out: Usage, between: Edge, missed: int, waiting: list[str], weight: float) -> None:
    if missed:
        out.skipped[between] += missed * weight  # type: ignore[assignment]
    if waiting:
        out.extra[between[0], tuple(waiting), between[1]] += weight  # type: ignore[assignment]


def propose(given: Routes, used: Usage, *, most: int = 40) -> list[Edit]:
    """The most promising edits of each kind, by what the alignments say they would spare."""
    flows = sorted(given.edges, key=lambda edge: (used.flows[edge], edge))
    into: Counter[int] = Counter()
    for (_, number), weight in used.flows.items():
        into[number] += weight
    steps = sorted(given.label, key=lambda number: (into[number], number))
    skips = [(weight, edge) for edge, weight in used.skipped.items() if edge not in given.edges]
    out = [Edit("drop_flow", edge=edge) for edge in flows[:most]]
    out += [Edit("drop_step", number=number) for number in steps[: max(1, most * 2 // 3)]]
    out += [Edit("add_flow", edge=edge) for _, edge in sorted(skips, key=lambda item: (-item[0], item[1]))[:most]]
    return out + _parallels(given, used, most // 8) + _additions(given, used, most)


def _parallels(given: Routes, used: Usage, most: int) -> list[Edit]:
    """Flows between two steps that dossiers take in the other order, by how many do."""
    promise: Counter[Edge] = Counter()
    for (before, steps, after), weight in used.extra.items():
        for step in (steps[0], steps[-1]):
            for number in given.numbers.get(step, ()):
                # The second step came before the first, or the first after the second.
                for edge in ((after, number), (number, before)):
                    if edge in given.edges and min(edge) > START:
                        promise[edge] += weight  # type: ignore[assignment]
    blocks = {pair for a, b, other_b, other_a in given.side_by_side for pair in ((a, b), (other_b, other_a))}
    ranked = sorted((edge for edge in promise if edge not in blocks), key=lambda edge: (-promise[edge], edge))
    return [Edit("side_by_side", edge=edge) for edge in ranked[:most]]


def _additions(given: Routes, used: Usage, most: int) -> list[Edit]:
    promise: Counter[tuple[int, tuple[str, ...], int]] = Counter()
    for (before, steps, after), weight in used.extra.items():
        for step in steps:
            promise[before, (step,), after] += weight  # type: ignore[assignment]
        if len(steps) > 1:
            promise[before, steps, after] += weight * len(steps)  # type: ignore[assignment]
    ranked = sorted(promise.items(), key=lambda item: (-item[1], item[0]))
    out: list[Edit] = []
    for (before, steps, after), _ in ranked[: most * 3 // 2]:
        out.append(Edit("add_steps", edge=(before, after), steps=steps))
        if (before, after) in given.edges:
            out.append(Edit("insert_steps", edge=(before, after), steps=steps))
        known = [given.numbers[step][0] for step in steps if step in given.numbers]
        if known and len(out) < most * 5 // 2:
            out.append(Edit("repeat_steps", edge=(before, after), steps=steps))
            if len(steps) == 1 and known[0] not in (before, after):
                out.append(Edit("move_step", edge=(before, after), number=known[0]))
    return out


def apply(given: Routes, edit: Edit, used: Usage | None = None) -> Routes | None:
    """The routes after an edit; None when it does not fit them or leaves no way to the end."""
    labels, edges = dict(given.label), set(given.edges)
    known = {START, END, *labels}
    if not set(edit.edge) <= known or (edit.number and edit.number not in labels):
        return None
    if edit.kind == "drop_flow":
        edges.discard(edit.edge)
    elif edit.kind == "add_flow":
        edges.add(edit.edge)
    elif edit.kind == "drop_step":
        edges = _without(given, edit.number, used)
        del labels[edit.number]
    elif edit.kind == "side_by_side":
        if edit.edge not in edges or min(edit.edge) <= START or edit.edge[0] == edit.edge[1]:
            return None
        _turn(labels, edges, given, edit.edge)
    elif edit.kind == "move_step":
        edges = _without(given, edit.number, used) - {edit.edge}
        edges |= {(edit.edge[0], edit.number), (edit.number, edit.edge[1])}
    else:
        _insert(labels, edges, given, edit)
    made = routes(labels, edges)
    return None if made is None or (made.edges == given.edges and made.labels == given.labels) else made


def _turn(labels: dict[int, str], edges: set[Edge], given: Routes, edge: Edge) -> None:
    """The same two steps a second time, in the other order between the same neighbours."""
    first, second = edge
    other_second, other_first = max(labels) + 1, max(labels) + 2
    labels[other_second], labels[other_first] = given.label[second], given.label[first]
    edges |= {(other_second, other_first)}
    edges |= {(before, other_second) for before in given.before[first] if before != second}
    edges |= {(other_first, after) for after in given.after[second] if after != first}


def _without(given: Routes, number: int, used: Usage | None) -> set[Edge]:
    """The flows around a step closed: the ways runs took through it, or all of them."""
    ways = {(a, b) for (a, step, b) in used.through if step == number} if used is not None else set()
    if not ways:
        ways = {(a, b) for a in given.before[number] for b in given.after[number]}
    kept = {edge for edge in given.edges if number not in edge}
    return kept | {(a, b) for a, b in ways if number not in (a, b)}


def _insert(labels: dict[int, str], edges: set[Edge], given: Routes, edit: Edit) -> None:
    if edit.kind == "insert_steps":
        edges.discard(edit.edge)
    here = edit.edge[0]
    for step in edit.steps:
        found = [] if edit.kind == "repeat_steps" else given.numbers.get(step, [])
        if found:
            number = found[0]
        else:
            number = max(labels, default=0) + 1
            labels[number] = step
        edges.add((here, number))
        here = number
    edges.add((here, edit.edge[1]))
