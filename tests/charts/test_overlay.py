"""Two organisations on one map."""

from __future__ import annotations

from workbench.charts.overlay import FIRST, SECOND, overlay_elements
from workbench.charts.process_map import union_layout
from workbench.charts.tokens import LIGHT
from workbench.mining.dfg import discover_dfg
from workbench.selection import Selection


def test_colours_say_who_does_it_more_often(store_from):
    traces = {("H01", f"a{n}"): "start check end" for n in range(10)}
    traces |= {("H02", f"b{n}"): "start sign end" for n in range(10)}
    store = store_from(traces)
    first, second = (discover_dfg(store, Selection(provinces=(code,))) for code in ("H01", "H02"))
    places = union_layout(discover_dfg(store, Selection()))
    elements = {one["data"]["id"]: one for one in overlay_elements(first, second, places, {}, LIGHT, language="en")}
    assert elements["check"]["data"]["fill"] == FIRST[-1]
    assert elements["sign"]["data"]["fill"] == SECOND[-1]
    assert elements["start"]["data"]["fill"] == LIGHT.surface
    assert elements["check"]["data"]["label"].endswith("100% · 0%")
    assert elements["start→check"]["data"]["line"] == FIRST[-1]
    assert elements["check"]["position"] == {
        "x": round(places.nodes["check"][0], 1),
        "y": round(places.nodes["check"][1], 1),
    }
    assert "check→sign" not in elements
