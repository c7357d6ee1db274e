"""The harmonise page: verdicts on names with their effect, a picked candidate, plan and variation on demand."""

from __future__ import annotations

import importlib
import re
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.app.conftest import LAND, ids_of, text_of
from workbench.app import asked, unified
from workbench.app.panels import answer
from workbench.app.unified import VERDICTS, accept_rows, decided, naming_effect, review
from workbench.i18n import catalogue
from workbench.selection import Selection

NOW = datetime(2026, 1, 5, 9)
ROWS = [
    {"label": "ký", "proposed": "Ký duyệt", "step": "Ký duyệt", "dossiers": 3},
    {"label": "Lãnh đạo ký", "proposed": "Ký duyệt", "step": "Ký văn bản", "dossiers": 9},
]


def steps_of(rows):
    return [row["step"] for row in rows]


def test_verdicts_say_which_step_a_label_is():
    assert steps_of(decided(ROWS, "accept")) == ["Ký duyệt", "Ký văn bản"]
    assert steps_of(decided(ROWS, "reject")) == ["ký", "Lãnh đạo ký"]
    assert steps_of(decided(ROWS, "merge")) == ["Ký văn bản", "Ký văn bản"]
    assert steps_of(decided(ROWS, "split")) == ["Lãnh đạo ký", "Lãnh đạo ký"]
    assert decided([], "merge") == []
    assert steps_of(ROWS) == ["Ký duyệt", "Ký văn bản"]
    with pytest.raises(ValueError, match="verdict"):
        decided(ROWS, "perhaps")


@pytest.fixture
def spelt(store_from):
    traces = {("H01", f"a{n}"): ["Tiếp nhận hồ sơ", "Thẩm định hồ sơ", "Trả kết quả"] for n in range(30)}
    traces |= {("H02", f"b{n}"): ["Tiếp nhận HS", "Thẩm định hồ sơ", "Trả kết quả"] for n in range(20)}
    return store_from(traces)


def _asked(store):
    rows = review(store, "1.000001").table
    assert len(rows)
    return tuple((row.label, row.step, row.step) for row in rows.itertuples())


def test_the_effect_is_shown_before_anything_changes(spelt):
    asked = _asked(spelt)
    found = naming_effect(spelt, "1.000001", asked)
    assert (found.steps_before, found.steps_after) == (4, 3)
    assert (found.variants_before, found.variants_after) == (2, 1)
    assert naming_effect(spelt, "1.000001", ()).variants_after == 2
    assert spelt.trial is None


def test_decided_labels_leave_the_list_and_undo_brings_them_back(spelt):
    rows = [
        {"label": label, "proposed": proposed, "step": step, "dossiers": 1} for label, proposed, step in _asked(spelt)
    ]
    accept_rows(spelt, "1.000001", decided(rows, "reject"), reviewer="An", now=NOW)
    assert review(spelt, "1.000001").table.empty
    assert unified.undo(spelt) is not None
    assert len(review(spelt, "1.000001").table) == len(rows)


@pytest.mark.parametrize(("verdict", "after"), [("accept", 1), ("merge", 1), ("reject", 2), ("split", 2)])
def test_every_verdict_is_in_force_with_who_and_when_until_it_is_undone(spelt, verdict, after):
    from workbench.mining.variants import variant_counts

    asked = naming_effect(spelt, "1.000001", _asked(spelt))
    rows = [{"label": label, "proposed": proposed, "step": step, "dossiers": n}
            for n, (label, proposed, step) in enumerate(_asked(spelt))]  # fmt: skip
    accept_rows(spelt, "1.000001", decided(rows, verdict), reviewer="An", now=NOW)
    kept = spelt.sql("select distinct reviewed_by, reviewed_at from vocabulary where reviewed_by is not null")
    assert kept["reviewed_by"].tolist() == ["An"]
    assert kept["reviewed_at"].tolist() == [NOW]
    assert len(variant_counts(spelt, Selection())) == after
    if verdict == "accept":
        assert asked.variants_after == after
    unified.undo(spelt)
    assert len(variant_counts(spelt, Selection())) == 2


def test_the_review_has_a_button_and_a_key_for_every_verdict(country_app):
    page_of = importlib.import_module("workbench.app.pages.harmonise")
    with country_app.server.test_request_context():
        shown = answer(LAND, page_of.show_vocabulary)
        found = ids_of(shown)
    if "harmonise-grid" in found:
        assert {f"harmonise-{verdict}" for verdict in VERDICTS} <= set(found)
        assert "Keys:" in text_of(shown)
    script = (Path(unified.__file__).parent / "assets" / "31_pages.js").read_text()
    assert re.search(r"data-wb-key", script)


def test_variation_points_are_found_on_demand(store_from):
    from workbench.mining.discovery import discover_model
    from workbench.mining.variants import variant_counts

    traces = {("H01", f"a{n}"): "a b c" for n in range(30)} | {("H02", f"b{n}"): "a c" for n in range(30)}
    store = store_from(traces)
    model = discover_model(variant_counts(store, Selection(provinces=("H02",))))
    found = unified.vary(store, Selection(), model=model, by="province_code", seconds=5)
    differing = found.table[found.table["differs"]]
    assert set(differing["organisation"]) == {"H01"}
    assert "b" in set(differing["step"])
    assert {"reason", "option", "core_option"} <= set(found.table.columns)


def test_a_view_without_a_search_shows_the_longest_one_that_was_made_or_is_under_way(page_of):
    page = page_of(f"{LAND}&by=level")
    space = page.space

    def key(seconds):
        return page.view.names, *page._key(unified.unify, (page.selection,), asked.unify_options(page, seconds))

    assert (asked.searched(page), asked.unified(page)) == (None, None)
    space.cache.put(key(20), "short")
    assert (asked.searched(page), asked.unified(page)) == (20, "short")
    space.cache.put(key(60), "long")
    assert (asked.searched(page), asked.unified(page)) == (60, "long")
    ended = threading.Event()
    job = space.jobs.start(key(180), "app_harmonise.job", lambda progress: ended.wait(30))
    try:
        assert (asked.searched(page), asked.unified(page)) == (180, None)
    finally:
        ended.set()
    while not job.finished:
        time.sleep(0.01)
    assert asked.searched(page) == 60
    assert asked.searched(page_of(f"{LAND}&by=level&run=20")) == 20
    space.cache.clear()


def test_an_order_the_unified_procedure_says_nothing_of_is_said_to_be_missing():
    page_of = importlib.import_module("workbench.app.pages.harmonise")
    texts = catalogue("en")
    assert [page_of._option(texts, one) for one in ("first", None, float("nan"))] == [
        texts["app_harmonise.option.first"], "not stated", "not stated",
    ]  # fmt: skip
