"""The bottlenecks page: signatures, rework, ping-pong, deadlines, workload."""

from __future__ import annotations

import importlib

import pytest

from tests.app.conftest import LAND, text_of
from workbench.app.panels import answer
from workbench.app.signatures import is_signature, signatures
from workbench.selection import Selection


def bottlenecks():
    return importlib.import_module("workbench.app.pages.bottlenecks")


@pytest.mark.parametrize(
    ("step", "signs"),
    [("Lãnh đạo ký", True), ("Ký nháy", True), ("TRƯỞNG PHÒNG DUYỆT", True), ("Trả kết quả", False),
     ("Đăng ký biến động", False), ("Trình lãnh đạo phê duyệt", True), ("Manager approves", True)],
)  # fmt: skip
def test_signatures_are_known_by_name(step, signs):
    assert is_signature(step) == signs


def test_signatures_are_counted_per_dossier(store_from):
    traces = {("H01", "d1"): ["nhận", "ký nháy", "ký", "trả"], ("H01", "d2"): ["nhận", "ký", "trả"],
              ("H02", "d3"): ["nhận", "trả"]}  # fmt: skip
    found = signatures(store_from(traces), Selection(), by="province_code", too_few=1)
    rows = found.organisations.set_index("organisation")
    assert rows["per_dossier"].to_dict() == {"H01": 1.5, "H02": 0.0}
    assert rows.loc["H01", "seconds"] == 3 * 3600 / 2
    assert found.steps == ("ký", "ký nháy")
    assert not rows["too_few"].any()


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ("show_signatures", "Taken for signatures"),
        ("show_rework", "Supplements and rework"),
        ("show_ping_pong", "hand-overs"),
        ("show_breaches", "deadlines"),
        ("show_load", "left open"),
        ("show_staff", "Workload and staff"),
        ("show_week", "weekday"),
    ],
)
def test_every_panel_says_what_it_rests_on(country_app, panel, words):
    with country_app.server.test_request_context():
        shown = text_of(answer(f"{LAND}&by=level", getattr(bottlenecks(), panel)))
    assert words.lower() in shown.lower()
    assert "n = " in shown


def test_receipts_and_completions_are_told_apart(country_app):
    with country_app.server.test_request_context():
        done = text_of(answer(LAND, bottlenecks().show_week))
        came = text_of(answer(f"{LAND}&hours=received", bottlenecks().show_week))
    assert "Receipts" in came
    assert "Receipts" not in done
