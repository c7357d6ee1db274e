"""Small models for tests, written as text, and random ones."""

from __future__ import annotations

import random

from workbench.mining.model import Bpmn, Flow, Node


def bpmn(text: str) -> Bpmn:
    """A graph from flows such as "s>a a>x1 x1>b x1>e": s start, e end, x.. XOR, p.. AND, o.. OR, else a task."""
    names: dict[str, None] = {}
    flows = []
    for pair in text.split():
        source, target = pair.split(">")
        names |= {source: None, target: None}
        flows.append(Flow(source, target))

    def node(name: str) -> Node:
        kinds = {"s": "start", "e": "end", "x": "xor", "p": "and", "o": "or"}
        if name in ("s", "e") or (name[0] in "xpo" and name[1:].isdigit()):
            return Node(name, kinds[name[0]])
        return Node(name, "task", name)

    return Bpmn(tuple(node(name) for name in names), tuple(flows))


def random_bpmn(seed: int, steps: int = 5) -> Bpmn:
    """A random block-structured model of sequence, choice, parallel, skip and loop blocks; always sound."""
    rng = random.Random(seed)
    flows: list[str] = []
    made = [0]

    def fresh(kind: str) -> str:
        made[0] += 1
        return f"{kind}{made[0]}"

    def block(labels: list[str]) -> tuple[str, str]:
        if len(labels) == 1:
            task = labels[0]
            kind = rng.choice(["plain", "plain", "skip", "loop"])
            if kind == "plain":
                return task, task
            first, last = fresh("x"), fresh("x")
            flows.extend([f"{first}>{task}", f"{task}>{last}"])
            flows.append(f"{first}>{last}" if kind == "skip" else f"{last}>{first}")
            return first, last
        cut = rng.randrange(1, len(labels))
        left, right = block(labels[:cut]), block(labels[cut:])
        kind = rng.choice(["seq", "seq", "x", "p"])
        if kind == "seq":
            flows.append(f"{left[1]}>{right[0]}")
            return left[0], right[1]
        first, last = fresh(kind), fresh(kind)
        flows.extend([f"{first}>{left[0]}", f"{first}>{right[0]}", f"{left[1]}>{last}", f"{right[1]}>{last}"])
        return first, last

    begin, end = block([chr(65 + i) for i in range(steps)])
    return bpmn(" ".join([f"s>{begin}", *flows, f"{end}>e"]))


def random_variants(seed: int, n: int = 12, steps: int = 5) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Random variants over the labels of `random_bpmn` and one foreign label, with counts."""
    rng = random.Random(seed)
    labels = [chr(65 + i) for i in range(steps)] + ["Z"]
    found = {tuple(rng.choice(labels) for _ in range(rng.randrange(0, 8))) for _ in range(n)}
    return tuple((variant, rng.randrange(1, 4)) for variant in sorted(found))
