"""Clicking what a chart draws: points lie under a layer that takes the mouse."""

from __future__ import annotations

from playwright.sync_api import Page


def click_point(page: Page, chart: str, place: int, mark: str = ".point") -> None:
    """Click the middle of the `place`-th marker of a chart, or of what `mark` names."""
    marker = page.locator(f"{chart} .scatterlayer {mark}").nth(place)
    marker.scroll_into_view_if_needed()
    box = marker.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 3, y - 3)
    page.mouse.move(x, y)
    # the chart looks for the point under the mouse some frames later
    page.wait_for_timeout(250)
    page.mouse.click(x, y)


def click_box(page: Page, drawing: str, label: str) -> None:
    """Click a box of a drawing, found by its words."""
    find = """([drawing, label]) => {
        const cy = document.querySelector(drawing)._cyreg.cy;
        const node = cy.nodes().filter((one) => one.data('full') === label)[0];
        const at = node.renderedPosition(), frame = cy.container().getBoundingClientRect();
        return [frame.left + at.x, frame.top + at.y];
    }"""
    page.wait_for_function("(box) => document.querySelector(box)?._cyreg?.cy?.nodes().length", arg=drawing)
    _, y = page.evaluate(find, [drawing, label])
    # a drawing may be taller than the window: the box itself goes to the middle, and the drawing learns where it is
    page.evaluate("(y) => window.scrollBy({top: y - innerHeight / 2, behavior: 'instant'})", y)
    page.wait_for_timeout(300)
    place = page.evaluate(find, [drawing, label])
    page.mouse.move(*place)
    page.wait_for_timeout(100)
    page.mouse.click(*place)
