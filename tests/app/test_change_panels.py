"""Plain panels on cost, online readiness and compared waiting: what they show is what the steps give."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.app.conftest import LAND, text_of
from workbench.app.change_panels import online_panel, waiting_comparison_panel
from workbench.app.cost_panel import cost_panel
from workbench.app.panels import PANELS, answer

NOW = datetime(2026, 1, 5, 9)


@pytest.fixture
def page(country_app, page_of):
    return page_of(f"{LAND}&by=level")


def test_the_pages_have_them(country_app):
    assert country_app is not None
    assert {"recommendations-cost", "recommendations-online", "bottlenecks-beside"} <= PANELS.keys()


def test_cost_before_and_after_with_every_parameter(page, monkeypatch):
    from workbench.harmonise.recommendation.cost_assessment import assess_cost
    from workbench.harmonise.recommendation.recommend import recommend

    made = recommend(page.store, page.selection, by="level")
    monkeypatch.setattr(type(page), "kept", lambda self, step, *args, **options: made)
    shown = text_of(cost_panel(page))
    found = assess_cost(page.store, page.selection, parameters=made.parameters, recommendations=made.items)
    assert page.n(found.change.before.per_year_vnd, 0) in shown
    assert page.percent(found.change.cut, 1) in shown
    assert all(name in shown for name in found.parameters["name"])
    assert "unverified" in shown
    assert "30 %" in shown.replace("\u00a0", " ").replace("30%", "30 %")


def test_nothing_is_priced_before_the_recommendations_are_there(page, monkeypatch):
    monkeypatch.setattr(type(page), "kept", lambda self, step, *args, **options: None)
    assert cost_panel(page) is None
    assert waiting_comparison_panel(page) is None


def test_online_barriers(country_app):
    with country_app.server.test_request_context():
        shown = text_of(answer(f"{LAND}&by=level", online_panel))
    assert "Readiness for full online service" in shown
    assert "n = " in shown


def test_waiting_beside_the_others(page, monkeypatch):
    from workbench.mining.waiting import waiting_causes

    made = waiting_causes(page.store, page.selection, by="province_code", too_few_cases=1)
    monkeypatch.setattr(type(page), "kept", lambda self, step, *args, **options: made)
    monkeypatch.setattr(type(page), "few", 2)
    shown = text_of(waiting_comparison_panel(page))
    known = made.comparison[made.comparison["low"].notna()].sort_values("q_value")
    assert page.percent(known["share"].iloc[0], 1) in shown
    monkeypatch.setattr(type(page), "few", 10**6)
    assert "Needs at least two organisations" in text_of(waiting_comparison_panel(page))


@pytest.fixture
def priced(page, monkeypatch):
    from workbench.app.cost_panel import reset_values
    from workbench.harmonise.recommendation.recommend import recommend

    made = recommend(page.store, page.selection, by="level")
    monkeypatch.setattr(type(page), "kept", lambda self, step, *args, **options: made)
    yield page
    reset_values(page)


def texts_of(page, **changes):
    from workbench.app.cost_panel import NAMES, cost_found, shown

    table = cost_found(page).parameters.set_index("name")["value"]
    return {name: shown(page, table[name]) for name in NAMES} | changes


def test_an_entered_parameter_changes_the_cost_and_reset_takes_it_back(priced):
    from workbench.app.cost_panel import apply_values, cost_found, reset_values

    before = cost_found(priced).change.before.per_year_vnd
    said, changed = apply_values(priced, texts_of(priced, gdp_per_head_vnd="228,000,000"), now=NOW)
    assert changed
    assert "1 parameters kept" in said
    after = cost_found(priced)
    assert after.change.before.tasks.set_index("task")["vnd"]["submit"] == pytest.approx(
        2 * assessed_default(priced)["submit"]
    )
    assert after.change.before.per_year_vnd > before
    shown = text_of(cost_panel(priced))
    assert priced.n(after.change.before.per_year_vnd, 0) in shown
    assert "entered by a person" in shown
    assert apply_values(priced, texts_of(priced), now=NOW)[1] is False
    reset_values(priced)
    assert cost_found(priced).change.before.per_year_vnd == before
    assert "entered by a person" not in text_of(cost_panel(priced))


def assessed_default(page):
    from workbench.harmonise.recommendation.cost import CostParameters
    from workbench.harmonise.recommendation.cost_assessment import assess_cost

    found = assess_cost(page.store, page.selection, parameters=CostParameters())
    return found.tasks.set_index("task")["vnd_before"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("papers", "-1"),
        ("papers", "four"),
        ("papers", ""),
        ("papers", "nan"),
        ("months", "0"),
        ("hours_per_paper", "1e9"),
    ],
)
def test_a_wrong_parameter_is_named_and_nothing_is_kept(priced, name, text):
    from workbench.app.cost_panel import apply_values
    from workbench.app.cost_parameters import read_given

    said, changed = apply_values(priced, texts_of(priced, **{"gdp_per_head_vnd": "1", name: text}), now=NOW)
    assert not changed
    assert priced.t(f"app_recommendations.parameter.{name}") in text_of(said)
    assert "nothing was kept" in text_of(said)
    assert read_given(priced.store, priced.selection.procedure) == {}


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [("1,5", "vi", 1.5), ("1.5", "vi", 1.5), ("114.000.000", "vi", 114e6), ("1.000", "vi", 1000.0),
     ("114,000,000", "en", 114e6), ("0.25", "en", 0.25), ("inf", "en", None), ("-2", "vi", None), ("", "vi", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, language, value):
    from workbench.app.cost_parameters import entered

    assert entered(text, language) == value


def test_cost_and_online_readiness_can_be_taken_along(priced, country_app):
    import ast

    from workbench.app.card_tools import python_call
    from workbench.app.cost_panel import apply_values
    from workbench.app.downloads import TABLES

    apply_values(priced, texts_of(priced, papers="3"), now=NOW)
    cost = TABLES["cost"](priced)
    assert cost.loc[cost["name"] == "papers", "value"].tolist() == [3.0]
    assert {"task", "target", "parameter"} == set(cost["kind"])
    assert len(TABLES["online"](priced))
    code = python_call(priced, "cost", {"by": "level", "parameters": {"papers": 3.0}})
    ast.parse(code)
    assert "confirmed(papers=3.0)" in code


def test_the_cards_are_priced_by_the_entered_parameters(priced, monkeypatch):
    from dataclasses import replace

    from workbench.app.cost_panel import apply_values
    from workbench.app.pages import recommendations
    from workbench.harmonise.recommendation.recommend import Recommendation, recommend

    made = recommend(priced.store, priced.selection, by="level")
    priceable = Recommendation(
        procedure="1.012783", move="cut_repeated_supplement", steps=(), organisations=("H01",), dossiers=100,
        effect_working_hours=None, interval=None, q_value=0.01, verdict="recommended", kind="repeated_supplements",
        share=0.5, usual=0.25, method="none", dossiers_a_year=100.0, working_days_a_year=None, vnd_a_year=1.0,
    )  # fmt: skip
    monkeypatch.setattr(type(priced), "kept", lambda self, step, *args, **options: replace(made, items=(priceable,)))
    apply_values(priced, texts_of(priced, hours_per_supplement="4"), now=NOW)
    (shown,) = recommendations._found(priced).items
    # 100 dossiers a year, half of them now and a quarter usually: half of the 100 are spared 4 hours each
    assert shown.vnd_a_year == round(50 * 4 * made.parameters.income_per_hour_vnd)
