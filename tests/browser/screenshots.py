"""Pictures of every page in both languages, three widths and both themes, into reports/screenshots/.

`python -m tests.browser.screenshots [--store S] [--procedure P] [--quick]`; without a store a synthetic country is made.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import Served, settled
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from workbench.intake import load
from workbench.simulate import load_scenario, synthesise
from workbench.store import open_store

OUT = Path(__file__).parents[2] / "reports" / "screenshots"
PAGES = {
    "overview": "/",
    "compare": "/compare",
    "process": "/process",
    "bottlenecks": "/bottlenecks",
    "conformance": "/conformance",
    "harmonise": "/harmonise",
    "recommendations": "/recommendations",
    "indicators": "/indicators",
    "data": "/data",
    "settings": "/settings",
}
OWN = {"harmonise": "&run=20", "compare": "&pick=H26,H29"}
WIDTHS = (1440, 1024, 390)


def make_country(folder: Path, dossiers: int = 12_000) -> Path:
    """A store of the synthetic country."""
    log, path = folder / "synthetic", folder / "country.duckdb"
    synthesise(load_scenario(None), dossiers=dossiers, seed=1, out=log)
    with open_store(path, memory_limit="1GB") as store:
        load(store, [log], now=datetime(2026, 11, 2, 9))
    return path


def take(browser: Browser, address: str, file: Path, *, width: int, theme: str) -> None:
    """One picture of a page that has arrived."""
    context = browser.new_context(viewport={"width": width, "height": 900 if width > 500 else 844})
    context.add_init_script(f"localStorage.setItem('shell-theme', {json.dumps(json.dumps(theme))})")
    page = context.new_page()
    page.goto(address)
    settled(page, timeout=400_000)
    # a window as tall as the page: grids outside the window are not painted, drawings keep the height they have
    height = page.evaluate(
        "(() => { document.querySelectorAll('.wb-canvas-frame > div:first-child').forEach("
        "(one) => one.style.setProperty('height', one.offsetHeight + 'px', 'important'));"
        " return document.documentElement.scrollHeight; })()"
    )
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(1200)
    page.screenshot(path=file, timeout=120_000)
    context.close()


def main() -> None:
    """Take all pictures, or with --quick those of the widest screen only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--procedure", default="1.012783")
    parser.add_argument("--only", nargs="*", default=list(PAGES))
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        served = Served(chosen.store or make_country(Path(folder)))
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for name in chosen.only:
            for width in WIDTHS[:1] if chosen.quick else WIDTHS:
                for language, theme in (("vi", "light"), ("en", "dark"), ("en", "light"), ("vi", "dark")):
                    if width != WIDTHS[0] and (language, theme) not in (("vi", "light"), ("en", "dark")):
                        continue
                    query = f"?procedure={chosen.procedure}&lang={language}{OWN.get(name, '')}"
                    if name in ("overview", "data", "indicators", "settings"):
                        query = f"?lang={language}"
                    file = OUT / f"{name}-{width}-{language}-{theme}.png"
                    take(browser, f"{served.address}{PAGES[name]}{query}", file, width=width, theme=theme)
                    print(file)  # noqa: T201 - a command talks
        browser.close()
        served.stop()


if __name__ == "__main__":
    main()
