"""Every page: accessible, in both languages, on small screens, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.conftest import settled
from workbench.charts.tokens import LATE_TINT

PAGES = (
    "/", "/compare", "/process", "/bottlenecks", "/conformance", "/harmonise", "/recommendations", "/indicators", "/data",
    "/settings",
)  # fmt: skip
LARGEST = ("/", "/compare", "/process", "/bottlenecks")
"""Pages looked at in all four pairs of language and theme; the others in two."""
QUERY = "procedure=1.012783"


def _serious(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{item['id']}: {item['nodes'][0]['html'][:160]} ({len(item['nodes'])})"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
    ]


def _fits(page, width: int) -> bool:
    """Whether the page fits a window of this width once the navigation and the drawings have followed."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(250)
    try:
        page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=width, timeout=20_000)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_in_both_languages_and_themes_and_fits_every_width(served, open_page, axe, path):
    """Vietnamese in the light and English in the dark: both languages and both themes in two looks."""
    page = open_page(f"{served.address}{path}?{QUERY}&lang=vi")
    found = {"vi light": _serious(page, axe)}
    page.get_by_role("button", name="Giao diện sáng hoặc tối").click()
    page.wait_for_function("document.documentElement.dataset.wbTheme === 'dark'")
    if path in LARGEST:
        settled(page)
        found["vi dark"] = _serious(page, axe)
    page.goto(f"{served.address}{path}?{QUERY}&lang=en")
    settled(page)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.wbTheme]") == ["en", "dark"]
    found["en dark"] = _serious(page, axe)
    if path in LARGEST:
        page.get_by_role("button", name="Light or dark").click()
        page.wait_for_function("document.documentElement.dataset.wbTheme === 'light'")
        settled(page)
        found["en light"] = _serious(page, axe)
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert page.locator("h1").count() == 1
    assert page.locator("h1").inner_text() in page.title()
    assert [width for width in (1024, 390) if not _fits(page, width)] == []


_FOCUS = """() => { const e = document.activeElement; return {
  tag: e.tagName, id: e.id, classes: String(e.className.baseVal ?? e.className),
  nav: !!e.closest('.wb-nav'), card: !!e.closest('.wb-card'), grid: !!e.closest('.ag-root'),
  outline: getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none' }; }"""


def _tabs(page, n: int) -> list[dict]:
    """What has the focus after each of `n` presses of Tab."""
    seen = []
    for _ in range(n):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUS))
    return seen


@pytest.mark.parametrize("path", ["/", "/data"])
def test_the_keyboard_reaches_filters_navigation_and_cards_in_that_order(served, open_page, path):
    page = open_page(f"{served.address}{path}?{QUERY}&lang=en")
    seen = _tabs(page, 45)
    assert "wb-skip" in seen[0]["classes"]
    first = {
        "filter": next(i for i, one in enumerate(seen) if "wb-pill" in one["classes"]),
        "nav": next(i for i, one in enumerate(seen) if one["nav"]),
        "card": next(i for i, one in enumerate(seen) if one["card"]),
    }
    assert first["filter"] < first["nav"] < first["card"]
    assert all(one["outline"] for one in seen if "wb-pill" in one["classes"] or one["nav"])


def test_on_paper_tables_are_whole_and_nothing_asks_to_be_clicked(served, open_page):
    page = open_page(f"{served.address}/conformance?{QUERY}&lang=vi")
    cut = "[...document.querySelectorAll('.wb-tall')].filter(e => e.scrollHeight > e.clientHeight + 2).length"
    assert page.evaluate(cut) > 0
    page.emulate_media(media="print")
    assert page.evaluate(cut) == 0
    assert not page.locator(".wb-nav, .wb-tools, .wb-zoom").filter(visible=True).count()


def test_the_skip_link_leads_past_head_and_navigation(served, open_page):
    page = open_page(f"{served.address}/?{QUERY}&lang=en")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    after = _tabs(page, 1)[0]
    assert not after["nav"]
    assert "wb-pill" not in after["classes"]


def test_a_filter_is_opened_and_closed_by_keyboard_and_the_focus_comes_back(served, open_page):
    page = open_page(f"{served.address}/?{QUERY}&lang=en")
    page.locator(".wb-pill").nth(3).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".wb-pill-body:visible")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.classList.contains('wb-pill')")


def test_a_grid_is_walked_with_the_arrow_keys(served, open_page):
    page = open_page(f"{served.address}/harmonise?{QUERY}&lang=en&run=5")
    grid = page.locator(".ag-root").first
    grid.locator(".ag-cell").first.click()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("!!document.activeElement.closest('.ag-root')")


def test_a_page_printed_from_the_dark_is_dark_on_white(served, open_page):
    page = open_page(f"{served.address}/?lang=vi")
    page.evaluate("document.documentElement.dataset.mantineColorScheme = 'dark'")
    page.emulate_media(media="print")
    colours = page.evaluate(
        "['.wb-title', '.wb-kpi-value', '.wb-table td'].map(s => getComputedStyle(document.querySelector(s)).color)"
    )
    assert set(colours) <= {"rgb(27, 36, 48)", "rgb(0, 0, 0)"}


def test_a_cut_name_is_said_whole_and_drawings_warn_of_nothing(served, open_page):
    page = open_page(f"{served.address}/process?{QUERY}&lang=vi", width=390)
    warned: list[str] = []
    page.on("console", lambda message: message.type == "warning" and warned.append(message.text))
    page.reload()
    settled(page)
    name = page.locator(".wb-pill[data-active=true] > span").last
    assert name.evaluate("e => { e.style.maxWidth = '40px'; return e.scrollWidth > e.clientWidth; }")
    name.hover()
    assert name.get_attribute("title") == name.inner_text()
    assert warned == []


def test_in_the_dark_scales_are_turned_and_late_tiles_keep_their_tint(served, open_page):
    page = open_page(f"{served.address}/bottlenecks?{QUERY}&lang=en")
    page.wait_for_selector(".heatmaplayer", state="attached")
    fill = "getComputedStyle(document.querySelector('.heatmaplayer')).filter"
    assert page.evaluate(fill) == "none"
    page.get_by_role("button", name="Light or dark").click()
    page.wait_for_function("document.documentElement.dataset.wbTheme === 'dark'")
    assert page.evaluate(fill) == "invert(0.88) hue-rotate(180deg)"
    page.goto(f"{served.address}/?lang=en")
    settled(page)
    tiles = page.evaluate(
        "[...document.querySelectorAll('.wb-tile')].map(e => [getComputedStyle(e).getPropertyValue('--tile'),"
        " getComputedStyle(e).getPropertyValue('--tile-dark'), getComputedStyle(e).backgroundColor])"
    )
    assert tiles
    for light, dark, shown in tiles:
        if light:
            assert shown == "rgb({}, {}, {})".format(*(int(dark[place : place + 2], 16) for place in (1, 3, 5)))
            assert (light == dark) == (light == LATE_TINT)
