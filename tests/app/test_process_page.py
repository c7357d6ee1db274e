"""The process page: places that stay, the stack of filters, events in time, dossiers running along the map."""

from __future__ import annotations

import importlib

import pytest

from tests.app.conftest import LAND, text_of
from workbench.app import filters
from workbench.app.panels import answer
from workbench.app.replay import replay
from workbench.app.workspace import Page


def process():
    return importlib.import_module("workbench.app.pages.process")


def _places(tree) -> dict[str, tuple[float, float]]:
    canvas = next(part for part in tree._traverse() if type(part).__name__ == "Cytoscape")
    return {
        one["data"]["id"]: (one["position"]["x"], one["position"]["y"]) for one in canvas.elements if "position" in one
    }


@pytest.mark.parametrize(
    "filtered", ["provinces_2025=H26", "channels=online", "closed=true", "start=2025-01-01", "acts=60"]
)
def test_a_box_stays_where_it_is_whatever_is_filtered(country_app, filtered):
    with country_app.server.test_request_context():
        whole = _places(answer(f"{LAND}&acts=100", process().draw_map))
        part = _places(
            answer(
                f"{LAND}&acts=100&{filtered}" if "acts" not in filtered else f"{LAND}&{filtered}", process().draw_map
            )
        )
    shared = {name for name in part if not name.startswith("corner")} & set(whole)
    assert len(shared) > 4
    assert {name: part[name] for name in shared} == {name: whole[name] for name in shared}
    if "acts" not in filtered:
        # the corners keep zoom and middle of the drawing, so that places on the screen stay too
        assert {name: part[name] for name in ("corner0", "corner1")} == {n: whole[n] for n in ("corner0", "corner1")}


def test_the_stack_names_every_filter_and_leads_out_of_each(page_of):
    page = page_of(f"{LAND}&provinces_2025=H26&provinces_2025=H29&channels=online&start=2024-01-01&closed=true&steps=x")
    shown = filters.stack(page)
    text = text_of(shown)
    for words in ("Hà Nội", "Hồ Chí Minh", "online", "Clear filters", "Has step"):
        assert words in text
    links = [part.href for part in shown._traverse() if type(part).__name__ == "Link"]
    assert len(links) == 7 + 1
    without_hanoi = next(link for link in links if "H29" in link and "H26" not in link)
    assert Page.of(without_hanoi).selection == page.selection.with_(provinces_2025=("H29",))
    assert Page.of(links[-1]).selection.to_dict() == {"procedure": "1.012783"}


def test_no_filter_is_said(page_of):
    assert "the whole store" in text_of(filters.stack(page_of("?lang=en")))


@pytest.mark.parametrize(
    ("kind", "words"), [("dotted", "A sample of"), ("since", "A sample of"), ("spectrum", "passages")]
)
def test_events_in_time(country_app, kind, words):
    with country_app.server.test_request_context():
        shown = answer(f"{LAND}&time={kind}", process().show_moments)
        drawn = next(part for part in shown._traverse() if type(part).__name__ == "Graph").figure
    assert words in text_of(shown) + "".join(note.text for note in drawn.layout.annotations)
    assert "n = " in text_of(shown)


def test_one_path_as_a_spectrum(country_app):
    with country_app.server.test_request_context():
        shown = answer(f"{LAND}&time=spectrum&segment=Lãnh đạo ký→Văn thư đóng dấu", process().show_moments)
        nothing = answer(f"{LAND}&time=spectrum&segment=x→y", process().show_moments)
    drawn = next(part for part in shown._traverse() if type(part).__name__ == "Graph").figure
    assert len(drawn.layout.annotations) == 1
    assert "No passage" in text_of(nothing)


def test_runs_begin_and_end_on_the_map(country_app):
    with country_app.server.test_request_context():
        page = Page.of(LAND)
        found = replay(page.store, page.selection, clock="portal", dossiers=20)
        facts = process()._replay_facts(page, found)
    assert len(found.runs) == 20
    for _, _, steps in found.runs:
        assert (steps[0][0], steps[-1][0]) == ("▶", "■")
        assert [when for _, when in steps] == sorted(when for _, when in steps)
    assert "A sample of 20" in facts["note"]
    assert facts["words"].count("{") == 2
