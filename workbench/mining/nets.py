"""BPMN graphs as Petri nets, and nets reduced without changing what they allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from workbench.errors import ModelError
from workbench.mining.model import Bpmn, Node, PetriNet, Transition

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
    draft = _Draft(initial=dict(net.initial), final=dict(net.final))
    ins, outs = arcs_of(net)
    draft.transitions = {t.id: (t.label, ins[t.id], outs[t.id]) for t in net.transitions}
    while _reduce_once(draft):
        pass
    return draft.finish()


def shrink(net: PetriNet) -> PetriNet:
    """A smaller net that is sound if and only if this one is; its language is not kept.

    Beside the rules of `reduce_silent` for every transition: of two transitions or two places with the same
    neighbours one is dropped, and a place between one transition and the only reader of it alone is contracted
    (Murata 1989).
    """
    ins, outs = arcs_of(net)
    draft = _Draft(initial=dict(net.initial), final=dict(net.final))
    draft.transitions = {t.id: (None, ins[t.id], outs[t.id]) for t in net.transitions}
    while _reduce_once(draft) or _contract(draft) or _drop_twins(draft):
        pass
    return draft.finish()


def _contract(draft: _Draft) -> bool:
    readers, feeders = _around(draft)
    for place, (feeder, *others) in feeders.items():
        readers_here = readers.get(place, [])
        if others or len(readers_here) != 1 or place in draft.initial or place in draft.final:
            continue
        reader = readers_here[0]
        if reader == feeder or draft.transitions[reader][1] != [place]:
            continue
        outputs = draft.transitions[feeder][2]
        outputs.remove(place)
        outputs.extend(draft.transitions[reader][2])
        del draft.transitions[reader]
        return True
    return False


def _drop_twins(draft: _Draft) -> bool:
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for name, (_, inputs, outputs) in draft.transitions.items():
        key = tuple(sorted(inputs)), tuple(sorted(outputs))
        if key in seen:
            del draft.transitions[name]
            return True
        seen.add(key)
    readers, feeders = _around(draft)
    places: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for place in feeders:
        key = tuple(sorted(feeders[place])), tuple(sorted(readers.get(place, [])))
        if place not in draft.initial and place not in draft.final and key[1]:
            if key in places:
                for _, inputs, outputs in draft.transitions.values():
                    inputs[:] = [one for one in inputs if one != place]
                    outputs[:] = [one for one in outputs if one != place]
                return True
            places.add(key)
    return False


def _around(draft: _Draft) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Per place, the transitions that take from it and those that put into it, once per arc."""
    readers: dict[str, list[str]] = {}
    feeders: dict[str, list[str]] = {}
    for name, (_, inputs, outputs) in draft.transitions.items():
        for place in inputs:
            readers.setdefault(place, []).append(name)
        for place in outputs:
            feeders.setdefault(place, []).append(name)
    return readers, feeders


def _reduce_once(draft: _Draft) -> bool:
    readers, feeders = _around(draft)
    for name, (label, inputs, outputs) in draft.transitions.items():
        if label is not None or len(inputs) != 1 or len(outputs) != 1:
            continue
        if inputs == outputs:
            if feeders[inputs[0]] == [name] and inputs[0] not in draft.initial:
                continue  # nothing ever comes here: a dead transition must stay to be seen
            del draft.transitions[name]
            return True
        before, after = inputs[0], outputs[0]
        if (
            readers[before] == [name]
            and before in feeders
            and before not in draft.final
            and before not in draft.initial
        ):
            del draft.transitions[name]
            _rename(draft, before, after)
            return True
        alone = all(draft.transitions[reader][1] == [after] for reader in readers.get(after, []))
        if feeders[after] == [name] and alone and after not in draft.final and after not in draft.initial:
            if not readers.get(after):
                continue
            del draft.transitions[name]
            _rename(draft, after, before)
            return True
    return False


def _rename(draft: _Draft, old: str, new: str) -> None:
    for _, inputs, outputs in draft.transitions.values():
        inputs[:] = [new if place == old else place for place in inputs]
        outputs[:] = [new if place == old else place for place in outputs]


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
