"""Every panel of every page: its data as CSV and XLSX, the Python behind it, and a picture where there is a chart."""

from __future__ import annotations

import ast
import time
from urllib.parse import urlsplit

import pytest
from dash import html

from tests.app.conftest import LAND
from workbench.app import panels
from workbench.app.components import _drawn
from workbench.app.workspace import Page

VIEW = f"{LAND}&run=5&plan=1&vary=1&since=2025-07-01"
WITHOUT = {
    "bottlenecks-finding": "a sentence on the panels below",
    "compare-finding": "a sentence on the panels below",
    "harmonise-start": "begins the search, holds no figure",
    "harmonise-reasons": "sentences on the candidates, whose table is beside them",
    "harmonise-drawing": "offers its own files: BPMN, PNML, SVG and tables",
    "harmonise-picked": "offers its own files",
    "recommendations-cards": "each card is a decision; the list below holds the data of all",
    "data-wizard": "a form",
    "data-quality": "its own table of findings leads to the dossiers",
    "data-ledger": "a list of loads with buttons",
    "settings-calendars": "the calendars in force",
    "overview-figures": "key figures; the panels below hold their data",
}
"""Panels without these tools, and why."""


def done(jobs) -> None:
    for _ in range(3000):
        if all(job.finished for job in list(jobs._jobs.values())):
            return
        time.sleep(0.05)
    raise AssertionError("work did not finish")


@pytest.fixture(scope="module")
def shown(country_app):
    """What each panel draws once all long work is done."""
    space = country_app.server.extensions["workbench"]
    drawn = {}
    with country_app.server.test_request_context():
        for _ in range(4):
            for name, (draw, needs, extra) in panels.PANELS.items():
                drawn[name] = panels.answer(VIEW, draw, *[None] * extra, needs_dossiers=needs)
            if all(job.finished for job in space._jobs._jobs.values()):
                break
            done(space._jobs)
    return drawn


def cards(component) -> list:
    """The cards in a panel."""
    if component is None or isinstance(component, str):
        return []
    found = [component] if "wb-card" in str(getattr(component, "className", "")).split() else []
    if not hasattr(component, "_traverse"):
        return [one for part in component for one in cards(part)]
    return found + [
        one
        for one in component._traverse()
        if isinstance(one, html.Section) and "wb-card" in str(getattr(one, "className", "")).split()
    ]


def parts(card) -> list:
    return [one for one in card._traverse() if hasattr(one, "_prop_names")]


def with_figure(card) -> bool:
    """Whether a card holds a chart, a table or a grid rather than a sentence."""
    kinds = {type(one).__name__ for one in parts(card)}
    return _drawn(card) or bool(kinds & {"Table", "AgGrid"})


def downloads(card) -> set[str]:
    links = [one.href for one in parts(card) if type(one).__name__ == "A" and getattr(one, "href", "")]
    return {urlsplit(link).path for link in links if link.startswith("/download/")}


@pytest.mark.slow
def test_every_panel_with_a_figure_has_its_data_its_python_and_its_picture(shown, country_app):
    missing, seen = [], 0
    for name, component in shown.items():
        for card in cards(component):
            if not with_figure(card):
                continue
            seen += 1
            links = downloads(card)
            code = [
                one
                for one in parts(card)
                if type(one).__name__ == "Code" and "wb-code" in str(getattr(one, "className", ""))
            ]
            if name not in WITHOUT:
                if not {".csv", ".xlsx"} <= {link[link.rindex(".") :] for link in links}:
                    missing.append(f"{name}: no data {links}")
                if not code:
                    missing.append(f"{name}: no Python")
            for one in code:
                ast.parse(one.children)
            pictures = [one for one in parts(card) if "wb-picture-tool" in str(getattr(one, "className", ""))]
            if _drawn(card) and not pictures:
                missing.append(f"{name}: no picture")
    assert not missing, "\n".join(missing)
    assert seen > 25


@pytest.mark.slow
def test_every_download_offered_is_a_file(shown, country_app):
    client = country_app.server.test_client()
    failed = []
    with country_app.server.test_request_context():
        query = Page.of(VIEW).view.search()
    for path in sorted({link for component in shown.values() for card in cards(component) for link in downloads(card)}):
        got = client.get(path + query)
        begin = b"PK" if path.endswith("xlsx") else b"\xef\xbb\xbf"
        if got.status_code != 200 or not got.data.startswith(begin):
            failed.append(f"{path}: {got.status_code} {got.data[:120]!r}")
    assert failed == []


def test_the_exceptions_are_panels(country_app):
    assert set(WITHOUT) - set(panels.PANELS) == set()
