"""The overview in the browser: a map of one's own."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import Served, settled
from tests.browser.pointing import click_point
from tests.browser.small_country import make_store
from tests.charts.test_own_map import file_of, square


def test_an_own_map_is_drawn_clicked_and_dropped(tmp_path: Path, open_page):
    make_store(tmp_path / "own.duckdb", dossiers=300).close()
    served = Served(tmp_path / "own.duckdb")
    try:
        page = open_page(f"{served.address}/?lang=en")
        file = tmp_path / "map.geojson"
        file.write_bytes(file_of(({"name": "Hà Nội"}, square(105, 21)), ({"name": "Cà Mau"}, square(105, 9))))
        page.set_input_files("#overview-own-upload input[type=file]", str(file))
        page.wait_for_selector("#overview-own-graph .scatterlayer")
        settled(page)
        assert "Trường Sa" in page.locator("#overview-own-graph").inner_text()
        click_point(page, "#overview-own-graph", 0, ".js-fill")
        page.wait_for_function("new URLSearchParams(location.search).get('provinces_2025') === 'H26'")
        settled(page)
        assert "Hà Nội" in page.locator("#shell-stack").inner_text()
        page.get_by_role("button", name="Back to the tiles").click()
        page.wait_for_selector(".wb-tile")
    finally:
        served.stop()
