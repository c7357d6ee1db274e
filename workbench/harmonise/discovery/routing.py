"""Procedures as routes: steps and which step may follow which, the shape in which models are searched.

A route is an automaton: after a step any of its successors may come. Every step lies on a way from the start to
the end, so the model is sound by construction, whatever is edited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from workbench.mining.canonical import canonical, tidy
from workbench.mining.model import Bpmn, Flow, Node, NodeKind
from workbench.mining.states import StateGraph

START = 0
END = -1
Edge = tuple[int, int]


@dataclass(frozen=True)
class Routes:
    """Steps by number (from 1; 0 is the start, -1 the end) and the pairs that may follow each other.

    A label may occur at several numbers. Make one with `routes`, which drops what lies on no way to the end.
    """

    labels: tuple[tuple[int, str], ...]
    edges: frozenset[Edge]

    @cached_property
    def label(self) -> dict[int, str]:
        """Step numbers with their labels."""
        return dict(self.labels)

    @cached_property
    def after(self) -> dict[int, list[int]]:
        """Successors of every number, in order."""
        return _neighbours(self.edges, 0)

    @cached_property
    def before(self) -> dict[int, list[int]]:
        """Predecessors of every number, in order."""
        return _neighbours(self.edges, 1)

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """The numbers of every label."""
        out: dict[str, list[int]] = {}
        for number, label in self.labels:
            out.setdefault(label, []).append(number)
        return out

    @cached_property
    def side_by_side(self) -> tuple[tuple[int, int, int, int], ...]:
        """Blocks (a, b, other b, other a): two steps in one order or the other, between the same neighbours.

        The two orders are all a parallel block of two steps allows, so it is drawn as one.
        """
        found: list[tuple[int, int, int, int]] = []
        taken: set[int] = set()
        pairs = [
            (a, ways[0])
            for a, ways in self.after.items()
            if a != START and len(ways) == 1 and ways[0] != END and self.before[ways[0]] == [a]
        ]
        turned: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for pair in pairs:
            turned.setdefault((self.label[pair[1]], self.label[pair[0]]), []).append(pair)
        for a, b in pairs:
            for other_b, other_a in turned.get((self.label[a], self.label[b]), ()):
                block = (a, b, other_b, other_a)
                around = self.before[a] == self.before[other_b] and self.after[b] == self.after[other_a]
                if around and len({*block}) == len(block) and not taken & {*block}:
                    found.append(block)
                    taken |= {*block}
        return tuple(found)

    @cached_property
    def graph(self) -> StateGraph:
        """The routes as a state graph: state 0 is the start, state k the k-th step."""
        state = {START: 0} | {number: place for place, (number, _) in enumerate(self.labels, 1)}
        arcs = sorted((state[a], state[b] - 1, state[b]) for a, b in self.edges if b != END)
        enabled: list[set[str]] = [set() for _ in state]
        for source, step, _ in arcs:
            enabled[source].add(self.labels[step][1])
        return StateGraph(
            n_states=len(state),
            arcs=tuple(arcs),
            accepting=tuple(sorted(state[a] for a, b in self.edges if b == END)),
            ids=tuple(f"t{number}" for number, _ in self.labels),
            labels=tuple(label for _, label in self.labels),
            enabled=tuple(frozenset(steps) for steps in enabled),
        )

    @cached_property
    def bpmn(self) -> Bpmn:
        """The routes as a BPMN graph with as few XOR gateways as sharing gives."""
        return canonical(tidy(_bpmn(self)))

    @cached_property
    def size(self) -> int:
        """Nodes of the BPMN graph."""
        return self.bpmn.size


def _neighbours(edges: Iterable[Edge], side: int) -> dict[int, list[int]]:
    out: dict[int, list[int]] = {}
    for edge in sorted(edges):
        out.setdefault(edge[side], []).append(edge[1 - side])
    return out


def routes(labels: dict[int, str], edges: Iterable[Edge]) -> Routes | None:
    """The routes of some steps and pairs, without what is on no way from start to end; None when nothing is left."""
    known = {START, END, *labels}
    kept = {edge for edge in edges if edge[0] in known and edge[1] in known}
    forward = _reach(START, _neighbours(kept, 0))
    backward = _reach(END, _neighbours(kept, 1))
    alive = forward & backward
    if END not in forward:
        return None
    kept = {(a, b) for a, b in kept if a in alive and b in alive}
    return Routes(tuple((number, labels[number]) for number in sorted(labels) if number in alive), frozenset(kept))


def _reach(first: int, following: dict[int, list[int]]) -> set[int]:
    seen = {first}
    queue = [first]
    for one in queue:
        for other in following.get(one, ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def routes_of(graph: StateGraph) -> Routes | None:
    """The routes a state graph allows: each of its steps once, and every pair that can follow.

    Exact for models without parallel steps; for others it allows what any order of the parallel steps shows.
    """
    numbers = sorted({number for _, number, _ in graph.arcs})
    name = {number: place for place, number in enumerate(numbers, 1)}
    leaving: dict[int, set[int]] = {}
    for source, number, _ in graph.arcs:
        leaving.setdefault(source, set()).add(name[number])
    edges: set[Edge] = {(START, step) for step in leaving.get(0, ())}
    accepting = set(graph.accepting)
    if 0 in accepting:
        edges.add((START, END))
    for _, number, target in graph.arcs:
        edges |= {(name[number], step) for step in leaving.get(target, ())}
        if target in accepting:
            edges.add((name[number], END))
    labels = {name[number]: graph.labels[number] or "" for number in numbers}
    return routes(labels, edges)


def _bpmn(given: Routes) -> Bpmn:
    """One XOR split per set of successors shared by steps, one XOR join per set of predecessors.

    Steps that are side by side become one AND block.
    """
    nodes: dict[str, Node] = {"s": Node("s", "start"), "e": Node("e", "end")}
    first = {number: block[0] for block in given.side_by_side for number in block}
    inside = {(a, b) for block in given.side_by_side for a, b in (block[:2], block[2:])}
    numbers = [number for number, _ in given.labels if first.get(number, number) == number]
    nodes |= {f"t{number}": Node(f"t{number}", "task", given.label[number]) for number in numbers}
    names = {START: "s", END: "e"} | {number: f"t{first.get(number, number)}" for number, _ in given.labels}
    pairs = {(names[a], names[b]) for a, b in given.edges if (a, b) not in inside}
    flows: set[tuple[str, str]] = set()
    pairs = _share(nodes, pairs, flows, side=0)
    pairs = _share(nodes, pairs, flows, side=1)
    flows |= pairs
    for a, b, _, _ in given.side_by_side:
        flows = _open_block(nodes, flows, f"t{a}", given.label[b])
    return Bpmn(tuple(nodes.values()), tuple(Flow(a, b) for a, b in sorted(flows)))


def _open_block(nodes: dict[str, Node], flows: set[tuple[str, str]], name: str, other: str) -> set[tuple[str, str]]:
    """The flows with the task `name` between two AND gateways, beside a second task."""
    split, join, beside = f"{name}_split", f"{name}_join", f"{name}_beside"
    nodes |= {split: Node(split, "and"), join: Node(join, "and"), beside: Node(beside, "task", other)}
    moved = {(join if a == name else a, split if b == name else b) for a, b in flows}
    return moved | {(split, name), (split, beside), (name, join), (beside, join)}


def _share(
    nodes: dict[str, Node], pairs: set[tuple[str, str]], flows: set[tuple[str, str]], *, side: int
) -> set[tuple[str, str]]:
    """Put one gateway before (or behind) all nodes with the same several neighbours; the pairs that remain."""
    around: dict[str, set[str]] = {}
    for pair in pairs:
        around.setdefault(pair[side], set()).add(pair[1 - side])
    groups: dict[frozenset[str], list[str]] = {}
    for name in sorted(around):
        groups.setdefault(frozenset(around[name]), []).append(name)
    left: set[tuple[str, str]] = set()
    for others, members in groups.items():
        inside = members
        if len(others) > 1:
            gateway = f"x{side}_{len(nodes)}"
            kind: NodeKind = "xor"
            nodes[gateway] = Node(gateway, kind)
            flows |= {(name, gateway) if side == 0 else (gateway, name) for name in members}
            inside = [gateway]
        left |= {(one, other) if side == 0 else (other, one) for one in inside for other in others}
    return left
