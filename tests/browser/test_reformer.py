"""What a reformer does, in the browser: from the slowest province to the exported procedure."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Served, settled
from tests.browser.small_country import make_frames, store_of

LAND = "procedure=1.012783"
SPELLINGS = {
    "Tiếp nhận hồ sơ": ("Tiếp nhận HS", "TIẾP NHẬN HỒ SƠ "),
    "Thẩm định hồ sơ": ("Thẩm định HS", "Thẩm định h/s"),
    "Phân công thụ lý": ("Phân công thụ lí", "PHÂN CÔNG THỤ LÝ"),
    "Trả kết quả": ("Trả KQ", "Trả kết quả."),
    "Lãnh đạo ký": ("Lãnh đạo kí", "LÃNH ĐẠO KÝ"),
    "Văn thư đóng dấu": ("Văn thư  đóng dấu", "VT đóng dấu"),
    "Yêu cầu bổ sung hồ sơ": ("Yêu cầu bổ sung HS", "Y/c bổ sung hồ sơ"),
}


@pytest.fixture(scope="module")
def spelled(tmp_path_factory):
    """The app over dossiers whose steps each third of the provinces writes in its own way."""
    path = tmp_path_factory.mktemp("spelled") / "spelled.duckdb"
    frames = make_frames(700, 3)
    event = frames["event"]
    third = event["province_code"].str[1:].astype(int) % 3
    frames["event"] = event.assign(
        label=[
            (label, *SPELLINGS.get(label, (label, label)))[place]
            for label, place in zip(event["label"], third, strict=True)
        ]
    )
    store_of(path, frames, "spelled").close()
    made = Served(path)
    yield made
    made.stop()


@pytest.mark.slow
def test_the_slowest_province_of_a_procedure_is_found_and_why(served, open_page):
    page = open_page(f"{served.address}/?{LAND}&measure=median&lang=en")
    days = page.evaluate(
        "[...document.querySelectorAll('.wb-tile:not(.wb-tile-few)')].map(t => ["
        "parseFloat(t.querySelector('.wb-tile-value').textContent.replace(',', '.')) || 0,"
        " t.querySelector('.wb-tile-name').textContent])"
    )
    name = max(days)[1]
    page.locator(".wb-tile", has_text=name).first.click()
    page.wait_for_url("**provinces_2025=**")
    settled(page)
    page.get_by_role("link", name="Bottlenecks").click()
    page.wait_for_selector("h1:has-text('Bottlenecks')")
    settled(page)
    assert name in page.locator(".wb-filters").inner_text()
    assert page.locator("#bottlenecks-finding").inner_text().strip()
    assert "n = " in page.locator("#bottlenecks-steps").inner_text()


@pytest.mark.slow
def test_ten_proposals_are_reviewed_taken_in_force_and_back(spelled, open_page):
    page = open_page(f"{spelled.address}/harmonise?{LAND}&lang=en")
    boxes = page.locator("#harmonise-grid .ag-row input[type=checkbox]")
    boxes.first.wait_for()
    rows = int(page.locator("#harmonise-grid .ag-row").count())
    assert rows >= 10
    for place in range(10):
        boxes.nth(place).click()
    page.get_by_label("Reviewer").fill("One-stop office")
    page.locator("#harmonise-accept").click()
    page.wait_for_function(
        f"document.querySelectorAll('#harmonise-grid .ag-row').length < {rows} && "
        "!document.querySelector('[id*=job-bar]')",
        timeout=90_000,
    )
    store = spelled.app.server.extensions["workbench"].store()
    reviewed = "select count(distinct label) from vocabulary where reviewed_by = 'One-stop office'"
    assert store.scalar(reviewed) >= 10
    settled(page)
    page.locator("#harmonise-undo").click()
    page.wait_for_function(f"document.querySelectorAll('#harmonise-grid .ag-row').length >= {rows}", timeout=90_000)


@pytest.mark.slow
def test_a_candidate_is_found_and_the_procedure_taken_along(served, open_page, tmp_path):
    page = open_page(f"{served.address}/harmonise?{LAND}&lang=en&run=5")
    page.wait_for_selector("#harmonise-drawing img", timeout=120_000)
    settled(page)
    assert page.locator("#harmonise-candidates table tbody tr").count() >= 2
    link = page.locator("a[href*='/harmonised/'][href*='.bpmn']").first
    if not link.is_visible():
        page.locator("#harmonise-drawing .wb-tools button").first.click()
    with page.expect_download() as got:
        link.click()
    got.value.save_as(tmp_path / "unified.bpmn")
    text = (tmp_path / "unified.bpmn").read_text("utf-8")
    assert "BPMNDiagram" in text
    assert "Tiếp nhận" in text
