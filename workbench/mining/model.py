"""Process models as plain values: BPMN graphs and Petri nets, free of any miner's classes.

Miners and readers behind the doors return these; layout, export, charts and harmonising use them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NodeKind = Literal["start", "end", "task", "xor", "and", "or", "event"]


@dataclass(frozen=True, slots=True)
class Node:
    """A BPMN node. `label` is the step of a task and empty elsewhere unless a person named it."""

    id: str
    kind: NodeKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow between two nodes; `share` is the observed share of the source's dossiers, 0 to 1."""

    source: str
    target: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Bpmn:
    """A BPMN graph: one start and one end or several, tasks, gateways, flows."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    @property
    def size(self) -> int:
        """Number of nodes, gateways and events included."""
        return len(self.nodes)

    @property
    def steps(self) -> tuple[str, ...]:
        """Labels of the tasks, each once, in node order."""
        return tuple(dict.fromkeys(node.label for node in self.nodes if node.kind == "task"))

    @property
    def control_flow_complexity(self) -> int:
        """Cardoso's CFC: XOR splits count their branches, AND splits 1, OR splits 2^n - 1.

        Source: Cardoso, J. (2005), How to measure the control-flow complexity of web processes and workflows.
        """
        out: dict[str, int] = {}
        for flow in self.flows:
            out[flow.source] = out.get(flow.source, 0) + 1
        total = 0
        for node in self.nodes:
            branches = out.get(node.id, 0)
            if branches > 1 and node.kind in ("xor", "and", "or"):
                total += {"xor": branches, "and": 1, "or": 2**branches - 1}[node.kind]
        return total


@dataclass(frozen=True, slots=True)
class Transition:
    """A Petri-net transition; `label` None is silent."""

    id: str
    label: str | None


@dataclass(frozen=True, slots=True)
class PetriNet:
    """An accepting Petri net: arcs are (source id, target id); markings map places to tokens."""

    places: tuple[str, ...]
    transitions: tuple[Transition, ...]
    arcs: tuple[tuple[str, str], ...]
    initial: tuple[tuple[str, int], ...]
    final: tuple[tuple[str, int], ...]

    @property
    def steps(self) -> tuple[str, ...]:
        """Visible labels, each once."""
        return tuple(dict.fromkeys(t.label for t in self.transitions if t.label is not None))


Variant = tuple[str, ...]
"""A sequence of step labels."""

VariantCounts = tuple[tuple[Variant, int], ...]
"""Variants with the number of dossiers that follow each, most frequent first, ties in label order."""
