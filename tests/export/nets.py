"""Languages of small Petri nets, by brute force."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from workbench.mining.model import PetriNet, Transition

Marking = tuple[tuple[str, int], ...]


def from_pm4py(net: Any, initial: Any, final: Any) -> PetriNet:
    return PetriNet(
        tuple(sorted(p.name for p in net.places)),
        tuple(Transition(t.name, t.label) for t in sorted(net.transitions, key=lambda t: t.name)),
        tuple(sorted((a.source.name, a.target.name) for a in net.arcs)),
        tuple((p.name, n) for p, n in initial.items()),
        tuple((p.name, n) for p, n in final.items()),
    )


class Runner:
    def __init__(self, net: PetriNet) -> None:
        self.net = net
        self.before = {t.id: Counter(s for s, e in net.arcs if e == t.id) for t in net.transitions}
        self.after = {t.id: Counter(e for s, e in net.arcs if s == t.id) for t in net.transitions}
        self.final = frozen(Counter(dict(net.final)))

    def fire(self, marking: Marking, t: Transition) -> Marking | None:
        have = Counter(dict(marking))
        if any(have[p] < n for p, n in self.before[t.id].items()):
            return None
        have.subtract(self.before[t.id])
        have.update(self.after[t.id])
        return frozen(have)

    def closure(self, markings: set[Marking]) -> set[Marking]:
        seen, stack = set(markings), list(markings)
        while stack:
            marking = stack.pop()
            for t in self.net.transitions:
                if t.label is None and (new := self.fire(marking, t)) is not None and new not in seen:
                    seen.add(new)
                    stack.append(new)
        return seen

    def step(self, markings: set[Marking], label: str) -> set[Marking]:
        after = {new for m in markings for t in self.net.transitions if t.label == label and (new := self.fire(m, t))}
        return self.closure(after)

    def start(self) -> set[Marking]:
        return self.closure({frozen(Counter(dict(self.net.initial)))})

    def accepts(self, trace: tuple[str, ...]) -> bool:
        now = self.start()
        for label in trace:
            now = self.step(now, label)
        return self.final in now

    def language(self, longest: int) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        front: dict[tuple[str, ...], set[Marking]] = {(): self.start()}
        labels = sorted({t.label for t in self.net.transitions if t.label})
        while front:
            found |= {trace for trace, now in front.items() if self.final in now}
            front = {
                (*trace, label): after
                for trace, now in front.items()
                if len(trace) < longest
                for label in labels
                if (after := self.step(now, label))
            }
        return found

    def sample(self, rng: random.Random, steps: int = 3000) -> tuple[str, ...] | None:
        """A random run that reaches the final marking, or None."""
        marking, trace = frozen(Counter(dict(self.net.initial))), []
        for _ in range(steps):
            if marking == self.final:
                return tuple(trace)
            ways = [(t, new) for t in self.net.transitions if (new := self.fire(marking, t)) is not None]
            if not ways:
                return None
            t, marking = rng.choice(ways)
            if t.label:
                trace.append(t.label)
        return None


def frozen(marking: Counter[str]) -> Marking:
    return tuple(sorted((p, n) for p, n in marking.items() if n))
