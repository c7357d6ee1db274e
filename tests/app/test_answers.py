"""Answers kept whole: sent again while nothing they rest on has changed, never after."""

from __future__ import annotations

import gzip
import json
from datetime import datetime

import pandas as pd
import pytest

from tests.app.conftest import LAND
from workbench.app.cache import Cache, weight_of
from workbench.app.decisions import keep_decision
from workbench.app.ids import JOBS_DONE, URL
from workbench.selection import Selection


def asks(output: str, search: str = LAND, jobs: int = 0) -> dict:
    """What a browser sends for a panel."""
    panel, _, prop = output.partition(".")
    return {
        "output": output,
        "outputs": {"id": panel, "property": prop},
        "inputs": [
            {"id": URL, "property": "search", "value": search},
            {"id": JOBS_DONE, "property": "data", "value": jobs},
        ],
        "changedPropIds": [f"{URL}.search"],
    }


@pytest.fixture
def post(country_app):
    client = country_app.server.test_client()
    space = country_app.server.extensions["workbench"]
    space.answers.clear()

    def asked(body: dict, **headers: str):
        return client.post("/_dash-update-component", json=body, headers=headers)

    asked.space = space
    return asked


def test_the_second_answer_is_the_first_and_nothing_is_computed(post, monkeypatch):
    first = post(asks("overview-months.children"))
    assert first.status_code == 200
    monkeypatch.setattr(post.space.cache, "get", lambda key, make: pytest.fail("computed again"))
    again = post(asks("overview-months.children", jobs=3))
    assert json.loads(again.data) == json.loads(first.data)
    packed = post(asks("overview-months.children"), **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == again.data
    assert len(packed.data) < len(again.data) / 2


def test_another_view_and_another_setting_give_another_answer(post):
    one = post(asks("overview-figures.children")).data
    other = post(asks("overview-figures.children", f"{LAND}&provinces_2025=H26")).data
    assert one != other
    before = len(post.space.answers)
    few = post.space.settings["too_few_cases"]
    post.space.set("too_few_cases", 31)
    post(asks("overview-figures.children"))
    assert len(post.space.answers) == before + 1
    post.space.set("too_few_cases", few)


def test_what_people_keep_in_the_store_changes_every_answer(post):
    mark = post.space.mark()
    keep_decision(post.space.store(), "k", verdict="accepted", comment="", now=datetime(2026, 3, 2))
    assert post.space.mark() != mark


def test_saving_a_view_changes_the_mark(post):
    mark = post.space.mark()
    view = post.space.saved.save("One", "/", LAND, loads=(), now=datetime(2026, 3, 2))
    assert post.space.mark() != mark
    post.space.saved.delete(view.id)


def test_work_under_way_errors_and_uploads_are_not_kept(post):
    started = post(asks("compare-finding.children", f"{LAND}&by=level"))
    assert started.status_code == 200
    for search in ("?start=never", "?lang=en&provinces_2025=none"):
        post(asks("overview-figures.children", search))
    before = len(post.space.answers)
    post(asks("compare-finding.children", f"{LAND}&by=channel"))
    assert len(post.space.answers) == before


def test_callbacks_that_write_are_never_kept(post):
    before = len(post.space.answers)
    post({"output": "settings-state.children", "inputs": [], "outputs": {}})
    assert len(post.space.answers) == before


def test_scripts_are_sent_compressed_and_kept_by_the_browser(country_app):
    client = country_app.server.test_client()
    got = client.get("/assets/workbench.js?m=1.0", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in got.headers["Cache-Control"]
    assert got.headers["Content-Encoding"] == "gzip"
    assert b"workbench" in gzip.decompress(got.data)
    plain = client.get("/assets/workbench.js")
    assert plain.data == gzip.decompress(got.data)
    assert "immutable" not in plain.headers["Cache-Control"]
    again = client.get("/assets/workbench.js", headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304


def test_a_cache_forgets_what_takes_too_much_room():
    cache = Cache(room=300_000)
    for name in "abc":
        cache.put(name, pd.DataFrame({"x": range(16_000)}))
    assert [cache.peek(name)[0] for name in "abc"] == [False, True, True]
    assert weight_of({"a": ["x" * 1000] * 400}) > 300_000
    assert weight_of(Selection(procedure="1.012783")) < 2000


def test_an_answer_made_while_the_server_stops_is_sent_and_not_kept(empty_app):
    space = empty_app.server.extensions["workbench"]
    assert space.mark() is not None
    space.store().con.close()
    assert space.mark() is None
