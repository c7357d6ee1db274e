"""The compare page in the browser: clicks in the matrix and in the dots choose organisations."""

from __future__ import annotations

from tests.browser.conftest import settled
from tests.browser.pointing import click_point


def test_a_cell_of_the_matrix_opens_two_organisations(served, open_page):
    page = open_page(f"{served.address}/compare?procedure=1.012783&lang=en&by=channel")
    cell = page.locator("#compare-matrix-graph .nsewdrag").first
    box = cell.bounding_box()
    # the cell right above the diagonal: model of the first row on the log of the second column
    cell.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    page.wait_for_function("location.search.includes('pick=')")
    page.wait_for_selector("#compare-chosen:has-text('apart')")
    settled(page)
    page.locator("#compare-show label", has_text="Overlaid").click()
    page.wait_for_function("location.search.includes('show=overlay')")
    page.wait_for_selector("#compare-maps:has-text('on one map')")


def test_dots_of_ranking_and_funnel_choose_organisations(served, open_page):
    page = open_page(f"{served.address}/compare?procedure=1.012783&lang=en&by=channel")
    click_point(page, "#compare-ranking-graph", 0)
    page.wait_for_function("new URLSearchParams(location.search).get('pick') !== null")
    settled(page)
    first = page.evaluate("new URLSearchParams(location.search).get('pick')")
    page.locator("#compare-measure label", has_text="Funnel").click()
    page.wait_for_function("location.search.includes('measure=funnel')")
    settled(page)
    for place in range(2):
        before = page.evaluate("location.search")
        click_point(page, "#compare-ranking-graph", place)
        page.wait_for_function("(before) => location.search !== before", arg=before)
        settled(page)
    # the one chosen already is let go, the other is added
    picked = page.evaluate("new URLSearchParams(location.search).get('pick')")
    assert picked in {"desk", "online"} - {first}
