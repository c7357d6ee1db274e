"""A map kept beside the data, and what the overview makes of it."""

from __future__ import annotations

import base64
import importlib

import pytest

from tests.app.conftest import text_of
from tests.charts.test_own_map import file_of, square
from workbench.app.own_map import drop_own_map, keep_own_map, own_map, own_map_mark, uploaded
from workbench.app.panels import answer
from workbench.app.workspace import workspace
from workbench.errors import FormatError


def test_a_map_is_kept_replaced_and_dropped(store):
    assert own_map_mark(store) is None
    keep_own_map(store, file_of(({"code": "H26"}, square(105, 21))))
    first = own_map_mark(store)
    keep_own_map(store, file_of(({"code": "H29"}, square(106, 10))))
    second = own_map_mark(store)
    assert None not in (first, second)
    assert first != second
    assert [area.code for area in own_map(store, second).areas] == ["H29"]
    with pytest.raises(FormatError):
        keep_own_map(store, b"[]")
    assert own_map_mark(store) == second
    drop_own_map(store)
    assert own_map_mark(store) is None


def test_an_upload_is_bytes(store):
    assert uploaded("data:application/geo+json;base64," + base64.b64encode(b"{}").decode()) == b"{}"
    with pytest.raises(FormatError):
        uploaded("data:;base64,§§")


def test_the_overview_draws_the_own_map_and_goes_back(country_app):
    overview = importlib.import_module("workbench.app.pages.overview")
    content = file_of(({"ten": "Hà Nội"}, square(105, 21)), ({"ten": "Sao Hỏa"}, square(106, 15)))
    with country_app.server.test_request_context():
        space = workspace()
        try:
            said, done = overview.change_map("data:;base64," + base64.b64encode(content).decode(), None, "?lang=en", 3)
            assert (said, done) == ("", 4)
            shown = text_of(answer("?lang=en", overview.country))
            assert "1 areas of the file are no provinces: Sao Hỏa" in shown
            assert "33 provinces are not in the file" in shown
            said, _ = overview.change_map("data:;base64," + base64.b64encode(b"[]").decode(), None, "?lang=vi", 3)
            assert "FeatureCollection" in said
        finally:
            overview.change_map(None, 1, "?lang=en", 4)
        assert own_map_mark(space.store()) is None
        assert "Your map" not in text_of(answer("?lang=en", overview.country))


def test_what_changed_is_said_with_interval_and_sample(country_app):
    overview = importlib.import_module("workbench.app.pages.overview")
    with country_app.server.test_request_context():
        shown = text_of(answer("?lang=en&against=quarter", overview.show_changes))
        never = text_of(answer("?lang=en&start=1990-01-01&end=1990-02-01&procedure=x", overview.show_changes))
    assert "What changed" in shown
    assert "95% interval" in shown
    assert "tests by organisation and procedure" in shown
    assert "What changed" not in never
