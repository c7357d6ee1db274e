"""Simulated users clicking through the pages, and how long the server takes to answer them.

`python -m tests.bench.users --store S [--users 50] [--seconds 120] [--workers 2] [--think 9]`; writes reports/benchmark/users.json.

The requests are those a browser sends: each page is opened once in Chromium and its callbacks are recorded; a user
then asks for the same, four requests at a time, compressed. A user keeps a language and mostly a procedure, clock and
filters, and reads a page for `--think` seconds on average (exponential, seeded) before the next click. What a user asks
for exists: an answer with an alert counts as an error, and so does any status but 200 and 204.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import gzip
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.columns import CLOCKS

OUT = Path(__file__).parents[2] / "reports" / "benchmark" / "users.json"
PAGES = (
    "/",
    "/compare",
    "/process",
    "/bottlenecks",
    "/conformance",
    "/recommendations",
    "/indicators",
    "/data",
    "/settings",
)
RECORDED = "?procedure=1.012783&lang=en&clock=law"
Recorder = Callable[[int], dict[str, list[dict[str, Any]]]]
_PARALLEL = 4
_FILTERS = ("", "start=2024-07-01", "channels=online", "applicant_types=citizen")
THINK = 9.0
"""Seconds an analyst reads a page with several figures before the next click."""
_AWAY = (b'"className":"wb-offline","role":"alert"', b'"role":"alert","className":"wb-offline"')
_SKIP = ("job-poll", "job-bar", "generateImage")


@dataclass
class Answers:
    """Seconds of every request, by kind, and what went wrong."""

    seconds: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, error: str | None) -> None:
        """One request."""
        with self.lock:
            self.seconds.append((kind, seconds))
            if error:
                self.errors.append(f"{kind}: {error}")

    def percentile(self, share: float, kind: str | None = None) -> float:
        """Seconds that `share` of the requests stayed within."""
        found = sorted(seconds for name, seconds in self.seconds if kind in (None, name))
        return found[min(len(found) - 1, int(len(found) * share))] if found else 0.0


def cpu_seconds(process: int) -> float:
    """Processor time of a server and its workers so far; wall time says little on a machine that others use."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == process or int(facts[1]) == process:
            ticks += int(facts[11]) + int(facts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def procedures(store: Path) -> list[str]:
    """The procedures with most dossiers."""
    from workbench.store import open_store

    with open_store(store, read_only=True, memory_limit="500MB", threads=1) as opened:
        rows = opened.sql("select procedure_code from dossier group by 1 order by count(*) desc, 1 limit 4")
    return [str(one) for one in rows["procedure_code"]]


def start(store: Path, port: int, workers: int, log: Path) -> subprocess.Popen[bytes]:
    """The server in a process of its own; returns when it answers."""
    code = "from workbench.cli.main import main; main()"
    command = [
        sys.executable,
        "-c",
        code,
        "serve",
        "--store",
        str(store),
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    process = subprocess.Popen(command, stdout=log.open("wb"), stderr=subprocess.STDOUT)
    for _ in range(900):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            if asked(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "GET", "/health")[0] == 200:
                return process
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def request_cpu(log: Path, after: float) -> list[tuple[float, str]]:
    """Processor milliseconds of each request by the server's log and what it asked for, work in the background left out."""
    found = []
    for line in log.read_text("utf-8").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            facts = json.loads(line)
            if datetime.fromisoformat(facts["time"]).timestamp() >= after:
                found.append((float(facts["cpu_milliseconds"]), str(facts.get("callback") or facts["path"])))
    return sorted(found)


def costliest(spent: list[tuple[float, str]], most: int = 10) -> dict[str, dict[str, float]]:
    """What took most processor seconds together: requests and seconds."""
    sums: dict[str, list[float]] = {}
    for milliseconds, name in spent:
        sums.setdefault(name, []).append(milliseconds)
    ordered = sorted(sums.items(), key=lambda pair: -sum(pair[1]))[:most]
    return {name: {"requests": len(one), "cpu_seconds": round(sum(one) / 1000, 1)} for name, one in ordered}


def record(port: int, browser: Any) -> dict[str, list[dict[str, Any]]]:
    """The callbacks of each page as Chromium sends them."""
    out: dict[str, list[dict[str, Any]]] = {}
    for path in (*PAGES, *PAGES):  # the first visit waits for long work, whose polls belong to no later one
        page = browser.new_page()
        found: list[dict[str, Any]] = []
        page.on("request", lambda one, found=found: _keep(one, found))
        page.goto(f"http://127.0.0.1:{port}{path}{RECORDED}")
        page.wait_for_selector(".wb-content h1", timeout=60_000)
        page.wait_for_timeout(2500)
        page.close()
        out[path] = found
    return out


def with_chromium(port: int) -> dict[str, list[dict[str, Any]]]:
    """`record` in a browser of its own."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        found = record(port, browser)
        browser.close()
    return found


def _keep(request: Any, found: list[dict[str, Any]]) -> None:
    if "/_dash-update-component" in request.url and not any(word in request.post_data for word in _SKIP):
        found.append(json.loads(request.post_data))


def asked(con: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and answer of one request."""
    kind = {"Content-Type": "application/json"} if body else {}
    con.request(method, path, body, {"Accept-Encoding": "gzip", **kind})
    answer = con.getresponse()
    content = answer.read()
    return answer.status, gzip.decompress(content) if answer.headers.get("Content-Encoding") == "gzip" else content


def with_search(body: Any, path: str, search: str) -> Any:
    """A recorded request for another view."""
    if isinstance(body, dict):
        return {key: with_search(value, path, search) for key, value in body.items()}
    if isinstance(body, list):
        return [with_search(value, path, search) for value in body]
    return search if isinstance(body, str) and body.startswith("?") and "clock=law" in body else body


def _alerts(answer: bytes) -> bool:
    """Whether an answer holds an alert; the hidden word that the server is away comes with every frame and is none."""
    for hidden in _AWAY:
        answer = answer.replace(hidden, b"")
    return b"role\\u0022: \\u0022alert" in answer or b'"role":"alert"' in answer


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class User:
    """One person at a browser."""

    def __init__(
        self, number: int, port: int, pages: Mapping[str, Sequence[dict[str, Any]]], answers: Answers, codes: list[str]
    ) -> None:
        self._codes, self._rng, self._port, self._pages, self._answers = (
            codes,
            random.Random(number),
            port,
            pages,
            answers,
        )
        self._local = threading.local()
        rng = self._rng
        self._language = rng.choice(("vi", "vi", "vi", "en"))
        self._procedure, self._clock, self._filter = rng.choice(codes), rng.choice(CLOCKS), rng.choice(_FILTERS)

    def go(self, until: float, *, think: float = THINK) -> None:
        """Click from page to page until the time is over."""
        time.sleep(self._rng.uniform(0, think))
        with ThreadPoolExecutor(_PARALLEL) as pool:
            first = True
            while time.monotonic() < until:
                path, search = self._rng.choice(list(self._pages)), self._view()
                if first:
                    for address in (f"{path}{search}", "/_dash-layout", "/_dash-dependencies"):
                        self._ask("page", "GET", address)
                    first = False
                bodies = [with_search(copy.deepcopy(body), path, search) for body in self._pages[path]]
                list(pool.map(lambda body: self._ask("callback", "POST", "/_dash-update-component", body), bodies))
                time.sleep(self._rng.expovariate(1 / think))

    def _view(self) -> str:
        """Mostly the view of before; one click in three changes one thing."""
        rng = self._rng
        if rng.random() < 1 / 3:
            what = rng.choice(("procedure", "clock", "filter", "filter"))
            if what == "procedure":
                self._procedure = rng.choice(self._codes)
            elif what == "clock":
                self._clock = rng.choice(CLOCKS)
            else:
                self._filter = rng.choice(_FILTERS)
        parts = [f"procedure={self._procedure}", f"lang={self._language}", f"clock={self._clock}", self._filter]
        return "?" + "&".join(part for part in parts if part)

    def _ask(self, kind: str, method: str, path: str, body: Any = None) -> None:
        began = time.perf_counter()
        error = None
        try:
            content = json.dumps(body).encode() if body else None
            try:
                status, text = asked(self._connection(), method, path, content)
            except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
                # The server closes what was idle for long; a browser opens another connection, and so does this.
                self._local.con = None
                status, text = asked(self._connection(), method, path, content)
            if status not in (200, 204):
                error = f"{status} {body.get('output') if body else path}: {text[:200]!r}"
            elif _alerts(text):
                error = "an alert: " + " | ".join(re.findall(r'"children":"([^"]{10,200})"', text.decode()))[:300]
        except (OSError, http.client.HTTPException) as exc:
            error = f"{type(exc).__name__}: {exc}"
            self._local.con = None
        self._answers.add(kind, time.perf_counter() - began, error)

    def _connection(self) -> http.client.HTTPConnection:
        if getattr(self._local, "con", None) is None:
            self._local.con = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        con: http.client.HTTPConnection = self._local.con
        return con


def run(
    store: Path,
    *,
    users: int,
    seconds: float,
    workers: int,
    think: float = THINK,
    recorder: Recorder | None = None,
) -> dict[str, Any]:
    """What `users` people met in `seconds`: requests, errors, percentiles of the answers in milliseconds."""
    port, answers, codes = free_port(), Answers(), procedures(store)
    with tempfile.TemporaryDirectory() as folder:
        process = start(store, port, workers, Path(folder) / "log")
        try:
            pages = (recorder or with_chromium)(port)
            clock = time.time()
            before, began, cpu = os.getloadavg(), time.monotonic(), cpu_seconds(process.pid)
            people = [User(number, port, pages, answers, codes) for number in range(users)]
            threads = [
                threading.Thread(target=one.go, args=(began + seconds,), kwargs={"think": think}) for one in people
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took, after, cpu = time.monotonic() - began, os.getloadavg(), cpu_seconds(process.pid) - cpu
        finally:
            process.send_signal(signal.SIGTERM)
            stopped = process.wait(60)
        spent = request_cpu(Path(folder) / "log", clock)
    return {
        "users": users, "seconds": round(took, 1), "think_seconds_mean": think, "workers": workers, "requests": len(answers.seconds),
        "errors": len(answers.errors), "errors_of_kind": dict(Counter(one.split(": ")[1] for one in answers.errors)),
        "first_errors": answers.errors[:5],
        "milliseconds": {str(share): round(answers.percentile(share) * 1000) for share in (0.5, 0.95, 0.99, 1.0)},
        "server_cpu_milliseconds_a_request": round(cpu * 1000 / max(len(answers.seconds), 1), 1),
        "request_cpu_milliseconds": {
            str(share): _at([one for one, _ in spent], share) for share in (0.5, 0.9, 0.95, 0.99)
        },
        "costliest": costliest(spent),
        "page_milliseconds_p95": round(answers.percentile(0.95, "page") * 1000),
        "callbacks_of_pages": {path: len(found) for path, found in pages.items()},
        "load_before": [round(one, 1) for one in before], "load_after": [round(one, 1) for one in after],
        "cores": os.cpu_count(), "stopped": stopped,
    }  # fmt: skip


def main() -> None:
    """Run and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--think", type=float, default=THINK, help="mean seconds between two clicks")
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    found = run(chosen.store, users=chosen.users, seconds=chosen.seconds, workers=chosen.workers, think=chosen.think)
    text = json.dumps({"store": chosen.store.name, **found}, indent=1)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201 - a command talks


if __name__ == "__main__":
    main()
