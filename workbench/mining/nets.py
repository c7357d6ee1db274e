"""BPMN graphs as Petri nets, and nets reduced without changing what they allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from workbench.errors import ModelError
from workbench.mining.model import Bpmn, Flow, Node, PetriNet, Transition

MAX_OR_BRANCHES = 8
"""An OR split of n branches needs 2^n - 1 transitions; beyond this the model is refused."""


@dataclass
class _Draft:
    """A net under construction: transition id to (label, input places, output places)."""

    transitions: dict[str, tuple[str | None, list[str], list[str]]] = field(default_factory=dict)
    initial: dict[str, int] = field(default_factory=dict)
    final: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """Node ids, which silent transitions and places must not have."""
    prefix: str = "place"

    def add(self, name: str, label: str | None, inputs: Iterable[str], outputs: Iterable[str]) -> None:
        unique, number = name, 1
        while unique in self.transitions or (number > 1 and unique in self.taken):
            number += 1
            unique = f"{name}_{number}"
        self.transitions[unique] = (label, list(inputs), list(outputs))

    def place(self, name: str) -> str:
        """The place of that name, told apart from every node."""
        return f"{self.prefix}_{name}"

    def finish(self) -> PetriNet:
        places = dict.fromkeys([*self.initial, *self.final])
        arcs: list[tuple[str, str]] = []
        for name, (_, inputs, outputs) in self.transitions.items():
            places.update(dict.fromkeys([*inputs, *outputs]))
            arcs += [(place, name) for place in inputs]
            arcs += [(name, place) for place in outputs]
        return PetriNet(
            places=tuple(places),
            transitions=tuple(Transition(name, label) for name, (label, _, _) in self.transitions.items()),
            arcs=tuple(arcs),
            initial=tuple(self.initial.items()),
            final=tuple(self.final.items()),
        )


def to_petri(bpmn: Bpmn) -> PetriNet:
    """The accepting Petri net of a BPMN graph, silent transitions reduced.

    Task transitions keep the id of their task. Several flows into a task are alternatives, several out of it
    run in parallel, as BPMN says. An OR split with its own OR join allows every non-empty choice of branches;
    any other OR join waits for all its flows. Raises ModelError without a start or an end.
    """
    draft = _Draft(taken={node.id for node in bpmn.nodes})
    while any(name.startswith(draft.prefix) for name in draft.taken):
        draft.prefix += "_"
    draft.initial, draft.final = {draft.place("start"): 1}, {draft.place("end"): 1}
    ins: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    outs: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    for number, flow in enumerate(bpmn.flows):
        outs[flow.source].append(draft.place(str(number)))
        ins[flow.target].append(draft.place(str(number)))
    kinds = {node.kind for node in bpmn.nodes}
    if not {"start", "end"} <= kinds:
        raise ModelError("The BPMN model has no start or no end event.", fix="Add one start and one end event.")
    pairs = _or_pairs(bpmn, ins, outs) if "or" in kinds else {}
    for node in bpmn.nodes:
        _add_node(draft, node, ins[node.id], outs[node.id], pairs)
    return reduce_silent(draft.finish())


def _add_node(draft: _Draft, node: Node, ins: list[str], outs: list[str], pairs: dict[str, dict[str, str]]) -> None:
    if node.kind == "start":
        draft.add(node.id, None, [draft.place("start")], outs)
    elif node.kind == "end":
        for place in ins:
            draft.add(node.id, None, [place], [draft.place("end")])
    elif node.kind == "xor":
        _add_choice(draft, node.id, ins, outs)
    elif node.kind == "or" and len(outs) > 1:
        _add_or_split(draft, node.id, ins, outs, pairs.get(node.id, {}))
    elif node.kind in ("and", "or"):
        draft.add(node.id, None, ins, outs)
    else:
        label = node.label if node.kind == "task" and node.label else None
        before = ins
        if len(ins) > 1:
            before = [draft.place(f"in_{node.id}")]
            for place in ins:
                draft.add(f"join_{node.id}", None, [place], before)
        draft.add(node.id, label, before, outs)


def _add_choice(draft: _Draft, name: str, ins: list[str], outs: list[str]) -> None:
    middle = [draft.place(f"xor_{name}")]
    if len(ins) == 1:
        middle = ins
    else:
        for place in ins:
            draft.add(name, None, [place], middle)
    for place in outs:
        draft.add(name, None, middle, [place])


def _add_or_split(draft: _Draft, name: str, ins: list[str], outs: list[str], joins: dict[str, str]) -> None:
    if len(outs) > MAX_OR_BRANCHES:
        raise ModelError(
            f"The OR gateway {name!r} has {len(outs)} branches.",
            fix=f"Model it with at most {MAX_OR_BRANCHES} branches or with XOR and AND gateways.",
            node=name,
        )
    before = ins
    if len(ins) > 1:
        before = [draft.place(f"or_{name}")]
        for place in ins:
            draft.add(name, None, [place], before)
    for size in range(1, len(outs) + 1):
        for chosen in combinations(outs, size):
            skipped = [joins[place] for place in outs if place not in chosen and place in joins]
            draft.add(name, None, before, [*chosen, *skipped])


def inclusive_blocks(bpmn: Bpmn) -> dict[str, tuple[tuple[Flow, Flow], ...]]:
    """Per OR split with an OR join of its own: of each branch the flow out of the split and the one into the join."""
    ins: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    outs: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    for number, flow in enumerate(bpmn.flows):
        outs[flow.source].append(str(number))
        ins[flow.target].append(str(number))
    found = _or_pairs(bpmn, ins, outs) if any(node.kind == "or" for node in bpmn.nodes) else {}
    return {
        split: tuple((bpmn.flows[int(one)], bpmn.flows[int(other)]) for one, other in pairs.items())
        for split, pairs in found.items()
    }


def _or_pairs(bpmn: Bpmn, ins: dict[str, list[str]], outs: dict[str, list[str]]) -> dict[str, dict[str, str]]:
    """Per OR split that has its own OR join: flow out of the split to the flow into the join it ends in."""
    target = {place: node for node, places in ins.items() for place in places}
    always = _passed_by_all(bpmn)
    out: dict[str, dict[str, str]] = {}
    for node in bpmn.nodes:
        if node.kind != "or" or len(outs[node.id]) < 2:
            continue
        later = always[node.id] - {node.id}
        join = next((one for one in later if later <= always[one]), None)
        if join is None or {one.id: one.kind for one in bpmn.nodes}[join] != "or":
            continue
        pairs: dict[str, str] = {}
        for place in outs[node.id]:
            found = _entries(place, join, target, outs) & set(ins[join])
            if len(found) == 1:
                pairs[place] = found.pop()
        if len(pairs) == len(outs[node.id]) == len(ins[join]) == len(set(pairs.values())):
            out[node.id] = pairs
    return out


def _entries(place: str, join: str, target: dict[str, str], outs: dict[str, list[str]]) -> set[str]:
    """The flows reached from a flow without passing the join."""
    seen = {place}
    queue = [place]
    for one in queue:
        if target[one] != join:
            fresh = [after for after in outs[target[one]] if after not in seen]
            seen.update(fresh)
            queue.extend(fresh)
    return seen


def _passed_by_all(bpmn: Bpmn) -> dict[str, set[str]]:
    """Per node, the nodes on every path from it to an end (its post-dominators, itself included)."""
    after: dict[str, list[str]] = {node.id: [] for node in bpmn.nodes}
    for flow in bpmn.flows:
        after[flow.source].append(flow.target)
    always = {node.id: {node.id} if not after[node.id] else set(after) for node in bpmn.nodes}
    changed = True
    while changed:
        changed = False
        for node in reversed(bpmn.nodes):
            if after[node.id]:
                now = {node.id} | set.intersection(*(always[one] for one in after[node.id]))
                changed |= now != always[node.id]
                always[node.id] = now
    return always


def reduce_silent(net: PetriNet) -> PetriNet:
    """The net without silent transitions that decide nothing; language and soundness are unchanged.

    Two rules (Murata, T. (1989), Petri nets: properties, analysis and applications): a place whose only
    consumer is a silent p -> q is merged into q; a place fed only by a silent p -> q and read only by
    transitions with no other input is merged into p.
    """
    work = _Reduction(net, keep_labels=True)
    work.fuse(list(work.transitions))
    return work.finish()


def shrink(net: PetriNet) -> PetriNet:
    """A smaller net that is sound if and only if this one is; its language is not kept.

    Beside the rules of `reduce_silent` for every transition: of two transitions or two places with the same
    neighbours one is dropped, and a place between one transition and the only reader of it alone is contracted
    (Murata 1989).
    """
    work = _Reduction(net, keep_labels=False)
    work.fuse(list(work.transitions))
    while work.contract() or work.drop_twins():
        work.fuse(list(work.transitions))
    return work.finish()


class _Reduction:
    """A net being reduced, with the transitions around every place at hand."""

    def __init__(self, net: PetriNet, *, keep_labels: bool) -> None:
        ins, outs = arcs_of(net)
        self.initial, self.final = dict(net.initial), dict(net.final)
        self.marked = {*self.initial, *self.final}
        self.transitions = {t.id: (t.label if keep_labels else None, ins[t.id], outs[t.id]) for t in net.transitions}
        self.readers: dict[str, list[str]] = {place: [] for place in net.places}
        self.feeders: dict[str, list[str]] = {place: [] for place in net.places}
        for name, (_, inputs, outputs) in self.transitions.items():
            for place in inputs:
                self.readers[place].append(name)
            for place in outputs:
                self.feeders[place].append(name)

    def finish(self) -> PetriNet:
        draft = _Draft(self.transitions, self.initial, self.final)
        return draft.finish()

    def remove(self, name: str) -> None:
        _, inputs, outputs = self.transitions.pop(name)
        for place in inputs:
            self.readers[place].remove(name)
        for place in outputs:
            self.feeders[place].remove(name)

    def rename(self, old: str, new: str) -> list[str]:
        """Merge a place into another; the transitions around both."""
        for name in self.readers.pop(old):
            inputs = self.transitions[name][1]
            inputs[inputs.index(old)] = new
            self.readers[new].append(name)
        for name in self.feeders.pop(old):
            outputs = self.transitions[name][2]
            outputs[outputs.index(old)] = new
            self.feeders[new].append(name)
        return [*self.readers[new], *self.feeders[new]]

    def fuse(self, todo: list[str]) -> None:
        """Remove silent transitions from one place to another that decide nothing, and those around them."""
        waiting = dict.fromkeys(todo)
        while waiting:
            name = next(iter(waiting))
            del waiting[name]
            if name in self.transitions:
                waiting.update(dict.fromkeys(self._fuse_one(name)))

    def _fuse_one(self, name: str) -> list[str]:
        label, inputs, outputs = self.transitions[name]
        if label is not None or len(inputs) != 1 or len(outputs) != 1:
            return []
        before, after = inputs[0], outputs[0]
        if before == after:
            if self.feeders[before] == [name] and before not in self.initial:
                return []  # nothing ever comes here: a dead transition must stay to be seen
            self.remove(name)
            return [*self.readers[before], *self.feeders[before]]
        if self.readers[before] == [name] and self.feeders[before] and before not in self.marked:
            self.remove(name)
            return self.rename(before, after)
        alone = all(self.transitions[reader][1] == [after] for reader in self.readers[after])
        if self.feeders[after] == [name] and self.readers[after] and alone and after not in self.marked:
            self.remove(name)
            return self.rename(after, before)
        return []

    def contract(self) -> bool:
        """Fuse two transitions with a place between them that no other touches."""
        changed = False
        for place in list(self.feeders):
            if place in self.marked or len(self.feeders[place]) != 1 or len(self.readers[place]) != 1:
                continue
            feeder, reader = self.feeders[place][0], self.readers[place][0]
            if reader == feeder or self.transitions[reader][1] != [place]:
                continue
            following = list(self.transitions[reader][2])
            self.remove(reader)
            self.transitions[feeder][2].remove(place)
            del self.feeders[place], self.readers[place]
            for after in following:
                self.transitions[feeder][2].append(after)
                self.feeders[after].append(feeder)
            changed = True
        return changed

    def drop_twins(self) -> bool:
        """Of transitions or places with the same neighbours keep one."""
        before = len(self.transitions) + len(self.feeders)
        seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        for name, (_, inputs, outputs) in list(self.transitions.items()):
            key = tuple(sorted(inputs)), tuple(sorted(outputs))
            if key in seen:
                self.remove(name)
            seen.add(key)
        places: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        for place in list(self.feeders):
            key = tuple(sorted(self.feeders[place])), tuple(sorted(self.readers[place]))
            if place in self.marked or not key[0] or not key[1]:
                continue
            if key in places:
                for name in self.readers.pop(place):
                    self.transitions[name][1].remove(place)
                for name in self.feeders.pop(place):
                    self.transitions[name][2].remove(place)
            places.add(key)
        return len(self.transitions) + len(self.feeders) < before


def arcs_of(net: PetriNet) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Input and output places of every transition; a place occurs once per arc."""
    ins: dict[str, list[str]] = {t.id: [] for t in net.transitions}
    outs: dict[str, list[str]] = {t.id: [] for t in net.transitions}
    for source, target in net.arcs:
        if target in ins:
            ins[target].append(source)
        elif source in outs:
            outs[source].append(target)
        else:
            raise ModelError(f"The arc from {source!r} to {target!r} does not touch a transition.", fix="Correct it.")
    return ins, outs
