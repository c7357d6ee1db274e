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


def test_a_map_on_a_phone_starts_large_enough_to_read_and_shows_the_whole_on_request(served, open_page):
    """Nine pixels a letter at least; the first box in view; what is cut off is said until all is shown."""
    page = open_page(f"{served.address}/process?{LAND}", width=390, height=844)
    read = """() => { const cy = document.querySelector('#process-graph')._cyreg.cy;
        const first = cy.nodes().min((node) => node.position('y')).ele, at = first.renderedPosition();
        const frame = cy.container().closest('.wb-canvas-frame');
        return {letters: parseFloat(cy.nodes('[full]').style('font-size')) * cy.zoom(), cut: frame.hasAttribute('data-wb-clipped'),
                inside: at.x > 0 && at.y > 0 && at.x < cy.width() && at.y < cy.height(), wide: cy.elements().renderedBoundingBox().w <= cy.width()}; }"""
    page.wait_for_function("document.querySelector('[data-wb-clipped]')")
    start = page.evaluate(read)
    assert start["letters"] >= 9
    assert start["inside"]
    page.locator("[data-wb-zoom=fit]").click()
    page.wait_for_function("!document.querySelector('[data-wb-clipped]')")
    whole = page.evaluate(read)
    assert whole["wide"]
    assert whole["letters"] < start["letters"]


def test_a_box_and_its_arrows_are_opened_by_keyboard_alone(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}")
    page.wait_for_function("document.querySelector('#process-graph')?._cyreg?.cy?.nodes('[full]').length")
    page.locator(".wb-canvas-frame").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    details = page.locator("#process-details .wb-card-title")
    page.wait_for_function("document.querySelector('#process-details .wb-dl')")
    names = page.evaluate("document.querySelector('#process-graph')._cyreg.cy.nodes('[full]').map(n => n.data('full'))")
    assert details.inner_text() in names
    page.keyboard.press("n")
    page.wait_for_function("document.querySelector('#process-details .wb-card-title').innerText === 'Path'")
    assert page.evaluate("document.activeElement.className") == "wb-canvas-frame"  # the focus stays on the map


def test_a_choice_the_address_names_in_vain_shows_the_usual_one(served, open_page):
    page = open_page(f"{served.address}/process?{LAND}&colour=purple&paths=abc&time=tomorrow")
    chosen = page.locator("#process-colouring input:checked, #process-moment input:checked")
    assert chosen.evaluate_all("all => all.map(one => one.value)") == ["frequency", "dotted"]
    assert page.locator("#process-paths [role=slider]").get_attribute("aria-valuenow") == "90"
