"""Random process trees, and the block-structured BPMN each one stands for."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from workbench.mining.model import Bpmn, Flow, Node

SYLLABLES = [
    "tiếp",
    "nhận",
    "hồ",
    "sơ",
    "thẩm",
    "định",
    "trình",
    "ký",
    "lãnh",
    "đạo",
    "phê",
    "duyệt",
    "đóng",
    "dấu",
    "chuyển",
    "kết",
    "quả",
    "kiểm",
    "tra",
    "xác",
    "minh",
]


@dataclass(frozen=True)
class Tree:
    operator: str
    """seq, xor, and, or, loop; task for a leaf, skip for an empty leaf."""
    children: tuple[Tree, ...] = ()
    label: str = ""


def random_tree(
    seed: int, steps: int, *, operators: tuple[str, ...] = ("seq", "seq", "xor", "and", "loop", "or")
) -> Tree:
    rng = random.Random(seed)
    numbers = iter(range(1, steps + 1))

    def leaf() -> Tree:
        words = " ".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 9)))
        return Tree("task", label=f"{next(numbers)}. {words}")

    def grow(n: int) -> Tree:
        if n == 1:
            return leaf()
        operator = rng.choice(operators)
        parts = 2 if operator == "loop" else rng.randint(2, min(n, 5))
        cuts = sorted(rng.sample(range(1, n), parts - 1))
        sizes = [b - a for a, b in zip([0, *cuts], [*cuts, n], strict=True)]
        children = [grow(size) for size in sizes]
        if operator in ("xor", "loop") and rng.random() < 0.3:
            children[-1 if operator == "loop" else 0] = Tree("skip") if operator == "loop" else children[0]
            if operator == "xor":
                children.append(Tree("skip"))
        return Tree(operator, tuple(children))

    return grow(steps)


def to_bpmn(tree: Tree, *, shares: bool = False) -> Bpmn:
    nodes: list[Node] = []
    flows: list[Flow] = []

    def node(kind: str, label: str = "") -> str:
        nodes.append(Node(f"n{len(nodes)}", kind, label))
        return nodes[-1].id

    def build(part: Tree) -> tuple[str, str] | None:
        if part.operator == "skip":
            return None
        if part.operator == "task":
            one = node("task", part.label)
            return one, one
        if part.operator == "seq":
            ends = [end for end in map(build, part.children) if end]
            for a, b in itertools.pairwise(ends):
                flows.append(Flow(a[1], b[0]))
            return (ends[0][0], ends[-1][1]) if ends else None
        if part.operator == "loop":
            join = node("xor")
            do, redo = build(part.children[0]), build(part.children[1])
            split = node("xor")
            flows.append(Flow(join, do[0] if do else split))
            if do:
                flows.append(Flow(do[1], split))
            flows.append(Flow(split, redo[0] if redo else join, 0.2 if shares else None))
            if redo:
                flows.append(Flow(redo[1], join))
            return join, split
        split = node(part.operator)
        ends = [build(child) for child in part.children]
        join = node(part.operator)
        for end in ends:
            share = round(1 / len(ends), 3) if shares and part.operator != "and" else None
            flows.append(Flow(split, end[0] if end else join, share))
            if end:
                flows.append(Flow(end[1], join))
        return split, join

    start = node("start")
    ends = build(tree)
    end = node("end")
    flows.append(Flow(start, ends[0] if ends else end))
    if ends:
        flows.append(Flow(ends[1], end))
    return Bpmn(tuple(nodes), tuple(flows))
