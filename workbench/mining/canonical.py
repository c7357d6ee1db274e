"""BPMN graphs tidied and put in one order, so that equal models are equal values."""

from __future__ import annotations

import hashlib

from workbench.mining.model import Bpmn, Flow, Node


def canonical(bpmn: Bpmn) -> Bpmn:
    """The same graph with ids n0, n1, ... given from the start on, in an order that depends on the model alone."""
    colours = _colours(bpmn)
    outs: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    for flow in bpmn.flows:
        outs[flow.source].append(flow.target)
    starts = [node.id for node in bpmn.nodes if node.kind == "start"]
    queue = sorted(starts, key=lambda name: colours[name])
    order = dict.fromkeys(queue)
    for name in queue:
        for target in sorted(set(outs[name]) - set(order), key=lambda one: colours[one]):
            order[target] = None
            queue.append(target)
    for name in sorted(set(colours) - set(order), key=lambda one: colours[one]):
        order[name] = None
    ids = {name: f"n{number}" for number, name in enumerate(order)}
    nodes = {node.id: node for node in bpmn.nodes}
    place = {name: number for number, name in enumerate(order)}
    flows = sorted(bpmn.flows, key=lambda flow: (place[flow.source], place[flow.target]))
    return Bpmn(
        nodes=tuple(Node(ids[name], nodes[name].kind, nodes[name].label) for name in order),
        flows=tuple(Flow(ids[flow.source], ids[flow.target], flow.share) for flow in flows),
    )


def _colours(bpmn: Bpmn) -> dict[str, str]:
    """A hash per node of everything around it (Weisfeiler and Leman's colour refinement)."""
    ins: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    outs: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    for flow in bpmn.flows:
        outs[flow.source].append(flow.target)
        ins[flow.target].append(flow.source)
    colours = {node.id: f"{node.kind}|{node.label}" for node in bpmn.nodes}
    distinct = len(set(colours.values()))
    while True:
        colours = {
            name: hashlib.sha256(
                repr(
                    (colours[name], sorted(colours[one] for one in ins[name]), sorted(colours[o] for o in outs[name]))
                ).encode()
            ).hexdigest()
            for name in colours
        }
        now = len(set(colours.values()))
        if now == distinct:
            return colours
        distinct = now


def tidy(bpmn: Bpmn) -> Bpmn:
    """The graph without gateways that do nothing and with neighbouring XOR gateways merged.

    A gateway with one flow in and one out is bridged; an XOR join followed by an XOR split, or two XOR gateways
    of the same kind in a row, become one when that does not add paths.
    """
    nodes = {node.id: node for node in bpmn.nodes}
    flows = list(dict.fromkeys((flow.source, flow.target) for flow in bpmn.flows))
    while True:
        step = _bridge(nodes, flows) or _merge(nodes, flows)
        if step is None:
            break
        flows = step
    return Bpmn(tuple(nodes.values()), tuple(Flow(source, target) for source, target in flows))


def _bridge(nodes: dict[str, Node], flows: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
    ins, outs = _neighbours(nodes, flows)
    for name, node in nodes.items():
        if node.kind not in ("xor", "and", "or"):
            continue
        if len(ins[name]) == 1 and len(outs[name]) == 1 and ins[name] != [name]:
            before, after = ins[name][0], outs[name][0]
            kinds = {nodes[before].kind, nodes[after].kind}
            if (before, after) in flows and not (kinds & {"xor"}):
                continue  # two parallel flows between the same nodes: one of them is a skip, keep it
            if (before, after) in flows and node.kind == "xor" and not _both_xor(nodes, before, after):
                continue
            del nodes[name]
            kept = [flow for flow in flows if name not in flow]
            return kept if (before, after) in kept else [*kept, (before, after)]
        if node.kind == "xor" and (name, name) in flows:
            return [flow for flow in flows if flow != (name, name)]
    return None


def _both_xor(nodes: dict[str, Node], before: str, after: str) -> bool:
    return nodes[before].kind == "xor" and nodes[after].kind == "xor"


def _merge(nodes: dict[str, Node], flows: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """Two XOR gateways in a row where the flow between them is the only way out of the first or into the second."""
    ins, outs = _neighbours(nodes, flows)
    for source, target in flows:
        if source == target or nodes[source].kind != "xor" or nodes[target].kind != "xor":
            continue
        if len(outs[source]) == 1 or len(ins[target]) == 1:
            del nodes[target]
            renamed = [(source if a == target else a, source if b == target else b) for a, b in flows]
            return list(dict.fromkeys(flow for flow in renamed if flow != (source, source)))
    return None


def _neighbours(
    nodes: dict[str, Node], flows: list[tuple[str, str]]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    ins: dict[str, list[str]] = {name: [] for name in nodes}
    outs: dict[str, list[str]] = {name: [] for name in nodes}
    for source, target in flows:
        outs[source].append(target)
        ins[target].append(source)
    return ins, outs
