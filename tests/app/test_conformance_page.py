"""The conformance page: deviations down to dossiers, and accepted with a reason."""

from __future__ import annotations

import importlib
import time

import pytest

from tests.app.conftest import LAND, text_of
from workbench.app.accepted import Accepted, accept_deviation, accepted_table, read_accepted, withdraw
from workbench.app.asked import check_options
from workbench.app.models import check, deviating
from workbench.app.panels import answer
from workbench.app.workspace import Page
from workbench.errors import SettingError
from workbench.selection import Selection

ONE = Accepted("p", "discovered", "extra", "Ký nháy", "quy chế cho phép", "An", "2026-01-02T03:04")


def test_an_accepted_deviation_is_remembered_replaced_and_withdrawn(store):
    accept_deviation(store, ONE)
    assert read_accepted(store, "p", "discovered") == {("extra", "Ký nháy"): ONE}
    assert read_accepted(store, "q", "discovered") == {}
    assert read_accepted(store, "p", "published:0") == {}
    changed = Accepted("p", "discovered", "extra", "Ký nháy", "lý do khác", "Bình", "2026-01-03T03:04")
    accept_deviation(store, changed)
    assert accepted_table(read_accepted(store, "p", "discovered"))["reason"].tolist() == ["lý do khác"]
    with pytest.raises(SettingError):
        accept_deviation(store, Accepted("p", "discovered", "extra", "x", "  ", "", ""))
    withdraw(store, changed)
    assert read_accepted(store, "p", "discovered") == {}


def test_the_dossiers_of_a_deviation_are_listed(store_from):
    traces = {("H01", f"d{n}"): "a b c" for n in range(9)} | {("H02", "odd"): "a c b b c"}
    store = store_from(traces)
    found = check(store, Selection(), by="province_code")
    for row in found.conformance.deviations.itertuples():
        listed = deviating(store, Selection(), deviation=(row.kind, row.step), by="province_code")
        assert listed.n == row.dossiers
        assert set(listed.table["dossier_code"]) == {"odd"} or row.dossiers > 1
    assert len(deviating(store, Selection(), deviation=("skipped", "nowhere"), by="province_code").table) == 0


def _finished(draw, address):
    for _ in range(400):
        shown = text_of(answer(address, draw))
        if "Working" not in shown:
            return shown
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_a_deviation_is_opened_accepted_and_marked(country_app):
    page_of = importlib.import_module("workbench.app.pages.conformance")
    with country_app.server.test_request_context():
        _finished(page_of.show_figures, LAND)
        table = page_of._checked(Page.of(LAND)).conformance.deviations
        if table.empty:
            pytest.skip("nothing deviates in the invented country")
        first = table.iloc[0]
        address = Page.of(LAND).view.with_params(dev=f"{first['kind']}|{first['step']}").search()
        assert "Accept this deviation" in _finished(page_of.show_detail, address)
        said, _ = page_of.keep(1, None, "", "", address, 0)
        assert "reason" in said
        assert page_of.keep(1, None, "allowed here", "An", address, 0) == ("", 1)
        assert "accepted" in text_of(answer(LAND, page_of.show_deviations))
        assert "Withdraw" in _finished(page_of.show_detail, address)
        page_of.keep(None, 1, "", "", address, 1)
        assert "Accept this deviation" in _finished(page_of.show_detail, address)
        assert "Show all steps" in text_of(answer(f"{LAND}&at={first['step']}", page_of.show_deviations))


def test_a_model_the_procedure_does_not_have_is_said_and_the_discovered_one_taken(page_of):
    page_module = importlib.import_module("workbench.app.pages.conformance")
    for wrong in ("published:99", "published:²", "foo"):
        search = f"{LAND}&model={wrong}"
        data, said = page_module.offer_models(search, None)
        assert f"({wrong})" in text_of(said)
        assert data[0]["value"] == wrong  # the chooser shows the discovered model under the name of the address
        assert "discovered" in data[0]["label"]
        assert check_options(page_of(search))["source"] == "discovered"
    for right in ("", "&model=published:0"):
        data, said = page_module.offer_models(LAND + right, None)
        assert said is None
        assert [one["value"] for one in data][:2] == ["discovered", "published:0"]
    without, _ = page_module.offer_models("?lang=en", None)
    assert len(without) == 1  # the choice follows the procedure
