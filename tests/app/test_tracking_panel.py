"""The tracking panel: a day to choose, months with intervals and doubts in words, files and Python."""

from __future__ import annotations

import ast
from datetime import date

import pytest

from tests.app.conftest import LAND, ids_of, text_of
from workbench.app.card_tools import python_call
from workbench.app.panels import PANELS, answer
from workbench.app.tracking_panel import change_card, months_card, since_of, tracking_options, tracking_panel
from workbench.charts.tracking import tracking_figure
from workbench.errors import SelectionError
from workbench.harmonise.migration.tracking import track_distance
from workbench.mining.discovery import discover_model
from workbench.mining.variants import variant_counts

DAY = date(2025, 7, 1)


@pytest.fixture
def page(page_of):
    return page_of(f"{LAND}&by=level&run=5&since={DAY}")


@pytest.fixture
def found(page):
    model = discover_model(variant_counts(page.store, page.selection))
    return track_distance(page.store, page.selection, model, **tracking_options(page))


def test_months_and_change_say_what_the_step_gives(page, found):
    shown = text_of(months_card(page, found))
    everyone = found.months[found.months["organisation"] == "all"]
    assert page.n(everyone["distance"].iloc[0], 3) in shown
    assert "harmonise-tracking-since" in ids_of(months_card(page, found))
    assert {"csv", "xlsx"} <= {link.split("?")[0].rsplit(".", 1)[1] for link in links(months_card(page, found))}
    changed = change_card(page, found)
    if len(found.change):
        assert page.n(found.change["difference"].iloc[0], 3) in text_of(changed)
    else:
        assert "both sides" in text_of(changed)


def links(card):
    return [one.href for one in card._traverse() if str(getattr(one, "href", "")).startswith("/download/")]


def test_doubts_are_said_in_words_and_hollow_in_the_chart(page, found):
    from dataclasses import replace

    doubtful = replace(found, months=found.months.assign(too_few=True, too_early=True))
    assert "too few dossiers, too early" in text_of(months_card(page, doubtful))
    sure = replace(found, months=found.months.assign(too_few=False, too_early=False))
    assert "too few dossiers, too early" not in text_of(months_card(page, sure))
    rows = doubtful.months[doubtful.months["organisation"] == "all"]
    drawn = tracking_figure(rows, DAY, "en")
    assert {symbol for line in drawn.data for symbol in line.marker.symbol} == {"circle-open"}
    assert sum(len(line.x) for line in drawn.data) == len(rows)
    assert len(drawn.layout.shapes) == 1


def test_the_day_is_in_the_address_and_a_wrong_one_is_refused(page, page_of, country_app):
    assert "harmonise-tracking" in PANELS
    assert since_of(page) == DAY
    assert since_of(page_of(LAND)) is None
    with pytest.raises(SelectionError, match="since"):
        since_of(page_of(f"{LAND}&since=soon"))
    with country_app.server.test_request_context():
        assert answer(LAND, tracking_panel) is None


def test_the_python_of_the_panel_can_be_read(page):
    code = python_call(page, "workbench.harmonise.migration.tracking:track_distance", tracking_options(page))
    ast.parse(code)
    assert "import datetime" in code
    assert "since=datetime.date(2025, 7, 1)" in code
