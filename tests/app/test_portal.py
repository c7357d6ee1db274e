"""The portal's scores beside ours, through the page."""

from __future__ import annotations

import io
import json
import time

import pytest

from tests.app.conftest import text_of
from tests.app.test_pages import module
from workbench.app.panels import answer
from workbench.app.portal import plain
from workbench.app.workspace import Page


@pytest.mark.parametrize(
    "name", ["Thành phố Đà Nẵng", "TP. Đà Nẵng", "đà nẵng", "UBND thành phố Đà Nẵng", "DA NANG"]
)  # fmt: skip
def test_a_unit_is_known_however_it_is_written(name):
    assert plain(name) == "da nang"


def shown(search):
    for _ in range(400):
        drawn = answer(search, module("indicators").show_table)
        if "Working" not in text_of(drawn):
            return text_of(answer(search, module("indicators").show_portal))
        time.sleep(0.05)
    raise AssertionError("the indicators were not computed")


@pytest.fixture
def scores(country_app):
    """Uploads a file of scores, gives the address that shows it."""

    def upload(name, content):
        batches = country_app.server.extensions["workbench"].batches
        batch = batches.new()
        batches.take(batch, name, io.BytesIO(content))
        return f"?lang=en&scores={batch}"

    with country_app.server.test_request_context():
        yield upload


def test_scores_of_the_country_are_put_beside_ours_and_explained(scores):
    plain_page = shown("?lang=en")
    assert "Drop the portal's scores here" in plain_page
    search = scores("scores.json", json.dumps([{"id": "2.1", "numerator": 1, "denominator": 2, "score": 3}, {"id": "x.9", "score": 1}]).encode())  # fmt: skip
    text = shown(search)
    assert "fewer dossiers" in text
    assert "1 / 2" in text
    table = module("indicators").reconciled(Page.of(search), module("indicators")._kept(Page.of(search)), search[-16:])[0].table  # fmt: skip
    assert list(table["id"]) == ["2.1"]


def test_scores_of_provinces_are_found_by_their_names(scores):
    text = shown(
        scores(
            "scores.json",
            json.dumps(
                [
                    {"donvi": "Tỉnh Nghệ An", "id": "2.1", "ratio": "90 %"},
                    {"donvi": "Nowhere", "id": "2.1", "ratio": "90 %"},
                ]
            ).encode(),
        )
    )
    assert "Nowhere" in text


def test_a_file_that_holds_no_scores_and_one_that_is_gone_are_said_with_a_way_on(scores):
    text = shown(scores("photo.json", b"\x89PNG"))
    assert "not JSON" in text
    assert "Drop the portal's scores here" in text
    gone = shown("?lang=en&scores=0123456789abcdef")
    assert "no longer on the server" in gone
    assert "Drop the portal's scores here" in gone


def test_the_reconciliation_can_be_taken_along(country_app, scores):
    search = scores("scores.json", b'[{"id": "2.1", "numerator": 1, "denominator": 2}]')
    shown(search)
    got = country_app.server.test_client().get(f"/download/reconciliation.csv{search}")
    assert got.status_code == 200
    assert b"fewer_dossiers_at_portal" in got.data
