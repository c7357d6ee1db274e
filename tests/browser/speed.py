"""How long a change of the filters takes until the page is drawn again, in a real browser.

`python -m tests.browser.speed --store S [--procedure P] [--changes 40] [--memory 2GB] [--workers 2]`; writes
reports/benchmark/repaint.json. The store is served as `workbench serve` serves it. A change is one address more in the
same tab, each with a filter of its own, so that no answer is kept from before; it ends when no panel waits and the
browser has drawn.
Where a page answers long questions in the background it ends with the figures that need none and the progress of the others.
`browser_cpu` is the processor time of the page's main thread for one change, like `request_cpu` a figure for busy machines.
`server_answer` is the time of one request from its end to the first byte, `request_cpu` the processor time of the thread
that answered it: the figure for machines that others use.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Request, Response, sync_playwright

from tests.bench.users import costliest, free_port, request_cpu, start
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

OUT = Path(__file__).parents[2] / "reports" / "benchmark" / "repaint.json"
PAGES = ("/", "/process", "/compare", "/bottlenecks")
_DRAWN = """(search) => new Promise((resolve) => {
  const begin = performance.now();
  window.dash_clientside.set_props('shell-url', { search });
  let calm = 0;
  const look = () => {
    const busy = document.querySelector('.wb-busy, [data-dash-is-loading=true]') || window.wbOpen > 0;
    calm = busy ? 0 : calm + 1;
    if (calm > 4) return resolve(performance.now() - begin - 4 * 17);
    requestAnimationFrame(look);
  };
  setTimeout(look, 20);
})"""
_ARRIVED = """document.querySelectorAll('.wb-content > *').length > 0
  && !document.querySelector('.wb-skeleton, .wb-busy')"""
_COUNT = """(() => { window.wbOpen = 0; const real = window.fetch;
  window.fetch = (...all) => { window.wbOpen += 1; return real(...all).finally(() => { window.wbOpen -= 1; }); }; })()"""


def changes(procedure: str, n: int) -> list[str]:
    """Addresses that each change one filter, all different."""
    base = f"procedure={procedure}&lang=en"
    months = [f"&start=20{year}-{month:02d}-01" for year in (24, 25) for month in range(1, 13)]
    return [
        f"?{base}{months[place % len(months)]}{'&channels=online' if place >= len(months) else ''}"
        for place in range(n)
    ]


def measure(page: Page, address: str, path: str, procedure: str, n: int) -> dict[str, Any]:
    """Milliseconds of the first paint and of `n` changes on one page."""
    page.goto(f"{address}{path}?procedure={procedure}&lang=en")
    page.wait_for_function(_ARRIVED, timeout=90_000)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    watcher = page.context.new_cdp_session(page)
    watcher.send("Performance.enable")
    spent: list[float] = []
    busy = [_busy(watcher)]
    for search in changes(procedure, n):
        spent.append(float(page.evaluate(_DRAWN, search)))
        busy.append(_busy(watcher))
    cpu = [after - before for before, after in pairwise(busy)]
    return {"first_paint": round(paint), "repaint_p50": _at(spent, 0.5), "repaint_p95": _at(spent, 0.95), "changes": n,
            "browser_cpu_p50": _at(cpu, 0.5), "browser_cpu_p95": _at(cpu, 0.95)}  # fmt: skip


def _busy(watcher: CDPSession) -> float:
    """Milliseconds the page's main thread has worked so far."""
    found = {one["name"]: one["value"] for one in watcher.send("Performance.getMetrics")["metrics"]}
    return float(found["TaskDuration"]) * 1000


def _at(values: list[float], share: float) -> int:
    """The smallest value that this share of all does not exceed (nearest rank)."""
    ordered = sorted(values)
    return round(ordered[math.ceil(len(ordered) * share) - 1]) if ordered else 0


def run(
    store: Path, procedure: str, n: int, memory: str = "1GB", paths: tuple[str, ...] = PAGES, workers: int = 1
) -> dict[str, Any]:
    """The figures of every page, in milliseconds; the server is a process of its own, as people start it."""
    requests: list[Request] = []

    def note(response: Response) -> None:
        if "_dash-update-component" in response.url:
            requests.append(response.request)

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        port, log = free_port(), Path(folder) / "server.log"
        os.environ["WORKBENCH_MEMORY_LIMIT"] = memory
        server = start(store, port, workers, log)
        try:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(_COUNT)
            page.on("response", note)
            began = time.monotonic()
            pages = {path: measure(page, f"http://127.0.0.1:{port}", path, procedure, n) for path in paths}
            took = time.monotonic() - began
            answers = [one.timing["responseStart"] - one.timing["requestStart"] for one in requests]
            browser.close()
        finally:
            server.terminate()
            server.wait(60)
        spent = request_cpu(log, 0.0)
        cpu = [one for one, name in spent if not name.startswith("/")]
    return {
        "store": store.name, "dossiers_procedure": procedure, "workers": workers, "pages": pages,
        "server_answer_p50": _at(answers, 0.5), "server_answer_p95": _at(answers, 0.95), "requests": len(answers),
        "request_cpu_p50": _at(cpu, 0.5), "request_cpu_p95": _at(cpu, 0.95), "costliest": costliest(spent), "seconds": round(took),
        "load": [round(one, 1) for one in os.getloadavg()], "cores": os.cpu_count(),
    }  # fmt: skip


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--procedure", default="1.012783")
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--memory", default="1GB", help="memory limit of the query engine")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--pages", nargs="+", default=PAGES, help="addresses of the pages to measure")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve")
    chosen = parser.parse_args()
    found = run(chosen.store, chosen.procedure, chosen.changes, chosen.memory, tuple(chosen.pages), chosen.workers)
    text = json.dumps(found, indent=1)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201 - a command talks


if __name__ == "__main__":
    main()
