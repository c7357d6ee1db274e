"""The process page in the browser: filters out by one click, dossiers running along the map."""

from __future__ import annotations

from tests.browser.conftest import settled

LAND = "procedure=1.012783&lang=en"


def test_a_filter_is_removed_from_the_stack(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&provinces_2025=H26&channels=online")
    stack = page.locator("#shell-stack")
    assert "Hà Nội" in stack.inner_text()
    stack.locator(".wb-stacked", has_text="Hà Nội").locator("a").click()
    page.wait_for_function("!location.search.includes('provinces_2025')")
    settled(page)
    assert "Hà Nội" not in stack.inner_text()
    assert "online" in stack.inner_text()


def test_dossiers_run_along_the_map_and_can_be_stopped(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}")
    page.click("#process-replay")
    page.wait_for_function("Number((document.querySelector('.wb-tokens') || {dataset: {}}).dataset.under) > 0")
    bar = page.locator("#process-replay-bar")
    assert "A sample of 120" in bar.inner_text()
    bar.locator("button").click()
    assert bar.locator("button").inner_text() == "Play"


def test_nothing_moves_by_itself_where_motion_is_unwanted(served, browser):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{served.address}/process?{LAND}")
    settled(page)
    page.click("#process-replay")
    page.wait_for_selector("#process-replay-bar button")
    assert page.locator("#process-replay-bar button").inner_text() == "Play"
    context.close()
