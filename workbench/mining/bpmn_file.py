"""BPMN 2.0 XML as a graph: all kinds of tasks, gateways and events, lanes, sub-processes laid open.

What has no meaning in a log of completed steps becomes what it does to their order: a looping task a loop, an
interrupting boundary event a way around its task, several start events a choice. What would change the meaning if it
were left out is refused with its line.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from workbench.errors import ModelError
from workbench.mining.canonical import canonical
from workbench.mining.model import Bpmn, Flow, Node, NodeKind

_TASKS = frozenset(
    [
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
    ]
)
_BLOCKS = frozenset(("subProcess", "transaction"))
_GATEWAYS: dict[str, NodeKind] = {
    "exclusiveGateway": "xor",
    "eventBasedGateway": "xor",
    "parallelGateway": "and",
    "inclusiveGateway": "or",
}
_EVENTS = frozenset(("intermediateCatchEvent", "intermediateThrowEvent", "intermediateEvent"))
_REFUSED = {
    "complexGateway": "a complex gateway",
    "adHocSubProcess": "an ad-hoc sub-process",
}
_LOOPS = frozenset(("standardLoopCharacteristics", "multiInstanceLoopCharacteristics"))


@dataclass
class _Graph:
    """A graph under construction."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[tuple[str, str]] = field(default_factory=list)
    conditional: set[tuple[str, str]] = field(default_factory=set)
    entry: dict[str, str] = field(default_factory=dict)
    """Where flows into an element really go, for elements that became several nodes."""
    leave: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, kind: NodeKind, label: str = "") -> str:
        self.nodes[name] = Node(name, kind, label)
        return name


def read_bpmn(root: Any, *, process: str | None = None) -> Bpmn:
    """The graph of the one process with steps below the `definitions` element."""
    chosen = _process(root, process)
    graph = _Graph()
    _fill(graph, chosen)
    _connect(graph, chosen)
    _close(graph, chosen)
    return canonical(Bpmn(tuple(graph.nodes.values()), tuple(Flow(source, target) for source, target in graph.flows)))


def read_lanes(root: Any, *, process: str | None = None) -> dict[str, str]:
    """Step label to the name of the innermost lane it lies in."""
    chosen = _process(root, process)
    labels = {e.get("id"): _label(e) for e in chosen.iter() if _local(e) in _TASKS | _BLOCKS}
    out: dict[str, str] = {}
    for lane in chosen.iter("{*}lane"):
        for reference in lane.findall("{*}flowNodeRef"):
            step = labels.get((reference.text or "").strip())
            if step:
                out.setdefault(step, _label(lane))
    return out


def _process(root: Any, name: str | None) -> Any:
    found = [e for e in root.iter("{*}process") if any(_local(child) in _TASKS | _BLOCKS for child in e)]
    if name is not None:
        found = [e for e in found if e.get("id") == name]
    if not found:
        raise ModelError(
            "The BPMN file has no process with a step" + (f" called {name!r}." if name else "."),
            fix="Draw at least one task.",
            line=root.sourceline,
        )
    if len(found) > 1:
        ids = [str(e.get("id")) for e in found]
        raise ModelError(
            f"The BPMN file has {len(found)} processes with steps: {', '.join(ids)}.",
            fix="Choose one by its id, or export one process per file.",
            line=found[1].sourceline,
            choices=ids,
        )
    return found[0]


def _aside(parent: Any) -> set[str]:
    """Non-interrupting boundary events, such as warnings of a deadline, that lead to no step: they order nothing."""
    onward: dict[str, list[str]] = {}
    for flow in parent.findall("{*}sequenceFlow"):
        onward.setdefault(flow.get("sourceRef", ""), []).append(flow.get("targetRef", ""))
    kinds = {element.get("id"): _local(element) for element in parent if element.get("id")}
    out: set[str] = set()
    for event in parent.findall("{*}boundaryEvent"):
        reached, stack = {event.get("id")}, [event.get("id")]
        while stack:
            more = [other for other in onward.get(stack.pop(), ()) if other not in reached]
            reached.update(more)
            stack += more
        rest = {kinds.get(other) for other in reached - {event.get("id")}}
        if event.get("cancelActivity") == "false" and rest and rest <= {"endEvent", *_EVENTS}:
            out |= reached
    return out


def _fill(graph: _Graph, parent: Any, inside: str = "") -> None:
    aside = _aside(parent)
    for element in parent:
        kind, name = _local(element), element.get("id")
        if name in aside:
            continue
        if kind in _REFUSED or element.get("triggeredByEvent") == "true":
            raise _error(element, f"The model has {_REFUSED.get(kind, 'an event sub-process')}", "Draw it otherwise.")
        if kind in _BLOCKS and any(_local(child) in _TASKS | _BLOCKS for child in element):
            _open_block(graph, element)
        elif kind in _TASKS or kind in _BLOCKS:
            graph.add(_id(element), "task", _label(element))
        elif kind in _GATEWAYS:
            graph.add(_id(element), _GATEWAYS[kind])
        elif kind in _EVENTS or kind == "boundaryEvent":
            graph.add(_id(element), "event", _label(element))
        elif kind in ("startEvent", "endEvent"):
            graph.add(_id(element), ("start" if kind == "startEvent" else "end") if not inside else "event")
        if name and any(_local(child) in _LOOPS for child in element):
            _loop(graph, name)


