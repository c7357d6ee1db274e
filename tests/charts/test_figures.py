"""Figures over results."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.charts.candidates import candidate_figure
from workbench.charts.compare import funnel_figure, leaves, matrix_bounds, matrix_figure, matrix_legend, ranking_figure
from workbench.charts.country import country_map
from workbench.charts.durations import short_duration
from workbench.charts.figures import percent_axis
from workbench.charts.procedure import Emphasis, model_elements, model_layout
from workbench.charts.tokens import LIGHT
from workbench.charts.trend import month_figure
from workbench.charts.waiting import week_figure
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.mining.model import Bpmn, Flow, Node


class Table:
    def __init__(self, table):
        self.table = table


def test_months_use_working_days_when_known_and_clock_days_otherwise():
    months = pd.DataFrame(
        {"month": pd.to_datetime(["2025-01-01", "2025-02-01"]), "n": [10, 20], "closed": [10, 20],
         "median_working_seconds": [28800.0, 57600.0], "median_seconds": [86400.0, 172800.0]}
    )  # fmt: skip
    assert list(month_figure(months, "en").data[1].y) == [1.0, 2.0]
    unknown = months.assign(median_working_seconds=float("nan"))
    made = month_figure(unknown, "en")
    assert list(made.data[1].y) == [1.0, 2.0]
    assert made.layout.yaxis2.title.text == "Days"


def test_few_dossiers_get_no_colour_and_late_provinces_are_told():
    rates = pd.DataFrame(
        [("H26", "portal", 100, 99, 0.995, 0.98, 1.0), ("H29", "portal", 100, 80, 0.80, 0.7, 0.9),
         ("H56", "portal", 5, 5, 1.0, 0.5, 1.0), ("Utrecht", "portal", 50, 50, 1.0, 0.9, 1.0)],
        columns=["group", "clock", "n", "on_time", "rate", "low", "high"],
    )  # fmt: skip
    shown = country_map("on_time", Table(rates), "portal", language="en", few=30)
    assert set(shown.values) == {"H26", "H29", "H56"}
    assert shown.values["H56"].few
    assert shown.values["H56"].colour is None
    assert shown.values["H29"].colour == shown.legend[-1][0]
    assert "80 %" not in shown.values["H29"].text


def test_a_store_without_provinces_is_said():
    empty = pd.DataFrame([("Utrecht", 5, 5, 0.1, 1.0, 1.0)],
                         columns=["code", "n", "closed", "online", "median_working_seconds", "median_seconds"])  # fmt: skip
    assert not country_map("n", Table(empty), "", language="vi").known


@pytest.mark.parametrize(
    ("seconds", "working", "text"),
    [(30, False, "0 min"), (5400, False, "1.5 h"), (28800, True, "1.0 d"), (28800, False, "8.0 h"), (None, True, "–"),
     (float("nan"), True, "–")],
)  # fmt: skip
def test_short_durations(seconds, working, text):
    if seconds == 30:
        text = short_duration(seconds, "en")
        assert text.endswith("min")
        return
    assert short_duration(seconds, "en", working=working) == text


@pytest.fixture
def comparison(store_from):
    traces = {
        (org, f"{org}{n}"): "a b c" if org != "H03" else "a c b d" for org in ("H01", "H02", "H03") for n in range(4)
    }
    return compare_organisations(store_from(traces), _all(), by="province_code", bootstrap=5)


def _all():
    from workbench.selection import Selection

    return Selection()


def test_leaves_keep_branches_from_crossing():
    merges = pd.DataFrame({"left": [0, 1], "right": [2, 3], "distance": [0.1, 0.5], "size": [2, 3]})
    assert leaves(merges, 3) == [1, 0, 2]
    assert leaves(merges.head(0), 1) == [0]


def test_the_matrix_is_ordered_and_marks_the_medoid(comparison):
    made = matrix_figure(comparison, {"H01": "An Giang"}, language="en")
    labels = list(made.layout.yaxis.ticktext)
    assert sum("★" in label for label in labels) == 1
    assert labels.index(next(la for la in labels if la.startswith("H03"))) in (0, 2)
    same = matrix_figure(comparison, {}, value="control_flow")
    assert same.data[0].z[0][0] == 0.0
    low, high = matrix_bounds(comparison.square("f"))
    assert 0 <= low < high <= 1.1
    assert [words for _, words in matrix_legend(comparison, "f", "en")] == [f"{low:.1f}", f"{high:.1f}"]


def test_rankings_leave_out_what_is_not_known(comparison):
    assert len(ranking_figure(comparison, {}, measure="on_time").data[0].y) == 0
    assert len(funnel_figure(comparison, {}).data) == 5


def test_candidates_are_numbered_and_the_chosen_one_has_a_ring():
    table = pd.DataFrame(
        [("searched", 20, 0.9, 0.9, 0.9, 2.0, True, True), ("pooled", 40, 0.7, 0.9, 0.6, 1.0, False, False)],
        columns=["name", "size", "f", "fitness", "precision", "changes", "on_front", "recommended"],
    )
    dots = candidate_figure(table, {}, {"searched": "1", "pooled": "2"}, "en").data[1]
    assert list(dots.text) == ["1", "2"]
    assert list(dots.marker.line.width) == [3, 0]


def test_a_model_is_drawn_with_its_gateways_and_what_stands_out():
    model = Bpmn(
        (
            Node("s", "start"),
            Node("g", "xor"),
            Node("t", "task", "KÝ DUYỆT"),
            Node("u", "task", "Sửa"),
            Node("e", "end"),
        ),
        (Flow("s", "g"), Flow("g", "t", 0.9), Flow("g", "u", 0.1), Flow("t", "e"), Flow("u", "e")),
    )
    elements = model_elements(model, model_layout(model), {}, LIGHT, emphasis={"Sửa": Emphasis("#633c06", "12 %")})
    data = {element["data"]["id"]: element["data"] for element in elements}
    assert data["g"]["label"] == "×"
    assert data["t"]["label"] == "Ký duyệt" or data["t"]["label"] == "KÝ DUYỆT".capitalize()
    assert data["u"]["label"] == "Sửa\n12 %"
    assert data["u"]["ink"] == "#ffffff"
    assert data["g→u"]["label"] == "10 %"


def test_the_week_has_seven_days_and_missing_hours_are_empty():
    made = week_figure(pd.DataFrame({"weekday": [0], "hour": [9], "n": [5]}), "en")
    assert made.data[0].z.shape == (7, 24)
    assert made.data[0].z[0][9] == 5


def test_the_transition_grid_hides_what_rests_on_too_few(store_from):
    from workbench.charts.waiting import transition_figure
    from workbench.mining.waiting_causes import CAUSES

    rows = pd.DataFrame(
        {"organisation": ["H01", "H02", "H02", "H03"], "source": ["a", "a", "b", "c"], "target": ["b", "b", "c", "d"],
         "dossiers": [40, 5, 30, 29], **{f"{cause}_seconds": [0.0] * 4 for cause in CAUSES}}
    )  # fmt: skip
    rows["batching_seconds"] = [40 * 7200.0, 5 * 3600.0, 30 * 3600.0, 29 * 3600.0]
    heat = transition_figure(rows, {"H01": "One", "H02": "Two"}, few=30, language="en").data[0]
    assert (list(heat.x), len(heat.y)) == (["One", "Two"], 2)  # H03 and its pair have too few everywhere
    cells = dict(zip(heat.x, heat.z[0], strict=True))
    assert cells["One"] == 2.0
    assert cells["Two"] != cells["Two"]
    assert "below 30" in str(heat.customdata)
    assert list(heat.colorbar.ticktext) == ["0 min", "1.0 h", "2.0 h"]


def test_a_vietnamese_percent_sign_stands_apart_from_its_number_on_axes():
    assert percent_axis("vi")["labelalias"]["75%"] == "75\u00a0%"
    assert percent_axis("en") == {"tickformat": ".0%"}
