"""Before and after by the standard cost model, every parameter in sight."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.harmonise.logs import closed_log, traces
from workbench.errors import SettingError, TooFewCases
from workbench.harmonise.recommendation.cost import CostParameters, Practice
from workbench.harmonise.recommendation.cost_assessment import assess_cost, parameters_text, read_parameters, spared
from workbench.selection import Selection

P = Selection(procedure="1.000001")
TEN = CostParameters(gdp_per_head_vnd=12 * 22 * 8 * 10_000, papers=2)  # 10,000 VND an hour


def desk(store_from):
    return store_from(**closed_log(traces(A="a b x3", B="a b")))


def test_before_after_and_the_targets(store_from):
    found = assess_cost(desk(store_from), P, parameters=TEN, after={"papers": 1, "online_share": 1.0})
    # before 2 + 2 + 0 + 2 hours, after 1 + 0.5 + 0 + 0.25
    assert found.tasks["hours_before"].sum() == pytest.approx(6.0)
    assert found.tasks["hours_after"].sum() == pytest.approx(1.75)
    assert found.change.cut == pytest.approx(4.25 / 6)
    assert found.targets["target"].tolist() == [0.3, 0.5]
    assert found.targets["reached"].tolist() == [True, True]
    assert (found.after.online_share, found.after.desk_share) == (1.0, 0.0)
    assert set(found.gaps) == {"unverified_parameters", "no_channels", "no_fees"}


def test_without_parameters_nothing_is_computed(store_from):
    found = assess_cost(desk(store_from), P, parameters=None)
    assert found.change is None
    assert found.tasks.empty
    assert found.parameters.empty
    assert found.targets["cut"].tolist() == [None, None]
    assert {"no_parameters", "no_change"} <= set(found.gaps)


def test_every_parameter_is_shown_and_a_file_edits_them(store_from, tmp_path):
    file = tmp_path / "cost.toml"
    file.write_text(parameters_text(CostParameters()), "utf-8")
    assert read_parameters(file) == CostParameters().confirmed(months=12, days_a_month=22, hours_a_day=8)
    file.write_text("papers = 3\nfee_vnd = 50000\n", "utf-8")
    read = read_parameters(file)
    assert (read.papers, read.fee_vnd) == (3, 50_000)
    assert "papers" not in read.unverified
    table = assess_cost(desk(store_from), P, parameters=read).parameters.set_index("name")
    assert table.loc["papers", "value"] == 3
    assert not table.loc["papers", "unverified"]
    assert len(table) == 14


@pytest.mark.parametrize("text", ["papers = 'many'", "paper = 1", "papers = -1", "papers ="])
def test_bad_parameter_files(tmp_path, text):
    file = tmp_path / "cost.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingError):
        read_parameters(file)


def test_nothing_to_judge_and_unknown_changes(store, store_from):
    with pytest.raises(TooFewCases):
        assess_cost(store, P, parameters=TEN)
    with pytest.raises(SettingError, match="nothing a change can set"):
        assess_cost(desk(store_from), P, parameters=TEN, after={"speed": 2})
    with pytest.raises(SettingError):
        assess_cost(desk(store_from), P, parameters=TEN, after={"online_share": 1.5})


def test_recommendations_spare_what_lies_beyond_the_middle():
    practice = Practice(1000, 0.6, 0.4, 0.0, 0.5, 0.0)
    moves = [
        # 100 dossiers a year show it, a quarter of them beyond the middle: 25 of 1000 dossiers
        SimpleNamespace(move="cut_repeated_supplement", dossiers_a_year=100, share=0.4, usual=0.3, vnd_reason=None),
        SimpleNamespace(move="move_online", dossiers_a_year=200, share=0.8, usual=0.4, vnd_reason=None),
    ]
    after = spared(practice, moves)
    assert after.supplements_per_dossier == pytest.approx(0.475)
    assert (after.desk_share, after.online_share) == (pytest.approx(0.5), pytest.approx(0.5))
