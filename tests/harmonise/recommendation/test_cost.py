"""The standard cost model, computed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.errors import SettingError, TooFewCases
from workbench.harmonise.recommendation.cost import (
    CostParameters,
    Practice,
    compliance_cost,
    cost_change,
    observed_practice,
)
from workbench.results import Basis
from workbench.selection import Selection

BASIS = Basis(n_dossiers=100)
PRACTICE = Practice(1000, desk_share=1.0, online_share=0.0, post_share=0.0, supplements_per_dossier=1.0, fee_vnd=50_000)
PARAMETERS = CostParameters(gdp_per_head_vnd=12 * 22 * 8 * 10_000, papers=2)  # 10,000 VND an hour


def test_cost_of_a_desk_dossier():
    cost = compliance_cost(PRACTICE, BASIS, PARAMETERS)
    # 2 papers x 1 h + 2 h submit + 3 h supplement + 2 h receive = 9 h = 90,000; fees 50,000
    assert cost.tasks["hours"].sum() == pytest.approx(9.0)
    assert cost.per_dossier_vnd == pytest.approx(140_000)
    assert cost.per_year_vnd == pytest.approx(140_000_000)


def test_moving_online_without_supplements_saves_the_difference():
    change = cost_change(
        compliance_cost(PRACTICE, BASIS, PARAMETERS),
        replace(PRACTICE, desk_share=0.0, online_share=1.0, supplements_per_dossier=0.0),
    )
    # after: 2 + 0.5 + 0 + 0.25 = 2.75 h = 27,500 + 50,000
    assert change.after.per_dossier_vnd == pytest.approx(77_500)
    assert change.cut == pytest.approx(62.5 / 140)
    assert change.reaches_2025
    assert not change.reaches_2026


def test_confirming_a_parameter_takes_it_off_the_unverified_list():
    assert "papers" not in CostParameters().confirmed(papers=3).unverified
    with pytest.raises(SettingError):
        CostParameters().confirmed(papers=-1)


def test_practice_of_a_log_and_of_nothing(store_from, store):
    loaded = store_from({("H01", "1"): "a b", ("H01", "2"): "a"})
    practice, basis = observed_practice(loaded, Selection())
    assert (practice.desk_share, practice.supplements_per_dossier, basis.n_dossiers) == (1.0, 0.0, 2)
    with pytest.raises(TooFewCases):
        observed_practice(store, Selection())
