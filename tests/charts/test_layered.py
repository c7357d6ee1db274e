"""The layered layout: order, distance, stability."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workbench.charts.layered import layered


def test_a_chain_is_straight():
    made = layered(["a", "b", "c"], {("a", "b"): 5, ("b", "c"): 5}, first="a", last="c")
    assert [made.nodes[n][0] for n in "abc"] == [made.nodes["a"][0]] * 3
    assert made.nodes["a"][1] < made.nodes["b"][1] < made.nodes["c"][1]


def test_a_skipping_edge_bends_around_the_box_it_passes():
    made = layered(["a", "b", "c"], {("a", "b"): 9, ("b", "c"): 9, ("a", "c"): 1}, first="a", last="c")
    (bend,) = made.bends[("a", "c")]
    assert bend[1] == made.nodes["b"][1]
    assert abs(bend[0] - made.nodes["b"][0]) >= 105


def test_a_backward_edge_runs_from_its_source_to_its_target():
    made = layered(["a", "b", "c"], {("a", "b"): 9, ("b", "c"): 9, ("c", "a"): 2}, first="a", last="c")
    ys = [y for _, y in made.bends[("c", "a")]]
    assert ys == sorted(ys, reverse=True)


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_boxes_never_overlap_and_the_same_graph_gives_the_same_layout(pairs):
    nodes = [str(n) for n in range(10)]
    weights = {(str(a), str(b)): 1.0 + (a * 7 + b) % 5 for a, b in sorted(pairs)}
    made = layered(nodes, weights)
    assert made == layered(nodes, weights)
    at = sorted(made.nodes.values(), key=lambda p: (p[1], p[0]))
    for one, other in pairwise(at):
        assert one[1] != other[1] or other[0] - one[0] >= 209.9
