"""Observed shares on the flows of a model, and the unit of every step."""

from __future__ import annotations

from collections import Counter, deque

import ibis

from workbench.harmonise.conformance.judge import Judge
from workbench.mining.model import Bpmn, Flow
from workbench.mining.pm4py_door import to_petri
from workbench.selection import Selection
from workbench.store import LogStore


def with_shares(model: Bpmn, judge: Judge) -> Bpmn:
    """The model with the share of its source's dossiers on every flow, organisations counted by their dossiers.

    Read from the aligned runs of a model without AND and OR gateways; others are given back as they are, because a
    share says nothing where branches run together.
    """
    if any(node.kind in ("and", "or") for node in model.nodes):
        return model
    walk = _Walk(model)
    found = judge.align(to_petri(model))
    for (_, count), moves in zip(found.counts, found.moves, strict=True):
        if moves is not None:
            walk.count([move.transition for move in moves if move.transition is not None], count)
    total: Counter[str] = Counter()
    for (source, _), count in walk.counted.items():
        total[source] += count
    flows = tuple(
        Flow(f.source, f.target, walk.counted[f.source, f.target] / total[f.source] if total[f.source] else None)
        for f in model.flows
    )
    return Bpmn(model.nodes, flows)


class _Walk:
    """Counts the flows that runs of tasks pass."""

    def __init__(self, model: Bpmn) -> None:
        self.after: dict[str, list[str]] = {node.id: [] for node in model.nodes}
        for flow in model.flows:
            self.after[flow.source].append(flow.target)
        self.kinds = {node.id: node.kind for node in model.nodes}
        self.start = next(node.id for node in model.nodes if node.kind == "start")
        self.counted: Counter[tuple[str, str]] = Counter()
        self._ways: dict[str, dict[str, list[tuple[str, str]]]] = {}

    def count(self, tasks: list[str], times: int) -> None:
        """Count one run, given by its tasks, so many times."""
        here = self.start
        for task in [*tasks, None]:
            ways = self._from(here)
            target = task if task is not None else next(name for name in ways if self.kinds[name] == "end")
            for flow in ways[target]:
                self.counted[flow] += times
            here = target

    def _from(self, start: str) -> dict[str, list[tuple[str, str]]]:
        """The flows to every task and end reached through gateways alone, by the shortest way."""
        if start in self._ways:
            return self._ways[start]
        out: dict[str, list[tuple[str, str]]] = {}
        seen = {start}
        queue: deque[tuple[str, list[tuple[str, str]]]] = deque([(start, [])])
        while queue:
            here, way = queue.popleft()
            for target in self.after[here]:
                extended = [*way, (here, target)]
                if self.kinds[target] in ("task", "end"):
                    out.setdefault(target, extended)
                elif target not in seen:
                    seen.add(target)
                    queue.append((target, extended))
        self._ways[start] = out
        return out


def lanes_of(store: LogStore, selection: Selection, steps: tuple[str, ...]) -> dict[str, str]:
    """The unit that did each step most often, events counted; steps without a recorded unit are left out."""
    e = store.events(selection).filter(lambda t: t.unit.notnull())
    counts = e.group_by("step_id", "unit").aggregate(n=e.count())
    rows = store.fetch(counts.order_by(["step_id", ibis.desc("n"), "unit"]))
    labels = store.labels()
    out: dict[str, str] = {}
    for step, unit in zip(rows["step_id"].map(labels), rows["unit"], strict=True):
        if step in steps:
            out.setdefault(step, unit)
    return out
