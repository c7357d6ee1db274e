"""What a reformer does, in the browser: from the slowest province to the exported procedure."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Served, settled
from tests.browser.pointing import click_point
from tests.browser.small_country import make_frames, store_of
from workbench.mining.model_files import read_model

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
def test_ten_proposals_are_reviewed_by_keyboard_alone_and_taken_back(spelled, open_page):
    """No mouse: Tab from the reviewer's name to the list, arrows and space to choose, A in force, Z back."""
    page = open_page(f"{spelled.address}/harmonise?{LAND}&lang=en")
    page.locator("#harmonise-grid .ag-row").first.wait_for()
    rows = page.locator("#harmonise-grid .ag-row").count()
    assert rows >= 10
    page.locator("#harmonise-reviewer").focus()
    page.keyboard.type("One-stop office")
    _tab_until(page, "e.closest('#harmonise-grid .ag-header, #harmonise-grid .ag-row')")
    _press_until(page, "ArrowDown", "e.closest('.ag-row')")
    for _ in range(10):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    page.wait_for_function("document.querySelectorAll('#harmonise-grid .ag-row-selected').length === 10")
    page.wait_for_function("document.querySelectorAll('#harmonise-effect li').length === 4")
    page.keyboard.press("a")
    _reviewed(page, f"n > 0 && n < {rows}")
    store = spelled.app.server.extensions["workbench"].store()
    reviewed = "select count(distinct label) from vocabulary where reviewed_by = 'One-stop office'"
    assert store.scalar(reviewed) >= 10
    # the keyboard finds its place in the list again without a Tab
    page.wait_for_function("!!document.activeElement.closest('#harmonise-grid .ag-row')")
    page.keyboard.press("z")
    _reviewed(page, f"n >= {rows}")
    assert store.scalar(reviewed) == 0


def _press_until(page, key, found, most=40):
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(f"(() => {{ const e = document.activeElement; return !!({found}); }})()"):
            return
    raise AssertionError(f"{key} did not lead to {found}")


def _tab_until(page, found):
    _press_until(page, "Tab", found)


def _reviewed(page, wanted):
    page.wait_for_function(
        f"(() => {{ const n = document.querySelectorAll('#harmonise-grid .ag-row').length; return {wanted}; }})()"
        " && !document.querySelector('[id*=job-bar]')",
        timeout=90_000,
    )
    settled(page)


@pytest.mark.slow
def test_a_candidate_is_picked_on_the_front_drawn_and_both_procedures_taken_along(served, open_page, tmp_path):
    page = open_page(f"{served.address}/harmonise?{LAND}&lang=en&run=5")
    page.wait_for_selector("#harmonise-drawing img", timeout=120_000)
    settled(page)
    assert page.locator("#harmonise-candidates table tbody tr").count() >= 2
    click_point(page, "#harmonise-front", 0)
    page.wait_for_function("location.search.includes('candidate=')")
    picture = page.locator("#harmonise-picked img")
    picture.wait_for(timeout=60_000)
    assert page.evaluate("document.querySelector('#harmonise-picked img').naturalWidth") > 300
    with page.expect_download() as picked:
        page.locator("#harmonise-picked a[download='candidate.bpmn']").click()
    picked.value.save_as(tmp_path / "candidate.bpmn")
    drawn = picture.get_attribute("alt")
    parsed = read_model(tmp_path / "candidate.bpmn")
    steps = [node.label for node in parsed.nodes if node.kind == "task"]
    assert len(steps) >= 3
    assert all(step in drawn for step in steps)
    text = (tmp_path / "candidate.bpmn").read_text("utf-8")
    assert "BPMNDiagram" in text
    assert "lane " in text
    link = page.locator("a[href*='/harmonised/unified.bpmn']").first
    with page.expect_download() as got:
        link.click()
    got.value.save_as(tmp_path / "unified.bpmn")
    unified = read_model(tmp_path / "unified.bpmn")
    assert any("Tiếp nhận" in node.label for node in unified.nodes)
    assert "BPMNDiagram" in (tmp_path / "unified.bpmn").read_text("utf-8")
