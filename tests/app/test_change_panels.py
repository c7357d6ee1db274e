"""Plain panels on cost, online readiness and compared waiting: what they show is what the steps give."""

from __future__ import annotations

import pytest

from tests.app.conftest import LAND, text_of
from workbench.app.change_panels import cost_panel, online_panel, waiting_comparison_panel
from workbench.app.panels import PANELS, answer


@pytest.fixture
def page(country_app, page_of):
    return page_of(f"{LAND}&by=level")


def test_the_pages_have_them(country_app):
    assert country_app is not None
    assert {"recommendations-cost", "recommendations-online", "bottlenecks-beside"} <= PANELS.keys()


def test_cost_before_and_after_with_every_parameter(page, monkeypatch):
    from workbench.harmonise.cost_assessment import assess_cost
    from workbench.harmonise.recommend import recommend

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
