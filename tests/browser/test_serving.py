"""Large files on their way in, and a server that ends in the middle of work: in the browser, with real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.app.test_serving import free_port, healthy
from tests.browser.conftest import settled
from tests.browser.small_country import make_store
from workbench.errors import StoreLocked
from workbench.store import open_store

HEADS = "province_code,dossier_code,label,completed_at\n"


def _log(path: Path, rows: int, first: int = 0, pad: int = 0) -> Path:
    """A log of three steps a dossier; `pad` characters of a note on every row make it large."""
    note = "x" * pad
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADS.replace("\n", ",note\n"))
        for number in range(first, first + rows // 3):
            at = datetime(2025, 3, 3, 8) + timedelta(minutes=number)
            for hours, label in ((0, "Tiếp nhận hồ sơ"), (5, "Thẩm định hồ sơ"), (9, "Trả kết quả")):
                out.write(f"H26,D{number:07d},{label},{at + timedelta(hours=hours):%Y-%m-%d %H:%M:%S},{note}\n")
    return path


@pytest.mark.slow
def test_two_files_one_of_them_large_arrive_with_progress(served_empty, open_page, tmp_path):
    large = _log(tmp_path / "large.csv", 9_000, pad=2400)
    assert large.stat().st_size > 20_000_000
    small = _log(tmp_path / "small.csv", 90, first=900_000)
    page = open_page(f"{served_empty.address}/data?lang=en")
    page.evaluate(
        "window.wbSeen = new Set(); new MutationObserver(() => document.querySelectorAll('.wb-files progress').forEach("
        "p => window.wbSeen.add(p.getAttribute('aria-label')))).observe(document.body, {childList: true, subtree: true})"
    )
    page.set_input_files("#data-input", [str(large), str(small)])
    page.wait_for_selector("#data-load", timeout=120_000)
    assert set(page.evaluate("[...window.wbSeen]")) == {"large.csv", "small.csv"}
    assert "large.csv (+1)" in page.locator("#data-wizard").inner_text()  # files alike are one table


def test_a_file_above_the_limit_is_said_before_it_is_sent(served_empty, open_page, tmp_path):
    served_empty.app.server.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    page = open_page(f"{served_empty.address}/data?lang=en")
    sent = []
    page.on("request", lambda one: "/upload/" in one.url and sent.append(one.url))
    page.set_input_files("#data-input", str(_log(tmp_path / "large.csv", 900, pad=1500)))
    page.wait_for_selector(".wb-files .wb-late")
    assert "limit of 1 MB" in page.locator(".wb-files").inner_text()
    assert sent == []


class Server:
    """`workbench serve` in a process of its own, with loads that take their time."""

    def __init__(self, store: Path, port: int, log: Path, *, slow: bool) -> None:
        wait = (
            "import time\nimport workbench.intake as i\nimport workbench.app.intake as a\nreal = i.load\n"
            "def load(*args, progress, **more):\n"
            "    def slowly(*facts):\n        time.sleep(0.8)\n        progress(*facts)\n"
            "    return real(*args, progress=slowly, **more)\n"
            "a.load = load\n"
        )
        code = (wait if slow else "") + "from workbench.cli.main import main; main()"
        command = [sys.executable, "-c", code, "serve", "--store", str(store), "--port", str(port), "--workers", "1"]
        with log.open("a") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        for _ in range(900):
            if self.process.poll() is not None or healthy(port):
                break
            time.sleep(0.1)
        assert healthy(port), log.read_text()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


@pytest.mark.slow
def test_a_server_that_dies_while_loading_loses_nothing_and_the_page_goes_on(browser, tmp_path):
    store, port, log = tmp_path / "c.duckdb", free_port(), tmp_path / "log"
    make_store(store, dossiers=60).close()
    server = Server(store, port, log, slow=True)
    page = browser.new_page()
    page.set_default_timeout(90_000)
    try:
        page.goto(f"http://127.0.0.1:{port}/data?lang=en")
        settled(page)
        page.set_input_files("#data-input", str(_log(tmp_path / "more.csv", 3_000)))
        page.wait_for_selector("#data-load")
        settled(page)
        page.click("#data-load")
        page.wait_for_selector("[id*=job-bar]")
        time.sleep(1.0)
        server.kill()
        page.wait_for_selector(".wb-offline", state="visible")
        assert "server" in page.locator(".wb-offline").inner_text().lower()
        server = Server(store, port, log, slow=False)
        page.wait_for_selector(".wb-offline", state="hidden")
        page.wait_for_function("!document.querySelector('[id*=job-bar]')")
        settled(page)
        assert page.locator("#data-ledger .wb-card, #data-ledger table").count()
        content = page.locator(".wb-content").inner_text()
        assert "The uploaded files are no longer on the server. Choose the files again." in content
    finally:
        page.close()
        server.kill()
    for _ in range(100):  # the system takes the lock of a killed process back a moment later
        with contextlib.suppress(StoreLocked):
            open_store(store, read_only=True).close()
            break
        time.sleep(0.2)
    with open_store(store, read_only=True) as kept:
        assert kept.scalar("select count(*) from dossier") == 60
        assert kept.scalar("select count(*) from load where status = 'loaded'") == 1
