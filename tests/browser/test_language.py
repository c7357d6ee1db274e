"""Switching the language while the panels of a page are still on their way."""

from __future__ import annotations

import pytest

from tests.browser.conftest import settled

QUERY = "procedure=1.012783"


@pytest.mark.slow
def test_switching_the_language_while_panels_load_leaves_no_message_and_no_mixed_page(served, browser):
    """At once after each navigation, there and back; nothing of the old language stays, nothing is said in the console."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{served.address}/?{QUERY}&lang=vi", wait_until="commit")
    switch = page.locator("header .mantine-SegmentedControl-label")
    for path, title in (("/compare", "Compare"), ("/process", "Process")):
        page.locator(f".wb-nav a[href^='{path}']").click()
        page.wait_for_url(f"**{path}?**")
        for language in ("EN", "VI", "EN"):
            switch.filter(has_text=language).click()
        page.wait_for_url("**lang=en**")
        page.wait_for_selector(f"h1:has-text('{title}')")
    settled(page)
    assert page.locator("html").get_attribute("lang") == "en"
    assert "hồ sơ ·" not in page.locator(".wb-content").inner_text()
    page.context.close()
    assert [text for text in said if "wheel sensitivity" not in text] == []
