"""The conformance page in the browser: a step of the model lists the deviations there."""

from __future__ import annotations

from tests.browser.conftest import settled
from tests.browser.pointing import click_box


def test_a_step_of_the_model_filters_the_deviations(served, open_page):
    page = open_page(f"{served.address}/conformance?procedure=1.012783&lang=en")
    step = page.locator("#conformance-deviations tbody tr .wb-chip").first.get_attribute("title")
    every = page.locator("#conformance-deviations tbody tr").count()
    click_box(page, "#conformance-chosen", step)
    page.wait_for_function("location.search.includes('at=')")
    settled(page)
    listed = page.locator("#conformance-deviations tbody tr .wb-chip").evaluate_all("all => all.map(one => one.title)")
    assert set(listed) == {step}
    assert len(listed) < every
    page.get_by_role("link", name="Show all steps").click()
    page.wait_for_function("!location.search.includes('at=')")
