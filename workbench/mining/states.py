"""What a Petri net can do, explored: markings, soundness, and the graph of its visible steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.mining.model import PetriNet
from workbench.mining.nets import arcs_of, shrink

MARKING_LIMIT = 50_000
_BITS = 8
_MASK = (1 << _BITS) - 1
_MAX_TOKENS = 100
"""More tokens than this in one place is beyond what a marking can hold: exploring stops."""

Reason = Literal["sound", "no_path_to_end", "tokens_left_behind", "dead_step", "unbounded", "limit", "no_final_marking"]


@dataclass(frozen=True, slots=True)
class Soundness:
    """Whether a net is sound: True and False are proved, None says that the limit was reached first.

    Sound (van der Aalst 1998): from every reachable marking the final one can be reached, when it is reached no
    other token is left, and every transition can fire in some run.
    """

    sound: bool | None
    reason: Reason
    markings: int
    """How many markings were explored."""
    transitions: tuple[str, ...] = ()
    """Transitions that can never fire, for `dead_step`."""


class CompiledNet:
    """A net with markings as integers, eight bits a place."""

    def __init__(self, net: PetriNet) -> None:
        index = {place: number for number, place in enumerate(net.places)}
        ins, outs = arcs_of(net)
        self.ids = [t.id for t in net.transitions]
        self.labels = [t.label for t in net.transitions]
        self.place_of_bit = index
        self.needs: list[list[tuple[int, int]]] = []
        self.delta: list[int] = []
        self.readers: list[list[int]] = [[] for _ in net.places]
        self.free: list[int] = []
        for count, transition in enumerate(net.transitions):
            need: dict[int, int] = {}
            for place in ins[transition.id]:
                need[index[place]] = need.get(index[place], 0) + 1
            self.needs.append([(place * _BITS, weight) for place, weight in need.items()])
            taken = sum(weight << (place * _BITS) for place, weight in need.items())
            self.delta.append(sum(1 << (index[place] * _BITS) for place in outs[transition.id]) - taken)
            for read in need:
                self.readers[read].append(count)
            if not need:
                self.free.append(count)
        self.initial = sum(count << (index[place] * _BITS) for place, count in net.initial)
        self.final = sum(count << (index[place] * _BITS) for place, count in net.final)
        self.number = {name: i for i, name in enumerate(self.ids)}
        self.high = sum(1 << (place * _BITS + _BITS - 1) for place in range(len(net.places)))
        self.several = sum((_MASK - 1) << (place * _BITS) for place in range(len(net.places)))

    def tokens(self, marking: int) -> list[tuple[int, int]]:
        """Marked places and their tokens."""
        out = []
        place = 0
        while marking:
            low = (marking & -marking).bit_length() - 1
            skip = low // _BITS
            marking >>= skip * _BITS
            place += skip
            out.append((place, marking & _MASK))
            marking >>= _BITS
            place += 1
        return out

    def enabled(self, marking: int) -> list[int]:
        """Transitions that can fire in a marking, by number."""
        found = dict.fromkeys(self.free)
        for place, _ in self.tokens(marking):
            for number in self.readers[place]:
                if number not in found and all(
                    (marking >> shift) & _MASK >= weight for shift, weight in self.needs[number]
                ):
                    found[number] = None
        return sorted(found)

    def silent_closure(self, marking: int, limit: int = MARKING_LIMIT) -> list[int]:
        """Markings reached by silent transitions alone, nearest first, this one included."""
        seen = {marking: None}
        queue = [marking]
        for current in queue:
            for number in self.enabled(current):
                if self.labels[number] is None:
                    after = current + self.delta[number]
                    if after not in seen:
                        seen[after] = None
                        queue.append(after)
            if len(seen) > limit:
                break
        return queue

    def overfull(self, marking: int) -> bool:
        """Whether a place holds more tokens than a marking can record."""
        return bool(marking & self.several) and any(count > _MAX_TOKENS for _, count in self.tokens(marking))

    def covers(self, large: int, small: int) -> bool:
        """Whether every place holds at least as many tokens in `large` as in `small`."""
        return ((large | self.high) - small) & self.high == self.high


@dataclass(frozen=True, slots=True)
class Reached:
    """The reachability graph: markings in the order found and arcs (from, transition, to)."""

    markings: tuple[int, ...]
    arcs: tuple[tuple[int, int, int], ...]
    complete: bool
    unbounded: bool


def explore(net: CompiledNet, limit: int = MARKING_LIMIT) -> Reached:
    """All reachable markings, or the first `limit` of them.

    Stops when a marking covers one it was reached from: such a net grows without bound (Karp and Miller 1969).
    """
    seen = {net.initial: 0}
    queue = [net.initial]
    parent = [-1]
    arcs: list[tuple[int, int, int]] = []
    for here, marking in enumerate(queue):
        for number in net.enabled(marking):
            after = marking + net.delta[number]
            if after not in seen:
                if net.overfull(after) or (after & net.several and _grows(net, after, here, queue, parent)):
                    return Reached(tuple(queue), tuple(arcs), complete=False, unbounded=True)
                if len(queue) >= limit:
                    return Reached(tuple(queue), tuple(arcs), complete=False, unbounded=False)
                seen[after] = len(queue)
                queue.append(after)
                parent.append(here)
            arcs.append((here, number, seen[after]))
    return Reached(tuple(queue), tuple(arcs), complete=True, unbounded=False)


def _grows(net: CompiledNet, marking: int, here: int, queue: list[int], parent: list[int]) -> bool:
    while here >= 0:
        if net.covers(marking, queue[here]):
            return True
        here = parent[here]
    return False


@lru_cache(maxsize=1024)
def prove_soundness(net: PetriNet, *, limit: int = MARKING_LIMIT) -> Soundness:
    """Whether the net is sound: reduced by rules that keep soundness, then by its reachability graph.

    At most `limit` markings are explored. The rules are Murata's (1989); block-structured nets reduce to one
    transition, whatever their parallelism.
    """
    if not net.final or not net.initial:
        return Soundness(False, "no_final_marking", 0)
    small = _explored(shrink(net), limit)
    if small.sound:
        return small
    return _explored(net, limit)


def _explored(net: PetriNet, limit: int) -> Soundness:
    compiled = CompiledNet(net)
    reached = explore(compiled, limit)
    count = len(reached.markings)
    if reached.unbounded:
        return Soundness(False, "unbounded", count)
    if not reached.complete:
        return Soundness(None, "limit", count)
    if any(compiled.covers(one, compiled.final) for one in reached.markings if one != compiled.final):
        return Soundness(False, "tokens_left_behind", count)
    back: list[list[int]] = [[] for _ in reached.markings]
    for source, _, target in reached.arcs:
        back[target].append(source)
    queue = [i for i, marking in enumerate(reached.markings) if marking == compiled.final]
    ok = set(queue)
    for here in queue:
        for source in back[here]:
            if source not in ok:
                ok.add(source)
                queue.append(source)
    if len(ok) < count:
        return Soundness(False, "no_path_to_end", count)
    fired = {number for _, number, _ in reached.arcs}
    dead = tuple(name for i, name in enumerate(compiled.ids) if i not in fired)
    return Soundness(not dead, "dead_step" if dead else "sound", count, dead)


@dataclass(frozen=True, slots=True)
class StateGraph:
    """The visible behaviour of a net: state 0 is the start, others are markings after a visible step.

    `arcs` are (state, transition number, next state); silent transitions are folded into them.
    """

    n_states: int
    arcs: tuple[tuple[int, int, int], ...]
    accepting: tuple[int, ...]
    """States from which the final marking is reached silently."""
    ids: tuple[str, ...]
    labels: tuple[str | None, ...]
    enabled: tuple[frozenset[str], ...]
    """Per state, the labels that can come next."""


@lru_cache(maxsize=128)
def state_graph(net: PetriNet, limit: int = 3_000) -> StateGraph | None:
    """The visible behaviour of a net, or None when it has more than `limit` states (or 50 times that in silence)."""
    compiled = CompiledNet(net)
    index = {compiled.initial: 0}
    queue = [compiled.initial]
    arcs: dict[tuple[int, int, int], None] = {}
    accepting: list[int] = []
    closures = 0
    for here, marking in enumerate(queue):
        closure = compiled.silent_closure(marking, 50 * limit)
        closures += len(closure)
        if closures > 50 * limit or len(queue) > limit:
            return None
        if compiled.final in closure:
            accepting.append(here)
        for inner in closure:
            for number in compiled.enabled(inner):
                if compiled.labels[number] is None:
                    continue
                after = inner + compiled.delta[number]
                if after not in index:
                    if compiled.overfull(after):
                        return None
                    index[after] = len(queue)
                    queue.append(after)
                arcs[here, number, index[after]] = None
    enabled: list[set[str]] = [set() for _ in queue]
    for source, number, _ in arcs:
        label = compiled.labels[number]
        if label is not None:
            enabled[source].add(label)
    return StateGraph(
        n_states=len(queue),
        arcs=tuple(sorted(arcs)),
        accepting=tuple(accepting),
        ids=tuple(compiled.ids),
        labels=tuple(compiled.labels),
        enabled=tuple(frozenset(labels) for labels in enabled),
    )
