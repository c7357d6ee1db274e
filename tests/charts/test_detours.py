"""Arrows go around boxes."""

from __future__ import annotations

from workbench.charts.detours import detours
from workbench.charts.layered import Layout

BOX = (176.0, 56.0)
MAIN = Layout(
    {"s": (0, 0), "a": (0, 106), "b": (0, 212), "c": (0, 318), "e": (0, 424)}, {("a", "c"): ((90, 212),)}, 0, 424
)
NODES = {**MAIN.nodes, "rare": (270.0, 106.0), "low": (270.0, 318.0), "side": (480.0, 318.0)}


def found(*edges):
    return detours(MAIN, NODES, edges, box=BOX, along=106.0, end="e")


def test_an_arrow_to_the_end_takes_the_lane_beside_the_boxes():
    made = found(("rare", "e"))
    lane = {x for x, _ in made[("rare", "e")]}
    assert lane == {165.0}
    assert [y for _, y in made[("rare", "e")]] == [159.0, 371.0]


def test_an_arrow_past_its_own_column_takes_the_nearest_free_one():
    (points,) = found(("b", "s")).values()
    assert points == ((-105.0, 106),)
    crowded = {**NODES, "left": (-190.0, 106.0)}
    (points,) = detours(MAIN, crowded, [("b", "s")], box=BOX, along=106.0, end="e").values()
    assert points == ((105.0, 106),)


def test_arrows_in_one_lane_run_beside_each_other():
    made = found(("b", "s"), ("c", "s"))
    assert len({points[0][0] for points in made.values()}) == 2


def test_an_arrow_to_the_next_layer_runs_between_the_layers():
    (points,) = found(("b", "side")).values()
    assert points == ((375.0, 265.0),)


def test_what_has_bends_or_a_free_way_is_left_alone():
    assert found(("a", "c"), ("s", "a"), ("a", "a"), ("s", "unknown")) == {}
