"""Every page: accessible, in both languages, on small screens, light and dark."""

from __future__ import annotations

import pytest

PAGES = (
    "/", "/compare", "/process", "/bottlenecks", "/conformance", "/harmonise", "/recommendations", "/indicators", "/data",
    "/settings",
)  # fmt: skip
QUERY = "procedure=1.012783"


def _serious(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{item['id']}: {item['nodes'][0]['html'][:160]} ({len(item['nodes'])})"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(served, open_page, axe, path, theme):
    page = open_page(f"{served.address}{path}?{QUERY}&lang=vi")
    if theme == "dark":
        page.get_by_role("button", name="Giao diện sáng hoặc tối").click()
        page.wait_for_timeout(400)
    assert _serious(page, axe) == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1024, 390])
def test_nothing_sticks_out_on_small_screens(served, open_page, path, width):
    page = open_page(f"{served.address}{path}?{QUERY}&lang=vi", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_the_page_has_one_heading_and_a_title_in_its_language(served, open_page, path):
    page = open_page(f"{served.address}{path}?{QUERY}&lang=en")
    assert page.locator("h1").count() == 1
    assert page.locator("h1").inner_text() in page.title()
    assert page.evaluate("document.documentElement.lang") == "en"
