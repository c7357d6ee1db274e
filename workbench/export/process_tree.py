"""Process trees: a block-structured procedure as nested operators, and its PTML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

from lxml import etree

from workbench.errors import ModelError
from workbench.export.bpmn_graph import standardise
from workbench.mining.model import Bpmn, NodeKind

Operator = Literal["sequence", "xor", "and", "or", "xorLoop"]


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """A leaf with a step's label (None does nothing), or an operator over children."""

    label: str | None = None
    operator: Operator | None = None
    children: tuple[ProcessTree, ...] = ()

    def __str__(self) -> str:
        if self.operator is None:
            return "τ" if self.label is None else repr(self.label)
        sign = {"sequence": "→", "xor": "×", "and": "∧", "or": "∨", "xorLoop": "↻"}[self.operator]
        return f"{sign}({', '.join(map(str, self.children))})"


_NOTHING = ProcessTree()


def to_tree(bpmn: Bpmn) -> ProcessTree:
    """The process tree of a block-structured graph, found by folding blocks until one is left.

    Raises ModelError with the gateways that are left when the graph is not block-structured.
    """
    graph = standardise(bpmn)
    edges: list[_Edge] = []
    kinds = {n.id: n.kind for n in graph.nodes}
    labels = {n.id: n.label for n in graph.nodes if n.kind == "task"}
    for flow in graph.flows:
        edges.append(_Edge(flow.source, flow.target, _NOTHING))
    for node in graph.nodes:
        if node.kind in {"task", "event"}:
            leaf = ProcessTree(labels[node.id]) if node.id in labels else _NOTHING
            _fold_node(edges, node.id, leaf)
    while _parallel(edges, kinds) or _loop(edges, kinds) or _series(edges, kinds):
        pass
    if len(edges) != 1:
        left = sorted({e.source for e in edges} | {e.target for e in edges})
        raise ModelError(
            f"The model is not block-structured; {len(left)} gateways do not pair: {', '.join(left[:5])}.",
            fix="Export it as BPMN or PNML, or discover it with the inductive miner.",
            nodes=left,
        )
    return edges[0].tree


def write_ptml(tree: ProcessTree, path: Path | str, *, name: str = "tree") -> Path:
    """Write a process tree as PTML; the path written."""
    target = Path(path)
    target.write_bytes(ptml_bytes(tree, name=name))
    return target


def ptml_bytes(tree: ProcessTree, *, name: str = "tree") -> bytes:
    """A process tree as the bytes of a PTML file, as ProM and pm4py read it."""
    numbers = count(1)
    root = etree.Element("ptml")
    holder = etree.SubElement(root, "processTree", id="tree1", name=name, root="node1")
    nodes: list[tuple[str, dict[str, str]]] = []
    links: list[tuple[str, str]] = []

    def walk(part: ProcessTree) -> str:
        own = f"node{next(numbers)}"
        nodes.append((_tag(part), {"id": own, "name": part.label or ""}))
        children = part.children
        if part.operator == "xorLoop":  # PTML's loop has a third child, what is done at its end
            children = (*children, _NOTHING)
        for child in children:
            links.append((own, walk(child)))
        return own

    walk(tree)
    for tag, facts in nodes:
        _sub(holder, tag, **facts)
    for number, (parent, child) in enumerate(links, 1):
        _sub(holder, "parentsNode", id=f"link{number}", sourceId=parent, targetId=child)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _tag(tree: ProcessTree) -> str:
    if tree.operator is None:
        return "manualTask" if tree.label is not None else "automaticTask"
    return str(tree.operator)


def _sub(parent: Any, tag: str, **facts: str) -> None:
    etree.SubElement(parent, tag, **facts)


# folding ------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Edge:
    source: str
    target: str
    tree: ProcessTree
    dead: bool = field(default=False)


def _joined(operator: Operator, *parts: ProcessTree) -> ProcessTree:
    """Parts under one operator, nested ones of the same kind opened, idle ones of a sequence left out."""
    flat: list[ProcessTree] = []
    for part in parts:
        flat += part.children if part.operator == operator and operator != "xorLoop" else (part,)
    if operator == "sequence":
        flat = [part for part in flat if part != _NOTHING]
        if len(flat) < 2:
            return flat[0] if flat else _NOTHING
    return ProcessTree(operator=operator, children=tuple(flat))


def _fold_node(edges: list[_Edge], node: str, leaf: ProcessTree) -> bool:
    """Join the one edge into a node and the one out of it; False when there are more."""
    into = [e for e in edges if e.target == node]
    out = [e for e in edges if e.source == node]
    if len(into) != 1 or len(out) != 1 or into[0] is out[0]:
        return False
    into[0].tree = _joined("sequence", into[0].tree, leaf, out[0].tree)
    into[0].target = out[0].target
    edges.remove(out[0])
    return True


def _series(edges: list[_Edge], kinds: Mapping[str, NodeKind]) -> bool:
    ends = {"start", "end"}
    return any(_fold_node(edges, n, _NOTHING) for n in {e.target for e in edges} if kinds[n] not in ends)


def _parallel(edges: list[_Edge], kinds: Mapping[str, NodeKind]) -> bool:
    for k, one in enumerate(edges):
        for two in edges[k + 1 :]:
            if (one.source, one.target) == (two.source, two.target) and kinds[one.source] == kinds[one.target]:
                kind = kinds[one.source]
                every = len([e for e in edges if e.source == one.source]) == len(
                    [e for e in edges if (e.source, e.target) == (one.source, one.target)]
                )
                if kind == "xor" or (kind in ("and", "or") and every):
                    operator: Operator = {"xor": "xor", "and": "and", "or": "or"}[kind]  # type: ignore[assignment]
                    one.tree = _joined(operator, one.tree, two.tree)
                    edges.remove(two)
                    return True
    return False


def _loop(edges: list[_Edge], kinds: Mapping[str, NodeKind]) -> bool:
    """A body between an exclusive join and an exclusive split with one way back."""
    for back in edges:
        if kinds[back.source] != "xor" or kinds[back.target] != "xor":
            continue
        body = [e for e in edges if e.source == back.target]
        into = [e for e in edges if e.target == back.source]
        if len(body) == 1 and len(into) == 1 and body[0] is into[0] and body[0] is not back:
            body[0].tree = ProcessTree(operator="xorLoop", children=(body[0].tree, back.tree))
            edges.remove(back)
            return True
    return False
