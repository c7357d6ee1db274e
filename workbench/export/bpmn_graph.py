"""A BPMN graph in the form every tool accepts: explicit joins and splits, nothing superfluous, all connected."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from workbench.errors import ModelError
from workbench.mining.model import Bpmn, Flow, Node

_GATEWAYS = ("xor", "and", "or")


def standardise(bpmn: Bpmn) -> Bpmn:
    """The same behaviour with one start, and gateways that either join or split.

    Several flows into a step are alternatives and get an exclusive join; several out of it run in parallel
    and get a parallel split, as BPMN says. A step that nothing follows gets an end of its own. Gateways with
    one flow in and one out and doubled flows vanish.
    Raises ModelError for a model without steps, or with nodes that are not on a way from start to end.
    """
    _check(bpmn)
    nodes = {node.id: node for node in bpmn.nodes}
    flows = list(bpmn.flows)
    _one_start(nodes, flows)
    _ends(nodes, flows)
    while True:
        flows = _without_doubles(nodes, flows)
        if _drop_superfluous(nodes, flows):
            continue
        break
    for node in list(nodes.values()):
        _separate(nodes, flows, node)
    return Bpmn(tuple(nodes.values()), tuple(flows))


def _check(bpmn: Bpmn) -> None:
    ids = Counter(node.id for node in bpmn.nodes)
    doubled = sorted(node for node, n in ids.items() if n > 1)
    unknown = sorted({end for f in bpmn.flows for end in (f.source, f.target)} - set(ids))
    if doubled or unknown:
        raise ModelError(
            f"The model names nodes twice or not at all: {', '.join((doubled + unknown)[:5])}.",
            fix="Give every node one id and every flow two known ends.",
            nodes=doubled + unknown,
        )
    if not bpmn.steps:
        raise ModelError("The model has no step.", fix="Choose a selection with events, or another model.")
    out = Counter(flow.source for flow in bpmn.flows if flow.source != flow.target)
    into = Counter(flow.target for flow in bpmn.flows if flow.source != flow.target)
    starts = [n.id for n in bpmn.nodes if n.kind == "start" or not into[n.id]]
    ends = [n.id for n in bpmn.nodes if n.kind == "end" or not out[n.id]]
    forward = _reach(starts, [(f.source, f.target) for f in bpmn.flows])
    backward = _reach(ends, [(f.target, f.source) for f in bpmn.flows])
    lost = [n for n in bpmn.nodes if n.id not in forward & backward]
    if lost:
        names = ", ".join(repr(n.label or n.id) for n in lost[:5])
        raise ModelError(
            f"{len(lost)} nodes are not on a way from start to end: {names}.",
            fix="Repair the model: every step must be reached and must lead to the end.",
            nodes=[n.id for n in lost],
        )


def _reach(roots: list[str], pairs: list[tuple[str, str]]) -> set[str]:
    onward: dict[str, list[str]] = {}
    for one, two in pairs:
        onward.setdefault(one, []).append(two)
    seen, stack = set(roots), list(roots)
    while stack:
        for node in onward.get(stack.pop(), ()):
            if node not in seen:
                seen.add(node)
                stack.append(node)
    return seen


def _fresh(nodes: dict[str, Node], base: str) -> str:
    name = base
    while name in nodes:
        name += "_"
    return name


def _one_start(nodes: dict[str, Node], flows: list[Flow]) -> None:
    """One start; further starts and steps nothing leads to become a choice."""
    given = [n for n in nodes.values() if n.kind == "start"]
    entered = {f.target for f in flows}
    loose = [n.id for n in nodes.values() if n.kind not in ("start", "end") and n.id not in entered]
    if len(given) == 1 and not loose:
        return
    heads = [f.target for f in flows if nodes[f.source].kind == "start"] + loose
    flows[:] = [f for f in flows if nodes[f.source].kind != "start"]
    for node in given:
        del nodes[node.id]
    start = gate = _fresh(nodes, "start")
    nodes[start] = Node(start, "start", given[0].label if len(given) == 1 else "")
    if len(heads) > 1:
        gate = _fresh(nodes, "start_choice")
        nodes[gate] = Node(gate, "xor")
        flows.append(Flow(start, gate))
    flows += [Flow(gate, head) for head in dict.fromkeys(heads)]


def _ends(nodes: dict[str, Node], flows: list[Flow]) -> None:
    """An end after every node that nothing follows."""
    left = {f.source for f in flows}
    for node in list(nodes.values()):
        if node.kind != "end" and node.id not in left:
            end = _fresh(nodes, f"{node.id}_end")
            nodes[end] = Node(end, "end")
            flows.append(Flow(node.id, end))


def _without_doubles(nodes: dict[str, Node], flows: list[Flow]) -> list[Flow]:
    kept: dict[tuple[str, str], Flow] = {}
    for flow in flows:
        pair = flow.source, flow.target
        if flow.source == flow.target and nodes[flow.source].kind in _GATEWAYS:
            if nodes[flow.source].kind == "and":
                raise ModelError(
                    f"The parallel gateway {flow.source!r} waits for itself.",
                    fix="Remove the flow from the gateway to itself.",
                    nodes=[flow.source],
                )
            continue
        if pair in kept and flow.share is not None:
            kept[pair] = replace(flow, share=min(1.0, flow.share + (kept[pair].share or 0.0)))
        else:
            kept.setdefault(pair, flow)
    return list(kept.values())


def _drop_superfluous(nodes: dict[str, Node], flows: list[Flow]) -> bool:
    """Join the flows of the first gateway with one in and one out; whether there was one."""
    for node in list(nodes.values()):
        if node.kind not in _GATEWAYS:
            continue
        into = [f for f in flows if f.target == node.id]
        out = [f for f in flows if f.source == node.id]
        if len(into) == 1 and len(out) == 1:
            place = flows.index(into[0])
            flows[place] = Flow(into[0].source, out[0].target, into[0].share)
            flows.remove(out[0])
            del nodes[node.id]
            return True
    return False


def _separate(nodes: dict[str, Node], flows: list[Flow], node: Node) -> None:
    """Gateways before and after a node that joins and splits more than its kind may."""
    into = [k for k, f in enumerate(flows) if f.target == node.id]
    out = [k for k, f in enumerate(flows) if f.source == node.id]
    if node.kind in _GATEWAYS:
        if len(into) > 1 and len(out) > 1:
            join = _fresh(nodes, f"{node.id}_join")
            nodes[join] = Node(join, node.kind)
            for k in into:
                flows[k] = replace(flows[k], target=join)
            flows.append(Flow(join, node.id))
        return
    if len(into) > 1:
        join = _fresh(nodes, f"{node.id}_join")
        nodes[join] = Node(join, "xor")
        for k in into:
            flows[k] = replace(flows[k], target=join)
        flows.append(Flow(join, node.id))
    if len(out) > 1:
        split = _fresh(nodes, f"{node.id}_split")
        nodes[split] = Node(split, "and")
        for k in out:
            flows[k] = Flow(split, flows[k].target)
        flows.append(Flow(node.id, split))