def _open_block(graph: _Graph, element: Any) -> None:
    """The content of a sub-process between two XOR gateways that stand for it."""
    name = _id(element)
    before = set(graph.nodes)
    graph.entry[name] = graph.add(f"{name}/in", "xor")
    graph.leave[name] = graph.add(f"{name}/out", "xor")
    _fill(graph, element, inside=name)
    _connect(graph, element)
    own = [n for n in graph.nodes if n not in before and n not in (graph.entry[name], graph.leave[name])]
    sources, targets = {s for s, _ in graph.flows}, {t for _, t in graph.flows}
    graph.flows += [(graph.entry[name], n) for n in own if n not in targets]
    graph.flows += [(n, graph.leave[name]) for n in own if n not in sources]


def _loop(graph: _Graph, name: str) -> None:
    """Gateways around an element that let it happen again."""
    first, last = graph.entry.get(name, name), graph.leave.get(name, name)
    again, done = graph.add(f"{name}/again", "xor"), graph.add(f"{name}/done", "xor")
    graph.flows += [(again, first), (last, done), (done, again)]
    graph.entry[name], graph.leave[name] = again, done


def _connect(graph: _Graph, parent: Any) -> None:
    aside = _aside(parent)
    for element in parent:
        if _local(element) == "boundaryEvent" and element.get("id") not in aside:
            _go_around(graph, element)
    for element in parent:
        if _local(element) != "sequenceFlow" or element.get("sourceRef") in aside:
            continue
        ends = []
        for side, moved in (("sourceRef", graph.leave), ("targetRef", graph.entry)):
            name = element.get(side)
            name = moved.get(name, name)
            if name not in graph.nodes:
                raise _error(element, f"A sequence flow's {side} {element.get(side)!r} does not exist", "Redraw it.")
            ends.append(name)
        pair = (ends[0], ends[1])
        graph.flows.append(pair)
        if element.find("{*}conditionExpression") is not None:
            graph.conditional.add(pair)


def _go_around(graph: _Graph, event: Any) -> None:
    if event.get("cancelActivity") == "false":
        raise _error(event, "The model has a non-interrupting boundary event", "Draw it as a parallel branch.")
    host = event.get("attachedToRef")
    if host not in graph.nodes and host not in graph.entry:
        raise _error(event, f"A boundary event is attached to {host!r}, which does not exist", "Attach it to a task.")
    choice = graph.add(f"{event.get('id')}/or", "xor")
    graph.flows += [(choice, graph.entry.get(host, host)), (choice, event.get("id"))]
    graph.entry[host] = choice


def _close(graph: _Graph, process: Any) -> None:
    """One start, ends where nothing follows, and gateways where conditions leave a task."""
    for name, node in list(graph.nodes.items()):
        leaving = [pair for pair in graph.flows if pair[0] == name]
        if node.kind in ("task", "event", "start") and len(leaving) > 1 and graph.conditional & set(leaving):
            split = graph.add(f"{name}/choice", "or")
            graph.flows = [(split, t) if s == name else (s, t) for s, t in graph.flows] + [(name, split)]
    starts = [name for name, node in graph.nodes.items() if node.kind == "start"]
    targets = {target for _, target in graph.flows}
    idle = [name for name, node in graph.nodes.items() if name not in targets and node.kind not in ("start", "end")]
    if starts and idle:
        element = next(e for e in process.iter() if e.get("id") == idle[0].split("/")[0])
        raise _error(element, f"No flow leads to {_label(element) or idle[0]!r}", "Connect it.")
    if len(starts) > 1 or not starts:
        _one_start(graph, starts or idle, "xor" if starts else "and", process)
    sources = {source for source, _ in graph.flows}
    last = [name for name, node in graph.nodes.items() if name not in sources and node.kind != "end"]
    if last:
        end = graph.add("end", "end") if "end" not in graph.nodes else graph.add("end/", "end")
        graph.flows += [(name, end) for name in last]


def _one_start(graph: _Graph, heads: list[str], kind: NodeKind, process: Any) -> None:
    if not heads:
        raise _error(process, "Nothing of the process can start", "Add a start event.")
    for name in heads:
        if graph.nodes[name].kind == "start":
            graph.add(name, "event")
    start = graph.add("start/", "start")
    if len(heads) == 1:
        graph.flows.append((start, heads[0]))
        return
    split = graph.add("start/split", kind)
    graph.flows += [(start, split), *((split, name) for name in heads)]


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _label(element: Any) -> str:
    return " ".join(unicodedata.normalize("NFC", element.get("name") or "").split())


def _id(element: Any) -> str:
    name = element.get("id")
    if not name:
        raise _error(element, f"A {_local(element)} has no id", "Export the model again.")
    return str(name)


def _error(element: Any, what: str, fix: str) -> ModelError:
    return ModelError(f"{what} (line {element.sourceline}).", fix=fix, line=element.sourceline)
