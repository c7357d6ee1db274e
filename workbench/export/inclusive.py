"""Inclusive gateways said with exclusive and parallel ones, which every engine and checker accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, product

from workbench.mining.model import Bpmn, Flow, Node, NodeKind
from workbench.mining.nets import inclusive_blocks
from workbench.mining.pm4py_door import prove_soundness, to_petri

MOST_BRANCHES = 3
"""A wider block becomes a block in a block first: each branch more would double the sets to choose from."""
_MOST_JOINS = 4
_MOST_NODES = 200


def without_inclusive(bpmn: Bpmn) -> Bpmn:
    """The same language without inclusive gateways, where that is known to be possible.

    A block between an inclusive split and its join becomes a choice among the sets of branches that may run;
    a branch that does not run is passed by, so that the parallel join at the end waits for every branch. A join
    without a split of its own becomes parallel or exclusive when the model is then proved sound: in a sound
    model of these gateways a parallel join always gets all its tokens and an exclusive one only one, which is
    what the inclusive join would have waited for. What fits neither stays inclusive.
    """
    out = bpmn
    while wide := [(s, p) for s, p in inclusive_blocks(out).items() if len(p) > MOST_BRANCHES]:
        out = _nested(out, *wide[0])
    for split, pairs in inclusive_blocks(out).items():
        out = _chosen(out, split, pairs)
    return _decided_joins(out)


def _nested(bpmn: Bpmn, split: str, pairs: Sequence[tuple[Flow, Flow]]) -> Bpmn:
    """All but the first two branches in an inclusive block of their own: some of all are some of each side."""
    nodes = {node.id: node for node in bpmn.nodes}
    join = pairs[0][1].target
    inner, end = _gate(nodes, f"{split}_more", "or"), _gate(nodes, f"{join}_more", "or")
    moved = {flow: flow for pair in pairs[MOST_BRANCHES - 1 :] for flow in pair}
    for first, last in pairs[MOST_BRANCHES - 1 :]:
        moved[first] = replace(moved[first], source=inner)
        moved[last] = replace(moved[last], target=end)
    flows = tuple(moved.get(flow, flow) for flow in bpmn.flows)
    return Bpmn(tuple(nodes.values()), (*flows, Flow(split, inner), Flow(end, join)))


def _chosen(bpmn: Bpmn, split: str, pairs: Sequence[tuple[Flow, Flow]]) -> Bpmn:
    nodes = {node.id: node for node in bpmn.nodes}
    (join,) = {last.target for _, last in pairs}
    replaced = {flow for pair in pairs for flow in pair}
    flows = [flow for flow in bpmn.flows if flow not in replaced]
    nodes[split] = replace(nodes[split], kind="xor")
    nodes[join] = replace(nodes[join], kind="and")
    ends = []
    for number, (first, last) in enumerate(pairs, 1):
        before, after = _gate(nodes, f"{split}_do{number}", "xor"), _gate(nodes, f"{split}_done{number}", "xor")
        flows += [Flow(after, join)]
        flows += [Flow(before, after)] if first == last else [Flow(before, first.target), Flow(last.source, after)]
        ends.append((before, after))
    for size in range(1, len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), size):
            fork = _gate(nodes, f"{split}_{'_'.join(str(k + 1) for k in chosen)}", "and")
            flows.append(Flow(split, fork))
            flows += [Flow(fork, before if k in chosen else after) for k, (before, after) in enumerate(ends)]
    return Bpmn(tuple(nodes.values()), tuple(flows))


def _gate(nodes: dict[str, Node], name: str, kind: NodeKind) -> str:
    while name in nodes:
        name += "_"
    nodes[name] = Node(name, kind)
    return name


def _decided_joins(bpmn: Bpmn) -> Bpmn:
    left = [node.id for node in bpmn.nodes if node.kind == "or"]
    out: dict[str, int] = {}
    for flow in bpmn.flows:
        out[flow.source] = out.get(flow.source, 0) + 1
    if not left or any(out.get(node, 0) > 1 for node in left) or len(bpmn.nodes) > _MOST_NODES:
        return bpmn
    kinds: tuple[NodeKind, ...] = ("and", "xor")
    ways = product(kinds, repeat=len(left)) if len(left) <= _MOST_JOINS else ((kind,) * len(left) for kind in kinds)
    for way in ways:
        chosen = dict(zip(left, way, strict=True))
        trial = Bpmn(tuple(replace(n, kind=chosen[n.id]) if n.id in chosen else n for n in bpmn.nodes), bpmn.flows)
        if prove_soundness(to_petri(trial)).sound is True:
            return trial
    return bpmn
