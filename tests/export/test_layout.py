"""Layouts measured on random process trees, arbitrary graphs and hand-made cases."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.export.checker import Faults, check
from tests.export.trees import random_tree, to_bpmn
from workbench.export.layout import Arc, Item, Layout, Route, lay_out, wrap
from workbench.mining.model import Bpmn


def items_and_arcs(bpmn: Bpmn, lanes: dict[str, int] | None = None) -> tuple[list[Item], list[Arc]]:
    items = []
    for node in bpmn.nodes:
        lane = (lanes or {}).get(node.id, 0)
        if node.kind == "task":
            half = max(64, 15 * len(wrap(node.label, 148)) + 16) / 2
            items.append(Item(node.id, 160, half, half, 80, lane))
        elif node.kind in ("start", "end"):
            items.append(Item(node.id, 36, 18, 18, 18, lane))
        else:
            items.append(Item(node.id, 50, 25, 25, 25, lane, corner=25))
    flows = [Arc(f.source, f.target, f.share or 0.5, None if f.share is None else (34, 14)) for f in bpmn.flows]
    return items, flows


def measured(bpmn: Bpmn, n_lanes: int, rng: random.Random) -> Faults:
    lanes = {node.id: rng.randrange(n_lanes) for node in bpmn.nodes}
    items, arcs = items_and_arcs(bpmn, lanes)
    return check(items, lay_out(items, arcs, lane_heights=[100.0] * n_lanes))


def tree_faults(seeds: range) -> list[Faults]:
    out = []
    for seed in seeds:
        rng = random.Random(seed)
        bpmn = to_bpmn(random_tree(seed, rng.randint(1, 80)), shares=seed % 2 == 0)
        out.append(measured(bpmn, rng.choice([1, 1, 2, 4, 7]), rng))
    return out


def assert_clean(faults: list[Faults]) -> None:
    assert sum(len(f.overlaps) for f in faults) == 0
    assert sum(len(f.through) for f in faults) == 0
    assert sum(len(f.outside_lane) for f in faults) == 0
    assert sum(len(f.loose_ends) + len(f.slanted) for f in faults) == 0
    assert sum(len(f.labels) for f in faults) == 0


def test_random_trees_are_drawn_without_faults():
    assert_clean(tree_faults(range(25)))


@pytest.mark.slow
def test_five_hundred_random_trees_are_drawn_without_faults():
    faults = tree_faults(range(500))
    assert_clean(faults)
    assert sum(f.shared_lines for f in faults) / sum(f.bends for f in faults) < 0.005


def test_any_graph_is_drawn_without_faults():
    for seed in range(40):
        rng = random.Random(seed)
        n, lanes = rng.randint(1, 30), rng.randint(1, 4)
        items = [
            Item(f"i{k}", 50, 25, 25, 25, rng.randrange(lanes), corner=25)
            if rng.random() < 0.4
            else Item(f"i{k}", 160, rng.randint(20, 90), rng.randint(20, 90), 80, rng.randrange(lanes))
            for k in range(n)
        ]
        pairs = {(rng.randrange(n), rng.randrange(n)) for _ in range(rng.randint(0, 3 * n))}
        arcs = [Arc(f"i{a}", f"i{b}", rng.random(), (60, 14) if rng.random() < 0.3 else None) for a, b in sorted(pairs)]
        faults = check(items, lay_out(items, arcs, lane_heights=[80.0] * lanes))
        assert faults.none, (seed, faults)


def test_block_structured_trees_in_one_lane_cross_seldom():
    crossings = flows = 0
    for seed in range(40):
        bpmn = to_bpmn(random_tree(seed, 20, operators=("seq", "xor", "and")))
        items, arcs = items_and_arcs(bpmn)
        crossings += check(items, lay_out(items, arcs, lane_heights=[100.0])).crossings
        flows += len(arcs)
    assert crossings <= 0.01 * flows


def chain(*names: str) -> tuple[list[Item], list[Arc]]:
    return [Item(n, 160, 32, 32, 80) for n in names], [Arc(a, b) for a, b in itertools.pairwise(names)]


def test_a_sequence_is_one_straight_line():
    items, arcs = chain("a", "b", "c")
    layout = lay_out(items, arcs, lane_heights=[120.0])
    assert {y for _, y in layout.centres.values()} == {60.0}
    assert [len(r.points) for r in layout.routes] == [2, 2]
    assert layout.height == 120.0


def test_the_heavier_branch_stays_straight():
    items, _ = chain("a", "b", "c", "d")
    gate = [Item("x", 50, 25, 25, 25, corner=25), Item("y", 50, 25, 25, 25, corner=25)]
    arcs = [
        Arc("a", "x"),
        Arc("x", "b", 0.1),
        Arc("x", "c", 0.9),
        Arc("b", "y", 0.1),
        Arc("c", "y", 0.9),
        Arc("y", "d"),
    ]
    at = lay_out([*items, *gate], arcs, lane_heights=[120.0]).centres
    assert at["a"][1] == at["x"][1] == at["c"][1] == at["y"][1] == at["d"][1] != at["b"][1]


def test_a_repeated_step_is_drawn_back_under_the_line():
    """join -> check -> split -> end, and split -> supplement -> join: the supplement stands between them."""
    items, _ = chain("check", "supplement", "end")
    gate = [Item("join", 50, 25, 25, 25, corner=25), Item("split", 50, 25, 25, 25, corner=25)]
    arcs = [
        Arc("join", "check"), Arc("check", "split"), Arc("split", "end"),
        Arc("split", "supplement"), Arc("supplement", "join"),
    ]  # fmt: skip
    layout = lay_out([*gate, *items], arcs, lane_heights=[120.0])
    at = layout.centres
    assert at["join"][0] < at["supplement"][0] < at["split"][0]
    into = layout.routes[3].points
    assert into[-1][0] == at["supplement"][0] + 80, "entered from the right"
    assert check([*gate, *items], layout).none


def test_the_same_input_gives_the_same_picture():
    bpmn = to_bpmn(random_tree(3, 40))
    items, arcs = items_and_arcs(bpmn)
    assert lay_out(items, arcs) == lay_out(items, arcs)


def test_one_step_more_moves_the_rest_aside_and_keeps_its_order():
    kept = total = 0
    for seed in range(15):
        bpmn = to_bpmn(random_tree(seed, 25))
        items, arcs = items_and_arcs(bpmn)
        before = lay_out(items, arcs, lane_heights=[100.0])
        cut = random.Random(seed).randrange(len(arcs))
        old = arcs[cut]
        more = [*arcs[:cut], Arc(old.source, "new"), Arc("new", old.target), *arcs[cut + 1 :]]
        after = lay_out([*items, Item("new", 160, 32, 32, 80)], more, lane_heights=[100.0])
        ids = [item.id for item in items]
        for a in ids:
            for b in ids:
                if a < b:
                    total += 2
                    for axis in (0, 1):
                        gap, now = (m.centres[a][axis] - m.centres[b][axis] for m in (before, after))
                        kept += gap * now > 0 or (gap == 0 and abs(now) < 200) or (now == 0 and abs(gap) < 200)
    assert kept / total > 0.97


def test_the_checker_sees_faults():
    items = [Item("a", 160, 32, 32, 80), Item("b", 160, 32, 32, 80), Item("c", 160, 32, 32, 80)]
    layout = lay_out(items, [Arc("a", "b"), Arc("b", "c")], lane_heights=[100.0])
    assert check(items, layout).none
    at = dict(layout.centres)
    across = Route(Arc("a", "c"), ((at["a"][0] + 80, at["a"][1]), (at["c"][0] - 80, at["c"][1])))
    wrong = Layout({**at, "b": at["a"]}, (across,), layout.lanes, layout.width, layout.height, {}, {}, ())
    assert check(items, wrong).overlaps == [("a", "b")]
    through = Layout(at, (across,), layout.lanes, layout.width, layout.height, {}, {}, ())
    assert check(items, through).through == [("a", "c", "b")]  # the way's own ends are not entered
    slanted = Route(Arc("a", "c"), (across.points[0], (across.points[1][0], 5.0)))
    bad = Layout(at, (slanted,), layout.lanes, layout.width, layout.height, {}, {}, ())
    assert check(items, bad).slanted


def test_nothing_is_an_empty_picture():
    assert lay_out([], []).centres == {}
