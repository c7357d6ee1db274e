"""The process map from a log counted by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from workbench.charts.process_map import END, START, bend_data, process_map, readable_share, stylesheet, union_layout
from workbench.charts.steps import step_colours
from workbench.charts.tokens import LIGHT
from workbench.mining.dfg import discover_dfg
from workbench.selection import Selection

TRACES = {
    ("H01", "1"): "a b c",
    ("H01", "2"): "a b c",
    ("H02", "3"): "a b b c",
    ("H02", "4"): "a x c",
}


@pytest.fixture
def graph(store_from):
    return discover_dfg(store_from(TRACES))


def drawn(graph, **options):
    places = union_layout(graph)
    return process_map(graph, places, step_colours(list(graph.activities["activity"])), LIGHT, **options)


def nodes(made):
    return {e["data"]["id"]: e for e in made.elements if "source" not in e["data"]}


def edges(made):
    return {(e["data"]["source"], e["data"]["target"]): e for e in made.elements if "source" in e["data"]}


def test_counts_stand_in_the_boxes_and_on_the_arrows(graph):
    made = drawn(graph, paths_share=1.0)
    assert nodes(made)["b"]["data"]["label"] == "B\n4"
    assert edges(made)["a", "b"]["data"]["label"] == "3"
    assert edges(made)[START, "a"]["data"]["label"] == "4"
    assert edges(made)["b", "b"]["classes"] == "loop"
    assert (made.steps_shown, made.steps, made.events_share) == (4, 4, 1.0)
    assert made.paths_shown == made.paths == len(edges(made))


def test_what_the_sliders_hide_is_counted(graph):
    made = drawn(graph, steps_share=0.7, paths_share=0.5)
    assert set(nodes(made)) == {START, END, "a", "b", "c"}
    assert made.steps_shown == 3
    assert made.events_share == pytest.approx(12 / 13)
    assert made.paths_shown < made.paths
    assert made.movements_share < 1


def test_every_shown_step_keeps_a_way_in_and_out(graph):
    made = drawn(graph, paths_share=0.1)
    for step in ("a", "b", "c", "x"):
        assert any(target == step != source for source, target in edges(made))
        assert any(source == step != target for source, target in edges(made))


def test_boxes_stay_when_the_selection_changes(store_from):
    store = store_from(TRACES)
    places = union_layout(discover_dfg(store))
    everywhere = nodes(process_map(discover_dfg(store), places, {}, LIGHT))
    here = nodes(process_map(discover_dfg(store, Selection(provinces=("H02",))), places, {}, LIGHT))
    assert all(everywhere[step]["position"] == element["position"] for step, element in here.items())


def test_times_and_rework_have_their_own_words(graph):
    made = drawn(graph, colouring="duration", language="en")
    assert edges(made)["a", "b"]["data"]["label"] in ("1.0 h", "60 min")
    assert made.legend[0][1] == "short wait"
    again = drawn(graph, colouring="rework", language="en")
    assert nodes(again)["b"]["data"]["label"] == "B\n25.0%"


def test_a_selection_without_events_draws_nothing_but_the_ends(store_from):
    store = store_from(TRACES)
    empty = discover_dfg(store, Selection(end=date(1990, 1, 1)))
    made = process_map(empty, union_layout(discover_dfg(store)), {}, LIGHT)
    assert set(nodes(made)) == {START, END}
    assert made.movements_share == 0.0


def test_rare_steps_stand_beside_the_others(store_from):
    traces = {("H01", str(n)): "a b c" for n in range(400)} | {("H01", "r"): "a rare c"}
    places = union_layout(discover_dfg(store_from(traces)))
    assert places.nodes["rare"][0] > max(places.nodes[step][0] for step in "abc")


def test_bends_are_told_along_and_beside_the_straight_line():
    told = bend_data((0, 0), (0, 100), [(40, 50)])
    weights = [float(one) for one in told["weights"].split()]
    distances = [float(one) for one in told["distances"].split()]
    assert weights == [0.2, 0.8]
    assert {abs(one) for one in distances} == {40.0}


def test_only_as_many_steps_as_can_be_read(graph):
    assert readable_share(graph) == 1.0
    many = graph.activities.loc[graph.activities.index.repeat(20)].reset_index(drop=True)
    wide = type(graph)(edges=graph.edges, activities=pd.DataFrame(many), basis=graph.basis)
    assert 0 < readable_share(wide, most=10) < 1


def test_styles_name_only_data_the_elements_carry(graph):
    made = drawn(graph, paths_share=1.0)
    carried = set().union(*(element["data"] for element in made.elements)) | {"weights", "distances"}
    for rule in stylesheet(LIGHT):
        for value in rule["style"].values():
            if isinstance(value, str) and value.startswith("data("):
                assert value[5:-1] in carried
