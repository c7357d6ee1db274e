"""Views with a name, pictures, offline files, what goes wrong: in the browser."""

from __future__ import annotations

import threading

import pytest

from tests.browser.conftest import Served, settled
from tests.browser.small_country import make_store

LAND = "procedure=1.012783"


def test_a_view_is_saved_opened_elsewhere_renamed_and_deleted(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&colour=duration&lang=en")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_label("Name of this view").fill("Where land waits")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector(".wb-saved-link:has-text('Where land waits')")
    address = page.locator(".wb-saved-link").first.get_attribute("href")

    other = open_page(f"{served.address}/?lang=en")
    other.get_by_role("button", name="Saved views").click()
    other.locator(".wb-saved-link", has_text="Where land waits").click()
    other.wait_for_url("**/process?*colour=duration*saved=*")
    settled(other)
    assert "Saved view: Where land waits" in other.locator(".wb-banner").first.inner_text()
    assert "long wait" in other.locator("#process-map").inner_text()

    page.locator(".wb-saved-row summary").click()
    page.get_by_label("Rename “Where land waits”").last.fill("Land")
    page.locator(".wb-saved-row").get_by_role("button", name="Rename", exact=True).click()
    page.wait_for_selector(".wb-saved-link:has-text('Land')")
    page.get_by_role("button", name="Delete “Land”").click()
    page.wait_for_selector("text=No view is saved yet")
    gone = open_page(f"{served.address}{address}")
    assert "was deleted" in gone.locator(".wb-banner").first.inner_text()
    gone.get_by_text("Go on without it").click()
    gone.wait_for_function("!location.search.includes('saved')")
    assert LAND in gone.url


@pytest.mark.parametrize("path", ["/", "/process"])
def test_every_chart_is_taken_along_as_png_and_svg(served, open_page, path, tmp_path):
    page = open_page(f"{served.address}{path}?{LAND}&lang=vi")
    page.wait_for_timeout(500)
    cards = page.locator(".wb-card:has([data-wb-picture])")
    assert cards.count() >= 2
    for place in range(cards.count()):
        card = cards.nth(place)
        title = card.locator(".wb-card-title").inner_text()
        for kind, begin in (("png", b"\x89PNG"), ("svg", b"<svg")):
            card.locator(".wb-picture-tool summary").click()
            with page.expect_download() as got:
                card.locator(f"[data-wb-picture={kind}]").click()
            got.value.save_as(tmp_path / "picture")
            content = (tmp_path / "picture").read_bytes()
            assert content.startswith(begin), title
            assert len(content) > 3000
            assert got.value.suggested_filename.endswith(kind)
        assert title in content.decode()


def test_the_synthetic_country_is_one_click_from_an_empty_store(served_empty, open_page):
    page = open_page(f"{served_empty.address}/?lang=en")
    page.get_by_text("Try the synthetic country").click()
    page.wait_for_url("**/data**make=synthetic**")
    page.wait_for_selector(".wb-dl-narrow", timeout=240_000)
    assert "5,000" in page.locator(".wb-dl-narrow").inner_text()
    page.get_by_text("See the overview").click()
    page.wait_for_selector(".wb-kpi-value")
    assert "Synthetic data" in page.locator(".wb-banner").first.inner_text()


def test_work_that_a_restart_ended_is_said_and_can_be_begun_again(country, open_page, tmp_path):
    path = tmp_path / "c.duckdb"
    make_store(path, dossiers=200).close()
    first = Served(path)
    go = threading.Event()
    jobs = first.app.server.extensions["workbench"].jobs
    start = jobs.start
    jobs.start = lambda key, title, work, question=None, **options: start(
        key, title, lambda progress: go.wait(60) or progress("cross", 0, 1), **options
    )
    page = open_page(f"{first.address}/settings?{LAND}&lang=en")
    page.evaluate("path => window.dash_clientside.set_props('shell-url', {pathname: path})", "/compare")
    page.wait_for_selector("[id*=job-bar]")
    before = set(jobs._jobs)
    with page.expect_request("**/jobs/left") as told:
        page.evaluate("search => window.dash_clientside.set_props('shell-url', {search})", f"?{LAND}&lang=en&by=level")
    assert set(told.value.post_data_json) <= before
    page.wait_for_function(
        "names => !names.some((name) => document.querySelector(`[id*=job-bar][id*='\"${name}\"']`))", arg=list(before)
    )
    page.wait_for_selector("[id*=job-bar]")
    # A restarted server knows no job of before: forget all of them as it would.
    jobs.start = start
    jobs._jobs.clear()
    go.set()
    page.wait_for_selector("#compare-finding .wb-card:not(:has([id*=job-bar]))", timeout=90_000)
    settled(page)
    assert (
        "nearest to the others" in page.locator("#compare-finding").inner_text()
        or page.locator("#compare-finding").inner_text()
    )
    first.stop()


def test_two_tabs_that_change_settings_and_views_do_not_undo_each_other(served, open_page):
    one = open_page(f"{served.address}/settings?lang=en")
    two = open_page(f"{served.address}/settings?lang=en")
    for page, name in ((one, "First tab"), (two, "Second tab")):
        page.get_by_role("button", name="Saved views").click()
        page.get_by_label("Name of this view").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_selector(f".wb-saved-link:has-text('{name}')")
    assert "First tab" in two.locator(".wb-saved").inner_text()
    saved = served.app.server.extensions["workbench"].saved
    for view in saved.all():
        saved.delete(view.id)


def test_switching_the_language_keeps_every_choice(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&clock=law&by=level&start=2024-02-01&channels=online&lang=en")
    page.locator("#shell-language label", has_text="VI").click()
    page.wait_for_selector("h1:has-text('Quy trình')")
    settled(page)
    for part in (LAND, "clock=law", "by=level", "start=2024-02-01", "channels=online"):
        assert part in page.url


def test_on_paper_there_are_figures_and_no_controls(served, open_page):
    page = open_page(f"{served.address}/?{LAND}&lang=en")
    page.emulate_media(media="print")
    assert page.locator(".wb-nav").is_hidden()
    assert page.locator(".wb-tools").first.is_hidden()
    assert page.locator(".wb-kpi-value").first.is_visible()


def test_motion_is_reduced_on_request(served, open_page):
    page = open_page(f"{served.address}/?lang=en")
    page.emulate_media(reduced_motion="reduce")
    longest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('*')].map(e => Math.max("
        "parseFloat(getComputedStyle(e).transitionDuration), parseFloat(getComputedStyle(e).animationDuration))))"
    )
    assert longest < 0.01
