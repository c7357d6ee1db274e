"""The compare page in the browser: a click in the matrix chooses two organisations."""

from __future__ import annotations

from tests.browser.conftest import settled


def test_a_cell_of_the_matrix_opens_two_organisations(served, open_page):
    page = open_page(f"{served.address}/compare?procedure=1.012783&lang=en&by=channel")
    cell = page.locator("#compare-matrix-graph .nsewdrag").first
    box = cell.bounding_box()
    # the cell right above the diagonal: model of the first row on the log of the second column
    cell.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    page.wait_for_function("location.search.includes('pick=')")
    settled(page)
    assert "apart" in page.locator("#compare-chosen").inner_text()
    page.locator("#compare-show label", has_text="Overlaid").click()
    page.wait_for_function("location.search.includes('show=overlay')")
    settled(page)
    assert "on one map" in page.locator("#compare-maps").inner_text()
