"""What an analyst does, in the browser."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import DOSSIERS, settled
from tests.browser.small_country import make_frames
from workbench.clock import default_calendar, working_seconds
from workbench.reference import province_name, successor

LAND = "procedure=1.012783"


def test_the_overview_shows_the_country_and_a_tile_filters(served, open_page):
    page = open_page(f"{served.address}/")
    assert page.locator(".wb-tile").count() == 36
    assert "Hoàng Sa" in page.locator(".wb-tiles").inner_text()
    page.locator(".wb-tile", has_text="Hà Nội").click()
    page.wait_for_url("**provinces_2025=H26**")
    settled(page)
    assert "Hà Nội" in page.locator(".wb-filters").inner_text()


def test_an_empty_store_leads_on_in_one_click(served_empty, open_page):
    page = open_page(f"{served_empty.address}/?lang=en")
    page.get_by_text("Load my file").click()
    page.wait_for_url("**/data**")
    page.wait_for_selector("#data-input", state="attached")


def test_from_a_file_with_unknown_headings_to_a_first_insight(served_empty, open_page, tmp_path):
    page = open_page(f"{served_empty.address}/data?lang=en")
    page.set_input_files("#data-input", str(_unknown_headings(tmp_path / "export.csv")))
    page.wait_for_selector("#data-load")
    settled(page)
    page.locator("#data-wizard label", has_text="Dossiers").click()
    page.wait_for_url("**role0=dossier**")
    settled(page)
    page.locator("#data-wizard label", has_text="Events").click()
    page.wait_for_url("**role0=event**")
    settled(page)
    for column, meaning in (("Ref", "Dossier code"), ("Doing", "What was done (step)"), ("Moment", "Completed at"),
                            ("Where", "Organisation (province code)")):  # fmt: skip
        field = page.get_by_label(f"Meaning: {column}", exact=True).first
        field.click()
        field.fill(meaning)
        page.get_by_role("option", name=meaning, exact=True).click()
    page.click("#data-load")
    page.wait_for_selector(".wb-dl-narrow")
    assert "60" in page.locator(".wb-dl-narrow").inner_text()
    page.get_by_text("See the process").click()
    page.wait_for_selector("#process-graph")
    settled(page)
    assert "3 of 3 steps" in page.locator("#process-map").inner_text()


def _unknown_headings(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(["Ref", "Doing", "Moment", "Where"])
        for number in range(60):
            at = datetime(2025, 3, 3, 8) + timedelta(hours=number)
            for label in ("Receive", "Examine", "Sign"):
                at += timedelta(hours=5)
                table.writerow([f"D{number:03d}", label, f"{at:%Y-%m-%d %H:%M:%S}", "H26" if number % 2 else "H56"])
    return path


def test_something_that_is_no_log_is_said_and_loading_goes_on(served_empty, open_page, tmp_path):
    picture = tmp_path / "photo.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    page = open_page(f"{served_empty.address}/data?lang=en")
    page.set_input_files("#data-input", str(picture))
    page.wait_for_selector("[role=alert]")
    assert "not in the expected format" in page.locator("[role=alert]").first.inner_text()


def test_the_language_changes_and_the_view_stays(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&colour=duration&lang=vi")
    page.locator("label", has_text="EN").click()
    page.wait_for_url("**lang=en**")
    page.wait_for_selector("h1:has-text('Process')")
    settled(page)
    assert "colour=duration" in page.url
    assert LAND in page.url


def test_a_shared_address_shows_the_same_view_and_back_and_forward_work(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&lang=en")
    page.locator("label", has_text="Time").click()
    page.wait_for_url("**colour=duration**")
    settled(page)
    other = open_page(page.url)
    assert other.locator("#process-map").inner_text() == page.locator("#process-map").inner_text()
    page.go_back()
    page.wait_for_function("!location.search.includes('colour')")
    settled(page)
    assert "rare" in page.locator("#process-map").inner_text()
    page.go_forward()
    page.wait_for_url("**colour=duration**")
    settled(page)
    assert "long wait" in page.locator("#process-map").inner_text()


def test_a_click_on_a_step_tells_who_waits_longest(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&lang=en")
    page.evaluate(
        "document.querySelector('#process-graph')._cyreg.cy.nodes().filter(n => n.data('full') === 'Thẩm định hồ sơ')[0].select()"
    )
    page.wait_for_selector("#process-details dl")
    text = page.locator("#process-details").inner_text()
    assert "Thẩm định hồ sơ" in text
    _, title, waits = text.partition("Longest by organisation")
    assert title
    rows = [line.split("\t") for line in waits.splitlines() if line.count("\t") == 2][1:]
    expected = _waits("1.012783", "Thẩm định hồ sơ")
    assert [(name, int(n)) for name, n, _ in rows] == expected[: len(rows)]
    assert 2 <= len(rows) <= len(expected)


def _waits(procedure: str, label: str) -> list[tuple[str, int]]:
    """Provinces of today with 30 waits or more for a step, and their number, the longest median (working time) first."""
    frames = make_frames(DOSSIERS)
    codes = frames["dossier"].query("procedure_code == @procedure")["dossier_code"]
    events = frames["event"][frames["event"]["dossier_code"].isin(codes)].sort_values(["dossier_code", "source_order"])
    waits = events.assign(since=events.groupby("dossier_code")["completed_at"].shift()).query("label == @label")
    waits = waits.assign(wait=working_seconds(default_calendar(), waits["since"], waits["completed_at"]))
    found = waits.groupby(waits["province_code"].map(successor))["wait"].agg(["median", "size"]).query("size >= 30")
    return [(province_name(code), int(n)) for code, n in found.sort_values("median", ascending=False)["size"].items()]


def test_a_drawing_that_left_the_page_is_laid_out_without_an_error(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}")
    said = page.evaluate(
        "() => { const cy = window.cy; cy.destroy(); try { cy.layout({ name: 'preset', fit: true }).run(); cy.fit(); "
        "cy.elements().boundingBox(); } catch (error) { return String(error); } return cy.destroyed(); }"
    )
    assert said is True


def test_boxes_stay_where_they_are_when_the_view_is_filtered(served, open_page):
    read = "Object.fromEntries(document.querySelector('#process-graph')._cyreg.cy.nodes().map(n => [n.id(), n.position()]))"
    page = open_page(f"{served.address}/process?{LAND}")
    everywhere = page.evaluate(read)
    filtered = open_page(f"{served.address}/process?{LAND}&provinces_2025=H26")
    here = filtered.evaluate(read)
    assert here
    assert all(everywhere[step] == place for step, place in here.items())


@pytest.mark.parametrize(
    ("query", "words"),
    [("start=yesterday", "not valid"), ("clock=sundial", "not valid"), ("provinces_2025=H99", "No dossier matches")],
)
def test_a_wrong_address_says_so_and_offers_a_way_on(served, open_page, query, words):
    page = open_page(f"{served.address}/?lang=en&{query}")
    assert words in page.locator(".wb-content").inner_text()
    page.locator(".wb-content .wb-button").first.click()
    page.wait_for_selector(".wb-kpi-value")


def test_an_unknown_page_is_said(served, open_page):
    page = open_page(f"{served.address}/nowhere?lang=en")
    assert "no such page" in page.locator(".wb-content").inner_text()


def test_organisations_are_compared_with_progress_and_ordered(served, open_page):
    page = open_page(f"{served.address}/compare?{LAND}&lang=en")
    assert "nearest to the others" in page.locator("#compare-finding").inner_text()
    page.wait_for_selector("#compare-matrix .js-plotly-plot")
