"""The app in the system's Chromium: a small invented country on a free port, no other host reachable."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, Page

from tests.browser.small_country import make_store
from workbench.app.factory import app_without_store
from workbench.app.workspace import Workspace
from workbench.settings import load_settings

DOSSIERS = 1500
"""Of the invented country."""
NPM = Path(__file__).parents[1] / "npm"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything that opens a page drives a browser and takes its time."""
    for item in items:
        if "tests/browser" in str(item.path) and "open_page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


class Served:
    """An app on a free loopback port."""

    def __init__(self, store: Path, *, read_only: bool = False, memory_limit: str = "1GB") -> None:
        settings = load_settings(memory_limit=memory_limit, threads=2)
        self.app = app_without_store(settings)
        Workspace(store, settings, read_only=read_only).attach(self.app.server)
        self._server = waitress.create_server(self.app.server, host="127.0.0.1", port=0, threads=8)
        self.address = f"http://127.0.0.1:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._server.run()
        except OSError:  # the socket is closed under the loop on stop
            return

    def stop(self) -> None:
        """Stop serving and close the store."""
        self._server.close()
        self.app.server.extensions["workbench"].close()


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the invented country."""
    path = tmp_path_factory.mktemp("country") / "country.duckdb"
    make_store(path, dossiers=DOSSIERS).close()
    return path


@pytest.fixture(scope="session")
def served(country: Path) -> Iterator[Served]:
    """The app over the invented country."""
    made = Served(country)
    yield made
    made.stop()


@pytest.fixture
def served_empty(tmp_path: Path) -> Iterator[Served]:
    """The app over a store without any dossier."""
    made = Served(tmp_path / "new.duckdb")
    yield made
    made.stop()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens an address in a page of its own; a request to another host or an error in the page fails the test."""
    problems: list[str] = []
    contexts = []

    def opened(address: str, *, width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        contexts.append(context)
        home = "/".join(address.split("/")[:3])

        def judge(route):
            if route.request.url.startswith((home, "data:", "blob:")):
                route.continue_()
            else:
                problems.append(f"request to another host: {route.request.url}")
                route.abort()

        context.route("**/*", judge)
        context.add_init_script(_COUNT)
        page = context.new_page()
        page.set_default_timeout(45_000)
        page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
        page.on("console", lambda message: message.type == "error" and problems.append(f"console: {message.text}"))
        page.goto(address)
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


_COUNT = """(() => { window.wbOpen = 0; const real = window.fetch;
  window.fetch = (...all) => { window.wbOpen += 1; return real(...all).finally(() => { window.wbOpen -= 1; }); }; })()"""
"""What is asked of the server and not answered yet."""
_CALM = """(() => {
  const grids = [...document.querySelectorAll('#harmonise-grid, #harmonise-moves, #data-grid')];
  const calm = !window.wbOpen && document.querySelectorAll('.wb-content > *').length > 0
    && !document.querySelector('.wb-skeleton, .wb-busy, [id*=job-bar]')
    && grids.every(grid => grid.querySelector('.ag-header-cell'));
  window.wbCalm = calm ? window.wbCalm || performance.now() : null;
  return calm && performance.now() - window.wbCalm > 400;
})()"""
"""A page that was just left is calm too, until what the next one asks is on its way: so it has to last."""


def settled(page: Page, timeout: float = 90_000) -> None:
    """Wait until the page and everything on it has arrived."""
    page.wait_for_selector(".wb-content")
    page.evaluate("window.wbCalm = null")
    page.wait_for_function(_CALM, timeout=timeout)


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core from tests/npm, installed when it is missing."""
    file = NPM / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists() and shutil.which("npm"):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=NPM, check=False, capture_output=True)
    if not file.exists():
        pytest.skip("axe-core is not installed: run npm ci in tests/npm")
    return file.read_text("utf-8")
