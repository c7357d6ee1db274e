"""The compare page: chosen organisations, overlay, case mix."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pandas as pd
import pytest

from tests.app.conftest import LAND, text_of
from workbench.app.chosen import compare_chosen, only, without_case_mix
from workbench.app.panels import answer
from workbench.errors import SelectionError
from workbench.harmonise.comparison.case_mix import CaseMix
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.results import Basis
from workbench.selection import Selection


def compare():
    return importlib.import_module("workbench.app.pages.compare")


def test_two_organisations_are_held_against_each_other(store_from):
    traces = {("H01", f"a{n}"): "a b c" for n in range(40)} | {("H02", f"b{n}"): "a c" for n in range(40)}
    traces |= {("H03", f"c{n}"): "a c" for n in range(40)}
    store = store_from(traces)
    two = compare_chosen(store, Selection(), organisations=("H01", "H02"), by="province_code")
    assert set(two.differences["organisation"]) == {"H01"}
    step = two.differences[two.differences["kind"] == "step"].iloc[0]
    assert (step["source"], step["share"], step["share_others"]) == ("b", 1.0, 0.0)
    assert step["q_value"] < 0.001
    assert two.basis.n_dossiers == 80
    three = compare_chosen(store, Selection(), organisations=("H01", "H02", "H03"), by="province_code")
    assert three.differences["organisation"].iloc[0] == "H01"
    assert three.tests > two.tests


def test_what_cannot_be_chosen_is_said():
    with pytest.raises(SelectionError):
        only(Selection(), "outcome", ("done",))


def test_chosen_organisations_side_by_side_and_overlaid(country_app):
    with country_app.server.test_request_context():
        address = f"{LAND}&pick=H26,H29"
        assert "Click a cell of the matrix" in text_of(answer(LAND, compare().show_chosen))
        shown = text_of(answer(address, compare().show_chosen))
        side = answer(address, compare().show_maps)
        over = answer(f"{address}&show=overlay", compare().show_maps)
    assert "What tells Hà Nội · Hồ Chí Minh apart" in shown
    assert "rank test" in shown or "below" in shown
    assert len([1 for part in side._traverse() if type(part).__name__ == "Cytoscape"]) == 2
    assert len([1 for part in over._traverse() if type(part).__name__ == "Cytoscape"]) == 1
    assert "more in Hà Nội" in text_of(over)


def test_adjusted_figures_take_the_place_of_recorded_ones(store_from):
    traces = {(code, f"{code}{n}"): "a b" for code in ("H01", "H02") for n in range(4)}
    found = compare_organisations(store_from(traces), Selection(), bootstrap=5)
    table = found.organisations.assign(on_time=[0.9, 0.8], median_working_seconds=[100.0, 200.0])
    mix = pd.DataFrame({"organisation": ["H01", "H02"], "on_time_adjusted": [0.85, 0.86], "low": [0.8, 0.8],
                        "high": [0.9, 0.9], "time_factor": [2.0, float("nan")]})  # fmt: skip
    given = CaseMix(mix, 1, 0.1, "portal", Basis(n_dossiers=8, n_events=16, selection={}, store_version="x"))
    adjusted = without_case_mix(replace(found, organisations=table), given).organisations
    assert adjusted["on_time"].tolist() == [0.85, 0.86]
    assert adjusted["median_working_seconds"].tolist() == [200.0, 200.0]
    assert list(adjusted.columns) == list(table.columns)
