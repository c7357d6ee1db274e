"""Every panel of every page over stores with nothing, one organisation, one dossier, and no dossier finished."""

from __future__ import annotations

import importlib
import inspect
import re
import time

import pytest
from dash import dcc, html

from tests.app.conftest import text_of
from tests.browser.small_country import make_frames, store_of
from workbench.app import create_app, shell
from workbench.app.panels import answer
from workbench.app.workspace import Page
from workbench.settings import load_settings

PROCEDURE = "1.012783"
PAGES = (
    "overview", "compare", "process", "bottlenecks", "conformance", "harmonise", "recommendations", "indicators",
    "data", "settings",
)  # fmt: skip
STATES = ("empty", "one_organisation", "one_dossier", "all_open")
FAILED = re.compile(r"\b\w*(Error|Exception|Interrupt)\b: |server has the details|máy chủ có chi tiết|\bnan\b|\bNaT\b")


def _frames(state):
    frames = make_frames(240, 11)
    head, event = frames["dossier"], frames["event"]
    if state == "one_organisation":
        head = head.assign(province_code="H26")
        event = event.assign(province_code="H26")
        frames["pause"] = frames["pause"].assign(province_code="H26")
    elif state == "one_dossier":
        closed = head[(head["procedure_code"] == PROCEDURE) & head["closed_at"].notna()]
        head = closed.head(1)
    elif state == "all_open":
        head = head.assign(closed_at=None, outcome="open", status=4)
    codes = set(head["dossier_code"])
    frames |= {"dossier": head, "event": event[event["dossier_code"].isin(codes)]}
    frames["pause"] = frames["pause"][frames["pause"]["dossier_code"].isin(codes)]
    return frames


@pytest.fixture(scope="module", params=STATES)
def state_app(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("states") / f"{request.param}.duckdb"
    if request.param != "empty":
        store_of(path, _frames(request.param), request.param).close()
    made = create_app(path, load_settings(memory_limit="1GB", threads=1))
    made.state = request.param
    yield made
    made.server.extensions["workbench"].close()


def _panels(name):
    """The drawing functions of a page: those that `panel` has put on the app, in the order of the file."""
    module = importlib.import_module(f"workbench.app.pages.{name}")
    found = [one for one in vars(module).values() if inspect.isfunction(one) and one.__module__ == module.__name__]
    source = inspect.getsource(module)
    marked = re.findall(r"^@panel\(([^\n]*)\)\ndef (\w+)", source, re.MULTILINE)
    assert marked or name == "settings"
    known = {one.__name__: one for one in found}
    return [(known[draw], "needs_dossiers=False" not in options) for options, draw in marked]


def _drawn(address, draw, needs):
    """What a panel shows once its work in the background has ended."""
    for _ in range(1200):
        shown = answer(address, draw, needs_dossiers=needs)
        running = isinstance(shown, html.Section) and any(isinstance(one, dcc.Interval) for one in shown._traverse())
        if not running:
            return shown
        time.sleep(0.05)
    raise AssertionError(f"{draw.__name__} did not end")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_no_panel_raises(state_app, name, caplog):
    extra = {"harmonise": "&run=5&plan=1&vary=1", "compare": "&pick=H26,H29", "conformance": "&dev=extra|x"}.get(
        name, ""
    )
    with state_app.server.test_request_context():
        for address in (f"?lang=vi&procedure={PROCEDURE}{extra}", "?lang=en"):
            entry = next(one for one in shell.entries() if one["name"] == name)
            assert entry["layout"](Page.of(address)) is not None
            for draw, needs in _panels(name):
                shown = text_of(_drawn(address, draw, needs))
                assert not FAILED.search(shown), f"{state_app.state} {draw.__name__} {address}: {shown[:600]}"
    assert [one.getMessage() for one in caplog.records if one.name == "workbench.app"] == []
